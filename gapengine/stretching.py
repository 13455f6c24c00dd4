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
coverage lies outside its target and from 95 %. Decisions 0015 and 0045 tell how, and how the limits
did on populations of other kinds.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from gapengine.levels import FloatArray, ratio

LOWEST, MIDDLE, HIGHEST = 1.0, 4.0, 7.0

FIVE, MANY = 5.0, 30.0
"""People of whom the weights count once, and from whom on they do not count."""

LEAST, MOST, MOST_OF_MEAN = 0.6, 1.2, 1.15
"""Bounds of a factor: beyond them no coverage was better, only some intervals silly."""

_FINEST = 1e-3
"""Half-width below which an interval is not called shorter."""

_WIDEST = 4.0
"""Standard deviation of differences above which none is called larger."""


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


def or_zero(numbers: FloatArray) -> FloatArray:
    """The numbers, 0 where they are unknown: the variance of answers that are all alike."""
    return np.where(np.isnan(numbers), 0.0, numbers)


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
    both = or_zero(left.variance) + or_zero(right.variance)
    apart = np.minimum(ratio(or_zero(se) ** 2, both), 2.0)
    """How much the difference varies, in parts of what its sides do: 0 where all are tied."""
    step = np.minimum(1 / (np.maximum(people, 1.0) * np.maximum(reach, _FINEST)), 1.5)
    """Means lie on a lattice; its step in parts of the reach."""
    differing = np.sqrt(people) * or_zero(se)
    """Standard deviation of the differences."""
    tied = np.exp(-4 * apart)
    t = 0.33 + 0.32 * apart + tied * (1.0 - 0.31 * np.sqrt(people * both)) - 0.57 * step
    t -= 0.31 * np.minimum(differing, _WIDEST) + 0.07 * np.exp(-2 * differing)
    even = few * (np.where(by_t, t, 0.89 - 0.54 * apart) - 1.24 * step)
    unlike = _unlike(left, right, people)
    leaning = np.where(by_t, 1.8 * _lean(left, right) + 0.37 * unlike, 0.72 * unlike)
    near = np.maximum(_nearness(left.mean), _nearness(right.mean))
    odd = np.sqrt(few) * leaning + 0.17 * few * near * np.tanh(2 * (left.mean - right.mean))
    return _arms(even, odd, most=MOST)


def factors_apart(left: Told, right: Told, *, by_t: NDArray[np.bool_]) -> Factors:
    """For a gap between two groups: 1 where the limits are t.

    Near the end, limits reach too far to one side if the larger group is small as well: each side
    allows for answers further down that have not been seen.
    """
    fewer, more = np.minimum(left.people, right.people), np.maximum(left.people, right.people)
    few = np.minimum(_fewness(fewer), 1.4)
    small = np.sqrt(few) * FIVE / np.maximum(more, 3.0)
    """How small the larger group is, too."""
    smaller = (1 + np.sign(right.people - left.people)) / 2
    """1 where the left group is the smaller, 0 where it is the larger, 1/2 where they are alike."""
    one, two = _Stand.of(left), _Stand.of(right)
    lesser_near = smaller * one.near + (1 - smaller) * two.near
    even = few * (0.11 * lesser_near + 0.16 * np.minimum(one.near, two.near))
    careful = _middling(fewer) * _too_careful(left, right, near=(one.near, two.near))
    even += 0.02 * np.maximum(FIVE - fewer, 0.0) - 0.12 * careful

    def pull(lesser: _Stand, greater: _Stand) -> FloatArray:
        own = (0.26 * few - 0.07 * small) * lesser.place * lesser.near
        varied = (0.27 * small - 0.16 * few) * greater.place * greater.deviation / 3
        pulled: FloatArray = own + varied - 0.96 * small * greater.place * greater.near
        return pulled

    odd = smaller * pull(one, two) - (1 - smaller) * pull(two, one)
    odd -= 0.05 * few * np.tanh(left.mean - right.mean)
    even, odd = np.where(by_t, 0.0, even), np.where(by_t, 0.0, odd)
    return _arms(even, odd, most=MOST)


def mean_factors(side: Told) -> Factors:
    """For a single mean.

    The arm towards the middle of the scale grows, as answers lean that way; where people near
    the end differ much, both shrink.
    """
    few, share = np.minimum(_fewness(side.people), 1.0), FIVE / np.maximum(side.people, FIVE)
    near, deviation = _nearness(side.mean), _deviation(side)
    even = few * (0.04 - 0.07 * deviation) + 0.31 * share * near
    even += _some(side.people) * near * (0.28 - 0.24 * deviation)
    odd = np.tanh(side.mean - MIDDLE) * (0.4 * few + (0.08 * deviation - 0.51) * share)
    return _arms(even, odd, most=MOST_OF_MEAN)


def _arms(even: FloatArray, odd: FloatArray, *, most: float) -> Factors:
    below, above = (np.clip(np.exp(own), LEAST, most) for own in (even - odd, even + odd))
    return below, above


def _some(people: FloatArray) -> FloatArray:
    """1 for some twenty people, falling to 0 for eight and for many."""
    some: FloatArray = np.clip((people - 8) / 10, 0.0, 1.0) * (25 / np.maximum(people, 25)) ** 2
    return some


def _too_careful(left: Told, right: Told, *, near: tuple[FloatArray, FloatArray]) -> FloatArray:
    """How far that holds of a gap: of each side by its part in the variance."""
    parts = [or_zero(side.variance) for side in (left, right)]
    own = [
        part * _some(side.people) * nearness
        for part, side, nearness in zip(parts, (left, right), near, strict=True)
    ]
    return ratio(own[0] + own[1], parts[0] + parts[1])


def _middling(fewer: FloatArray) -> FloatArray:
    """1 for ten to twenty people, falling to 0 for five and for thirty."""
    middling: FloatArray = np.clip((fewer - FIVE) / 5, 0.0, 1.0) * np.clip(
        (MANY - fewer) / 10, 0.0, 1.0
    )
    return middling


@dataclass(frozen=True)
class _Stand:
    """Where a side stands on the scale, and how far its answers lie apart."""

    near: FloatArray
    place: FloatArray
    """-1 at the lower end, 0 in the middle, 1 at the upper end."""
    deviation: FloatArray

    @classmethod
    def of(cls, side: Told) -> Self:
        return cls(_nearness(side.mean), np.tanh(side.mean - MIDDLE), _deviation(side))


def _deviation(side: Told) -> FloatArray:
    """Standard deviation of a side's answers, within 3."""
    deviation: FloatArray = np.sqrt(side.people * or_zero(side.variance))
    return np.minimum(deviation, 3.0)


def signed_skewness(minuend: Told, subtrahend: Told) -> FloatArray:
    """Skewness that the ends of the scale put on a gap; 0 where nobody varies.

    Third cumulants subtract, as both sides lean the same way. With beta-shaped answers a mean m
    (on 0..1) of variance v leans by (1 - 2 m) v^2 / (m (1 - m)).
    """
    one, two = (or_zero(side.variance) for side in (minuend, subtrahend))
    third = _third(minuend.mean, one) - _third(subtrahend.mean, two)
    both = one + two
    return ratio(third, both * np.sqrt(both))


def _lean(left: Told, right: Told) -> FloatArray:
    """The signed skewness, within 2: answers to one item stay below it, dust need not."""
    lean: FloatArray = np.clip(signed_skewness(left, right), -2.0, 2.0)
    return lean


def _third(mean: FloatArray, variance: FloatArray) -> FloatArray:
    share = (mean - LOWEST) / (HIGHEST - LOWEST)
    third: FloatArray = ratio(1 - 2 * share, share * (1 - share)) * variance**2
    return third / (HIGHEST - LOWEST)


def _fewness(people: FloatArray) -> FloatArray:
    """1 for five people, falling with 1/n to 0 for thirty and more."""
    few = (FIVE / np.maximum(people, 1.0) - FIVE / MANY) / (1 - FIVE / MANY)
    return np.maximum(few, 0.0)


def _nearness(mean: FloatArray) -> FloatArray:
    """How near a mean lies to the nearer end of the scale; 1 is at the end."""
    near: FloatArray = np.exp(np.maximum(mean - HIGHEST, LOWEST - mean))
    return near


def _unlike(left: Told, right: Told, people: FloatArray) -> FloatArray:
    """How much more the left side varies, towards the end they lie at."""
    more = or_zero(left.variance) - or_zero(right.variance)
    place = (left.mean + right.mean - 2 * MIDDLE) / (HIGHEST - LOWEST)
    unlike: FloatArray = np.tanh(people * more / 2) * place
    return unlike
