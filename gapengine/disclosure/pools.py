"""What sums over several units give away about the units inside them.

Units that belong to the same shown sums (the whole, regions) form a *class*: only its sums over
all its units are told, never one unit's share of them. Take any combination of told figures. It
gives every open item j of a class one coefficient x_j, and every unit u one y_u for the mean over
its own open items, so that the answers of u to j count x_j - y_u / c_uj times, where c_uj is the
number of answers times the number of items. Answers drop out only where c_uj x_j = y_u. For two
items this holds in units of one ratio c_uj : c_uj' alone; in all others at least the fewer of the
two items' respondents stay in. That is how many people a combination surely speaks of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gapengine.disclosure.within import BoolArray, Column, items_of
from gapengine.levels import FloatArray, Levels

IntArray = NDArray[np.int64]

NO_CLASS = -1
_ALONE = -1


@dataclass(frozen=True)
class Pools:
    """The open cells of one vantage point, and what is told of sums over units.

    ``classes`` and ``itemised`` have shape (dimensions, units): the class a unit is in, NO_CLASS
    where no sum over units is told, and whether any sum around it tells its items. ``reference``
    has shape (units, items): where a single sum around a unit tells a dimension and not its items,
    the c_j of that sum, to which x_j is then bound; 0 elsewhere. ``opened`` has shape (units,
    levels).
    """

    column: Column
    levels: Levels
    opened: BoolArray
    classes: IntArray
    itemised: BoolArray
    reference: IntArray

    def leaking(self, dimension: int) -> IntArray:
        """Classes whose sums give away a combination of answers of fewer people than the floor."""
        own = self.classes[dimension]
        many = int(own.max(initial=NO_CLASS)) + 1
        if many == 0:
            return np.zeros(0, dtype=np.int64)
        bad = np.zeros(many, dtype=bool)
        if self.column.has_means:
            bad |= self._means_leak(dimension, many)
        if self.column.has_shares:
            bad |= self._shares_leak(dimension, many)
        return np.flatnonzero(bad)

    def _means_leak(self, dimension: int, many: int) -> BoolArray:
        bad = np.zeros(many, dtype=bool)
        for item in self._items(dimension):
            pool = self._by_class(self.hidden[:, item], dimension, many)
            safe = pool == 0
            silent = self._by_class(self.silent[:, item], dimension, many)
            safe |= silent >= self.column.floor
            for other in self._others(dimension, item):
                if safe.all():
                    break
                told = self._different_ratios(dimension, item, other, many=many)
                safe |= silent + told >= self.column.floor
            bad |= ~safe
        return bad

    def _shares_leak(self, dimension: int, many: int) -> BoolArray:
        """Shares weigh all answers alike, so that only whole margins cancel out.

        The share of a unit's dimension is the one figure that ties its open items together: an
        overall share is not told of a unit with an open dimension (``open_shares``).
        """
        floor, items = self.column.floor, self._items(dimension)
        place = self.levels.top + dimension
        closed = self.opened[:, place]
        margin = self._by_class(
            np.where(closed, self.column.people[:, place], 0.0), dimension, many
        )
        bad = (margin > 0) & (margin < floor)
        loose = {j: self._by_class(self.hidden[:, j] * closed, dimension, many) for j in items}
        held = {j: self._by_class(self.hidden[:, j], dimension, many) > 0 for j in items}
        tied, apart = np.ones(many, dtype=bool), np.ones(many, dtype=bool)
        several = np.sum([held[j] for j in items], axis=0) > 1
        for j in items:
            apart &= (loose[j] == 0) | (loose[j] >= floor)
            for other in items[items > j]:
                fewer = np.minimum(self.hidden[:, j], self.hidden[:, other]) * ~closed
                both = self._by_class(fewer, dimension, many)
                reached = both + np.minimum(loose[j], loose[other]) >= floor
                tied &= reached | ~(held[j] & held[other])
                apart &= (both == 0) | (both >= floor)
        each = self._by_class(self.itemised[dimension].astype(np.float64), dimension, many) > 0
        leaks: BoolArray = bad | (each & ~((tied & several) | apart))
        return leaks

    def _different_ratios(self, dimension: int, item: int, other: int, *, many: int) -> FloatArray:
        """People of units that no single ratio of the two coefficients silences, per class.

        Equal quotients of whole numbers below 2**26 are equal floats, and different ones differ.
        """
        shared = self._shared(item, other)
        rows = np.flatnonzero((shared > 0) & (self.classes[dimension] != NO_CLASS))
        if not len(rows):
            return np.zeros(many)
        one, two = self.weight[rows, item], self.weight[rows, other]
        bound = np.zeros(len(rows), dtype=bool)
        if self.dimension_at[other] == dimension:
            bound = self.reference[rows, item] > 0
            alike = one * self.reference[rows, other] == two * self.reference[rows, item]
            shared[rows[bound & alike]] = 0.0
        own, theirs = self.classes[dimension, rows], self.classes[self.dimension_at[other], rows]
        told = np.bincount(own, shared[rows], minlength=many).astype(np.float64)
        free = (theirs != NO_CLASS) & ~bound
        if not free.any():
            return told
        stride = int(self.classes.max()) + 1
        pair = own[free] * stride + theirs[free]
        kinds, member = np.unique(pair + 1j * (one[free] / two[free]), return_inverse=True)
        weight = np.bincount(member, shared[rows[free]])
        pairs, first = np.unique(kinds.real, return_index=True)
        most = np.maximum.reduceat(weight, first)
        np.subtract.at(told, (pairs // stride).astype(np.int64), most)
        return told

    def _shared(self, item: int, other: int) -> FloatArray:
        """The fewer respondents of two items that one figure of a unit ties together."""
        tied = (self.group[:, item] == self.group[:, other]) & (self.group[:, item] != _ALONE)
        return np.where(tied, np.minimum(self.hidden[:, item], self.hidden[:, other]), 0.0)

    def _by_class(self, counts: FloatArray, dimension: int, many: int) -> FloatArray:
        own = self.classes[dimension]
        inside = own != NO_CLASS
        return np.bincount(own[inside], counts[inside], minlength=many).astype(np.float64)

    def _items(self, dimension: int) -> NDArray[np.intp]:
        return items_of(self.levels, dimension) - self.levels.upper

    def _others(self, dimension: int, item: int) -> Iterator[int]:
        """Items that may be tied to this one, those of its own dimension first."""
        own = self.dimension_at == dimension
        yield from (int(j) for j in np.flatnonzero(own) if j != item)
        if (self.group[:, item] == len(self.levels.dimensions)).any():
            yield from (int(j) for j in np.flatnonzero(~own))

    @cached_property
    def hidden(self) -> FloatArray:
        """People behind open items, shape (units, items); 0 elsewhere."""
        upper = self.levels.upper
        return np.where(self.opened[:, upper:], self.column.people[:, upper:], 0.0)

    @cached_property
    def silent(self) -> FloatArray:
        """The same of units that show nothing at all at this vantage point."""
        return np.where(self.opened[:, :1], self.hidden, 0.0)

    @cached_property
    def weight(self) -> IntArray:
        """Answers to an item times items of its dimension that the unit was asked: c_uj."""
        asked = (self.column.people[:, self.levels.upper :] > 0).astype(np.float64)
        count = (asked @ self.levels.member.T)[:, self.dimension_at]
        product = self.column.answers[:, self.levels.upper :] * count
        return np.rint(product).astype(np.int64)

    @cached_property
    def group(self) -> IntArray:
        """Which figure of the unit ties its open items together; _ALONE where none does.

        A shown dimension ties its own; the overall figure ties those of all open dimensions,
        unless a weighted one beside it lets each dimension be weighed freely.
        """
        levels = self.levels
        closed = self.opened[:, levels.top : levels.upper][:, self.dimension_at]
        rest = len(levels.dimensions)
        tied = np.where(closed & (levels.top == 1), rest, self.dimension_at)
        return np.where((self.hidden > 0) & (self.silent == 0), tied, _ALONE)

    @cached_property
    def dimension_at(self) -> NDArray[np.intp]:
        """The dimension of each item."""
        return np.asarray(self.levels.member.argmax(axis=0))
