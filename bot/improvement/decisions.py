"""What managers decided about suggested fixes: taken, not ours. The first decision wins.

A decision stands for a while: a taken fix while its action is under way and until the day on which
one looks whether it worked, a "not ours" for a quarter, or until the gap has grown. After that the
fix may be suggested, and decided about, again.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlmodel import Session, col

from bot.analysis.kept import points_of
from bot.core.database import insert_into
from bot.improvement.tables import Action, FixDecision
from bot.people.tables import Person
from bot.surveys.definition import POINTS
from gapengine.scale import Scale

TAKEN, NOT_OURS, DONE = "taken", "not_ours", "done"
REMEMBERED = timedelta(days=91)
"""How long a fix that is "not ours" is not suggested again."""
CHECK_AFTER = timedelta(days=42)
"""When one looks whether a fix worked: six weeks after it was taken."""

GROWN = 0.3
"""By how many points of seven a gap has to grow before its "not ours" fix is suggested again."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it stands: whose it is and since when; ``by`` is empty for an erased person."""

    fix: str
    state: str
    by: str
    person_id: int | None
    on: date
    check_on: date | None
    reason: str = ""
    gap: str = ""
    dimension: str = ""
    estimate: float | None = None
    points: int = POINTS


def decide(  # noqa: PLR0913 - a decision has this many parts, each given by name
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
    check_after: timedelta = CHECK_AFTER,
    estimate: float | None = None,
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
            check_on=(now + check_after).date() if state == TAKEN else None,
            reason="",
            estimate=estimate,
            points=points_of(session, report_id),
        )
        .on_conflict_do_nothing()
        .returning(col(FixDecision.id))
    )
    return made.first() is not None


def has_grown(then: float, now: float, points: int = POINTS) -> bool:
    """Tell whether a gap is clearly larger than at the decision; one that turned grew from zero.

    Both are on a scale of so many ``points``.
    """
    before = abs(then) if then * now > 0 else 0.0
    return abs(now) - before >= Scale(points).of_seven(GROWN) - 1e-9


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
        Decided(
            fix=one.fix,
            state=one.state,
            by=name or "",
            person_id=one.person_id,
            on=one.decided_at.date(),
            check_on=one.check_on,
            reason=one.reason,
            gap=one.gap,
            dimension=one.dimension,
            estimate=one.estimate,
            points=one.points,
        )
        for one, name in rows
    ]


def standing_on(session: Session, unit_id: int, fix: str, *, today: date) -> Decided | None:
    """Return the decision that stands on a fix, if there is one."""
    return next((one for one in standing(session, unit_id, today) if one.fix == fix), None)


def give_reason(session: Session, unit_id: int, fix: str, *, reason: str) -> bool:
    """Note why a fix is not ours; False when that does not stand any more."""
    mine = (*_open(unit_id, fix), col(FixDecision.state) == NOT_OURS)
    return _set(session, mine, reason=reason)


def set_aside(session: Session, unit_id: int, fix: str) -> bool:
    """End a "not ours" before its time, because the gap has grown since."""
    mine = (*_open(unit_id, fix), col(FixDecision.state) == NOT_OURS)
    return _set(session, mine, state=DONE)


def turn_down(
    session: Session,
    unit_id: int,
    fix: str,
    *,
    reason: str,
    person_id: int,
    now: datetime,
) -> bool:
    """Make "not ours" of a fix that was taken and given up."""
    return _set(
        session,
        _open(unit_id, fix),
        state=NOT_OURS,
        reason=reason,
        person_id=person_id,
        decided_at=now,
        check_on=None,
    )


def take_again(session: Session, unit_id: int, fix: str, *, check_on: date | None) -> bool:
    """Make a taken fix of one that was given up."""
    return _set(session, _open(unit_id, fix), state=TAKEN, reason="", check_on=check_on)


def move_check(session: Session, unit_id: int, fix: str, *, check_on: date | None) -> bool:
    """Look at the effect of a taken fix on another day."""
    return _set(session, _open(unit_id, fix), check_on=check_on)


def _open(unit_id: int, fix: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(FixDecision.unit_id) == unit_id,
        col(FixDecision.fix) == fix,
        col(FixDecision.state) != DONE,
    )


def _set(session: Session, where: tuple[ColumnElement[bool], ...], **values: Any) -> bool:
    result = session.execute(update(FixDecision).where(*where).values(**values))
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _lapsed(today: date) -> ColumnElement[bool]:
    return or_(
        and_(col(FixDecision.state) == TAKEN, col(FixDecision.check_on) < today, ~_is_under_way()),
        and_(
            col(FixDecision.state) == NOT_OURS,
            col(FixDecision.decided_at) < _midnight(today - REMEMBERED),
        ),
    )


def _is_under_way() -> ColumnElement[bool]:
    return exists().where(
        col(Action.unit_id) == col(FixDecision.unit_id),
        col(Action.fix) == col(FixDecision.fix),
        col(Action.state).in_(("open", "proposed")),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _close_lapsed(session: Session, unit_id: int, today: date) -> None:
    session.execute(
        update(FixDecision)
        .where(col(FixDecision.unit_id) == unit_id, col(FixDecision.state) != DONE, _lapsed(today))
        .values(state=DONE)
    )
