"""Units of one parent, cell by cell: sums over them, and how far their true values lie apart."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gapengine.errors import SettingsError
from gapengine.levels import FloatArray
from gapengine.moments import IntArray

BoolArray = NDArray[np.bool_]

FEWEST_SIBLINGS = 3
"""Units with a figure below which nothing is pooled: two cannot tell spread from error."""

NO_PARENT = -1
"""The label of a unit that is nobody's sibling."""

_ROUNDS = 200
_SETTLED = 1e-12


class Rule(StrEnum):
    """How the variance between units is estimated."""

    PAULE_MANDEL = "Paule-Mandel"
    DERSIMONIAN_LAIRD = "DerSimonian-Laird"


@dataclass(frozen=True)
class Siblings:
    """Estimates of all units, arranged by parent.

    Attributes
    ----------
    estimate, variance
        Shape (units, cells); 0 and 1 where ``known`` is False, so that sums stay finite.
    known
        Shape (units, cells): the unit has a parent, an estimate, and a variance above 0.
    place
        Shape (units,): which group of siblings each unit belongs to.
    """

    estimate: FloatArray
    variance: FloatArray
    known: BoolArray
    place: IntArray

    @classmethod
    def of(cls, estimate: FloatArray, variance: FloatArray, parent: IntArray) -> Self:
        """Check and arrange.

        Raises
        ------
        SettingsError
            If the shapes do not belong together.
        """
        if estimate.ndim != 2 or estimate.shape != variance.shape:
            raise SettingsError(
                f"estimates have shape {estimate.shape} and variances {variance.shape}; "
                "give both as (units, cells)"
            )
        if parent.shape != estimate.shape[:1]:
            raise SettingsError(
                f"there are {len(estimate)} units and labels of parents of shape {parent.shape}; "
                f"give one label per unit, {NO_PARENT} for none"
            )
        known = np.isfinite(estimate) & np.isfinite(variance) & (variance > 0)
        known &= (parent != NO_PARENT)[:, None]
        _, place = np.unique(parent, return_inverse=True)
        return cls(
            np.where(known, estimate, 0.0),
            np.where(known, variance, 1.0),
            known,
            place.astype(np.int64),
        )

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        return np.argsort(self.place, kind="stable")

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        return np.searchsorted(self.place[self._order], np.arange(self.groups))

    def total(self, numbers: FloatArray) -> FloatArray:
        """Sum over the known siblings, shape (groups, cells)."""
        kept = np.where(self.known, numbers, 0.0)[self._order]
        return np.add.reduceat(kept, self._starts, axis=0)

    def each(self, groups: FloatArray) -> FloatArray:
        """Hand a group's number to its units: (groups, cells) to (units, cells)."""
        return groups[self.place]

    @property
    def groups(self) -> int:
        """How many groups of siblings there are."""
        return int(self.place.max(initial=-1)) + 1

    @cached_property
    def count(self) -> FloatArray:
        """Known siblings, shape (groups, cells)."""
        return self.total(np.ones_like(self.estimate))

    def fit(self, between: FloatArray) -> "Fit":
        """The weighted mean of each group, given the variance between units."""
        weight = np.where(self.known, 1 / (self.variance + self.each(between)), 0.0)
        total = self.total(weight)
        mean = _ratio(self.total(weight * self.estimate), total)
        off = weight * (self.estimate - self.each(mean)) ** 2
        return Fit(weight, total, mean, off=off)


@dataclass(frozen=True)
class Fit:
    """Weights (units, cells), their sum and the mean (groups, cells), squares off it (units)."""

    weight: FloatArray
    total: FloatArray
    mean: FloatArray
    off: FloatArray


def between_variance(siblings: Siblings, rule: Rule = Rule.PAULE_MANDEL) -> FloatArray:
    """Variance between the true values of siblings (tau^2), shape (groups, cells), 0 at least.

    NaN with fewer than FEWEST_SIBLINGS. DerSimonian-Laird is a closed form of moments;
    Paule-Mandel chooses tau^2 so that the weighted squares around the mean add up to what is
    expected of them, the number of units less one. Sources: DerSimonian and Laird (1986),
    Controlled Clinical Trials 7, 177-188; Paule and Mandel (1982), J. Research NBS 87, 377-385;
    the iteration: DerSimonian and Kacker (2007), Contemporary Clinical Trials 28, 105-114.
    """
    found = _by_moments(siblings) if rule is Rule.DERSIMONIAN_LAIRD else _by_iteration(siblings)
    return np.where(siblings.count >= FEWEST_SIBLINGS, found, np.nan)


def _by_moments(siblings: Siblings) -> FloatArray:
    fit = siblings.fit(np.zeros((siblings.groups, siblings.estimate.shape[1])))
    spare = siblings.total(fit.off) - (siblings.count - 1)
    scale = fit.total - _ratio(siblings.total(fit.weight**2), fit.total)
    return np.maximum(_ratio(spare, scale), 0.0)


def _by_iteration(siblings: Siblings) -> FloatArray:
    """Newton's steps from 0: the excess falls and is convex, so that no step goes too far."""
    between = np.zeros((siblings.groups, siblings.estimate.shape[1]))
    expected = siblings.count - 1
    for _ in range(_ROUNDS):
        fit = siblings.fit(between)
        excess = siblings.total(fit.off) - expected
        slope = siblings.total(fit.weight * fit.off)
        step = np.maximum(_ratio(excess, slope), 0.0)
        between = between + step
        if (step <= _SETTLED * (1 + between)).all():
            break
    return between


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
