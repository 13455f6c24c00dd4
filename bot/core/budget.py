"""The one clock by which all processes share Telegram's rate.

One row holds when the next call may be made (GCRA: each call takes the next slot of ``1 / rate``
seconds). Whoever claims locks the row, takes slots, and moves it on in the same transaction.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.core.tables import SendBudget

_CLOCK_WENT_BACK = timedelta(seconds=60)


def first_slot(session: Session, now: datetime, *, longest: timedelta) -> datetime:
    """Lock the budget and return when the next call may be made.

    A slot further ahead than ``longest`` and a minute was given by a clock that has gone back
    since, and does not count.
    """
    row = _locked(session)
    free, paused = _moment(row.next_free), _moment(row.paused_until)
    if free - now > _CLOCK_WENT_BACK + longest:
        free = now
    return max(free, paused, now)


def use_until(session: Session, moment: datetime) -> None:
    """Give away all slots before this moment."""
    session.execute(update(SendBudget).values(next_free=_microseconds(moment)))


def pause(session: Session, until: datetime) -> None:
    """Give nobody a slot before that time."""
    value = _microseconds(until)
    session.execute(
        update(SendBudget).where(col(SendBudget.paused_until) < value).values(paused_until=value)
    )


def _locked(session: Session) -> SendBudget:
    statement = select(SendBudget).with_for_update().execution_options(populate_existing=True)
    row = session.scalar(statement)
    if row is None:
        values = {"id": 1, "next_free": 0, "paused_until": 0}
        session.execute(insert_into(session, SendBudget).values(values).on_conflict_do_nothing())
        row = session.scalars(statement).one()
    return row


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
