"""From ``/invite``: a link for the customer of one visit, found by the number of that visit.

/invite ─"A customer, by their visit"─> its number, written ─> a link that works once

Whoever may see nothing of a visit is told the same as of one that does not exist.
"""

from functools import partial

from bot.core import audit
from bot.core.dialogue import Button, Press, Reply, Routes, Rows, Turn
from bot.core.i18n import N_
from bot.crm.desk import CustomerDesk
from bot.crm.keeping import visit_of
from bot.crm.linking import invite_customer
from bot.crm.tables import Customer
from bot.people.invitations import link
from bot.people.registry import the_organisation
from bot.people.rights import who_may
from bot.people.tables import OPEN, Unit

VERB, REFERENCE = "cuvis", "cu_visit"
_OFFER = N_("A customer, by their visit")


def routes(desk: CustomerDesk) -> Routes:
    """Return what this part of the feature answers to."""
    steerers = who_may("customers")
    return Routes(
        presses=(Press(VERB, ask_number, steerers),),
        replies=(Reply(REFERENCE, partial(take_number, desk=desk), steerers),),
    )


def offered(turn: Turn) -> Rows:
    """Return what ``/invite`` offers of this feature."""
    return [[Button(turn.label(_OFFER), VERB)]]


def ask_number(turn: Turn) -> None:
    """Ask for the number of the visit."""
    turn.ask(REFERENCE)
    turn.edit("crm/which_visit.html")


def take_number(turn: Turn, *, desk: CustomerDesk) -> None:
    """Make a link for the customer of the visit that was named."""
    visit = visit_of(turn.session, turn.text) if turn.text else None
    unit = turn.session.get(Unit, visit.unit_id) if visit is not None else None
    if visit is None or unit is None or unit.state != OPEN or not turn.known.may_see(visit.unit_id):
        turn.say("crm/no_visit.html", reference=turn.text)
        return
    customer = turn.session.get_one(Customer, visit.customer_id)
    if customer.person_id is not None:
        turn.say("crm/takes_part.html")
        return
    payload = invite_customer(
        turn.session,
        customer,
        unit_id=visit.unit_id,
        now=turn.now,
        days=desk.invitation_days,
        created_by=turn.known.person_id,
    )
    audit.record_turn(
        turn, "customer.invited", subject=f"customer {customer.id}", unit_id=visit.unit_id
    )
    username = desk.username()
    turn.say(
        "crm/link.html",
        organisation=the_organisation(turn.session).name,
        address=link(username, payload) if username else "",
        payload=payload,
    )
