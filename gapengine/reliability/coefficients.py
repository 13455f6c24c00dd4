"""Alpha, omega and their kin from a covariance matrix, for analysts and published tables."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri

from gapengine.errors import SettingsError
from gapengine.levels import FloatArray
from gapengine.reliability.one_factor import BoolArray, fit_one_factor, omega

NOTHING = 1e-10
"""Variances below this are what rounding leaves of zero."""

OMEGA_ITEMS = 3
"""Fewest items from which the loadings of one factor can be told."""

OMEGA_PEOPLE = 100
"""Fewest persons per pair of items: omega has twice as many unknowns as there are items."""


def alpha_of(covariance: ArrayLike) -> float:
    """Cronbach's alpha of a covariance matrix; NaN where the sum does not vary.

    k/(k-1) (1 - trace / sum). Given a correlation matrix this is the standardised alpha. Source:
    Cronbach (1951), Psychometrika 16, 297-334.

    Raises
    ------
    SettingsError
        If the matrix is not square, finite and symmetric, or has fewer than two items.
    """
    matrix = _checked(covariance)
    return float(alphas(matrix[None], np.ones((1, len(matrix)), dtype=bool))[0])


def standardised_alpha_of(covariance: ArrayLike) -> float:
    """Alpha of the standardised items, from a covariance or correlation matrix.

    k r / (1 + (k-1) r) with r the mean correlation; NaN where an item does not vary. Errors as
    for ``alpha_of``.
    """
    matrix = _checked(covariance)
    spread = np.sqrt(np.maximum(np.diag(matrix), 0))
    if (spread <= 0).any():
        return float("nan")
    return alpha_of(matrix / np.outer(spread, spread))


def omega_of(covariance: ArrayLike) -> float:
    """Omega total of the sum of items under one factor; NaN where one factor does not fit.

    For a covariance or correlation matrix of at least three items; errors as for ``alpha_of``.
    How many people stand behind the matrix is for the caller to judge: fewer than OMEGA_PEOPLE
    are too few.
    """
    matrix = _checked(covariance)
    spread = np.sqrt(np.maximum(np.diag(matrix), 0))
    if len(matrix) < OMEGA_ITEMS or (spread <= 0).any():
        return float("nan")
    correlation = matrix / np.outer(spread, spread)
    fitted = fit_one_factor(correlation[None], np.ones((1, len(matrix)), dtype=bool))
    return float(omega(fitted.loadings, spread[None])[0]) if fitted.usable[0] else float("nan")


def feldt_interval(
    alpha: ArrayLike, *, items: ArrayLike, people: ArrayLike, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Interval of alpha: (1 - true) / (1 - estimate) follows F with n-1 and (n-1)(k-1) df.

    Arrays broadcast; NaN where alpha is NaN, with fewer than two people or items.
    Source: Feldt (1965), Psychometrika 30, 357-370; Feldt, Woodruff and Salih (1987), Applied
    Psychological Measurement 11, 93-103.

    Raises
    ------
    SettingsError
        If the confidence is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise SettingsError(f"confidence is {confidence}; give a share such as 0.95")
    value, many, count = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (alpha, items, people))
    )
    known = np.isfinite(value) & (many >= 2) & (count >= 2)
    own = np.where(known, count - 1, np.nan)
    cross = own * np.where(known, many - 1, np.nan)
    tail = (1 - confidence) / 2
    low = 1 - (1 - value) * fdtri(own, cross, 1 - tail)
    high = 1 - (1 - value) * fdtri(own, cross, tail)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def difference_reliability_of(
    sd: tuple[float, float], reliabilities: tuple[float, float], *, correlation: float
) -> float:
    """Reliability of a difference of two scores from their published figures, minuend first.

    NaN where the two are so alike that their difference does not vary.
    """
    (first, second), (own, other) = sd, reliabilities
    shared = 2 * correlation * first * second
    below = first**2 + second**2 - shared
    above = first**2 * own + second**2 * other - shared
    return above / below if below > NOTHING else float("nan")


def alphas(covariance: FloatArray, asked: BoolArray) -> FloatArray:
    """k/(k-1) (1 - trace / sum) over the asked items, shape (units,); NaN where impossible."""
    many = asked.sum(axis=1)
    total = covariance.sum(axis=(1, 2))
    own = np.trace(covariance, axis1=1, axis2=2)
    known = (many > 1) & (total > NOTHING)
    share = np.divide(own, total, out=np.full(len(many), np.nan), where=known)
    alpha: FloatArray = many / np.maximum(many - 1, 1) * (1 - share)
    return alpha


def _checked(covariance: ArrayLike) -> FloatArray:
    matrix = np.asarray(covariance, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise SettingsError(
            f"the matrix has shape {matrix.shape}; give a square one of two items or more"
        )
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T):
        raise SettingsError("the matrix is not finite and symmetric; give covariances of items")
    return matrix
