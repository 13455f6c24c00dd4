"""The series behind an effect, for its chart: what each span of weeks showed, as far as it may be.

Kept with the effect, so that the chart shows what the verdict was made of. Only spans in which
enough people answered have figures. They are rounded to a tenth, as all figures that people see, so
that nobody can take shown weeks from a shown month to learn of a hidden one. What other units show
is told only where at least three of them have a figure, and only their mean.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import stdtrit

from bot.improvement.effects_weeks import Story
from gapengine.effect import Rules

FEWEST = Rules().fewest
_CONFIDENCE = Rules().confidence
_DIGITS = 1
_MANY = 1e9


def series_of(story: Story, comparisons: Sequence[int]) -> list[dict[str, Any]]:
    """Return each span: its first and last week, own figure with its interval, mean of the others.

    ``comparisons`` are rows of the story. A figure that may not be shown is None.
    """
    points = story.points
    known = points.known
    told = []
    for place, span in enumerate(story.spans):
        rows = [row for row in comparisons if known[row, place]]
        others = float(np.mean(points.estimate[rows, place])) if len(rows) >= FEWEST else None
        told.append(
            {
                "from": span[0].isoformat(),
                "to": span[-1].isoformat(),
                "own": _own(story, place) if known[0, place] else None,
                "others": None if others is None else round(others, _DIGITS),
            }
        )
    return told


def _own(story: Story, place: int) -> dict[str, float]:
    estimate, se, df = (
        float(one[0, place]) for one in (story.points.estimate, story.points.se, story.points.df)
    )
    reach = float(stdtrit(min(df, _MANY), (1 + _CONFIDENCE) / 2)) * se
    return {
        "estimate": round(estimate, _DIGITS),
        "low": round(estimate - reach, _DIGITS),
        "high": round(estimate + reach, _DIGITS),
    }
