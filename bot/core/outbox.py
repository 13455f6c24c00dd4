"""Promised messages as rows: planned with what promises them, claimed, composed, settled.

Rows are claimed by lane, then by due time, within the budget that all processes share.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from bot.core import budget
from bot.core.dialogue import Call, Rows, keyboard
from bot.core.logs import Events
from bot.core.tables import Delivery, UtcTime

_log = Events("gapbot.outbox")

CALL = timedelta(seconds=25)  # what one call may take
CLAIM = timedelta(seconds=10)  # beyond its calls: then a dead process's rows return
_AHEAD = timedelta(seconds=1)  # slots are given away at most so early
_PLAN = text(
    "INSERT INTO delivery (key, kind, subject, lane, person_id, due_at, expires_at,"
    " state, attempts, step, note) VALUES (:key, :kind, :subject, :lane, :person_id, :due_at,"
    " :expires_at, 'queued', 0, 0, '') ON CONFLICT (key) DO NOTHING"
).bindparams(bindparam("due_at", type_=UtcTime), bindparam("expires_at", type_=UtcTime))
# Written out, not bound: only then do both databases use the indexes made for these states.
_QUEUED = col(Delivery.state) == literal_column("'queued'")
_SENDING = col(Delivery.state) == literal_column("'sending'")


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


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed delivery with its calls: those from ``step`` on are made, each in its slot (UTC).

    ``attempts`` is the number of this try; a claim that was lost to another process is seen by it.
    """

    delivery_id: int
    kind: str
    person_id: int
    telegram_id: int
    repeatable: bool
    calls: tuple[Call, ...]
    step: int
    slots: tuple[datetime, ...]
    attempts: int
    forgotten: bool = False

    @property
    def remaining(self) -> range:
        """The numbers of the calls that are still to be made."""
        return range(self.step, len(self.calls))


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
        update(Delivery).where(col(Delivery.key).in_(keys), _QUEUED).values(state="cancelled")
    )


def claim(
    session: Session,
    now: datetime,
    *,
    rate: float,
    most: int,
    composers: Mapping[str, Composer],
    addresses: Addresses,
    waits: Waits = nobody_waits,
) -> list[Parcel]:
    """Reserve due deliveries within the budget and compose them.

    What is past its time expires instead; what nobody wants any more is cancelled; what has to
    wait is put off, with its reason as the note; whoever must not be written to is marked so.
    Returns parcels in the order in which they are to be made.
    """
    if not _has_work(session, now):
        return []
    step = timedelta(seconds=1 / rate)
    slot = budget.first_slot(session, now, longest=step * most * 4)
    recover(session, now, composers)
    _expire(session, now)
    if slot - now > _AHEAD:
        return []
    parcels: list[Parcel] = []
    for delivery in _due(session, now, most):
        wait = waits(session, delivery, now)
        if wait is not None:
            delivery.due_at, delivery.note = wait.until, wait.reason
            continue
        to = addresses.recipient(session, delivery.person_id)
        calls = _calls(session, delivery, to, now, composers=composers)
        if not calls or to is None:
            continue
        slots = tuple(slot + step * index for index in range(len(calls) - delivery.step))
        slot += step * len(slots)
        delivery.state, delivery.attempts = "sending", delivery.attempts + 1
        delivery.claimed_until = max(slot, now) + CLAIM + CALL * len(slots)
        parcels.append(_parcel(delivery, to, calls, slots, composers=composers))
    session.flush()
    if parcels:
        budget.use_until(session, slot)
    return parcels


def settle_sent(
    session: Session, parcel: Parcel, results: list[Any], composers: Mapping[str, Composer]
) -> None:
    """Note that all calls of a parcel were made; what the composer fails at is logged, not undone.

    Whoever has claimed it meanwhile, it was sent: saying so keeps it from being sent twice.
    """
    delivery = session.get(Delivery, parcel.delivery_id)
    if delivery is None or delivery.state == "sent":  # the person was erased meanwhile
        return
    delivery.state, delivery.claimed_until = "sent", None
    session.flush()
    try:
        with session.begin_nested():
            composers[parcel.kind].sent(session, delivery, results)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - the message is out, and must not go out again
        _log.error("delivery.unnoted", error, delivery=parcel.delivery_id, kind=parcel.kind)
    if parcel.forgotten:
        session.delete(delivery)


def settle(session: Session, parcel: Parcel, state: str, note: str) -> None:
    """Note how a delivery ended without being sent."""
    if parcel.forgotten:
        session.execute(delete(Delivery).where(*_is_ours(parcel)))
        return
    _set(session, parcel, {"state": state, "note": note[:200], "claimed_until": None})


def settle_blocked(session: Session, parcel: Parcel) -> None:
    """Note that a person cannot be written to: neither this delivery nor what else is queued."""
    settle(session, parcel, "blocked", "blocked the bot")
    session.execute(
        update(Delivery)
        .where(_QUEUED, col(Delivery.person_id) == parcel.person_id)
        .values(state="blocked", note="blocked the bot")
    )


def put_back(session: Session, parcel: Parcel, *, due_at: datetime, step: int, note: str) -> None:
    """Queue a delivery again, to go on with call number ``step`` at that time."""
    values = {"state": "queued", "due_at": due_at, "step": step, "note": note[:200]}
    _set(session, parcel, values | {"claimed_until": None})


def pause_person(session: Session, person_id: int, until: datetime) -> None:
    """Let nothing be claimed for one person before that time."""
    session.execute(
        update(Delivery)
        .where(_QUEUED, col(Delivery.person_id) == person_id, col(Delivery.due_at) < until)
        .values(due_at=until)
    )


def recover(
    session: Session,
    now: datetime,
    composers: Mapping[str, Composer],
    *,
    at_start: bool = False,
) -> int:
    """Free what a dead process had claimed: repeatable kinds go again, others are uncertain.

    On SQLite only one process sends, so at its start every claim is a dead process's.
    """
    repeatable = [kind for kind, composer in composers.items() if composer.repeatable]
    stale = [_SENDING]
    if not (at_start and _is_sqlite(session)):
        stale.append(col(Delivery.claimed_until) < now)
    forgotten = [kind for kind, composer in composers.items() if composer.forgotten]
    freed = session.execute(
        update(Delivery)
        .where(*stale, col(Delivery.kind).in_(repeatable))
        .values(state="queued", claimed_until=None)
    )
    session.execute(delete(Delivery).where(*stale, col(Delivery.kind).in_(forgotten)))
    lost = session.execute(
        update(Delivery)
        .where(*stale)
        .values(state="uncertain", claimed_until=None, note="ended while it was being sent")
    )
    return _count(freed) + _count(lost)


def due(session: Session, now: datetime) -> bool:
    """Tell whether something that is due is queued, or something is on its way."""
    return bool(session.scalar(select(or_(_exists_due(now), exists().where(_SENDING)))))


def waiting(session: Session) -> int:
    """Return how many deliveries are queued or on their way."""
    found = session.scalar(select(func.count()).select_from(Delivery).where(or_(_QUEUED, _SENDING)))
    return found or 0


def _has_work(session: Session, now: datetime) -> bool:
    """Look without locking anything: most of the time nothing is due."""
    stale = exists().where(_SENDING, col(Delivery.claimed_until) < now)
    return bool(session.scalar(select(or_(_exists_due(now), stale))))


def _exists_due(now: datetime) -> Any:
    return exists().where(
        _QUEUED, col(Delivery.lane).in_([int(one) for one in Lane]), col(Delivery.due_at) <= now
    )


def _calls(
    session: Session,
    delivery: Delivery,
    to: Recipient | None,
    now: datetime,
    *,
    composers: Mapping[str, Composer],
) -> list[Call] | None:
    """Compose a delivery; one that cannot be sent gets its end, the others go on."""
    if to is None:
        delivery.state, delivery.note = "blocked", "not to be written to"
        return None
    is_forgotten = delivery.kind in composers and composers[delivery.kind].forgotten
    try:
        with session.begin_nested():
            calls = composers[delivery.kind].compose(session, delivery, to, now)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad message must not stop the others
        named = {} if is_forgotten else {"delivery": delivery.id}
        _log.error("delivery.not_composed", error, kind=delivery.kind, **named)
        delivery.state, delivery.note = "failed", f"not composed: {type(error).__name__}"
        calls = None
    else:
        if calls is None:
            delivery.state = "cancelled"
        elif not calls:
            delivery.state, delivery.attempts = "sent", delivery.attempts + 1
    if not calls and is_forgotten:
        session.delete(delivery)
    return calls


def _parcel(
    delivery: Delivery,
    to: Recipient,
    calls: list[Call],
    slots: tuple[datetime, ...],
    *,
    composers: Mapping[str, Composer],
) -> Parcel:
    return Parcel(
        delivery_id=delivery.id or 0,
        kind=delivery.kind,
        person_id=to.person_id,
        telegram_id=to.telegram_id,
        repeatable=composers[delivery.kind].repeatable,
        calls=tuple(calls),
        step=delivery.step,
        slots=slots,
        attempts=delivery.attempts,
        forgotten=composers[delivery.kind].forgotten,
    )


def _due(session: Session, now: datetime, most: int) -> list[Delivery]:
    """Lane by lane, so that an index finds the oldest without looking at those not yet due."""
    found: list[Delivery] = []
    for lane in Lane:
        found += session.scalars(
            select(Delivery)
            .where(_QUEUED, col(Delivery.lane) == int(lane), col(Delivery.due_at) <= now)
            .order_by(col(Delivery.due_at), col(Delivery.id))
            .limit(most - len(found))
            .with_for_update(skip_locked=True)
        )
        if len(found) >= most:
            break
    return found


def _expire(session: Session, now: datetime) -> None:
    session.execute(
        update(Delivery).where(_QUEUED, col(Delivery.expires_at) <= now).values(state="expired")
    )


def _set(session: Session, parcel: Parcel, values: dict[str, Any]) -> None:
    """Change a delivery that is still ours: the conditional UPDATE passes over a lost claim."""
    session.execute(update(Delivery).where(*_is_ours(parcel)).values(**values))


def _is_ours(parcel: Parcel) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.id) == parcel.delivery_id,
        col(Delivery.attempts) == parcel.attempts,
        _SENDING,
    )


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
