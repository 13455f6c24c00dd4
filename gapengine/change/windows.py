"""Later less earlier level of a gap between two windows of weeks, for many units at once.

A week has some fifteen runs of two items each: far too few for means of twenty-two items. Balanced
forms ask every dimension about equally often, so a window is described by its answers themselves:
R = sum of w_d (mean answer in dimension d). Persons are the clusters, and the variance is taken
around R (``gapengine.correction.around_level``): with equal weights the ratio estimator
n/(n-1) sum (T_i - R C_i)^2 / (sum C)^2. The same weights serve both windows and both sides of a
gap, so that another mix of questions is never taken for a change: w_d is the harmonic mean of the
numbers of answers, 0 for a dimension that one of them lacks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gapengine.correction import around_level
from gapengine.disclosure import Floors
from gapengine.errors import SettingsError
from gapengine.intervals import Part
from gapengine.levels import FloatArray, Levels
from gapengine.moments import PAIR, Moments
from gapengine.sides import Side, at_least
from gapengine.stacking import Stacked, stack
from gapengine.vantage import Group, Vantage

WeekMoments = Mapping[Group, Moments]
Column = tuple[Group, str]
Weeks = Mapping[Group, Stacked]
"""Moments of each group with a leading axis of units times weeks, the weeks of a unit adjoining."""

COMPARED: Mapping[str, tuple[Column, ...]] = {
    "G5": ((Group.CUSTOMER, PAIR),),
    "perception": ((Group.CUSTOMER, Vantage.PERCEIVED), (Group.STAFF, Vantage.DELIVERED)),
    "delivery": ((Group.STAFF, Vantage.DELIVERED), (Group.CUSTOMER, Vantage.EXPECTED)),
    "communication": ((Group.STAFF, Vantage.DELIVERED), (Group.CUSTOMER, Vantage.COMMUNICATED)),
}
"""The gaps that weeks are compared in, minuend first. Managers are asked too seldom."""

TELLING = (Group.CUSTOMER, Group.STAFF)


@dataclass(frozen=True)
class Overlap:
    """Which share of the people of one week told another week as well.

    Answers are anonymous, so how much a person's answers of two weeks have in common is unknown;
    it is taken to be anything between nothing and everything, whichever gives the wider interval.

    Attributes
    ----------
    within
        Share of common people between two weeks of the same window.
    across
        The same between a week of the later and a week of the earlier window.
    """

    within: float
    across: float

    def __post_init__(self) -> None:
        for share in (self.within, self.across):
            if not 0 <= share <= 1:
                raise SettingsError(f"an overlap is {share}; give a share between 0 and 1")


APART = Overlap(0.0, 0.0)
"""Different people each week, or the same chance to come back in any week: see ``_widened``."""


@dataclass(frozen=True)
class Contrast:
    """Later less earlier; arrays of shape (units, 1 + dimensions), overall first, NaN if unknown.

    ``n`` counts the people of the side and window that has the fewest.
    """

    estimate: FloatArray
    se: FloatArray
    df: FloatArray
    n: FloatArray


def stack_weeks(units: Sequence[Sequence[WeekMoments]]) -> Weeks:
    """Align the weeks of some units, which must be equally many; empty without any answer."""
    flat = [week for unit in units for week in unit]
    known: dict[str, str] = {}
    for week in flat:
        for group in TELLING:
            if (moments := week.get(group)) is not None:
                known |= dict(zip(moments.items, moments.dimension_of, strict=True))
    if not known:
        return {}
    levels = Levels.of(dict(sorted(known.items())))
    return {group: stack(group, [week.get(group) for week in flat], levels) for group in TELLING}


def windows(weeks: Weeks, many: int, *, later: slice, earlier: slice) -> Weeks:
    """Add up two windows: first all units' earlier ones, then all units' later ones."""
    return {group: _summed(own, many, (earlier, later)) for group, own in weeks.items()}


def _summed(own: Stacked, many: int, parts: Sequence[slice]) -> Stacked:
    units = len(own) // many
    shaped = [numbers.reshape(units, many, *numbers.shape[1:]) for numbers in own.arrays]
    cross, respondents, histogram, no_rule, pairs = (
        np.concatenate([numbers[:, part].sum(axis=1) for part in parts]) for numbers in shaped
    )
    return Stacked(
        own.group,
        own.levels,
        cross=cross,
        respondents=respondents,
        histogram=histogram,
        no_rule=no_rule,
        pairs=pairs,
    )


def contrast(
    both: Weeks,
    gap: str,
    *,
    floors: Floors,
    weeks: tuple[int, int] = (1, 1),
    overlap: Mapping[Group, Overlap] | None = None,
) -> Contrast:
    """Later less earlier window of a gap of ``COMPARED``, overall and by dimension.

    Parameters
    ----------
    both
        Earlier windows of all units, then their later ones, as ``windows`` gives them.
    floors
        Fewest respondents that each side must have in each window.
    weeks
        How many weeks the earlier and the later window hold; only ``overlap`` needs them.
    overlap
        Common people of different weeks; a group that is absent counts as ``APART``.

    Notes
    -----
    Variances of windows and groups add; Satterthwaite's degrees of freedom.
    """
    columns = COMPARED[gap]
    if any(group not in both for group, _ in columns):
        return nothing_told()
    own = [(both[group], column) for group, column in columns]
    weights = common_weights([_by_dimension(stacked, column) for stacked, column in own])
    sides = [side_of(stacked, column, np.tile(weights, (2, 1))) for stacked, column in own]
    told = [np.stack(np.split(people_of(side), 2)) for side in sides]
    parts = [
        _widened(_halves(side), weeks=weeks, overlap=(overlap or {}).get(side.stacked.group, APART))
        for side in sides
    ]
    level = sum(sign * side.mean for sign, side in zip((1, -1), sides, strict=False))
    before, after = np.split(np.asarray(level), 2)
    enough = [
        (many >= floors.of(side.stacked.group)).all(axis=0)
        for side, many in zip(sides, told, strict=True)
    ]
    return added_up(
        after - before, parts, np.all(enough, axis=0), n=np.concatenate(told).min(axis=0)
    )


def nothing_told() -> Contrast:
    unknown = np.full((0, 0), np.nan)
    return Contrast(unknown, unknown, unknown, unknown)


def added_up(
    estimate: FloatArray, parts: Sequence[Part], enough: NDArray[np.bool_], *, n: FloatArray
) -> Contrast:
    variance = sum((part.variance for part in parts), start=np.zeros(()))
    below = sum((part.variance**2 / part.df for part in parts), start=np.zeros(()))
    known = enough & np.isfinite(variance) & (variance > 0)
    unknown = np.full(estimate.shape, np.nan)
    df = np.divide(variance**2, below, out=unknown.copy(), where=known)
    se = np.sqrt(variance, out=unknown.copy(), where=known)
    return Contrast(np.where(known, estimate, np.nan), se, df, np.where(known, n, np.nan))


def _by_dimension(stacked: Stacked, column: str) -> FloatArray:
    """Answers of the earlier and the later window, shape (2, units, dimensions)."""
    return np.stack(np.split(stacked.answers[column] @ stacked.levels.member.T, 2))


def common_weights(counts: Sequence[FloatArray]) -> FloatArray:
    """Harmonic weights of the dimensions that every side has in both windows; they sum to 1."""
    told = np.concatenate(counts)
    common = (told > 0).all(axis=0)
    inverse = np.divide(1.0, told, out=np.zeros_like(told), where=told > 0).sum(axis=0)
    raw = np.divide(1.0, inverse, out=np.zeros_like(inverse), where=common)
    total = raw.sum(axis=-1, keepdims=True)
    weights: FloatArray = np.divide(raw, total, out=np.zeros_like(raw), where=total > 0)
    return weights


def side_of(
    stacked: Stacked, column: str, weights: FloatArray, *, used: FloatArray | None = None
) -> Side:
    """A column of many windows, overall with these weights of dimensions and by dimension.

    ``weights`` has shape (windows, dimensions); within a dimension every answer weighs the same.
    ``used``, shape (items,), is 0 for items to leave out; None takes all.
    """
    member, answers = stacked.levels.member, stacked.answers[column]
    if used is not None:
        answers = answers * used
    many = answers @ member.T
    within = np.divide(
        member * answers[:, None, :],
        many[:, :, None],
        out=np.zeros((*many.shape, answers.shape[1])),
        where=many[:, :, None] > 0,
    )
    overall = (weights[:, None, :] @ within)[:, 0]
    shares = np.concatenate([overall[:, None], within], axis=1)
    mean = (shares * stacked.means[column][:, None, :]).sum(axis=2)
    return Side(stacked, column, shares, mean, people=stacked.people(column))


def people_of(side: Side) -> FloatArray:
    """People of each window, surely so many; shape (windows, 1 + dimensions)."""
    counted = replace(side, people=side.stacked.people(side.column))
    used = np.asarray(np.any(side.shares[:, 1:] > 0, axis=1), dtype=np.float64)
    weighed = np.asarray(side.shares[:, 0] > 0, dtype=np.float64)
    by_dimension = at_least(counted, used)[:, 1:]
    return np.concatenate([at_least(counted, weighed)[:, :1], by_dimension], axis=1)


def _halves(side: Side) -> tuple[Part, Part]:
    part = around_level(side)
    (v0, v1), (d0, d1) = np.split(part.variance, 2), np.split(part.df, 2)
    return Part(v0, d0), Part(v1, d1)


def _widened(halves: tuple[Part, Part], *, weeks: tuple[int, int], overlap: Overlap) -> Part:
    """Variance of later less earlier mean of one side, people coming back allowed for.

    With a person's answers of two weeks correlated by r, a window of k weeks that treats them as
    different people has k times less variance than one week, v = V k; truly it has
    v (1 + (k-1) r within), and two windows share r across sqrt(V_1 k_1 V_2 k_2). The sum is linear
    in r, so the worst r is 0 or 1. When people come back equally likely in any week, ``within``
    equals ``across``, the worst r is 0, and nothing is added: whoever tells both windows only makes
    their difference steadier. Otherwise the variance for r = 1 is taken where it is larger.
    """
    variance = halves[0].variance + halves[1].variance
    below = sum(part.variance**2 / part.df for part in halves)
    df = np.divide(variance**2, below, out=np.full_like(variance, np.nan), where=below > 0)
    within = sum(
        part.variance * (many - 1) * overlap.within
        for part, many in zip(halves, weeks, strict=True)
    )
    scale = weeks[0] * weeks[1] * halves[0].variance * halves[1].variance
    return Part(variance + np.maximum(within - 2 * overlap.across * np.sqrt(scale), 0.0), df)
