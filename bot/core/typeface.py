"""The shipped fonts: which characters they can show, how wide a text is, where it wraps.

Widths are those of the unshaped glyphs. Arabic letters and Devanagari ones only get narrower when
they are joined, so a text that fits by this measure fits in the picture.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from struct import unpack_from
from unicodedata import east_asian_width

FONTS = Path(__file__).resolve().parents[2] / "templates" / "fonts"
LATIN, LATIN_BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
SIMPLIFIED, TRADITIONAL = "GapbotHanSC-Regular.otf", "GapbotHanTC-Regular.otf"
JAPANESE = "GapbotHanJP-Regular.otf"
DEVANAGARI, DEVANAGARI_BOLD = "GapbotDevanagari-Regular.ttf", "GapbotDevanagari-Bold.ttf"
_HAN = {
    "zh-Hant": (TRADITIONAL, SIMPLIFIED, JAPANESE),
    "ja": (JAPANESE, SIMPLIFIED, TRADITIONAL),
}
_BEYOND_LATIN = (DEVANAGARI, SIMPLIFIED, TRADITIONAL, JAPANESE)
_OPENING, _CLOSING = (
    "（「『《“",
    " ，。、；：！？）」』》”…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ",
)
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_INVISIBLE = frozenset("\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069")


def font_files(language: str) -> list[str]:
    """Name the files to draw with, in the order in which a character is looked for.

    The reader's own Han forms come before the other ones.
    """
    han = _HAN.get(language, (SIMPLIFIED, TRADITIONAL, JAPANESE))
    names = (LATIN, LATIN_BOLD, DEVANAGARI, DEVANAGARI_BOLD, *han)
    return [str(FONTS / name) for name in names]


def showable(text: str) -> str:
    """Leave out the characters that no shipped font covers; spaces that hold together stay."""
    fonts = [_advances(name) for name in (LATIN, *_BEYOND_LATIN)]
    covered = [char for char in text if any(ord(char) in font for font in fonts)]
    return _SPACE.sub(" ", "".join(covered)).strip()


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a line of text in pixels at this font size."""
    return size * sum(_advance(char, bold=bold) for char in text)


def wrapped(text: str, size: float, *, width: float, bold: bool = False) -> list[str]:
    """Break a text into lines of at most this width: at spaces, or between Han characters."""
    lines = [""]
    for word in _words(text):
        longer = lines[-1] + word
        if lines[-1] and text_width(longer.rstrip(), size, bold=bold) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append(word.lstrip())
        else:
            lines[-1] = longer
    return [line.rstrip() for line in lines if line.strip()]


def fitted(
    text: str, size: float, *, width: float, lines: int, bold: bool = False
) -> tuple[list[str], float]:
    """Break a text into at most so many lines, smaller where needed, cut off at the very last."""
    smallest = size * 0.7
    while True:
        broken = wrapped(text, size, width=width, bold=bold)
        widest = max((text_width(line, size, bold=bold) for line in broken), default=0)
        if len(broken) <= lines and widest <= width:
            return broken, size
        if size <= smallest:
            return _cut_off(broken[:lines], size, width=width, bold=bold), size
        size = max(smallest, size - 1)


def _cut_off(lines: list[str], size: float, *, width: float, bold: bool) -> list[str]:
    """Shorten what is too wide, and end the last line so that one sees it was longer."""
    shortened = []
    for index, line in enumerate(lines):
        end = "…" if index == len(lines) - 1 else ""
        while line and text_width(line + end, size, bold=bold) > width:
            line, end = line[:-1].rstrip(), "…"  # noqa: PLW2901 - it shrinks until it fits
        shortened.append(line + end)
    return shortened


def _words(text: str) -> Iterator[str]:
    """Yield pieces that stay whole: a word with its space, a Han character with its punctuation."""
    word = ""
    for char in text:
        if word and _may_break(word[-1], char):
            yield word
            word = ""
        word += char
    if word:
        yield word


def _may_break(before: str, after: str) -> bool:
    if before in _OPENING or after in _CLOSING:
        return False
    return before == " " or _is_wide(before) or _is_wide(after)


def _is_wide(char: str) -> bool:
    return east_asian_width(char) in {"W", "F"}


def _advance(char: str, *, bold: bool) -> float:
    """Return how far a character moves the pen, in parts of the font size; 0 if not covered."""
    if char in _INVISIBLE:
        return 0.0
    for name in (LATIN_BOLD if bold else LATIN, *_BEYOND_LATIN):
        advance = _advances(name).get(ord(char))
        if advance is not None:
            return advance
    return 0.0


@cache
def _advances(name: str) -> dict[int, float]:
    """Read a font's widths by character, in parts of the font size."""
    font = (FONTS / name).read_bytes()
    count = unpack_from(">H", font, 4)[0]
    tables = {}
    for index in range(count):
        tag, _, offset, _ = unpack_from(">4sIII", font, 12 + 16 * index)
        tables[tag] = offset
    units = unpack_from(">H", font, tables[b"head"] + 18)[0]
    metrics = unpack_from(">H", font, tables[b"hhea"] + 34)[0]
    widths = unpack_from(f">{2 * metrics}H", font, tables[b"hmtx"])[::2]
    glyphs = _character_map(font, tables[b"cmap"])
    return {
        char: widths[min(glyph, metrics - 1)] / units for char, glyph in glyphs.items() if glyph
    }


def _character_map(font: bytes, start: int) -> dict[int, int]:
    """Read the fullest Unicode table (format 12, else format 4) of a font's character maps."""
    best: dict[int, int] = {}
    for index in range(unpack_from(">H", font, start + 2)[0]):
        table = start + unpack_from(">I", font, start + 8 + 8 * index)[0]
        found = _READERS.get(unpack_from(">H", font, table)[0], _no_characters)(font, table)
        best = max(best, found, key=len)
    return best


def _no_characters(font: bytes, table: int) -> dict[int, int]:  # noqa: ARG001 - a reader's shape
    return {}


def _segments(font: bytes, table: int) -> dict[int, int]:
    """Format 4: runs of characters of the basic plane."""
    count = unpack_from(">H", font, table + 6)[0] // 2
    ends, starts, deltas, offsets = (
        unpack_from(f">{count}H", font, table + 14 + 2 * (count * part + (part > 0)))
        for part in range(4)
    )
    glyphs = {}
    for index in range(count):
        for char in range(starts[index], min(ends[index], 0xFFFE) + 1):
            glyph = char
            if offsets[index]:
                row = table + 16 + 2 * (3 * count + index)
                place = row + offsets[index] + 2 * (char - starts[index])
                glyph = unpack_from(">H", font, place)[0]
                if not glyph:
                    continue
            glyphs[char] = (glyph + deltas[index]) & 0xFFFF
    return glyphs


def _groups(font: bytes, table: int) -> dict[int, int]:
    """Format 12: runs of characters of all planes."""
    glyphs = {}
    for index in range(unpack_from(">I", font, table + 12)[0]):
        first, last, glyph = unpack_from(">III", font, table + 16 + 12 * index)
        glyphs.update({char: glyph + char - first for char in range(first, last + 1)})
    return glyphs


_READERS = {4: _segments, 12: _groups}
