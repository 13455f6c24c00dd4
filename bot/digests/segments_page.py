"""The page behind ``/gaps`` that tells kinds of customers apart, as far as that may be told."""

from collections.abc import Mapping
from typing import Any

from bot.analysis.kept import read_findings
from bot.analysis.segments import SLICINGS, TOUCHPOINT_WEEKS
from bot.analysis.tables import (
    CHANNEL,
    TENURE,
    TOUCHPOINT,
    StoredReport,
    rest_code,
    touchpoint_of,
)
from bot.core.dialogue import Button, Rows, Turn
from bot.core.i18n import N_
from bot.crm.words import CHANNELS, NEW, RETURNING, TENURES
from bot.digests.places import Place, place_of
from bot.digests.words import Words
from bot.forecasts.forecasts import note_seen
from bot.people.roster import unit_name

VERB = "kinds"
_UNKNOWN = N_("Not known")
_KINDS: Mapping[str, str] = {
    f"{TENURE}:new": TENURES[NEW],
    f"{TENURE}:back": TENURES[RETURNING],
    **{f"{CHANNEL}:{channel}": words for channel, words in CHANNELS.items()},
}


def way_to_kinds(turn: Turn, place: Place) -> Rows:
    """Return the button that leads to the page, where there is anything on it."""
    if not _found(turn, place):
        return ()
    label = turn.label("By kind of customer")
    return [[Button(label, f"{VERB}:{place.unit_id}:{place.report_id}")]]


def show_kinds(turn: Turn) -> None:
    """Show what customers get against what they expect, by kind of customer."""
    place = place_of(turn, "gaps")
    if place is None:
        return
    note_seen(
        turn.session,
        person_id=turn.known.person_id,
        unit_id=place.unit_id,
        report_id=place.report_id,
        now=turn.now,
    )
    found = _found(turn, place)
    turn.edit(
        "digests/kinds.html",
        rows=[[Button(turn.label("← All gaps"), f"gaps:{place.unit_id}:{place.report_id}")]],
        unit=unit_name(turn.session, place.unit_id),
        points=turn.session.get_one(StoredReport, place.report_id).points,
        words=Words(turn.texts, turn.language),
        slicings={one: _named(turn, one, found[one]) for one in SLICINGS if found.get(one)},
        touchpoint=TOUCHPOINT,
        weeks=TOUCHPOINT_WEEKS,
    )


def _found(turn: Turn, place: Place) -> Mapping[str, Any]:
    name = unit_name(turn.session, place.unit_id)
    return read_findings(turn.session, place.report_id, name).segments


def _named(turn: Turn, slicing: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of a slicing with each kind's name in the reader's language.

    Touchpoints have the names that the organisation gave them.
    """
    named = []
    for line in lines:
        code = line["segment"]
        if code == rest_code(slicing):
            name = turn.label(_UNKNOWN)
        elif slicing == TOUCHPOINT:
            name = touchpoint_of(code)
        else:
            name = turn.label(_KINDS.get(code, code))
        named.append(line | {"name": name})
    return named
