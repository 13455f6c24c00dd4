"""The exact bootstrap of a cell: what resampling its histogram for ever would give.

An answer takes one of a few equally spaced values (7 scores, 13 differences), so the sum of n
answers drawn from the cell's own histogram has a distribution that is the n-fold convolution of
that histogram. It is found at once by raising its Fourier transform to the power n: no resampling,
no seed. It serves as a check of the intervals in ``gapengine.limits``; as an interval of its own
it is too short for few answers, as every percentile bootstrap is.

Source: Efron (1979), Annals of Statistics 7, 1-26.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gapengine.errors import SettingsError
from gapengine.levels import FloatArray

_DUST = 1e-13


@dataclass(frozen=True)
class MeanDistribution:
    """Distributions of the means of some cells that all have n answers.

    ``means`` has shape (n * (levels - 1) + 1,), in points and rising; ``chance`` (cells, means).
    """

    means: FloatArray
    chance: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Expected value of each cell, shape (cells,): the cell's own mean."""
        expected: FloatArray = self.chance @ self.means
        return expected

    @property
    def variance(self) -> FloatArray:
        """Shape (cells,): the cell's variance (divided by n, not n - 1) over n."""
        squares: FloatArray = self.chance @ self.means**2
        return squares - self.mean**2

    def percentile(self, share: float) -> FloatArray:
        """The point below which a share of the distribution lies, shape (cells,), in points.

        Each value's chance is thought to be spread evenly over the cell of the lattice around it
        (half a step to either side), so the percentile moves smoothly with the share; it is kept
        within the scale.

        Raises
        ------
        SettingsError
            If the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise SettingsError(f"share is {share}; give one between 0 and 1, such as 0.025")
        reached = np.cumsum(self.chance, axis=1)
        at = np.minimum((reached < share).sum(axis=1), len(self.means) - 1)
        rows = np.arange(len(at))
        own = self.chance[rows, at]
        inside = (share - (reached[rows, at] - own)) / np.where(own > 0, own, 1.0)
        step = self.means[1] - self.means[0]
        exact = self.means[at] + step * (np.clip(inside, 0.0, 1.0) - 0.5)
        within: FloatArray = np.clip(exact, self.means[0], self.means[-1])
        return within


def bootstrap_of_mean(
    histogram: FloatArray | NDArray[np.int64], values: FloatArray
) -> MeanDistribution:
    """Distribution of the mean of n answers drawn with replacement from each cell.

    Parameters
    ----------
    histogram
        Shape (cells, levels): answers by value; every cell has the same number n of them.
    values
        Shape (levels,): the values in points, equally spaced and rising.

    Raises
    ------
    SettingsError
        If cells differ in n, a cell is empty, or the values are not equally spaced and rising.
    """
    many = np.unique(histogram.sum(axis=1))
    if len(many) != 1 or many[0] < 1:
        raise SettingsError(
            "cells must all hold the same number of answers, at least 1; group them"
        )
    steps = np.diff(values)
    if len(values) < 2 or steps[0] <= 0 or not np.allclose(steps, steps[0]):
        raise SettingsError("values must be equally spaced and rising, such as 1 to 7")
    n, size = int(many[0]), int(many[0]) * (len(values) - 1) + 1
    transform = _power(np.fft.rfft(histogram / n, n=size, axis=1), n)
    chance = np.fft.irfft(transform, n=size, axis=1)
    chance = np.where(chance > _DUST, chance, 0.0)
    means = values[0] + steps[0] * np.arange(size) / n
    return MeanDistribution(means, chance / chance.sum(axis=1, keepdims=True))


def _power(numbers: NDArray[np.complex128], exponent: int) -> NDArray[np.complex128]:
    """Raise to a whole power by squaring, five times as quick as numpy's for complex numbers."""
    result = np.ones_like(numbers)
    while exponent:
        if exponent % 2:
            result *= numbers
        numbers, exponent = numbers * numbers, exponent // 2
    return result


def bootstrap_limits(
    histogram: FloatArray | NDArray[np.int64], values: FloatArray, *, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Percentile bootstrap interval of each cell's mean, exact; shape (cells,), in points."""
    distribution = bootstrap_of_mean(histogram, values)
    tail = (1 - confidence) / 2
    return distribution.percentile(tail), distribution.percentile(1 - tail)
