"""When a digest is due and to whom: rows that promise one, unique per unit, person and occasion."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.clock import monday_of
from bot.core.database import insert_into
from bot.core.dialogue import MANAGER, OWNER
from bot.core.schedule import local_to_utc
from bot.digests.tables import Digest
from bot.people.registry import the_organisation
from bot.people.tables import Person, Role, Unit
from bot.people.zones import zone_of

STILL_MONDAY = timedelta(hours=24)
"""How late a Monday digest may be planned; after that it is left out rather than come late."""


def promise_mondays(session: Session, now: datetime, *, hour: int) -> int:
    """Promise the digest of the week that ended to everybody whose Monday morning it is."""
    organisation = the_organisation(session)
    promised = 0
    for unit in session.scalars(select(Unit)):
        for person in readers(session, unit.id or 0):
            zone = zone_of(person, unit, organisation)
            monday = _monday_morning(now, zone, hour)
            if monday is not None:
                promised += promise(
                    session,
                    unit_id=unit.id or 0,
                    person_id=person.id or 0,
                    occasion=monday.isoformat(),
                    last_week=monday - timedelta(days=7),
                    now=now,
                )
    return promised


def promise(
    session: Session,
    *,
    unit_id: int,
    person_id: int,
    occasion: str,
    last_week: date | None,
    now: datetime,
) -> int:
    """Promise one digest; return 0 when this occasion has its digest already.

    ``last_week`` is the Monday of the last week it looks at; None is the latest with answers.
    """
    result = session.execute(
        insert_into(session, Digest)
        .values(
            unit_id=unit_id,
            person_id=person_id,
            occasion=occasion,
            last_week=last_week,
            planned_at=now,
            picture="",
        )
        .on_conflict_do_nothing()
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def readers(session: Session, unit_id: int) -> list[Person]:
    """Return who reads the digest of a unit: its managers, or the owners where it has none."""
    managers = list(_active(session, MANAGER, unit_id))
    return managers or list(_active(session, OWNER, None))


def unprepared(session: Session, most: int = 50) -> list[Digest]:
    """Return digests that were promised and are not yet made, the oldest first."""
    return list(
        session.scalars(
            select(Digest)
            .where(col(Digest.report_id).is_(None))
            .order_by(col(Digest.id))
            .limit(most)
        )
    )


def _active(session: Session, kind: str, unit_id: int | None) -> Iterator[Person]:
    query = (
        select(Person)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(col(Role.kind) == kind, col(Person.state) == "active")
        .order_by(col(Person.id))
    )
    if unit_id is not None:
        query = query.where(col(Role.unit_id) == unit_id)
    yield from session.scalars(query)


def _monday_morning(now: datetime, zone: str, hour: int) -> date | None:
    """Return this week's Monday where its morning has come in this zone, and not long ago."""
    for day in (now.date(), now.date() - timedelta(days=1), now.date() + timedelta(days=1)):
        if monday_of(day) == day:
            moment = local_to_utc(day, time(hour), zone)
            return day if moment <= now < moment + STILL_MONDAY else None
    return None
