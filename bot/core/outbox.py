"""Promised messages as rows, planned with what promises them; ``claims`` takes them out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Protocol

from sqlalchemy import (
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlmodel import Session, col

from bot.core.dialogue import Call, Rows, keyboard
from bot.core.tables import Delivery, UtcTime

_PLAN = text(
    "INSERT INTO delivery (key, kind, subject, lane, person_id, due_at, expires_at,"
    " state, attempts, step, note) VALUES (:key, :kind, :subject, :lane, :person_id, :due_at,"
    " :expires_at, 'queued', 0, 0, '') ON CONFLICT (key) DO NOTHING"
).bindparams(bindparam("due_at", type_=UtcTime), bindparam("expires_at", type_=UtcTime))
# Written out, not bound: only then do both databases use the indexes made for these states.
QUEUED = col(Delivery.state) == literal_column("'queued'")
SENDING = col(Delivery.state) == literal_column("'sending'")


class Lane(IntEnum):
    """What goes first. Replies to a person are not here: they are made at once."""

    ALERT = 1
    DIGEST = 2
    QUESTIONNAIRE = 3


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a delivery goes to, as the database says at the moment of sending."""

    person_id: int
    telegram_id: int
    language: str
    secret: str

    def keyboard(self, rows: Rows) -> dict[str, Any] | None:
        """Return an inline keyboard signed for this person."""
        return keyboard(rows, secret=self.secret, telegram_id=self.telegram_id)


class Composer(Protocol):
    """Makes the calls of one kind of delivery. ``repeatable``: may be sent again when unsure.

    ``forgotten``: its row goes however it ends, where the end would tell something of the person.
    """

    kind: str
    repeatable: bool
    forgotten: bool

    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        """Return the calls to make, or None when the message is no longer wanted.

        No calls at all: there is nothing to send any more, and that counts as sent.
        """

    def sent(self, session: Session, delivery: Delivery, results: list[Any]) -> None:
        """Take note of the plain results, in the transaction that marks the delivery as sent.

        A call that was made at an earlier try, before a failure, has the result ``{}``.
        """


class Addresses(Protocol):
    """What the outbox asks of the people feature."""

    def recipient(self, session: Session, person_id: int) -> Recipient | None:
        """Return how to reach a person, or None when they must not be written to."""

    def mark_blocked(self, session: Session, person_id: int) -> None:
        """Note that a person has blocked the bot."""


@dataclass(frozen=True, slots=True)
class Wait:
    """That a delivery is not to go out yet, until when and why (one stable word)."""

    until: datetime
    reason: str


Waits = Callable[[Session, Delivery, datetime], Wait | None]
"""Tells at the moment of sending whether a delivery has to wait."""


def nobody_waits(
    session: Session,  # noqa: ARG001
    delivery: Delivery,  # noqa: ARG001
    now: datetime,  # noqa: ARG001
) -> Wait | None:
    """Let everything go out as it is due."""
    return None


def plan(
    session: Session,
    *,
    key: str,
    kind: str,
    subject: str,
    lane: Lane,
    person_id: int,
    due_at: datetime,
    expires_at: datetime,
) -> bool:
    """Promise one message; return False when a message with this key is promised already."""
    row = {
        "key": key,
        "kind": kind,
        "subject": subject,
        "lane": int(lane),
        "person_id": person_id,
        "due_at": due_at,
        "expires_at": expires_at,
    }
    return plan_many(session, [row]) == 1


def plan_many(session: Session, rows: list[dict[str, Any]]) -> int:
    """Promise many messages at once, rows as ``plan`` takes them; return how many were new."""
    if not rows:
        return 0
    return session.connection().execute(_PLAN, rows).rowcount


def cancel(session: Session, *keys: str) -> None:
    """Take back messages that were promised and not yet sent."""
    session.execute(
        update(Delivery).where(col(Delivery.key).in_(keys), QUEUED).values(state="cancelled")
    )


def pause_person(session: Session, person_id: int, until: datetime) -> None:
    """Let nothing be claimed for one person before that time."""
    session.execute(
        update(Delivery)
        .where(QUEUED, col(Delivery.person_id) == person_id, col(Delivery.due_at) < until)
        .values(due_at=until)
    )


def due(session: Session, now: datetime) -> bool:
    """Tell whether something that is due is queued, or something is on its way."""
    return bool(session.scalar(select(or_(exists_due(now), exists().where(SENDING)))))


def waiting(session: Session) -> int:
    """Return how many deliveries are queued or on their way."""
    found = session.scalar(select(func.count()).select_from(Delivery).where(or_(QUEUED, SENDING)))
    return found or 0


def exists_due(now: datetime) -> Any:
    """Return the condition that something queued is due."""
    return exists().where(
        QUEUED, col(Delivery.lane).in_([int(one) for one in Lane]), col(Delivery.due_at) <= now
    )
