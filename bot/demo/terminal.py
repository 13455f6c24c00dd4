"""The offline chat in a terminal, for ssh: one person at a time, buttons by number."""

import asyncio
import json
import re
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.demo.chat import OfflineChat
from bot.demo.errors import ImpossibleAct
from bot.demo.model import Event, Message, Person, Persona
from bot.demo.rendering import covered

_WORDS = Path(__file__).parent / "page" / "words.json"
_NUMBER = re.compile(r"(?:#(\d+)[ .])?(\d+)")
_LEAVING = {"quit", "exit", "/quit"}


class LineReader(Protocol):
    """Where lines come from; an ``asyncio.StreamReader`` is one."""

    async def readline(self) -> bytes:
        """Return the next line, empty at the end."""


class ByteWriter(Protocol):
    """Where text goes; an ``asyncio.StreamWriter`` is one."""

    def write(self, data: bytes, /) -> object:
        """Take some text as UTF-8."""

    async def drain(self) -> None:
        """Wait until it is on its way."""


class Terminal:
    """Plays the people of a chat over a pair of streams."""

    def __init__(
        self,
        chat: OfflineChat,
        *,
        reader: LineReader,
        writer: ByteWriter,
        personas: Sequence[Persona] = (),
        on_week: Callable[[], Awaitable[str]] | None = None,
        language: str = "en",
        zone: str = "UTC",
    ) -> None:
        """Take the streams. Only the personas can be played; without any, everybody."""
        self._chat = chat
        self._reader = reader
        self._writer = writer
        self._shown = frozenset(persona.user_id for persona in personas)
        self._on_week = on_week
        words = json.loads(_WORDS.read_text(encoding="utf-8"))
        self._words: dict[str, str] = {**words["en"], **words.get(language, {})}
        self._zone = ZoneInfo(zone)
        self._user_id: int | None = None

    async def run(self) -> None:
        """Read lines until somebody leaves or the lines end."""
        stop = self._chat.listen(self._hear)
        try:
            self._ask_who()
            await self._writer.drain()
            while line := await self._reader.readline():
                text = line.decode("utf-8", "replace").strip()
                if text.lower() in _LEAVING:
                    break
                await self._obey(text)
                await self._writer.drain()
            self._print(self._words["bye"])
            await self._writer.drain()
        finally:
            stop()

    async def _obey(self, text: str) -> None:
        if not text:
            return
        try:
            if text.lower() == "/who":
                self._user_id = None
                self._ask_who()
            elif text.lower() in {"week", "/week"}:
                await self._let_a_week_pass()
            elif self._user_id is None:
                self._choose(text)
            else:
                self._play(self._user_id, text)
        except ImpossibleAct as error:
            self._print(f"! {error}")

    def _ask_who(self) -> None:
        for number, person in enumerate(self._people(), start=1):
            self._print(f"  {number}  {_title(person)}")
        self._print(self._words["who"])

    def _people(self) -> list[Person]:
        everybody = self._chat.people.items()
        return [p for user_id, p in everybody if not self._shown or user_id in self._shown]

    def _choose(self, text: str) -> None:
        people = self._people()
        if not text.isdecimal() or not 1 <= int(text) <= len(people):
            self._ask_who()
            return
        person = people[int(text) - 1]
        self._user_id = person.persona.user_id
        self._print(f"── {_title(person)} " + "─" * 30)
        for message in self._chat.timeline(self._user_id):
            self._show(message)
        if not person.started:
            self._print(self._words["not_started"].format(name=person.persona.first_name))
        self._print(self._words["help"])

    def _play(self, user_id: int, text: str) -> None:
        number = _NUMBER.fullmatch(text)
        message = self._message_with_buttons(user_id, number[1]) if number else None
        if number is None or message is None:
            self._chat.say(user_id, text)
            return
        buttons = [button for row in message.keyboard for button in row]
        index = int(number[2])
        if not 1 <= index <= len(buttons):
            self._print("! " + self._words["no_button"].format(number=index))
        elif "callback_data" in buttons[index - 1]:
            data = buttons[index - 1]["callback_data"]
            self._chat.press(user_id, message.message_id, data)
        else:
            self._print(f"→ {buttons[index - 1].get('url', '')}")

    def _message_with_buttons(self, user_id: int, message_id: str | None) -> Message | None:
        """Return the named message, or the last one that has buttons."""
        for message in reversed(self._chat.timeline(user_id)):
            is_meant = message_id is None or message.message_id == int(message_id)
            if message.keyboard and is_meant:
                return message
        return None

    async def _let_a_week_pass(self) -> None:
        if self._on_week is None:
            self._print(self._words["no_week"])
            return
        self._print(self._words["week_running"])
        await self._writer.drain()
        try:
            self._print(await self._on_week())
        except Exception as error:  # noqa: BLE001 - told to whoever typed the word
            self._print(f"! {self._words['week_failed']} {type(error).__name__}: {error}")

    def _hear(self, event: Event) -> None:
        is_news = event.kind in {"message", "edited"}
        if event.user_id == self._user_id and self._user_id is not None:
            if is_news:
                self._show(event.about["message"])
            elif event.kind == "answer" and event.about["press"].answer.text:
                self._print(f"» {event.about['press'].answer.text}")
        elif is_news and self._is_news_of_others(event):
            name = self._chat.people[event.user_id or 0].persona.first_name
            self._print(f"• {name}: {self._words['unread']}")

    def _is_news_of_others(self, event: Event) -> bool:
        is_played = not self._shown or event.user_id in self._shown
        return is_played and event.about["message"].from_bot

    def _show(self, message: Message) -> None:
        persona = self._chat.people[message.user_id].persona
        name = self._chat.bot["first_name"] if message.from_bot else persona.first_name
        edited = f" · {self._words['edited']}" if message.edited_at else ""
        at = (message.edited_at or message.at).astimezone(self._zone)
        self._print(f"\n{name} · {at:%d.%m. %H:%M}{edited} · #{message.message_id}")
        if message.photo:
            photo = message.photo
            self._print(f"  [{self._words['picture']} {photo.width}×{photo.height}]")
        elif message.document:
            self._print(f"  [{message.document.name}]")
        for line in plain_text(message).splitlines():
            self._print(f"  {line}")
        number = 0
        for row in message.keyboard:
            keys = [f"[{number + offset}] {key['text']}" for offset, key in enumerate(row, 1)]
            number += len(row)
            self._print("    " + "   ".join(keys))

    def _print(self, text: str) -> None:
        self._writer.write((text + "\n").encode())


def plain_text(message: Message) -> str:
    """Return the words of a message, addresses of links behind them."""
    text = message.body.text
    links = [entity for entity in message.body.entities if entity["type"] == "text_link"]
    return "\n".join([text, *(f"{covered(link, text)}: {link['url']}" for link in links)])


def _title(person: Person) -> str:
    persona = person.persona
    return (
        f"{persona.first_name} · {persona.role_label}"
        if persona.role_label
        else (persona.first_name)
    )


class StandardOutput:
    """The program's output as a writer."""

    def write(self, data: bytes, /) -> None:
        """Write text."""
        sys.stdout.write(data.decode())

    async def drain(self) -> None:
        """Show it."""
        sys.stdout.flush()


def standard_input() -> asyncio.StreamReader:
    """Return the program's input as a reader.

    A thread reads it, for a terminal that is made non-blocking cannot be written to safely; the
    thread is a daemon, so that a program whose input is still open can end.
    """
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()

    def feed(line: bytes) -> None:
        if line:
            reader.feed_data(line)
        else:
            reader.feed_eof()

    def read() -> None:
        line = b"-"
        while line:
            line = sys.stdin.buffer.readline()
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(feed, line)

    threading.Thread(target=read, name="standard-input", daemon=True).start()
    return reader
