"""What a feature answers to, and the turn its handlers get: who it is, how to answer.

A handler is a plain function over a ``Turn``, run inside one transaction in the write lane. It
reads and writes through ``turn.session`` and says things through ``turn.say``, ``turn.edit`` and
``turn.toast``. What it says is a list of Bot API calls, stored in the same transaction and made
after the commit; so an update is handled once, and its replies survive a crash.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session
from telegram import MaybeInaccessibleMessage, Message, Update

from bot.core import asking, callbacks
from bot.core.render import Texts
from bot.core.visible import shows

OWNER, MANAGER, STAFF, CUSTOMER, PARTNER = "owner", "manager", "staff", "customer", "partner"
REGIONAL, ANALYST = "regional", "analyst"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as the database said when this update was handled.

    ``roles`` are the roles as they are held: each its kind and its unit, None for all units.
    ``reach`` says of a role that holds for a region what it holds for: the region itself and all
    that lies in it. A regional manager is a manager of every unit there, so whoever asks for
    managers is told of regional managers too. ``agreed`` is not so where the text of the consent
    has changed since they agreed.
    """

    person_id: int
    language: str
    state: str
    roles: tuple[tuple[str, int | None], ...]
    reach: tuple[tuple[str, int], ...] = ()
    agreed: bool = True

    def has(self, *kinds: str) -> bool:
        """Tell whether this person holds one of these roles anywhere."""
        wanted = _with_regional(kinds)
        return any(kind in wanted for kind, _ in self.roles)

    def units(self, *kinds: str) -> tuple[int, ...]:
        """Return the ids of the units where this person holds one of these roles."""
        wanted = _with_regional(kinds)
        held = [unit for kind, unit in self.roles if kind in wanted and unit is not None]
        below = [unit for kind, unit in self.reach if kind in wanted]
        return tuple(dict.fromkeys([*held, *below]))

    def may_see(self, unit_id: int) -> bool:
        """Tell whether this person steers a unit: owners, its managers, those of its region."""
        return self.has(OWNER) or unit_id in self.units(MANAGER)

    def may_count(self, unit_id: int) -> bool:
        """Tell whether this person may read the figures of a unit: who steers it, and analysts."""
        everywhere = (ANALYST, None) in self.roles
        return everywhere or self.may_see(unit_id) or unit_id in self.units(ANALYST)

    def has_all(self, *kinds: str) -> bool:
        """Tell whether one of these roles holds for all units: an owner's does always."""
        return any(unit is None and kind in (OWNER, *kinds) for kind, unit in self.roles)


def _with_regional(kinds: tuple[str, ...]) -> tuple[str, ...]:
    return (*kinds, REGIONAL) if MANAGER in kinds else kinds


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: its text, and the action its press means."""

    label: str
    action: str


Rows = Sequence[Sequence[Button]]
Call = dict[str, Any]


@dataclass(slots=True)
class Turn:
    """What a handler has before it: the update, the person, the session, and a way to answer."""

    session: Session
    update: Update
    now: datetime
    texts: Texts
    secret: str
    who: Identity | None
    language: str
    calls: list[Call] = field(default_factory=list)
    arguments: tuple[str, ...] = ()

    @property
    def telegram_id(self) -> int:
        """The sender's id at Telegram."""
        user = self.update.effective_user
        return user.id if user else 0

    @property
    def chat_id(self) -> int:
        """The private chat; at Telegram its id is the person's."""
        return self.telegram_id

    @property
    def known(self) -> Identity:
        """The person; handlers that take strangers look at ``who`` instead."""
        if self.who is None:
            raise LookupError("a stranger came where only known people are let in")
        return self.who

    @property
    def text(self) -> str:
        """What was written, without space around it; empty for anything else, and for invisible
        signs alone."""
        message = self.update.message
        text = (message.text or "").strip() if message else ""
        return text if shows(text) else ""

    @property
    def behind_command(self) -> str:
        """What was written behind a command, in its line or below."""
        return self.text.removeprefix(self.text.split(maxsplit=1)[0]).strip() if self.text else ""

    @property
    def message_id(self) -> int | None:
        """The message whose button was pressed; None under a picture, which no text replaces."""
        query = self.update.callback_query
        if query is None or query.message is None or _is_picture(query.message):
            return None
        return query.message.message_id

    def say(self, template: str, /, *, rows: Rows = (), **values: object) -> None:
        """Send a new message."""
        text = self.texts.render(template, self.language, **values)
        self.calls.append(message_call(self.chat_id, text, self._keyboard(rows)))

    def edit(self, template: str, /, *, rows: Rows = (), **values: object) -> None:
        """Change the message whose button was pressed; without one, send a new message."""
        text = self.texts.render(template, self.language, **values)
        self.put(text, rows)

    def put(self, text: str, rows: Rows = ()) -> None:
        """Like ``edit``, with a text that is rendered already."""
        message_id = self.message_id
        if message_id is None:
            self.calls.append(message_call(self.chat_id, text, self._keyboard(rows)))
        else:
            self.calls.append(edit_call(self.chat_id, message_id, text, self._keyboard(rows)))

    def toast(self, msgid: str, /, *, alert: bool = False, **values: object) -> None:
        """Answer the press itself with a few words; every other press is answered silently."""
        query = self.update.callback_query
        if query is not None:
            text = self.texts.label(self.language, msgid, **values)[:200]
            self.calls.append(toast_call(query.id, text, alert=alert))

    def label(self, msgid: str, /, **values: object) -> str:
        """Translate the text of a button for this person."""
        return self.texts.label(self.language, msgid, **values)

    def ask(self, topic: str, *subject: object) -> None:
        """Note that this person's next message answers a question about ``topic``."""
        words = ":".join(str(one) for one in subject)
        asking.ask(self.session, self.known.person_id, topic=topic, subject=words, now=self.now)

    def call(self, method: str, **params: object) -> None:
        """Ask for any other Bot API call."""
        self.calls.append({"method": method, **params})

    def _keyboard(self, rows: Rows) -> dict[str, Any] | None:
        return keyboard(rows, secret=self.secret, telegram_id=self.telegram_id)


def _is_picture(message: MaybeInaccessibleMessage) -> bool:
    return isinstance(message, Message) and bool(message.photo)


def keyboard(rows: Rows, *, secret: str, telegram_id: int) -> dict[str, Any] | None:
    """Return an inline keyboard whose buttons are signed for this person; None without buttons."""
    lines = [
        [
            {"text": one.label, "callback_data": callbacks.sign(secret, telegram_id, one.action)}
            for one in row
        ]
        for row in rows
        if row
    ]
    return {"inline_keyboard": lines} if lines else None


def message_call(chat_id: int, text: str, markup: dict[str, Any] | None = None) -> Call:
    """Return the call that sends a message of Telegram's HTML."""
    call: Call = {"method": "sendMessage", "chat_id": chat_id, "text": text, "parse_mode": "HTML"}
    return call | ({"reply_markup": markup} if markup else {})


def edit_call(
    chat_id: int, message_id: int, text: str, markup: dict[str, Any] | None = None
) -> Call:
    """Return the call that changes a message in place."""
    call: Call = {
        "method": "editMessageText",
        "chat_id": chat_id,
        "message_id": message_id,
        "text": text,
        "parse_mode": "HTML",
    }
    return call | ({"reply_markup": markup} if markup else {})


def toast_call(query_id: str, text: str = "", *, alert: bool = False) -> Call:
    """Return the call that acknowledges a press."""
    call: Call = {"method": "answerCallbackQuery", "callback_query_id": query_id}
    return call | ({"text": text} if text else {}) | ({"show_alert": True} if alert else {})


Handler = Callable[[Turn], None]
Taker = Callable[[Turn], bool]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its handler, who may use it (nobody named: everybody), its line in the menu."""

    name: str
    handler: Handler
    roles: tuple[str, ...] = ()
    menu: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A button's verb: its handler, and who may press it (nobody named: everybody).

    ``light``: the handler reads nothing of the message that the button stands under, beside its
    number. Such presses are handled sooner; it is for the buttons that are pressed most.
    """

    verb: str
    handler: Handler
    roles: tuple[str, ...] = ()
    light: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A topic of ``turn.ask``: who takes the answer, whatever kind of message it is.

    The handler finds the subject, split at colons, in ``turn.arguments``. It asks again where the
    answer will not do. Roles are checked again: they may have changed since the question.
    """

    topic: str
    handler: Handler
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Routes:
    """What a feature answers to. ``texts`` are asked in turn until one takes a free text.

    ``groups`` hear of what happens in groups: that the bot was added or removed, what is written
    there. What they ``say`` goes to the sender in private; nothing else is handled in groups.
    """

    commands: tuple[Command, ...] = ()
    presses: tuple[Press, ...] = ()
    texts: tuple[Taker, ...] = ()
    replies: tuple[Reply, ...] = ()
    groups: tuple[Handler, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What a feature adds to a manager's digest: some lines, and buttons that lead on."""

    text: str
    rows: Rows = ()
