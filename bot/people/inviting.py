"""Inviting from the chat: choose a role, a unit if there are several, and forward a link."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.core.dialogue import (
    ANALYST,
    CUSTOMER,
    MANAGER,
    OWNER,
    PARTNER,
    REGIONAL,
    STAFF,
    Button,
    Identity,
    Rows,
    Turn,
)
from bot.core.i18n import N_
from bot.people.invitations import invite, link, usual_uses
from bot.people.links import open_links
from bot.people.links_words import LINKS, LIST
from bot.people.registry import open_units, the_organisation
from bot.people.rights import invitable, may_appoint
from bot.people.tables import REGION, Invitation, Unit

More = Callable[[Turn], Rows]
"""Returns what another feature offers somebody who invites, besides the usual links."""

_UNITS_A_PAGE = 8
_SAME_TAP = timedelta(seconds=3)
LABELS = {
    CUSTOMER: N_("Customers"),
    STAFF: N_("A member of staff"),
    PARTNER: N_("A partner"),
    MANAGER: N_("A manager"),
    REGIONAL: N_("A regional manager"),
    ANALYST: N_("An analyst"),
    OWNER: N_("An owner"),
}
_OF_REGIONS = (REGIONAL, ANALYST)
_ALL = "0"


class Inviting:
    """``/invite`` and its buttons, for those who may let others in."""

    def __init__(
        self, *, username: Callable[[], str], days: int, more: Sequence[More] = ()
    ) -> None:
        """``username`` gives the bot's name, or nothing while it is unknown."""
        self._username = username
        self._days = days
        self._more = more

    def ask_role(self, turn: Turn) -> None:
        """Offer the roles that this person may invite."""
        roles = invitable(turn.known)
        rows = [[Button(turn.label(LABELS[role]), f"inv:{role}")] for role in roles]
        rows += [list(row) for more in self._more for row in more(turn)]
        if open_links(turn.session, turn.known, turn.now):
            rows.append([Button(turn.label(LINKS), LIST)])
        turn.say("people/invite.html", rows=rows, role="")

    def chosen(self, turn: Turn) -> None:
        """A role was chosen, or a role and a unit: go on, or make the link."""
        role, unit_id = (*turn.arguments, "", "")[:2]
        if role not in invitable(turn.known):
            turn.toast("This is not open to you.", alert=True)
            return
        units = _places(turn.session, turn.known, role)
        for_all = role == ANALYST and may_appoint(turn.known, role, None)
        if role == OWNER or (unit_id == _ALL and for_all):
            self._give(turn, role, None)
        elif unit_id:
            self._give_for(turn, role, [unit for unit in units if str(unit.id) == unit_id])
        elif len(units) == 1 and not for_all:
            self._give(turn, role, units[0])
        elif not units and role == REGIONAL:
            turn.edit("people/no_regions.html")
        else:
            _ask_unit(turn, role, units=units, page=0)

    def turn_page(self, turn: Turn) -> None:
        """Show another page of units."""
        role, page = (*turn.arguments, "", "")[:2]
        if role in invitable(turn.known) and page.isdecimal():
            _ask_unit(turn, role, units=_places(turn.session, turn.known, role), page=int(page))

    def _give_for(self, turn: Turn, role: str, units: list[Unit]) -> None:
        if units:
            self._give(turn, role, units[0])
        else:
            turn.toast("This is not open to you.", alert=True)

    def _give(self, turn: Turn, role: str, unit: Unit | None) -> None:
        expires_at = turn.now + timedelta(days=self._days)
        unit_id = unit.id if unit else None
        made = select(Invitation.id).where(
            Invitation.created_by == turn.known.person_id,
            Invitation.role == role,
            Invitation.unit_id == unit_id,
            col(Invitation.expires_at) > expires_at - _SAME_TAP,
        )
        if turn.session.exec(made).first() is not None:
            return  # a second tap of the same press: the link is there already
        payload = invite(
            turn.session,
            role=role,
            unit_id=unit_id,
            max_uses=usual_uses(role),
            expires_at=expires_at,
            created_by=turn.known.person_id,
        )
        about: dict[str, Any] = {
            "role": role,
            "unit": unit.name if unit else "",
            "once": usual_uses(role) == 1,
            "until": expires_at.date(),
        }
        username = self._username()
        turn.edit("people/invited.html", **about)
        turn.say(
            "people/forward.html",
            **about,
            organisation=the_organisation(turn.session).name,
            address=link(username, payload) if username else "",
            payload=payload,
        )


def _places(session: Session, who: Identity, role: str) -> list[Unit]:
    """Return where somebody may give a role: regions for those who see them, else units."""
    regions = list(session.exec(open_units(REGION))) if role in _OF_REGIONS else []
    units = list(session.exec(open_units())) if role != REGIONAL else []
    return [one for one in (*regions, *units) if may_appoint(who, role, one.id)]


def _ask_unit(turn: Turn, role: str, *, units: list[Unit], page: int) -> None:
    start = page * _UNITS_A_PAGE
    shown = units[start : start + _UNITS_A_PAGE]
    rows = [[Button(unit.name, f"inv:{role}:{unit.id}")] for unit in shown]
    turns = []
    if page > 0:
        turns.append(Button(turn.label("‹ Back"), f"invp:{role}:{page - 1}"))
    if start + _UNITS_A_PAGE < len(units):
        turns.append(Button(turn.label("More ›"), f"invp:{role}:{page + 1}"))
    if role == ANALYST and page == 0 and may_appoint(turn.known, role, None):
        rows.insert(0, [Button(turn.label("All units"), f"inv:{role}:{_ALL}")])
    turn.edit("people/invite.html", rows=[*rows, turns], role=role)
