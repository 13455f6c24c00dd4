"""A person's wishes in the database: read, and changed one by one, each change on record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.database import insert_into
from bot.core.dialogue import Turn
from bot.people.registry import find_organisation
from bot.people.tables import Person, Unit
from bot.people.zones import zone_of
from bot.reach.budget import Limit, loosest
from bot.reach.desk import ReachDesk
from bot.reach.tables import Wish

_EMPTY = {"weekdays": "", "shift_days": "", "unheard": 0, "look": ""}


def wish_of(session: Session, person_id: int) -> Wish:
    """Return what somebody wishes; without a row, what holds for everybody."""
    return session.get(Wish, person_id) or Wish(person_id=person_id)


def change(turn: Turn, **values: Any) -> None:
    """Change some of a person's own wishes."""
    person_id = turn.known.person_id
    turn.session.execute(
        insert_into(turn.session, Wish)
        .values(person_id=person_id, **(_EMPTY | values))
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
    turn.session.expire_all()
    _record(turn, "wish.changed", " ".join(sorted(values)))


def pause(turn: Turn, until: datetime | None) -> None:
    """Ask nothing of this person until a moment; None ends a break and an absence."""
    person_id = turn.known.person_id
    turn.session.execute(
        update(Person).where(col(Person.id) == person_id).values(paused_until=until)
    )
    turn.session.expire_all()
    _record(turn, "wish.paused" if until else "wish.resumed")


def set_zone(turn: Turn, zone: str) -> None:
    """Keep whose clock counts for this person."""
    person_id = turn.known.person_id
    turn.session.execute(update(Person).where(col(Person.id) == person_id).values(zone=zone))
    turn.session.expire_all()
    _record(turn, "wish.changed", "zone")


def zone_for(turn: Turn) -> str:
    """Return whose clock counts for this person: theirs, their first unit's, the organisation's."""
    person = turn.session.get(Person, turn.known.person_id)
    units = [unit for _, unit in turn.known.roles if unit is not None]
    unit = turn.session.get(Unit, units[0]) if units else None
    return zone_of(person, unit, find_organisation(turn.session))


def budget_of(desk: ReachDesk, roles: Sequence[str], days_apart: int | None = None) -> Limit:
    """Return what somebody with these roles is asked at most."""
    limits = [desk.limit_of(role) for role in dict.fromkeys(roles)] or [desk.limit]
    return loosest(limits).spaced(days_apart)


def _record(turn: Turn, what: str, detail: str = "") -> None:
    person_id = turn.known.person_id
    audit.record(
        turn.session,
        what,
        now=turn.now,
        subject=f"person {person_id}",
        person_id=person_id,
        detail=detail,
    )
