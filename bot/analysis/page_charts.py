"""Charts of the page as coordinates: what stands where in a drawing of WIDTH units across."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor
from typing import Self

from bot.analysis.wording import (
    Plain,
    interval,
    is_established,
    label_of,
    padded,
    signed,
    why_hidden,
)

WIDTH = 520
ROW = 30
HEAD = 26
_LETTERS = 19
_LEFT, _RIGHT = 138.0, 366.0
_STEPS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Tone(StrEnum):
    """What a figure says; it chooses the colour and whether the mark is filled."""

    SHORT = "short"
    OVER = "over"
    ABOVE = "above"
    OPEN = "open"
    HIDDEN = "hidden"


def tone_of(gap: Plain) -> Tone:
    """Short of, or beyond, what is wanted; open where the interval does not leave out zero."""
    if gap["estimate"] is None:
        return Tone.HIDDEN
    if not is_established(gap):
        return Tone.OPEN
    if gap["estimate"] < 0:
        return Tone.SHORT
    return Tone.OVER if label_of(gap) == "M-E" else Tone.ABOVE


@dataclass(frozen=True)
class Axis:
    """Numbers from ``low`` to ``high`` between two edges of the drawing."""

    low: float
    high: float
    left: float = _LEFT
    right: float = _RIGHT

    @classmethod
    def over(
        cls,
        numbers: Iterable[float | None],
        *,
        step: float = 0.5,
        left: float = _LEFT,
        right: float = _RIGHT,
    ) -> Self:
        """An axis that holds all numbers, from one multiple of ``step`` to another."""
        known = [number for number in numbers if number is not None] or [0.0]
        low, high = floor(min(known) / step) * step, ceil(max(known) / step) * step
        return cls(low, high if high > low else low + step, left, right)

    def at(self, number: float) -> float:
        """Where a number lies, to a tenth of a unit."""
        place = (number - self.low) / (self.high - self.low)
        return round(self.left + place * (self.right - self.left), 1)

    @property
    def ticks(self) -> list[tuple[str, float]]:
        """Some four to seven round numbers and where they stand."""
        step = next((one for one in _STEPS if (self.high - self.low) / one <= 6), _STEPS[-1])
        numbers = [k * step for k in range(ceil(self.low / step), floor(self.high / step) + 1)]
        return [(f"{number:g}".replace("-", "−"), self.at(number)) for number in numbers]

    @property
    def zero(self) -> float | None:
        """Where zero lies, if it is on the axis."""
        return self.at(0.0) if self.low <= 0 <= self.high else None


@dataclass(frozen=True)
class Row:
    """One figure of a chart: its name, its mark and whisker, its number in words."""

    y: float
    label: str
    tone: Tone
    figure: str
    x: float | None = None
    whisker: tuple[float, float] | None = None


@dataclass(frozen=True)
class IntervalChart:
    """Figures with intervals on one axis."""

    title: str
    rows: tuple[Row, ...]
    axis: Axis
    height: float
    words: str


def interval_chart(title: str, gaps: Sequence[tuple[str, Plain]], axis: Axis) -> IntervalChart:
    """One row per (name, gap); a hidden one says why instead."""
    rows = tuple(_row(HEAD + ROW * (k + 0.5), *named, axis) for k, named in enumerate(gaps))
    words = "; ".join(f"{row.label} {row.figure}" for row in rows)
    return IntervalChart(title, rows, axis, HEAD + ROW * len(rows) + 6, words)


def _row(y: float, label: str, gap: Plain, axis: Axis, /) -> Row:
    tone, label = tone_of(gap), padded(label, _LETTERS).rstrip()
    if gap["estimate"] is None:
        return Row(y, label, tone, why_hidden(gap))
    figure = f"{signed(gap['estimate'])} {interval(gap)}"
    x = axis.at(gap["estimate"])
    if gap["low"] is None:
        return Row(y, label, tone, figure, x)
    return Row(y, label, tone, figure, x, (axis.at(gap["low"]), axis.at(gap["high"])))


def axis_of(gaps: Iterable[Plain]) -> Axis:
    """An axis for gaps and their intervals, with zero on it."""
    return Axis.over([0.0, *(gap[part] for gap in gaps for part in ("estimate", "low", "high"))])


@dataclass(frozen=True)
class Step:
    """One bar of the chain, from ``x`` on ``width`` far; ``end`` is where the next begins."""

    y: float
    label: str
    tone: Tone
    figure: str
    x: float
    width: float
    end: float


@dataclass(frozen=True)
class Waterfall:
    """The chain from what is expected down to what is perceived."""

    first: Row
    steps: tuple[Step, ...]
    last: Row
    axis: Axis
    height: float
    words: str


def waterfall(unit: Plain) -> Waterfall | None:
    """Draw the unit's overall chain; None where fewer than two points may be shown."""
    links = list(reversed(unit["chain"]))
    if not links:
        return None
    levels = [unit["vantage"][links[0]["subtrahend"]]["overall"]["mean"]]
    for link in links:
        levels.append(levels[-1] + link["estimate"])
    axis = Axis.over([min(levels) - 0.1, max(levels) + 0.1])
    rows = [HEAD + ROW * (k + 0.5) for k in range(len(links) + 2)]
    steps = [
        _step(y, link, axis.at(before), axis.at(after))
        for y, link, before, after in zip(rows[1:], links, levels, levels[1:], strict=False)
    ]
    first = _level(rows[0], links[0]["subtrahend"], levels[0], axis)
    last = _level(rows[-1], links[-1]["minuend"], levels[-1], axis)
    told: list[Row | Step] = [first, *steps, last]
    words = "; ".join(f"{one.label} {one.figure}" for one in told)
    return Waterfall(first, tuple(steps), last, axis, HEAD + ROW * len(rows) + 6, words)


def _step(y: float, link: Plain, before: float, after: float, /) -> Step:
    figure = f"{signed(link['estimate'])} {interval(link)}"
    left = min(before, after)
    width = round(max(abs(after - before), 1.5), 1)
    return Step(y, link["label"].replace("-", "−"), tone_of(link), figure, left, width, after)


def _level(y: float, point: str, mean: float, axis: Axis, /) -> Row:
    return Row(y, point, Tone.ABOVE, f"{mean:.2f}", axis.at(mean))
