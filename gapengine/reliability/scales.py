"""The items of one dimension as moments show them: pairwise covariances, persons per pair.

For items j and k of one column, K persons answered both; their covariance is taken over these
persons alone (pairwise), with their own two means: S_jk = (sum t_j t_k - sum t_j c_k sum c_j t_k
/ W) / (W (K-1)/K), W = sum c_j c_k. With one answer per person and item W = K and this is the
usual covariance. Someone who answered an item c times enters as the mean of these answers with
weight c_j c_k, the form that moments can give.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from gapengine.levels import FloatArray
from gapengine.moments import COUNT_SUM, PRODUCT, SUM_COUNT, TOGETHER
from gapengine.reliability.coefficients import NOTHING, OMEGA_ITEMS, OMEGA_PEOPLE, alphas
from gapengine.reliability.one_factor import BoolArray, fit_one_factor, omega
from gapengine.stacking import Stacked

FEWEST_PEOPLE = 5
"""Persons per pair of items (harmonic mean) below which alpha is not estimated."""

VerdictArray = NDArray[np.int8]
ItemArray = NDArray[np.intp]


class Estimable(IntEnum):
    """Whether a coefficient could be estimated, and if not, why."""

    ESTIMATED = 0
    FEW_ITEMS = 1
    NEVER_TOGETHER = 2
    FEW_PEOPLE = 3
    NO_VARIANCE = 4
    NOT_ONE_FACTOR = 5
    HIDDEN = 6

    @property
    def reason(self) -> str:
        """The reason as a report gives it; empty where there is an estimate."""
        return _REASONS[self]


_REASONS = {
    Estimable.ESTIMATED: "",
    Estimable.FEW_ITEMS: "too few items",
    Estimable.NEVER_TOGETHER: "a pair of items was never asked together",
    Estimable.FEW_PEOPLE: "too few people",
    Estimable.NO_VARIANCE: "the answers do not differ enough",
    Estimable.NOT_ONE_FACTOR: "one factor does not fit",
    Estimable.HIDDEN: "too few",
}


@dataclass(frozen=True)
class Scale:
    """Items of one dimension for all units, 0 wherever an item was not asked.

    ``covariance`` and ``people`` have shape (units, items, items), ``asked`` (units, items).
    """

    covariance: FloatArray
    people: FloatArray
    asked: BoolArray

    def over(self, asked: BoolArray) -> "Scale":
        """The scale over some of its items."""
        both = both_asked(asked)
        return Scale(np.where(both, self.covariance, 0.0), np.where(both, self.people, 0.0), asked)

    @property
    def alpha(self) -> FloatArray:
        """Raw alpha, shape (units,)."""
        return alphas(self.covariance, self.asked)

    @property
    def spread(self) -> FloatArray:
        """Standard deviation of each item, 0 where it was not asked or does not vary."""
        variance = np.diagonal(self.covariance, axis1=1, axis2=2)
        return np.where(self.asked & (variance > NOTHING), np.sqrt(np.maximum(variance, 0)), 0.0)

    @property
    def correlation(self) -> FloatArray:
        """Shape as the covariance; 0 for an item that was not asked or does not vary."""
        spread = self.spread
        return ratio(self.covariance, spread[:, :, None] * spread[:, None, :])

    @property
    def is_flat(self) -> BoolArray:
        """Whether some item that was asked does not vary, shape (units,)."""
        return np.asarray((self.asked & (self.spread <= 0)).any(axis=1))

    @property
    def pairs(self) -> FloatArray:
        """Persons per pair of different items: their harmonic mean, 0 where some pair has none.

        With two of five items asked of each person Feldt's interval, said to be of 95 %, held the
        truth in 98 to 100 % with this number, and in 57 to 75 % with the number of all persons
        (docs/explanation/reliability.md).
        """
        both = self._different()
        missing = (both & (self.people <= 0)).any(axis=(1, 2))
        turned = ratio(both.astype(np.float64), self.people).sum(axis=(1, 2))
        count = both.sum(axis=(1, 2)).astype(np.float64)
        return np.where(missing, 0.0, ratio(count, turned))

    @property
    def verdict(self) -> VerdictArray:
        """What stands in the way of alpha, shape (units,)."""
        least = least_pair(self.people, self._different())
        found = {
            Estimable.FEW_ITEMS: self.asked.sum(axis=1) < 2,
            Estimable.NEVER_TOGETHER: least < 1,
            Estimable.FEW_PEOPLE: (least < 2) | (self.pairs < FEWEST_PEOPLE),
            Estimable.NO_VARIANCE: self.covariance.sum(axis=(1, 2)) <= NOTHING,
        }
        return first_of(found)

    def omega(self) -> tuple[FloatArray, FloatArray, VerdictArray]:
        """Omega of the raw sum, SRMR and verdict, each of shape (units,)."""
        verdict = first_of(
            {
                Estimable.FEW_ITEMS: self.asked.sum(axis=1) < OMEGA_ITEMS,
                Estimable.NEVER_TOGETHER: self.verdict == Estimable.NEVER_TOGETHER,
                Estimable.FEW_PEOPLE: self.pairs < OMEGA_PEOPLE,
                Estimable.NO_VARIANCE: (self.verdict == Estimable.NO_VARIANCE) | self.is_flat,
            }
        )
        value, misfit = np.full((2, len(verdict)), np.nan)
        at = np.flatnonzero(verdict == Estimable.ESTIMATED)
        if at.size:
            fitted = fit_one_factor(self.correlation[at], self.asked[at])
            value[at] = np.where(fitted.usable, omega(fitted.loadings, self.spread[at]), np.nan)
            misfit[at] = np.where(fitted.usable, fitted.misfit, np.nan)
            verdict[at[~fitted.usable]] = Estimable.NOT_ONE_FACTOR
        return value, misfit, verdict

    def _different(self) -> BoolArray:
        return both_asked(self.asked) & ~np.eye(self.asked.shape[1], dtype=bool)


def scale_of(stacked: Stacked, columns: tuple[str, str], items: ItemArray) -> Scale:
    """The items of two columns of the same people; the same column twice is one scale.

    First item index belongs to the first column. Only items asked from both count.
    """
    own, other = columns
    among = np.ix_(np.arange(len(stacked.cross)), items, items)
    weight, left, right, product = (
        stacked.block(own, other, kind)[among] for kind in (TOGETHER, SUM_COUNT, COUNT_SUM, PRODUCT)
    )
    each = [stacked.people(name)[:, stacked.levels.upper + items] for name in columns]
    people = np.minimum(weight, np.minimum(each[0][:, :, None], each[1][:, None, :]))
    raw = product - ratio(left * right, weight)
    covariance = ratio(raw, weight * ratio(people - 1, people))
    asked = (stacked.answers[own][:, items] > 0) & (stacked.answers[other][:, items] > 0)
    return Scale(covariance, people, asked).over(asked)


def least_pair(people: FloatArray, counted: BoolArray) -> FloatArray:
    """Fewest persons of the counted pairs, shape (units,); infinite where none is counted."""
    least: FloatArray = np.where(counted, people, np.inf).min(axis=(1, 2), initial=np.inf)
    return least


def first_of(found: Mapping[Estimable, BoolArray]) -> VerdictArray:
    """The first obstacle that was found for each unit."""
    return np.select(
        list(found.values()), [int(cause) for cause in found], default=int(Estimable.ESTIMATED)
    ).astype(np.int8)


def both_asked(asked: BoolArray) -> BoolArray:
    """Shape (units, items, items): whether both items of a pair were asked."""
    return asked[:, :, None] & asked[:, None, :]


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Above over below; 0 where there is nothing to divide by."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > NOTHING)
