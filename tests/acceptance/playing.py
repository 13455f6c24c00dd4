"""The demo's company at work in a strict chat on loopback, and the people who are played in it."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr

from bot.core.clock import Clock
from bot.core.migrations import upgrade
from bot.demo.chat import OfflineChat
from bot.demo.company import PLAYED, Company, crowd, played
from bot.demo.company_answers import seed_company
from bot.demo.model import Message, Person, Persona
from bot.demo.server import ChatServer
from bot.settings import Settings
from bot.wiring import Gapbot

TOKEN = "700000008:played-through-token-of-thirty-chars"
WEDNESDAY = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
WEEKS = 10
PATIENCE_SECONDS = 60.0


@dataclass
class Play:
    """A company at work, and the three people who are played; ``address`` is that of the page."""

    chat: OfflineChat
    bot: Gapbot
    clock: Clock
    company: Company
    address: str

    async def says(self, user_id: int, text: str) -> Message:
        """Write to the bot; return its answer."""
        said = self.chat.say(user_id, text)
        return await self.finds(user_id, lambda one: one.message_id > said.message_id)

    async def speaks(self, user_id: int, sound: bytes) -> Message:
        """Send a recording as the page does; return the bot's answer."""
        content = b64encode(sound).decode()
        body = {"user": user_id, "name": "voice.ogg", "type": "audio/ogg", "content": content}
        async with (
            ClientSession(headers={"X-Offline-Chat": "1"}) as page,
            page.post(f"{self.address}/chat/send", json=body | {"seconds": 4}) as answer,
        ):
            sent = (await answer.json())["message_id"]
        return await self.finds(user_id, lambda one: one.message_id > sent)

    async def plays(self, message: Message) -> bytes:
        """Return the sound that the page plays under a message."""
        assert message.voice is not None
        async with (
            ClientSession() as page,
            page.get(f"{self.address}/chat/files/{message.voice.file_id}") as answer,
        ):
            assert answer.content_type == "audio/ogg"
            return await answer.read()

    async def presses(self, user_id: int, message: Message, label: str) -> Message:
        """Press the first button with these words; return the newest message that came of it."""
        buttons = [one for row in message.keyboard for one in row]
        data = [one["callback_data"] for one in buttons if label in one["text"]]
        assert data, (label, message.body.text, [one["text"] for one in buttons])
        before, newest = _face(message), self._newest(user_id)
        press = self.chat.press(user_id, message.message_id, data[0])
        await self.until(lambda: press.answer is not None)
        await self.until(lambda: _face(message) != before or self._newest(user_id) > newest)
        return message if self._newest(user_id) == newest else self.chat.timeline(user_id)[-1]

    async def finds(self, user_id: int, wanted: Callable[[Message], bool]) -> Message:
        """Wait for a message of the bot."""
        found: list[Message] = []

        def is_there() -> bool:
            found[:] = [one for one in self.chat.timeline(user_id) if one.from_bot and wanted(one)]
            return bool(found)

        await self.until(is_there)
        return found[-1]

    async def reads(self, user_id: int, words: str) -> Message:
        """Wait for a message with these words."""
        return await self.finds(user_id, lambda one: words in one.body.text)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, looking after each event."""
        try:
            await self.chat.until(is_so, seconds=PATIENCE_SECONDS)
        except TimeoutError:
            last = {one: self.chat.timeline(one)[-1].body.text for one in PLAYED}
            pytest.fail(f"nothing of what was waited for came; last was said: {last}")

    def _newest(self, user_id: int) -> int:
        return self.chat.timeline(user_id)[-1].message_id


@asynccontextmanager
async def playing(folder: Path, **more: Any) -> AsyncIterator[Play]:
    """The demo's company without its story, and its bot with these further settings.

    Its crowd has chats and does nothing.
    """
    clock = Clock()
    clock.advance(WEDNESDAY - clock.now())
    chat = OfflineChat(token=TOKEN, bot_username="played_bot", now=clock.now)
    server = ChatServer(chat, personas=played("en"))
    address = await server.start()
    bot = Gapbot(
        Settings(
            token=SecretStr(TOKEN),
            telegram_api=address,
            data=folder,
            database_url=f"sqlite:///{folder / 'gapbot.sqlite'}",
            messages_per_second=500,
            **more,
        ),
        clock=clock,
    )
    upgrade(bot.database)
    company = bot.database.run(
        lambda session: seed_company(
            session, bot.parts.surveys, language="en", now=clock.now(), weeks=WEEKS
        )
    )
    for one in crowd():
        chat.people[one.telegram_id] = Person(Persona(one.telegram_id, one.name), started=True)
        chat.messages[one.telegram_id] = {}
    stop = asyncio.Event()
    running = asyncio.create_task(bot.run(stop))
    try:
        await bot.started.wait()
        house = Play(chat, bot, clock, company, address)
        for user_id in PLAYED:
            await house.says(user_id, "/start")
        yield house
    finally:
        stop.set()
        await asyncio.wait([running], timeout=10)
        await server.stop()


def labels(message: Message) -> list[str]:
    """The texts of a message's buttons."""
    return [one["text"] for row in message.keyboard for one in row]


def _face(message: Message) -> tuple[str, list[str]]:
    return message.body.text, labels(message)
