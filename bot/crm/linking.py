"""From a customer of a CRM to a person in Telegram: by that person's own act, and no other way.

An invitation is made for one customer and may be used once. Whoever opens it reads, before they
agree, that it says who they are; only agreeing ties the two together.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.dialogue import CUSTOMER, Turn
from bot.crm import words
from bot.crm.keeping import rules_of
from bot.crm.rules import FRESH, ask_at, rule_for
from bot.crm.tables import Customer, CustomerInvitation, Visit
from bot.people.companions import Companion
from bot.people.invitations import invite, opened
from bot.people.registry import the_organisation
from bot.people.tables import Invitation


def invite_customer(
    session: Session,
    customer: Customer,
    *,
    unit_id: int,
    now: datetime,
    days: int = 30,
    created_by: int | None = None,
) -> str:
    """Make a link for one customer; return its payload, which is kept nowhere."""
    payload = invite(
        session,
        role=CUSTOMER,
        unit_id=unit_id,
        max_uses=1,
        expires_at=now + timedelta(days=days),
        created_by=created_by,
    )
    made = opened(session, payload)
    if made is not None:
        session.add(CustomerInvitation(invitation_id=made.id or 0, customer_id=customer.id or 0))
    session.flush()
    return payload


class CustomerLink(Companion):
    """What an invitation made for a customer adds to the consent, and what agreeing does."""

    def asks(self, turn: Turn, invitation: Invitation) -> str:
        """Return what else somebody agrees to by this invitation; nothing by any other."""
        customer = _customer_of(turn.session, invitation)
        if customer is None or _is_somebody(turn):
            return ""
        organisation = the_organisation(turn.session).name
        return turn.texts.render("crm/consent.html", turn.language, organisation=organisation)

    def came_again(self, turn: Turn, invitation: Invitation) -> bool:
        """Say to a customer who opens another one's link that it is not theirs; it stays unused."""
        customer = _customer_of(turn.session, invitation)
        if customer is None or _is_theirs(turn, customer) or not _is_somebody(turn):
            return False
        turn.say("crm/not_yours.html")
        return True

    def agreed(self, turn: Turn, invitation: Invitation) -> None:
        """Tie the customer to whoever agreed, unless either is tied already."""
        customer = _customer_of(turn.session, invitation)
        if customer is None:
            return
        if not link(turn.session, customer, person_id=turn.known.person_id, now=turn.now):
            turn.say("crm/not_linked.html")


def link(session: Session, customer: Customer, *, person_id: int, now: datetime) -> bool:
    """Tie a customer to a person; False when one of them is tied to somebody else already.

    What they were not asked about so far, because nobody knew how to reach them, is asked now.
    """
    taken = session.scalar(select(col(Customer.id)).where(col(Customer.person_id) == person_id))
    if taken is not None:
        return taken == customer.id
    done = session.execute(
        update(Customer)
        .where(col(Customer.id) == customer.id, col(Customer.person_id).is_(None))
        .values(person_id=person_id, linked_at=now)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        return False
    audit.record(session, "customer.linked", now=now, subject=f"customer {customer.id}")
    _ask_after_all(session, customer, now=now)
    return True


def unlink(session: Session, person_id: int, *, now: datetime) -> bool:
    """Take the tie away again, at the person's wish; False when there was none."""
    number = session.scalar(select(col(Customer.id)).where(col(Customer.person_id) == person_id))
    if number is None:
        return False
    session.execute(
        update(Customer)
        .where(col(Customer.id) == number)
        .values(person_id=None, linked_at=None)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, "customer.unlinked", now=now, subject=f"customer {number}")
    return True


def is_tied(session: Session, person_id: int) -> bool:
    """Tell whether a person said which customer they are."""
    tied = select(col(Customer.id)).where(col(Customer.person_id) == person_id)
    return session.scalar(tied) is not None


def _customer_of(session: Session, invitation: Invitation) -> Customer | None:
    return session.scalars(
        select(Customer)
        .join(CustomerInvitation, col(CustomerInvitation.customer_id) == col(Customer.id))
        .where(col(CustomerInvitation.invitation_id) == invitation.id)
    ).one_or_none()


def _is_somebody(turn: Turn) -> bool:
    """Tell whether a person said already which customer they are."""
    return turn.who is not None and is_tied(turn.session, turn.who.person_id)


def _is_theirs(turn: Turn, customer: Customer) -> bool:
    return turn.who is not None and customer.person_id == turn.who.person_id


def _ask_after_all(session: Session, customer: Customer, *, now: datetime) -> None:
    """Plan the question about the latest visit that was passed over for want of this link."""
    visit = session.scalars(
        select(Visit)
        .where(
            col(Visit.customer_id) == customer.id,
            col(Visit.reason) == words.NOT_LINKED,
            col(Visit.at) >= now - FRESH,
        )
        .order_by(col(Visit.at).desc())
        .limit(1)
    ).first()
    if visit is None:
        return
    due = ask_at(visit.at, rule_for(visit.touchpoint, rules_of(session)), now=now)
    if due is not None:
        visit.asking, visit.reason, visit.ask_at = words.WAITING, "", due
        session.add(visit)
        session.flush()
