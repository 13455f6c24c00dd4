"""Which report a command or a button is about: checked before anything is shown."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.core.dialogue import MANAGER, Rows, Turn
from bot.digests.reading import report_of, view_of
from bot.digests.sending import is_unit, rows_of
from bot.digests.view import DigestView, Page
from bot.forecasts.forecasts import note_seen
from bot.improvement.catalogue import Fix
from bot.people.places import chosen_unit, number_at


class Place(NamedTuple):
    """A unit this person may see, and a report that speaks of it."""

    unit_id: int
    report_id: int


def place_of(turn: Turn, verb: str, *also: str) -> Place | None:
    """Return what is to be shown; where that is not clear or not open, say so and return None.

    ``verb`` is what the buttons mean by which somebody with several units chooses one; ``also``
    are roles that are let in beside those in charge.
    """
    unit_id = chosen_unit(turn, verb, MANAGER, *also, figures=verb != "fixes")
    if unit_id is None:
        return None
    report_id = report_of(turn.session, unit_id, wanted=number_at(turn, 1))
    if report_id is None:
        turn.edit("digests/nothing_yet.html")
        return None
    return Place(unit_id, report_id)


def steers(turn: Turn, unit_id: int) -> bool:
    """Tell whether the reader may see more of a unit than its figures."""
    return turn.known.may_see(unit_id)


def decides(turn: Turn, unit_id: int) -> bool:
    """Tell whether fixes are offered to the reader: they are taken in units, not in regions."""
    return steers(turn, unit_id) and is_unit(turn.session, unit_id)


def stale(turn: Turn) -> None:
    """Say that a button means nothing any more."""
    turn.toast("This button is from an older digest. Please send /digest.", alert=True)


def rest_of(turn: Turn) -> tuple[str, str]:
    """Return what a button says behind unit and report: two words, empty where it says less."""
    first, second, *_ = (*turn.arguments[2:4], "", "")
    return first, second


def view_at(turn: Turn, place: Place, fixes: Sequence[Fix]) -> DigestView:
    """Return what the report of a place says to this reader, and note that they see it."""
    note_seen(
        turn.session,
        person_id=turn.known.person_id,
        unit_id=place.unit_id,
        report_id=place.report_id,
        now=turn.now,
    )
    return view_of(
        turn.session,
        unit_id=place.unit_id,
        report_id=place.report_id,
        language=turn.language,
        fixes=fixes,
        today=turn.now.date(),
        figures_only=not steers(turn, place.unit_id),
    )


def show_page(turn: Turn, place: Place, page: Page, *, more: Rows = ()) -> None:
    """Show a page where the digest was, with the way back to it."""
    rows = rows_of(
        page, *place, back=turn.label("← The digest"), decides=decides(turn, place.unit_id)
    )
    turn.put(page.text, [*rows, *more])
