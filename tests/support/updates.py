"""Updates as Telegram sends them, and a chat that lets a test talk to the router."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.core.database import Database
from bot.core.dialogue import Call
from bot.core.router import Router

_numbers = itertools.count(1)
_SIZES = [{"file_id": "f", "file_unique_id": "u", "width": 90, "height": 90}]
_SENT = int(datetime(2026, 3, 4, 10, 0, tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class User:
    """Somebody at Telegram."""

    id: int
    first_name: str = "Ana"
    language_code: str | None = "en"
    last_name: str | None = None

    def plain(self) -> dict[str, Any]:
        """Return the user as Telegram describes them."""
        described = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        optional = {"language_code": self.language_code, "last_name": self.last_name}
        return described | {name: value for name, value in optional.items() if value is not None}

    def chat(self) -> dict[str, Any]:
        """Return the private chat with this user."""
        return {"id": self.id, "type": "private", "first_name": self.first_name}


def message(user: User, text: str | None = None, /, **content: Any) -> Update:
    """Return an update with a message: a text, or any other content as keywords."""
    body = {
        "message_id": next(_numbers),
        "date": _SENT,
        "chat": user.chat(),
        "from": user.plain(),
    } | content
    if text is not None:
        body["text"] = text
    return _update({"message": body})


def photo(user: User) -> Update:
    """Return an update with a photo and no text."""
    return message(user, photo=_SIZES)


def sticker(user: User) -> Update:
    """Return an update with a sticker."""
    about = {"file_id": "s", "file_unique_id": "t", "width": 512, "height": 512}
    kind = {"type": "regular", "is_animated": False, "is_video": False}
    return message(user, sticker=about | kind)


def press(user: User, data: str, message_id: int = 1, *, picture: bool = False) -> Update:
    """Return an update with the press of a button under a message of the bot's, or a picture."""
    shown = {"photo": _SIZES} if picture else {"text": "..."}
    under = {"message_id": message_id, "date": _SENT, "chat": user.chat()} | shown
    query = {
        "id": str(next(_numbers)),
        "from": user.plain(),
        "chat_instance": "1",
        "data": data,
        "message": under,
    }
    return _update({"callback_query": query})


def membership(user: User, status: str, *, chat_type: str = "private") -> Update:
    """Return an update that says what the bot is in a chat: ``kicked``, ``member`` and so on."""

    def member(is_now: str) -> dict[str, Any]:
        until = {"until_date": 0} if is_now == "kicked" else {}
        bot = {"id": 99, "is_bot": True, "first_name": "Bot", "username": "gap_bot"}
        return {"status": is_now, "user": bot} | until

    before = "member" if status == "kicked" else "kicked"
    change = {
        "chat": user.chat() | {"type": chat_type},
        "from": user.plain(),
        "date": _SENT,
        "old_chat_member": member(before),
        "new_chat_member": member(status),
    }
    return _update({"my_chat_member": change})


def buttons(calls: Sequence[Call]) -> dict[str, str]:
    """Return the buttons of the last call that has any: callback data by text."""
    for call in reversed(calls):
        lines = call.get("reply_markup", {}).get("inline_keyboard")
        if lines:
            return {one["text"]: one["callback_data"] for line in lines for one in line}
    return {}


def pressable(calls: Sequence[Call], label: str) -> str:
    """Return the callback data of the button whose text holds this label."""
    found = [data for text, data in buttons(calls).items() if label in text]
    if not found:
        msg = f"no button {label!r} among {list(buttons(calls))}"
        raise LookupError(msg)
    return found[0]


def said(calls: Sequence[Call]) -> str:
    """Return everything that a person reads: messages, edits, and answers to presses."""
    return "\n".join(call["text"] for call in calls if call.get("text"))


@dataclass
class Chat:
    """One person's chat with the bot, through the router, each update in its own transaction."""

    database: Database
    router: Router
    user: User
    now: Callable[[], datetime]
    secret: str = "the key of a test"
    last: list[Call] = field(default_factory=list)

    def send(self, text: str) -> str:
        """Write a text; return what the bot says."""
        return self.take(message(self.user, text))

    def press(self, label: str) -> str:
        """Press the button of the last answer that has this label; return what the bot says."""
        return self.take(press(self.user, pressable(self.last, label)))

    def take(self, update: Update) -> str:
        """Let the router handle any update; the calls are kept in ``last``."""

        def handle(session: Session) -> list[Call]:
            return self.router.handle(session, update, now=self.now(), secret=self.secret)

        self.last = self.database.run(handle)
        return said(self.last)


def _update(content: dict[str, Any]) -> Update:
    return Update.de_json({"update_id": next(_numbers)} | content, None)
