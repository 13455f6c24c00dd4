"""A report as text for a terminal: what to look at, how units stand, then each place in full."""

from collections.abc import Collection, Iterator
from textwrap import fill

from bot.analysis.section_text import section_lines
from bot.analysis.selection import Standing, Standings, standings, told_in_full
from bot.analysis.terminal_plot import Axis, interval_row
from bot.analysis.unit_text import unit_lines
from bot.analysis.wording import MEANINGS, Plain, interval, padded, share, signed, why_hidden

NARROWEST, USUAL, WIDEST = 72, 80, 120
IN_FULL = 12
"""Up to so many units each is told in full."""

_NAME, _FIGURES = 18, 35


def report_text(plain: Plain, *, width: int = USUAL, chosen: Collection[str] = ()) -> str:
    """Write out a plain report, for a terminal of so many columns.

    The whole and the regions come first, then how the units stand beside each other, then each
    unit in full if they are at most IN_FULL; with ``chosen`` these units alone.
    """
    width = min(max(width, NARROWEST), WIDEST)
    lines = [*_preface(plain, width=width)]
    places = list(told_in_full(plain, chosen, most=IN_FULL))
    together = [] if chosen else list(_standings(standings(plain), width=width))
    first_unit = 1 + len(plain.get("regions", {}))
    for number, place in enumerate(places):
        if number == first_unit:
            lines += together
        lines += ["", place.title, "=" * len(place.title)]
        lines += [*unit_lines(place.unit, width=width), *section_lines(place.unit)]
    if len(places) <= first_unit:
        lines += together
    return "\n".join(lines) + "\n"


def _preface(plain: Plain, *, width: int) -> Iterator[str]:
    floors = plain["floors"]
    if floors is None:
        hidden = "Nothing is hidden (--no-suppress): do not pass this on."
    else:
        hidden = (
            f"Hidden below {floors['customer']} customers, {floors['staff']} staff or "
            f"{floors['manager']} managers."
        )
    yield fill(
        f"Gaps in points of the 1 to {plain['scale'][1]} scale; negative means a shortfall. "
        "Intervals: "
        f"{100 * plain['confidence']:g} %, clustered by respondent{_errors(plain)}.",
        width,
    )
    yield fill(
        f"A dimension is the mean of its items, overall the {plain['overall']}"
        f"{_weights(plain)}. {hidden}",
        width,
    )
    yield from (f"  {label}  {meaning}" for label, meaning in MEANINGS.items())
    yield "    *  the interval leaves out zero"


def _errors(plain: Plain) -> str:
    return ", corrected for items with few answers" if plain["errors"] == "corrected" else ""


def _weights(plain: Plain) -> str:
    weights = plain.get("weights")
    if not weights:
        return ""
    total = sum(weights.values())
    told = ", ".join(f"{name} {share(weight / total)}" for name, weight in weights.items())
    return f"; weighted with {told} ({plain['weights_source']})"


def _standings(standing: Standings, *, width: int) -> Iterator[str]:
    """All units on one axis; a ranking only where figures were drawn together."""
    if len(standing.rows) < 2:
        return
    told = [row.drawn or row.raw for row in standing.rows]
    numbers = [gap[part] for gap in told for part in ("estimate", "low", "high")]
    columns = min(width - _NAME - _FIGURES, 60)
    axis = Axis.over([*numbers, 0.0], columns)
    yield ""
    title = f"The {len(standing.rows)} units by customer gap P-E"
    yield title
    yield "-" * len(title)
    yield fill(_how_to_read(standing), width)
    if all(number is None for number in numbers):
        yield "  no unit's customer gap may be shown"
        return
    worst = "worst" if standing.ranked else ""
    drawn, rank = ("drawn", "rank") if standing.ranked else ("", "")
    head = f"{padded('unit', _NAME)}{'raw':>7}{drawn:>7} {rank:^13}{worst:>5}  "
    yield f"{head}{axis.scale()}"
    yield from (_standing(row, axis) for row in standing.rows)


def _how_to_read(standing: Standings) -> str:
    if standing.ranked:
        return (
            "Raw figures of small units scatter by chance; drawn towards their siblings they "
            "scatter less. Rank: the ranks a unit may have among its siblings, 1 the largest "
            "shortfall. Worst: the chance of rank 1."
        )
    return "By name, not ranked: raw figures of small units scatter by chance."


def _standing(row: Standing, axis: Axis) -> str:
    start = padded(row.name, _NAME)
    gap = row.drawn or row.raw
    if gap["estimate"] is None:
        return f"{start}  {why_hidden(row.raw)}"
    bounds = None if gap["low"] is None else (gap["low"], gap["high"])
    drawn = "" if row.drawn is None else signed(row.drawn["estimate"])
    worst = "" if row.worst is None else share(row.worst)
    plot = interval_row(axis, gap["estimate"], bounds)
    figures = f"{signed(row.raw['estimate']):>7}{drawn:>7} {row.ranks:^13}{worst:>5}"
    return f"{start}{figures}  {plot or interval(gap)}".rstrip()
