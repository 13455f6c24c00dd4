"""An offline chat with three people, reached by a bot in process and over HTTP."""

import struct
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.demo.chat import OfflineChat
from bot.demo.model import Persona
from bot.demo.offline_request import OfflineRequest
from bot.demo.server import ChatServer

TOKEN = "4242:offline-chat-for-tests"
ALICE = Persona(1001, "Alice", "en", "Customer", "A")
BRUNO = Persona(1002, "Bruno", "es", "Staff")
CHEN = Persona(1003, "陈晨", "zh-hans", "Manager")
STRANGER = 999


class HandClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture(autouse=True)
def retry_after_is_a_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose the library's coming form, which the other one warns about."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def chat(clock: HandClock) -> OfflineChat:
    """Alice and Chen have started the bot, Bruno has not."""
    chat = OfflineChat(token=TOKEN, bot_username="gap_test_bot", now=clock)
    chat.add([ALICE, BRUNO, CHEN])
    chat.say(ALICE.user_id, "/start")
    chat.say(CHEN.user_id, "/start")
    chat.updates.drop_all()
    return chat


@pytest.fixture
async def server(chat: OfflineChat) -> AsyncIterator[ChatServer]:
    server = ChatServer(chat)
    await server.start()
    yield server
    await server.stop()


MakeBot = Callable[[str], Bot]


@pytest.fixture(params=["in process", "over HTTP"])
def make_bot(request: pytest.FixtureRequest, chat: OfflineChat, server: ChatServer) -> MakeBot:
    """Make bots with a given token, through one face and then through the other."""

    def made(token: str) -> Bot:
        if request.param == "in process":
            return Bot(
                token, request=OfflineRequest(chat), get_updates_request=OfflineRequest(chat)
            )
        return Bot(
            token,
            base_url=f"{server.url}/bot",
            base_file_url=f"{server.url}/file/bot",
            request=HTTPXRequest(read_timeout=1.0),
            get_updates_request=HTTPXRequest(read_timeout=1.0),
        )

    return made


@pytest.fixture
async def bot(make_bot: MakeBot) -> AsyncIterator[Bot]:
    async with make_bot(TOKEN) as bot:
        yield bot


def png(width: int = 8, height: int = 8, shade: int = 200) -> bytes:
    """Draw a plain picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((shade, 60, 90)) * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def draw() -> Callable[..., bytes]:
    return png
