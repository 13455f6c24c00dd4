"""The levels a figure is given at: overall, weighted overall, one dimension, one item."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gapengine.errors import SettingsError
from gapengine.scale import SEVEN, Scale

FloatArray = NDArray[np.float64]

OVERALL = "overall"
WEIGHTED = "weighted"
OPTIONAL = frozenset({"social_responsibility"})
"""Dimensions beyond the five, which an organisation may ask about or not."""
DIMENSION = "dimension"
ITEM = "item"


def ratio(above: ArrayLike, below: FloatArray) -> FloatArray:
    """Above over below, 0 where that is not positive; three times as quick as a masked division."""
    known = below > 0
    return np.where(known, above / np.where(known, below, 1.0), 0.0)


@dataclass(frozen=True)
class Levels:
    """Items, their dimensions and the weights of dimensions in the overall figure.

    The level axis of every array is: overall (the plain mean of dimension means), with weights
    also the weighted mean of dimension means, then the dimensions, then the items.
    """

    items: tuple[str, ...]
    dimension_of: tuple[str, ...]
    dimensions: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    apart: frozenset[str] = frozenset()
    """Dimensions that stand beside the overall figures and do not count in them."""
    scale: Scale = SEVEN
    """On which all of them are answered."""

    @classmethod
    def of(
        cls,
        dimension_by_item: Mapping[str, str],
        *,
        weights: Mapping[str, float] | None = None,
        apart: Collection[str] = (),
        scale: Scale = SEVEN,
    ) -> Self:
        """Lay out the levels in the mapping's own order.

        Where every dimension would stand ``apart``, all of them count.

        Raises
        ------
        SettingsError
            If there is no item, or a dimension has no weight or one that is not positive.
        """
        if not dimension_by_item:
            raise SettingsError("no items were given; name each item and its dimension")
        dimensions = tuple(dict.fromkeys(dimension_by_item.values()))
        return cls(
            items=tuple(dimension_by_item),
            dimension_of=tuple(dimension_by_item.values()),
            dimensions=dimensions,
            weights=None if weights is None else tuple(_checked(weights, dimensions)),
            apart=frozenset(apart) if set(dimensions) - set(apart) else frozenset(),
            scale=scale,
        )

    @property
    def top(self) -> int:
        """How many levels stand above the dimensions: overall, and weighted overall if asked."""
        return 1 if self.weights is None else 2

    @property
    def upper(self) -> int:
        """How many levels stand above the items."""
        return self.top + len(self.dimensions)

    @property
    def count(self) -> int:
        """How many levels there are in all."""
        return self.upper + len(self.items)

    @cached_property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """(level, key) along the level axis."""
        return (
            *((name, name) for name in (OVERALL, WEIGHTED)[: self.top]),
            *((DIMENSION, name) for name in self.dimensions),
            *((ITEM, name) for name in self.items),
        )

    @cached_property
    def member(self) -> FloatArray:
        """Shape (dimensions, items): 1 where the item belongs to the dimension."""
        return np.array(
            [[float(own == name) for own in self.dimension_of] for name in self.dimensions]
        )

    @cached_property
    def reach(self) -> FloatArray:
        """Shape (upper levels, items): 1 where the item counts at that level."""
        return np.vstack([np.ones((self.top, len(self.items))), self.member])

    @cached_property
    def counted(self) -> FloatArray:
        """Shape (items,): 1 where the item counts in the overall figures."""
        return np.array([float(own not in self.apart) for own in self.dimension_of])

    def shares(self, asked: NDArray[np.bool_]) -> FloatArray:
        """Weight of each item in each upper level, from the items that were asked.

        ``asked`` has shape (units, items). The result has shape (units, upper levels, items);
        a row adds up to 1, or to 0 where nothing was asked. A dimension is the plain mean of its
        items, the overall figure the mean of the dimensions of which anything was asked, without
        those that stand apart.
        """
        inside = self.member * asked[:, None, :]
        many = inside.sum(axis=2, keepdims=True)
        within = ratio(inside, many)
        present = self._importance * (many > 0).transpose(0, 2, 1)
        across = ratio(present, present.sum(axis=2, keepdims=True))
        return np.concatenate([across @ within, within], axis=1)

    @cached_property
    def _importance(self) -> FloatArray:
        """Shape (top levels, dimensions): how much each dimension counts in them."""
        plain = np.ones(len(self.dimensions))
        counted = np.array([float(name not in self.apart) for name in self.dimensions])
        weighed: FloatArray = np.array([plain] if self.weights is None else [plain, self.weights])
        return counted * weighed


def _checked(weights: Mapping[str, float], dimensions: tuple[str, ...]) -> Iterator[float]:
    for name in dimensions:
        weight = weights.get(name)
        if weight is None or not isfinite(weight) or weight <= 0:
            raise SettingsError(f"weight of dimension {name!r} is {weight}; give a positive number")
        yield float(weight)
