"""Whether a table's scores are on the scale they are said to be on, or rows left out bias all."""

from collections import Counter
from collections.abc import Iterable

from bot.analysis.own_table import Problem

MOST_OUTSIDE = 0.05
"""Share of scores outside the scale from which a table is of another scale, not mistyped."""

TYPING = 10
"""So many such scores may be slips of the hand, however few the others are."""

_ENOUGH = 100
"""Scores from which it means something that none of them is near the top."""

_SHOWN = 4


def other_scale(inside: int, outside: Counter[int], points: int) -> Problem | None:
    """Refuse a table of whole numbers that leave the scale, given how many do and do not.

    To leave out every 8, 9 and 10 of ten levels would leave the angry behind, and move each mean.
    """
    many = sum(outside.values())
    if not inside or many <= max(TYPING, MOST_OUTSIDE * (inside + many)):
        return None
    shown = [str(number) for number in sorted(outside)]
    told = ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")
    return Problem(
        "A210",
        None,
        f"{many / (inside + many):.0%} of the scores are whole numbers outside 1 to {points} "
        f"({told}), and leaving them out would bias every mean",
        f"Bring all scores onto 1 to {points} first, or name another scale with --points; where "
        "such a number means 'no answer', drop its rows.",
    )


def narrow_scale(scores: Iterable[int], points: int) -> str | None:
    """A note where no score of many is near the top: the questions may have had fewer levels."""
    told = Counter(scores)
    highest = max(told)
    if sum(told.values()) < _ENOUGH or highest > points - 2:
        return None
    return (
        f"no score is above {highest}: if there were {highest} levels and not {points}, "
        f"name them with --points {highest}; intervals near the upper end do not hold otherwise"
    )
