"""Drawing an SVG with the shipped fonts.

It holds the interpreter's lock for some tens of milliseconds, and longer for a page to print: call
it in a worker process.
"""

import re

from bot.core.typeface import font_files

_BETWEEN_TAGS = re.compile(r"(?<=>)[^<>]+(?=<)")
_DEVANAGARI = re.compile(r"[\u0900-\u097f][\u0900-\u097f\u200c\u200d ?!,:;.]*")


def draw_png(svg: str, language: str = "en") -> bytes:
    """Draw an SVG to PNG, as many pixels wide as it says; no font of the machine is looked at."""
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(
            svg_string=_with_devanagari(svg),
            skip_system_fonts=True,
            font_files=font_files(language),
        )
    )


def _with_devanagari(svg: str) -> str:
    """Name the font of Devanagari, run by run: the library draws boxes where it shares a line."""
    run = r"<tspan font-family='Gapbot Devanagari'>\g<0></tspan>"
    return _BETWEEN_TAGS.sub(lambda text: _DEVANAGARI.sub(run, text[0]), svg)
