"""Promised messages as rows: planned with what promises them, claimed, composed, settled.

One budget row shares Telegram's rate among all processes (GCRA: each message takes the next slot
of ``1 / rate`` seconds). Rows are claimed by lane, then by due time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Protocol

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col

from bot.core.dialogue import Call, Rows, keyboard
from bot.core.tables import Delivery, SendBudget

CLAIM = timedelta(seconds=90)
MAX_ATTEMPTS = 8


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
    """Makes the calls of one kind of delivery. ``repeatable``: may be sent again when unsure."""

    kind: str
    repeatable: bool

    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        """Return the calls to make, or None when the message is no longer wanted."""

    def sent(self, session: Session, delivery: Delivery, results: list[Any]) -> None:
        """Take note of the plain results, in the transaction that marks the delivery as sent."""


class Addresses(Protocol):
    """What the outbox asks of the people feature."""

    def recipient(self, session: Session, person_id: int) -> Recipient | None:
        """Return how to reach a person, or None when they must not be written to."""

    def mark_blocked(self, session: Session, person_id: int) -> None:
        """Note that a person has blocked the bot."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed delivery with its calls; call i is made in the slot ``slots[i]`` (UTC)."""

    delivery_id: int
    kind: str
    person_id: int
    telegram_id: int
    repeatable: bool
    calls: tuple[Call, ...]
    step: int
    slots: tuple[datetime, ...]
    attempts: int


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
    filled = [{"state": "queued", "attempts": 0, "step": 0, "note": ""} | row for row in rows]
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    new = 0
    for start in range(0, len(filled), 500):
        statement = insert(Delivery).values(filled[start : start + 500])
        new += _count(session.execute(statement.on_conflict_do_nothing(index_elements=["key"])))
    return new


def cancel(session: Session, *keys: str) -> None:
    """Take back messages that were promised and not yet sent."""
    session.execute(
        update(Delivery)
        .where(col(Delivery.key).in_(keys), col(Delivery.state) == "queued")
        .values(state="cancelled")
    )


def claim(
    session: Session,
    now: datetime,
    *,
    rate: float,
    most: int,
    composers: Mapping[str, Composer],
    addresses: Addresses,
) -> list[Parcel]:
    """Reserve due deliveries within the budget and compose them.

    What is past its time expires instead; what nobody wants any more is cancelled; whoever must
    not be written to is marked so. Returns parcels in the order in which they are to be made.
    """
    _expire(session, now)
    budget = _lock_budget(session)
    step = int(1_000_000 / rate)
    start = max(budget.next_free, budget.paused_until, _microseconds(now))
    if start - _microseconds(now) > 1_000_000:
        return []
    parcels: list[Parcel] = []
    for delivery in _due(session, now, most):
        calls, to = _composed(session, delivery, now, composers=composers, addresses=addresses)
        if calls is None or to is None:
            continue
        slots = tuple(_moment(start + step * index) for index in range(len(calls)))
        start += step * len(calls)
        delivery.state, delivery.attempts = "sending", delivery.attempts + 1
        delivery.claimed_until = now + CLAIM
        session.add(delivery)
        parcels.append(
            Parcel(
                delivery_id=delivery.id or 0,
                kind=delivery.kind,
                person_id=to.person_id,
                telegram_id=to.telegram_id,
                repeatable=composers[delivery.kind].repeatable,
                calls=tuple(calls),
                step=delivery.step,
                slots=slots,
                attempts=delivery.attempts,
            )
        )
    if parcels:
        session.execute(update(SendBudget).values(next_free=start))
    return parcels


def settle_sent(
    session: Session, parcel: Parcel, results: list[Any], composers: Mapping[str, Composer]
) -> None:
    """Note that all calls of a parcel were made."""
    delivery = session.get(Delivery, parcel.delivery_id)
    if delivery is None:  # the person was erased meanwhile
        return
    delivery.state, delivery.claimed_until = "sent", None
    session.add(delivery)
    composers[parcel.kind].sent(session, delivery, results)


def settle(session: Session, parcel: Parcel, state: str, note: str) -> None:
    """Note how a delivery ended without being sent."""
    _set(session, parcel, {"state": state, "note": note[:200], "claimed_until": None})


def put_back(session: Session, parcel: Parcel, *, due_at: datetime, step: int, note: str) -> None:
    """Queue a delivery again, to go on with call number ``step`` at that time."""
    state = "queued" if parcel.attempts < MAX_ATTEMPTS else "failed"
    values = {"state": state, "due_at": due_at, "step": step, "note": note[:200]}
    _set(session, parcel, values | {"claimed_until": None})


def pause_all(session: Session, until: datetime) -> None:
    """Let nothing be claimed before that time, by any process."""
    value = _microseconds(until)
    session.execute(
        update(SendBudget).where(col(SendBudget.paused_until) < value).values(paused_until=value)
    )


def recover(session: Session, now: datetime, composers: Mapping[str, Composer]) -> int:
    """Free what a dead process had claimed: repeatable kinds go again, others stay uncertain."""
    repeatable = [kind for kind, composer in composers.items() if composer.repeatable]
    stale = (col(Delivery.state) == "sending", col(Delivery.claimed_until) < now)
    freed = session.execute(
        update(Delivery)
        .where(*stale, col(Delivery.kind).in_(repeatable))
        .values(state="queued", claimed_until=None)
    )
    lost = session.execute(
        update(Delivery)
        .where(*stale)
        .values(state="uncertain", claimed_until=None, note="ended while it was being sent")
    )
    return _count(freed) + _count(lost)


def due(session: Session, now: datetime) -> bool:
    """Tell whether something that is due is queued, or something is on its way."""
    found = session.scalar(
        select(col(Delivery.id))
        .where(
            (col(Delivery.state) == "sending")
            | ((col(Delivery.state) == "queued") & (col(Delivery.due_at) <= now))
        )
        .limit(1)
    )
    return found is not None


def waiting(session: Session) -> int:
    """Return how many deliveries are queued or on their way."""
    found = session.scalar(
        select(func.count())
        .select_from(Delivery)
        .where(col(Delivery.state).in_(("queued", "sending")))
    )
    return found or 0


def _composed(
    session: Session,
    delivery: Delivery,
    now: datetime,
    *,
    composers: Mapping[str, Composer],
    addresses: Addresses,
) -> tuple[list[Call] | None, Recipient | None]:
    to = addresses.recipient(session, delivery.person_id)
    if to is None:
        delivery.state, delivery.note = "blocked", "not to be written to"
        session.add(delivery)
        return None, None
    calls = composers[delivery.kind].compose(session, delivery, to, now)
    if not calls:
        delivery.state = "cancelled"
        session.add(delivery)
        return None, to
    return calls, to


def _due(session: Session, now: datetime, most: int) -> list[Delivery]:
    return list(
        session.scalars(
            select(Delivery)
            .where(col(Delivery.state) == "queued", col(Delivery.due_at) <= now)
            .order_by(col(Delivery.lane), col(Delivery.due_at), col(Delivery.id))
            .limit(most)
            .with_for_update(skip_locked=True)
        )
    )


def _expire(session: Session, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(col(Delivery.state) == "queued", col(Delivery.expires_at) <= now)
        .values(state="expired")
    )


def _lock_budget(session: Session) -> SendBudget:
    budget = session.scalar(select(SendBudget).with_for_update())
    if budget is None:
        insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
        values = {"id": 1, "next_free": 0, "paused_until": 0}
        session.execute(insert(SendBudget).values(values).on_conflict_do_nothing())
        budget = session.scalars(select(SendBudget).with_for_update()).one()
    return budget


def _set(session: Session, parcel: Parcel, values: dict[str, Any]) -> None:
    session.execute(update(Delivery).where(col(Delivery.id) == parcel.delivery_id).values(**values))


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
