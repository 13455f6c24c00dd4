"""From a measurement to a level of the scale: straight lines between the points of a rule."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

AT_MOST, AT_LEAST = "at_most", "at_least"
COMPARISONS = (AT_MOST, AT_LEAST)
LOWEST, USUAL_HIGHEST = 1, 7
MOST_POINTS = 20

Points = tuple[tuple[float, float], ...]
"""(value, level), values rising."""


class BadRule(ValueError):  # noqa: N818 - says what it is
    """Points that make no rule; the text says why."""


def level_of(points: Sequence[Sequence[float]], value: float) -> float:
    """Return the level of a measurement; beyond the outer points it stays at theirs.

    >>> level_of([(60, 7), (180, 6), (600, 3), (1800, 1)], 390)
    4.5
    """
    values = [point[0] for point in points]
    after = bisect_right(values, value)
    if after in {0, len(points)}:
        return float(points[max(0, after - 1)][1])
    (left, high), (right, low) = points[after - 1], points[after]
    return high + (low - high) * (value - left) / (right - left)


def checked(
    points: Iterable[Sequence[float]], comparison: str, highest: int = USUAL_HIGHEST
) -> Points:
    """Return the points of a rule that turns every value into one level.

    Raises
    ------
    BadRule
        When there are fewer than two points or too many, values do not rise, a level is outside
        1 to the ``highest`` of the scale, or levels do not go the way the comparison says: down
        for ``at_most``.
    """
    rule = tuple((float(value), float(level)) for value, level in points)
    if not 2 <= len(rule) <= MOST_POINTS:
        raise BadRule(f"it has {len(rule)} points, wanted 2 to {MOST_POINTS}")
    pairs = list(pairwise(rule))
    if any(not one[0] < two[0] for one, two in pairs):
        raise BadRule("its values do not rise from point to point")
    if any(not LOWEST <= level <= highest for _, level in rule):
        raise BadRule(f"a level is outside 1 to {highest}")
    falls = all(one[1] >= two[1] for one, two in pairs) and rule[0][1] > rule[-1][1]
    rises = all(one[1] <= two[1] for one, two in pairs) and rule[0][1] < rule[-1][1]
    if not (falls if comparison == AT_MOST else rises):
        way = "fall" if comparison == AT_MOST else "rise"
        raise BadRule(f"with '{comparison}' its levels must {way} as values rise")
    return rule


def read_points(text: str, comparison: str, highest: int = USUAL_HIGHEST) -> Points:
    """Read points as a table writes them: ``60:7 180:6 600:3 1800:1``.

    Raises
    ------
    BadRule
        When it is not written so, or the points make no rule.
    """
    pairs = [word.split(":") for word in text.replace(",", " ").split()]
    try:
        points = [(finite(value), finite(level)) for value, level in pairs]
    except ValueError:
        raise BadRule("it is not written as value:level value:level") from None
    return checked(points, comparison, highest)


def finite(text: str) -> float:
    """Read a number; what is no number, or not finite, is a ``ValueError``."""
    number = float(text)
    if not abs(number) < float("inf"):
        raise ValueError(text)
    return number
