"""What the open pages of one server know, and what they are told as it happens."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.demo.chat import OfflineChat
from bot.demo.model import Event, Persona
from bot.demo.page_views import call_view, message_view, person_view, press_view

_SHOWN_CALLS = 100


@dataclass(frozen=True, slots=True)
class PageSettings:
    """How the page speaks and tells the time, and what its week button does."""

    language: str
    zone: str
    shown: frozenset[int]  # whose chats the page shows; empty means everybody's
    on_week: Callable[[], Awaitable[str]] | None


class PageState:
    """The open pages of one server, and the week that may be passing."""

    def __init__(self, chat: OfflineChat, settings: PageSettings) -> None:
        """Listen to the chat."""
        self.chat = chat
        self.settings = settings
        self.week: asyncio.Task[None] | None = None
        self._progress = ""
        self._added: set[int] = set()
        self._streams: set[asyncio.Queue[bytes | None]] = set()
        self._stop_listening = chat.listen(self._spread)

    def state(self) -> dict[str, Any]:
        """Return everything that a page needs to begin."""
        chat = self.chat
        return {
            "bot": {"name": chat.bot["first_name"], "username": chat.bot["username"]},
            "language": self.settings.language,
            "zone": self.settings.zone,
            "now": chat.now().isoformat(),
            "week": {
                "offered": self.settings.on_week is not None,
                "running": self.week is not None or bool(self._progress),
                "text": self._progress,
            },
            "people": [
                person_view(chat, person)
                for user_id, person in chat.people.items()
                if self.shows(user_id)
            ],
            "calls": [call_view(chat, call) for call in list(chat.calls)[-_SHOWN_CALLS:]],
        }

    def shows(self, user_id: int) -> bool:
        """Tell whether a person has a place on the page; a simulated crowd has none."""
        shown = self.settings.shown
        return not shown or user_id in shown or user_id in self._added

    def add(self, persona: Persona) -> None:
        """Let a new person in, with a place on the page."""
        self._added.add(persona.user_id)
        self.chat.add([persona])

    def open_stream(self) -> asyncio.Queue[bytes | None]:
        """Begin to collect events for one page; None is the end."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._streams.add(queue)
        return queue

    def close_stream(self, queue: asyncio.Queue[bytes | None]) -> None:
        """Stop collecting."""
        self._streams.discard(queue)

    def announce(self, text: str, *, state: str = "running") -> None:
        """Tell all pages how the week goes, or what else keeps them waiting."""
        self._progress = text if state == "running" else ""
        self._send("week", {"state": state, "text": text})

    def let_a_week_pass(self) -> bool:
        """Begin a week, unless one is passing or none is offered."""
        if self.week is not None or self.settings.on_week is None:
            return False
        self.week = asyncio.create_task(self._pass_week(self.settings.on_week))
        return True

    async def close(self) -> None:
        """End all streams and the week."""
        self._stop_listening()
        for queue in self._streams:
            queue.put_nowait(None)
        if self.week is not None:
            self.week.cancel()
            with suppress(asyncio.CancelledError):
                await self.week

    async def _pass_week(self, on_week: Callable[[], Awaitable[str]]) -> None:
        self.announce("")
        try:
            self.announce(await on_week(), state="done")
        except Exception as error:  # noqa: BLE001 - shown to whoever pressed the button
            self.announce(f"{type(error).__name__}: {error}", state="failed")
        finally:
            self.week = None

    def _spread(self, event: Event) -> None:
        is_shown = event.user_id is None or event.kind == "call" or self.shows(event.user_id)
        if self._streams and is_shown:
            self._send(event.kind, self._plain(event), user_id=event.user_id)

    def _plain(self, event: Event) -> dict[str, Any]:
        about = event.about
        if "message" in about:
            return {"message": message_view(about["message"])}
        if "press" in about:
            return press_view(about["press"])
        if "call" in about:
            return call_view(self.chat, about["call"])
        if event.kind == "menu":
            shown = (user_id for user_id in self.chat.people if self.shows(user_id))
            return {"menus": {user_id: self.chat.menu(user_id) for user_id in shown}}
        if event.kind == "person":
            return person_view(self.chat, self.chat.people[event.user_id or 0])
        return dict(about)

    def _send(self, kind: str, content: dict[str, Any], *, user_id: int | None = None) -> None:
        now = self.chat.now().isoformat()
        body = json.dumps({"kind": kind, "user": user_id, "now": now, **content})
        for queue in self._streams:
            queue.put_nowait(f"data: {body}\n\n".encode())
