"""What else must stay hidden so that subtraction does not give a small cell back.

The rule, and why it holds: docs/decisions/0012. In short: a unit's open cells are told together or
not at all (``within``), and of the units of a class only sums are told, which speak of at least
the floor's number of people however they are combined (``pools``). Where they would not, the items
of the next smallest units are opened, then the next smallest unit is hidden altogether, then the
sum is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gapengine.disclosure.pools import NO_CLASS, IntArray, Pools
from gapengine.disclosure.within import (
    BoolArray,
    Column,
    completed,
    items_of,
    open_cells,
    open_shares,
)
from gapengine.levels import FloatArray, Levels

NOTHING, DIMENSION, ITEMS = range(3)


@dataclass
class Settled:
    """One vantage point's open cells: of units (units, levels), of their sums (sums, levels).

    ``told`` has shape (sums, dimensions): NOTHING, the DIMENSION alone, or its ITEMS too.
    ``mirror`` has shape (sums,): the one unit that is all of a sum, or -1.
    """

    column: Column
    levels: Levels
    member: BoolArray
    opened: BoolArray
    told: IntArray
    mirror: IntArray

    @cached_property
    def kinds(self) -> tuple[BoolArray, IntArray]:
        """The different memberships there are, shape (sums, kinds), and each unit's kind."""
        kinds, number = np.unique(self.member, axis=1, return_inverse=True)
        return kinds, number.ravel()

    def pools(self) -> Pools:
        """Sort the units into classes: those in the same told sums, told alike, share one."""
        shape = (len(self.levels.dimensions), self.member.shape[1])
        classes, itemised = np.full(shape, NO_CLASS), np.zeros(shape, dtype=bool)
        reference = np.zeros((shape[1], len(self.levels.items)), dtype=np.int64)
        sums = self.member.astype(np.float64) @ self.column.answers[:, self.levels.upper :]
        for at in range(shape[0]):
            present = self.column.people[:, self.levels.top + at] > 0
            signature = self.kinds[0] * self.told[:, [at]]
            told_alike = np.unique(signature, axis=1, return_inverse=True)[1].ravel()
            somewhere: BoolArray = np.logical_or.reduce(signature > NOTHING, axis=0)
            around = present & somewhere[self.kinds[1]]
            classes[at, around] = told_alike[self.kinds[1][around]]
            fully: BoolArray = np.logical_or.reduce(signature == ITEMS, axis=0)
            itemised[at] = fully[self.kinds[1]]
            own = self.levels.member[at] > 0
            for row in np.flatnonzero(self.told[:, at] == DIMENSION):
                sole = (signature[row] > 0) & ((signature > 0).sum(axis=0) == 1)
                reference[np.ix_(sole[self.kinds[1]], own)] = np.rint(sums[row, own]).astype(
                    np.int64
                )
        return Pools(self.column, self.levels, self.opened, classes, itemised, reference)

    def shares(self) -> BoolArray:
        """Open cells of the units' shares, shape (units, levels)."""
        return open_shares(self.opened, self.levels)

    def share_sums(self) -> BoolArray:
        """Open cells of the sums' shares, shape (sums, levels)."""
        hidden, alone = self.opened_sums(), self.mirror >= 0
        hidden[alone] |= self.shares()[self.mirror[alone]]
        return hidden

    def opened_sums(self) -> BoolArray:
        """Open cells of the sums, shape (sums, levels)."""
        levels = self.levels
        people = self.member.astype(np.float64) @ self.column.people
        hidden = np.zeros(people.shape, dtype=bool)
        untold = self.told == NOTHING
        hidden[:, levels.top : levels.upper] = untold
        hidden[:, levels.upper :] = (self.told < ITEMS)[:, levels.member.argmax(axis=0)]
        asked = people[:, levels.top : levels.upper] > 0
        hidden[:, : levels.top] = (untold & asked).any(axis=1, keepdims=True)
        hidden |= people < self.column.floor
        alone = self.mirror >= 0
        hidden[alone] = self.opened[self.mirror[alone]]
        return hidden & (people > 0)


def settle(column: Column, levels: Levels, member: BoolArray) -> Settled:
    """Open as little as is needed, for one vantage point.

    ``member`` has shape (sums, units), the whole first: which units a sum adds up. Sums of the same
    people are one sum, told under several names.
    """
    present = member & (column.people[:, 0] > 0)
    first, place = _first_alike(present)
    inside = present[first]
    alone = inside.sum(axis=1) == 1
    settled = Settled(
        column=column,
        levels=levels,
        member=inside,
        opened=open_cells(column, levels),
        told=np.repeat(np.where(alone, NOTHING, ITEMS)[:, None], len(levels.dimensions), axis=1),
        mirror=np.where(alone, inside.argmax(axis=1), -1),
    )
    while settled.opened.any() and _mended(settled):
        pass
    return replace(settled, member=present, told=settled.told[place], mirror=settled.mirror[place])


def _first_alike(member: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the rows that are the first of their kind, in order, and each row's place in these."""
    _, first, kind = np.unique(member, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[kind.ravel()]


def _mended(settled: Settled) -> bool:
    """Mend the leaking classes of every dimension once; whether there were any."""
    found, pools = False, settled.pools()
    for dimension in range(len(settled.levels.dimensions)):
        leaking = pools.leaking(dimension)
        for number in leaking:
            units = np.flatnonzero(pools.classes[dimension] == number)
            _mend(_Class(settled, dimension, units, pools))
        if len(leaking):
            found, pools = True, settled.pools()
    return found


@dataclass(frozen=True)
class _Class:
    """The units of one class, in one dimension."""

    settled: Settled
    dimension: int
    units: IntArray
    pools: Pools

    @property
    def opened(self) -> BoolArray:
        """The present open cells of its units."""
        return self.settled.opened[self.units]

    @property
    def people(self) -> FloatArray:
        """People behind the cells of its units."""
        return self.settled.column.people[self.units]

    def leaks(self, opened: BoolArray) -> bool:
        """Whether it would leak if these cells were open."""
        whole, units = self.settled.column, self.units
        column = replace(whole, people=self.people, answers=whole.answers[units])
        classes = self.pools.classes[:, units].copy()
        classes[self.dimension] = 0
        pools = replace(
            self.pools,
            column=column,
            opened=opened,
            classes=classes,
            itemised=self.pools.itemised[:, units],
            reference=self.pools.reference[units],
        )
        return len(pools.leaking(self.dimension)) > 0

    def with_items(self, opened: BoolArray, rows: IntArray) -> BoolArray:
        """Open all items of the dimension in some units."""
        trial, own = opened.copy(), items_of(self.settled.levels, self.dimension)
        trial[np.ix_(rows, own)] = True
        return trial & (self.people > 0)

    def with_dimension(self, rows: IntArray) -> BoolArray:
        """Open the dimension in some units, and what that needs."""
        whole, trial = self.settled.column, self.opened.copy()
        trial[rows, self.settled.levels.top + self.dimension] = True
        column = replace(whole, people=self.people, answers=whole.answers[self.units])
        return completed(trial, column, self.settled.levels)

    def without(self, rows: IntArray) -> BoolArray:
        """Hide some units altogether."""
        trial = self.opened.copy()
        trial[rows] = True
        return trial & (self.people > 0)

    def order(self) -> IntArray:
        """Units that still show something: those with open items first, then the smallest."""
        place = self.settled.levels.top + self.dimension
        partly = self.opened[:, items_of(self.settled.levels, self.dimension)].any(axis=1)
        ranked = np.lexsort((self.people[:, place], ~partly))
        showing: IntArray = ranked[~self.opened[ranked, 0]]
        return showing

    def smallest(self) -> IntArray:
        """Units that still show something, the smallest first."""
        ranked = np.argsort(self.people[:, 0], kind="stable")
        showing: IntArray = ranked[~self.opened[ranked, 0]]
        return showing


def _mend(group: _Class) -> None:
    found = _by_opening_items(group, group.opened)
    if found is None and _untell_items(group):
        return
    if found is None:
        found = _by_opening_dimensions(group)
    if found is None:
        found = _by_hiding_units(group)
    if found is None:
        _untell(group)
    else:
        group.settled.opened[group.units] = found


def _untell_items(group: _Class) -> bool:
    """Tell the dimension alone where only the whole surrounds the class; whether that was new."""
    told, member = group.settled.told[:, group.dimension], group.settled.member
    around = np.flatnonzero(member[:, group.units[0]] & (told > NOTHING))
    if around.tolist() != [0] or told[0] < ITEMS:
        return False
    told[0] = DIMENSION
    return True


def _by_opening_items(group: _Class, opened: BoolArray) -> BoolArray | None:
    """Open the items of as few units as suffice; None when no number does."""
    order = group.order()
    if group.leaks(group.with_items(opened, order)):
        return None
    for many in _steps(len(order)):
        trial = group.with_items(opened, order[:many])
        if not group.leaks(trial):
            return trial
    return None


def _by_opening_dimensions(group: _Class) -> BoolArray | None:
    """Open the dimension of as few units as suffice, at most half; None when not enough."""
    order = group.order()
    order = order[~group.opened[order, group.settled.levels.top + group.dimension]]
    for many in _steps(min(len(order), len(group.units) // 2)):
        trial = group.with_dimension(order[:many])
        if not group.leaks(trial):
            return trial
    return None


def _by_hiding_units(group: _Class) -> BoolArray | None:
    """Hide as few of the smallest units as suffice, at most half; None when that is not enough."""
    smallest = group.smallest()
    for many in _steps(len(group.units) // 2):
        trial = group.without(smallest[:many])
        if not group.leaks(trial):
            return trial
        found = _by_opening_items(group, trial)
        if found is not None:
            return found
    return None


def _steps(most: int) -> Iterator[int]:
    """1, 2, 3, 4, 6, 9 and so on by halves, and at last ``most`` itself."""
    many = 1
    while many < most:
        yield many
        many += max(1, many // 2)
    if most > 0:
        yield most


def _untell(group: _Class) -> None:
    """Tell one region less in this dimension, the smallest around the class; else tell no sum."""
    settled, at = group.settled, group.dimension
    regions = settled.told[:, at] > NOTHING
    regions[0] = False
    around = regions & settled.member[:, group.units[0]]
    candidates = np.flatnonzero(around if around.any() else regions)
    if not len(candidates):
        settled.told[:, at] = NOTHING
        return
    size = settled.member @ settled.column.people[:, settled.levels.top + at]
    settled.told[candidates[size[candidates].argmin()], at] = NOTHING
