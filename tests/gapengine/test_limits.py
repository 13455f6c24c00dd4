"""Limits on a scale that ends: by hand, in general, and where there are too few."""

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapengine.intervals import Bounds, Method, Part, Spread, added
from gapengine.limits import Limits, Told, Way, gap_limits, mean_limits, steadied
from gapengine.stretching import factors_apart

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
    several = np.zeros(mean.shape, dtype=bool)
    return Told(mean, np.where(variance > 0, variance, np.nan), people - 1, people, several)


def apart(minuend: Told, subtrahend: Told, method: Method = CHECKED) -> Limits:
    spread = added(Part(minuend.variance, minuend.df), Part(subtrahend.variance, subtrahend.df))
    sides = [(own, steadied(own, confidence=0.95)) for own in (minuend, subtrahend)]
    return gap_limits(sides[0], sides[1], spread, together=False, method=method)


def test_five_people_who_all_say_seven_have_a_logit_interval() -> None:
    """By hand: half a person at 4, variance 2: mean 37/5.5; squares .5*2 + 5*.5/5.5*9 = 5.0909.

    Variance 5.0909 / (4.5 * 5.5); reach 1.959964 * se / (6 s (1 - s)), s = (37/5.5 - 1) / 6. The
    arm grows as much as an arm of a mean may, by 15 %: exp(0.35 + 0.11 * tanh 3) would be more.
    """
    limits = mean_limits(told([7, 7, 7, 7, 7]), method=CHECKED)

    share = (37 / 5.5 - 1) / 6
    reach = 1.959964 * sqrt((1 + 2.5 / 5.5 * 9) / (4.5 * 5.5)) / (6 * share * (1 - share))
    middle = log(share / (1 - share))
    assert limits.way[0, 0] == Way.LOGIT
    unstretched = 1 + 6 / (1 + exp(reach - middle))
    assert limits.low[0, 0] == pytest.approx(7 - 1.15 * (7 - unstretched), abs=1e-6)
    assert 1 + 6 / (1 + exp(-reach - middle)) == pytest.approx(6.990617, abs=1e-6)
    assert limits.high[0, 0] == 7  # not 6.99: an interval holds its own estimate


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
    sides = (both, steadied(both, confidence=0.95))

    limits = gap_limits(sides, sides, unknown, together=True, method=CHECKED)

    assert limits.low[0, 0] == pytest.approx(-limits.high[0, 0])
    assert 0.2 < limits.high[0, 0] < 1.5


def test_limits_of_a_gap_combine_those_of_its_sides() -> None:
    """Zou and Donner: the lower arm is the root of (m - l)^2 + (u' - m')^2 - 2 r (m - l)(u' - m').

    Each side's own limits and its mean m are the steadied ones. Both arms are stretched. The groups
    are independent, but the same half person was added to both: r is what it alone brings, by hand
    the product of its shifts (8/3 and 2.4 from the middle) over the root of the sums of squares.
    """
    managers, customers = told([6, 7, 7]), told([7] * 8 + [5, 3])

    limits = apart(managers, customers)

    one, two = (steadied(own, confidence=0.95) for own in (managers, customers))
    middles = [(3 * 20 / 3 + 2) / 3.5, (10 * 6.4 + 2) / 10.5]
    squares = [2 / 3 + 1 + 1.5 / 3.5 * (8 / 3) ** 2, 16.4 + 1 + 5 / 10.5 * 2.4**2]
    r = 0.5 * sqrt(30 / (3.5 * 10.5)) * 8 / 3 * 2.4 / sqrt(squares[0] * squares[1])
    below, above = middles[0] - one.low[0, 0], two.high[0, 0] - middles[1]
    arm = sqrt(below**2 + above**2 - 2 * r * below * above)
    assert limits.way[0, 0] == Way.LOGIT
    stretched = factors_apart(managers, customers, by_t=np.array([[False]]))[0][0, 0]
    estimate = 20 / 3 - 6.4
    unstretched = middles[0] - middles[1] - arm
    assert limits.low[0, 0] == pytest.approx(estimate - stretched * (estimate - unstretched))


def together(one: list[int], two: list[int]) -> Limits:
    """The same people tell both points of an item."""
    left, right = told(one), told(two)
    apart_by = np.array(one) - np.array(two)
    se = np.array([[np.std(apart_by, ddof=1) / sqrt(len(one))]])
    spread = Spread(np.where(se > 0, se, np.nan), np.array([[len(one) - 1.0]]))
    sides = [(own, steadied(own, confidence=0.95)) for own in (left, right)]
    return gap_limits(sides[0], sides[1], spread, together=True, method=CHECKED)


def test_few_people_who_mostly_answer_alike_have_a_shorter_interval_than_t_gives() -> None:
    """Five pairs, differences -1 -1 -1 0 0: t by hand -0.6 +- 2.776445 * 0.244949; 0 is in it.

    By hand the traits: variances of the means 0.3/5 and 0.3/5, the difference's 0.06: half of
    theirs; the step of the lattice 0.2 in parts of the reach.
    """
    perceived, expected = [5, 5, 5, 6, 6], [6, 6, 6, 6, 6]

    limits = together(perceived, expected)

    reach = 2.776445 * sqrt(0.06)
    assert limits.way[0, 0] == Way.STRETCHED
    assert limits.high[0, 0] - limits.low[0, 0] < 2 * reach


def test_thirty_people_have_the_textbook_interval() -> None:
    """Differences twenty times 0 and ten times -1: mean -1/3, t(0.975, 29) = 2.045230."""
    perceived, expected = [4, 4, 3] * 10, [4] * 30

    limits = together(perceived, expected)

    se = sqrt(10 * (2 / 3) ** 2 + 20 * (1 / 3) ** 2) / sqrt(29 * 30)
    assert limits.way[0, 0] == Way.T
    assert limits.low[0, 0] == pytest.approx(-1 / 3 - 2.045230 * se, abs=1e-5)


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=2, max_size=40))
def test_what_the_same_people_told_mirrors_and_holds_its_estimate(
    pairs: list[tuple[int, int]],
) -> None:
    """Turning the scale round, or exchanging the points, turns the interval round."""
    one, two = ([pair[k] for pair in pairs] for k in (0, 1))

    straight = together(one, two)
    others = (together([8 - x for x in one], [8 - x for x in two]), together(two, one))

    estimate = np.mean(one) - np.mean(two)
    assert -6 <= straight.low[0, 0] <= estimate + 1e-9
    assert estimate - 1e-9 <= straight.high[0, 0] <= 6
    for turned in others:
        np.testing.assert_allclose(straight.low, -turned.high, atol=1e-9)
        np.testing.assert_array_equal(straight.way, turned.way)


answers = st.lists(st.integers(1, 7), min_size=2, max_size=40)


@given(answers, answers)
def test_what_two_groups_told_mirrors_and_holds_its_estimate(
    one: list[int], two: list[int]
) -> None:
    """Also of two groups of the same size, of all answers alike, and of two or three people."""
    straight = apart(told(one), told(two))
    mirrored = apart(told([8 - x for x in one]), told([8 - x for x in two]))
    exchanged = apart(told(two), told(one))

    estimate = np.mean(one) - np.mean(two)
    assert -6 <= straight.low[0, 0] <= estimate + 1e-9
    assert estimate - 1e-9 <= straight.high[0, 0] <= 6
    for turned in (mirrored, exchanged):
        np.testing.assert_allclose(straight.low, -turned.high, atol=1e-9)
        np.testing.assert_allclose(straight.high, -turned.low, atol=1e-9)


@given(answers)
def test_a_mean_mirrors_holds_its_estimate_and_ends_where_the_scale_does(sample: list[int]) -> None:
    straight, mirrored = (
        mean_limits(told(own), method=CHECKED) for own in (sample, [8 - x for x in sample])
    )

    assert 1 <= straight.low[0, 0] <= np.mean(sample) + 1e-9
    assert np.mean(sample) - 1e-9 <= straight.high[0, 0] <= 7
    np.testing.assert_allclose(straight.low, 8 - mirrored.high, atol=1e-9)


def test_two_hundred_people_who_all_say_seven_are_told_from_those_who_say_it_mostly() -> None:
    """The ceiling at its hardest: an interval that ends at 7 and shrinks with the people."""
    few, many, mostly = (
        mean_limits(told(own), method=CHECKED) for own in ([7] * 20, [7] * 200, [7] * 195 + [5] * 5)
    )

    assert few.high[0, 0] == many.high[0, 0] == 7
    assert few.low[0, 0] < many.low[0, 0] < 7
    assert mostly.low[0, 0] < 6.95 < mostly.high[0, 0] < 7


def test_few_managers_over_several_items_have_a_symmetric_interval() -> None:
    """Three managers, S-M = -2.5, se 0.5: t(0.975, 2) = 4.302653; logit would give -2.9 to -1.1."""
    specified, believed = several(3.5, 0.2), several(6.0, 0.1)
    spread = Spread(np.array([[0.5]]), np.array([[2.0]]))
    sides = [(own, steadied(own, confidence=0.95)) for own in (specified, believed)]

    limits = gap_limits(sides[0], sides[1], spread, together=True, method=CHECKED)

    assert limits.way[0, 0] == Way.T
    assert limits.low[0, 0] == pytest.approx(-2.5 - 4.302653 * 0.5, abs=1e-6)
    assert limits.high[0, 0] == pytest.approx(-2.5 + 4.302653 * 0.5, abs=1e-6)


def test_a_t_interval_ends_where_the_scale_does() -> None:
    """Three managers, S-M = -2.5, se 1: -2.5 - 4.3 would be -6.8; no gap can lie below -6."""
    sides = [
        (own, steadied(own, confidence=0.95)) for own in (several(3.5, 0.5), several(6.0, 0.5))
    ]
    spread = Spread(np.array([[1.0]]), np.array([[2.0]]))

    checked, textbook = (
        gap_limits(sides[0], sides[1], spread, together=True, method=method)
        for method in (CHECKED, ALWAYS_T)
    )

    assert checked.low[0, 0] == -6
    assert textbook.low[0, 0] == pytest.approx(-6.802653, abs=1e-6)
    assert checked.high[0, 0] == textbook.high[0, 0]


def several(mean: float, variance: float) -> Told:
    """Three people's mean over several items."""
    own, spread, df, people = (np.array([[part]]) for part in (mean, variance, 2.0, 3.0))
    return Told(own, spread, df, people, several=np.ones((1, 1), dtype=bool))


@pytest.mark.parametrize(
    ("managers", "customers", "way"),
    [(5, 9, Way.T), (5, 10, Way.LOGIT), (4, 5, Way.LOGIT), (40, 400, Way.T)],
)
def test_two_groups_have_t_where_neither_is_few_or_much_the_smaller(
    managers: int, customers: int, way: Way
) -> None:
    """5 and 9 people have 4 and 8 degrees of freedom, twice as many; 5 and 10 more than that."""
    answers = [3, 5, 4, 2, 6]
    one, two = (told((answers * 100)[:many]) for many in (managers, customers))

    limits = apart(one, two)

    assert limits.way[0, 0] == way


samples = st.lists(st.integers(1, 7), min_size=2, max_size=30)


@given(samples, samples)
def test_limits_stay_within_what_the_scale_allows_and_mirror(
    one: list[int], two: list[int]
) -> None:
    """Turning the scale round (8 - x) turns the limits round."""
    straight = apart(told(one), told(two))
    turned = apart(told([8 - x for x in one]), told([8 - x for x in two]))

    estimate = np.mean(one) - np.mean(two)
    assert -6 <= straight.low[0, 0] < straight.high[0, 0] <= 6
    assert straight.low[0, 0] - 1e-9 <= estimate <= straight.high[0, 0] + 1e-9
    np.testing.assert_allclose(straight.low, -turned.high, atol=1e-9)
    np.testing.assert_array_equal(straight.way, turned.way)


@given(samples)
def test_textbook_limits_are_left_alone_when_asked_for(sample: list[int]) -> None:
    limits = mean_limits(told(sample), method=ALWAYS_T)

    assert limits.way[0, 0] in (Way.NONE, Way.T)
    assert (limits.way[0, 0] == Way.NONE) == (len(set(sample)) == 1)


def test_one_person_has_no_interval() -> None:
    limits = apart(told([5]), told([4, 5, 6]))

    assert np.isnan([limits.low[0, 0], limits.high[0, 0]]).all()
    assert limits.way[0, 0] == Way.NONE


def test_many_units_at_once_give_what_each_gives_alone() -> None:
    cells = [[7, 7, 7, 6, 7], [1, 4, 7, 4, 4, 4, 5], [5, 6], [3] * 12]

    at_once = apart(told(*cells), told(*reversed(cells)))

    for k, (one, two) in enumerate(zip(cells, reversed(cells), strict=True)):
        alone = apart(told(one), told(two))
        assert at_once.low[k, 0] == pytest.approx(alone.low[0, 0], abs=1e-12)
        assert at_once.way[k, 0] == alone.way[0, 0]
