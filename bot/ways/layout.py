"""Where everything stands on a poster: the code, and lines of text that fit. Pure; millimetres.

A page stands upright: name, headline, code, what it is about in each language, the link in letters.
A card lies: the code at the edge where reading starts, the text beside it in one language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bot.core.i18n import RIGHT_TO_LEFT
from bot.core.typeface import fitted, showable

Anchor = Literal["start", "middle", "end"]

SIZES = {"a4": (210.0, 297.0), "a5": (148.0, 210.0), "a6": (105.0, 148.0), "card": (85.0, 55.0)}
QUIET = 4
"""Empty modules around a code, as its standard wants."""

DOTS_PER_MM = 300 / 25.4
_STEP = 1.28
_LEAST_SHRINK = 0.78
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


class Sheet(NamedTuple):
    """A poster that is laid out: its size, the code's place, and all lines."""

    width: float
    height: float
    code: Square
    lines: Sequence[Line]

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height at 300 dots per inch."""
        return round(self.width * DOTS_PER_MM), round(self.height * DOTS_PER_MM)


class _Column:
    """Text set line by line, downwards, each block shrunk until it fits its width and lines."""

    def __init__(self, middle: float, top: float, width: float) -> None:
        self._middle, self._width = middle, width
        self.y = top
        self.lines: list[Line] = []

    def set(
        self,
        text: str,
        size: float,
        *,
        language: str,
        most: int,
        bold: bool = False,
        tone: str = "ink",
    ) -> None:
        """Set a text in the middle of the column."""
        if not text:
            return
        broken, shrunk = self._broken(showable(text), size, most=most, bold=bold)
        for part in broken:
            self.y += shrunk * _STEP
            turned = f"\u2067{part}\u2069" if language in RIGHT_TO_LEFT else part
            family = _FAMILIES.get(language, "DejaVu Sans")
            self.lines.append(
                Line(
                    turned,
                    round(self._middle, 2),
                    round(self.y, 2),
                    round(shrunk, 2),
                    "middle",
                    bold,
                    family,
                    tone,
                )
            )

    def _broken(self, text: str, size: float, *, most: int, bold: bool) -> tuple[list[str], float]:
        """Break a text; a little smaller on one line is better than one word on a second."""
        fine = 100.0  # sizes shrink in whole steps, which millimetres are too coarse for
        width = self._width * fine
        lines, shrunk = fitted(text, size * fine, width=width, lines=1, bold=bold)
        if shrunk < size * fine * _LEAST_SHRINK and most > 1:
            lines, shrunk = fitted(text, size * fine, width=width, lines=most, bold=bold)
        return lines, shrunk / fine

    def gap(self, height: float) -> None:
        """Leave some space."""
        self.y += height


def page(
    wordings: Sequence[Wording], *, size: str, unit: str, place: str, letters: str, by_hand: str
) -> Sheet:
    """Lay out an upright page for one to three languages.

    ``letters`` is the link as text, ``by_hand`` the payload for those who cannot open it.
    """
    width, height = SIZES[size]
    scale = width / 210
    inner = width - 2 * 18 * scale
    head = _Column(width / 2, 12 * scale, inner)
    first = wordings[0].language
    head.set(unit, 13 * scale, language=first, most=1, bold=True)
    head.set(place, 8 * scale, language=first, most=1, tone="soft")
    head.gap(3 * scale)
    side = (112 if len(wordings) < 3 else 102) * scale
    for wording in wordings:
        head.set(
            wording.headline,
            (15 if len(wordings) == 1 else 11) * scale,
            language=wording.language,
            most=1,
            bold=True,
            tone="accent",
        )
    code = Square((width - side) / 2, head.y + 3 * scale, side)
    below = _Column(width / 2, code.y + side - 1 * scale, inner)
    body = (8.0, 5.8, 4.6)[len(wordings) - 1] * scale
    for wording in wordings:
        for text, tone in (
            (wording.scan, "ink"),
            (wording.about, "ink"),
            (wording.promise, "soft"),
        ):
            below.set(text, body, language=wording.language, most=2, tone=tone)
        below.gap(body * 0.7)
    depth = (5.2 + 4.2 * len(wordings) + 4.6) * _STEP + 9
    foot = _Column(width / 2, height - depth * scale, inner)
    foot.set(letters, 5.2 * scale, language="en", most=1, bold=True)
    for wording in wordings:
        foot.set(wording.typing, 4.2 * scale, language=wording.language, most=1, tone="soft")
    foot.set(by_hand, 4.6 * scale, language="en", most=1)
    return Sheet(width, height, code, [*head.lines, *below.lines, *foot.lines])


def card(wording: Wording, *, unit: str, place: str, letters: str, by_hand: str) -> Sheet:
    """Lay out a card of the size of a business card, in one language."""
    width, height = SIZES["card"]
    side, margin = 38.0, 4.0
    code_x = width - margin - side if wording.is_mirrored else margin
    left = margin if wording.is_mirrored else margin + side + 1
    inner = width - side - 2 * margin - 1
    text = _Column(left + inner / 2, 3, inner)
    language = wording.language
    text.set(unit, 3.8, language=language, most=2, bold=True)
    text.set(place, 2.5, language=language, most=1, tone="soft")
    text.gap(1.0)
    text.set(wording.headline, 3.6, language=language, most=2, bold=True, tone="accent")
    text.gap(0.8)
    for part, tone in ((wording.about, "ink"), (wording.promise, "soft")):
        text.set(part, 2.4, language=language, most=3, tone=tone)
    foot = _Column(width / 2, height - 11.0, width - 2 * margin)
    foot.set(letters, 2.5, language="en", most=1, bold=True)
    foot.set(wording.typing, 2.1, language=language, most=1, tone="soft")
    foot.set(by_hand, 2.1, language="en", most=1)
    return Sheet(width, height, Square(code_x, 4.0, side), [*text.lines, *foot.lines])
