"""Empirical-Bayes shrinkage: a small unit borrows from its siblings what its own answers lack.

Unit i measures y_i with variance v_i; true values of siblings spread around mu with variance
tau^2. The shrunken value is mu + tau^2/(tau^2 + v_i) (y_i - mu), with tau^2 by Paule-Mandel or
DerSimonian-Laird. Its error has three parts: v_i tau^2/(tau^2 + v_i) were all else known, what mu
adds, and what tau^2 adds. The third is taken over a grid of tau^2, each weighed by its likelihood
(mu integrated out, flat in tau^2; Morris 1983, J. American Statistical Association 78, 47-55): the
mean square of the error around the shrunken value. Measured coverage of the interval:
docs/explanation/small-units.md.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from gapengine.errors import SettingsError
from gapengine.levels import FloatArray
from gapengine.moments import IntArray
from gapengine.pooling.siblings import (
    FEWEST_SIBLINGS,
    NO_PARENT,
    Fit,
    Rule,
    Siblings,
    between_variance,
)

THRESHOLD = -0.25
"""Points below which a gap asks for a fix."""

_GRID = 32
_REACH = 4.0
_CERTAIN = 1e9

VerdictArray = NDArray[np.int8]


class Pooling(IntEnum):
    """What was done with a unit's figure."""

    POOLED = 0
    FEW_SIBLINGS = 1
    NO_PARENT = 2
    NO_SPREAD = 3
    NOT_THERE = 4

    @property
    def reason(self) -> str:
        """Why nothing was pooled, as a report gives it; empty where it was."""
        return _REASONS[self]


_REASONS = {
    Pooling.POOLED: "",
    Pooling.FEW_SIBLINGS: "too few units beside it",
    Pooling.NO_PARENT: "no units beside it",
    Pooling.NO_SPREAD: "spread cannot be estimated",
    Pooling.NOT_THERE: "not shown",
}


@dataclass(frozen=True)
class Pooled:
    """Raw and shrunken figures; arrays of shape (units, cells), NaN where unknown.

    Attributes
    ----------
    estimate, se
        As handed in: negative is a shortfall.
    shrunken, sd, low, high
        The shrunken figure, its standard error and interval. Where nothing is pooled the raw
        figure stands here, with its own interval.
    own
        Weight of the unit's own answers in the shrunken figure, 0 to 1.
    mean, mean_se, between
        Mean of the siblings, its standard error, and tau: how far apart true values lie (SD).
    siblings
        Units of the same parent with a figure, this one included.
    below
        Probability that the true value lies below ``threshold``.
    verdict
        A ``Pooling`` each.
    parent, threshold, confidence
        As handed in.
    """

    estimate: FloatArray
    se: FloatArray
    shrunken: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    own: FloatArray
    mean: FloatArray
    mean_se: FloatArray
    between: FloatArray
    siblings: FloatArray
    below: FloatArray
    verdict: VerdictArray
    parent: IntArray
    threshold: float
    confidence: float


class Measured(Protocol):
    """A figure of many units with its interval, shape (units, levels): ``estimate.Differences``."""

    @property
    def estimate(self) -> FloatArray:
        """In points, NaN where it is not shown."""

    @property
    def se(self) -> FloatArray:
        """Its standard error."""

    @property
    def df(self) -> FloatArray:
        """Degrees of freedom of the standard error."""

    @property
    def low(self) -> FloatArray:
        """Lower end of its interval."""

    @property
    def high(self) -> FloatArray:
        """Upper end of its interval."""


@dataclass(frozen=True)
class _Posterior:
    """Shrunken figure, its variance and the unit's own weight, shape (units, cells)."""

    centre: FloatArray
    variance: FloatArray
    own: FloatArray


def pool(
    estimate: FloatArray,
    variance: FloatArray,
    *,
    parent: IntArray,
    df: FloatArray | None = None,
    rule: Rule = Rule.PAULE_MANDEL,
    threshold: float = THRESHOLD,
    confidence: float = 0.95,
) -> Pooled:
    """Shrink every unit's figures towards those of its siblings, cell by cell.

    Parameters
    ----------
    estimate, variance
        Shape (units, cells), in points and squared points; NaN means not there. A figure without
        a variance above 0 is kept as it is and serves nobody else.
    parent
        Shape (units,): units of the same label are siblings, NO_PARENT (-1) is nobody's.
    df
        Shape (units, cells), degrees of freedom of the variances; None takes them as known. The
        shares of error that come from siblings count as known (Satterthwaite).
    rule
        How tau^2 is estimated.
    threshold
        In points: ``below`` is the probability of a true value under it.
    confidence
        Two-sided level of the interval.

    Raises
    ------
    SettingsError
        If shapes do not belong together, or the confidence is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise SettingsError(f"confidence is {confidence}; give a share such as 0.95")
    if df is not None and df.shape != estimate.shape:
        raise SettingsError(f"df has shape {df.shape}; give one per estimate, {estimate.shape}")
    siblings = Siblings.of(estimate, variance, parent)
    between = between_variance(siblings, rule)
    fit = siblings.fit(np.nan_to_num(between))
    verdict = _verdict(siblings, estimate, parent)
    pooled = verdict == Pooling.POOLED
    after = _or_raw(_posterior(siblings, np.nan_to_num(between)), estimate, variance, pooled)
    freedom = _freedom(after, variance, df)
    sd = np.sqrt(after.variance)
    reach = stdtrit(freedom, (1 + confidence) / 2) * sd
    return Pooled(
        estimate=estimate,
        se=np.sqrt(np.where(variance > 0, variance, np.nan)),
        shrunken=after.centre,
        sd=sd,
        low=after.centre - reach,
        high=after.centre + reach,
        own=after.own,
        mean=np.where(pooled, siblings.each(fit.mean), np.nan),
        mean_se=np.where(pooled, siblings.each(_root(fit.total)), np.nan),
        between=np.where(pooled, siblings.each(np.sqrt(between)), np.nan),
        siblings=siblings.each(siblings.count),
        below=stdtr(freedom, (threshold - after.centre) / sd),
        verdict=verdict,
        parent=parent,
        threshold=threshold,
        confidence=confidence,
    )


def pool_gaps(
    gap: Measured,
    *,
    parent: IntArray,
    rule: Rule = Rule.PAULE_MANDEL,
    threshold: float = THRESHOLD,
    confidence: float = 0.95,
) -> Pooled:
    """Pool one gap at every level, shape (units, levels).

    Hand in a *released* gap (``Differences``): what is hidden is NaN there, so that it helps no
    neighbour's figure. Where nothing is pooled the gap's own interval stays.
    """
    found = pool(
        gap.estimate,
        gap.se**2,
        parent=parent,
        df=gap.df,
        rule=rule,
        threshold=threshold,
        confidence=confidence,
    )
    alone = found.verdict != Pooling.POOLED
    return replace(
        found,
        low=np.where(alone, gap.low, found.low),
        high=np.where(alone, gap.high, found.high),
    )


def _verdict(siblings: Siblings, estimate: FloatArray, parent: IntArray) -> VerdictArray:
    few = siblings.each(siblings.count) < FEWEST_SIBLINGS
    alone = np.broadcast_to((parent == NO_PARENT)[:, None], estimate.shape)
    return np.select(
        [~np.isfinite(estimate), alone, ~siblings.known, few],
        [Pooling.NOT_THERE, Pooling.NO_PARENT, Pooling.NO_SPREAD, Pooling.FEW_SIBLINGS],
        default=Pooling.POOLED,
    ).astype(np.int8)


def _posterior(siblings: Siblings, between: FloatArray) -> _Posterior:
    """Mean square of the error around the empirical-Bayes figure, over a grid of tau^2."""
    fit = siblings.fit(between)
    centre, _ = _shrunk(siblings, fit.mean, fit.total, between=between)
    grid = _grid(siblings, between)
    fits, log = [], 2 * np.log1p(grid / _typical(siblings))
    for k, spread in enumerate(grid):
        one = siblings.fit(spread)
        log[k] += _likelihood(siblings, one)
        fits.append((one.mean, one.total))
    weight = np.exp(log - log.max(axis=0))
    weight /= weight.sum(axis=0)
    error = np.zeros_like(centre)
    for (mean, total), share, spread in zip(fits, weight, grid, strict=True):
        middle, variance = _shrunk(siblings, mean, total, between=spread)
        error += siblings.each(share) * (variance + (middle - centre) ** 2)
    own = siblings.each(between) / (siblings.each(between) + siblings.variance)
    return _Posterior(centre, error, own)


def _shrunk(
    siblings: Siblings, mean: FloatArray, total: FloatArray, *, between: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Shrunken figure and its variance were tau^2 known: own part, and what mu adds."""
    spread, middle = siblings.each(between), siblings.each(mean)
    lent = siblings.variance / (siblings.variance + spread)
    centre = middle + (1 - lent) * (siblings.estimate - middle)
    return centre, (1 - lent) * siblings.variance + lent**2 * siblings.each(_root(total)) ** 2


def _grid(siblings: Siblings, between: FloatArray) -> FloatArray:
    """Values of tau^2 to weigh, shape (grid, groups, cells): even steps of B = s/(s + tau^2).

    s is a typical variance of the units; the steps reach four standard errors of B to either side.
    """
    typical = _typical(siblings)
    middle = typical / (typical + between)
    spread = middle * np.sqrt(2 / np.maximum(siblings.count - 1, 1))
    low = np.maximum(middle - _REACH * spread, 0)
    high = np.minimum(middle + _REACH * spread, 1)
    step = (np.arange(_GRID) + 0.5)[:, None, None] / _GRID
    lent = low + (high - low) * step
    values: FloatArray = typical * (1 - lent) / lent
    return values


def _likelihood(siblings: Siblings, fit: Fit) -> FloatArray:
    """Log likelihood of tau^2 with mu integrated out, shape (groups, cells)."""
    weight = np.where(fit.weight > 0, fit.weight, 1.0)
    known = siblings.total(np.log(weight) - fit.off)
    return (known - np.log(np.where(fit.total > 0, fit.total, 1.0))) / 2


def _typical(siblings: Siblings) -> FloatArray:
    """Harmonic mean of the variances of a group's units; 1 where there are none."""
    total = siblings.total(1 / siblings.variance)
    return np.divide(siblings.count, total, out=np.ones_like(total), where=total > 0)


def _or_raw(
    after: _Posterior, estimate: FloatArray, variance: FloatArray, pooled: NDArray[np.bool_]
) -> _Posterior:
    """The raw figure with its own variance where nothing is pooled."""
    there = np.isfinite(estimate)
    raw = np.where(there & (variance > 0), variance, np.nan)
    return _Posterior(
        np.where(pooled, after.centre, estimate),
        np.where(pooled, after.variance, raw),
        np.where(pooled, after.own, np.where(there, 1.0, np.nan)),
    )


def _freedom(after: _Posterior, variance: FloatArray, df: FloatArray | None) -> FloatArray:
    """Satterthwaite's degrees of freedom: only the own part of the error has an unsure variance."""
    if df is None:
        return np.where(np.isfinite(after.variance), _CERTAIN, np.nan)
    own = after.own * variance
    freedom = df * np.divide(after.variance, own, out=np.full_like(own, np.inf), where=own > 0) ** 2
    return np.where(np.isfinite(after.variance), np.minimum(freedom, _CERTAIN), np.nan)


def _root(total: FloatArray) -> FloatArray:
    return 1 / np.sqrt(np.where(total > 0, total, np.inf))
