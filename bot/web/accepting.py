"""Taking an event: once, however often it is sent; the same answer to the same event.

Everything about one event happens in one transaction, the answer that is kept included.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.core.errors import InputError
from bot.core.schedule import local_day
from bot.crm import keeping
from bot.crm.keeping import CustomerFacts, OfAnother, VisitFacts
from bot.crm.linking import invite_customer
from bot.crm.tables import Customer
from bot.people.invitations import link
from bot.people.registry import UNITS, unit_of_any_state
from bot.people.tables import OPEN, Unit
from bot.registers import measurements
from bot.registers.desk import zone_for
from bot.registers.items import KnownItem, known_items
from bot.registers.standards import ruling_on, rulings
from bot.surveys.versions import Library
from bot.web import integrations
from bot.web.problems import Answer, Problem, not_known, other_body, too_fast, unknown_key
from bot.web.schema import (
    CustomerErased,
    CustomerUpserted,
    Event,
    MeasurementRecorded,
    VisitRecorded,
    read_event,
)
from bot.web.tables import EventAnswer

REPEATABLE = timedelta(days=3)
"""For so long the same event may be sent again and gets the same answer."""

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What taking an event needs besides the database."""

    library: Library
    username: Callable[[], str]
    invitation_days: int = 30


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it came in."""

    key: str
    idempotency_key: str
    body: bytes


def accept(session: Session, sent: Sent, around: Surroundings, *, now: datetime) -> Answer:
    """Take one event, or say what is wrong with it.

    An event that was taken is answered the same way again, for as long as it may be repeated. What
    is refused changes nothing and uses up no idempotency key: it is mended and sent again.
    """
    integration = integrations.of_key(session, sent.key)
    if integration is None:
        return unknown_key().answer()
    number = integration.id or 0
    wait = integrations.wait_seconds(session, number, now)
    if wait:
        return too_fast(wait).answer()
    try:
        with session.begin_nested():
            return _taken_once(session, number, sent, around, now=now)
    except Problem as problem:
        return problem.answer()


def _taken_once(
    session: Session, number: int, sent: Sent, around: Surroundings, *, now: datetime
) -> Answer:
    """Reserve the idempotency key, then do what the event says; or repeat the earlier answer.

    Of two that arrive together the second waits for the first at the reservation.
    """
    place = {"integration_id": number, "key_hash": _hash(sent.idempotency_key.encode())}
    body_hash = _hash(sent.body)
    reserved = session.execute(
        insert_into(session, EventAnswer)
        .values(**place, body_hash=body_hash, status=200, answer="", at=now)
        .on_conflict_do_nothing()
        .returning(col(EventAnswer.status))
    ).first()
    row = session.get_one(EventAnswer, (number, place["key_hash"]))
    if reserved is None:
        if row.body_hash != body_hash:
            raise other_body()
        return Answer(row.status, json.loads(row.answer), {"Idempotent-Replay": "true"})
    answer = Answer(200, _done(session, read_event(sent.body), around, now=now))
    row.answer = answer.text()
    session.add(row)
    session.flush()
    return answer


def forget_old(session: Session, now: datetime) -> None:
    """Forget the answers to events that can no longer be repeated."""
    session.execute(delete(EventAnswer).where(col(EventAnswer.at) < now - REPEATABLE))


def _done(session: Session, event: Event, around: Surroundings, *, now: datetime) -> Facts:
    if isinstance(event, CustomerUpserted):
        return _upserted(session, event, around, now=now)
    if isinstance(event, VisitRecorded):
        return _visited(session, event, around, now=now)
    if isinstance(event, MeasurementRecorded):
        return _measured(session, event, around.library, now=now)
    return _erased(session, event, now=now)


def _upserted(
    session: Session, event: CustomerUpserted, around: Surroundings, *, now: datetime
) -> Facts:
    said = event.data
    unit = _unit(session, said.invite_to, "data.invite_to") if said.invite_to else None
    customer, result = keeping.upsert(
        session,
        CustomerFacts(said.reference, said.name, said.channel, said.tenure),
        now=now,
    )
    return _result(result) | _invited(session, customer, unit, around, now=now)


def _visited(
    session: Session, event: VisitRecorded, around: Surroundings, *, now: datetime
) -> Facts:
    said = event.data
    unit = _unit(session, said.unit, "data.unit")
    _not_to_come(said.at, now)
    facts = VisitFacts(
        reference=said.reference,
        customer=said.customer,
        unit_id=unit.id or 0,
        at=said.at,
        kind=said.kind,
        touchpoint=said.touchpoint,
        channel=said.channel or "",
    )
    try:
        visit, result = keeping.record_visit(session, facts, now=now)
    except OfAnother:
        raise not_known(
            "data.reference",
            "this visit is known as another customer's.",
            "Give each visit a reference of its own.",
        ) from None
    customer = session.get_one(Customer, visit.customer_id)
    asked = {"asking": visit.asking, "reason": visit.reason}
    invited = _invited(session, customer, unit if said.invite else None, around, now=now)
    return _result(result) | asked | invited


def _measured(
    session: Session, event: MeasurementRecorded, library: Library, *, now: datetime
) -> Facts:
    said = event.data
    unit = _unit(session, said.unit, "data.unit")
    _not_to_come(said.at, now)
    items: Mapping[str, KnownItem] = known_items(session, library)
    if said.item not in items:
        raise not_known(
            "data.item", "there is no such item.", "Take an id as the questionnaire has it."
        )
    day = local_day(said.at, zone_for(session, unit.id))
    ruling = ruling_on(rulings(session, unit.id or 0), day).get(said.item)
    if ruling is None or not ruling.content.rule:
        raise not_known(
            "data.item",
            f"on {day} no standard turns a measurement of it into a level.",
            "Give the standard a target: gapbot import standards.",
        )
    measurements.store(
        session, unit_id=unit.id or 0, item=said.item, at=said.at, value=said.value, n=said.n
    )
    return {"result": "recorded"}


def _erased(session: Session, event: CustomerErased, *, now: datetime) -> Facts:
    done = keeping.erase(session, event.data.reference, now=now)
    return {"result": "erased" if done else "unknown"}


def _invited(
    session: Session,
    customer: Customer,
    unit: Unit | None,
    around: Surroundings,
    *,
    now: datetime,
) -> Facts:
    """Make a link where one is wanted and the customer does not take part yet."""
    if unit is None:
        return {}
    if customer.person_id is not None:
        return {"invitation": None}
    payload = invite_customer(
        session, customer, unit_id=unit.id or 0, now=now, days=around.invitation_days
    )
    username = around.username()
    return {"invitation": link(username, payload) if username else f"/start {payload}"}


def _unit(session: Session, name: str, place: str) -> Unit:
    try:
        unit = unit_of_any_state(session, name, kinds=UNITS)
    except InputError as error:
        raise not_known(place, "there is no such unit.", error.cure) from None
    if unit.state != OPEN:
        raise not_known(place, f"this unit was {unit.state}.", "Name an open one.")
    return unit


def _not_to_come(at: datetime, now: datetime) -> None:
    if at > now + timedelta(hours=1):
        raise not_known("data.at", "it is still to come.", "Report what was, with its zone.")


def _result(result: str) -> dict[str, Any]:
    return {"result": {"as before": "unchanged"}.get(result, result)}


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
