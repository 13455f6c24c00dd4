"""How far the limits of one item's gap are stretched where few people told it.

The limits of ``gapengine.limits`` hold the truth about as often as they should; of fewer than
thirty people not always. Where most people answer both questions alike there are few different
results, and the limits are too careful; where one side leans much more than the other they are too
short. Which kind of sample it is shows in its moments. So each arm is multiplied by

    exp(sum of weight * trait -+ sum of weight * leaning trait),

minus for the lower arm, plus for the upper. All weights fade out as people become more: with
thirty the limits are left as they are. Turning the scale round, or exchanging the two points, turns
the interval round.

The weights, to two digits, came from minimising over many invented populations at once how far
coverage lies outside its target, with a price on width. Decision 0015 tells how, and how the limits
did on populations of other kinds.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gapengine.levels import FloatArray

LOWEST, MIDDLE, HIGHEST = 1.0, 4.0, 7.0

FIVE, MANY = 5.0, 30.0
"""People of whom the weights count once, and from whom on they do not count."""

_FINEST = 1e-3
"""Half-width below which an interval is not called shorter."""


class Told(Protocol):
    """One side: its mean, the variance of that (NaN if unknown) and the people behind it."""

    @property
    def mean(self) -> FloatArray:
        """Shape (units, levels)."""

    @property
    def variance(self) -> FloatArray:
        """Of the mean."""

    @property
    def people(self) -> FloatArray:
        """How many told it."""


Factors = tuple[FloatArray, FloatArray]
"""By what the lower and the upper arm are multiplied."""


def factors_together(
    left: Told, right: Told, *, se: FloatArray, reach: FloatArray, by_t: NDArray[np.bool_]
) -> Factors:
    """For a gap told by the same people.

    Parameters
    ----------
    left, right
        Its two sides.
    se
        Standard error of the difference; NaN or 0 where it is unknown.
    reach
        Half the width of the limits so far.
    by_t
        Where these are t and not logit.
    """
    people = np.minimum(left.people, right.people)
    few = np.minimum(_fewness(people), 1.0)
    both = np.nan_to_num(left.variance) + np.nan_to_num(right.variance)
    apart = np.minimum(_ratio(np.nan_to_num(se) ** 2, both), 2.0)
    """How much the difference varies, in parts of what its sides do: 0 where all are tied."""
    step = np.minimum(1 / (np.maximum(people, 1.0) * np.maximum(reach, _FINEST)), 1.5)
    """Means lie on a lattice; its step in parts of the reach."""
    tied = np.exp(-4 * apart)
    near, far = _nearness(left, right)
    t = -0.07 + 0.21 * apart + tied * (1.12 - 0.33 * np.sqrt(people * both))
    logit = 0.72 - 0.32 * apart - 0.14 * far
    even = few * (np.where(by_t, t, logit) - 0.98 * step)
    lean, unlike = _lean(left, right), _unlike(left, right, people)
    leaning = np.where(by_t, 0.73 * lean + 0.1 * unlike, -0.35 * lean + 0.66 * unlike)
    odd = np.sqrt(few) * leaning + 0.19 * few * near * np.tanh(2 * (left.mean - right.mean))
    return np.exp(even - odd), np.exp(even + odd)


def factors_apart(left: Told, right: Told, *, by_t: NDArray[np.bool_]) -> Factors:
    """For a gap between two groups: 1 where the limits are t.

    Limits of two sides near the end are too careful if the larger group is small as well: each
    allows for answers further down that have not been seen.
    """
    fewer, more = np.minimum(left.people, right.people), np.maximum(left.people, right.people)
    few = np.minimum(_fewness(fewer), 1.8) * FIVE / np.maximum(more, 3.0)
    one, two = (np.exp(-_from_end(side.mean)) for side in (left, right))
    far = np.minimum(one, two)
    unequal = np.sign(left.people - right.people)
    larger = (one + two + unequal * (one - two)) / 2
    few = np.where(by_t, 0.0, few)
    even = few * (0.02 + 0.6 * far - 0.5 * larger)
    odd = -0.04 * few * _lean(left, right)
    return np.exp(even - odd), np.exp(even + odd)


def mean_factor(mean: FloatArray, people: FloatArray) -> FloatArray:
    """For a single mean: some fifteen to thirty people near the end are a little too careful."""
    some = np.clip((people - 8) / 10, 0.0, 1.0) * 25 / np.maximum(people, 25)
    factor: FloatArray = np.exp(-0.06 * some * np.exp(-_from_end(mean)))
    return factor


def signed_skewness(minuend: Told, subtrahend: Told) -> FloatArray:
    """Skewness that the ends of the scale put on a gap; 0 where nobody varies.

    Third cumulants subtract, as both sides lean the same way. With beta-shaped answers a mean m
    (on 0..1) of variance v leans by (1 - 2 m) v^2 / (m (1 - m)).
    """
    one, two = (np.nan_to_num(side.variance) for side in (minuend, subtrahend))
    third = _third(minuend.mean, one) - _third(subtrahend.mean, two)
    both = one + two
    return _ratio(third, both * np.sqrt(both))


def _lean(left: Told, right: Told) -> FloatArray:
    """The signed skewness, within 2: answers to one item stay below it, dust need not."""
    lean: FloatArray = np.clip(signed_skewness(left, right), -2.0, 2.0)
    return lean


def _third(mean: FloatArray, variance: FloatArray) -> FloatArray:
    share = (mean - LOWEST) / (HIGHEST - LOWEST)
    third: FloatArray = _ratio(1 - 2 * share, share * (1 - share)) * variance**2
    return third / (HIGHEST - LOWEST)


def _fewness(people: FloatArray) -> FloatArray:
    """1 for five people, falling with 1/n to 0 for thirty and more."""
    few = (FIVE / np.maximum(people, 1.0) - FIVE / MANY) / (1 - FIVE / MANY)
    return np.maximum(few, 0.0)


def _from_end(mean: FloatArray) -> FloatArray:
    """How far a mean lies from the nearer end of the scale."""
    distance: FloatArray = np.minimum(HIGHEST - mean, mean - LOWEST)
    return distance


def _nearness(left: Told, right: Told) -> tuple[FloatArray, FloatArray]:
    """How near the ends the nearer of two means lies, and the farther one; 1 is at an end."""
    one, two = (np.exp(-_from_end(side.mean)) for side in (left, right))
    return np.maximum(one, two), np.minimum(one, two)


def _unlike(left: Told, right: Told, people: FloatArray) -> FloatArray:
    """How much more the left side varies, towards the end they lie at."""
    more = np.nan_to_num(left.variance) - np.nan_to_num(right.variance)
    place = (left.mean + right.mean - 2 * MIDDLE) / (HIGHEST - LOWEST)
    unlike: FloatArray = np.tanh(people * more / 2) * place
    return unlike


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
