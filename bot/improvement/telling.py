"""Notices about actions: to whom they go, and not at night."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.core.dialogue import MANAGER, PARTNER, STAFF
from bot.core.notices import Offers, notify
from bot.improvement.desk import ActionDesk, kind_moment, zone_for
from bot.improvement.tables import Action
from bot.people import roster
from bot.people.tables import Person

WORKERS = (MANAGER, STAFF, PARTNER)


def tell(
    session: Session,
    desk: ActionDesk,
    action: Action,
    template: str,
    *,
    to: Iterable[int | None],
    occasion: str,
    now: datetime,
    offers: Offers = (),
    pictures: Mapping[str, str] | None = None,
    **values: Any,
) -> int:
    """Promise a message about an action to each of these people who may be written to.

    Nobody hears twice of the same ``occasion``. ``pictures`` names a kept chart by language.
    Returns how many were promised one.
    """
    promised = 0
    for person_id in dict.fromkeys(to):
        person = session.get(Person, person_id) if person_id is not None else None
        if person is None or not is_concerned(session, person, action.unit_id):
            continue
        zone = zone_for(session, person_id, action.unit_id)
        promised += notify(
            session,
            person.id or 0,
            template,
            key=f"action:{action.id}:{occasion}:{person_id}",
            now=now,
            due_at=kind_moment(now, zone, desk.quiet),
            offers=offers,
            picture=(pictures or {}).get(person.language, ""),
            values={
                "titles": desk.titles_of(action),
                "unit": roster.unit_name(session, action.unit_id),
                **values,
            },
        )
    return promised


def is_concerned(session: Session, person: Person, unit_id: int) -> bool:
    """Tell whether somebody may be written to about a unit: active, and still part of it."""
    if person.state != "active" or person.id is None:
        return False
    if roster.holds(session, person.id, unit_id, WORKERS):
        return True
    return any(owner.id == person.id for owner in roster.owners(session))
