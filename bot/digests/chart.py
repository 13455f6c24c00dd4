"""Charts of a digest, drawn from SVG to PNG with the shipped fonts.

Drawing holds the interpreter's lock for some tens of milliseconds: call ``draw_png`` in a worker
process.
"""

from bot.digests.dots import gaps_svg
from bot.digests.effect_chart import effect_svg
from bot.digests.typeface import font_files
from bot.digests.waterfall import chain_svg

__all__ = ["chain_svg", "draw_png", "effect_svg", "gaps_svg"]


def draw_png(svg: str, language: str = "en") -> bytes:
    """Draw an SVG to PNG; no font of the machine is looked at."""
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=font_files(language))
    )
