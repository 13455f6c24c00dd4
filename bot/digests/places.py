"""Which unit a command or a button is about, and which report: checked before anything is shown."""

from typing import NamedTuple

from sqlmodel import col, select

from bot.core.dialogue import MANAGER, OWNER, Button, Turn
from bot.digests.reading import report_of
from bot.people.registry import name_key
from bot.people.tables import Unit

MOST_OFFERED = 40
_LARGEST_ID = 2**31 - 1


class Place(NamedTuple):
    """A unit this person may see, and a report that speaks of it."""

    unit_id: int
    report_id: int


def place_of(turn: Turn, verb: str) -> Place | None:
    """Return what is to be shown; where that is not clear or not open, say so and return None.

    ``verb`` is what the buttons mean by which somebody with several units chooses one.
    """
    unit_id = chosen_unit(turn, verb)
    if unit_id is None:
        return None
    report_id = report_of(turn.session, unit_id, wanted=_number(turn, 1))
    if report_id is None:
        turn.edit("digests/nothing_yet.html")
        return None
    return Place(unit_id, report_id)


def chosen_unit(turn: Turn, verb: str) -> int | None:
    """Return the unit that is meant; ask, where there are several, and return None."""
    if turn.update.callback_query is not None:
        return _pressed_unit(turn)
    own = _own_units(turn)
    wanted = name_key(" ".join(turn.arguments))
    named = [unit for unit in own if unit.name_key == wanted]
    alike = named or [unit for unit in own if wanted in unit.name_key] or own
    if len(alike) == 1:
        return alike[0].id
    turn.say(
        "digests/choose_unit.html",
        rows=[[Button(unit.name, f"{verb}:{unit.id}")] for unit in alike[:MOST_OFFERED]],
        more=len(alike) > MOST_OFFERED,
        command=f"/{verb}",
    )
    return None


def stale(turn: Turn) -> None:
    """Say that a button means nothing any more."""
    turn.toast("This button is from an older digest. Please send /digest.", alert=True)


def _pressed_unit(turn: Turn) -> int | None:
    unit_id = _number(turn, 0)
    if unit_id is None or turn.session.get(Unit, unit_id) is None:
        stale(turn)
        return None
    if not turn.known.may_see(unit_id):
        turn.toast("This is not open to you.", alert=True)
        return None
    return unit_id


def _number(turn: Turn, place: int) -> int | None:
    """Return an id from a button; None for a command, or where there is none at this place."""
    if turn.update.callback_query is None or len(turn.arguments) <= place:
        return None
    text = turn.arguments[place]
    is_id = text.isascii() and text.isdigit() and int(text) <= _LARGEST_ID
    return int(text) if is_id else None


def _own_units(turn: Turn) -> list[Unit]:
    query = select(Unit).order_by(col(Unit.name_key))
    if not turn.known.has(OWNER):
        query = query.where(col(Unit.id).in_(turn.known.units(MANAGER)))
    return list(turn.session.exec(query))
