"""Importance from points: each customer shares out 100 points among the dimensions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from gapengine.errors import AnswersError
from gapengine.importance.weights import Stated
from gapengine.levels import FloatArray

ASKED = "100 points"


def stated_by_points(
    points: ArrayLike, dimensions: Sequence[str], *, confidence: float = 0.95
) -> Stated:
    """Mean share of each dimension, every customer counting the same.

    Parameters
    ----------
    points
        Shape (customers, dimensions): points, fractions or any other unit; each row is divided by
        its own sum. A row with a NaN was not finished and is ignored.
    dimensions
        Names of the columns.
    confidence
        Two-sided level of the intervals.

    Returns
    -------
    Stated
        Shares add up to 1. Standard error: standard deviation of the customers' shares over
        sqrt(n); the interval is a t interval (n - 1) on the logit scale. All NaN without any
        finished row, errors NaN with one.

    Raises
    ------
    AnswersError
        If the columns are not the dimensions, or a row has a negative or infinite number or
        nothing but zeros.

    Notes
    -----
    Source of the question: Zeithaml, Parasuraman, Berry (1990), Delivering Quality Service.
    """
    table = np.asarray(points, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(dimensions) or not dimensions:
        raise AnswersError(
            f"points: shape {table.shape}, wanted a row per customer and {len(dimensions)} "
            "columns; give one column per dimension"
        )
    shares = _shares(table)
    n = len(shares)
    unknown = np.full(len(dimensions), np.nan)
    return Stated.of(
        dimensions,
        shares.mean(axis=0) if n else unknown,
        se=shares.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else unknown,
        n=n,
        asked=ASKED,
        confidence=confidence,
    )


def _shares(table: FloatArray) -> FloatArray:
    """The finished rows, each divided by its sum."""
    whole = ~np.isnan(table).any(axis=1)
    wrong = (table < 0).any(axis=1) | np.isinf(table).any(axis=1)
    wrong |= whole & (table.sum(axis=1) == 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise AnswersError(
            f"points: row {row + 1} is {table[row].tolist()}; give numbers of 0 or more with at "
            "least one above 0, or leave the row out"
        )
    kept = table[whole]
    shares: FloatArray = kept / kept.sum(axis=1, keepdims=True)
    return shares
