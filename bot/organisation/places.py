"""What the buttons of units and people mean, and notices about them."""

from typing import NamedTuple

from sqlmodel import Session

from bot.core.dialogue import Button, Rows, Turn
from bot.core.i18n import N_
from bot.people.tables import Unit

PER_PAGE = 8

ROLE_NAMES = {
    "owner": N_("owner"),
    "regional": N_("regional manager"),
    "manager": N_("manager"),
    "analyst": N_("analyst"),
    "staff": N_("member of staff"),
    "customer": N_("customer"),
    "partner": N_("partner"),
}


class Page(NamedTuple):
    """A part of a list, and the buttons that turn to the others."""

    shown: list[Unit]
    turning: Rows


def page_of(turn: Turn, units: list[Unit], verb: str, page: int) -> Page:
    """Return one page of units; ``verb`` with a number behind it turns the pages."""
    start = page * PER_PAGE
    turning = []
    if page > 0:
        turning.append(Button(turn.label("‹ Back"), f"{verb}:{page - 1}"))
    if start + PER_PAGE < len(units):
        turning.append(Button(turn.label("More ›"), f"{verb}:{page + 1}"))
    return Page(units[start : start + PER_PAGE], [turning])


def unit_at(session: Session, unit_id: int | None) -> Unit | None:
    """Return the unit of this number, or None."""
    return session.get(Unit, unit_id) if unit_id else None
