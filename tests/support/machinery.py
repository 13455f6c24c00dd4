"""The parts of the machinery on the offline chat, with a lane and features as simple as can be."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col
from telegram import Update

from bot.core import outbox
from bot.core.clock import Clock
from bot.core.database import Database, T, Work, WriteLane
from bot.core.dialogue import Call, message_call
from bot.core.outbox import Composer, Lane, Recipient
from bot.core.receiver import Handle, Receiver
from bot.core.sender import Courier, Replies
from bot.core.tables import Delivery
from bot.core.telegram_api import Telegram
from bot.demo.chat import OfflineChat
from bot.demo.model import Persona
from bot.demo.offline_request import OfflineRequest
from bot.people.tables import Person

TOKEN = "4242:offline-token-for-tests"
RATE = 25.0


class InlineLane(WriteLane):
    """A lane without a thread; ``trouble`` is raised, one for each of the next functions."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        super().__init__(database)
        self.trouble: list[Exception] = []

    async def run(self, work: Work[T]) -> T:
        """Run a function in a transaction of its own, at once."""
        if self.trouble:
            raise self.trouble.pop(0)
        return self._database.run(work)


class Register:
    """Who may be written to, by the state in the table of people."""

    def recipient(self, session: Session, person_id: int) -> Recipient | None:
        """Return an active person's address."""
        person = session.get_one(Person, person_id)
        if person.state != "active":
            return None
        return Recipient(person_id, person.telegram_id, person.language, "secret")

    def mark_blocked(self, session: Session, person_id: int) -> None:
        """Remember that a person blocked the bot."""
        session.execute(update(Person).where(col(Person.id) == person_id).values(state="blocked"))


@dataclass
class Greeting:
    """A kind of delivery: ``messages`` messages, or what ``pictures`` says."""

    kind: str = "greeting"
    repeatable: bool = True
    forgotten: bool = False
    messages: int = 1
    is_wanted: bool = True
    picture: str = ""
    as_file: str = ""
    noted: list[tuple[str, list[Any]]] = field(default_factory=list)

    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        """Return the calls."""
        if not self.is_wanted:
            return None
        if self.picture and self.as_file:
            how = {"method": "sendDocument", "file_name": self.as_file}
            return [how | {"chat_id": to.telegram_id, "picture": self.picture}]
        if self.picture:
            return [{"method": "sendPhoto", "chat_id": to.telegram_id, "picture": self.picture}]
        texts = [f"{delivery.subject} {number}" for number in range(self.messages)]
        return [message_call(to.telegram_id, text) for text in texts]

    def sent(self, session: Session, delivery: Delivery, results: list[Any]) -> None:
        """Take note."""
        self.noted.append((delivery.key, results))


def offline_chat(clock: Clock, people: int = 3) -> OfflineChat:
    """Return a chat with people 1, 2, ... who have all written to the bot once."""
    chat = OfflineChat(token=TOKEN, bot_username="gap_bot", now=clock.now)
    chat.add(Persona(number, f"Person {number}", "en") for number in range(1, people + 1))
    for person in chat.people.values():
        person.started = True
    return chat


def offline_telegram(chat: OfflineChat) -> Telegram:
    """Return a bot that speaks to an offline chat in process."""
    return Telegram(
        TOKEN, "http://offline", request=OfflineRequest(chat), polling=OfflineRequest(chat)
    )


def courier(
    chat: OfflineChat,
    database: Database,
    clock: Clock,
    *composers: Composer,
    lane: WriteLane | None = None,
) -> Courier:
    """Return a courier for an offline chat."""
    return Courier(
        telegram=offline_telegram(chat),
        lane=lane or InlineLane(database),
        clock=clock,
        rate=RATE,
        composers=by_kind(composers),
        addresses=Register(),
    )


def receiver(
    chat: OfflineChat,
    database: Database,
    clock: Clock,
    handle: Handle,
    *,
    lane: WriteLane | None = None,
    blocked: list[int] | None = None,
    is_light: Callable[[str], bool] = lambda _: False,
) -> Receiver:
    """Return a receiver for an offline chat; who turns out to have blocked is put into the list."""
    telegram = offline_telegram(chat)

    async def note(telegram_id: int) -> None:
        if blocked is not None:
            blocked.append(telegram_id)

    return Receiver(
        telegram=telegram,
        database=database,
        lane=lane or InlineLane(database),
        clock=clock,
        replies=Replies(telegram, note),
        handle=handle,
        sorry=lambda update: "Sorry, that went wrong.",
        is_light=is_light,
    )


def by_kind(composers: Iterable[Composer]) -> Mapping[str, Composer]:
    """Return composers as the outbox wants them."""
    return {one.kind: one for one in composers}


def add_people(database: Database, now: datetime, people: int = 3) -> None:
    """Store people 1, 2, ... with the same numbers at Telegram."""

    def add(session: Session) -> None:
        session.add_all(
            Person(id=number, telegram_id=number, name="Somebody", language="en", consented_at=now)
            for number in range(1, people + 1)
        )

    database.run(add)


def promise(
    database: Database,
    now: datetime,
    person_id: int = 1,
    *,
    key: str = "",
    kind: str = "greeting",
    lane: Lane = Lane.QUESTIONNAIRE,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> bool:
    """Plan one message about its own key."""
    key = key or f"{kind}:{person_id}"
    return database.run(
        lambda session: outbox.plan(
            session,
            key=key,
            kind=kind,
            subject=key,
            lane=lane,
            person_id=person_id,
            due_at=due_at or now,
            expires_at=expires_at or now + timedelta(days=1),
        )
    )


def promise_all(database: Database, now: datetime, people: int) -> None:
    """Plan one message for each of the people 1, 2, ..."""
    rows = [
        {
            "key": f"greeting:{number}",
            "kind": "greeting",
            "subject": str(number),
            "lane": int(Lane.QUESTIONNAIRE),
            "person_id": number,
            "due_at": now,
            "expires_at": now + timedelta(days=1),
        }
        for number in range(1, people + 1)
    ]
    database.run(lambda session: outbox.plan_many(session, rows))


def states(database: Database) -> dict[str, str]:
    """Return the state of each delivery by its key."""
    with database.reading() as session:
        rows = session.execute(select(col(Delivery.key), col(Delivery.state)))
        return {row[0]: row[1] for row in rows}


def echo(session: Session, update: Update) -> list[Call]:
    """Answer every message with its own text."""
    message = update.message
    if message is None or message.from_user is None:
        return []
    return [message_call(message.from_user.id, f"you said {message.text}")]


def heard(chat: OfflineChat, user_id: int) -> list[str]:
    """Return what the bot has said to a person, oldest first."""
    return [one.body.text for one in chat.timeline(user_id) if one.from_bot]
