"""Notices about cases: to those in charge and to the customer, and not at night.

What a customer wrote waits in a notice only until it is sent; who withdraws takes that back too.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.cases.desk import CaseDesk
from bot.cases.tables import Case
from bot.core import outbox
from bot.core.dialogue import MANAGER
from bot.core.i18n import N_
from bot.core.notices import Offers, notify
from bot.core.tables import Delivery, Notice
from bot.improvement.desk import kind_moment, zone_for
from bot.people import roster
from bot.people.tables import Person


def tell(
    session: Session,
    desk: CaseDesk,
    one: Case,
    template: str,
    *,
    to: Iterable[int | None],
    occasion: str,
    now: datetime,
    offers: Offers = (),
    **values: Any,
) -> int:
    """Promise a message about a case to each of these people who may be written to."""
    promised = 0
    for person_id in dict.fromkeys(to):
        person = session.get(Person, person_id) if person_id is not None else None
        if person is None or person.id is None or person.state != "active":
            continue
        zone = zone_for(session, person.id, one.unit_id)
        promised += notify(
            session,
            person.id,
            template,
            key=f"{_prefix(one)}{occasion}:{person.id}",
            now=now,
            due_at=kind_moment(now, zone, desk.quiet),
            offers=offers,
            values={
                "number": one.id,
                "unit": roster.unit_name(session, one.unit_id),
                **values,
            },
        )
    return promised


def tell_unit(
    session: Session,
    desk: CaseDesk,
    one: Case,
    template: str,
    *,
    occasion: str,
    now: datetime,
    **values: Any,
) -> int:
    """Tell who answers for a case; where nobody does, all who are in charge of the unit."""
    offers = [[(N_("Open it"), f"cso:{one.id}")]]
    if one.state == "new":
        offers[0].append((N_("I take it"), f"cst:{one.id}:0"))
    return tell(
        session,
        desk,
        one,
        template,
        to=answering(session, one),
        occasion=occasion,
        now=now,
        offers=offers,
        **values,
    )


def answering(session: Session, one: Case) -> list[int | None]:
    """Return who hears of a case: its owner while they are in charge, else all in charge."""
    in_charge: list[int | None] = [person.id for person in roster.in_charge(session, one.unit_id)]
    if one.owner_id is None:
        return in_charge
    bosses = {person.id for person in roster.owners(session)}
    if one.owner_id in bosses or roster.holds(session, one.owner_id, one.unit_id, (MANAGER,)):
        return [one.owner_id]
    return in_charge


def take_back(session: Session, one: Case) -> None:
    """Take back what was promised about a case and not yet sent, and empty it."""
    rows = session.execute(
        select(col(Delivery.key), col(Delivery.subject)).where(
            col(Delivery.key).startswith(_prefix(one), autoescape=True),
            col(Delivery.state) == "queued",
        )
    ).all()
    outbox.cancel(session, *(row.key for row in rows))
    session.execute(
        update(Notice)
        .where(col(Notice.id).in_([int(row.subject) for row in rows]))
        .values(content={}, offers=[])
    )


def _prefix(one: Case) -> str:
    return f"case:{one.id}:"
