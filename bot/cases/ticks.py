"""What the clock does about cases: tell owners of late ones, ask whether it is settled, forget."""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from bot.cases import cases
from bot.cases.desk import CaseDesk
from bot.cases.tables import Case
from bot.cases.telling import tell
from bot.core import audit
from bot.core.dialogue import CUSTOMER
from bot.core.i18n import N_
from bot.core.logs import Events
from bot.core.rows import change_row
from bot.people import roster
from bot.people.tables import Unit
from bot.reach import contact
from bot.reach.contact import Occasion
from bot.reach.moments import Times

_log = Events("gapbot.cases")

WHAT = "settled"
"""How this is called where everything is counted that people are asked."""

LATER = timedelta(days=1)
"""How long after those above its managers the owners hear of an overdue case."""

GIVEN_UP_AFTER = timedelta(days=30)
"""When nobody is asked any more whether a closed case is settled."""


def escalate(session: Session, now: datetime, desk: CaseDesk) -> int:
    """Tell of cases in which nobody has answered in time, once for each due time and level.

    First who is above the unit's managers hears of it: its regional managers, else the owners;
    then, a day later, the owners where they have not heard yet. ``escalated_for`` is the due time
    of the level that was told last.
    """
    late = session.scalars(
        select(Case).where(
            col(Case.state).in_(cases.OURS),
            col(Case.due_at) <= now,
            or_(
                col(Case.escalated_for).is_(None),
                col(Case.escalated_for) < col(Case.due_at),
                and_(col(Case.escalated_for) == col(Case.due_at), col(Case.due_at) <= now - LATER),
            ),
        )
    ).all()
    told = 0
    for one in late:
        same = col(Case.due_at) == one.due_at
        again = one.escalated_for == one.due_at
        level = one.due_at + LATER if again else one.due_at
        if not _claim(session, one, col(Case.state).in_(cases.OURS), same, escalated_for=level):
            continue
        above = {person.id for person in roster.above(session, one.unit_id)}
        to = [person.id for person in roster.owners(session) if person.id not in above]
        if again and not to:
            continue
        told += tell(
            session,
            desk,
            one,
            "cases/overdue.html",
            to=to if again else above,
            occasion=f"overdue:{level:%Y%m%d%H%M%S}",
            now=now,
            offers=[[(N_("Open it"), f"cso:{one.id}")]],
            owner=roster.person_name(session, one.owner_id),
        )
        audit.record(
            session, "case.overdue", now=now, subject=f"case {one.id}", unit_id=one.unit_id
        )
        _log.info("case.overdue", case=one.id)
    return told


def ask_whether_settled(session: Session, now: datetime, desk: CaseDesk) -> int:
    """Ask customers, a week after their case was closed, whether it is settled; once."""
    due = session.scalars(
        select(Case).where(
            col(Case.state) == cases.CLOSED,
            col(Case.closed_at) <= now - desk.ask_after,
            col(Case.asked_at).is_(None),
            col(Case.settled).is_(None),
            col(Case.person_id).is_not(None),
        )
    ).all()
    asked = 0
    for one in due:
        occasion = _occasion(session, one, now)
        due_at = contact.ask(session, desk.reach, occasion, one.person_id or 0, now=now)
        if due_at is None and not _is_given_up(one, now):
            continue
        if not _claim(session, one, col(Case.state) == cases.CLOSED, asked_at=now):
            continue
        asked += due_at is not None and tell(
            session,
            desk,
            one,
            "cases/is_it_settled.html",
            to=[one.person_id],
            occasion=f"settled:{now:%Y%m%d%H%M%S}",
            now=due_at,
            offers=[
                [
                    (N_("It is settled"), f"css:{one.id}:y"),
                    (N_("It is not settled"), f"css:{one.id}:n"),
                ]
            ],
        )
    return asked


def _occasion(session: Session, one: Case, now: datetime) -> Occasion:
    return Occasion(
        what=WHAT,
        role=CUSTOMER,
        unit=session.get_one(Unit, one.unit_id),
        times=Times(until=now + timedelta(days=7)),
    )


def _is_given_up(one: Case, now: datetime) -> bool:
    return one.closed_at is not None and one.closed_at + GIVEN_UP_AFTER <= now


def forget_old(session: Session, now: datetime, desk: CaseDesk) -> int:
    """Delete the texts of cases that were closed long ago; for the hourly tick."""
    return cases.forget(session, now, desk.kept)


def _claim(session: Session, one: Case, *conditions: object, **values: datetime) -> bool:
    """Note what is done now; False where another process did it since the row was read."""
    return change_row(
        session,
        one,
        col(Case.escalated_for).is_not_distinct_from(one.escalated_for),
        col(Case.asked_at).is_not_distinct_from(one.asked_at),
        *conditions,
        **values,
    )
