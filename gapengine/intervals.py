"""From clustered sums of squares to standard errors, degrees of freedom and t intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from gapengine.errors import SettingsError

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Spread:
    """Standard error and degrees of freedom; NaN where they cannot be known (one respondent)."""

    se: FloatArray
    df: FloatArray


def _part(squares: FloatArray, people: FloatArray) -> FloatArray:
    """n/(n-1) times the sum of squared contributions; NaN below two people.

    What is left of a zero after rounding counts as zero: one answer that differs by a point among
    n weighs at least 1/n^2, far above it.
    """
    known = people > 1
    real = np.where(squares * people > _ROUNDING, squares, 0.0)
    factor = np.divide(people, people - 1, out=np.full_like(people, np.nan), where=known)
    return factor * real


def one_group(squares: FloatArray, people: FloatArray) -> Spread:
    """Both vantage points told by the same people: n - 1 degrees of freedom."""
    variance = _part(squares, people)
    return Spread(np.sqrt(variance), np.where(np.isnan(variance), np.nan, people - 1))


def two_groups(
    squares: tuple[FloatArray, FloatArray], people: tuple[FloatArray, FloatArray]
) -> Spread:
    """Independent people on each side: variances add, Satterthwaite's degrees of freedom.

    Where neither side varies at all the formula is 0/0; the pooled n1 + n2 - 2 stands in.
    Source: Satterthwaite (1946), Biometrics Bulletin 2(6), 110-114.
    """
    parts = [_part(own, count) for own, count in zip(squares, people, strict=True)]
    total = parts[0] + parts[1]
    below = sum(
        (
            part**2 / np.where(count > 1, count - 1, np.nan)
            for part, count in zip(parts, people, strict=True)
        ),
        start=np.zeros_like(total),
    )
    pooled = np.where(np.isnan(total), np.nan, people[0] + people[1] - 2)
    df = np.divide(total**2, below, out=pooled, where=below > 0)
    return Spread(np.sqrt(total), df)


def t_bounds(
    estimate: FloatArray, spread: Spread, *, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Two-sided t interval around each estimate; NaN where the standard error is unknown."""
    if not 0 < confidence < 1:
        raise SettingsError(f"confidence is {confidence}; give a share such as 0.95")
    reach = np.full_like(estimate, np.nan)
    known = np.isfinite(spread.df) & np.isfinite(spread.se)
    freedom, back = np.unique(spread.df[known], return_inverse=True)
    reach[known] = stdtrit(freedom, (1 + confidence) / 2)[back] * spread.se[known]
    return estimate - reach, estimate + reach
