"""Reading the record of who changed or saw what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.dialogue import OWNER, Identity
from bot.core.tables import AuditEntry
from bot.people.audit_words import BY_THE_CLOCK, HOURLESS
from bot.people.registry import find_organisation
from bot.people.tables import Person, Unit
from bot.people.zones import zone_of

PER_PAGE = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is shown: local day, local time or nothing, who, what, where.

    ``name`` is empty for the clock (``by_clock``) and for somebody who is not named.
    """

    day: date
    time: str
    name: str
    by_clock: bool
    what: str
    subject: str
    detail: str
    unit: str


def entries(
    session: Session, who: Identity, *, unit_id: int | None, page: int
) -> tuple[Sequence[AuditEntry], bool]:
    """Return one page of what this person may see, newest first, and whether more follow.

    ``unit_id`` None is everything that is open to them: to an owner all, to a manager their units.
    """
    query = select(AuditEntry).order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
    if unit_id is not None:
        query = query.where(col(AuditEntry.unit_id) == unit_id)
    if not who.has(OWNER):
        query = query.where(col(AuditEntry.unit_id).in_(who.units("manager")))
    found = session.scalars(query.offset(page * PER_PAGE).limit(PER_PAGE + 1)).all()
    return found[:PER_PAGE], len(found) > PER_PAGE


def lines_of(session: Session, who: Identity, found: Sequence[AuditEntry]) -> list[Line]:
    """Return entries as this person reads them, by their own clock."""
    reader, organisation = session.get(Person, who.person_id), find_organisation(session)
    lines = []
    for one in found:
        unit = session.get(Unit, one.unit_id) if one.unit_id is not None else None
        person = session.get(Person, one.person_id) if one.person_id is not None else None
        hidden = person is None and one.what in HOURLESS
        shown = one.at.astimezone(ZoneInfo(zone_of(reader, unit, organisation)))
        lines.append(
            Line(
                day=one.at.date() if hidden else shown.date(),
                time="" if hidden else f"{shown:%H:%M}",
                name=person.name if person else "",
                by_clock=person is None and one.what in BY_THE_CLOCK,
                what=one.what,
                subject=one.subject,
                detail=one.detail,
                unit=unit.name if unit else "",
            )
        )
    return lines
