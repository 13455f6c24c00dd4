"""The rank of a unit among its siblings as a probability, never a bare league table.

Each sibling's true value is taken as normal around its shrunken figure. On a grid of values x the
sums over siblings of F_j(x) (and of their powers and logarithms) say how many lie below x; each
unit weighs them by its own distribution. So the work grows with units times grid points, not with
pairs of units. Over the siblings the expected ranks add up to 1 + 2 + ... + N, and the
probabilities of being worst to 1, exactly up to the grid.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr

from gapengine.levels import FloatArray
from gapengine.pooling.shrinkage import Pooled, Pooling

POINTS = 128
"""Values at which the siblings are compared."""

_TAIL = 5.0
_ELEMENTS = 32768
_ALMOST = 1 - 1e-16
_EDGE = 9
_STEPS = 256


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
class _Line:
    """Units in the order of their parents, some cells at a time; arrays of shape (units, cells).

    ``start`` is where each group begins, ``many`` (groups,) its units, those without a figure
    included: their centre is infinite, so that they lie below nothing. ``count`` and ``quarter``
    have shape (units, cells): siblings with a figure, and how many of them make a quarter.
    """

    centre: FloatArray
    sd: FloatArray
    count: FloatArray
    quarter: FloatArray
    start: NDArray[np.intp]
    many: NDArray[np.intp]

    def others(self, numbers: FloatArray) -> FloatArray:
        """Sum over the other units of the group."""
        total = np.add.reduceat(numbers, self.start, axis=0)
        return np.repeat(total, self.many, axis=0) - numbers

    def ends(self) -> tuple[FloatArray, FloatArray]:
        """Values between which the whole group lies, handed to each unit."""
        low = np.minimum.reduceat(self.centre - _TAIL * self.sd, self.start, axis=0)
        finite = np.where(np.isfinite(self.centre), self.centre, -np.inf)
        high = np.maximum.reduceat(finite + _TAIL * self.sd, self.start, axis=0)
        some = np.isfinite(low) & np.isfinite(high)
        return (
            np.repeat(np.where(some, low, 0.0), self.many, axis=0),
            np.repeat(np.where(some, high, 1.0), self.many, axis=0),
        )


def ranks(pooled: Pooled) -> Ranks:
    """Rank the pooled units of each parent in every cell."""
    there = pooled.verdict == Pooling.POOLED
    order = np.argsort(pooled.parent, kind="stable")
    _, start, many = np.unique(pooled.parent[order], return_index=True, return_counts=True)
    found = np.full((6, *there.shape), np.nan)
    if len(order):
        at_once = max(1, _ELEMENTS // len(order))
        for first in range(0, there.shape[1], at_once):
            cells = slice(first, first + at_once)
            known = there[order, cells]
            count = np.repeat(np.add.reduceat(known * 1.0, start, axis=0), many, axis=0)
            line = _Line(
                centre=np.where(known, pooled.shrunken[order, cells], np.inf),
                sd=np.where(known, pooled.sd[order, cells], 1.0),
                count=count,
                quarter=np.ceil(count / 4),
                start=start,
                many=many,
            )
            ranked = np.stack(_ranked(line, tail=(1 - pooled.confidence) / 2))
            found[:, order, cells] = np.where(known, ranked, np.nan)
    return Ranks(*found)


def _ranked(line: _Line, *, tail: float) -> tuple[FloatArray, ...]:
    """Everything ``Ranks`` holds, for these cells."""
    mean, square, worst, few = _compared(line)
    size = np.maximum(line.count, 1)
    low, high = _rank_bounds(
        (mean + 0.5) / size, (square - mean**2) / size**2, line.count, tail=tail
    )
    quarter = np.where(line.quarter <= 1, worst, few)
    return mean + 1, low, high, line.count, worst, quarter


def _compared(line: _Line) -> FloatArray:
    """Mean and mean square of the siblings below, P(none below), P(few below)."""
    low, high = line.ends()
    sums = np.zeros((4, *low.shape))
    before = _counted(line, low)
    for share in np.linspace(0, 1, POINTS)[1:]:
        now = _counted(line, low + share * (high - low))
        mass = now[0] - before[0]
        for k in range(4):
            sums[k] += mass * (before[k + 1] + now[k + 1]) / 2
        before = now
    return sums


def _counted(line: _Line, value: FloatArray) -> tuple[FloatArray, ...]:
    """Own F, and of the others below a value: mean, mean square, P(none), P(under a quarter)."""
    share = _normal((value - line.centre) / line.sd)
    spread = share * (1 - share)
    mean = line.others(share)
    variance = np.maximum(line.others(spread), 0)
    third = line.others(spread * (1 - 2 * share))
    nobody = np.exp(np.minimum(line.others(np.log1p(-np.minimum(share, _ALMOST))), 0))
    few = _few(line.quarter - 0.5 - mean, variance, third)
    return share, mean, variance + mean**2, nobody, few


def _few(room: FloatArray, variance: FloatArray, third: FloatArray) -> FloatArray:
    """P(a sum of unequal coin tosses stays below its mean plus room), with its skewness.

    Source: Volkova (1996), Theory of Probability and its Applications 40, 791-794.
    """
    spread = np.sqrt(np.maximum(variance, 1e-12))
    z = np.clip(room / spread, -8, 8)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    bend = np.where(variance > 1e-6, third / spread**3 * (1 - z**2) * density / 6, 0.0)
    return np.clip(_normal(z) + bend, 0.0, 1.0)


def _normal(z: FloatArray) -> FloatArray:
    """The normal distribution from a table, to 5e-7: it is wanted millions of times."""
    table = _table()
    place = np.clip((z + _EDGE) * _STEPS, 0, len(table) - 1.001)
    below = place.astype(np.intp)
    left = table[below]
    return left + (place - below) * (table[below + 1] - left)


@lru_cache(maxsize=1)
def _table() -> FloatArray:
    return np.asarray(ndtr(np.linspace(-_EDGE, _EDGE, 2 * _EDGE * _STEPS + 1)))


def _rank_bounds(
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
