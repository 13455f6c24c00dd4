"""The cases of one person, for those who look at a customer's history: no words are shown."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from bot.cases.tables import Case
from bot.cases.words import STATES
from bot.core.schedule import local_day
from bot.crm.desk import CaseLine
from bot.people.tables import Unit
from bot.registers.desk import zone_for

MOST = 10


def cases_of(session: Session, person_id: int, units: Sequence[int] | None) -> list[CaseLine]:
    """Return a person's cases with these units, with all where None is given, newest first.

    Who withdrew a case is no longer in it, so it is not found here either.
    """
    query = (
        select(Case, col(Unit.name))
        .join(Unit, col(Unit.id) == col(Case.unit_id))
        .where(col(Case.person_id) == person_id)
        .order_by(col(Case.opened_at).desc())
        .limit(MOST)
    )
    if units is not None:
        query = query.where(col(Case.unit_id).in_(units))
    return [
        CaseLine(
            number=one.id or 0,
            unit=name,
            opened_on=local_day(one.opened_at, zone_for(session, one.unit_id)),
            state=STATES[one.state],
        )
        for one, name in session.execute(query)
    ]
