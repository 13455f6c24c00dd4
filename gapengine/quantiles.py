"""Student's t quantiles for whole arrays of degrees of freedom.

Satterthwaite's degrees of freedom are fractions, another for every cell, and inverting the t
distribution for each of them would take longer than all other figures of a report together.
"""

from functools import lru_cache

import numpy as np
from numpy.polynomial.chebyshev import chebval
from numpy.typing import NDArray
from scipy.special import stdtrit

from gapengine.errors import SettingsError

FloatArray = NDArray[np.float64]

_DEGREE = 32


def t_quantile(df: FloatArray, probability: float) -> FloatArray:
    """Quantile of Student's t at each degrees of freedom, NaN where these are NaN.

    The logarithm of the quantile is a smooth function of 1/df between 0 and 1, so a Chebyshev
    interpolation of degree 32 gives it to about 13 digits; below one degree of freedom scipy's
    own inversion is used. ``df`` has any shape, infinity included.

    Raises
    ------
    SettingsError
        If ``probability`` is not between a half and one.
    """
    if not 0.5 < probability < 1:
        raise SettingsError(f"probability is {probability}; give more than 0.5 and less than 1")
    few = df < 1
    twice = 2 / np.where(few, 1.0, df)
    quantile: FloatArray = np.exp(chebval(twice - 1, _coefficients(probability)))
    if few.any():
        quantile[few] = stdtrit(df[few], probability)
    return quantile


@lru_cache(maxsize=16)
def _coefficients(probability: float) -> FloatArray:
    """Chebyshev coefficients of log t over 2/df - 1, from the roots of the next polynomial."""
    order = np.arange(_DEGREE + 1)
    angles = np.pi * (order + 0.5) / (_DEGREE + 1)
    logarithms = np.log(stdtrit(2 / (np.cos(angles) + 1), probability))
    coefficients: FloatArray = np.cos(np.outer(order, angles)) @ logarithms * 2 / (_DEGREE + 1)
    coefficients[0] /= 2
    return coefficients
