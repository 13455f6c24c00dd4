"""Deliveries in hand: claimed by lane, then by due time, composed, and settled once they are made.

All processes share one budget; what a dead one had claimed is freed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, exists, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from bot.core import budget
from bot.core.dialogue import Call
from bot.core.logs import Events
from bot.core.outbox import (
    QUEUED,
    SENDING,
    Addresses,
    Composer,
    Lane,
    Recipient,
    Waits,
    exists_due,
    nobody_waits,
)
from bot.core.tables import Delivery

_log = Events("gapbot.outbox")

CALL = timedelta(seconds=25)  # what one call may take
CLAIM = timedelta(seconds=10)  # beyond its calls: then a dead process's rows return
_AHEAD = timedelta(seconds=1)  # slots are given away at most so early


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
        .where(QUEUED, col(Delivery.person_id) == parcel.person_id)
        .values(state="blocked", note="blocked the bot")
    )


def put_back(session: Session, parcel: Parcel, *, due_at: datetime, step: int, note: str) -> None:
    """Queue a delivery again, to go on with call number ``step`` at that time."""
    values = {"state": "queued", "due_at": due_at, "step": step, "note": note[:200]}
    _set(session, parcel, values | {"claimed_until": None})


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
    stale = [SENDING]
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


def _has_work(session: Session, now: datetime) -> bool:
    """Look without locking anything: most of the time nothing is due."""
    stale = exists().where(SENDING, col(Delivery.claimed_until) < now)
    return bool(session.scalar(select(or_(exists_due(now), stale))))


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
            .where(QUEUED, col(Delivery.lane) == int(lane), col(Delivery.due_at) <= now)
            .order_by(col(Delivery.due_at), col(Delivery.id))
            .limit(most - len(found))
            .with_for_update(skip_locked=True)
        )
        if len(found) >= most:
            break
    return found


def _expire(session: Session, now: datetime) -> None:
    session.execute(
        update(Delivery).where(QUEUED, col(Delivery.expires_at) <= now).values(state="expired")
    )


def _set(session: Session, parcel: Parcel, values: dict[str, Any]) -> None:
    """Change a delivery that is still ours: the conditional UPDATE passes over a lost claim."""
    session.execute(update(Delivery).where(*_is_ours(parcel)).values(**values))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def _is_ours(parcel: Parcel) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.id) == parcel.delivery_id,
        col(Delivery.attempts) == parcel.attempts,
        SENDING,
    )
