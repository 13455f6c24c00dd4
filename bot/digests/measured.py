"""What a report says about one unit, read from its plain form into values a page can show.

Colour and words follow the rule of harm, never the sign alone, and a hidden figure keeps the reason
why it is hidden. The plain form is that of schema ``gapbot.report/1``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gapengine.scale import SEVEN, Scale
from gapengine.vantage import Gap, Harm, Vantage

OVERALL = "overall"
EVEN_WITHIN = 0.25
"""An interval around zero that stays this near to it, in points of seven, is called even."""

FLOOR = 5
"""The floor of people below which a figure is hidden, where the report does not name one."""

COMMUNICATION = ("D", "C")
ORDER = "EMSDP"
"""The chain's vantage points, from what is expected to what is perceived."""

Plain = Mapping[str, Any]


class Tone(StrEnum):
    """What a measured difference means for customers."""

    SHORT = "short"
    OVER = "over"
    ABOVE = "above"
    EVEN = "even"
    OPEN = "open"
    HIDDEN = "hidden"
    NOT_ASKED = "not_asked"


ESTABLISHED = frozenset({Tone.SHORT, Tone.OVER, Tone.ABOVE})
HARMFUL = frozenset({Tone.SHORT, Tone.OVER})
WITHHELD = frozenset({Tone.HIDDEN, Tone.NOT_ASKED})


@dataclass(frozen=True)
class Level:
    """The mean of one vantage point; ``mean`` is None where it is hidden or was not asked.

    ``floor`` is how many people it takes; 0 where it is hidden because it would tell of others.
    """

    vantage: str
    mean: float | None
    respondents: int | None
    withheld: Tone | None = None
    floor: int = FLOOR
    no_rule_share: float | None = None

    @property
    def tone(self) -> Tone | None:
        """Why it is withheld, under the name that a gap's reason has."""
        return self.withheld


@dataclass(frozen=True)
class Measured:
    """One gap of one cell with its interval; the figures are None where ``tone`` is withheld.

    ``alike_items``: both sides are compared on these many items alone, see ``like_for_like``.
    """

    name: str
    minuend: str
    subtrahend: str
    level: str
    key: str
    tone: Tone
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    minuend_count: int | None = None
    subtrahend_count: int | None = None
    floor: int = FLOOR
    alike_items: int | None = None

    @property
    def pair(self) -> str:
        """The difference as written, such as ``P-E``."""
        return f"{self.minuend}-{self.subtrahend}"


@dataclass(frozen=True)
class Step:
    """One step of the chain, from one vantage point's level to the next one's."""

    start: str
    end: str
    tone: Tone
    estimate: float | None
    low: float | None
    high: float | None
    start_level: float | None
    end_level: float | None

    @property
    def joined(self) -> bool:
        """Whether it spans several links because a vantage point between them is missing."""
        return ORDER.index(self.end) - ORDER.index(self.start) > 1


def tone_of(
    pair: tuple[str, str],
    estimate: float | None,
    *,
    low: float | None,
    high: float | None,
    scale: Scale = SEVEN,
) -> Tone:
    """Judge a difference by its interval and the rule of harm of its two vantage points."""
    if estimate is None:
        return Tone.HIDDEN
    if low is None or high is None:
        return Tone.OPEN
    harm = Gap("", Vantage(pair[0]), Vantage(pair[1])).harm
    if high < 0:
        return Tone.SHORT
    if low > 0:
        return Tone.OVER if harm is Harm.BOTH else Tone.ABOVE
    return Tone.EVEN if max(-low, high) < scale.of_seven(EVEN_WITHIN) else Tone.OPEN


def read_levels(report_unit: Plain) -> tuple[Level, ...]:
    """Read the overall level of every vantage point, in the order E, M, S, D, C, P."""
    vantage = report_unit.get("vantage", {})
    return tuple(_level(point, vantage.get(point)) for point in Vantage)


def _level(vantage: Vantage, cells: Plain | None) -> Level:
    cell = (cells or {}).get(OVERALL) or {}
    mean = cell.get("mean")
    return Level(
        vantage.value,
        mean,
        cell.get("n_respondents"),
        _withheld(cell) if mean is None else None,
        floor=_floor(cell),
        no_rule_share=cell.get("share_no_rule"),
    )


def _withheld(cell: Plain) -> Tone:
    """Tell 'nobody was asked' from 'too few answered'; the second is said of what is suppressed."""
    reason = str(cell.get("reason", "")).replace("_", " ")
    asked = bool(cell.get("suppressed")) and "not asked" not in reason
    return Tone.HIDDEN if asked else Tone.NOT_ASKED


def _floor(cell: Plain) -> int:
    """How many people must answer before this figure is shown; 0 where it is hidden for others."""
    because = cell.get("because", ())
    floors = [cause["floor"] for cause in because if cause.get("floor")]
    if because and not floors:
        return 0
    return max(floors, default=FLOOR)


def read_gaps(report_unit: Plain, scale: Scale = SEVEN) -> tuple[Measured, ...]:
    """Read every gap of every level, the seed's and the classic ones."""
    return tuple(_gap(entry, scale) for entry in report_unit.get("gaps", ()))


def _gap(entry: Plain, scale: Scale) -> Measured:
    estimate, low, high = (entry.get(field) for field in ("estimate", "low", "high"))
    pair = entry["minuend"], entry["subtrahend"]
    withheld = entry.get("suppressed") or estimate is None
    return Measured(
        name=entry["name"],
        minuend=pair[0],
        subtrahend=pair[1],
        level=entry["level"],
        key=entry["key"],
        tone=_withheld(entry)
        if withheld
        else tone_of(pair, estimate, low=low, high=high, scale=scale),
        estimate=None if withheld else estimate,
        low=None if withheld else low,
        high=None if withheld else high,
        minuend_count=None if withheld else entry.get("n_minuend"),
        subtrahend_count=None if withheld else entry.get("n_subtrahend"),
        floor=_floor(entry),
        alike_items=entry.get("alike_items"),
    )


def like_for_like(report_unit: Plain) -> Plain:
    """Return the report with each communication gap taken over the items that both sides cover.

    Promises are asked about on a few items only. Against what is delivered on all of them they
    would compare different things, so the figures of the common items take the estimate's place;
    ``alike_items`` says how many these are.
    """
    gaps = [_alike(entry) for entry in report_unit.get("gaps", ())]
    return {**report_unit, "gaps": gaps}


def _alike(entry: Plain) -> Plain:
    common = entry.get("like_for_like")
    if not common or (entry["minuend"], entry["subtrahend"]) != COMMUNICATION:
        return entry
    figures = {name: value for name, value in common.items() if name != "items"}
    own = {name: value for name, value in entry.items() if name != "shrunken"}
    return {**own, **figures, "alike_items": common["items"]}


def read_chain(
    report_unit: Plain, levels: Sequence[Level], scale: Scale = SEVEN
) -> tuple[Step, ...]:
    """Read the chain as steps that lead from what is expected to what is perceived."""
    means = {level.vantage: level.mean for level in levels}
    links = sorted(report_unit.get("chain", ()), key=lambda link: ORDER.index(link["subtrahend"]))
    return tuple(_step(link, means, scale) for link in links)


def _step(entry: Plain, means: Mapping[str, float | None], scale: Scale) -> Step:
    start, end = entry["subtrahend"], entry["minuend"]
    withheld = bool(entry.get("suppressed"))
    estimate, low, high = (
        None if withheld else entry.get(field) for field in ("estimate", "low", "high")
    )
    tone = (
        _withheld(entry)
        if estimate is None
        else tone_of((end, start), estimate, low=low, high=high, scale=scale)
    )
    return Step(start, end, tone, estimate, low, high, means.get(start), means.get(end))
