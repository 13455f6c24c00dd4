"""The offline chat: people, their chats with one bot, and what happens in them.

Knows no HTTP. The bot's side is ``bot.demo.api``; this is the state and the people's side.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.demo import bot_objects
from bot.demo.errors import ImpossibleAct
from bot.demo.faults import Faults
from bot.demo.files import FileStore, Upload
from bot.demo.flood import FloodLimits
from bot.demo.markup import plain, utf16_length, with_links
from bot.demo.model import Call, CallbackAnswer, Event, Message, Person, Persona, Press
from bot.demo.updates import UpdateQueue

MAX_TEXT = 4096
_CALLS_KEPT = 500


class OfflineChat:
    """One bot and its people. All methods belong to one event loop.

    ``now`` is the time of the chat: of messages, of presses that grow old, of flood limits.
    ``latency_seconds`` is added to each Bot API call, for benchmarks.
    """

    def __init__(
        self,
        *,
        token: str,
        bot_username: str,
        now: Callable[[], datetime],
        bot_name: str = "Gapbot",
        latency_seconds: float = 0.0,
    ) -> None:
        """Make a chat without people."""
        self.token = token
        self.now = now
        self.latency_seconds = latency_seconds
        self.bot: dict[str, Any] = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": bot_name,
            "username": bot_username,
        }
        self.people: dict[int, Person] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.presses: dict[str, Press] = {}
        self.files = FileStore()
        self.commands: dict[tuple[str, int, str], list[dict[str, str]]] = {}
        self.bot_texts: dict[tuple[str, str], str] = {}
        self.updates = UpdateQueue(now, first_id=700_000_001)
        self.flood = FloodLimits()
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=_CALLS_KEPT)
        self._message_ids = itertools.count(1)
        self._query_ids = itertools.count(4_000_000_000_000_001)
        self._listeners: list[Callable[[Event], None]] = []

    # People

    def add(self, personas: Iterable[Persona]) -> None:
        """Let people in. They are known, and have not written to the bot yet."""
        for persona in personas:
            self.people[persona.user_id] = Person(persona)
            self.messages[persona.user_id] = {}
            self.tell("person", persona.user_id, {})

    def say(self, user_id: int, text: str) -> Message:
        """Let a person write to the bot. The first message starts the chat.

        Raises
        ------
        ImpossibleAct
            For an unknown or blocking person, an empty or too long text.
        """
        person = self._acting(user_id)
        body = with_links(plain(text))
        if not body.text:
            raise ImpossibleAct("a message needs a text")
        if utf16_length(body.text) > MAX_TEXT:
            raise ImpossibleAct(f"a message has at most {MAX_TEXT} characters")
        person.started = True
        return self._arrive(Message(next(self._message_ids), user_id, False, self.now(), body))

    def send_photo(self, user_id: int, upload: Upload, caption: str = "") -> Message:
        """Let a person send a picture."""
        self._acting(user_id).started = True
        message = Message(next(self._message_ids), user_id, False, self.now(), plain(caption))
        message.photo = self.files.add_photo(upload)
        return self._arrive(message)

    def send_voice(
        self, user_id: int, upload: Upload, caption: str = "", *, seconds: int = 1
    ) -> Message:
        """Let a person send what they spoke."""
        self._acting(user_id).started = True
        message = Message(next(self._message_ids), user_id, False, self.now(), plain(caption))
        message.voice = self.files.add_voice(upload, seconds=seconds)
        return self._arrive(message)

    def send_document(self, user_id: int, upload: Upload, caption: str = "") -> Message:
        """Let a person send a file as it is."""
        self._acting(user_id).started = True
        message = Message(next(self._message_ids), user_id, False, self.now(), plain(caption))
        message.document = self.files.add_document(upload)
        return self._arrive(message)

    def press(
        self, user_id: int, message_id: int, callback_data: str, *, forged: bool = False
    ) -> Press:
        """Let a person press a button; ``forged`` presses one that is not there (any more).

        Raises
        ------
        ImpossibleAct
            When the message, or the button in it, does not exist.
        """
        person = self._acting(user_id)
        message = self.messages[user_id].get(message_id)
        if message is None:
            raise ImpossibleAct(f"there is no message {message_id} in this chat")
        offered = {button.get("callback_data") for row in message.keyboard for button in row}
        if callback_data not in offered and not forged:
            raise ImpossibleAct(f"message {message_id} has no button {callback_data!r}")
        press = Press(str(next(self._query_ids)), user_id, message_id, callback_data, self.now())
        self.presses[press.query_id] = press
        content = bot_objects.press_object(press, person.persona, self.as_object(message))
        self.updates.add("callback_query", content)
        self.tell("pressed", user_id, {"query": press.query_id})
        return press

    def block(self, user_id: int) -> None:
        """Let a person block the bot; doing it twice changes nothing."""
        self._set_blocked(user_id, is_blocked=True)

    def unblock(self, user_id: int) -> None:
        """Let a person have the bot back."""
        self._set_blocked(user_id, is_blocked=False)

    def timeline(self, user_id: int) -> list[Message]:
        """Return a person's chat, oldest message first."""
        return list(self.messages[user_id].values())

    def menu(self, user_id: int) -> list[dict[str, str]]:
        """Return the commands that a person's app shows: the narrowest scope that has some."""
        language = self.people[user_id].persona.language_code or ""
        scopes = (("chat", user_id), ("all_private_chats", 0), ("default", 0))
        for kind, chat_id in scopes:
            for code in (language, language.partition("-")[0], ""):
                if (kind, chat_id, code) in self.commands:
                    return self.commands[kind, chat_id, code]
        return []

    # What the bot does to people, called by the methods of the Bot API

    def post(self, message: Message) -> Message:
        """Put the bot's message into a chat."""
        self.messages[message.user_id][message.message_id] = message
        self.tell("message", message.user_id, {"message": message})
        return message

    def next_message_id(self) -> int:
        """Return a new message id; ids grow over all chats of the bot, as with Telegram."""
        return next(self._message_ids)

    def edited(self, message: Message) -> None:
        """Mark a message as edited now."""
        message.edited_at = self.now()
        self.tell("edited", message.user_id, {"message": message})

    def delete(self, message: Message) -> None:
        """Take a message out of its chat."""
        del self.messages[message.user_id][message.message_id]
        self.tell("deleted", message.user_id, {"message_id": message.message_id})

    def answer(self, press: Press, answer: CallbackAnswer) -> None:
        """Give the bot's answer to a press."""
        press.answer = answer
        self.tell("answer", press.user_id, {"press": press})

    def as_object(self, message: Message) -> dict[str, Any]:
        """Return a message as the Bot API shows it."""
        reply = self.messages[message.user_id].get(message.reply_to or 0)
        persona = self.people[message.user_id].persona
        return bot_objects.message_object(message, persona, self.bot, reply=reply)

    # Listening

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``listener`` at each event; returns what ends it."""
        self._listeners.append(listener)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def tell(self, kind: str, user_id: int | None, about: dict[str, Any]) -> None:
        """Tell all listeners."""
        event = Event(kind, user_id, about)
        for listener in tuple(self._listeners):
            listener(event)

    async def until(self, condition: Callable[[], bool], *, seconds: float = 5.0) -> None:
        """Wait until something is so, looking after each event.

        Raises
        ------
        TimeoutError
            When it is not so in time.
        """
        changed = asyncio.Event()
        stop = self.listen(lambda _: changed.set())
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    changed.clear()
                    await changed.wait()
        finally:
            stop()

    def _acting(self, user_id: int) -> Person:
        person = self.people.get(user_id)
        if person is None:
            raise ImpossibleAct(f"there is no person {user_id}")
        if person.blocked:
            raise ImpossibleAct("a person who blocked the bot cannot write to it")
        person.acted_at = self.now()
        return person

    def _arrive(self, message: Message) -> Message:
        self.post(message)
        self.updates.add("message", self.as_object(message))
        return message

    def _set_blocked(self, user_id: int, *, is_blocked: bool) -> None:
        person = self.people.get(user_id)
        if person is None:
            raise ImpossibleAct(f"there is no person {user_id}")
        if person.blocked == is_blocked:
            return
        person.blocked = is_blocked
        at = int(self.now().timestamp())
        content = bot_objects.membership_object(
            person.persona, self.bot, is_blocked=is_blocked, at=at
        )
        self.updates.add("my_chat_member", content)
        self.tell("blocked", user_id, {"is_blocked": is_blocked})
