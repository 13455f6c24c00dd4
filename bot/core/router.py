"""Finds the handler of an update by looking it up, and checks roles before it is called."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sqlmodel import Session
from telegram import Update
from telegram.constants import ChatType

from bot.core import asking, callbacks, i18n
from bot.core.dialogue import Call, Identity, Routes, Turn, toast_call
from bot.core.render import Texts

_GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})


class Door(Protocol):
    """What the people feature knows: who somebody is, and what to do with blocks and strangers."""

    def recognise(self, session: Session, telegram_id: int) -> Identity | None:
        """Return who this is, or None for a stranger."""

    def membership_changed(self, turn: Turn) -> None:
        """The person blocked the bot, or let it in again."""

    def came_back(self, session: Session, who: Identity) -> None:
        """A person who was marked as blocked has written or pressed."""

    def must_agree(self, turn: Turn, word: str) -> bool:
        """Ask for a new consent where it is missing; ``word`` is the command or verb."""


class Router:
    """Finds the handler of an update by looking it up; checks roles before it is called."""

    def __init__(self, door: Door, routes: Iterable[Routes], texts: Texts) -> None:
        """Collect what all features answer to."""
        listed = list(routes)
        self._door = door
        self._texts = texts
        self.commands = {one.name: one for part in listed for one in part.commands}
        self.presses = {one.verb: one for part in listed for one in part.presses}
        self._takers = [taker for part in listed for taker in part.texts]
        self.replies = {one.topic: one for part in listed for one in part.replies}
        self._groups = [handler for part in listed for handler in part.groups]

    def is_light(self, data: str) -> bool:
        """Tell whether the press of a button with this data needs no message beside it."""
        press = self.presses.get(data.partition(":")[0])
        return press is not None and press.light

    def handle(self, session: Session, update: Update, *, now: datetime, secret: str) -> list[Call]:
        """Handle one update and return the calls to make after the commit."""
        user = update.effective_user
        if user is None or user.is_bot:
            return []
        who = self._door.recognise(session, user.id)
        language = who.language if who else i18n.guess(user.language_code)
        turn = Turn(session, update, now, self._texts, secret, who, language)
        if _is_in_group(update):
            for handler in self._groups:
                handler(turn)
        elif update.my_chat_member is not None:
            self._door.membership_changed(turn)
        elif update.callback_query is not None:
            self._press(turn, update.callback_query.data or "")
            _acknowledge(turn, update.callback_query.id)
        elif update.message is not None and update.message.chat.type == "private":
            self._message(turn)
        return turn.calls

    def _press(self, turn: Turn, data: str) -> None:
        action = callbacks.verified(turn.secret, turn.telegram_id, data)
        verb, *arguments = (action or "").split(":")
        press = self.presses.get(verb)
        if action is None or press is None:
            turn.toast("This button is no longer in use. Please send /start.", alert=True)
            return
        self._welcome_back(turn)
        if self._door.must_agree(turn, verb):
            return
        if not _may(turn, press.roles):
            turn.toast("This is not open to you.", alert=True)
            return
        turn.arguments = tuple(arguments)
        press.handler(turn)

    def _message(self, turn: Turn) -> None:
        self._welcome_back(turn)
        if turn.text.startswith("/"):
            self._command(turn)
            return
        if self._door.must_agree(turn, ""):
            return
        if self._answer(turn) or any(taker(turn) for taker in self._takers):
            return
        turn.say("core/not_understood.html", stranger=turn.who is None)

    def _answer(self, turn: Turn) -> bool:
        """Hand a message to whoever asked for it; tell whether anybody did."""
        if turn.who is None or not self.replies:
            return False
        awaited = asking.take(turn.session, turn.who.person_id, turn.now)
        reply = self.replies.get(awaited.topic) if awaited else None
        if awaited is None or reply is None:
            return False
        if not _may(turn, reply.roles):
            turn.say("core/not_open.html", stranger=False)
            return True
        turn.arguments = tuple(awaited.subject.split(":"))
        reply.handler(turn)
        return True

    def _command(self, turn: Turn) -> None:
        word = turn.text.split(maxsplit=1)[0].removeprefix("/")
        command = self.commands.get(word.partition("@")[0].lower())
        if self._door.must_agree(turn, command.name if command else ""):
            return
        if command is None:
            turn.say("core/not_understood.html", stranger=turn.who is None)
        elif not _may(turn, command.roles):
            turn.say("core/not_open.html", stranger=turn.who is None)
        else:
            turn.arguments = tuple(turn.behind_command.split())
            command.handler(turn)

    def _welcome_back(self, turn: Turn) -> None:
        if turn.who is not None and turn.who.state == "blocked":
            self._door.came_back(turn.session, turn.who)


def _is_in_group(update: Update) -> bool:
    chat = update.effective_chat
    happened = update.my_chat_member is not None or update.message is not None
    return happened and chat is not None and chat.type in _GROUPS


def _may(turn: Turn, roles: tuple[str, ...]) -> bool:
    return not roles or (turn.who is not None and turn.who.has(*roles))


def _acknowledge(turn: Turn, query_id: str) -> None:
    if not any(call["method"] == "answerCallbackQuery" for call in turn.calls):
        turn.calls.insert(0, toast_call(query_id))
