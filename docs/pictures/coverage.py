"""Draw coverage.svg: forty samples of ten people and their intervals, and how often they hold.

PYTHONPATH=. .venv/bin/python docs/pictures/coverage.py
"""

import numpy as np
from numpy.random import Generator
from svg import BLUE, GREY, INK, PALE, RED, Sheet

from gapengine.histogram import bootstrap_limits
from gapengine.intervals import Method, Spread
from gapengine.levels import FloatArray
from gapengine.limits import Told, mean_limits, plain_limits
from gapengine.populations import SCORES, chances, true_mean

SHAPE, PEOPLE, SHOWN, REPLICATES = "strong ceiling", (5, 8, 10, 15, 25, 50, 100), 40, 20_000
LEFT, TOP, TALL, HIGH, LOW = 30, 60, 240, 7.0, 4.0
"""Of the left panel: where it stands, and the levels at its ends."""
RIGHT, WIDE, BEST, WORST = 450, 270, 100.0, 75.0
"""Of the right panel: where it stands, and the coverages at its ends."""

Interval = tuple[FloatArray, FloatArray]


def main() -> None:
    """Write the picture beside this file."""
    rng = np.random.default_rng(5)
    sheet = Sheet(760, 372, title="How often intervals hold the truth")
    samples(sheet, rng)
    coverage(sheet, rng)
    sheet.write(__file__)


def samples(sheet: Sheet, rng: Generator) -> None:
    """Draw the t intervals of some samples around their means, and the truth across."""
    truth = true_mean(SHAPE)
    drawn = rng.multinomial(10, chances(SHAPE), size=SHOWN).astype(np.float64)
    low, high = limits(drawn)["t"]
    sheet.note(LEFT - 16, 22, "Ten answers, forty times; 70 % of all are a 7", bold=True)
    missed = 0
    for place in range(SHOWN):
        x = LEFT + 9 * place
        held = low[place] <= truth <= high[place]
        missed += not held
        colour = BLUE if held else RED
        top, bottom = down(min(high[place], HIGH)), down(max(low[place], LOW))
        sheet.line((x, top), (x, bottom), colour=colour, width=3)
        sheet.dot(x, down(drawn[place] @ SCORES / 10), colour=colour, size=3)
    sheet.line((LEFT - 8, down(truth)), (LEFT + 9 * SHOWN, down(truth)), colour=INK)
    sheet.note(LEFT - 10, 340, "Line: the truth. Bars: t intervals at 95 %.")
    sheet.note(
        LEFT - 10,
        358,
        f"{missed} of {SHOWN} miss it or are not given (a dot alone); two should.",
        colour=RED,
    )


def coverage(sheet: Sheet, rng: Generator) -> None:
    """Draw how often each kind of interval holds the truth, by number of people."""
    truth = true_mean(SHAPE)
    sheet.note(RIGHT - 20, 22, "How often intervals hold the truth", bold=True)
    sheet.box((RIGHT, share(96)), (WIDE, share(94) - share(96)), colour="#dcebf1")
    for mark in (80, 85, 90, 95, 100):
        sheet.line((RIGHT, share(mark)), (RIGHT + WIDE, share(mark)), colour=PALE)
        sheet.words(RIGHT - 6, share(mark) + 4, f"{mark} %", anchor="end", colour=GREY, size=11)
    lines: dict[str, list[tuple[float, float]]] = {"chosen": [], "t": [], "bootstrap": []}
    for place, people in enumerate(PEOPLE):
        x = RIGHT + 16 + place * (WIDE - 30) / (len(PEOPLE) - 1)
        drawn = rng.multinomial(people, chances(SHAPE), size=REPLICATES).astype(np.float64)
        for name, (low, high) in limits(drawn).items():
            held = (low <= truth + 1e-9) & (truth <= high + 1e-9)  # none given: not held
            lines[name].append((x, share(max(100 * held.mean(), WORST))))
        sheet.words(x, TOP + TALL + 18, str(people), colour=GREY, size=11)
    for points, colour in zip(lines.values(), (BLUE, RED, GREY), strict=True):
        sheet.path(points, colour=colour, width=2.5)
    sheet.words(RIGHT + WIDE / 2, TOP + TALL + 34, "people", colour=GREY)
    sheet.note(RIGHT - 20, 358, "chosen by gapbot", colour=BLUE, bold=True)
    sheet.note(RIGHT + 112, 358, "t", colour=RED, bold=True)
    sheet.note(RIGHT + 136, 358, "bootstrap", colour=GREY, bold=True)
    sheet.note(RIGHT + 216, 358, "shaded: wanted", size=11)


def limits(histogram: FloatArray) -> dict[str, Interval]:
    """Intervals of the means of samples, shape (samples, 7) answers by score, by each method."""
    people = histogram.sum(axis=1)
    mean = histogram @ SCORES / people
    squares = (histogram * (SCORES - mean[:, None]) ** 2).sum(axis=1)
    variance = squares / (people * (people - 1))
    several = np.zeros((len(histogram), 1), dtype=np.bool_)
    told = Told(
        mean[:, None],
        variance[:, None],
        df=people[:, None] - 1,
        people=people[:, None],
        several=several,
    )
    chosen = mean_limits(told, method=Method())
    known = np.where(told.variance > 0, told.variance, np.nan)
    t = plain_limits(told.mean, Spread(np.sqrt(known), told.df), confidence=0.95)
    return {
        "chosen": (chosen.low[:, 0], chosen.high[:, 0]),
        "t": (t.low[:, 0], t.high[:, 0]),
        "bootstrap": bootstrap_limits(histogram, SCORES),
    }


def down(level: float) -> float:
    """Where a level lies in the left panel."""
    return TOP + (HIGH - level) / (HIGH - LOW) * TALL


def share(percent: float) -> float:
    """Where a coverage lies in the right panel."""
    return TOP + (BEST - percent) / (BEST - WORST) * TALL


if __name__ == "__main__":
    main()
