"""Importance against performance: what to keep up, what to work on, what to leave."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gapengine.errors import AnswersError
from gapengine.levels import FloatArray


class Quadrant(IntEnum):
    """Where a dimension lies; ``words`` says what it means."""

    NOT_ESTIMABLE = 0
    UNDECIDED = 1
    KEEP_UP = 2
    CONCENTRATE = 3
    LOW_PRIORITY = 4
    OVERKILL = 5

    @property
    def words(self) -> str:
        """The quadrant as a reader sees it."""
        return _WORDS[self]


_WORDS = {
    Quadrant.NOT_ESTIMABLE: "not estimable",
    Quadrant.UNDECIDED: "undecided",
    Quadrant.KEEP_UP: "keep up the good work",
    Quadrant.CONCENTRATE: "concentrate here",
    Quadrant.LOW_PRIORITY: "low priority",
    Quadrant.OVERKILL: "possible overkill",
}


@dataclass(frozen=True, eq=False)
class Measured:
    """One axis: arrays of shape (..., dimensions), NaN where unknown."""

    estimate: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, estimate: ArrayLike, low: ArrayLike, high: ArrayLike) -> "Measured":
        """Check that the bounds go with the estimates.

        Raises
        ------
        AnswersError
            If shapes differ, or a lower bound lies above its upper one.
        """
        parts = [np.asarray(part, dtype=np.float64) for part in (estimate, low, high)]
        if len({part.shape for part in parts}) > 1 or (parts[1] > parts[2]).any():
            raise AnswersError("quadrants: estimates and bounds differ in shape, or bounds cross")
        return cls(*parts)


@dataclass(frozen=True, eq=False)
class Quadrants:
    """``Quadrant`` of each dimension, shape (..., dimensions); the two lines, shape (..., 1)."""

    verdict: NDArray[np.int8]
    importance_line: FloatArray
    performance_line: FloatArray


def quadrants(
    importance: Measured,
    performance: Measured,
    *,
    importance_line: float | None = None,
    performance_line: float | None = None,
) -> Quadrants:
    """Place each dimension by importance and performance.

    Parameters
    ----------
    importance, performance
        Any unit each: shares or scores; perceived means or gaps. Higher is more, or better.
    importance_line, performance_line
        Where the axis is cut; None is the mean over the dimensions that are known.

    Returns
    -------
    Quadrants
        A dimension is placed only where both intervals stay off their lines; one that touches its
        line makes it undecided, and so does a missing interval. Without an estimate there is none.

    Raises
    ------
    AnswersError
        If the two axes differ in shape.

    Notes
    -----
    Source of the grid: Martilla and James (1977), J. Marketing 41(1), 77-79. The mean of the
    dimensions is itself estimated; the intervals are not widened for that.
    """
    if importance.estimate.shape != performance.estimate.shape:
        raise AnswersError(
            f"quadrants: importance has shape {importance.estimate.shape}, performance "
            f"{performance.estimate.shape}; give the same dimensions on both"
        )
    across, up = _line(importance, importance_line), _line(performance, performance_line)
    matters, works = _side(importance, across), _side(performance, up)
    known = np.isfinite(importance.estimate) & np.isfinite(performance.estimate)
    verdict = np.select(
        [
            ~known,
            (matters == 0) | (works == 0),
            (matters > 0) & (works > 0),
            matters > 0,
            works < 0,
        ],
        [
            Quadrant.NOT_ESTIMABLE,
            Quadrant.UNDECIDED,
            Quadrant.KEEP_UP,
            Quadrant.CONCENTRATE,
            Quadrant.LOW_PRIORITY,
        ],
        default=Quadrant.OVERKILL,
    )
    return Quadrants(verdict.astype(np.int8), across, up)


def _line(axis: Measured, given: float | None) -> FloatArray:
    """The given line, or the mean of the known estimates, shape (..., 1)."""
    if given is not None:
        return np.full((*axis.estimate.shape[:-1], 1), float(given))
    known = np.isfinite(axis.estimate)
    many = known.sum(axis=-1, keepdims=True)
    total = np.where(known, axis.estimate, 0.0).sum(axis=-1, keepdims=True)
    line: FloatArray = np.divide(total, many, out=np.full(total.shape, np.nan), where=many > 0)
    return line


def _side(axis: Measured, line: FloatArray) -> NDArray[np.int64]:
    """1 where the whole interval lies above the line, -1 below, 0 across it or unknown."""
    return (axis.low > line).astype(np.int64) - (axis.high < line).astype(np.int64)
