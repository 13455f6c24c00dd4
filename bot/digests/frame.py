"""The paper a chart is drawn on: its width, its direction, and lines of text that fit it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.core.i18n import RIGHT_TO_LEFT
from bot.core.typeface import fitted, showable, text_width
from bot.digests.measured import Tone
from bot.digests.words import Words

WIDTH = 1080
MARGIN = 56
INNER = WIDTH - 2 * MARGIN

TITLE, KICKER, LABEL, SMALL = 44.0, 27.0, 28.0, 24.0
LEAST_SHRINK = 0.84
"""Down to this share of its size a text is shrunk to one line rather than broken into two."""

Side = Literal["start", "end"]


@dataclass(frozen=True)
class Line:
    """One line of text at its place; ``anchor`` says which of its ends stands at ``x``."""

    text: str
    x: float
    y: float
    anchor: Side
    size: float


@dataclass(frozen=True)
class Frame:
    """Turns reading order into places: what starts on the left starts on the right in Arabic."""

    language: str

    @property
    def mirrored(self) -> bool:
        """Whether the page is read from right to left."""
        return self.language in RIGHT_TO_LEFT

    def x(self, offset: float) -> float:
        """Place something this far from the edge where reading starts."""
        return round(WIDTH - offset if self.mirrored else offset, 1)

    def span(self, start: float, end: float) -> tuple[float, float]:
        """Return left edge and width of what lies between two distances from the start."""
        left, right = sorted((self.x(start), self.x(end)))
        return left, round(right - left, 1)

    def line(self, text: str, offset: float, y: float, *, size: float, at: Side = "start") -> Line:
        """Place a line so that its start, or its end, stands this far from the reading edge.

        SVG anchors count from the left whatever the script, so they are turned round in Arabic,
        and the line is told its direction.
        """
        shown = showable(text)
        if not self.mirrored:
            return Line(shown, self.x(offset), y, at, size)
        turned: Side = "end" if at == "start" else "start"
        return Line(f"\u2067{shown}\u2069", self.x(offset), y, turned, size)

    def block(
        self, text: str, y: float, *, size: float, width: float = INNER, lines: int, bold: bool
    ) -> list[Line]:
        """Place a text at the reading edge, broken and shrunk so that it fits."""
        known = showable(text)
        broken, smaller = fitted(known, size, width=width, lines=1, bold=bold)
        if smaller < size * LEAST_SHRINK and lines > 1:
            broken, smaller = fitted(known, size, width=width, lines=lines, bold=bold)
        step = smaller * 1.25
        return [
            self.line(part, MARGIN, round(y + index * step, 1), size=smaller)
            for index, part in enumerate(broken)
        ]

    def kicker(self, name: str, days: str) -> list[Line]:
        """Place the line above the title: whose figures these are, and of which days."""
        known = showable(name)
        if not known:
            return self.block(days, 64, size=KICKER, lines=1, bold=False)
        room = INNER - text_width(f" · {days}", KICKER)
        (whose, *_), size = fitted(known, KICKER, width=room, lines=1)
        return [self.line(f"\u2068{whose}\u2069 · {days}", MARGIN, 64, size=size)]


@dataclass(frozen=True)
class Sign:
    """One entry of the legend: a symbol, and what it means."""

    tone: Tone
    x: float
    line: Line


def legend(frame: Frame, words: Words, tones: Iterable[Tone], y: float) -> list[Sign]:
    """Explain each symbol that is used, in as many lines as it takes."""
    signs: list[Sign] = []
    offset = float(MARGIN)
    for tone in sorted(set(tones), key=list(Tone).index):
        text = words.state(tone)
        length = 34 + text_width(text, SMALL) + 34
        if offset + length > MARGIN + INNER + 34:
            offset, y = float(MARGIN), y + SMALL * 1.5
        signs.append(Sign(tone, frame.x(offset + 11), frame.line(text, offset + 34, y, size=SMALL)))
        offset += length
    return signs
