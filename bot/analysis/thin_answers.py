"""Whether runs asked so little of each person that plain standard errors are too small."""

from collections.abc import Iterator

from bot.analysis.long_table import LongTable
from gapengine.moments import Moments

FEW = 5.0
"""Answers to an item, on average, below which plain errors were measured to be too small.

Sixty customers who were asked two items of 22 give 5.5 answers to an item, and intervals that hold
the truth in 93 % of samples instead of 95; thirty give 2.7, and 86 % (``benchmarks.coverage``).
"""

_SHARE = 0.8
"""Where people answered so much of what was asked, few answers only mean few people."""


def thin_note(table: LongTable) -> str | None:
    """What a reader of plain errors should know, naming the points of view it concerns."""
    points: dict[str, set[str]] = {}
    for name, groups in table.units.items():
        for moments in groups.values():
            for point in _thin_points(moments):
                points.setdefault(point, set()).add(name)
    if not points:
        return None
    units = set.union(*points.values())
    where = f"unit {next(iter(units))}" if len(units) == 1 else f"{len(units)} units"
    told = ", ".join(sorted(points))
    return (
        f"{where} had fewer than {FEW:g} answers to an item on average ({told}) from people who "
        "were asked some of the items: intervals are too short there; --errors corrected gives "
        "ones that hold"
    )


def _thin_points(moments: Moments) -> Iterator[str]:
    """Points of view of one group with few answers to an item though there are people enough."""
    subsets = moments.shape.subsets
    for vantage, told in zip(moments.shape.vantages, moments.histogram, strict=True):
        answers = told.sum(axis=1)
        items = int((answers > 0).sum())
        people = int(moments.respondents[0, subsets.index(frozenset({vantage}))])
        if people < 2 or not items:
            continue
        mean = answers.sum() / items
        if mean < FEW and mean < _SHARE * people:
            yield vantage.value
