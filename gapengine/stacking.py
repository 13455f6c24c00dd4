"""Many units' moments of one group as arrays with a leading unit axis."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gapengine.errors import MixedMomentsError
from gapengine.levels import FloatArray, Levels, ratio
from gapengine.moments import (
    COUNT_SUM,
    PAIR,
    PRODUCT,
    SHAPES,
    SUM_COUNT,
    TOGETHER,
    IntArray,
    Moments,
    Shape,
)
from gapengine.vantage import Group, Vantage

_ALIKE_AT_ONCE = 32
"""Units whose moments are copied together: few enough to stay in the processor's cache."""

_FEW = 4
"""Units with the same items below which copying one by one is quicker."""

_Layout = tuple[tuple[str, ...], tuple[str, ...]]
"""Items and their dimensions, as moments hold them."""


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

    def __len__(self) -> int:
        return len(self.cross)

    @property
    def arrays(self) -> tuple[FloatArray, ...]:
        """All numbers, in a fixed order; the unit axis leads."""
        return self.cross, self.respondents, self.histogram, self.no_rule, self.pairs

    def some(self, chosen: slice) -> "Stacked":
        """Some of the units."""
        return Stacked(
            self.group,
            self.levels,
            cross=self.cross[chosen],
            respondents=self.respondents[chosen],
            histogram=self.histogram[chosen],
            no_rule=self.no_rule[chosen],
            pairs=self.pairs[chosen],
        )

    def add(self, part: "Stacked", member: FloatArray) -> None:
        """Add units of a part into the sums held here: ``member`` (sums, units) is 1 where so.

        Exact, as every sum of integers stays far below 2**53.
        """
        active = np.flatnonzero(member.any(axis=1))
        for total, numbers in zip(self.arrays, part.arrays, strict=True):
            flat = member[active] @ numbers.reshape(len(part), -1)
            total[active] += flat.reshape(len(active), *total.shape[1:])

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
        return {name: ratio(total, self.answers[name]) for name, total in totals.items()}

    def people(self, *columns: str) -> FloatArray:
        """Respondents with an answer to any of the columns, shape (units, levels)."""
        return self.respondents[:, :, self.shape.subsets.index(frozenset(columns))]

    @cached_property
    def load(self) -> dict[str, FloatArray]:
        """Column to the weight of one answer in its item's mean, shape (units, items): 1/n or 0."""
        return {name: ratio(1.0, n) for name, n in self.answers.items()}

    def deviations(self, a: str, b: str) -> FloatArray:
        """Sums over respondents of the product of two columns' deviations from their item means.

        Shape (units, items of a, items of b): sum_i (t_ia - m_a c_ia)(t_ib - m_b c_ib).
        """
        return self.kept("deviations", a, b, make=self._deviations)

    def _deviations(self, a: str, b: str) -> FloatArray:
        mean_a, mean_b = self.means[a][:, :, None], self.means[b][:, None, :]
        rest = mean_a * self.block(a, b, TOGETHER)
        np.subtract(self.block(a, b, SUM_COUNT), rest, out=rest)
        rest *= mean_b
        raw = mean_a * self.block(a, b, COUNT_SUM)
        np.subtract(self.block(a, b, PRODUCT), raw, out=raw)
        raw -= rest
        return raw

    def of_items(self, sums: FloatArray, a: str, b: str) -> FloatArray:
        """Sums over respondents as parts of the covariance of each item's means.

        ``sums`` has shape (units, items of a, items of b), the result (units, items).
        """
        return _diagonal(sums) * self.load[a] * self.load[b]

    def leverage(self, column: str) -> FloatArray:
        """1 over the number of people behind each item's mean, 0 where there is none."""
        return self.of_items(self.block(column, column, TOGETHER), column, column)

    def kept(
        self, name: str, a: str, b: str, *, make: Callable[[str, str], FloatArray]
    ) -> FloatArray:
        """What was made for two columns once is kept for the other gaps that need it."""
        if (name, a, b) not in self._kept:
            self._kept[name, a, b] = make(a, b)
        return self._kept[name, a, b]


def stack(group: Group, units: Sequence[Moments | None], levels: Levels) -> Stacked:
    """Align the moments of many units to common levels; None is a unit without answers.

    Raises
    ------
    MixedMomentsError
        If a unit holds another group's moments, an item the levels do not name, or an item in
        another dimension.
    """
    result = nobody(group, len(units), levels)
    layouts: dict[_Layout, list[tuple[int, Moments]]] = defaultdict(list)
    for k, moments in enumerate(units):
        if moments is not None and moments.items:
            if moments.group is not group:
                raise MixedMomentsError(f"moments of {moments.group} cannot stand for {group}")
            layouts[moments.items, moments.dimension_of].append((k, moments))
    place = {item: k for k, item in enumerate(levels.items)}
    for (items, dimension_of), alike in layouts.items():
        for item, dimension in zip(items, dimension_of, strict=True):
            if item not in place or levels.dimension_of[place[item]] != dimension:
                raise MixedMomentsError(
                    f"item {item!r} of dimension {dimension!r} is not among the items to analyse"
                )
        rows = _Rows(levels, np.array([place[item] for item in items]), tuple(set(dimension_of)))
        for start in range(0, len(alike), _ALIKE_AT_ONCE):
            rows.put(result, alike[start : start + _ALIKE_AT_ONCE])
    return result


def nobody(group: Group, many: int, levels: Levels) -> Stacked:
    """So many units without answers, into which others may be added up."""
    shape, items = SHAPES[group], len(levels.items)
    return Stacked(
        group=group,
        levels=levels,
        cross=np.zeros((many, len(shape.blocks), 4, items, items)),
        respondents=np.zeros((many, levels.count, len(shape.subsets))),
        histogram=np.zeros((many, len(shape.vantages), items, 7)),
        no_rule=np.zeros((many, items)),
        pairs=np.zeros((many, items, shape.differences)),
    )


@dataclass(frozen=True)
class _Rows:
    """Where moments with certain items (``spot`` among the levels') lie in the stacked arrays."""

    levels: Levels
    spot: IntArray
    dimensions: tuple[str, ...]

    @cached_property
    def people(self) -> IntArray:
        """Level of each row of respondents; the overall row stands for the weighted one too."""
        upper = [self.levels.top + self.levels.dimensions.index(d) for d in sorted(self.dimensions)]
        return np.concatenate([[0], upper, self.levels.upper + self.spot])

    @cached_property
    def square(self) -> tuple[IntArray, NDArray[np.bool_]]:
        """Which of the moments' (item, item) cells each of the levels' takes, and which take none.

        Both of shape (items * items,).
        """
        many, own = len(self.levels.items), len(self.spot)
        taken, known = np.zeros(many, dtype=np.int64), np.zeros(many, dtype=np.bool_)
        taken[self.spot], known[self.spot] = np.arange(own), True
        source = (taken[:, None] * own + taken).ravel()
        return source, ~(known[:, None] & known).ravel()

    def put(self, result: Stacked, alike: Sequence[tuple[int, Moments]]) -> None:
        """Write the moments of some units into their rows."""
        if len(alike) < _FEW:
            for unit, moments in alike:
                self._put_one(result, unit, moments)
            return
        units = [unit for unit, _ in alike]
        parts = zip(*(moments.arrays for _, moments in alike), strict=True)
        cross, *others = parts
        people, histogram, no_rule, pairs = (np.stack(part) for part in others)
        source, absent = self.square
        flat = np.stack(cross, dtype=np.float64).reshape(len(units), -1, len(self.spot) ** 2)
        beside = units[-1] - units[0] == len(units) - 1
        target = result.cross[units[0] : units[-1] + 1] if beside else result.cross[units]
        square = target.reshape(len(units), flat.shape[1], -1)
        flat.take(source, axis=2, mode="clip", out=square)
        if absent.any():
            square[:, :, absent] = 0.0
        if not beside:
            result.cross[units] = target
        at = np.array(units)[:, None]
        result.respondents[at, self.people] = people
        result.respondents[units, self.levels.top - 1] = people[:, 0]
        result.histogram.transpose(0, 2, 1, 3)[at, self.spot] = histogram.transpose(0, 2, 1, 3)
        result.no_rule[at, self.spot] = no_rule
        result.pairs[at, self.spot] = pairs

    def _put_one(self, result: Stacked, unit: int, moments: Moments) -> None:
        spot = self.spot
        result.cross[unit][:, :, spot[:, None], spot] = moments.cross
        result.respondents[unit, self.people] = moments.respondents
        result.respondents[unit, self.levels.top - 1] = moments.respondents[0]
        result.histogram[unit][:, spot] = moments.histogram
        result.no_rule[unit, spot] = moments.no_rule
        result.pairs[unit, spot] = moments.pairs


def _diagonal(square: FloatArray) -> FloatArray:
    return np.diagonal(square, axis1=1, axis2=2)
