"""Many units' moments of one group as arrays with a leading unit axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gapengine.errors import MixedMomentsError
from gapengine.levels import FloatArray, Levels
from gapengine.moments import (
    COUNT_SUM,
    PAIR,
    PRODUCT,
    SHAPES,
    SUM_COUNT,
    TOGETHER,
    Moments,
    Shape,
)
from gapengine.vantage import Group, Vantage


@dataclass(frozen=True, eq=False)
class Stacked:
    """The moments of one group for all units at once, aligned to common levels.

    ``cross`` has shape (units, blocks, 4, items, items), ``respondents`` (units, levels, subsets),
    ``histogram`` (units, vantage points, items, 7), ``no_rule`` (units, items), ``pairs`` (units,
    items, 13), complete pairs by P - E from -6 to +6 (no columns where nothing is paired).
    """

    group: Group
    levels: Levels
    cross: FloatArray
    respondents: FloatArray
    histogram: FloatArray
    no_rule: FloatArray
    pairs: FloatArray
    _kept: dict[tuple[str, str, str], FloatArray] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> Shape:
        """Columns, blocks and subsets of the group."""
        return SHAPES[self.group]

    def block(self, a: str, b: str, kind: int) -> FloatArray:
        """One kind of cross sum between two columns, shape (units, items of a, items of b)."""
        if (a, b) in self.shape.blocks:
            return self.cross[:, self.shape.blocks.index((a, b)), kind]
        mirrored = {SUM_COUNT: COUNT_SUM, COUNT_SUM: SUM_COUNT}.get(kind, kind)
        flipped = self.cross[:, self.shape.blocks.index((b, a)), mirrored]
        return flipped.transpose(0, 2, 1)

    @cached_property
    def answers(self) -> dict[str, FloatArray]:
        """Column to number of answers, shape (units, items); pairs for the column of pairs."""
        counts: dict[str, FloatArray] = {
            name: self.histogram[:, k].sum(axis=2) for k, name in enumerate(self.shape.vantages)
        }
        if PAIR in self.shape.columns:
            counts[PAIR] = _diagonal(self.block(Vantage.EXPECTED, Vantage.PERCEIVED, TOGETHER))
        return counts

    @cached_property
    def means(self) -> dict[str, FloatArray]:
        """Column to item means, shape (units, items), 0 where nobody answered."""
        scores = np.arange(1.0, 8.0)
        totals: dict[str, FloatArray] = {
            name: self.histogram[:, k] @ scores for k, name in enumerate(self.shape.vantages)
        }
        if PAIR in self.shape.columns:
            pair = (Vantage.EXPECTED, Vantage.PERCEIVED)
            perceived = _diagonal(self.block(*pair, COUNT_SUM))
            totals[PAIR] = perceived - _diagonal(self.block(*pair, SUM_COUNT))
        return {name: _ratio(total, self.answers[name]) for name, total in totals.items()}

    def people(self, *columns: str) -> FloatArray:
        """Respondents with an answer to any of the columns, shape (units, levels)."""
        return self.respondents[:, :, self.shape.subsets.index(frozenset(columns))]

    def deviations(self, a: str, b: str) -> FloatArray:
        """Sums over respondents of the product of two columns' contributions to their item means.

        Shape (units, items of a, items of b): sum_i (t_ia - m_a c_ia)(t_ib - m_b c_ib) / (n_a n_b).
        """
        return self.kept("deviations", a, b, make=self._deviations)

    def _deviations(self, a: str, b: str) -> FloatArray:
        mean_a, mean_b = self.means[a][:, :, None], self.means[b][:, None, :]
        raw = (
            self.block(a, b, PRODUCT)
            - mean_b * self.block(a, b, SUM_COUNT)
            - mean_a * self.block(a, b, COUNT_SUM)
            + mean_a * mean_b * self.block(a, b, TOGETHER)
        )
        return _ratio(raw, self._size(a, b))

    def together(self, a: str, b: str) -> FloatArray:
        """Sums over respondents of the product of two columns' shares in their item means.

        Shape (units, items of a, items of b): sum_i c_ia c_ib / (n_a n_b). Its diagonal for a = b
        is 1 over the number of people behind an item's mean.
        """
        return self.kept("together", a, b, make=self._together)

    def _together(self, a: str, b: str) -> FloatArray:
        return _ratio(self.block(a, b, TOGETHER), self._size(a, b))

    def _size(self, a: str, b: str) -> FloatArray:
        return self.answers[a][:, :, None] * self.answers[b][:, None, :]

    def kept(
        self, name: str, a: str, b: str, *, make: Callable[[str, str], FloatArray]
    ) -> FloatArray:
        """What was made for two columns once is kept for the other gaps that need it."""
        if (name, a, b) not in self._kept:
            self._kept[name, a, b] = make(a, b)
        return self._kept[name, a, b]

    def squares(self, a: str, b: str, *, shares_a: FloatArray, shares_b: FloatArray) -> FloatArray:
        """Sum over respondents of z_a z_b at every level, shape (units, levels).

        ``shares_*`` are the weights of items in the upper levels (``Levels.shares``).
        """
        spread = self.deviations(a, b)
        upper = ((shares_a @ spread) * shares_b).sum(axis=2)
        return np.concatenate([upper, _diagonal(spread)], axis=1)


def stack(group: Group, units: Sequence[Moments | None], levels: Levels) -> Stacked:
    """Align the moments of many units to common levels; None is a unit without answers.

    Raises
    ------
    MixedMomentsError
        If a unit holds another group's moments, an item the levels do not name, or an item in
        another dimension.
    """
    shape, many, items = SHAPES[group], len(units), len(levels.items)
    result = Stacked(
        group=group,
        levels=levels,
        cross=np.zeros((many, len(shape.blocks), 4, items, items)),
        respondents=np.zeros((many, levels.count, len(shape.subsets))),
        histogram=np.zeros((many, len(shape.vantages), items, 7)),
        no_rule=np.zeros((many, items)),
        pairs=np.zeros((many, items, shape.differences)),
    )
    place = dict(zip(levels.items, range(items), strict=True))
    for k, moments in enumerate(units):
        if moments is not None and moments.items:
            _put(result, k, moments, place)
    return result


def added_up(total: Stacked, part: Stacked) -> Stacked:
    """One unit that holds all units of both; exact, as all sums stay far below 2**53."""
    return Stacked(
        total.group,
        total.levels,
        cross=total.cross + part.cross.sum(axis=0),
        respondents=total.respondents + part.respondents.sum(axis=0),
        histogram=total.histogram + part.histogram.sum(axis=0),
        no_rule=total.no_rule + part.no_rule.sum(axis=0),
        pairs=total.pairs + part.pairs.sum(axis=0),
    )


def _put(result: Stacked, k: int, moments: Moments, place: dict[str, int]) -> None:
    levels = result.levels
    if moments.group is not result.group:
        raise MixedMomentsError(f"moments of {moments.group} cannot stand for {result.group}")
    for item, dimension in zip(moments.items, moments.dimension_of, strict=True):
        if item not in place or levels.dimension_of[place[item]] != dimension:
            raise MixedMomentsError(
                f"item {item!r} of dimension {dimension!r} is not among the items to analyse"
            )
    spot = np.array([place[item] for item in moments.items])
    upper = [0, *(1 + levels.dimensions.index(name) for name in moments.dimensions)]
    result.cross[k][:, :, spot[:, None], spot] = moments.cross
    result.respondents[k, [*upper, *(levels.upper + spot)]] = moments.respondents
    result.histogram[k][:, spot] = moments.histogram
    result.no_rule[k, spot] = moments.no_rule
    result.pairs[k, spot] = moments.pairs


def _diagonal(square: FloatArray) -> FloatArray:
    return np.diagonal(square, axis1=1, axis2=2)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
