"""Who is who in a unit: whom to tell, whom to ask, whom a task may be given to."""

from collections.abc import Sequence

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.core.dialogue import MANAGER, OWNER, REGIONAL
from bot.people.tables import Person, Role, Unit


def people_of(session: Session, unit_id: int, *kinds: str) -> list[Person]:
    """Return who holds one of these roles in a unit, by name; those who said stop too."""
    holders = select(Role.person_id).where(Role.unit_id == unit_id, col(Role.kind).in_(kinds))
    return _named(session, holders)


def owners(session: Session) -> list[Person]:
    """Return the owners, by name."""
    return _named(session, select(Role.person_id).where(Role.kind == OWNER))


def in_charge(session: Session, unit_id: int) -> list[Person]:
    """Return the managers of a unit who can be reached; where there are none, who is above."""
    managers = [one for one in people_of(session, unit_id, MANAGER) if one.state == "active"]
    return managers or above(session, unit_id)


def above(session: Session, unit_id: int) -> list[Person]:
    """Return who stands above a unit's managers and can be reached.

    These are the regional managers of the nearest region that has any, else the owners.
    """
    for region_id in (unit_id, *_regions_over(session, unit_id)):
        found = [one for one in people_of(session, region_id, REGIONAL) if one.state == "active"]
        if found:
            return found
    return [one for one in owners(session) if one.state == "active"]


def unit_name(session: Session, unit_id: int) -> str:
    """Return the name of a unit."""
    return session.get_one(Unit, unit_id).name


def person_name(session: Session, person_id: int | None) -> str:
    """Return a person's name, empty for somebody who is gone."""
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person else ""


def holds(session: Session, person_id: int, unit_id: int, kinds: Sequence[str]) -> bool:
    """Tell whether a person holds one of these roles in a unit at this moment.

    A regional manager counts as a manager of the units of the region.
    """
    query = select(Role.id).where(
        Role.person_id == person_id, Role.unit_id == unit_id, col(Role.kind).in_(kinds)
    )
    if session.exec(query).first() is not None:
        return True
    if MANAGER not in kinds:
        return False
    over = [unit_id, *_regions_over(session, unit_id)]
    leads = select(Role.id).where(
        Role.person_id == person_id, col(Role.unit_id).in_(over), Role.kind == REGIONAL
    )
    return session.exec(leads).first() is not None


def _regions_over(session: Session, unit_id: int) -> list[int]:
    """Return what a unit lies in, the nearest first."""
    over: list[int] = []
    unit = session.get(Unit, unit_id)
    while unit is not None and unit.parent_id is not None:
        over.append(unit.parent_id)
        unit = session.get(Unit, unit.parent_id)
    return over


def _named(session: Session, holders: SelectOfScalar[int]) -> list[Person]:
    query = select(Person).where(col(Person.id).in_(holders)).order_by(col(Person.id))
    return sorted(session.exec(query), key=lambda one: one.name)  # names are sealed
