"""What a digest says about one unit, as plain frozen values: no text, no database, no chat types.

``digest_view`` decides what is worth saying; templates and charts only say it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from bot.core.visible import harmless
from bot.digests.measured import (
    HARMFUL,
    OVERALL,
    WITHHELD,
    Level,
    Measured,
    Plain,
    Step,
    Tone,
    read_chain,
    read_gaps,
    read_levels,
)
from bot.digests.second import Beside, Sources, read_sources
from gapengine.scale import SEVEN, Scale

CUSTOMER_GAP = "G5"
SEED_NAMES = ("expectation", "perception", "specification", "delivery", "communication")
TEXT_FLOOR = 8
"""Free texts are shown only where at least this many were written."""
WEEKS_TO_LEARN = 8
MOST_FIXES = 3
MOST_VOICES = 3
LONGEST_VOICE = 220
LONGEST_NAME = 60


@dataclass(frozen=True)
class Button:
    """What a person may press; the chat layer signs action and argument and binds them to them."""

    label: str
    action: str
    argument: str = ""


@dataclass(frozen=True)
class Page:
    """One message in Telegram's HTML and the rows of buttons under it."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()


@dataclass(frozen=True)
class Response:
    """How many questionnaires went out to customers in the window, and how many came back."""

    asked: int
    answered: int

    @property
    def rate(self) -> float | None:
        """The share that came back, or None where none went out."""
        return self.answered / self.asked if self.asked else None


@dataclass(frozen=True)
class Comment:
    """A free text a customer wrote, and the language they wrote it in."""

    text: str
    language: str


@dataclass(frozen=True)
class Voices:
    """Quotations and how many texts there were; both nothing where too few people wrote."""

    count: int
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Focus:
    """The one gap to work on, why this one, and the fixes that fit, the best first."""

    gap: str
    dimension: str | None
    estimate: float
    low: float
    high: float
    minuend_count: int | None
    subtrahend_count: int | None
    segment: str | None = None
    segment_share: float | None = None
    cause: str | None = None
    cause_score: float | None = None
    prior_weights: bool = True
    fixes: tuple[str, ...] = ()

    @property
    def tone(self) -> Tone:
        """On which side of zero it harms."""
        return Tone.SHORT if self.estimate < 0 else Tone.OVER


@dataclass(frozen=True)
class EarlierAction:
    """A fix that was taken before: whose it is, when one looks again, and what came of it."""

    fix: str
    owner: str
    due: date | None = None
    state: str = "open"
    verdict: str | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None


class Direction(StrEnum):
    """Where a gap went since the weeks before."""

    BETTER = "better"
    WORSE = "worse"
    STEADY = "steady"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Move:
    """How a gap changed; the figures are the size of the change, lower and upper bound of it."""

    gap: str
    direction: Direction
    size: float | None = None
    low: float | None = None
    high: float | None = None


class Kind(StrEnum):
    """How much there is to say."""

    FULL = "full"
    NO_ANSWERS = "no_answers"
    TOO_FEW = "too_few"
    NOTHING_ESTABLISHED = "nothing_established"


@dataclass(frozen=True)
class DigestView:
    """Everything a digest, its pictures and its drill-down pages show of one unit."""

    unit_name: str
    first_day: date
    last_day: date
    kind: Kind
    levels: tuple[Level, ...]
    gaps: tuple[Measured, ...]
    chain: tuple[Step, ...]
    moves: tuple[Move, ...]
    compared: bool
    weeks_of_history: int
    focus: Focus | None
    voices: Voices
    response: Response
    earlier: tuple[EarlierAction, ...] = ()
    sources: Sources = field(default_factory=Sources)
    scale: Scale = SEVEN
    """On which all figures stand."""

    @property
    def points(self) -> int:
        """How many levels the scale has."""
        return self.scale.points

    @property
    def customer_gap(self) -> Measured:
        """The gap between what customers expect and what they experience, over everything."""
        return self.gap(CUSTOMER_GAP)

    @property
    def focus_gap(self) -> Measured | None:
        """The gap to work on as the report measured it."""
        if self.focus is None:
            return None
        if self.focus.dimension is None:
            return self.gap(self.focus.gap)
        return self.gap(self.focus.gap, level="dimension", key=self.focus.dimension)

    @property
    def fixes(self) -> tuple[str, ...]:
        """The codes of the fixes to suggest, the best first."""
        return self.focus.fixes[:MOST_FIXES] if self.focus else ()

    @property
    def still_learning(self) -> bool:
        """Whether there is too little history to tell a trend from chance."""
        return self.weeks_of_history < WEEKS_TO_LEARN

    def level(self, vantage: str) -> Level:
        """Return the overall level of one vantage point."""
        return next(level for level in self.levels if level.vantage == vantage)

    def gap(self, name: str, *, level: str = OVERALL, key: str = OVERALL) -> Measured:
        """Return one gap of one cell; what the report does not hold was not asked."""
        for gap in self.gaps:
            if (gap.name, gap.level, gap.key) == (name, level, key):
                return gap
        return Measured(name, "", "", level, key, Tone.NOT_ASKED)

    def sources_of(self, gap: Measured) -> list[Beside]:
        """Return what a second source says of the sides of a gap, in the cell of that gap."""
        return self.sources.of((gap.minuend, gap.subtrahend), gap.level, gap.key)

    def gaps_at(self, name: str, level: str) -> tuple[Measured, ...]:
        """Return one gap at every dimension or item, in the report's order."""
        return tuple(gap for gap in self.gaps if gap.name == name and gap.level == level)


def digest_view(  # noqa: PLR0913 - a week has this many parts, each given by name
    *,
    unit_name: str,
    report_unit: Plain,
    change: Sequence[Mapping[str, Any]],
    response: Response,
    comments: Sequence[Comment],
    advice: Sequence[Focus],
    window: tuple[date, date],
    weeks_of_history: int,
    language: str = "en",
    earlier_actions: Iterable[EarlierAction] = (),
    sources: Mapping[str, Any] | None = None,
    scale: Scale = SEVEN,
) -> DigestView:
    """Decide what this unit's digest says; the same input always gives the same digest.

    ``language`` is the reader's: comments written in it are quoted first.
    """
    levels = read_levels(report_unit)
    gaps = read_gaps(report_unit, scale)
    moves = _moves(change, gaps)
    focus = advice[0] if advice else None
    return DigestView(
        unit_name=_clipped(unit_name, LONGEST_NAME),
        first_day=window[0],
        last_day=window[1],
        kind=_kind(gaps, moves, response=response, focus=focus),
        levels=levels,
        gaps=gaps,
        chain=read_chain(report_unit, levels, scale),
        moves=moves,
        compared=any(move.direction is not Direction.TOO_FEW for move in moves),
        weeks_of_history=weeks_of_history,
        focus=focus,
        voices=_voices(comments, language),
        response=response,
        earlier=tuple(earlier_actions),
        sources=read_sources(report_unit, sources or {}, scale),
        scale=scale,
    )


def _kind(
    gaps: Sequence[Measured], moves: Sequence[Move], *, response: Response, focus: Focus | None
) -> Kind:
    if not response.answered:
        return Kind.NO_ANSWERS
    overall = [gap for gap in gaps if gap.level == OVERALL]
    if all(gap.tone in WITHHELD for gap in overall):
        return Kind.TOO_FEW
    harmed = any(gap.tone in HARMFUL for gap in overall)
    moved = any(move.direction in {Direction.BETTER, Direction.WORSE} for move in moves)
    return Kind.FULL if harmed or moved or focus else Kind.NOTHING_ESTABLISHED


def _moves(change: Sequence[Mapping[str, Any]], gaps: Sequence[Measured]) -> tuple[Move, ...]:
    """Read the overall changes: the customer gap first, then the five, each difference once."""
    entries = {entry["gap"]: entry for entry in change if entry.get("level", OVERALL) == OVERALL}
    now = {gap.name: gap for gap in gaps if gap.level == OVERALL}
    return tuple(
        _move(entries[name], now.get(name))
        for name in (CUSTOMER_GAP, *SEED_NAMES)
        if name in entries
    )


def _move(entry: Mapping[str, Any], gap: Measured | None) -> Move:
    verdict, size = entry["verdict"], entry.get("estimate")
    if verdict not in {"up", "down"} or size is None or gap is None or gap.estimate is None:
        few = str(verdict).replace("_", " ") == "too few" or gap is None or gap.estimate is None
        return Move(entry["gap"], Direction.TOO_FEW if few else Direction.STEADY)
    better = verdict == "up"
    if gap.minuend == "M" and gap.subtrahend == "E":
        better = abs(gap.estimate) < abs(gap.estimate - size)
    bounds = sorted((abs(entry["low"]), abs(entry["high"])))
    direction = Direction.BETTER if better else Direction.WORSE
    return Move(entry["gap"], direction, abs(size), bounds[0], bounds[1])


def _voices(comments: Sequence[Comment], language: str) -> Voices:
    """Quote the reader's own language first, and the same words once.

    Below the floor nothing at all is kept.
    """
    written = [
        (comment.language != language, " ".join(harmless(comment.text).split()))
        for comment in comments
        if comment.text.strip()
    ]
    if len(written) < TEXT_FLOOR:
        return Voices(0, ())
    written.sort(key=lambda one: one[0])
    different = {text.casefold().rstrip(".!。！ "): text for _, text in reversed(written)}
    quotes = [_clipped(text, LONGEST_VOICE) for text in reversed(different.values())]
    return Voices(len(written), tuple(quotes[:MOST_VOICES]))


def _clipped(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
