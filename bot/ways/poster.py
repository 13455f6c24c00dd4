"""A poster as SVG: a code that opens the bot, and what it is about, in the languages of a unit.

The code corrects errors at level M or better and has the quiet zone its standard wants. Drawn for
print its modules are whole pixels wide, so that no edge is blurred.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import segno

from bot.core.render import Texts
from bot.people.invitations import link
from bot.ways.keeping import Spot
from bot.ways.layout import DOTS_PER_MM, QUIET, Sheet, Square, Wording, card, page
from bot.ways.words import KINDS, UNIT

CARD = "card"


class Content(NamedTuple):
    """What is on a poster, besides the fixed words."""

    username: str
    payload: str
    unit: str
    place: str = ""


class Print(NamedTuple):
    """How it is printed: which size, and in which languages."""

    size: str
    languages: Sequence[str]


def poster_svg(texts: Texts, content: Content, how: Print, *, in_millimetres: bool = False) -> str:
    """Return a poster as SVG, as many pixels large as it is printed with at 300 dots per inch.

    ``in_millimetres`` gives it its true size instead, for programs that print an SVG.
    """
    address = link(content.username, content.payload)
    code = segno.make(address, error="m", micro=False)
    modules = int(code.symbol_size(border=QUIET)[0])
    sheet = _laid_out(texts, content, how)
    if not in_millimetres:
        sheet = sheet._replace(code=_on_whole_pixels(sheet.code, modules))
    across, down = sheet.pixels
    view = (sheet.width, sheet.height)
    if not in_millimetres:
        view = (across / DOTS_PER_MM, down / DOTS_PER_MM)
    return texts.render(
        "posters/poster.svg",
        how.languages[0],
        sheet=sheet,
        view=view,
        code=sheet.code,
        width=f"{sheet.width:g}mm" if in_millimetres else across,
        height=f"{sheet.height:g}mm" if in_millimetres else down,
        modules=modules,
        path=_path(code),
    )


def place_name(texts: Texts, spot: Spot, language: str) -> str:
    """Return what a touchpoint, counter or shift is called on its poster; empty for a unit."""
    if spot.kind == UNIT:
        return ""
    return f"{texts.label(language, KINDS[spot.kind])}: \u2068{spot.label}\u2069"


def wording(texts: Texts, content: Content, language: str) -> Wording:
    """Return what a poster says in a language."""
    said = texts.render("ways/poster.txt", language, username=content.username)
    headline, about, promise, scan, typing = (line.strip() for line in said.splitlines())
    return Wording(language, headline, about, promise, scan, typing)


def _laid_out(texts: Texts, content: Content, how: Print) -> Sheet:
    wordings = [wording(texts, content, language) for language in how.languages]
    letters = link(content.username, content.payload).removeprefix("https://")
    by_hand = f"/start {content.payload}"
    if how.size == CARD:
        first = replace(wordings[0], scan="")
        return card(first, unit=content.unit, place=content.place, letters=letters, by_hand=by_hand)
    return page(
        wordings,
        size=how.size,
        unit=content.unit,
        place=content.place,
        letters=letters,
        by_hand=by_hand,
    )


def _path(code: segno.QRCode) -> str:
    """Return the dark modules as one path, row by row, in modules from the quiet zone's corner."""
    pieces = []
    for y, row in enumerate(code.matrix):
        dark = bytes(row)
        x = 0
        while x < len(dark):
            end = x
            while end < len(dark) and dark[end]:
                end += 1
            if end > x:
                pieces.append(f"M{x + QUIET} {y + QUIET}h{end - x}v1h-{end - x}z")
            x = end + 1
    return "".join(pieces)


def _on_whole_pixels(place: Square, modules: int) -> Square:
    """Shrink and move a code so that each module is whole pixels wide and begins at one."""
    dots = int(place.side * DOTS_PER_MM) // modules
    side = dots * modules / DOTS_PER_MM
    margin = (place.side - side) / 2
    x, y = (round((at + margin) * DOTS_PER_MM) / DOTS_PER_MM for at in (place.x, place.y))
    return Square(x, y, side)
