"""Keeping customers and visits: written once, found by their reference, erased at a word.

A reference is sealed; it is found by its fingerprint. Writing the same again changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.database import insert_into
from bot.core.sealing import fingerprint
from bot.crm import words
from bot.crm.rules import Rule, ask_at, rule_for, tenure_of
from bot.crm.tables import Customer, CustomerInvitation, Visit, VisitRule
from bot.people.registry import clean
from bot.people.tables import Invitation
from bot.registers.importing import CHANGED, NEW, SAME
from bot.surveys.segments import Kind

REFERENCE_LENGTH, NAME_LENGTH, TOUCHPOINT_LENGTH = 80, 80, 40


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What another system says of a customer; None: it says nothing of that."""

    reference: str
    name: str | None = None
    channel: str | None = None
    tenure: str | None = None


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What another system says of one visit or purchase."""

    reference: str
    customer: str
    unit_id: int
    at: datetime
    kind: str = words.VISIT
    touchpoint: str = ""
    channel: str = ""


class OfAnother(Exception):  # noqa: N818 - a finding about what was said
    """A visit of this reference is known already, of another customer."""


def customer_of(session: Session, reference: str) -> Customer | None:
    """Find a customer by the reference of the other system, as typed or copied from a message."""
    print_of = fingerprint(session, clean(reference))
    query = select(Customer).where(col(Customer.reference_print) == print_of)
    return session.scalars(query).one_or_none()


def visit_of(session: Session, reference: str) -> Visit | None:
    """Find a visit by the reference of the other system, as typed or copied from a message."""
    print_of = fingerprint(session, clean(reference))
    query = select(Visit).where(col(Visit.reference_print) == print_of)
    return session.scalars(query).one_or_none()


def what_changes(known: Customer | None, facts: CustomerFacts) -> dict[str, str]:
    """Return the columns that would change, with what they would hold; of a new one all."""
    stated = {"name": facts.name, "channel": facts.channel, "tenure": facts.tenure}
    said = {name: value for name, value in stated.items() if value is not None}
    if known is None:
        return said
    return {name: value for name, value in said.items() if getattr(known, name) != value}


def upsert(session: Session, facts: CustomerFacts, *, now: datetime) -> tuple[Customer, str]:
    """Write what is known of a customer; return them, and whether they are new or changed.

    The link to a person in Telegram stays as it is: it is the person's.
    """
    known = customer_of(session, facts.reference)
    changes = what_changes(known, facts)
    if known is not None and not changes:
        return known, SAME
    if known is None:
        made = session.execute(
            insert_into(session, Customer)
            .values(
                reference_print=fingerprint(session, facts.reference),
                reference=facts.reference,
                **({"name": "", "channel": "", "tenure": ""} | changes),
                changed_at=now,
            )
            .on_conflict_do_nothing(index_elements=["reference_print"])
            .returning(col(Customer.id))
        ).first()
        if made is not None:
            return session.get_one(Customer, made[0]), NEW
        return upsert(session, facts, now=now)  # somebody was quicker: look again
    for name, value in changes.items():
        setattr(known, name, value)
    known.changed_at = now
    session.add(known)
    session.flush()
    return known, CHANGED


def record_visit(session: Session, facts: VisitFacts, *, now: datetime) -> tuple[Visit, str]:
    """Write a visit down and plan what is asked about it; return it, and whether it is new.

    A customer nobody has told of yet comes in with the reference alone. What is corrected after
    the questionnaire went out is corrected, and not asked about again.

    Raises
    ------
    OfAnother
        When this reference is another customer's.
    """
    customer, _ = upsert(session, CustomerFacts(facts.customer), now=now)
    known = visit_of(session, facts.reference)
    if known is not None:
        return _corrected(session, known, customer, facts=facts, now=now)
    planned = _planned(session, facts, now=now)
    made = session.execute(
        insert_into(session, Visit)
        .values(
            customer_id=customer.id,
            reference_print=fingerprint(session, facts.reference),
            reference=facts.reference,
            tenure=tenure_of(customer.tenure, _visits_before(session, customer, facts.at)),
            **_content(facts),
            **planned,
        )
        .on_conflict_do_nothing(index_elements=["reference_print"])
        .returning(col(Visit.id))
    ).first()
    if made is None:
        return record_visit(session, facts, now=now)  # somebody was quicker: look again
    return session.get_one(Visit, made[0]), NEW


def is_changed(known: Visit, facts: VisitFacts) -> bool:
    """Tell whether a visit that is known would be corrected."""
    return any(getattr(known, name) != value for name, value in _content(facts).items())


def rules_of(session: Session) -> dict[str, Rule]:
    """Return what the organisation asks after visits, by touchpoint."""
    return {
        one.touchpoint: Rule(
            one.questionnaire,
            None if one.delay_minutes is None else timedelta(minutes=one.delay_minutes),
        )
        for one in session.scalars(select(VisitRule))
    }


def write_rule(session: Session, touchpoint: str, rule: Rule) -> None:
    """Write down what is asked after visits at a touchpoint."""
    minutes = None if rule.delay is None else int(rule.delay.total_seconds() // 60)
    values = {"questionnaire": rule.questionnaire, "delay_minutes": minutes}
    session.execute(
        insert_into(session, VisitRule)
        .values(touchpoint=touchpoint, **values)
        .on_conflict_do_update(index_elements=["touchpoint"], set_=values)
    )


def erase(session: Session, reference: str, *, now: datetime) -> bool:
    """Erase a customer with their visits and the links made for them; False: there was none.

    The person in Telegram stays: they agreed to take part by themselves, and leave by themselves.
    """
    customer = customer_of(session, reference)
    if customer is None:
        return False
    links = select(col(CustomerInvitation.invitation_id)).where(
        col(CustomerInvitation.customer_id) == customer.id
    )
    session.execute(
        delete(Invitation)
        .where(col(Invitation.id).in_(links))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Customer)
        .where(col(Customer.id) == customer.id)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, "customer.erased", now=now, subject=f"customer {customer.id}")
    session.expunge(customer)
    return True


def kinds_of_people(session: Session, unit_id: int, people: Sequence[int]) -> Mapping[int, Kind]:
    """Return what kind of customers those among these people are who are known to a CRM.

    Tenure is that of the latest visit, the channel the visit's or else the customer's; the
    touchpoint is that of the latest visit to this unit.
    """
    rows = session.execute(
        select(
            col(Customer.person_id),
            col(Customer.tenure),
            col(Customer.channel),
            col(Visit.tenure),
            col(Visit.channel),
            col(Visit.unit_id),
            col(Visit.touchpoint),
        )
        .outerjoin(Visit, col(Visit.customer_id) == col(Customer.id))
        .where(col(Customer.person_id).in_(people))
        .order_by(col(Visit.at), col(Visit.id))
    )
    found: dict[int, Kind] = {}
    for person, stated, usual, at_visit, own, where, touchpoint in rows:
        before = found.get(person, Kind()).touchpoint
        spot = touchpoint if where == unit_id else before
        found[person] = Kind(at_visit or stated, own or usual, spot)
    return found


def _content(facts: VisitFacts) -> dict[str, object]:
    return {
        "unit_id": facts.unit_id,
        "kind": facts.kind,
        "at": facts.at,
        "touchpoint": facts.touchpoint,
        "channel": facts.channel,
    }


def _planned(session: Session, facts: VisitFacts, *, now: datetime) -> dict[str, object]:
    rule = rule_for(facts.touchpoint, rules_of(session))
    due = ask_at(facts.at, rule, now=now)
    if due is None:
        reason = words.NO_RULE if rule.delay is None else words.TOO_LATE
        return {"asking": words.SKIPPED, "reason": reason, "ask_at": None}
    return {"asking": words.WAITING, "reason": "", "ask_at": due}


def _corrected(
    session: Session, known: Visit, customer: Customer, *, facts: VisitFacts, now: datetime
) -> tuple[Visit, str]:
    if known.customer_id != customer.id:
        raise OfAnother
    if not is_changed(known, facts):
        return known, SAME
    session.execute(
        update(Visit)
        .where(col(Visit.id) == known.id)
        .values(**_content(facts))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Visit)
        .where(col(Visit.id) == known.id, col(Visit.asking) == words.WAITING)
        .values(**_planned(session, facts, now=now))
        .execution_options(synchronize_session=False)
    )
    session.refresh(known)
    return known, CHANGED


def _visits_before(session: Session, customer: Customer, at: datetime) -> int:
    counted = session.scalar(
        select(func.count())
        .select_from(Visit)
        .where(col(Visit.customer_id) == customer.id, col(Visit.at) < at)
    )
    return counted or 0
