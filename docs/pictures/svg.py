"""A sheet to draw the pictures of the explanations on: lines, dots, words, written as one SVG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

INK, GREY, PALE, RED, BLUE, GREEN = (
    "#22333b", "#8a9ba3", "#e6ebed", "#b3372f", "#1f6f8b", "#3a7d44",
)  # fmt: skip


def signed(value: float, digits: int = 1) -> str:
    """Write a figure with a true minus sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


class Sheet:
    """A white sheet of a size, in points; what is drawn later lies above."""

    def __init__(self, width: int, height: int, *, title: str) -> None:
        """``title`` is read out where the picture cannot be seen."""
        self._parts = [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                'role="img" font-family="sans-serif" font-size="13">'
            ),
            f"<title>{title}</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
        ]

    def line(
        self, start: tuple[float, float], end: tuple[float, float], *, colour: str = GREY,
        width: float = 1, dash: str = "none",
    ) -> None:  # fmt: skip
        """Draw from one point to another."""
        (x1, y1), (x2, y2) = start, end
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}" stroke-dasharray="{dash}"/>'
        )

    def arrow(self, x: float, start: float, end: float, *, colour: str, width: float = 2) -> None:
        """Draw an upright arrow from one height to another."""
        tip = 6 if end > start else -6
        self.line((x, start), (x, end - tip), colour=colour, width=width)
        self._parts.append(
            f'<path d="M{x - 5:.1f} {end - tip:.1f}h10L{x:.1f} {end:.1f}Z" fill="{colour}"/>'
        )

    def path(
        self, points: Sequence[tuple[float, float]], *, colour: str, width: float = 2,
        dash: str = "none",
    ) -> None:  # fmt: skip
        """Join points by a line."""
        places = " ".join(f"{'L' if k else 'M'}{x:.1f} {y:.1f}" for k, (x, y) in enumerate(points))
        self._parts.append(
            f'<path d="{places}" fill="none" stroke="{colour}" stroke-width="{width}" '
            f'stroke-dasharray="{dash}"/>'
        )

    def dot(self, x: float, y: float, *, colour: str = INK, size: float = 4) -> None:
        """Draw a dot."""
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}"/>')

    def box(
        self, corner: tuple[float, float], size: tuple[float, float], *, colour: str,
        edge: str = "none", dash: str = "none",
    ) -> None:  # fmt: skip
        """Draw a filled box from its upper left corner."""
        (x, y), (width, height) = corner, size
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" '
            f'fill="{colour}" stroke="{edge}" stroke-dasharray="{dash}"/>'
        )

    def words(
        self, x: float, y: float, text: str, *, colour: str = INK, anchor: str = "middle",
        size: int = 13, bold: bool = False,
    ) -> None:  # fmt: skip
        """Write words; ``y`` is their base line."""
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
            f'font-size="{size}"{weight}>{text}</text>'
        )

    def note(self, x: float, y: float, text: str, **look: Any) -> None:
        """Write words that begin at ``x``."""
        self.words(x, y, text, anchor="start", **look)

    def write(self, script: str) -> None:
        """Write the picture beside the script that draws it."""
        path = Path(script).with_suffix(".svg")
        path.write_text("\n".join([*self._parts, "</svg>"]) + "\n", encoding="utf-8")
