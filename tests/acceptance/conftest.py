"""The program as an operator runs it, against a strict chat on loopback and nothing else.

Starting a process takes a second; so a command whose process is not what a test is about runs in
the test's own.
"""

import asyncio
import io
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from bot.demo.chat import OfflineChat
from bot.demo.model import Message, Persona
from bot.demo.server import ChatServer
from tests.support.postgres import PostgresServer

TOKEN = "700000007:acceptance-token-of-thirty-characters"
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0  # a dead process holds its claims for a while on PostgreSQL


@dataclass
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str

    def payload(self) -> str:
        """Return what an invitation printed on a line of its own."""
        found = re.search(r"^payload: (\S+)$", self.out, re.MULTILINE)
        assert found, self.out + self.err
        return found[1]


def run_here(environment: dict[str, str], folder: Path, *words: str) -> Finished:
    """Run one command in this process, with these settings, and catch what it says."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as here, redirect_stdout(out), redirect_stderr(err):
        here.chdir(folder)
        for name in [one for one in os.environ if one.startswith("GAPBOT_")]:
            here.delenv(name)
        for name, value in environment.items():
            here.setenv(name, value)
        code = main(words)
    return Finished(code, out.getvalue(), err.getvalue())


@dataclass
class Operator:
    """Runs gapbot's commands, and plays people in the chat."""

    chat: OfflineChat
    environment: dict[str, str]
    folder: Path
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def gapbot(self, *words: str) -> Finished:
        """Run one command to its end, in this process."""
        return await asyncio.to_thread(run_here, self.environment, self.folder, *words)

    async def process(self, *words: str, **more: str) -> Finished:
        """Run one command to its end, in a process of its own."""
        process = await self.start(*words, **more)
        out, err = await asyncio.wait_for(process.communicate(), 60)
        return Finished(process.returncode or 0, out.decode(), err.decode())

    async def run_bot(self) -> asyncio.subprocess.Process:
        """Start the bot and wait until it asks for updates."""
        asked = len([one for one in self.chat.calls if one.method == "getMe"])
        process = await self.start("run")
        self.running.append(process)
        await self.until(
            lambda: (
                process.returncode is not None
                or len([one for one in self.chat.calls if one.method == "getMe"]) > asked
            )
        )
        return process

    async def end(self, process: asyncio.subprocess.Process, sign: signal.Signals) -> int:
        """Send a signal and wait for the end; return the exit code."""
        process.send_signal(sign)
        self.running.remove(process)
        await asyncio.wait_for(process.communicate(), 15)
        return process.returncode or 0

    def person(self, user_id: int, name: str, language: str = "en") -> int:
        """Let somebody into the chat."""
        self.chat.add([Persona(user_id, name, language)])
        return user_id

    async def join(self, user_id: int, payload: str) -> None:
        """Open the link, and press the first button: I agree."""
        self.chat.say(user_id, f"/start {payload}")
        welcome = await self.message(user_id, lambda one: bool(one.keyboard))
        before = welcome.body.text
        self.press(user_id, welcome, welcome.keyboard[0][0]["text"])
        await self.until(
            lambda: welcome.body.text != before or len(self.chat.timeline(user_id)) > 2
        )

    async def message(self, user_id: int, wanted: Callable[[Message], bool]) -> Message:
        """Wait for a message of the bot; return the newest that is wanted."""
        found: list[Message] = []

        def is_there() -> bool:
            found[:] = [one for one in self.chat.timeline(user_id) if one.from_bot and wanted(one)]
            return bool(found)

        await self.until(is_there)
        return found[-1]

    def press(self, user_id: int, message: Message, label: str) -> None:
        """Press the button of this text."""
        buttons = [button for row in message.keyboard for button in row]
        data = next(one["callback_data"] for one in buttons if one["text"] == label)
        self.chat.press(user_id, message.message_id, data)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, or fail."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so():
                await asyncio.sleep(0.01)

    async def start(self, *words: str, **more: str) -> asyncio.subprocess.Process:
        """Start a command; ``more`` are further settings."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            cwd=self.folder,
            env=self.environment | more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """What an operator has set: a token, and an empty database of each kind."""
    (tmp_path / "data").mkdir()
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'data' / 'gapbot.sqlite'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        address = server.empty()
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "GAPBOT_TOKEN": TOKEN,
        "GAPBOT_DATABASE_URL": address,
        "GAPBOT_DATA": str(tmp_path / "data"),
    }


@pytest.fixture
async def operator(environment: dict[str, str], tmp_path: Path) -> AsyncIterator[Operator]:
    """An operator with a chat and an empty database of each kind."""
    chat = OfflineChat(token=TOKEN, bot_username="acceptance_bot", now=lambda: datetime.now(UTC))
    page = ChatServer(chat)
    url = await page.start()
    operator = Operator(chat, environment | {"GAPBOT_TELEGRAM_API": url}, tmp_path)
    yield operator
    for process in operator.running:
        process.kill()
        _, err = await process.communicate()
        sys.stderr.write(err.decode())  # shown where a test failed
    await page.stop()
