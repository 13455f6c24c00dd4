"""Draw units.svg: ten branches, their raw figures, and the same drawn towards their siblings.

PYTHONPATH=. .venv/bin/python docs/pictures/units.py
"""

import numpy as np
from svg import BLUE, GREY, PALE, RED, Sheet, signed

from gapengine.pooling import pool, ranks

PEOPLE = np.array([6, 60, 12, 8, 40, 25, 5, 90, 15, 30])
PERSON, CENTRE, SPREAD = 1.2, -0.5, 0.25
LEFT, WIDE, TOP, ROW, LOW, HIGH = 150, 470, 66, 30, -1.9, 0.7


def main() -> None:
    """Write the picture beside this file."""
    rng = np.random.default_rng(8)
    truth = CENTRE + SPREAD * rng.standard_normal(len(PEOPLE))
    mean = truth + PERSON * rng.standard_normal(len(PEOPLE)) / np.sqrt(PEOPLE)
    variance = PERSON**2 * rng.chisquare(PEOPLE - 1) / (PEOPLE - 1) / PEOPLE
    pooled = pool(
        mean[:, None],
        variance[:, None],
        parent=np.zeros(len(PEOPLE), dtype=np.int64),
        df=(PEOPLE - 1.0)[:, None],
    )
    worst = ranks(pooled).worst[:, 0]
    sheet = Sheet(760, 424, title="Raw and shrunken gaps of ten branches")
    sheet.note(14, 22, "P−E of ten branches, the worst raw figure first", bold=True)
    for mark in (-1.5, -1.0, -0.5, 0.0, 0.5):
        sheet.line((across(mark), TOP - 16), (across(mark), TOP + ROW * 10), colour=PALE)
        sheet.words(across(mark), TOP - 22, signed(mark) if mark else "0", colour=GREY, size=11)
    centre = float(pooled.mean[0, 0])
    sheet.line((across(centre), TOP - 16), (across(centre), TOP + ROW * 10), dash="3 3")
    sheet.words(700, TOP - 22, "is the worst", colour=GREY, size=11)
    for place, unit in enumerate(np.argsort(mean).tolist()):
        y = TOP + ROW * place + 8
        low, high, drawn = (
            float(one[unit, 0]) for one in (pooled.low, pooled.high, pooled.shrunken)
        )
        sheet.note(14, y + 4, f"{PEOPLE[unit]} people")
        sheet.line((across(low), y), (across(high), y), colour="#a9cbd8", width=6)
        sheet.line((across(mean[unit]), y), (across(drawn), y), colour=GREY, dash="2 2")
        sheet.dot(across(mean[unit]), y, colour=RED)
        sheet.dot(across(drawn), y, colour=BLUE, size=5)
        sheet.words(700, y + 4, f"{100 * worst[unit]:.0f} %")
    y = TOP + ROW * 10 + 26
    sheet.dot(20, y - 4, colour=RED)
    sheet.note(30, y, "raw: its own answers")
    sheet.dot(196, y - 4, colour=BLUE, size=5)
    sheet.note(206, y, "shrunken, with its 95 % interval")
    sheet.note(430, y, "dashed: the mean of the siblings", colour=GREY)
    sheet.note(
        14,
        y + 22,
        "The fewer people, the farther a figure is drawn in. The last column is the "
        "probability of truly being the worst.",
        colour=GREY,
        size=12,
    )
    sheet.write(__file__)


def across(gap: float) -> float:
    """Where a gap lies."""
    return LEFT + (gap - LOW) / (HIGH - LOW) * WIDE


if __name__ == "__main__":
    main()
