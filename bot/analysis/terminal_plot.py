"""Small plots out of characters: intervals, steps of a chain, series of weeks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Self

_TICKS = (0.5, 1.0, 2.0)
_ROOM_FOR_TICK = 8
_SPARKS = "▁▂▃▄▅▆▇█"
_PLAIN = {
    **dict(zip(_SPARKS, "_.,-=+*#", strict=True)),
    **dict(zip("●○◆├┤─│┊░…−–·×", "*o+[]-|::.--.x", strict=True)),
}
_TO_ASCII = str.maketrans(_PLAIN)


def fitted(text: str, encoding: str | None) -> str:
    """The text as a stream of that encoding can show it: with ASCII plots where it must be.

    What cannot be written even so (names in other scripts) becomes a question mark. A stream
    without an encoding takes any text.
    """
    if encoding is None:
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_TO_ASCII).encode(encoding, "replace").decode(encoding)
    return text


@dataclass(frozen=True)
class Axis:
    """Numbers from ``low`` to ``high`` laid along so many columns."""

    low: float
    high: float
    columns: int

    @classmethod
    def over(cls, numbers: Iterable[float | None], columns: int, *, step: float = 0.5) -> Self:
        """An axis that holds all the numbers, from one multiple of ``step`` to another."""
        known = [number for number in numbers if number is not None] or [0.0]
        low, high = floor(min(known) / step) * step, ceil(max(known) / step) * step
        return cls(low, high if high > low else low + step, columns)

    def at(self, number: float) -> int:
        """The column of a number."""
        share = (number - self.low) / (self.high - self.low)
        return min(max(round(share * (self.columns - 1)), 0), self.columns - 1)

    def ticks(self) -> list[float]:
        """Round numbers that have room beside each other."""
        most = max(self.columns // _ROOM_FOR_TICK, 1)
        fits = (step for step in _TICKS if (self.high - self.low) / step <= most)
        step = next(fits, 4.0)
        return [k * step for k in range(ceil(self.low / step), floor(self.high / step) + 1)]

    def scale(self) -> str:
        """The line of numbers above a plot."""
        line = [" "] * (self.columns + 2)
        for tick in self.ticks():
            word = f"{tick:+g}".replace("-", "−") if self.low < 0 and tick else f"{tick:g}"
            start = min(max(self.at(tick) - len(word) // 2, 0), len(line) - len(word))
            line[start : start + len(word)] = word
        return "".join(line).rstrip()

    def blank(self, *, zero: bool = True) -> list[str]:
        """An empty row; with the line of zero where zero is on the axis."""
        row = [" "] * self.columns
        if zero and self.low <= 0 <= self.high:
            row[self.at(0.0)] = "│"
        return row


def interval_row(axis: Axis, estimate: float, bounds: tuple[float, float] | None) -> str:
    """An estimate with its interval; filled where the interval leaves out zero."""
    row = axis.blank()
    sure = False
    if bounds is not None:
        low, high = (axis.at(bound) for bound in bounds)
        for k in range(low, high + 1):
            row[k] = "─"
        row[low], row[high] = "├", "┤"
        sure = bounds[0] > 0 or bounds[1] < 0
    row[axis.at(estimate)] = "●" if sure else "○"
    return "".join(row).rstrip()


def level_row(axis: Axis, level: float) -> str:
    """A mean on the scale."""
    row = axis.blank(zero=False)
    row[axis.at(level)] = "◆"
    return "".join(row).rstrip()


def step_row(axis: Axis, start: float, end: float, *, sure: bool) -> str:
    """One step of a chain from a level to the next; solid where it is established."""
    row = axis.blank(zero=False)
    first, last = sorted((axis.at(start), axis.at(end)))
    for k in range(first, last + 1):
        row[k] = "█" if sure else "░"
    if first == last:
        row[first] = "┊"
    return "".join(row).rstrip()


def spark_line(numbers: Sequence[float | None], breaks: Sequence[bool]) -> str:
    """A series in one character per week; a bar stands before a week that begins anew."""
    known = [number for number in numbers if number is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    return "".join(_sparks(numbers, breaks, low=low, span=high - low))


def _sparks(
    numbers: Sequence[float | None], breaks: Sequence[bool], *, low: float, span: float
) -> Iterator[str]:
    for number, anew in zip(numbers, breaks, strict=True):
        if anew:
            yield "│"
        if number is None:
            yield " "
        else:
            height = (number - low) / span if span > 0 else 0.5
            yield _SPARKS[round(height * (len(_SPARKS) - 1))]
