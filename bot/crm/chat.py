"""``/customer``: one customer's history, for those in charge; ``/unlink``, for the customer.

/customer REFERENCE ─> history ─"Make a link"─> a link that the customer opens themselves
Each look at a customer is recorded. Whoever may see nothing of a customer is told the same as of
one who does not exist.
"""

from dataclasses import replace
from functools import partial

from bot.core.audit import looked
from bot.core.dialogue import MANAGER, OWNER, Button, Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.crm import visit_link_chat, words
from bot.crm.desk import CustomerDesk
from bot.crm.history import History, VisitLine, history_of
from bot.crm.keeping import customer_of
from bot.crm.linking import invite_customer, unlink
from bot.crm.tables import Customer
from bot.people.invitations import link
from bot.people.places import number_at, own_units, stale
from bot.people.registry import the_organisation
from bot.people.rights import who_may
from bot.reach.words import REASONS

LINK = "culink"


def routes(desk: CustomerDesk) -> Routes:
    """Return what this feature answers to."""
    steerers = who_may("customers")
    by_visit = visit_link_chat.routes(desk)
    return Routes(
        commands=(
            Command(
                "customer", partial(show, desk=desk), steerers, N_("A customer by their number")
            ),
            Command("unlink", take_back),
        ),
        presses=(Press(LINK, partial(make_link, desk=desk), steerers), *by_visit.presses),
        replies=by_visit.replies,
    )


def show(turn: Turn, *, desk: CustomerDesk) -> None:
    """``/customer REFERENCE``: what is known of a customer; the look is recorded."""
    reference = " ".join(turn.arguments)
    if not reference:
        turn.say("crm/which_customer.html")
        return
    customer = customer_of(turn.session, reference)
    history = _history(turn, customer, desk) if customer is not None else None
    if history is None:
        turn.say("crm/no_customer.html", reference=reference)
        return
    known = history.customer
    looked(turn, "customer.seen", subject=f"customer {known.id}", unit_id=history.unit_id)
    turn.say(
        "crm/customer.html",
        rows=_ways(turn, known),
        history=history,
        customer=known,
        channel=turn.label(words.CHANNELS[known.channel]) if known.channel else "",
        tenure=turn.label(words.TENURES[known.tenure]) if known.tenure else "",
        visits=[_spoken(turn, one) for one in history.visits],
        cases=[one._replace(state=turn.label(one.state)) for one in history.cases],
    )


def make_link(turn: Turn, *, desk: CustomerDesk) -> None:
    """Make a link for a customer, to be sent to them as the organisation writes to them."""
    number = number_at(turn, 0)
    customer = turn.session.get(Customer, number) if number is not None else None
    history = _history(turn, customer, desk) if customer is not None else None
    unit_id = _unit_of(turn, history) if history is not None else None
    if customer is None or unit_id is None:
        stale(turn)
        return
    if customer.person_id is not None:
        turn.toast("This customer takes part already.", alert=True)
        return
    payload = invite_customer(
        turn.session,
        customer,
        unit_id=unit_id,
        now=turn.now,
        days=desk.invitation_days,
        created_by=turn.known.person_id,
    )
    username = desk.username()
    turn.say(
        "crm/link.html",
        organisation=the_organisation(turn.session).name,
        address=link(username, payload) if username else "",
        payload=payload,
    )


def take_back(turn: Turn) -> None:
    """``/unlink``: the person is no longer tied to a customer number."""
    if turn.who is None:
        turn.say("core/not_open.html", stranger=True)
        return
    done = unlink(turn.session, turn.who.person_id, now=turn.now)
    turn.say("crm/unlinked.html", done=done)


def _history(turn: Turn, customer: Customer, desk: CustomerDesk) -> History | None:
    return history_of(
        turn.session,
        customer,
        desk,
        may_see=turn.known.may_see,
        sees_all=turn.known.has(OWNER),
        language=turn.language,
    )


def _unit_of(turn: Turn, history: History) -> int | None:
    """Return where a link lets the customer in: the unit they came to last, else one's first."""
    if history.unit_id is not None:
        return history.unit_id
    units = own_units(turn, MANAGER)
    return units[0].id if units else None


def _ways(turn: Turn, customer: Customer) -> list[list[Button]]:
    if customer.person_id is not None:
        return []
    return [[Button(turn.label("Make a link for Telegram"), f"{LINK}:{customer.id}")]]


def _spoken(turn: Turn, one: VisitLine) -> VisitLine:
    """Return a visit with its kind, channel and state in the reader's language."""
    reasons = {**REASONS, **words.REASONS}
    return replace(
        one,
        kind=turn.label(words.KINDS[one.kind]),
        channel=turn.label(words.CHANNELS[one.channel]) if one.channel else "",
        asking=turn.label(words.ASKING[one.asking]),
        reason=turn.label(reasons.get(one.reason, one.reason)) if one.reason else "",
    )
