"""What managers decided about suggested fixes: taken, not ours. The first decision wins.

A decision stands for a while: a taken fix until the day on which one looks whether it worked, a
"not ours" for a quarter. After that the fix may be suggested, and decided about, again.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.improvement.tables import FixDecision
from bot.people.tables import Person

TAKEN, NOT_OURS, DONE = "taken", "not_ours", "done"
REMEMBERED = timedelta(days=91)
"""How long a fix that is "not ours" is not suggested again."""
CHECK_AFTER = timedelta(days=42)
"""When one looks whether a fix worked: six weeks after it was taken."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it stands: whose it is and since when; ``by`` is empty for an erased person."""

    fix: str
    state: str
    by: str
    person_id: int | None
    on: date
    check_on: date | None


def decide(
    session: Session,
    *,
    unit_id: int,
    fix: str,
    gap: str,
    dimension: str,
    state: str,
    person_id: int,
    report_id: int | None,
    now: datetime,
) -> bool:
    """Note a decision; return False when one on this fix stands in this unit already.

    The unique index is the lock: of two managers who press at once one makes the row.
    """
    _close_lapsed(session, unit_id, now.date())
    made = session.execute(
        insert_into(session, FixDecision)
        .values(
            unit_id=unit_id,
            fix=fix,
            gap=gap,
            dimension=dimension,
            state=state,
            person_id=person_id,
            decided_at=now,
            report_id=report_id,
            check_on=(now + CHECK_AFTER).date() if state == TAKEN else None,
        )
        .on_conflict_do_nothing()
        .returning(col(FixDecision.id))
    )
    return made.first() is not None


def undo(session: Session, *, unit_id: int, fix: str, person_id: int) -> bool:
    """Take a decision back: "not ours" by anybody who may see the unit, a taken fix by its taker.

    Returns False when no such decision stands.
    """
    result = session.execute(
        delete(FixDecision).where(
            col(FixDecision.unit_id) == unit_id,
            col(FixDecision.fix) == fix,
            or_(
                col(FixDecision.state) == NOT_OURS,
                and_(col(FixDecision.state) == TAKEN, col(FixDecision.person_id) == person_id),
            ),
        )
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def standing(session: Session, unit_id: int, today: date) -> list[Decided]:
    """Return what stands decided in a unit on this day, the newest first."""
    rows = session.execute(
        select(FixDecision, col(Person.name))
        .join(Person, col(Person.id) == col(FixDecision.person_id), isouter=True)
        .where(
            col(FixDecision.unit_id) == unit_id,
            col(FixDecision.state) != DONE,
            ~_lapsed(today),
        )
        .order_by(col(FixDecision.decided_at).desc(), col(FixDecision.id).desc())
    )
    return [
        Decided(one.fix, one.state, name or "", one.person_id, one.decided_at.date(), one.check_on)
        for one, name in rows
    ]


def standing_on(session: Session, unit_id: int, fix: str, *, today: date) -> Decided | None:
    """Return the decision that stands on a fix, if there is one."""
    return next((one for one in standing(session, unit_id, today) if one.fix == fix), None)


def _lapsed(today: date) -> ColumnElement[bool]:
    return or_(
        and_(col(FixDecision.state) == TAKEN, col(FixDecision.check_on) < today),
        and_(
            col(FixDecision.state) == NOT_OURS,
            col(FixDecision.decided_at) < _midnight(today - REMEMBERED),
        ),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _close_lapsed(session: Session, unit_id: int, today: date) -> None:
    session.execute(
        update(FixDecision)
        .where(col(FixDecision.unit_id) == unit_id, col(FixDecision.state) != DONE, _lapsed(today))
        .values(state=DONE)
    )
