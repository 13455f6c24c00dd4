"""When a digest is due and to whom: rows that promise one, unique per unit, person and occasion."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import Session, col

from bot.core.clock import monday_of
from bot.core.database import insert_into
from bot.core.dialogue import MANAGER, OWNER, REGIONAL
from bot.core.schedule import local_day, local_to_utc
from bot.digests.tables import Digest
from bot.people import roster
from bot.people.door import identity_of
from bot.people.registry import the_organisation
from bot.people.tables import OPEN, UNIT, Person, Role, Unit
from bot.people.tree import Tree, read_tree

DAYS_TO_CATCH_UP = 1
"""After a Monday without the bot the digest comes on Tuesday; later it is left out."""
DAYTIME = timedelta(hours=12)
"""How long after its hour a digest may still go out on a day: so it never comes at night."""
MOST_TRIES = 5
_FIRST_PAUSE = timedelta(minutes=5)
_ROWS_AT_ONCE = 500
_WAITING = and_(col(Digest.report_id).is_(None), col(Digest.tries) < MOST_TRIES)


class Reader(NamedTuple):
    """Somebody who reads the digest of a unit, and the zones of both."""

    unit_id: int
    unit_zone: str | None
    person_id: int
    person_zone: str | None


def promise_mondays(session: Session, now: datetime, *, hour: int) -> int:
    """Promise the digest of the week that ended to everybody whose Monday morning it is."""
    monday = _monday_of_somewhere(now.date())
    if monday is None:
        return 0
    home = the_organisation(session).zone

    @cache
    def has_come(zone: str) -> bool:
        return _is_due(monday, now, zone=zone, hour=hour)

    rows = [
        _row(
            reader.unit_id,
            reader.person_id,
            occasion=monday.isoformat(),
            last_week=monday - timedelta(days=7),
            now=now,
        )
        for reader in _unserved(session, monday, now)
        if has_come(reader.person_zone or reader.unit_zone or home)
    ]
    return _insert(session, rows)


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
    row = _row(unit_id, person_id, occasion=occasion, last_week=last_week, now=now)
    return _insert(session, [row])


def readers(session: Session, unit_id: int) -> list[Person]:
    """Return who reads the digest of a unit: its managers, else who stands above it; of a region
    its regional managers, else who stands above them."""
    return roster.in_charge(session, unit_id)


def may_read(session: Session, person_id: int, unit_id: int) -> bool:
    """Tell whether the figures of a unit or region are open to a person at this moment."""
    who = identity_of(session, person_id)
    return who is not None and who.may_count(unit_id)


def unprepared(session: Session, most: int = 50) -> list[Digest]:
    """Return digests that were promised and are not made or given up yet, the oldest first."""
    return list(
        session.scalars(select(Digest).where(_WAITING).order_by(col(Digest.id)).limit(most))
    )


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether a digest waits to be made."""
    return bool(session.scalar(select(exists().where(_WAITING, col(Digest.retry_at) <= now))))


def claim(session: Session, now: datetime, most: int = 100) -> list[Digest]:
    """Reserve digests to be made, the oldest first; nobody else makes them before ``retry_at``."""
    waiting = list(
        session.scalars(
            select(Digest)
            .where(_WAITING, col(Digest.retry_at) <= now)
            .order_by(col(Digest.id))
            .limit(most)
            .with_for_update(skip_locked=True)
        )
    )
    for digest in waiting:
        digest.retry_at = now + _FIRST_PAUSE * 2**digest.tries
        digest.tries += 1
    session.flush()
    return waiting


def _row(
    unit_id: int, person_id: int, *, occasion: str, last_week: date | None, now: datetime
) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "person_id": person_id,
        "occasion": occasion,
        "last_week": last_week,
        "planned_at": now,
        "picture": "",
        "tries": 0,
        "retry_at": now,
    }


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    new = 0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        statement = insert_into(session, Digest).values(rows[start : start + _ROWS_AT_ONCE])
        made = statement.on_conflict_do_nothing().returning(col(Digest.id))
        new += len(session.execute(made).all())
    return new


def _unserved(session: Session, monday: date, now: datetime) -> Iterator[Reader]:
    """Everybody who reads a digest each week and has not been promised this one.

    Managers read that of their units, regional managers that of their region. Owners read those of
    units that nobody else reads: without a manager, and in no region that somebody leads; and that
    of the region in which everything lies.
    """
    manages = and_(col(Role.kind).in_((MANAGER, REGIONAL)), col(Role.unit_id) == col(Unit.id))
    managed = (
        exists()
        .where(manages, col(Person.id) == col(Role.person_id), col(Person.state) == "active")
        .correlate(Unit)
    )
    occasion = monday.isoformat()
    for row in session.execute(_unserved_by(manages, occasion, now)):
        yield Reader(*row)
    tree = read_tree(session)
    whole = tree.whole()
    over_all = and_(col(Role.kind) == OWNER, col(Unit.id) == whole)
    for row in session.execute(_unserved_by(over_all, occasion, now)) if whole else ():
        yield Reader(*row)
    led = _units_that_are_led(session, tree)
    of_units = and_(col(Role.kind) == OWNER, ~managed, col(Unit.kind) == UNIT)
    for row in session.execute(_unserved_by(of_units, occasion, now)):
        if row[0] not in led:
            yield Reader(*row)


def _units_that_are_led(session: Session, tree: Tree) -> set[int]:
    """Return what lies in a region that somebody leads who can be reached."""
    regions = session.scalars(
        select(col(Role.unit_id))
        .join(Person, col(Person.id) == col(Role.person_id))
        .where(col(Role.kind) == REGIONAL, col(Person.state) == "active")
    ).all()
    return {unit_id for region in regions if region for unit_id in tree.below(region)}


def _unserved_by(role_fits: ColumnElement[bool], occasion: str, now: datetime) -> Any:
    served = exists().where(
        col(Digest.unit_id) == col(Unit.id),
        col(Digest.person_id) == col(Person.id),
        col(Digest.occasion) == occasion,
    )
    return (
        select(col(Unit.id), col(Unit.zone), col(Person.id), col(Person.zone))
        .select_from(Unit)
        .join(Role, role_fits)
        .join(Person, col(Person.id) == col(Role.person_id))
        .where(
            col(Unit.state) == OPEN,
            col(Person.state) == "active",
            or_(col(Person.paused_until).is_(None), col(Person.paused_until) <= now),
            ~served,
        )
        .order_by(col(Unit.id), col(Person.id))
    )


def _monday_of_somewhere(today: date) -> date | None:
    """Return the Monday whose digest may be due in some zone, seen from a date in UTC."""
    near = (today + timedelta(days=days) for days in (-1, 0, 1))
    return next((monday_of(day) for day in near if day.weekday() <= DAYS_TO_CATCH_UP), None)


def _is_due(monday: date, now: datetime, *, zone: str, hour: int) -> bool:
    """Tell whether the digest of a Monday may go out now: from its hour on, not at night."""
    today = local_day(now, zone)
    begins = local_to_utc(today, time(hour), zone)
    return 0 <= (today - monday).days <= DAYS_TO_CATCH_UP and begins <= now < begins + DAYTIME
