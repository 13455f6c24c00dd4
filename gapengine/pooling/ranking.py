"""The rank of a unit among its siblings as a probability, never a bare league table.

Each sibling's true value is taken as normal around its shrunken figure. On a grid of values x the
sums over siblings of F_j(x) (and of their powers and logarithms) say how many lie below x; each
unit weighs them by its own distribution. So the work grows with units times grid points, not with
pairs of units. Over the siblings the expected ranks add up to 1 + 2 + ... + N, and the
probabilities of being worst to 1, exactly up to the grid.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, log_ndtr, ndtr

from gapengine.levels import FloatArray
from gapengine.pooling.shrinkage import Pooled, Pooling
from gapengine.pooling.siblings import Siblings

POINTS = 128
"""Values at which the siblings are compared."""

_TAIL = 5.0


@dataclass(frozen=True)
class Ranks:
    """Ranks among siblings; arrays of shape (units, cells), NaN where nothing was pooled.

    Rank 1 is the lowest figure: the largest shortfall.

    Attributes
    ----------
    expected, low, high
        Expected rank, and the whole ranks between which it lies with the confidence of the
        figures (matched beta distribution).
    of
        Siblings that were ranked.
    worst, worst_quarter
        Probability of rank 1, and of a rank within the lowest quarter (rounded up).
    """

    expected: FloatArray
    low: FloatArray
    high: FloatArray
    of: FloatArray
    worst: FloatArray
    worst_quarter: FloatArray


@dataclass(frozen=True)
class _Below:
    """How many *other* siblings lie below x, for every unit; arrays of shape (units, cells)."""

    mean: FloatArray
    square: FloatArray
    nobody: FloatArray
    few: FloatArray


def ranks(pooled: Pooled) -> Ranks:
    """Rank the pooled units of each parent in every cell."""
    siblings = Siblings.of(
        np.where(pooled.verdict == Pooling.POOLED, pooled.shrunken, np.nan),
        pooled.sd**2,
        pooled.parent,
    )
    count = siblings.each(siblings.count)
    mean, square, worst, quarter = _compared(siblings)
    low, high = _between(
        (mean + 0.5) / np.maximum(count, 1),
        (square - mean**2) / np.maximum(count, 1) ** 2,
        count,
        tail=(1 - pooled.confidence) / 2,
    )
    arrays = (mean + 1, low, high, count, worst, quarter)
    return Ranks(*(np.where(siblings.known, part, np.nan) for part in arrays))


def _compared(siblings: Siblings) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Mean and mean square of the siblings below, P(none below), P(few below)."""
    sd = np.sqrt(siblings.variance)
    start = siblings.least(siblings.estimate - _TAIL * sd)
    end = -siblings.least(-siblings.estimate - _TAIL * sd)
    some = siblings.count > 0
    start, end = np.where(some, start, 0.0), np.where(some, end, 1.0)
    quarter = np.ceil(siblings.count / 4)
    sums = np.zeros((4, *siblings.estimate.shape))
    before, was = np.zeros_like(sd), None
    for share in np.linspace(0, 1, POINTS):
        z = (siblings.each(start + share * (end - start)) - siblings.estimate) / sd
        now, own = _counted(siblings, z, quarter), ndtr(z)
        if was is not None:
            mass = own - before
            for k, (old, new) in enumerate(zip(was, now, strict=True)):
                sums[k] += mass * (old + new) / 2
        before, was = own, now
    mean, square, worst, few = sums
    return mean, square, worst, np.where(siblings.each(quarter) <= 1, worst, few)


def _counted(siblings: Siblings, z: FloatArray, quarter: FloatArray) -> tuple[FloatArray, ...]:
    """Of the other siblings below a value: mean, mean square, P(none), P(fewer than a quarter)."""
    share = ndtr(z)
    above = log_ndtr(-z)
    spread = share * (1 - share)
    skew = spread * (1 - 2 * share)
    mean, variance, third, none = (
        siblings.each(siblings.total(part)) - part for part in (share, spread, skew, above)
    )
    few = _few(siblings.each(quarter) - 0.5 - mean, np.maximum(variance, 0), third)
    return mean, np.maximum(variance, 0) + mean**2, np.exp(np.minimum(none, 0)), few


def _few(room: FloatArray, variance: FloatArray, third: FloatArray) -> FloatArray:
    """P(a sum of unequal coin tosses stays below its mean plus room), with its skewness.

    Source: Volkova (1996), Theory of Probability and its Applications 40, 791-794.
    """
    spread = np.sqrt(np.maximum(variance, 1e-12))
    z = np.clip(room / spread, -30, 30)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    bent = ndtr(z) + third / spread**3 * (1 - z**2) * density / 6
    return np.clip(np.where(variance > 1e-6, bent, ndtr(z)), 0.0, 1.0)


def _between(
    centre: FloatArray, variance: FloatArray, count: FloatArray, *, tail: float
) -> tuple[FloatArray, FloatArray]:
    """Whole ranks that cut off the tails of a beta distribution with this mean and variance."""
    centre = np.clip(centre, 1e-6, 1 - 1e-6)
    largest = centre * (1 - centre)
    total = largest / np.clip(variance, 1e-9, 0.999 * largest) - 1
    low, high = (
        np.clip(
            np.rint(count * betaincinv(centre * total, (1 - centre) * total, cut) + 0.5), 1, None
        )
        for cut in (tail, 1 - tail)
    )
    return np.minimum(low, count), np.minimum(high, count)
