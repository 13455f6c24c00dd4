"""How much answers differ, and how one person's answers go together, read from moments.

Early on a unit has few answers, and a variance of five of them says little. So each item's
variance leans on that of all items, and both on what such scales usually show; correlations are
pooled over pairs of items. Wrong guesses cost taps, never correctness: the estimates themselves do
not use these figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from gapengine.allocation.blueprint import Blueprint
from gapengine.errors import SettingsError
from gapengine.levels import OVERALL, FloatArray
from gapengine.moments import COUNT_SUM, PRODUCT, SUM_COUNT, TOGETHER, IntArray, Moments
from gapengine.scale import SEVEN, Scale
from gapengine.vantage import Gap, Vantage, group_of

Column = tuple[Vantage, ...]
"""One vantage point, or the two of a gap told by the same people (minuend, subtrahend)."""

USUAL_VARIANCE = 1.5
"""Points of seven squared; answers on 1..7 scales with a ceiling spread by about 1.2 points."""
USUAL_WITHIN, USUAL_ACROSS, USUAL_PAIRED = 0.5, 0.35, 0.35
"""Correlation of one person's answers: items of one dimension, of two, two vantage points."""
LEAN = 20.0
"""Answers, or pairs of answers, that a usual or pooled figure counts for."""
_DIGITS = 4


@dataclass(frozen=True)
class Outlook:
    """Spreads and weights, rounded so that they are equal on every machine.

    Attributes
    ----------
    columns
        What has a variance of its own in some gap.
    variance
        Shape (columns, items): of one answer, or of one person's difference; points squared.
    within, across
        Correlation of one person's answers to two items of one dimension, and of two.
    weights
        Shape (columns, 1 + dimensions): weight of the variance overall and in each dimension.
    importance
        Weight of each dimension in the overall figure; None for the plain mean.
    """

    columns: tuple[Column, ...]
    variance: tuple[tuple[float, ...], ...]
    within: float
    across: float
    weights: tuple[tuple[float, ...], ...]
    importance: tuple[float, ...] | None = None


@dataclass(frozen=True, eq=False)
class Counts:
    """Answers so far: ``met`` of shape (items, items), ``extra`` one per extra ask."""

    met: IntArray
    extra: IntArray


def dimensions_of(blueprint: Blueprint) -> list[str]:
    """Name the dimensions that have items, in the blueprint's order."""
    return list(dict.fromkeys(blueprint.dimension_of.values()))


def counts_of(blueprint: Blueprint, moments: Moments | None) -> Counts:
    """Count runs per item and pair of items; an item's least answered vantage point decides.

    "There is no rule" is an answer too: it is counted for the item, though not for its pairs.
    """
    sums = _Sums(blueprint, moments, SEVEN)
    each = []
    for vantage in blueprint.together:
        own = sums.block(vantage, vantage, TOGETHER).astype(np.int64)
        if vantage is Vantage.SPECIFIED:
            own[np.diag_indices_from(own)] += sums.no_rule
        each.append(own)
    place = {item: k for k, item in enumerate(blueprint.items)}
    extra = [
        int(sums.block(vantage, vantage, TOGETHER)[place[item], place[item]])
        for item, vantage in blueprint.extra
    ]
    return Counts(np.minimum.reduce(each), np.array(extra, dtype=np.int64))


def outlook_of(
    blueprint: Blueprint,
    moments: Moments | None,
    *,
    gaps: Sequence[Gap],
    priorities: Mapping[tuple[str, str], float],
    importance: Mapping[str, float] | None,
    scale: Scale,
) -> Outlook:
    """Gather spreads and weights; errors as for ``gapengine.allocation.standing_of``."""
    weights = _weights(blueprint, gaps, priorities)
    sums = _Sums(blueprint, moments, scale)
    told = (*blueprint.together, *(vantage for _, vantage in blueprint.extra))
    single = {vantage: sums.variance(vantage) for vantage in dict.fromkeys(told)}
    same = sums.same_dimension & ~np.eye(len(blueprint.items), dtype=bool)
    spreads = [_spread(sums, column, single) for column in weights]
    own = [(v, v) for v in blueprint.together]
    return Outlook(
        columns=tuple(weights),
        variance=tuple(_rounded(row) for row in spreads),
        within=sums.correlation(own, single, where=same, usual=USUAL_WITHIN),
        across=sums.correlation(own, single, where=~sums.same_dimension, usual=USUAL_ACROSS),
        weights=tuple(_rounded(row) for row in weights.values()),
        importance=None if importance is None else _shares(blueprint, importance),
    )


def _rounded(row: FloatArray) -> tuple[float, ...]:
    return tuple(np.round(row, _DIGITS).tolist())


def _spread(sums: "_Sums", column: Column, single: Mapping[Vantage, FloatArray]) -> FloatArray:
    """Variance of each item's answer, or of the difference of two by the same person."""
    if len(column) == 1:
        return single[column[0]]
    left, right = single[column[0]], single[column[1]]
    diagonal = np.eye(len(left), dtype=bool)
    paired = sums.correlation([column], single, where=diagonal, usual=USUAL_PAIRED)
    return left + right - 2 * paired * np.sqrt(left * right)


def _weights(
    blueprint: Blueprint, gaps: Sequence[Gap], priorities: Mapping[tuple[str, str], float]
) -> dict[Column, FloatArray]:
    """Add up, per column, the weights of the gaps it is part of; shape (1 + dimensions,) each."""
    levels = [OVERALL, *dimensions_of(blueprint)]
    known = {key for gap in gaps for key in product([gap.label], levels)}
    for key, weight in priorities.items():
        if key not in known:
            raise SettingsError(f"priority of {key} is for no gap and level that is asked about")
        if not isfinite(weight) or weight < 0:
            raise SettingsError(f"priority of {key} is {weight}; give 0 or a positive number")
    found: dict[Column, FloatArray] = {}
    for gap in gaps:
        own = np.array([priorities.get((gap.label, level), 1.0) for level in levels])
        for column in _columns(blueprint, gap):
            found[column] = found.get(column, 0.0) + own
    if not found:
        told = ", ".join(blueprint.together)
        raise SettingsError(f"no gap has any of the vantage points {told}; give gaps that do")
    return found


def _columns(blueprint: Blueprint, gap: Gap) -> list[Column]:
    if set(gap.pair) <= set(blueprint.together):
        return [gap.pair]
    told = {*blueprint.together, *(vantage for _, vantage in blueprint.extra)}
    return [(vantage,) for vantage in gap.pair if vantage in told]


def _shares(blueprint: Blueprint, importance: Mapping[str, float]) -> tuple[float, ...]:
    raw = [importance.get(name, np.nan) for name in dimensions_of(blueprint)]
    if not all(isfinite(weight) and weight > 0 for weight in raw):
        raise SettingsError("a dimension has no importance above 0; give every dimension one")
    return _rounded(np.array(raw) / sum(raw))


class _Sums:
    """A group's sums over the blueprint's items, in the blueprint's order; 0 where unknown."""

    def __init__(self, blueprint: Blueprint, moments: Moments | None, scale: Scale) -> None:
        own = group_of(blueprint.together[0])
        if moments is not None and moments.group is not own:
            raise SettingsError(
                f"moments are of {moments.group}, but the blueprint asks {own}; give those"
            )
        self._many = len(blueprint.items)
        self._moments = moments
        self._usual = scale.ratio**2 * USUAL_VARIANCE
        at = {item: k for k, item in enumerate(moments.items)} if moments else {}
        shared = [(k, at[item]) for k, item in enumerate(blueprint.items) if item in at]
        self._here = np.array([here for here, _ in shared], dtype=np.int64)
        self._there = np.array([there for _, there in shared], dtype=np.int64)
        names = np.array([blueprint.dimension_of[item] for item in blueprint.items])
        self.same_dimension: NDArray[np.bool_] = names[:, None] == names

    @property
    def no_rule(self) -> IntArray:
        """Managers' answers "there is no rule", per item."""
        result = np.zeros(self._many, dtype=np.int64)
        if self._moments is not None:
            result[self._here] = self._moments.no_rule[self._there]
        return result

    def block(self, a: Vantage, b: Vantage, kind: int) -> FloatArray:
        """Cross sums of two vantage points, shape (items of a, items of b)."""
        result = np.zeros((self._many, self._many))
        if self._moments is None or not len(self._here):
            return result
        blocks = self._moments.shape.blocks
        if (a, b) in blocks:
            whole = self._moments.cross[blocks.index((a, b)), kind]
        else:
            mirrored = {SUM_COUNT: COUNT_SUM, COUNT_SUM: SUM_COUNT}.get(kind, kind)
            whole = self._moments.cross[blocks.index((b, a)), mirrored].T
        result[self._here[:, None], self._here] = whole[self._there[:, None], self._there]
        return result

    def variance(self, vantage: Vantage) -> FloatArray:
        """Variance of an answer per item, leaning on all items, and these on the usual one."""
        squares = np.diagonal(self._centred(vantage, vantage))
        spare = np.maximum(np.diagonal(self.block(vantage, vantage, TOGETHER)) - 1, 0)
        pooled = (squares.sum() + LEAN * self._usual) / (spare.sum() + LEAN)
        leaning: FloatArray = (squares + LEAN * pooled) / (spare + LEAN)
        return leaning

    def correlation(
        self,
        columns: Sequence[Column],
        single: Mapping[Vantage, FloatArray],
        *,
        where: NDArray[np.bool_],
        usual: float,
    ) -> float:
        """Correlation of one person's answers, pooled over the pairs of items marked."""
        above, below = LEAN * usual, LEAN
        for a, b in columns:
            sizes = np.sqrt(np.outer(single[a], single[b]))
            above += float((self._centred(a, b) / sizes)[where].sum())
            below += float(self.block(a, b, TOGETHER)[where].sum())
        return round(min(max(above / below, 0.0), 0.95), _DIGITS)

    def _centred(self, a: Vantage, b: Vantage) -> FloatArray:
        """Sums over persons of the products of two answers' distances from their item means."""
        mean_a, mean_b = self._means(a)[:, None], self._means(b)
        return (
            self.block(a, b, PRODUCT)
            - mean_b * self.block(a, b, SUM_COUNT)
            - mean_a * self.block(a, b, COUNT_SUM)
            + mean_a * mean_b * self.block(a, b, TOGETHER)
        )

    def _means(self, vantage: Vantage) -> FloatArray:
        many = np.diagonal(self.block(vantage, vantage, TOGETHER))
        total = np.diagonal(self.block(vantage, vantage, SUM_COUNT))
        return np.divide(total, many, out=np.zeros(self._many), where=many > 0)
