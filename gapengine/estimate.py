"""Vantage means, gaps and their clustered errors for all units at once. Nothing is hidden here.

What this module returns must pass through ``gapengine.disclosure`` before anybody sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gapengine.correction import paired_part, side_part
from gapengine.intervals import (
    USUAL,
    Errors,
    Method,
    Part,
    Spread,
    added,
    alone,
    linear_part,
    one_group,
)
from gapengine.levels import FloatArray, Levels
from gapengine.limits import (
    Limits,
    Steadied,
    Told,
    gap_limits,
    mean_limits,
    on_seven,
    plain_limits,
    steadied,
)
from gapengine.moments import PAIR, RULED
from gapengine.sides import Side, common_side, own_side
from gapengine.stacking import Stacked
from gapengine.vantage import (
    CHAIN_ORDER,
    CLASSIC_GAPS,
    LIVED_PROMISE,
    SEED_GAPS,
    Group,
    Vantage,
    group_of,
)

Pair = tuple[Vantage, Vantage]

CUSTOMER_GAP: Pair = (Vantage.PERCEIVED, Vantage.EXPECTED)

PAIRS: tuple[Pair, ...] = tuple(
    dict.fromkeys(
        [
            *(gap.pair for gap in (*SEED_GAPS, *CLASSIC_GAPS, LIVED_PROMISE)),
            *((a, b) for k, a in enumerate(CHAIN_ORDER) for b in CHAIN_ORDER[k + 1 :]),
        ]
    )
)
"""Every difference a report may show: both gap sets, the lived promise, all links of the chain."""

NAMED: tuple[Pair, ...] = tuple(dict.fromkeys(gap.pair for gap in (*SEED_GAPS, *CLASSIC_GAPS)))
"""The differences that have a name in either set."""


@dataclass(frozen=True)
class Cells:
    """One vantage point at every level; arrays of shape (units, levels), NaN where unknown.

    ``se``, ``df``, ``low``, ``high`` and ``way`` are those of the mean, as of a gap: clustered by
    respondent, ``way`` a ``gapengine.limits.Way``.

    ``share`` is the share of answers worth noting: for E the highest level (the ceiling), for P the
    two highest, for S "no rule" (whose respondents are ``sharers``); NaN for the others.
    """

    mean: FloatArray
    respondents: FloatArray
    answers: FloatArray
    share: FloatArray
    sharers: FloatArray
    se: FloatArray
    df: FloatArray
    low: FloatArray
    high: FloatArray
    way: FloatArray


@dataclass(frozen=True)
class Differences:
    """One gap at every level; arrays of shape (units, levels), NaN where unknown."""

    estimate: FloatArray
    se: FloatArray
    df: FloatArray
    low: FloatArray
    high: FloatArray
    n_minuend: FloatArray
    n_subtrahend: FloatArray
    way: FloatArray
    """How the interval was found, a ``gapengine.limits.Way``; 0 or NaN where there is none."""


@dataclass(frozen=True)
class Figures:
    """All raw figures of some units.

    ``like_for_like`` holds a named gap over the items both points cover, where these differ from
    the items of the gap itself (elsewhere its counts are 0), and ``common_items`` how many they
    are.
    """

    levels: Levels
    cells: Mapping[Vantage, Cells]
    gaps: Mapping[Pair, Differences]
    like_for_like: Mapping[Pair, Differences]
    common_items: Mapping[Pair, FloatArray]
    paired: Differences


def figures(groups: Mapping[Group, Stacked], *, method: Method = USUAL) -> Figures:
    """Estimate everything from the stacked moments of the three groups.

    Dimension = plain mean of item means over the items asked; overall = mean of dimension means,
    and beside it the weighted mean if the levels have weights. Gap = difference of vantage means:
    means first, subtraction second. Standard errors are clustered by respondent; ``method`` says
    how.
    """
    levels = next(iter(groups.values())).levels
    sides = {vantage: own_side(groups[group_of(vantage)], vantage) for vantage in Vantage}
    gaps = {
        (a, b): _difference(sides[a], sides[b], _joint(sides[a], sides[b]), method=method)
        for a, b in PAIRS
    }
    common = {pair: _common(sides, pair) for pair in NAMED}
    alike = {pair: _like_for_like(sides, pair, common[pair], method=method) for pair in NAMED}
    return Figures(
        levels=levels,
        cells={vantage: _cells(side, vantage, method) for vantage, side in sides.items()},
        gaps=gaps,
        like_for_like=alike,
        common_items={pair: _count_common(levels, mask) for pair, mask in common.items()},
        paired=_paired(groups[Group.CUSTOMER], method),
    )


def _difference(
    left: Side, right: Side, joint: FloatArray | None, *, method: Method
) -> Differences:
    """A gap with its interval; ``joint`` counts who tells either side, None for two groups."""
    spread = _spread(left, right, joint, method=method)
    scale = left.levels.scale
    limits = gap_limits(
        _told(left, method),
        _told(right, method),
        on_seven(spread, scale),
        together=joint is not None,
        method=method,
    ).on(scale)
    people = (left.people, right.people)
    return _with_limits(left.mean - right.mean, spread, limits, people=people)


def _told(side: Side, method: Method) -> tuple[Told, Steadied]:
    """One side of a gap by itself in points of seven, as limits are found; worked out once."""
    if "told" not in side.kept:
        part = _own_part(side, method)
        told = Told(side.mean, part.variance, part.df, side.people, side.several)
        told = told.on_seven(side.levels.scale)
        side.kept["told"] = told, steadied(told, confidence=method.confidence)
    kept: tuple[Told, Steadied] = side.kept["told"]
    return kept


def _own_part(side: Side, method: Method) -> Part:
    """What one side adds to a variance, worked out once."""
    if method.errors is Errors.CORRECTED:
        return side_part(side)
    if "linear" not in side.kept:
        side.kept["linear"] = linear_part(side.squares(side), side.people)
    kept: Part = side.kept["linear"]
    return kept


def _joint(left: Side, right: Side) -> FloatArray | None:
    """People who tell either side, when the same people are asked both; else None."""
    return left.stacked.people(left.column, right.column) if left.same_people(right) else None


def _spread(left: Side, right: Side, joint: FloatArray | None, *, method: Method) -> Spread:
    if method.errors is Errors.CORRECTED:
        if joint is not None:
            return alone(paired_part(left, right, joint))
        return added(side_part(left), side_part(right))
    if joint is None:
        return added(*(_own_part(side, method) for side in (left, right)))
    own, other = left.squares(left), right.squares(right)
    return one_group(own + other - 2 * left.squares(right), joint)


def _with_limits(
    estimate: FloatArray, spread: Spread, limits: Limits, *, people: tuple[FloatArray, FloatArray]
) -> Differences:
    known = np.isfinite(estimate)
    se, df = np.where(known, spread.se, np.nan), np.where(known, spread.df, np.nan)
    way = limits.way.astype(np.float64)
    return Differences(estimate, se, df, limits.low, limits.high, *people, way)


def _common(sides: Mapping[Vantage, Side], pair: Pair) -> FloatArray:
    """Shape (units, items): 1 where both points were asked."""
    left, right = (sides[v].stacked.answers[v] > 0 for v in pair)
    return (left & right).astype(np.float64)


def _count_common(levels: Levels, common: FloatArray) -> FloatArray:
    return np.concatenate([common @ levels.reach.T, common], axis=1)


def _like_for_like(
    sides: Mapping[Vantage, Side], pair: Pair, common: FloatArray, *, method: Method
) -> Differences:
    """The gap over common items, with counts set to 0 where the items do not differ anyway."""
    levels = sides[pair[0]].stacked.levels
    asked = [sides[v].stacked.answers[v] > 0 for v in pair]
    wanted = (asked[0] ^ asked[1]).astype(np.float64) @ levels.reach.T > 0
    shape = len(wanted), levels.count
    unknown, nobody = np.full(shape, np.nan), np.zeros(shape)
    if not wanted.any():
        return Differences(unknown, unknown, unknown, unknown, unknown, nobody, nobody, unknown)
    left, right = (common_side(sides[v], common) for v in pair)
    joint = None
    if left.stacked.group is right.stacked.group:
        joint = np.maximum(left.people, right.people)
    upper = _difference(left, right, joint, method=method)

    def where_wanted(figures: FloatArray, beside: FloatArray) -> FloatArray:
        result = beside.copy()
        np.copyto(result[:, : levels.upper], figures, where=wanted)
        return result

    return Differences(
        estimate=where_wanted(upper.estimate, unknown),
        se=where_wanted(upper.se, unknown),
        df=where_wanted(upper.df, unknown),
        low=where_wanted(upper.low, unknown),
        high=where_wanted(upper.high, unknown),
        n_minuend=where_wanted(upper.n_minuend, nobody),
        n_subtrahend=where_wanted(upper.n_subtrahend, nobody),
        way=where_wanted(upper.way, unknown),
    )


def _paired(customers: Stacked, method: Method) -> Differences:
    """P-E over complete pairs of one respondent and one item."""
    side = own_side(customers, PAIR)
    if method.errors is Errors.CORRECTED:
        spread = alone(side_part(side))
    else:
        spread = one_group(side.squares(side), side.people)
    limits = plain_limits(side.mean, spread, confidence=method.confidence)
    return _with_limits(side.mean, spread, limits, people=(side.people, side.people))


def _cells(side: Side, vantage: Vantage, method: Method) -> Cells:
    stacked, levels = side.stacked, side.stacked.levels
    position = stacked.shape.vantages.index(vantage)

    def at_levels(items: FloatArray) -> FloatArray:
        return np.concatenate([items @ levels.reach.T, items], axis=1)

    highest = levels.scale.points
    answers = at_levels(stacked.answers[vantage])
    sharers, base, part = side.people, answers, np.full(answers.shape, np.nan)
    if vantage is Vantage.EXPECTED:
        part = at_levels(stacked.histogram[:, position, :, highest - 1])
    elif vantage is Vantage.PERCEIVED:
        part = at_levels(stacked.histogram[:, position, :, highest - 2 : highest].sum(axis=2))
    elif vantage is Vantage.SPECIFIED:
        part = at_levels(stacked.no_rule)
        sharers, base = stacked.people(RULED), answers + part
    share = np.divide(part, base, out=np.full_like(part, np.nan), where=base > 0)
    told, steady = _told(side, method)
    if method.errors is Errors.CORRECTED:  # few answers to an item tell as much as fewer people
        people = np.fmin(told.people, told.df + 1)
        steady = steadied(replace(told, people=people), confidence=method.confidence)
    limits = mean_limits(told, method=method, side=steady).of_mean_on(levels.scale)
    return Cells(
        side.mean,
        side.people,
        answers,
        share,
        sharers,
        se=np.sqrt(_own_part(side, method).variance),
        df=told.df,
        low=limits.low,
        high=limits.high,
        way=limits.way.astype(np.float64),
    )
