"""What managers decided about suggested fixes: taken, not ours, done. First decision wins."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
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
    """A decision as it stands: whose it is and since when."""

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
    """Note a decision; return False when the unit has an open one on this fix already."""
    _forget_old_refusal(session, unit_id, fix, now.date())
    result = session.execute(
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
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def finish(session: Session, *, unit_id: int, fix: str) -> bool:
    """Mark a taken fix as done; return False when it was not open."""
    result = session.execute(
        update(FixDecision)
        .where(
            col(FixDecision.unit_id) == unit_id,
            col(FixDecision.fix) == fix,
            col(FixDecision.state) == TAKEN,
        )
        .values(state=DONE)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def reconsider(session: Session, *, unit_id: int, fix: str) -> bool:
    """Take back a "not ours"; return False when there was none."""
    result = session.execute(
        update(FixDecision)
        .where(
            col(FixDecision.unit_id) == unit_id,
            col(FixDecision.fix) == fix,
            col(FixDecision.state) == NOT_OURS,
        )
        .values(state=DONE)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def decision(session: Session, unit_id: int, fix: str) -> Decided | None:
    """Return the open decision on a fix, if there is one."""
    return next((one for one in open_decisions(session, unit_id) if one.fix == fix), None)


def open_decisions(session: Session, unit_id: int) -> list[Decided]:
    """Return what stands decided in a unit, the newest first."""
    rows = session.execute(
        select(FixDecision, col(Person.name))
        .join(Person, col(Person.id) == col(FixDecision.person_id), isouter=True)
        .where(col(FixDecision.unit_id) == unit_id, col(FixDecision.state) != DONE)
        .order_by(col(FixDecision.decided_at).desc(), col(FixDecision.id).desc())
    )
    return [
        Decided(one.fix, one.state, name or "", one.person_id, one.decided_at.date(), one.check_on)
        for one, name in rows
    ]


def settled(session: Session, unit_id: int, today: date) -> frozenset[str]:
    """Return the fixes not to suggest: those under way, and "not ours" within the last quarter."""
    return frozenset(
        one.fix
        for one in open_decisions(session, unit_id)
        if one.state == TAKEN or one.on > today - REMEMBERED
    )


def _forget_old_refusal(session: Session, unit_id: int, fix: str, today: date) -> None:
    standing = decision(session, unit_id, fix)
    if standing and standing.state == NOT_OURS and standing.on <= today - REMEMBERED:
        reconsider(session, unit_id=unit_id, fix=fix)
