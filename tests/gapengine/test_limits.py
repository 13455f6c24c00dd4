"""Limits on a scale that ends: by hand, in general, and where there are too few."""

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapengine.intervals import Bounds, Method, Part, Spread, added
from gapengine.limits import Limits, Told, Way, gap_limits, mean_limits, steadied

CHECKED, ALWAYS_T = Method(), Method(bounds=Bounds.T)


def told(*samples: list[int]) -> Told:
    """One item's answers in some units; a sample without spread has no known variance."""
    mean, variance, people = (
        np.array([[part] for part in parts], dtype=float)
        for parts in (
            [np.mean(own) for own in samples],
            [np.var(own, ddof=1) / len(own) if len(own) > 1 else np.nan for own in samples],
            [len(own) for own in samples],
        )
    )
    return Told(mean, np.where(variance > 0, variance, np.nan), people - 1, people)


def apart(minuend: Told, subtrahend: Told, method: Method = CHECKED) -> Limits:
    spread = added(Part(minuend.variance, minuend.df), Part(subtrahend.variance, subtrahend.df))
    sides = [(own, steadied(own, upper=0)) for own in (minuend, subtrahend)]
    return gap_limits(sides[0], sides[1], spread, together=False, method=method)


def test_five_people_who_all_say_seven_have_a_logit_interval() -> None:
    """By hand: half a person at 4, variance 2: mean 37/5.5; squares .5*2 + 5*.5/5.5*9 = 5.0909.

    Variance 5.0909 / (4.5 * 5.5); reach 1.959964 * se / (6 s (1 - s)), s = (37/5.5 - 1) / 6.
    """
    limits = mean_limits(told([7, 7, 7, 7, 7]), upper=0, method=CHECKED)

    share = (37 / 5.5 - 1) / 6
    reach = 1.959964 * sqrt((1 + 2.5 / 5.5 * 9) / (4.5 * 5.5)) / (6 * share * (1 - share))
    middle = log(share / (1 - share))
    assert limits.way[0, 0] == Way.LOGIT
    assert limits.low[0, 0] == pytest.approx(1 + 6 / (1 + exp(reach - middle)), abs=1e-6)
    assert limits.high[0, 0] == pytest.approx(1 + 6 / (1 + exp(-reach - middle)), abs=1e-6)


def test_a_gap_of_answers_in_the_middle_keeps_the_textbook_interval() -> None:
    """Welch by hand: means 4 and 5, variances 4/3, n 10, df 18, t(0.975, 18) = 2.100922."""
    sample = [2, 3, 3, 4, 4, 4, 4, 5, 5, 6]

    limits = apart(told(sample), told([x + 1 for x in sample]))

    assert limits.way[0, 0] == Way.T
    assert limits.low[0, 0] == pytest.approx(-1 - 2.100922 * sqrt(2 * 4 / 3 / 10), abs=1e-5)
    assert limits.high[0, 0] == pytest.approx(-1 + 2.100922 * sqrt(2 * 4 / 3 / 10), abs=1e-5)


def test_the_same_people_who_agree_on_both_points_still_leave_a_doubt() -> None:
    """Six people say 6 twice: the gap is 0, its spread unknown, its interval around 0."""
    both = told([6] * 6)
    unknown = Spread(np.full((1, 1), np.nan), np.full((1, 1), np.nan))
    sides = (both, steadied(both, upper=0))

    limits = gap_limits(sides, sides, unknown, together=True, method=CHECKED)

    assert limits.low[0, 0] == pytest.approx(-limits.high[0, 0])
    assert 0.2 < limits.high[0, 0] < 1.5


def test_limits_of_a_gap_combine_those_of_its_sides() -> None:
    """Zou and Donner: for independent sides the lower arm is the root of (m - l)^2 + (u' - m')^2.

    Each side's own limits are those of ``mean_limits``, and m, m' their steadied means.
    """
    managers, customers = told([6, 7, 7]), told([7] * 8 + [5, 3])

    limits = apart(managers, customers)

    one, two = (mean_limits(own, upper=0, method=CHECKED) for own in (managers, customers))
    middles = [(3 * 20 / 3 + 2) / 3.5, (10 * 6.4 + 2) / 10.5]
    arm = sqrt((middles[0] - one.low[0, 0]) ** 2 + (two.high[0, 0] - middles[1]) ** 2)
    assert (one.way[0, 0], two.way[0, 0]) == (Way.LOGIT, Way.LOGIT)
    assert limits.low[0, 0] == pytest.approx(middles[0] - middles[1] - arm)


samples = st.lists(st.integers(1, 7), min_size=2, max_size=30)


@given(samples, samples)
def test_limits_stay_within_what_the_scale_allows_and_mirror(
    one: list[int], two: list[int]
) -> None:
    """Turning the scale round (8 - x) turns the limits round."""
    straight = apart(told(one), told(two))
    turned = apart(told([8 - x for x in one]), told([8 - x for x in two]))

    assert np.isfinite(straight.low[0, 0])
    if straight.way[0, 0] == Way.LOGIT:
        assert -6 < straight.low[0, 0] < straight.high[0, 0] < 6
    np.testing.assert_allclose(straight.low, -turned.high, atol=1e-9)
    np.testing.assert_array_equal(straight.way, turned.way)


@given(samples)
def test_textbook_limits_are_left_alone_when_asked_for(sample: list[int]) -> None:
    limits = mean_limits(told(sample), upper=0, method=ALWAYS_T)

    assert limits.way[0, 0] in (Way.NONE, Way.T)
    assert (limits.way[0, 0] == Way.NONE) == (len(set(sample)) == 1)


def test_one_person_has_no_interval() -> None:
    limits = apart(told([5]), told([4, 5, 6]))

    assert np.isnan([limits.low[0, 0], limits.high[0, 0]]).all()
    assert limits.way[0, 0] == Way.NONE


def test_many_units_at_once_give_what_each_gives_alone() -> None:
    cells = [[7, 7, 7, 6, 7], [1, 4, 7, 4, 4, 4, 5], [5, 6], [3] * 12]

    together = apart(told(*cells), told(*reversed(cells)))

    for k, (one, two) in enumerate(zip(cells, reversed(cells), strict=True)):
        alone = apart(told(one), told(two))
        assert together.low[k, 0] == pytest.approx(alone.low[0, 0], abs=1e-12)
        assert together.way[k, 0] == alone.way[0, 0]
