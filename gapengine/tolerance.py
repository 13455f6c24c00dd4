"""Zone of tolerance: between the least customers would accept and what they wish for.

adequacy = perceived - minimum, superiority = perceived - desired. Negative adequacy is a service
below what is acceptable; positive superiority one that delights. A row in which the minimum
exceeds the desired level is an inversion: the answers contradict each other.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gapengine.errors import AnswersError
from gapengine.intervals import Spread, t_bounds
from gapengine.levels import FloatArray


class Place(IntEnum):
    """Where perceived service lies."""

    NOT_ESTIMABLE = 0
    UNDECIDED = 1
    BELOW = 2
    INSIDE = 3
    ABOVE = 4

    @property
    def words(self) -> str:
        """The place as a reader sees it."""
        return _WORDS[self]


_WORDS = {
    Place.NOT_ESTIMABLE: "not estimable",
    Place.UNDECIDED: "undecided",
    Place.BELOW: "below the zone of tolerance",
    Place.INSIDE: "inside the zone of tolerance",
    Place.ABOVE: "above the zone of tolerance",
}


@dataclass(frozen=True, eq=False)
class Zone:
    """Means seen against the zone; arrays of one shape, points of the rating scale, NaN if unknown.

    Attributes
    ----------
    position
        Share of the way from minimum to desired: 0 at the minimum, 1 at the desired level; NaN
        where the zone has no width.
    place
        ``Place`` of the perceived mean. On an edge counts as inside.
    inverted
        Where the minimum lies above the desired level. Its place is not estimable.
    """

    adequacy: FloatArray
    superiority: FloatArray
    position: FloatArray
    place: NDArray[np.int8]
    inverted: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Margin:
    """A mean difference per item, in points, with its paired t interval; shape (items,)."""

    estimate: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, eq=False)
class ZoneOfAnswers:
    """The zone from customers' own answers; arrays of shape (items,).

    Attributes
    ----------
    n
        Customers who gave all three answers.
    inversions
        Share of them whose minimum exceeds their desired level. They stay in the means: to drop
        them would drop people who do not take care, and with them what they perceive.
    place
        ``Place``; undecided where the interval of adequacy or superiority covers 0.
    """

    adequacy: Margin
    superiority: Margin
    n: NDArray[np.int64]
    inversions: FloatArray
    place: NDArray[np.int8]


def zone_of_means(minimum: ArrayLike, desired: ArrayLike, perceived: ArrayLike) -> Zone:
    """Place perceived means in the zone, without regard to how sure they are.

    Parameters
    ----------
    minimum, desired, perceived
        Means of one shape (or that broadcast), on one scale; NaN where unknown.

    Notes
    -----
    Source: Zeithaml, Berry, Parasuraman (1993), J. Academy of Marketing Science 21(1), 1-12.
    """
    least, wished, seen = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (minimum, desired, perceived))
    )
    adequacy, superiority = seen - least, seen - wished
    width = wished - least
    position = np.divide(adequacy, width, out=np.full(width.shape, np.nan), where=width > 0)
    inverted = least > wished
    unknown = np.isnan(adequacy) | np.isnan(superiority) | inverted
    place = np.select(
        [unknown, adequacy < 0, superiority > 0],
        [Place.NOT_ESTIMABLE, Place.BELOW, Place.ABOVE],
        default=Place.INSIDE,
    )
    return Zone(adequacy, superiority, position, place=place.astype(np.int8), inverted=inverted)


def zone_of_answers(
    minimum: ArrayLike, desired: ArrayLike, perceived: ArrayLike, *, confidence: float = 0.95
) -> ZoneOfAnswers:
    """Place each item in the zone as far as the answers establish it.

    Parameters
    ----------
    minimum, desired, perceived
        Shape (customers, items); row i is customer i, NaN where not asked or skipped. A customer
        counts for an item with all three answers only, so that the differences are paired.

    Raises
    ------
    AnswersError
        If the tables differ in shape.
    """
    tables = [np.asarray(part, dtype=np.float64) for part in (minimum, desired, perceived)]
    if len({table.shape for table in tables}) > 1 or tables[0].ndim != 2:
        shapes = ", ".join(str(table.shape) for table in tables)
        raise AnswersError(f"zone: shapes {shapes}; give three tables, one row per customer each")
    least, wished, seen = tables
    whole = np.isfinite(least) & np.isfinite(wished) & np.isfinite(seen)
    n = whole.sum(axis=0)
    adequacy = _margin(seen - least, whole, confidence)
    superiority = _margin(seen - wished, whole, confidence)
    turned = (whole & (least > wished)).sum(axis=0)
    place = np.select(
        [
            (n == 0) | (adequacy.estimate < superiority.estimate),
            adequacy.high < 0,
            superiority.low > 0,
            (adequacy.low > 0) & (superiority.high < 0),
        ],
        [Place.NOT_ESTIMABLE, Place.BELOW, Place.ABOVE, Place.INSIDE],
        default=Place.UNDECIDED,
    )
    return ZoneOfAnswers(
        adequacy,
        superiority,
        n=n,
        inversions=_mean(turned, n),
        place=place.astype(np.int8),
    )


def _margin(difference: FloatArray, whole: NDArray[np.bool_], confidence: float) -> Margin:
    """Mean of the complete rows per item, with a paired t interval."""
    n = whole.sum(axis=0)
    mean = _mean(np.where(whole, difference, 0.0).sum(axis=0), n)
    squares = np.where(whole, (difference - mean) ** 2, 0.0).sum(axis=0)
    known = (n > 1) & (squares > 0)
    variance = np.divide(squares, n * (n - 1.0), out=np.full(mean.shape, np.nan), where=known)
    se = np.sqrt(variance)
    df = np.where(known, n - 1.0, np.nan)
    low, high = t_bounds(mean, Spread(se, df), confidence=confidence)
    return Margin(mean, se, low, high)


def _mean(total: FloatArray | NDArray[np.int64], n: NDArray[np.int64]) -> FloatArray:
    mean: FloatArray = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    return mean
