"""From clustered sums of squares to standard errors, degrees of freedom and t intervals."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gapengine.errors import SettingsError
from gapengine.quantiles import t_quantile

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-12


class Errors(StrEnum):
    """How standard errors are computed."""

    LINEARISED = "linearised"
    """The plain linearised sum over persons: right where every item has many answers."""
    CORRECTED = "corrected"
    """Right also where items were answered by few people (``gapengine.correction``)."""


class Bounds(StrEnum):
    """How limits are found from standard errors."""

    T = "t"
    """Always the t interval."""
    CHECKED = "checked"
    """t where its coverage was measured to hold, else logit (``gapengine.limits``)."""


@dataclass(frozen=True)
class Method:
    """How sure intervals shall be, how standard errors and limits are computed."""

    confidence: float = 0.95
    errors: Errors = Errors.LINEARISED
    bounds: Bounds = Bounds.CHECKED


USUAL = Method()

TEXTBOOK = Method(bounds=Bounds.T)
"""Linearised errors and t limits everywhere: paired and Welch intervals as in textbooks."""


@dataclass(frozen=True)
class Spread:
    """Standard error and degrees of freedom; NaN where they cannot be known (one respondent)."""

    se: FloatArray
    df: FloatArray


@dataclass(frozen=True)
class Part:
    """What one group of people adds to a variance, with its degrees of freedom; NaN if unknown."""

    variance: FloatArray
    df: FloatArray


def _part(squares: FloatArray, people: FloatArray) -> FloatArray:
    """n/(n-1) times the sum of squared contributions; NaN below two people.

    What is left of a zero after rounding counts as zero: one answer that differs by a point among
    n weighs at least 1/n^2, far above it.
    """
    real = np.where(squares * people > _ROUNDING, squares, 0.0)
    return linear_factor(people) * real


def linear_factor(people: FloatArray) -> FloatArray:
    """n/(n-1), NaN below two people."""
    unknown = np.full_like(people, np.nan)
    return np.divide(people, people - 1, out=unknown, where=people > 1)


def one_group(squares: FloatArray, people: FloatArray) -> Spread:
    """Both vantage points told by the same people: n - 1 degrees of freedom."""
    variance = _part(squares, people)
    return Spread(np.sqrt(variance), np.where(np.isnan(variance), np.nan, people - 1))


def linear_part(squares: FloatArray, people: FloatArray) -> Part:
    """What one group adds by itself, linearised: n - 1 degrees of freedom."""
    variance = _part(squares, people)
    return Part(variance, np.where(np.isnan(variance), np.nan, people - 1))


def two_groups(
    squares: tuple[FloatArray, FloatArray], people: tuple[FloatArray, FloatArray]
) -> Spread:
    """Independent people on each side, each with n - 1 degrees of freedom."""
    left, right = (linear_part(own, count) for own, count in zip(squares, people, strict=True))
    return added(left, right)


def alone(part: Part) -> Spread:
    """The spread where one group tells both sides."""
    return Spread(np.sqrt(part.variance), part.df)


def added(left: Part, right: Part) -> Spread:
    """Two independent parts: variances add, Satterthwaite's degrees of freedom.

    Where neither side varies at all the formula is 0/0; the sum of both stands in.
    Source: Satterthwaite (1946), Biometrics Bulletin 2(6), 110-114.
    """
    total = left.variance + right.variance
    below = left.variance**2 / left.df + right.variance**2 / right.df
    pooled = np.where(np.isnan(total), np.nan, left.df + right.df)
    df = np.divide(total**2, below, out=pooled, where=below > 0)
    return Spread(np.sqrt(total), df)


def t_bounds(
    estimate: FloatArray, spread: Spread, *, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Two-sided t interval around each estimate; NaN where the standard error is unknown."""
    if not 0 < confidence < 1:
        raise SettingsError(f"confidence is {confidence}; give a share such as 0.95")
    reach = t_quantile(spread.df, (1 + confidence) / 2) * spread.se
    return estimate - reach, estimate + reach
