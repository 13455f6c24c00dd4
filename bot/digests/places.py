"""Which report a command or a button is about: checked before anything is shown."""

from typing import NamedTuple

from bot.core.dialogue import Turn
from bot.digests.reading import report_of
from bot.people.places import chosen_unit, number_at


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
    report_id = report_of(turn.session, unit_id, wanted=number_at(turn, 1))
    if report_id is None:
        turn.edit("digests/nothing_yet.html")
        return None
    return Place(unit_id, report_id)


def stale(turn: Turn) -> None:
    """Say that a button means nothing any more."""
    turn.toast("This button is from an older digest. Please send /digest.", alert=True)
