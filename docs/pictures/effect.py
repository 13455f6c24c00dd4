"""Draw effect.svg: a fix that did nothing, taken in a bad week, before and after and compared.

PYTHONPATH=. .venv/bin/python docs/pictures/effect.py
"""

import numpy as np
from svg import BLUE, GREY, INK, PALE, RED, Sheet, signed

from gapengine.change import WeekPoints
from gapengine.effect import effect

WEEKS, START, UNITS, SE = 16, 9, 8, 0.25
LEFT, WIDE, TOP, TALL, HIGH, LOW = 56, 470, 44, 250, 0.1, -1.6


def main() -> None:
    """Write the picture beside this file."""
    rng = np.random.default_rng(14)
    truth = -0.8 + 0.15 * rng.standard_normal((UNITS, WEEKS)) + 0.2 * (np.arange(WEEKS) >= START)
    gaps = truth + SE * rng.standard_normal((UNITS, WEEKS))
    trigger = START - 1
    gaps[0, trigger] = gaps[0, :START].min() - 0.35
    keys = tuple(str(week + 1) for week in range(WEEKS))
    ones = np.ones_like(gaps)
    points = WeekPoints(keys, gaps, SE * ones, np.inf * ones, 30 * ones)
    found = effect(points, treated=0, started=keys[START], trigger_week=keys[trigger])
    naive = gaps[0, START:].mean() - gaps[0, START - 4 : START].mean()
    sheet = Sheet(760, 372, title="A unit's gap before and after a fix, beside comparable units")
    sheet.note(14, 22, "A fix that did nothing, taken in a bad week", bold=True)
    for mark in (0.0, -0.5, -1.0, -1.5):
        sheet.line((LEFT, down(mark)), (LEFT + WIDE, down(mark)), colour=PALE)
        sheet.words(
            LEFT - 8,
            down(mark) + 4,
            signed(mark) if mark else "0",
            anchor="end",
            colour=GREY,
            size=11,
        )
    edge = across(START - 0.5)
    sheet.line((edge, TOP), (edge, TOP + TALL), dash="3 3")
    sheet.note(edge + 4, TOP + 12, "fix", colour=GREY)
    others = gaps[list(found.comparisons)].mean(axis=0)
    sheet.path([(across(k), down(y)) for k, y in enumerate(others)], colour=GREY, width=2.5)
    sheet.path([(across(k), down(y)) for k, y in enumerate(gaps[0])], colour=BLUE, width=1.5)
    for week, gap in enumerate(gaps[0]):
        sheet.dot(across(week), down(gap), colour=RED if week == trigger else BLUE)
    sheet.words(
        across(trigger) - 10, down(gaps[0, trigger]) + 4, "the bad week", anchor="end", colour=RED
    )
    for week in range(0, WEEKS, 3):
        sheet.words(across(week), TOP + TALL + 18, keys[week], colour=GREY, size=11)
    sheet.words(LEFT + WIDE / 2, TOP + TALL + 36, "week", colour=GREY)
    lines = [
        ("Four weeks before and after", INK, True),
        (f"{signed(naive, 2)}: looks like a success", RED, False),
        ("", INK, False),
        ("Without the bad week", INK, True),
        (f"the unit {signed(found.change, 2)}", BLUE, False),
        (f"{len(found.comparisons)} like it {signed(found.comparison_change, 2)}", GREY, False),
        ("", INK, False),
        ("So the effect is", INK, True),
        (f"{signed(found.estimate, 2)}", INK, False),
        (f"({signed(found.low, 2)} to {signed(found.high, 2)})", INK, False),
        (found.verdict.value, INK, True),
    ]
    for place, (text, colour, bold) in enumerate(lines):
        sheet.note(LEFT + WIDE + 18, TOP + 14 + 21 * place, text, colour=colour, bold=bold)
    sheet.note(
        LEFT,
        TOP + TALL + 66,
        "Blue: the unit.  Grey: the mean of comparable units, which got better by themselves too.",
        size=12,
        colour=GREY,
    )
    sheet.write(__file__)


def across(week: float) -> float:
    """Where a week stands."""
    return LEFT + 16 + week * (WIDE - 32) / (WEEKS - 1)


def down(gap: float) -> float:
    """Where a gap lies."""
    return TOP + (HIGH - gap) / (HIGH - LOW) * TALL


if __name__ == "__main__":
    main()
