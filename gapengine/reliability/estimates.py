"""Reliability of each vantage point, and of P-E, for all units and dimensions from moments."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gapengine.errors import SettingsError
from gapengine.levels import FloatArray
from gapengine.reliability.coefficients import NOTHING, alphas, feldt_interval
from gapengine.reliability.one_factor import BoolArray
from gapengine.reliability.scales import (
    Estimable,
    ItemArray,
    Scale,
    VerdictArray,
    both_asked,
    first_of,
    least_pair,
    ratio,
    scale_of,
)
from gapengine.stacking import Stacked
from gapengine.vantage import Vantage


@dataclass(frozen=True)
class Reliability:
    """Reliability of one vantage point; arrays of shape (units, dimensions), NaN where unknown.

    It is meant for the mean of all items of a dimension. One person's short form of two items is
    less reliable, a mean over many persons far more.

    Attributes
    ----------
    column
        The vantage point.
    dimensions
        Names along the second axis.
    items, people
        Items that were asked, and persons per pair of them (harmonic mean; 0 where some pair has
        nobody).
    alpha, low, high, alpha_verdict
        Raw alpha, at most 1 and possibly negative, Feldt's interval, and an ``Estimable``.
    standardised
        Alpha from the mean correlation of the items. Their standard deviations are those of
        everyone who answered an item, as moments do not keep those of a pair's persons alone.
    omega, misfit, omega_verdict
        Omega total of the raw sum under one factor, the root mean square of the residual
        correlations (SRMR), and an ``Estimable``.
    """

    column: str
    dimensions: tuple[str, ...]
    items: FloatArray
    people: FloatArray
    alpha: FloatArray
    low: FloatArray
    high: FloatArray
    standardised: FloatArray
    alpha_verdict: VerdictArray
    omega: FloatArray
    misfit: FloatArray
    omega_verdict: VerdictArray

    def without(self, hidden: BoolArray) -> "Reliability":
        """Take away what may not be shown; ``hidden`` has shape (units, dimensions)."""
        return replace(
            self,
            items=np.where(hidden, np.nan, self.items),
            people=np.where(hidden, np.nan, self.people),
            alpha=np.where(hidden, np.nan, self.alpha),
            low=np.where(hidden, np.nan, self.low),
            high=np.where(hidden, np.nan, self.high),
            standardised=np.where(hidden, np.nan, self.standardised),
            alpha_verdict=_hide(self.alpha_verdict, hidden),
            omega=np.where(hidden, np.nan, self.omega),
            misfit=np.where(hidden, np.nan, self.misfit),
            omega_verdict=_hide(self.omega_verdict, hidden),
        )


@dataclass(frozen=True)
class DifferenceReliability:
    """Reliability of one person's difference; arrays of shape (units, dimensions).

    Over the items asked from both points; NaN where unknown. ``correlation`` is that of the two
    dimension scores, ``people`` the persons per pair of items (harmonic mean).
    """

    dimensions: tuple[str, ...]
    value: FloatArray
    correlation: FloatArray
    people: FloatArray
    verdict: VerdictArray

    def without(self, hidden: BoolArray) -> "DifferenceReliability":
        """Take away what may not be shown; ``hidden`` has shape (units, dimensions)."""
        return replace(
            self,
            value=np.where(hidden, np.nan, self.value),
            correlation=np.where(hidden, np.nan, self.correlation),
            people=np.where(hidden, np.nan, self.people),
            verdict=_hide(self.verdict, hidden),
        )


def reliability(stacked: Stacked, column: str, *, confidence: float = 0.95) -> Reliability:
    """Alpha and omega of every dimension of one vantage point, for all units.

    Alpha wants two items, two persons at least for every pair of them, and FEWEST_PEOPLE on
    (harmonic) average; omega three items and OMEGA_PEOPLE. Nothing is hidden here: see
    ``Reliability.without``.

    Raises
    ------
    SettingsError
        If ``column`` is not asked of these people, or the confidence is no share.
    """
    _check(stacked, column)
    parts = [
        _of_scale(scale_of(stacked, (column, column), items), confidence)
        for items in _items_of_dimensions(stacked)
    ]
    floats = {
        name: np.stack([figures[name] for figures, _ in parts], axis=1) for name in parts[0][0]
    }
    alpha_verdict, omega_verdict = (
        np.stack([verdicts[k] for _, verdicts in parts], axis=1) for k in (0, 1)
    )
    return Reliability(
        str(column),
        stacked.levels.dimensions,
        alpha_verdict=alpha_verdict,
        omega_verdict=omega_verdict,
        **floats,
    )


def difference_reliability(
    stacked: Stacked,
    *,
    minuend: str = Vantage.PERCEIVED,
    subtrahend: str = Vantage.EXPECTED,
) -> DifferenceReliability:
    """Reliability of the difference of two dimension scores of the same person.

    (s1^2 r1 + s2^2 r2 - 2 r s1 s2) / (s1^2 + s2^2 - 2 r s1 s2) with alpha as the reliabilities. It
    takes the errors of the two scores to be unrelated; two questions asked in one breath share
    some of theirs, and the difference is then more reliable than this says. A figure below 0
    means none. Source: Edwards (1994), Organizational Behavior and Human Decision Processes 58,
    51-100.

    Raises
    ------
    SettingsError
        If one of the two is not asked of these people.
    """
    for column in (minuend, subtrahend):
        _check(stacked, column)
    parts = [
        _of_difference(
            scale_of(stacked, (minuend, subtrahend), items),
            [scale_of(stacked, (name, name), items) for name in (minuend, subtrahend)],
        )
        for items in _items_of_dimensions(stacked)
    ]
    value, correlation, people = (
        np.stack([figures[k] for figures, _ in parts], axis=1) for k in range(3)
    )
    verdict = np.stack([verdict for _, verdict in parts], axis=1)
    return DifferenceReliability(stacked.levels.dimensions, value, correlation, people, verdict)


def _check(stacked: Stacked, column: str) -> None:
    if column not in stacked.shape.vantages:
        raise SettingsError(
            f"{str(column)!r} is not a vantage point of {stacked.group}; "
            f"give one of {', '.join(stacked.shape.vantages)}"
        )


def _items_of_dimensions(stacked: Stacked) -> Iterator[ItemArray]:
    return (np.flatnonzero(row) for row in stacked.levels.member)


def _of_scale(
    scale: Scale, confidence: float
) -> tuple[dict[str, FloatArray], tuple[VerdictArray, VerdictArray]]:
    """Figures of one dimension by name, and the verdicts on alpha and omega."""
    verdict, people = scale.verdict, scale.pairs
    known = verdict == Estimable.ESTIMATED
    items = scale.asked.sum(axis=1).astype(np.float64)
    alpha = np.where(known, scale.alpha, np.nan)
    low, high = feldt_interval(alpha, items=items, people=people, confidence=confidence)
    standardised = np.where(known & ~scale.is_flat, alphas(scale.correlation, scale.asked), np.nan)
    omega, misfit, obstacle = scale.omega()
    figures = {
        "items": items,
        "people": people,
        "alpha": alpha,
        "low": low,
        "high": high,
        "standardised": standardised,
        "omega": omega,
        "misfit": misfit,
    }
    return figures, (verdict, obstacle)


def _of_difference(
    across: Scale, sides: list[Scale]
) -> tuple[tuple[FloatArray, FloatArray, FloatArray], VerdictArray]:
    """(Value, correlation, persons) and verdict of one dimension, each of shape (units,)."""
    minuend, subtrahend = (side.over(across.asked) for side in sides)
    first, second, shared = (
        scale.covariance.sum(axis=(1, 2)) for scale in (minuend, subtrahend, across)
    )
    below = first + second - 2 * shared
    obstacle = np.maximum(minuend.verdict, subtrahend.verdict)
    met = least_pair(across.people, both_asked(across.asked))
    here = first_of(
        {
            Estimable.NEVER_TOGETHER: met < 1,
            Estimable.FEW_PEOPLE: met < 2,
            Estimable.NO_VARIANCE: below <= NOTHING,
        }
    )
    verdict = np.where(obstacle == Estimable.ESTIMATED, here, obstacle).astype(np.int8)
    known = verdict == Estimable.ESTIMATED
    above = first * minuend.alpha + second * subtrahend.alpha - 2 * shared
    spread = np.sqrt(np.maximum(first, 0) * np.maximum(second, 0))
    people = np.minimum(minuend.pairs, subtrahend.pairs)
    value = np.where(known, ratio(above, below), np.nan)
    return (value, np.where(known, ratio(shared, spread), np.nan), people), verdict


def _hide(verdict: VerdictArray, hidden: BoolArray) -> VerdictArray:
    return np.where(hidden, Estimable.HIDDEN, verdict).astype(np.int8)
