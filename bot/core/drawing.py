"""Drawing an SVG with the shipped fonts.

It holds the interpreter's lock for some tens of milliseconds, and longer for a page to print: call
it in a worker process.
"""

from bot.core.typeface import font_files


def draw_png(svg: str, language: str = "en") -> bytes:
    """Draw an SVG to PNG, as many pixels wide as it says; no font of the machine is looked at."""
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=font_files(language))
    )
