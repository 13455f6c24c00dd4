"""Confidence limits of means and gaps on a scale that ends: t where it holds, else logit.

Few answers near the end of the scale are skewed, and sometimes all alike. A t interval then holds
the truth too seldom, or cannot be given at all. There the limits are found like this (decisions
0011 and 0014 hold the measured tables):

1. Half a person is added, who answers 4, give or take: variance ITEM_VARIANCE for an item,
   LEVEL_VARIANCE for a mean over items. So a spread is never nothing. It is the same half person
   on both sides of a gap: the pull to the middle that both sides feel cancels. Source of the idea:
   Anscombe (1956), Biometrika 43, 461-464, for shares; here for means of a scale.
2. Each side's limits are set where the scale is stretched to infinity, y = log((m-1)/(7-m)), with
   the normal quantile. So no limit leaves the scale, and the longer arm points to the middle.
3. The limits of the two sides are combined with their correlation: the method of variance
   estimates recovery. Source: Zou and Donner (2008), Statistics in Medicine 27, 1693-1702.

Of a gap the t interval is kept where it was measured to hold:

- told by the same people, over several items: wherever the spread is known from FEWEST_OVER_ITEMS;
- told by the same people, of one item: from ENOUGH degrees of freedom, if the skewness that the
  scale's ends put on the gap is MILD;
- told by two groups: from ENOUGH degrees of freedom on each side, if that skewness is MILD and the
  groups are BALANCED (both sides lean the same way, so most of it cancels) or both have MANY.

The skewness is reckoned from the steadied sides, or from the sides as they are where the same
people told both: measured to be the better choice in either case.

All of it was measured on the scale from 1 to 7. Sides on another scale are carried over to that one
(straight, end to end), and their limits back.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from gapengine.intervals import Bounds, Method, Spread, t_bounds
from gapengine.levels import FloatArray
from gapengine.scale import SEVEN, Scale
from gapengine.stretching import (
    HIGHEST,
    LOWEST,
    MIDDLE,
    Factors,
    factors_apart,
    factors_together,
    mean_factors,
    or_zero,
    signed_skewness,
)
from gapengine.stretching import MANY as MANY_TOLD

WIDTH = HIGHEST - LOWEST

ADDED_PERSON = 0.5
"""How many people are added to a side."""

ITEM_VARIANCE, LEVEL_VARIANCE = 2.0, 1.25
"""Variance of the added person's answer to an item, and of their mean over several items."""

ENOUGH, MANY = 4.0, 39.0
"""Degrees of freedom from which t may be used: five people; and forty, who need no balance."""

FEWEST_OVER_ITEMS = 2.0
"""The same for a gap over several items told by the same people: three of them."""

MILD = 0.25
"""Skewness up to which t may be used."""

BALANCED = 2.0
"""How many times the degrees of freedom of one group the other may have for t to be used."""

FEWEST = 2.0
"""People below whom a side has no interval: one person's spread cannot be known."""


class Way(IntEnum):
    """How an interval was found."""

    NONE = 0
    T = 1
    LOGIT = 2
    STRETCHED = 3

    @property
    def label(self) -> str | None:
        """The name a report gives it; None where there is no interval."""
        return (None, "t", "logit", "stretched")[self]


@dataclass(frozen=True)
class Told:
    """One vantage point's mean, its variance and the people behind it; shape (units, levels).

    A variance is NaN where it cannot be known (all answers alike, or one person). ``several``
    says where the mean is one over several items.
    """

    mean: FloatArray
    variance: FloatArray
    df: FloatArray
    people: FloatArray
    several: NDArray[np.bool_]

    def on_seven(self, scale: Scale) -> "Told":
        """The same in points of seven."""
        if scale == SEVEN:
            return self
        mean = LOWEST + (self.mean - LOWEST) / scale.ratio
        variance = self.variance / scale.ratio**2
        return Told(mean, variance, self.df, self.people, several=self.several)

    def some(self, cells: NDArray[np.intp]) -> "Told":
        """Some of the cells, one after the other, by their numbers in the flattened arrays."""
        parts = (self.mean, self.variance, self.df, self.people)
        mean, variance, df, people = (part.take(cells) for part in parts)
        return Told(mean, variance, df, people, several=self.several.take(cells))


@dataclass(frozen=True)
class Steadied:
    """A side with half a person added, and its limits by logit; shape (units, levels)."""

    mean: FloatArray
    variance: FloatArray
    people: FloatArray
    shift: FloatArray
    """How far the mean of the real answers lies from the middle."""
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Limits:
    """Two-sided limits and the ``Way`` each was found, shape (units, levels)."""

    low: FloatArray
    high: FloatArray
    way: NDArray[np.int8]

    def on(self, scale: Scale) -> "Limits":
        """Limits of a difference in points of seven, in those of another scale."""
        if scale == SEVEN:
            return self
        return Limits(self.low * scale.ratio, self.high * scale.ratio, self.way)

    def of_mean_on(self, scale: Scale) -> "Limits":
        """Limits of a mean on seven as levels of another scale."""
        if scale == SEVEN:
            return self
        low, high = (LOWEST + (end - LOWEST) * scale.ratio for end in (self.low, self.high))
        return Limits(low, high, self.way)


def on_seven(spread: Spread, scale: Scale) -> Spread:
    """A spread in points of seven."""
    return spread if scale == SEVEN else Spread(spread.se / scale.ratio, spread.df)


def steadied(told: Told, *, confidence: float) -> Steadied:
    """Add half a person to a side; NaN below two people."""
    people = np.where(told.people >= FEWEST, told.people, np.nan)
    spread = np.where(told.several, LEVEL_VARIANCE, ITEM_VARIANCE)
    grown = people + ADDED_PERSON
    shift = told.mean - MIDDLE
    real = or_zero(told.variance) * people * (people - 1)
    squares = real + ADDED_PERSON * spread + people * ADDED_PERSON / grown * shift**2
    mean = MIDDLE + people * shift / grown
    variance = squares / ((grown - 1) * grown)
    low, high = logit_limits(mean, variance, confidence=confidence)
    return Steadied(mean, variance, people=people, shift=shift, low=low, high=high)


def plain_limits(estimate: FloatArray, spread: Spread, *, confidence: float) -> Limits:
    """t limits wherever the spread is known, and nothing else."""
    low, high = t_bounds(estimate, spread, confidence=confidence)
    return Limits(low, high, _ways(low, np.zeros(low.shape, dtype=np.bool_)))


def mean_limits(told: Told, *, method: Method, side: Steadied | None = None) -> Limits:
    """Limits of one vantage point's mean by logit, or by t where the method says always t.

    ``side`` is its steadied form, where that is known already.

    A single mean stands close to an end of the scale more often than a gap does, and switching
    between the two ways was measured to be worse than logit throughout.
    """
    if method.bounds is Bounds.T:
        spread = Spread(np.sqrt(told.variance), told.df)
        return plain_limits(told.mean, spread, confidence=method.confidence)
    side = steadied(told, confidence=method.confidence) if side is None else side
    low, high = _around(told.mean, side.low, side.high)
    low, high = _stretched(told.mean, (low, high), _mean_factors(told))
    low, high = np.maximum(low, LOWEST), np.minimum(high, HIGHEST)
    return Limits(low, high, _ways(low, np.ones(low.shape, dtype=np.bool_)))


def gap_limits(
    minuend: tuple[Told, Steadied],
    subtrahend: tuple[Told, Steadied],
    spread: Spread,
    *,
    together: bool,
    method: Method,
) -> Limits:
    """Limits of minuend less subtrahend: t where it holds, else logit.

    Parameters
    ----------
    minuend, subtrahend
        The two sides, each with its steadied form.
    spread
        Standard error and degrees of freedom of the difference.
    together
        Whether the same people told both sides, so that ``spread`` holds their covariance.

    Notes
    -----
    An interval by logit need not be symmetric, and is given from two people a side on, also where
    all answers are alike. No limit leaves what the scale allows, -6 to 6.
    """
    (left, one), (right, two) = minuend, subtrahend
    estimate = left.mean - right.mean
    low, high = t_bounds(estimate, spread, confidence=method.confidence)
    if method.bounds is Bounds.T:
        return Limits(low, high, _ways(low, np.zeros(low.shape, dtype=np.bool_)))
    if together:
        usable = _usable_together(left, right, spread)
    else:
        usable = _usable_apart(minuend, subtrahend)
    rest = ~(usable & (spread.se > 0)) & np.isfinite(one.variance + two.variance)
    covariance = np.zeros(())
    if together:
        own, other, both = map(or_zero, (left.variance, right.variance, spread.se))
        covariance = (own + other - both**2) / 2
    ends = _difference(one, two, correlation=_correlation(one, two, covariance))
    logit_low, logit_high = _around(estimate, *ends)
    low = np.where(rest, logit_low, np.maximum(low, -WIDTH))
    high = np.where(rest, logit_high, np.minimum(high, WIDTH))
    factors = _factors(
        left, right, spread.se, reach=(high - low) / 2, by_t=~rest, together=together
    )
    low, high = _stretched(estimate, (low, high), factors)
    ways = _ways(low, rest)
    moved = (ways == Way.T) & ((factors[0] != 1) | (factors[1] != 1))
    return Limits(
        np.maximum(low, -WIDTH),
        np.minimum(high, WIDTH),
        np.where(moved, Way.STRETCHED, ways).astype(np.int8),
    )


def _mean_factors(told: Told) -> Factors:
    """By what the arms of a mean are multiplied: 1 over several items."""
    below, above = (np.where(told.several, 1.0, factor) for factor in mean_factors(told))
    return below, above


def _factors(
    left: Told,
    right: Told,
    se: FloatArray,
    *,
    reach: FloatArray,
    by_t: NDArray[np.bool_],
    together: bool,
) -> Factors:
    """By what the arms are multiplied: 1 over several items and where thirty people told it."""
    few = (np.minimum(left.people, right.people) < MANY_TOLD) & ~(left.several | right.several)
    few &= np.isfinite(reach) & (together | ~by_t)
    cells = np.flatnonzero(few)
    one, two, by_t = left.some(cells), right.some(cells), by_t.take(cells)
    if together:
        found = factors_together(one, two, se=se.take(cells), reach=reach.take(cells), by_t=by_t)
    else:
        found = factors_apart(one, two, by_t=by_t)
    below, above = np.ones_like(reach), np.ones_like(reach)
    for arm, own in zip((below, above), found, strict=True):
        arm.put(cells, own)
    return below, above


def _stretched(
    estimate: FloatArray, limits: tuple[FloatArray, FloatArray], factors: Factors
) -> tuple[FloatArray, FloatArray]:
    """Multiply the two arms; an arm that is not stretched stays as it is to the last digit."""
    low, high = (
        np.where(factor == 1, own, estimate + (own - estimate) * factor)
        for own, factor in zip(limits, factors, strict=True)
    )
    return low, high


def _usable_together(left: Told, right: Told, spread: Spread) -> NDArray[np.bool_]:
    """Where t holds for a gap told by the same people."""
    mild = (spread.df >= ENOUGH) & (skewness(left, right) <= MILD)
    several = left.several & right.several & (spread.df >= FEWEST_OVER_ITEMS)
    usable: NDArray[np.bool_] = several | mild
    return usable


def _usable_apart(
    minuend: tuple[Told, Steadied], subtrahend: tuple[Told, Steadied]
) -> NDArray[np.bool_]:
    """Where t holds for a gap between two groups."""
    (left, one), (right, two) = minuend, subtrahend
    fewer, more = np.minimum(left.df, right.df), np.maximum(left.df, right.df)
    alike = (more <= BALANCED * fewer) | (fewer >= MANY)
    usable: NDArray[np.bool_] = (fewer >= ENOUGH) & alike & (skewness(one, two) <= MILD)
    return usable


def _around(
    estimate: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Limits that hold the estimate: the added half person may have pulled them off it."""
    return np.minimum(low, estimate), np.maximum(high, estimate)


def skewness(minuend: Told | Steadied, subtrahend: Told | Steadied) -> FloatArray:
    """Size of the skewness that the scale's ends put on a gap; NaN where nobody varies."""
    known = or_zero(minuend.variance) + or_zero(subtrahend.variance) > 0
    return np.where(known, np.abs(signed_skewness(minuend, subtrahend)), np.nan)


def logit_limits(
    mean: FloatArray, variance: FloatArray, *, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Limits of a mean, symmetric where the scale is stretched to infinity."""
    share = (mean - LOWEST) / WIDTH
    reach = ndtri((1 + confidence) / 2) * np.sqrt(variance) / (WIDTH * share * (1 - share))
    middle = logit(share)
    return LOWEST + WIDTH * expit(middle - reach), LOWEST + WIDTH * expit(middle + reach)


def _ways(low: FloatArray, rest: NDArray[np.bool_]) -> NDArray[np.int8]:
    given = np.where(rest, Way.LOGIT, Way.T)
    return np.where(np.isfinite(low), given, Way.NONE).astype(np.int8)


def _correlation(one: Steadied, two: Steadied, covariance: FloatArray) -> FloatArray:
    """Of the two means, once the same added person has answered both points."""
    size = np.sqrt(one.people * two.people * (one.people - 1) * (two.people - 1))
    grown = [side.people + ADDED_PERSON for side in (one, two)]
    common = np.sqrt(one.people * two.people / (grown[0] * grown[1]))
    products = covariance * size + ADDED_PERSON * common * one.shift * two.shift
    squares = [
        side.variance * many * (many - 1) for side, many in zip((one, two), grown, strict=True)
    ]
    return np.clip(products / np.sqrt(squares[0] * squares[1]), -1.0, 1.0)


def _difference(
    one: Steadied, two: Steadied, *, correlation: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Combine the limits of two means into those of their difference."""
    gap = one.mean - two.mean

    def arm(own: FloatArray, other: FloatArray) -> FloatArray:
        squared = own**2 + other**2 - 2 * correlation * own * other
        return np.sqrt(np.maximum(squared, 0.0))

    low = gap - arm(one.mean - one.low, two.high - two.mean)
    high = gap + arm(one.high - one.mean, two.mean - two.low)
    return low, high
