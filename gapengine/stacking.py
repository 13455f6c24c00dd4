"""Many units' moments of one group as arrays with a leading unit axis."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gapengine.errors import MixedMomentsError
from gapengine.levels import FloatArray, Levels
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
        rest = mean_a * self.block(a, b, TOGETHER)
        np.subtract(self.block(a, b, SUM_COUNT), rest, out=rest)
        rest *= mean_b
        raw = mean_a * self.block(a, b, COUNT_SUM)
        np.subtract(self.block(a, b, PRODUCT), raw, out=raw)
        raw -= rest
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
    result = nobody(group, len(units), levels)
    layouts: dict[_Layout, list[int]] = defaultdict(list)
    for k, moments in enumerate(units):
        if moments is not None and moments.items:
            if moments.group is not group:
                raise MixedMomentsError(f"moments of {moments.group} cannot stand for {group}")
            layouts[moments.items, moments.dimension_of].append(k)
    for layout, places in layouts.items():
        rows = _Rows.of(layout, levels)
        for start in range(0, len(places), _ALIKE_AT_ONCE):
            some = places[start : start + _ALIKE_AT_ONCE]
            rows.put(result, some, [own for k in some if (own := units[k]) is not None])
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
    """Where moments with certain items lie in the stacked arrays.

    ``square`` says which of the moments' (item, item) cells each of the levels' cells takes; those
    of ``absent`` take none.
    """

    spot: IntArray
    upper: list[int]
    square: IntArray
    absent: NDArray[np.bool_]

    @classmethod
    def of(cls, layout: _Layout, levels: Levels) -> "_Rows":
        place = {item: k for k, item in enumerate(levels.items)}
        for item, dimension in zip(*layout, strict=True):
            if item not in place or levels.dimension_of[place[item]] != dimension:
                raise MixedMomentsError(
                    f"item {item!r} of dimension {dimension!r} is not among the items to analyse"
                )
        many, own = len(levels.items), len(layout[0])
        spot = np.array([place[item] for item in layout[0]])
        taken = np.zeros(many, dtype=np.int64)
        taken[spot] = np.arange(own)
        absent = np.ones((many, many), dtype=np.bool_)
        absent[spot[:, None], spot] = False
        present = sorted(set(layout[1]))
        return cls(
            spot=spot,
            upper=[levels.top + levels.dimensions.index(name) for name in present],
            square=(taken[:, None] * own + taken).ravel(),
            absent=absent.ravel(),
        )

    def put(self, result: Stacked, rows: list[int], moments: list[Moments]) -> None:
        """Write the moments of some units into their rows."""
        levels, many = result.levels, len(rows)
        cross = np.stack([own.cross for own in moments], dtype=np.float64)
        blocks = cross.shape[1] * cross.shape[2]
        square = cross.reshape(many, blocks, -1).take(self.square, axis=2, mode="clip")
        if self.absent.any():
            square[:, :, self.absent] = 0.0
        result.cross[rows] = square.reshape(many, *result.cross.shape[1:])
        at = np.array(rows)[:, None]
        people = np.stack([own.respondents for own in moments])
        lower = 1 + len(self.upper)
        result.respondents[at, np.arange(levels.top)] = people[:, :1]
        result.respondents[at, self.upper] = people[:, 1:lower]
        result.respondents[at, levels.upper + self.spot] = people[:, lower:]
        result.no_rule[at, self.spot] = np.stack([own.no_rule for own in moments])
        result.pairs[at, self.spot] = np.stack([own.pairs for own in moments])
        histogram = np.stack([own.histogram for own in moments]).transpose(0, 2, 1, 3)
        result.histogram.transpose(0, 2, 1, 3)[at, self.spot] = histogram


def _diagonal(square: FloatArray) -> FloatArray:
    return np.diagonal(square, axis1=1, axis2=2)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
