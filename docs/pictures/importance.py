"""Draw importance.svg: what matters against how it does, and what cannot be told yet.

PYTHONPATH=. .venv/bin/python docs/pictures/importance.py
"""

import numpy as np
from svg import BLUE, GREEN, GREY, INK, PALE, RED, Sheet, signed

from gapengine.importance import Measured, Quadrant, quadrants, stated_by_points

NAMES = ("reliability", "responsiveness", "assurance", "empathy", "tangibles")
TASTE = (4.8, 3.4, 2.6, 2.2, 1.2)
PEOPLE = 60
GAP = (-0.92, -0.18, 0.45, -0.55, 0.38)
REACH = (0.34, 0.42, 0.32, 0.36, 0.30)
COLOURS = {Quadrant.CONCENTRATE: RED, Quadrant.KEEP_UP: GREEN, Quadrant.UNDECIDED: GREY}
LEFT, WIDE, TOP, TALL = 90, 620, 50, 290
LOWEST, HIGHEST, LIGHT, HEAVY = -1.5, 1.1, 0.03, 0.43


def main() -> None:
    """Write the picture beside this file."""
    rng = np.random.default_rng(3)
    stated = stated_by_points(rng.dirichlet(np.array(TASTE), PEOPLE), NAMES)
    gap, reach = np.array(GAP), np.array(REACH)
    found = quadrants(
        Measured.of(stated.shares, stated.low, stated.high),
        Measured.of(gap, gap - reach, gap + reach),
        performance_line=0.0,
    )
    sheet = Sheet(760, 420, title="Importance of five dimensions against their customer gap")
    frame(sheet, float(found.importance_line[0]))
    for k, name in enumerate(NAMES):
        colour = COLOURS.get(Quadrant(int(found.verdict[k])), BLUE)
        x, y = across(gap[k]), down(float(stated.shares[k]))
        ends = across(gap[k] - reach[k]), across(gap[k] + reach[k])
        sheet.line((ends[0], y), (ends[1], y), colour=colour, width=2)
        tops = down(float(stated.low[k])), down(float(stated.high[k]))
        sheet.line((x, tops[0]), (x, tops[1]), colour=colour, width=2)
        sheet.dot(x, y, colour=colour, size=5)
        sheet.note(x + 8, y + 17, name, colour=INK)
    sheet.note(14, 396, "Crosses are intervals.", colour=GREY, size=12)
    sheet.note(
        146,
        396,
        "One that touches a dashed line leaves its dimension undecided (grey): more answers "
        "may tell.",
        colour=GREY,
        size=12,
    )
    sheet.write(__file__)


def frame(sheet: Sheet, line: float) -> None:
    """Axes, the two lines and the names of the four fields."""
    sheet.note(14, 22, f"What matters, as {PEOPLE} customers shared out 100 points", bold=True)
    for mark in (-1.0, -0.5, 0.5, 1.0):
        sheet.line((across(mark), TOP), (across(mark), TOP + TALL), colour=PALE)
        sheet.words(across(mark), TOP + TALL + 16, signed(mark), colour=GREY, size=11)
    for share in (0.1, 0.2, 0.3, 0.4):
        sheet.line((LEFT, down(share)), (LEFT + WIDE, down(share)), colour=PALE)
        sheet.words(LEFT - 20, down(share) + 4, f"{share:.0%}", colour=GREY, size=11)
    sheet.line((across(0), TOP), (across(0), TOP + TALL), dash="4 3")
    sheet.words(across(0), TOP + TALL + 16, "0", colour=GREY, size=11)
    sheet.line((LEFT, down(line)), (LEFT + WIDE, down(line)), dash="4 3")
    sheet.note(LEFT + 6, TOP + 16, "concentrate here", colour=RED, bold=True)
    sheet.note(across(0) + 8, TOP + 16, "keep up", colour=GREEN, bold=True)
    sheet.note(LEFT + 6, TOP + TALL - 8, "low priority", colour=BLUE, bold=True)
    sheet.note(across(0) + 8, TOP + TALL - 8, "possible overkill", colour=BLUE, bold=True)
    sheet.words(LEFT + WIDE / 2, TOP + TALL + 34, "customer gap P−E, in points", colour=GREY)


def across(gap: float) -> float:
    """Where a gap lies."""
    return LEFT + (gap - LOWEST) / (HIGHEST - LOWEST) * WIDE


def down(share: float) -> float:
    """Where a share of importance lies."""
    return TOP + (HEAVY - share) / (HEAVY - LIGHT) * TALL


if __name__ == "__main__":
    main()
