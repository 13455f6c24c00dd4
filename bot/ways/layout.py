"""Where everything stands on a poster: the code, and lines of text that fit. Pure; millimetres.

A page stands upright: name, headline, code, what it is about in each language, the link in letters.
A card lies: the code at the edge where reading starts, the text beside it in one language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bot.core.i18n import RIGHT_TO_LEFT
from bot.core.typeface import fitted, showable, wrapped

Anchor = Literal["start", "middle", "end"]

SIZES = {"a4": (210.0, 297.0), "a5": (148.0, 210.0), "a6": (105.0, 148.0), "card": (85.0, 55.0)}
QUIET = 4
"""Empty modules around a code, as its standard wants."""

DOTS_PER_MM = 300 / 25.4
_STEP = 1.28
_LEAST_SHRINK = 0.78
_FINE = 100.0
"""Sizes shrink in whole steps, which millimetres are too coarse for."""

_LARGEST, _BETWEEN = 128.0, 6.0
"""The widest code, and the least space between the parts, on a page as wide as A4."""
_FAMILIES = {"zh-Hans": "Gapbot Han SC", "zh-Hant": "Gapbot Han TC", "ja": "Gapbot Han JP"}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a poster says in one language."""

    language: str
    headline: str
    about: str
    promise: str
    scan: str
    typing: str

    @property
    def is_mirrored(self) -> bool:
        """Whether it is read from right to left."""
        return self.language in RIGHT_TO_LEFT


class Line(NamedTuple):
    """One line of text, with the place of its anchor on its base line."""

    text: str
    x: float
    y: float
    size: float
    anchor: Anchor
    bold: bool
    family: str
    tone: str


class Square(NamedTuple):
    """Where the code stands, quiet zone included."""

    x: float
    y: float
    side: float


class Box(NamedTuple):
    """A rounded rectangle behind lines, or around the code."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    is_filled: bool


class Sheet(NamedTuple):
    """A poster that is laid out: its size, the code's place, boxes, and all lines."""

    width: float
    height: float
    code: Square
    boxes: Sequence[Box]
    lines: Sequence[Line]

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height at 300 dots per inch."""
        return round(self.width * DOTS_PER_MM), round(self.height * DOTS_PER_MM)


class _Column:
    """Text set line by line, downwards, each block shrunk until it fits its width and lines."""

    def __init__(self, middle: float, width: float) -> None:
        self._middle, self._width = middle, width
        self.height = 0.0
        self._lines: list[Line] = []

    def set(
        self,
        *texts: tuple[str, str],
        size: float,
        language: str,
        most: int = 1,
        bold: bool = False,
    ) -> None:
        """Set texts, each with its tone, in the middle of the column; all in one size."""
        shown = [(showable(text), tone) for text, tone in texts if text]
        if not shown:
            return
        broken = [self._broken(text, size, most=most, bold=bold) for text, _ in shown]
        size = min(own for _, own in broken)
        for (text, tone), (parts, own) in zip(shown, broken, strict=True):
            again = wrapped(text, size * _FINE, width=self._width * _FINE, bold=bold)
            for part in again if own > size and len(again) <= most else parts:
                self.height += size * _STEP
                turned = f"\u2067{part}\u2069" if language in RIGHT_TO_LEFT else part
                family = _FAMILIES.get(language, "DejaVu Sans")
                at, size_shown = round(self.height, 2), round(size, 2)
                self._lines.append(
                    Line(turned, self._middle, at, size_shown, "middle", bold, family, tone)
                )

    def _broken(self, text: str, size: float, *, most: int, bold: bool) -> tuple[list[str], float]:
        """Break a text; a little smaller on one line is better than one word on a second."""
        width = self._width * _FINE
        lines, shrunk = fitted(text, size * _FINE, width=width, lines=1, bold=bold)
        if shrunk < size * _FINE * _LEAST_SHRINK and most > 1:
            lines, shrunk = fitted(text, size * _FINE, width=width, lines=most, bold=bold)
        return lines, shrunk / _FINE

    def gap(self, height: float) -> None:
        """Leave some space."""
        self.height += height

    def lines(self, top: float) -> list[Line]:
        """Return the lines of a column that begins here."""
        return [line._replace(x=round(line.x, 2), y=round(top + line.y, 2)) for line in self._lines]


def page(
    wordings: Sequence[Wording], *, size: str, unit: str, place: str, letters: str, by_hand: str
) -> Sheet:
    """Lay out an upright page for one to three languages.

    ``letters`` is the link as text, ``by_hand`` the payload for those who cannot open it. What
    room is left goes to the code first, then between the parts.
    """
    width, height = SIZES[size]
    scale, middle, margin = width / 210, width / 2, 14 * width / 210
    inner = width - 2 * margin
    first, many = wordings[0].language, len(wordings)
    head = _Column(middle, inner)
    head.set((unit, "ink"), size=11 * scale, language=first, most=2, bold=True)
    head.set((place, "soft"), size=7 * scale, language=first)
    head.gap(5 * scale)
    for one in wordings:
        large = (15.5, 13, 10.5)[many - 1] * scale
        head.set(
            (one.headline, "accent"),
            size=large,
            language=one.language,
            most=2 - (many > 1),
            bold=True,
        )
    head.gap(2 * scale)
    body = _Column(middle, inner)
    text = (7.4, 5.6, 4.6)[many - 1] * scale
    for number, one in enumerate(wordings):
        body.gap(text * 0.7 if number else 0)
        said = ((one.scan, "ink"), (one.about, "ink"), (one.promise, "soft"))
        body.set(*said, size=text, language=one.language, most=2)
    foot = _Column(middle, inner - 8 * scale)
    foot.gap(2.5 * scale)
    foot.set((letters, "ink"), size=5.4 * scale, language="en", bold=True)
    for one in wordings:
        foot.set((one.typing, "soft"), size=4.2 * scale, language=one.language)
    foot.set((by_hand, "ink"), size=4.6 * scale, language="en")
    foot.gap(4 * scale)
    free = height - 2 * margin - head.height - body.height - foot.height
    side = min(_LARGEST * scale, free - 3 * _BETWEEN * scale)
    between = (free - side) / 3
    top = margin + head.height + between
    under = top + side + between
    code = Square(middle - side / 2, top, side)
    bottom = height - margin - foot.height
    boxes = (
        Box(code.x, code.y, side, side, 7 * scale, is_filled=False),
        Box(margin, bottom, inner, foot.height, 5 * scale, is_filled=True),
    )
    lines = [*head.lines(margin), *body.lines(under), *foot.lines(bottom)]
    return Sheet(width, height, code, boxes, lines)


def card(wording: Wording, *, unit: str, place: str, letters: str, by_hand: str) -> Sheet:
    """Lay out a card of the size of a business card, in one language."""
    width, height = SIZES["card"]
    side, margin = 36.0, 4.0
    code_x = width - margin - side if wording.is_mirrored else margin
    left = margin if wording.is_mirrored else margin + side + 2
    inner = width - side - 2 * margin - 2
    text = _Column(left + inner / 2, inner)
    language = wording.language
    text.set((unit, "ink"), size=3.6, language=language, most=2, bold=True)
    text.set((place, "soft"), size=2.5, language=language)
    text.gap(1.2)
    text.set((wording.headline, "accent"), size=3.8, language=language, most=2, bold=True)
    text.gap(1.0)
    said = ((wording.about, "ink"), (wording.promise, "soft"))
    text.set(*said, size=2.4, language=language, most=3)
    foot = _Column(width / 2, width - 2 * margin - 3)
    foot.set((letters, "ink"), size=2.5, language="en", bold=True)
    foot.set((wording.typing, "soft"), size=2.0, language=language)
    foot.set((by_hand, "ink"), size=2.0, language="en")
    foot.gap(1.0)
    bottom = height - 3 - foot.height
    top = max(2.0, (bottom - text.height) / 2)
    code = Square(code_x, (bottom - side) / 2, side)
    boxes = (
        Box(*code, side, 2.4, is_filled=False),
        Box(margin, bottom, width - 2 * margin, foot.height, 1.8, is_filled=True),
    )
    return Sheet(width, height, code, boxes, [*text.lines(top), *foot.lines(bottom)])
