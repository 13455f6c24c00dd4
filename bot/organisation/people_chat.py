"""``/people`` and ``/leave``: who holds which role, for those who may appoint; leaving.

/people ─> a unit or region ─> somebody ─┬─> take the role away, after a question
                                         ├─> another role, another unit
                                         └─> offer the ownership (owners)   ─> accepted by the other
/leave  ─> one's own roles ─> leave one, after a question
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select

from bot.core import audit
from bot.core.dialogue import (
    CUSTOMER,
    MANAGER,
    OWNER,
    STAFF,
    Button,
    Command,
    Press,
    Routes,
    Turn,
)
from bot.core.i18n import N_
from bot.core.notices import notify
from bot.organisation.appointments import Ended, change_role, end_role, hand_over, move_role
from bot.organisation.places import ROLE_NAMES, page_of
from bot.people import roster
from bot.people.links import left_behind
from bot.people.links_words import LINKS, LIST
from bot.people.places import chosen_unit, number_at, own_places, stale
from bot.people.rights import may_appoint, who_may
from bot.people.tables import MERGED, OPEN, UNIT, Person, Role, Unit

OFFER_DAYS = 7
MOST_SHOWN = 40
_SWAPS = {STAFF: MANAGER, MANAGER: STAFF}


def routes() -> Routes:
    """Return what the lists of people answer to."""
    appoint, everybody = who_may("people"), who_may("leave")
    deeds: dict[str, Callable[[Turn], None]] = {
        "people": listed,
        "pe": card,
        "pex": ask_end,
        "pexy": ended,
        "pec": changed,
        "pem": choose_unit,
        "pemt": moved,
    }
    return Routes(
        commands=(
            Command("people", listed, appoint, N_("Who holds which role")),
            Command("leave", leave, everybody, N_("Give up a role")),
        ),
        presses=(
            *(Press(verb, handler, appoint) for verb, handler in deeds.items()),
            Press("peo", owners, who_may("hand_over")),
            Press("pof", offer, who_may("hand_over")),
            Press("poa", accept, everybody),
            Press("lv", ask_leave, everybody),
            Press("lvy", left, everybody),
        ),
    )


def listed(turn: Turn) -> None:
    """Show who holds which role in a unit; of customers only how many."""
    unit_id = chosen_unit(turn, "people", MANAGER, figures=True)
    if unit_id is None:
        return
    unit = turn.session.get_one(Unit, unit_id)
    audit.looked(turn, "people.seen", subject=f"unit {unit_id}", unit_id=unit_id)
    rows = _holders(turn, Role.unit_id == unit_id)
    customers = sum(kind == CUSTOMER for _, _, kind in rows)
    named = [one for one in rows if one[2] != CUSTOMER]
    buttons = [[_button(turn, *one)] for one in named[:MOST_SHOWN]]
    if turn.known.has(OWNER):
        buttons.append([Button(turn.label("Owners"), "peo")])
    turn.edit(
        "organisation/people.html",
        unit=unit.name,
        named=len(named),
        shown=min(len(named), MOST_SHOWN),
        customers=customers,
        rows=buttons,
    )


def owners(turn: Turn) -> None:
    """Show the owners, to owners."""
    audit.looked(turn, "people.seen", subject="")
    rows = [[_button(turn, *one)] for one in _holders(turn, Role.kind == OWNER)]
    turn.edit("organisation/people.html", unit="", named=len(rows), shown=0, customers=0, rows=rows)


def card(turn: Turn) -> None:
    """Show one role, and what can be done about it."""
    role = _role(turn)
    if role is not None:
        audit.looked(turn, "person.seen", subject=f"person {role.person_id}", unit_id=role.unit_id)
        _show_card(turn, role)


def ask_end(turn: Turn) -> None:
    """Ask whether a role is to be taken away."""
    role = _role(turn)
    if role is not None:
        yes = Button(turn.label("Yes, take it away"), f"pexy:{role.id}")
        back = Button(turn.label("‹ Back"), f"pe:{role.id}")
        turn.edit(
            "organisation/ask_end.html", own=False, rows=[[yes], [back]], **_about(turn, role)
        )


def ended(turn: Turn) -> None:
    """Take a role away; the person is told, and what they held goes back."""
    role = _role(turn)
    if role is None:
        return
    about = _about(turn, role)
    _end(turn, role, about, own=False)


def changed(turn: Turn) -> None:
    """Make a manager of a member of staff, or the other way round."""
    role, kind = _role(turn), (*turn.arguments, "", "")[1]
    if role is None:
        return
    if _SWAPS.get(role.kind) != kind or not may_appoint(turn.known, kind, role.unit_id):
        turn.toast("This is not open to you.", alert=True)
        return
    before = _about(turn, role)
    done = change_role(turn.session, role.id or 0, kind=kind, now=turn.now)
    if done is None:
        stale(turn)
        return
    _record(turn, "role.changed", done, detail=kind)
    _tell_person(turn, done, "organisation/role_changed.html", before | {"now": kind})
    _tell_managers(turn, done, before)
    turn.edit("organisation/role_changed_done.html", **before, now=kind)


def choose_unit(turn: Turn) -> None:
    """Offer the units where this role may be held instead."""
    role = _role(turn)
    if role is None:
        return
    kind = turn.session.get_one(Unit, role.unit_id).kind if role.unit_id else UNIT
    fitting = [
        one
        for one in own_places(turn, MANAGER)
        if one.kind == kind
        and one.state == OPEN
        and one.id != role.unit_id
        and may_appoint(turn.known, role.kind, one.id)
    ]
    page = page_of(turn, fitting, f"pem:{role.id}", number_at(turn, 1) or 0)
    rows = [[Button(one.name, f"pemt:{role.id}:{one.id}")] for one in page.shown]
    back = [Button(turn.label("‹ Back"), f"pe:{role.id}")]
    about = _about(turn, role)
    turn.edit(
        "organisation/choose.html",
        what="unit",
        name=about["name"],
        rows=[*rows, *page.turning, back],
    )


def moved(turn: Turn) -> None:
    """Let somebody hold their role in another unit."""
    role, unit_id = _role(turn), number_at(turn, 1)
    unit = turn.session.get(Unit, unit_id) if unit_id else None
    if role is None:
        return
    if unit is None or unit.state != OPEN or not may_appoint(turn.known, role.kind, unit.id):
        turn.toast("This is not open to you.", alert=True)
        return
    before = _about(turn, role)
    done = move_role(turn.session, role.id or 0, unit.id or 0, now=turn.now)
    if done is None:
        stale(turn)
        return
    _record(turn, "role.moved", done, detail=f"to unit {unit.id}")
    _tell_person(turn, done, "organisation/role_moved.html", before | {"to": unit.name})
    _tell_managers(turn, done, before)
    turn.edit("organisation/role_moved_done.html", **before, to=unit.name)


def offer(turn: Turn) -> None:
    """Offer somebody the ownership; nothing changes until they accept."""
    role = _role(turn)
    own = turn.session.exec(
        select(Role).where(Role.person_id == turn.known.person_id, Role.kind == OWNER)
    ).first()
    if role is None or own is None:
        return
    until = turn.now.date() + timedelta(days=OFFER_DAYS)
    about = _about(turn, role)
    notify(
        turn.session,
        role.person_id,
        "organisation/ownership_offered.html",
        key=f"ownership:{own.id}:{role.person_id}:{turn.now.date():%Y%m%d}",
        now=turn.now,
        offers=[[(N_("I accept"), f"poa:{own.id}:{until.toordinal()}")]],
        values={"by": roster.person_name(turn.session, turn.known.person_id), "until": until},
    )
    audit.record(
        turn.session,
        "ownership.offered",
        now=turn.now,
        subject=f"person {role.person_id}",
        person_id=turn.known.person_id,
    )
    turn.edit("organisation/ownership_offer_sent.html", name=about["name"], until=until)


def accept(turn: Turn) -> None:
    """Become owner in the place of whoever offered it, if the offer still stands."""
    role_id, until = number_at(turn, 0), number_at(turn, 1)
    if turn.who is None or role_id is None or not until:
        stale(turn)
        return
    over = turn.now.date() > date.fromordinal(until) or turn.known.has(OWNER)
    before = (
        None if over else hand_over(turn.session, role_id, to=turn.known.person_id, now=turn.now)
    )
    if before is None:
        turn.edit("organisation/ownership_gone.html")
        return
    audit.record(
        turn.session,
        "ownership.accepted",
        now=turn.now,
        subject=f"person {before}",
        person_id=turn.known.person_id,
    )
    notify(
        turn.session,
        before,
        "organisation/ownership_taken.html",
        key=f"ownership:{role_id}:taken",
        now=turn.now,
        values={"name": roster.person_name(turn.session, turn.known.person_id)},
    )
    links = left_behind(turn.session, before, None, turn.now)
    rows = [[Button(turn.label(LINKS), LIST)]] if links else []
    turn.edit("organisation/ownership_yours.html", rows=rows, links=links)


def leave(turn: Turn) -> None:
    """``/leave``: one's own roles, each with a button."""
    rows = [[_button(turn, role, None, role.kind, verb="lv")] for role in _own_roles(turn)]
    turn.say("organisation/leave.html", rows=rows, any=bool(rows))


def ask_leave(turn: Turn) -> None:
    """Ask whether a role is to be given up."""
    role = _own_role(turn)
    if role is not None:
        yes = Button(turn.label("Yes, give it up"), f"lvy:{role.id}")
        turn.edit("organisation/ask_end.html", own=True, rows=[[yes]], **_about(turn, role))


def left(turn: Turn) -> None:
    """Give a role up."""
    role = _own_role(turn)
    if role is not None:
        _end(turn, role, _about(turn, role), own=True)


def _end(turn: Turn, role: Role, about: dict[str, Any], *, own: bool) -> None:
    done = end_role(turn.session, role.id or 0, now=turn.now)
    if done is None:
        is_last = about["kind"] == OWNER
        turn.edit("organisation/not_ended.html", last_owner=is_last)
        return
    _record(turn, "role.left" if own else "role.ended", done)
    if not own:
        _tell_person(turn, done, "organisation/role_ended.html", about)
    _tell_managers(turn, done, about)
    rows = [[Button(turn.label(LINKS), LIST)]] if done.back.links and not own else []
    turn.edit("organisation/ended.html", rows=rows, own=own, back=done.back, **about)


def _tell_person(turn: Turn, done: Ended, template: str, values: dict[str, Any]) -> None:
    key = f"role:{done.person_id}:{done.kind}:{done.unit_id}:{turn.update.update_id}"
    notify(turn.session, done.person_id, template, key=key, now=turn.now, values=values)


def _tell_managers(turn: Turn, done: Ended, about: dict[str, Any]) -> None:
    """Tell those in charge what nobody answers for any more."""
    if not done.back.any:
        return
    unit_id = done.unit_id
    others = roster.owners(turn.session) if unit_id is None else None
    for one in others or roster.in_charge(turn.session, unit_id or 0):
        if one.id not in {turn.known.person_id, done.person_id}:
            notify(
                turn.session,
                one.id or 0,
                "organisation/handed_back.html",
                key=f"back:{done.person_id}:{done.unit_id}:{turn.update.update_id}:{one.id}",
                now=turn.now,
                offers=[[(LINKS, LIST)]] if done.back.links else [],
                values=about
                | {
                    "actions": done.back.actions,
                    "issues": done.back.issues,
                    "cases": done.back.cases,
                    "links": done.back.links,
                },
            )


def _record(turn: Turn, what: str, done: Ended, *, detail: str = "") -> None:
    audit.record(
        turn.session,
        what,
        now=turn.now,
        subject=f"person {done.person_id}",
        person_id=turn.known.person_id,
        unit_id=done.unit_id,
        detail=f"{done.kind} {detail}".strip(),
    )


def _role(turn: Turn) -> Role | None:
    """Return the role that a button is about, if this person may give and take it."""
    role = turn.session.get(Role, number_at(turn, 0) or 0)
    if role is None or (role.kind == CUSTOMER and not turn.known.has(OWNER)):
        stale(turn)
        return None
    if not may_appoint(turn.known, role.kind, role.unit_id):
        turn.toast("This is not open to you.", alert=True)
        return None
    return role


def _own_role(turn: Turn) -> Role | None:
    role = turn.session.get(Role, number_at(turn, 0) or 0)
    if turn.who is None or role is None or role.person_id != turn.known.person_id:
        stale(turn)
        return None
    return role


def _own_roles(turn: Turn) -> list[Role]:
    if turn.who is None:
        return []
    own = select(Role).where(Role.person_id == turn.known.person_id).order_by(col(Role.id))
    return list(turn.session.exec(own))


def _holders(turn: Turn, condition: object) -> list[tuple[Role, str, str]]:
    query = select(Role, Person).join(Person, col(Person.id) == col(Role.person_id))
    found = turn.session.exec(query.where(condition))  # type: ignore[arg-type]
    order = list(ROLE_NAMES)
    rows = [(role, person.name, role.kind) for role, person in found]
    return sorted(rows, key=lambda one: (order.index(one[2]), one[1]))


def _button(turn: Turn, role: Role, name: str | None, kind: str, *, verb: str = "pe") -> Button:
    if name is None:
        unit = turn.session.get(Unit, role.unit_id) if role.unit_id else None
        name = unit.name if unit else turn.label("All units")
    return Button(f"{name} · {turn.label(ROLE_NAMES[kind])}", f"{verb}:{role.id}")


def _about(turn: Turn, role: Role) -> dict[str, Any]:
    unit = turn.session.get(Unit, role.unit_id) if role.unit_id else None
    return {
        "name": roster.person_name(turn.session, role.person_id),
        "kind": role.kind,
        "unit": unit.name if unit else "",
    }


def _show_card(turn: Turn, role: Role) -> None:
    unit = turn.session.get(Unit, role.unit_id) if role.unit_id else None
    rows: list[list[Button]] = []
    other = _SWAPS.get(role.kind)
    if other is not None and may_appoint(turn.known, other, role.unit_id):
        now = turn.label("Make them a manager" if other == MANAGER else "Make them staff")
        rows.append([Button(now, f"pec:{role.id}:{other}")])
    if unit is not None and unit.state != MERGED:
        rows.append([Button(turn.label("To another unit"), f"pem:{role.id}")])
    if turn.known.has(OWNER) and role.kind != OWNER and role.person_id != turn.known.person_id:
        rows.append([Button(turn.label("Offer the ownership"), f"pof:{role.id}")])
    rows.append([Button(turn.label("Take the role away"), f"pex:{role.id}")])
    if unit is not None:
        rows.append([Button(turn.label("‹ Back"), f"people:{unit.id}")])
    turn.edit("organisation/person.html", rows=rows, **_about(turn, role))
