"""One vantage point of a gap: its means at every level, and over which items they are taken."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapengine.levels import FloatArray, Levels
from gapengine.moments import TOGETHER
from gapengine.stacking import Stacked


@dataclass(frozen=True, eq=False)
class Side:
    """A column of some units' moments, over the items chosen for it.

    ``shares`` has shape (units, upper levels, items): the weight of each item's mean in each upper
    level. ``mean`` and ``people`` have shape (units, levels); a mean is NaN where nobody was asked.
    """

    stacked: Stacked
    column: str
    shares: FloatArray
    mean: FloatArray
    people: FloatArray
    kept: dict[object, Any] = field(default_factory=dict, repr=False)
    """What was computed of this side alone and serves every gap it is part of."""

    @property
    def levels(self) -> Levels:
        """The levels the figures are given at."""
        return self.stacked.levels

    @property
    def several(self) -> NDArray[np.bool_]:
        """Where the mean is one over several items, shape (units, levels)."""
        upper = np.count_nonzero(self.shares, axis=2) > 1
        items = np.zeros((len(upper), self.shares.shape[2]), dtype=np.bool_)
        return np.concatenate([upper, items], axis=1)

    def squares(self, other: "Side") -> FloatArray:
        """Sum over respondents of the two sides' contributions, shape (units, levels)."""
        if other is self:
            if "squares" not in self.kept:
                self.kept["squares"] = self._squares(self)
            kept: FloatArray = self.kept["squares"]
            return kept
        return self._squares(other)

    def _squares(self, other: "Side") -> FloatArray:
        return self.stacked.squares(
            self.column, other.column, shares_a=self.shares, shares_b=other.shares
        )

    def same_people(self, other: "Side") -> bool:
        """Whether the two sides are told by the same people."""
        return self.stacked.group is other.stacked.group


def own_side(stacked: Stacked, column: str) -> Side:
    """A vantage point over all items it was asked of."""
    shares = stacked.levels.shares(stacked.answers[column] > 0)
    mean = level_means(stacked, column, shares)
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

    Kept for the other gaps that have the same items in common.
    """
    name = ("common", common.tobytes())
    if name not in side.kept:
        side.kept[name] = _common_side(side, common)
    kept: Side = side.kept[name]
    return kept


def _common_side(side: Side, common: FloatArray) -> Side:
    shares = side.levels.shares(common > 0)
    mean = level_means(side.stacked, side.column, shares)
    people = at_least(side, common)
    return Side(side.stacked, side.column, shares, mean=mean, people=people)


def level_means(stacked: Stacked, column: str, shares: FloatArray) -> FloatArray:
    """Means at every level, given the items' weights in the upper ones."""
    items = stacked.means[column]
    upper = (shares * items[:, None, :]).sum(axis=2)
    upper[shares.sum(axis=2) == 0] = np.nan
    lower = np.where(stacked.answers[column] > 0, items, np.nan)
    return np.concatenate([upper, lower], axis=1)


def at_least(side: Side, common: FloatArray) -> FloatArray:
    """People who answered any of the common items: the surest number moments can give.

    A lower bound on the size of a union, exact when everyone answered equally many of the items:
    sum_j n_j^2 / sum_k n_jk. Source: de Caen (1997), Discrete Mathematics 169, 217-220.
    """
    stacked, upper = side.stacked, side.levels.upper
    inside = stacked.levels.reach * common[:, None, :]
    each = side.people[:, None, upper:] * inside
    shared = inside @ stacked.block(side.column, side.column, TOGETHER)
    bound = np.divide(each**2, shared, out=np.zeros_like(each), where=shared > 0).sum(axis=2)
    above = np.minimum(np.ceil(bound - 1e-9), side.people[:, :upper])
    return np.concatenate([above, side.people[:, upper:]], axis=1)
