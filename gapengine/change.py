"""What moved between two separate weeks of one unit, as far as so few answers can tell.

A week has some fifteen runs of two items each: far too few for means of twenty-two items. Balanced
forms ask every dimension about equally often, so a week is described by its answers themselves:
R = sum of w_d (mean answer in dimension d). Persons are the clusters, and the variance is taken
around R (``gapengine.correction.around_level``): with equal weights the ratio estimator
n/(n-1) sum (T_i - R C_i)^2 / (sum C)^2. The same weights serve both weeks and both sides of a gap,
so that another mix of questions is never taken for a change: w_d is the harmonic mean of the
numbers of answers, 0 for a dimension that one of them lacks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import isfinite, sqrt
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

from gapengine.correction import around_level
from gapengine.disclosure import Floors
from gapengine.levels import OVERALL, FloatArray, Levels
from gapengine.moments import PAIR, Moments
from gapengine.sides import Side, at_least
from gapengine.stacking import Stacked, stack
from gapengine.vantage import Group, Vantage

FALSE_CLAIMS = 0.05
"""Share of false claims in a digest (Benjamini-Hochberg).

At 0.10 seven to eight of a hundred digests claimed a change where nothing had changed.
"""

WeekMoments = Mapping[Group, Moments]
Column = tuple[Group, str]

_COMPARED: Mapping[str, tuple[Column, ...]] = {
    "G5": ((Group.CUSTOMER, PAIR),),
    "perception": ((Group.CUSTOMER, Vantage.PERCEIVED), (Group.STAFF, Vantage.DELIVERED)),
    "delivery": ((Group.STAFF, Vantage.DELIVERED), (Group.CUSTOMER, Vantage.EXPECTED)),
    "communication": ((Group.STAFF, Vantage.DELIVERED), (Group.CUSTOMER, Vantage.COMMUNICATED)),
}
"""The gaps that two weeks may be compared in. Managers are the same people in both weeks."""


class Movement(StrEnum):
    """What may be said about a change; a gap that goes up is a shortfall that shrinks."""

    UP = "up"
    DOWN = "down"
    NO_EVIDENCE = "no evidence"
    TOO_FEW = "too few"


@dataclass(frozen=True)
class Change:
    """Later less earlier estimate of one gap, in points; None where it cannot be known.

    ``p`` is the two-sided probability of a difference as large if nothing had changed.
    """

    gap: str
    level: str
    key: str
    estimate: float | None
    se: float | None
    df: float | None
    low: float | None
    high: float | None
    verdict: Movement
    p: float | None = None

    def to_plain(self) -> dict[str, Any]:
        """Plain values, as a digest takes them."""
        return asdict(self) | {"verdict": self.verdict.value}


def weekly_change(
    earlier: WeekMoments,
    later: WeekMoments,
    *,
    floors: Floors | None = None,
    confidence: float = 0.95,
) -> list[Change]:
    """Compare two weeks of one unit, told by different people, in P-E, P-D, D-E and D-C overall.

    Parameters
    ----------
    earlier, later
        Moments by group; managers' are not used.
    floors
        Fewest respondents that each side must have in each week; None is the least there is.
    confidence
        Two-sided level of the intervals, one gap at a time.

    Returns
    -------
    list of Change
        One per gap. The verdict is up or down only where the interval leaves out zero and the gap
        is also among those that Benjamini-Hochberg at FALSE_CLAIMS keeps of this list.

    Notes
    -----
    Variances of the weeks and groups add; Satterthwaite's degrees of freedom. P-E is taken over
    complete pairs of one person and item.
    """
    floors = floors or Floors()
    weeks = {group: _stacked(group, earlier, later) for group in (Group.CUSTOMER, Group.STAFF)}
    found = [
        _change(gap, [(weeks[group], column) for group, column in columns], floors, confidence)
        for gap, columns in _COMPARED.items()
    ]
    return _claimed(found, alpha=1 - confidence)


def _stacked(group: Group, earlier: WeekMoments, later: WeekMoments) -> Stacked | None:
    """The two weeks of one group as two units over common items; None without any item."""
    listed = [week.get(group) for week in (earlier, later)]
    known: dict[str, str] = {}
    for moments in listed:
        if moments is not None:
            known |= dict(zip(moments.items, moments.dimension_of, strict=True))
    return stack(group, listed, Levels.of(dict(sorted(known.items())))) if known else None


def _change(
    gap: str, columns: Sequence[tuple[Stacked | None, str]], floors: Floors, confidence: float
) -> Change:
    nothing = Change(gap, OVERALL, OVERALL, None, None, None, None, None, Movement.TOO_FEW)
    known = [(weeks, column) for weeks, column in columns if weeks is not None]
    if len(known) < len(columns):
        return nothing
    weights = _weights([_answers_by_dimension(weeks, column) for weeks, column in known])
    sides = [_side(weeks, column, weights) for weeks, column in known]
    if any((side.people[:, 0] < floors.of(side.stacked.group)).any() for side in sides):
        return nothing
    parts = [around_level(side) for side in sides]
    variance = np.concatenate([part.variance[:, 0] for part in parts])
    freedom = np.concatenate([part.df[:, 0] for part in parts])
    if not isfinite(variance.sum()):
        return nothing
    level = sum(sign * side.mean[:, 0] for sign, side in zip((1, -1), sides, strict=False))
    estimate, se = float(np.diff(level)[0]), sqrt(variance.sum())
    df = float(variance.sum() ** 2 / (variance**2 / freedom).sum())
    reach = float(stdtrit(df, (1 + confidence) / 2)) * se
    p = float(2 * stdtr(df, -abs(estimate) / se))
    bounds = estimate - reach, estimate + reach
    return Change(gap, OVERALL, OVERALL, estimate, se, df, *bounds, Movement.NO_EVIDENCE, p)


def _answers_by_dimension(weeks: Stacked, column: str) -> dict[str, FloatArray]:
    """Dimension to number of answers in each of the two weeks."""
    counted = weeks.answers[column] @ weeks.levels.member.T
    return dict(zip(weeks.levels.dimensions, counted.T, strict=True))


def _weights(counts: Sequence[Mapping[str, FloatArray]]) -> dict[str, float]:
    """Harmonic weights of the dimensions that every side has in both weeks; they add up to 1."""
    shared = set.intersection(*(set(count) for count in counts))
    told = {name: np.concatenate([count[name] for count in counts]) for name in sorted(shared)}
    raw = {name: 1 / float((1 / cells).sum()) for name, cells in told.items() if cells.all()}
    return {name: weight / sum(raw.values()) for name, weight in raw.items()}


def _side(weeks: Stacked, column: str, weights: Mapping[str, float]) -> Side:
    """Both weeks of a column: within a dimension every answer weighs the same."""
    levels, answers = weeks.levels, weeks.answers[column]
    wanted = np.array([weights.get(name, 0.0) for name in levels.dimension_of])
    many = answers @ levels.member.T @ levels.member
    shares = np.divide(wanted * answers, many, out=np.zeros_like(answers), where=many > 0)
    mean = (shares * weeks.means[column]).sum(axis=1, keepdims=True)
    side = Side(weeks, column, shares[:, None, :], mean, people=weeks.people(column))
    return replace(side, people=at_least(side, (shares > 0).astype(np.float64)))


def _claimed(found: Sequence[Change], *, alpha: float) -> list[Change]:
    """Turn changes into claims, as far as the rate of false claims allows."""
    tested = sorted(change.p for change in found if change.p is not None)
    passed = [p for k, p in enumerate(tested, 1) if p <= FALSE_CLAIMS * k / len(tested)]
    limit = min(max(passed, default=-1.0), alpha)
    return [
        replace(change, verdict=_direction(change))
        if change.p is not None and change.p <= limit
        else change
        for change in found
    ]


def _direction(change: Change) -> Movement:
    return Movement.UP if (change.estimate or 0.0) > 0 else Movement.DOWN
