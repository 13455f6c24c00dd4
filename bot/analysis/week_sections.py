"""What the weeks of an analyst's table tell: each gap as a series, and what moved lately.

Only weeks and windows told by enough people count, also where nothing else is hidden: a week of
two people is no week.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from scipy.special import stdtrit

from bot.analysis.long_table import LongTable
from gapengine.change import (
    Chart,
    Comparison,
    Overlap,
    WeekMoments,
    ewma,
    recent_changes,
    week_points,
)
from gapengine.disclosure import MINIMUM
from gapengine.levels import OVERALL
from gapengine.moments import Moments, merge
from gapengine.report import WHOLE
from gapengine.vantage import Group

Plain = dict[str, Any]

WATCHED = ("G5", "perception", "delivery", "communication")
"""The gaps whose weeks are told; managers are asked too seldom for the others."""

_AT_ONCE = 16
"""Units taken together: their weeks' moments must fit into memory."""


def week_sections(table: LongTable, *, confidence: float) -> dict[str, Plain]:
    """``series`` and ``changes`` of the whole and of every unit; nothing with a single week."""
    weeks = list(table.weeks)
    if len(weeks) < 2:
        return {}
    names = [WHOLE, *table.units]
    comparison = Comparison(
        confidence=confidence,
        overlap={group: Overlap(share, share) for group, share in table.weeks.returning.items()},
    )
    found: dict[str, Plain] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        units = [[_week_of(table.weeks[week], name) for week in weeks] for name in some]
        charts = [ewma(week_points(units, weeks, gap=gap)) for gap in WATCHED]
        changes = recent_changes(units, comparison=comparison)
        for k, name in enumerate(some):
            found[name] = {
                "series": [
                    series_plain(gap, chart, k, confidence=confidence)
                    for gap, chart in zip(WATCHED, charts, strict=True)
                ],
                "changes": [change.to_plain() for change in changes[k]],
            }
    return found


def _week_of(week: Mapping[str, WeekMoments], name: str) -> WeekMoments:
    """One unit's moments in a week; the whole's are the sum of all that does not single one out."""
    if name != WHOLE:
        return week.get(name, {})
    groups = {
        group: [own[group] for own in week.values() if group in own]
        for group in (Group.CUSTOMER, Group.STAFF)
    }
    return {
        group: merge(group, parts)
        for group, parts in groups.items()
        if parts and not _singles_out(parts, MINIMUM[group])
    }


def _singles_out(parts: Sequence[Moments], floor: int) -> bool:
    """Whether the units too small to be told are, all together, still too few to be told."""
    people = [int(moments.respondents[0].max()) for moments in parts]
    small = sum(many for many in people if many < floor)
    return 0 < small < floor < sum(people)


def series_plain(gap: str, chart: Chart, unit: int, *, confidence: float) -> Plain:
    """One unit's series with the chart that watches it; None where a week tells too little."""
    told = chart.to_plain(unit)
    points = list(_points(chart, told["weeks"], unit, confidence=confidence))
    signals = [f"{week['signal']} in {week['week']}" for week in told["weeks"] if week["signal"]]
    return {
        "gap": gap,
        "level": OVERALL,
        "key": OVERALL,
        "chart": told["chart"],
        "verdict": "; ".join([told["status"], *signals]),
        "points": points,
    }


def _points(
    chart: Chart, weeks: Sequence[Plain], unit: int, *, confidence: float
) -> Iterator[Plain]:
    own = chart.points
    with np.errstate(invalid="ignore"):
        reach = stdtrit(own.df[unit], (1 + confidence) / 2) * own.se[unit]
    bounds = {"low": own.estimate[unit] - reach, "high": own.estimate[unit] + reach}
    for k, week in enumerate(weeks):
        names = ("week", "estimate", "se", "break", "phase", "centre", "value", "limit", "signal")
        plain = {name: week[name] for name in names}
        for name, column in bounds.items():
            plain[name] = float(column[k]) if isfinite(column[k]) else None
        people = own.n[unit, k]
        plain["n"] = int(people) if isfinite(people) else None
        yield plain
