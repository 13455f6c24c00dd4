"""Draw limits.svg: the same answers with t and with logit limits, from the middle to the end.

PYTHONPATH=. .venv/bin/python docs/pictures/limits.py
"""

from collections.abc import Sequence

import numpy as np
from svg import BLUE, GREY, INK, PALE, RED, Sheet

from gapengine.intervals import Bounds, Method
from gapengine.limits import Told, mean_limits

SAMPLES: Sequence[tuple[str, Sequence[int]]] = (
    ("ten people in the middle", (3, 4, 5, 4, 6, 2, 4, 5, 3, 4)),
    ("ten, nearly all content", (7, 7, 6, 7, 7, 7, 4, 7, 6, 7)),
    ("five, one of them not", (7, 7, 7, 7, 2)),
    ("five who all say 7", (7, 7, 7, 7, 7)),
)
LEFT, WIDE, TOP, ROW, LOW, HIGH = 210, 500, 60, 62, 0.5, 9.5


def main() -> None:
    """Write the picture beside this file."""
    sheet = Sheet(760, 372, title="t and logit limits of the mean of a few answers")
    sheet.note(14, 22, "The mean of a few answers, and where the truth may lie", bold=True)
    bottom = TOP + ROW * len(SAMPLES) - 6
    sheet.box(
        (across(7), TOP - 12), (across(HIGH) - across(7), bottom - TOP + 12), colour="#f4f6f7"
    )
    sheet.words((across(7) + across(HIGH)) / 2, TOP - 22, "off the scale", colour=GREY, size=11)
    for mark in range(1, 8):
        sheet.line((across(mark), TOP - 12), (across(mark), bottom), colour=PALE)
        sheet.words(across(mark), TOP - 22, str(mark), colour=GREY, size=11)
    for place, (name, answers) in enumerate(SAMPLES):
        row(sheet, TOP + ROW * place + 14, name, answers)
    y = bottom + 26
    sheet.dot(20, y - 4, colour=INK)
    sheet.note(30, y, "mean")
    sheet.line((80, y - 4), (104, y - 4), colour=RED, width=5)
    sheet.note(110, y, "t")
    sheet.line((136, y - 4), (160, y - 4), colour=BLUE, width=5)
    sheet.note(166, y, "logit, as gapbot gives it")
    sheet.note(
        14,
        y + 24,
        "In the middle both nearly agree. Near the end t leaves the scale on one side and is too "
        "short on the other;",
        colour=GREY,
        size=12,
    )
    sheet.note(14, y + 42, "of people who all agree it knows nothing.", colour=GREY, size=12)
    sheet.write(__file__)


def row(sheet: Sheet, y: float, name: str, answers: Sequence[int]) -> None:
    """One sample: its answers in words, its mean and both intervals."""
    told = told_of(answers)
    sheet.note(14, y, name)
    sheet.note(14, y + 17, " ".join(str(score) for score in sorted(answers)), colour=GREY, size=11)
    for bounds, colour, down in ((Bounds.T, RED, 0), (Bounds.CHECKED, BLUE, 14)):
        found = mean_limits(told, method=Method(bounds=bounds))
        low, high = float(found.low[0, 0]), float(found.high[0, 0])
        if high > low:
            sheet.line((across(low), y + down), (across(high), y + down), colour=colour, width=5)
        else:
            sheet.note(across(7) + 10, y + 4, "no t interval", colour=colour, size=11)
        sheet.dot(across(float(told.mean[0, 0])), y + down)


def told_of(answers: Sequence[int]) -> Told:
    """One item's answers, one per person."""
    scores = np.array(answers, dtype=np.float64)
    many = np.array([[float(len(scores))]])
    return Told(
        mean=scores.mean(keepdims=True)[None],
        variance=np.array([[scores.var(ddof=1) / len(scores)]]),
        df=many - 1,
        people=many,
        several=np.zeros((1, 1), dtype=np.bool_),
    )


def across(level: float) -> float:
    """Where a level lies."""
    return LEFT + (level - LOW) / (HIGH - LOW) * WIDE


if __name__ == "__main__":
    main()
