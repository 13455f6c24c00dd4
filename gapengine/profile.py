"""Do managers see the same strong and weak sides as customers? Rank correlation of two profiles.

The gap M-E says whether managers expect too much or too little; this says whether they know what
matters more and what less. The two are independent: a manager can be a point off everywhere and
still have the order right.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from gapengine.errors import AnswersError
from gapengine.levels import FloatArray

FEWEST = 4
"""With three points even the best agreement comes about by chance once in three times."""

EXACT_UP_TO = 6
"""Up to this many points, as many as there are dimensions, all orders are counted: 6! = 720."""

SURE = 0.05

_CLOSE = 1e-9


class Likeness(IntEnum):
    """What may be said; ``words`` says it."""

    NOT_ESTIMABLE = 0
    NOT_ESTABLISHED = 1
    ALIKE = 2
    OPPOSITE = 3

    @property
    def words(self) -> str:
        """The verdict as a reader sees it."""
        return _WORDS[self]


_WORDS = {
    Likeness.NOT_ESTIMABLE: "not estimable",
    Likeness.NOT_ESTABLISHED: "no likeness established",
    Likeness.ALIKE: "much the same order",
    Likeness.OPPOSITE: "much the opposite order",
}


@dataclass(frozen=True, eq=False)
class RankCorrelation:
    """Spearman's correlation of two profiles per unit; arrays of shape (units,).

    Attributes
    ----------
    rho
        -1..1; NaN with fewer than four points or a flat profile.
    p
        Two-sided: share of all orders at least as far from 0; NaN where ``rho`` is.
    points
        Dimensions or items known on both sides.
    verdict
        ``Likeness``.
    """

    rho: FloatArray
    p: FloatArray
    points: NDArray[np.int64]
    verdict: NDArray[np.int8]


def rank_correlation(left: ArrayLike, right: ArrayLike) -> RankCorrelation:
    """Compare the order of two profiles, such as managers' M and customers' E over dimensions.

    Parameters
    ----------
    left, right
        Shape (units, points), or (points,) for a single unit: means by dimension or item. A point
        that is NaN on either side is left out of both.

    Returns
    -------
    RankCorrelation
        Ties take mean ranks. ``p`` counts all orders up to six points and is Student's t
        approximation (n - 2) above. It asks whether the *points* go together, and takes the means
        as they are; noise in the means draws the correlation towards 0.

    Raises
    ------
    AnswersError
        If the two differ in shape.

    Notes
    -----
    Source: Spearman (1904), Amer. J. Psychology 15, 72-101. With five dimensions and no
    ties only the very same order reaches p <= 0.05 (p = 2/120).
    """
    one, two = (np.atleast_2d(np.asarray(side, dtype=np.float64)) for side in (left, right))
    if one.shape != two.shape or one.ndim != 2:
        raise AnswersError(f"profiles: shapes {one.shape} and {two.shape}; give the same points")
    both = np.isfinite(one) & np.isfinite(two)
    points = both.sum(axis=1)
    ranks = _centred_ranks(one, both), _centred_ranks(two, both)
    size = np.sqrt((ranks[0] ** 2).sum(axis=1) * (ranks[1] ** 2).sum(axis=1))
    product = (ranks[0] * ranks[1]).sum(axis=1)
    known = (points >= FEWEST) & (size > _CLOSE)
    rho = np.divide(product, size, out=np.full(len(points), np.nan), where=known)
    p = np.full(len(points), np.nan)
    for count in np.unique(points[known]):
        these = known & (points == count)
        if count <= EXACT_UP_TO:
            p[these] = _exact(ranks[0][these], ranks[1][these], both[these], count=int(count))
        else:
            p[these] = _approximate(rho[these], int(count))
    return RankCorrelation(np.clip(rho, -1, 1), p, points, verdict=_verdict(rho, p))


def _verdict(rho: FloatArray, p: FloatArray) -> NDArray[np.int8]:
    sure = p <= SURE
    verdict = np.select(
        [np.isnan(rho), sure & (rho > 0), sure & (rho < 0)],
        [Likeness.NOT_ESTIMABLE, Likeness.ALIKE, Likeness.OPPOSITE],
        default=Likeness.NOT_ESTABLISHED,
    )
    return verdict.astype(np.int8)


def _centred_ranks(side: FloatArray, both: NDArray[np.bool_]) -> FloatArray:
    """Ranks among the known points less their mean, ties averaged, 0 at unknown points."""
    filled = np.where(both, side, 0.0)
    seen = both[:, None, :]
    below = ((filled[:, None, :] < filled[:, :, None]) & seen).sum(axis=2)
    equal = ((filled[:, None, :] == filled[:, :, None]) & seen).sum(axis=2)
    middle = (both.sum(axis=1, keepdims=True) - 1) / 2
    return np.where(both, below + (equal - 1) / 2 - middle, 0.0)


def _exact(
    left: FloatArray, right: FloatArray, both: NDArray[np.bool_], *, count: int
) -> FloatArray:
    """Share of all orders of one side whose product is at least as far from 0."""
    front = np.argsort(~both, axis=1, kind="stable")[:, :count]
    own, other = (np.take_along_axis(side, front, axis=1) for side in (left, right))
    found = np.abs((own * other).sum(axis=1))
    pairs = (own[:, :, None] * other[:, None, :]).reshape(len(own), -1)
    products = np.abs(pairs @ _orders(count))
    share: FloatArray = (products >= found[:, None] - _CLOSE).mean(axis=1)
    return share


@lru_cache(maxsize=EXACT_UP_TO)
def _orders(count: int) -> FloatArray:
    """Every order of ``count`` points: 1 where it puts point b beside point a, (a b, count!)."""
    orders = np.array(list(permutations(range(count))))
    beside: FloatArray = np.eye(count)[orders].reshape(len(orders), -1).T
    return beside


def _approximate(rho: FloatArray, count: int) -> FloatArray:
    """Two-sided p of Student's t with n - 2 degrees of freedom."""
    left = np.maximum(1 - rho**2, 0.0)
    distance = np.sqrt((count - 2) / np.where(left > 0, left, 1.0)) * np.abs(rho)
    return np.where(left > 0, 2 * stdtr(count - 2, -distance), 0.0)
