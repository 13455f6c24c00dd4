"""Derived importance: how much of overall satisfaction each dimension accounts for.

The explained variance R2 of a linear regression is split among the predictors: the gain in R2 when
a predictor joins, averaged over all orders of joining (Shapley value; LMG after Lindeman, Merenda
and Gold). The parts are never negative and add up to R2, also where dimensions move together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc

from gapengine.errors import AnswersError, SettingsError
from gapengine.importance.weights import share_bounds
from gapengine.levels import FloatArray

MOST_PREDICTORS = 8
"""All subsets are fitted, 2**k of them."""

FEWEST = 30
PER_PREDICTOR = 5
"""Fewest people: ``FEWEST``, and ``PER_PREDICTOR`` for each predictor."""

CHANCE = 0.05
"""Where an F test finds R2 no larger than chance makes it, there is nothing to split."""

_SINGULAR = 1e-8
_STEP = 1e-5


@dataclass(frozen=True, eq=False)
class Derived:
    """How R2 splits among the dimensions; arrays of shape (dimensions,), NaN if not estimable.

    Attributes
    ----------
    part
        Part of R2; adds up to ``r_squared``.
    share
        Part over R2; adds up to 1. With standard error and interval.
    r_squared, r_low, r_high
        Explained variance and its interval.
    reason
        Why nothing could be estimated, else empty.
    """

    dimensions: tuple[str, ...]
    part: FloatArray
    share: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    r_squared: float
    r_low: float
    r_high: float
    n: int
    reason: str = ""


def derived_importance(
    covariance: ArrayLike, dimensions: Sequence[str], *, n: int, confidence: float = 0.95
) -> Derived:
    """Split R2 from a covariance (or correlation) matrix.

    Parameters
    ----------
    covariance
        Shape (k + 1, k + 1): the dimensions in order, then overall satisfaction.
    dimensions
        Names of the k predictors.
    n
        People behind the matrix.
    confidence
        Two-sided level of the intervals.

    Returns
    -------
    Derived
        The interval is the delta method's on the logit scale, with the sampling covariance a
        normal population would have. Ratings have ceilings: ``derived_from_rows`` does not assume
        that and is to be preferred where there are rows. Not estimable with fewer than 30 people
        or 5 per dimension, with a variable that does not vary, where one dimension follows
        from the others, or where R2 is no larger than chance makes it.

    Raises
    ------
    AnswersError
        If the matrix is not a covariance matrix of that size.
    SettingsError
        If there are no dimensions or more than eight, or ``confidence`` is out of range.

    Notes
    -----
    Source: Groemping (2007), The American Statistician 61(2), 139-147.
    """
    matrix = _checked(np.asarray(covariance, dtype=np.float64), dimensions)
    reason = _reason(matrix, n)
    if reason:
        return _not_estimable(dimensions, n, reason)
    correlation = _correlation(matrix)
    slopes = _slopes(correlation)
    # Covariances of a normal sample: cov(s_ij, s_kl) = (s_ik s_jl + s_il s_jk) / (n - 1).
    moved = np.einsum("aij,jk->aik", slopes, correlation)
    spread = 2 * np.einsum("aij,bji->ab", moved, moved) / (n - 1)
    return _derived(dimensions, correlation, spread, n=n, confidence=confidence)


def derived_from_rows(
    ratings: ArrayLike,
    satisfaction: ArrayLike,
    dimensions: Sequence[str],
    *,
    confidence: float = 0.95,
) -> Derived:
    """The same from people's own ratings, without assuming any distribution.

    Parameters
    ----------
    ratings, satisfaction
        Shapes (people, k) and (people,): each person's mean per dimension, and overall
        satisfaction. Rows with a NaN are left out.

    Returns
    -------
    Derived
        The sampling covariance comes from the people's own contributions (sandwich).
    """
    table = np.column_stack([np.asarray(ratings, np.float64), np.asarray(satisfaction, np.float64)])
    if table.shape[1] != len(dimensions) + 1:
        raise AnswersError(
            f"ratings: {table.shape[1] - 1} columns, {len(dimensions)} dimensions; give one each"
        )
    table = table[np.isfinite(table).all(axis=1)]
    n = len(table)
    if n < 2:
        return _not_estimable(dimensions, n, "too few people")
    centred = table - table.mean(axis=0)
    matrix = _checked(centred.T @ centred / (n - 1), dimensions)
    reason = _reason(matrix, n)
    if reason:
        return _not_estimable(dimensions, n, reason)
    correlation = _correlation(matrix)
    scaled = centred / np.sqrt(np.diag(matrix))
    slopes = _slopes(correlation)
    each = np.einsum("ni,aij,nj->na", scaled, slopes, scaled, optimize=True)
    each -= each.mean(axis=0)
    spread = each.T @ each / n / (n - 1)
    return _derived(dimensions, correlation, spread, n=n, confidence=confidence)


def lmg_parts(correlation: FloatArray) -> FloatArray:
    """Parts of R2, shape (..., k), of matrices of shape (..., k + 1, k + 1), outcome last."""
    count = correlation.shape[-1] - 1
    inside, gains = _subsets(count)
    # A predictor outside the subset gets a row of the identity and so drops out of the solution.
    both = inside[:, :, None] & inside[:, None, :]
    within = correlation[..., None, :count, :count]
    systems = np.where(both, within, np.eye(count))
    target = np.where(inside, correlation[..., None, :count, count], 0.0)
    solved = np.linalg.solve(systems, target[..., None])[..., 0]
    explained = (solved * target).sum(axis=-1) / correlation[..., count, count, None]
    parts: FloatArray = explained @ gains
    return parts


@lru_cache(maxsize=MOST_PREDICTORS)
def _subsets(count: int) -> tuple[NDArray[np.bool_], FloatArray]:
    """All subsets (2**k, k), and the weight of each subset's R2 in each predictor's part.

    A subset of size s weighs 1 / (k C(k-1, s-1)) for its members, -1 / (k C(k-1, s)) for others.
    """
    inside = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
    size = inside.sum(axis=1)
    joined = np.array([1 / (count * comb(count - 1, s - 1)) if s else 0.0 for s in size])
    before = np.array([1 / (count * comb(count - 1, s)) if s < count else 0.0 for s in size])
    return inside, np.where(inside, joined[:, None], -before[:, None])


def _slopes(correlation: FloatArray) -> FloatArray:
    """Derivatives of the shares and of R2, shape (k + 1, k + 1, k + 1), symmetric.

    Row a < k belongs to the share of predictor a, row k to R2. Central differences: one matrix
    per element, all solved at once.
    """
    size = len(correlation)
    rows, columns = np.triu_indices(size)
    nudge = np.zeros((len(rows), size, size))
    place = np.arange(len(rows))
    nudge[place, rows, columns] = nudge[place, columns, rows] = _STEP
    change = (_figures(correlation + nudge) - _figures(correlation - nudge)) / (2 * _STEP)
    slopes = np.zeros((size, size, size))
    # An element off the diagonal stands twice in the matrix and takes half of the slope each.
    slopes[:, rows, columns] = change.T / np.where(rows == columns, 1.0, 2.0)
    slopes[:, columns, rows] = slopes[:, rows, columns]
    return slopes


def _figures(correlation: FloatArray) -> FloatArray:
    """Shares of all predictors, then R2."""
    parts = lmg_parts(correlation)
    total = parts.sum(axis=-1, keepdims=True)
    return np.concatenate([parts / total, total], axis=-1)


def _derived(
    dimensions: Sequence[str],
    correlation: FloatArray,
    spread: FloatArray,
    *,
    n: int,
    confidence: float,
) -> Derived:
    parts = lmg_parts(correlation)
    total = float(parts.sum())
    errors = np.sqrt(np.maximum(np.diag(spread), 0.0))
    df = n - len(correlation)
    low, high = share_bounds(parts / total, errors[:-1], df=df, confidence=confidence)
    whole = share_bounds(np.array([total]), errors[-1:], df=df, confidence=confidence)
    return Derived(
        tuple(dimensions),
        parts,
        share=parts / total,
        se=errors[:-1],
        low=low,
        high=high,
        r_squared=total,
        r_low=float(whole[0][0]),
        r_high=float(whole[1][0]),
        n=n,
    )


def _checked(matrix: FloatArray, dimensions: Sequence[str]) -> FloatArray:
    count = len(dimensions)
    if not 1 <= count <= MOST_PREDICTORS:
        raise SettingsError(f"{count} dimensions were given; give 1 to {MOST_PREDICTORS}")
    if matrix.shape != (count + 1, count + 1):
        raise AnswersError(
            f"covariance: shape {matrix.shape}, wanted {count + 1} rows and columns: the "
            "dimensions in order, then overall satisfaction"
        )
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T):
        raise AnswersError("covariance: not symmetric, or numbers are missing; hand in all of it")
    if np.linalg.eigvalsh(matrix).min() < -1e-6 * np.trace(matrix):
        raise AnswersError(
            "covariance: no people can have it (a negative variance appears); pairwise deletion "
            "does that, use complete rows"
        )
    return matrix


def _reason(matrix: FloatArray, n: int) -> str:
    """Why nothing can be estimated; empty if it can."""
    count = len(matrix) - 1
    if n < max(FEWEST, PER_PREDICTOR * count):
        return "too few people"
    if (np.diag(matrix) <= 0).any():
        return "a rating does not vary"
    correlation = _correlation(matrix)
    if np.linalg.eigvalsh(correlation[:count, :count]).min() < _SINGULAR:
        return "one dimension follows from the others"
    explained = float(lmg_parts(correlation).sum())
    left = max(1 - explained, 0.0)
    if left and fdtrc(count, n - count - 1, explained / count / left * (n - count - 1)) > CHANCE:
        return "the ratings do not explain satisfaction"
    return ""


def _correlation(matrix: FloatArray) -> FloatArray:
    spread = np.sqrt(np.diag(matrix))
    correlation: FloatArray = matrix / np.outer(spread, spread)
    return correlation


def _not_estimable(dimensions: Sequence[str], n: int, reason: str) -> Derived:
    unknown = np.full(len(dimensions), np.nan)
    return Derived(
        tuple(dimensions),
        unknown,
        share=unknown,
        se=unknown,
        low=unknown,
        high=unknown,
        r_squared=np.nan,
        r_low=np.nan,
        r_high=np.nan,
        n=n,
        reason=reason,
    )
