"""One vantage point of a gap: its means at every level, and over which items they are taken."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gapengine.levels import FloatArray, Levels, ratio
from gapengine.moments import TOGETHER
from gapengine.stacking import Stacked

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Side:
    """A column of some units' moments, over the items chosen for it.

    ``shares`` has shape (units, upper levels, items): the weight of each item's mean in each upper
    level. ``mean`` and ``people`` have shape (units, levels); a mean is NaN where nobody was asked.
    With ``upper_only`` all figures are those of the upper levels, and the items have none.
    """

    stacked: Stacked
    column: str
    shares: FloatArray
    mean: FloatArray
    people: FloatArray
    upper_only: bool = False
    kept: dict[object, Any] = field(default_factory=dict, repr=False)
    """What was computed of this side alone and serves every gap it is part of."""

    @property
    def levels(self) -> Levels:
        """The levels the figures are given at."""
        return self.stacked.levels

    @cached_property
    def loads(self) -> FloatArray:
        """Weight of one answer in each upper level, shape (units, upper levels, items)."""
        return self.shares * self.stacked.load[self.column][:, None, :]

    @property
    def several(self) -> NDArray[np.bool_]:
        """Where the mean is one over several items, shape (units, levels)."""
        upper = np.count_nonzero(self.shares, axis=2) > 1
        items = np.zeros((len(upper), self.shares.shape[2]), dtype=np.bool_)
        return self.at_levels(upper, items)

    def at_levels(self, upper: NDArray[T], items: NDArray[T]) -> NDArray[T]:
        """Put figures of the upper levels and of the items together, where the side has both."""
        return upper if self.upper_only else np.concatenate([upper, items], axis=1)

    def squares(self, other: "Side") -> FloatArray:
        """Sum over respondents of the two sides' contributions, shape (units, levels)."""
        if other is self:
            if "squares" not in self.kept:
                self.kept["squares"] = self._squares(self)
            kept: FloatArray = self.kept["squares"]
            return kept
        return self._squares(other)

    def _squares(self, other: "Side") -> FloatArray:
        columns = self.column, other.column
        sums = self.stacked.deviations(*columns)
        upper = np.vecdot(self.loads @ sums, other.loads)
        return self.at_levels(upper, self.stacked.of_items(sums, *columns))

    def same_people(self, other: "Side") -> bool:
        """Whether the two sides are told by the same people."""
        return self.stacked.group is other.stacked.group


def own_side(stacked: Stacked, column: str) -> Side:
    """A vantage point over all items it was asked of."""
    shares = stacked.levels.shares(stacked.answers[column] > 0)
    items = np.where(stacked.answers[column] > 0, stacked.means[column], np.nan)
    mean = np.concatenate([_upper_means(stacked, column, shares), items], axis=1)
    people = stacked.people(column)
    if stacked.levels.apart:
        side = Side(stacked, column, shares, mean=mean, people=people)
        people = np.hstack([_counted_people(side), people[:, stacked.levels.top :]])
    return Side(stacked, column, shares, mean=mean, people=people)


def _counted_people(side: Side) -> FloatArray:
    """People behind the overall figures, where some dimensions do not count in them."""
    levels = side.levels
    counted = np.broadcast_to(levels.counted, side.stacked.answers[side.column].shape)
    return at_least(side, counted)[:, : levels.top]


def common_side(side: Side, common: FloatArray) -> Side:
    """The same vantage point over some of its items: ``common`` is 1 there, (units, items).

    Only above the items: these have the figures of the side itself. Kept for the other gaps that
    have the same items in common.
    """
    name = ("common", common.tobytes())
    if name not in side.kept:
        side.kept[name] = _common_side(side, common)
    kept: Side = side.kept[name]
    return kept


def _common_side(side: Side, common: FloatArray) -> Side:
    shares = side.levels.shares(common > 0)
    mean = _upper_means(side.stacked, side.column, shares)
    people = at_least(side, common)
    return Side(side.stacked, side.column, shares, mean=mean, people=people, upper_only=True)


def _upper_means(stacked: Stacked, column: str, shares: FloatArray) -> FloatArray:
    """Means at the upper levels, given the items' weights in them."""
    upper: FloatArray = (shares * stacked.means[column][:, None, :]).sum(axis=2)
    upper[shares.sum(axis=2) == 0] = np.nan
    return upper


def at_least(side: Side, common: FloatArray) -> FloatArray:
    """People who answered any of the common items at each upper level: the surest number.

    A lower bound on the size of a union, exact when everyone answered equally many of the items:
    sum_j n_j^2 / sum_k n_jk. Source: de Caen (1997), Discrete Mathematics 169, 217-220.
    """
    stacked, upper = side.stacked, side.levels.upper
    inside = stacked.levels.reach * common[:, None, :]
    each = side.people[:, None, upper:] * inside
    shared = inside @ stacked.block(side.column, side.column, TOGETHER)
    bound = ratio(each**2, shared).sum(axis=2)
    fewest: FloatArray = np.minimum(np.ceil(bound - 1e-9), side.people[:, :upper])
    return fewest
