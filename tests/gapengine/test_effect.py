"""A fix is held against units that started alike and were left alone."""

import json
from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.change import WeekPoints
from gapengine.effect import Outcome, Rules, effect, expected_rebound
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray

START = "w4"


def points(rows: Sequence[Sequence[float]], *, se: float = 0.1, n: float = 20.0) -> WeekPoints:
    """Some units' weeks w0, w1, ...; NaN is a missing week."""
    estimate = np.array(rows, dtype=np.float64)
    one = np.ones_like(estimate)
    keys = tuple(f"w{k}" for k in range(estimate.shape[1]))
    return WeekPoints(keys, estimate, se * one, np.inf * one, n * one)


def steps(before: float, *afters: float) -> list[list[float]]:
    """Units with four weeks at one level and four at another."""
    return [[*[before] * 4, *[after] * 4] for after in afters]


def test_matches_the_worked_example() -> None:
    """By hand: treated -1.0 to -0.2, change 0.8; comparisons' changes 0.1, 0.2, 0.3, mean 0.2.

    S^2 0.01 exceeds the sampling variance 0.01/4 + 0.01/4 = 0.005, the same for all: variance
    0.01 (1 + 1/3), df 2, t(0.975, 2) = 4.302653.
    """
    found = effect(points(steps(-1.0, -0.2, -0.9, -0.8, -0.7)), treated=0, started=START)

    assert found.change == pytest.approx(0.8)
    assert found.comparison_change == pytest.approx(0.2)
    assert found.estimate == pytest.approx(0.6)
    assert found.se == pytest.approx(sqrt(0.01 * 4 / 3))
    assert found.df == pytest.approx(2)
    assert found.low == pytest.approx(0.6 - 4.302653 * sqrt(0.01 * 4 / 3), abs=1e-6)
    assert found.verdict is Outcome.IMPROVED
    assert found.comparisons == (1, 2, 3)
    assert (found.placebo, found.least_placebo) == (0.25, 0.25)
    assert found.notes == ("with so few comparisons the rank alone proves nothing",)


def test_sampling_alone_is_the_least_variance_of_a_change() -> None:
    """By hand: no spread among the comparisons, so 0.005 (1 + 1/3) with df 2."""
    found = effect(points(steps(-1.0, -0.2, -0.9, -0.9, -0.9)), treated=0, started=START)

    assert found.se == pytest.approx(sqrt(0.005 * 4 / 3))


def test_a_unit_with_larger_errors_than_its_comparisons_has_them_added() -> None:
    """By hand: 0.01 (1 + 1/3) as above, and 0.08 - 0.005 for errors of 0.4 instead of 0.1."""
    whole = points(steps(-1.0, -0.2, -0.9, -0.8, -0.7))
    whole.se[0] = 0.4

    found = effect(whole, treated=0, started=START)

    assert found.se == pytest.approx(sqrt(0.01 * 4 / 3 + 0.075))


def test_the_trigger_week_counts_in_neither_window() -> None:
    rows = steps(-1.0, -0.2, -0.9, -0.8, -0.7)
    rows[0][2] = -6.0

    found = effect(points(rows), treated=0, started=START, trigger_week="w2")

    assert found.before == pytest.approx(-1.0)
    assert found.weeks_before == 3
    assert found.estimate == pytest.approx(0.6)


def test_comparisons_lose_the_week_that_ranks_as_the_trigger_does() -> None:
    """By hand: the worst week -2 goes from each, so before is -1 for all; changes 0.1, 0.2, 0.3."""
    rows = [
        [-1.0, -1.0, -2.0, -1.0, *[-0.2] * 4],
        [-2.0, -1.0, -1.0, -1.0, *[-0.9] * 4],
        [-1.0, -2.0, -1.0, -1.0, *[-0.8] * 4],
        [-1.0, -1.0, -1.0, -2.0, *[-0.7] * 4],
    ]

    found = effect(points(rows), treated=0, started=START, trigger_week="w2")

    assert found.estimate == pytest.approx(0.6)
    assert found.comparison_change == pytest.approx(0.2)


def test_only_units_that_started_alike_are_compared_and_the_nearest_first() -> None:
    """Half a point is near enough; levels spread by 0.2 do not stretch it."""
    befores = (-1.0, -1.45, -0.9, -1.6, -1.1, -0.45)
    rows = [row for level in befores for row in steps(level, level)]

    found = effect(points(rows), treated=0, started=START)

    assert found.comparisons == (2, 4, 1)
    few = effect(points(rows), treated=0, started=START, rules=Rules(most=3, caliper=0.2))
    assert few.comparisons == (2, 4, 1)
    spread = effect(points(rows), treated=0, started=START, rules=Rules(caliper=0.0))
    assert spread.comparisons == (2, 4, 1)


def test_units_that_took_a_fix_themselves_are_no_comparison() -> None:
    rows = steps(-1.0, -0.2, -0.9, -0.8, -0.7, 3.0)
    untouched = np.array([True, True, True, True, False])

    found = effect(points(rows), treated=0, started=START, untouched=untouched)

    assert found.comparisons == (1, 2, 3)


def test_a_comparison_that_changed_as_much_forbids_a_verdict() -> None:
    """Nineteen quiet units and one that rose as much: rank 2 of 21, above 0.05."""
    quiet = [-1.0 + 0.01 * (k % 3 - 1) for k in range(19)]
    rows = [*steps(-1.0, -0.2), *steps(-1.0, *quiet), *steps(-1.0, -0.15)]
    rules = Rules(most=20)

    found = effect(points(rows), treated=0, started=START, rules=rules)
    without = effect(points(rows[:-1]), treated=0, started=START, rules=rules)

    assert found.placebo == pytest.approx(2 / 21)
    assert found.verdict is Outcome.NO_EVIDENCE
    assert found.notes == ("units without the fix changed as much",)
    assert (without.placebo, without.verdict) == (1 / 20, Outcome.IMPROVED)


def test_without_comparisons_the_expected_rebound_stands_beside_the_change() -> None:
    """By hand: other weeks -0.8 -1.0 -1.2, mean -1.0, variance 0.04 - 0.01 = 0.03, so rho 0.75.

    Of the way back from -2.0 to -1.0 a quarter was to be expected, 0.8 more was seen than that
    week's level; after less before is -0.2 + 1.0.
    """
    found = effect(
        points([[-0.8, -1.0, -1.2, -2.0, *[-0.2] * 4]]), treated=0, started=START, trigger_week="w3"
    )

    assert found.rebound is not None
    assert found.rebound.reliability == pytest.approx(0.75)
    assert found.rebound.expected == pytest.approx(0.25)
    assert found.rebound.seen == pytest.approx(1.8)
    assert found.estimate == pytest.approx(0.8)
    assert found.se == pytest.approx(sqrt(0.04 / 3 + 0.01 / 4))
    assert found.df == pytest.approx((0.04 / 3 + 0.0025) ** 2 / ((0.04 / 3) ** 2 / 2))
    assert found.verdict is Outcome.IMPROVED
    assert found.comparisons == ()
    assert json.loads(json.dumps(found.to_plain()))["rebound"]["usual"] == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("trigger", "se", "variance", "expected"),
    [(-2.0, 0.5, 0.0, 1.0), (-2.0, 0.0, 0.3, 0.0), (-2.0, 0.5, 0.25, 0.5), (-1.0, 0.5, 0.2, 0.0)],
    ids=["all luck", "no error", "half and half", "a usual week"],
)
def test_a_week_comes_back_as_far_as_it_was_luck(
    trigger: float, se: float, variance: float, expected: float
) -> None:
    """By hand: (1 - variance / (variance + se^2)) (-1 - trigger)."""
    _, change = expected_rebound(trigger, se=se, usual=-1.0, variance=variance)

    assert change == pytest.approx(expected)


@pytest.mark.parametrize(
    ("weeks", "n", "verdict"),
    [
        ([-1.0] * 4 + [-0.2] * 2, 20.0, Outcome.TOO_EARLY),
        ([-1.0] * 4 + [-0.2] * 4, 3.0, Outcome.TOO_EARLY),
        ([np.nan, np.nan, -1.0, -1.0] + [-0.2] * 4, 20.0, Outcome.NO_BASELINE),
    ],
    ids=["two weeks since", "twelve people since", "two weeks before"],
)
def test_too_little_is_said_and_not_guessed(weeks: list[float], n: float, verdict: Outcome) -> None:
    found = effect(points([weeks] * 4, n=n), treated=0, started=START)

    assert found.verdict is verdict
    assert (found.estimate, found.change, found.low, found.p) == (None, None, None, None)
    assert found.to_plain()["verdict"] == verdict.value


def test_nothing_is_compared_across_a_change_of_wording() -> None:
    whole = points(steps(-1.0, -0.2, -0.9, -0.8, -0.7))
    whole.breaks[0, 4] = True

    assert effect(whole, treated=0, started=START).verdict is Outcome.NO_BASELINE


def test_where_less_is_better_a_fall_is_an_improvement() -> None:
    rows = points(steps(1.0, 0.2, 0.9, 0.8, 0.7))

    assert effect(rows, treated=0, started=START).verdict is Outcome.WORSE
    assert effect(rows, treated=0, started=START, upwards=False).verdict is Outcome.IMPROVED


def random_units(rng: np.random.Generator, units: int) -> FloatArray:
    level = -1 + 0.2 * rng.standard_normal((units, 1))
    return np.asarray(level + 0.2 * rng.standard_normal((units, 9)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(-1, 1), st.integers(4, 9))
def test_what_happens_to_all_units_alike_changes_nothing(
    seed: int, constant: float, units: int
) -> None:
    estimate = random_units(np.random.default_rng(seed), units)
    shifted = estimate + constant * (np.arange(9) >= 4)

    one, other = (effect(points(e.tolist()), treated=0, started=START) for e in (estimate, shifted))

    if one.comparisons:
        assert one.comparisons == other.comparisons
        assert [one.estimate, one.se, one.p] == pytest.approx(
            [other.estimate, other.se, other.p], abs=1e-9
        )
        assert (one.verdict, one.placebo) == (other.verdict, other.placebo)


def test_after_the_worst_week_a_fix_without_effect_seldom_seems_to_help() -> None:
    """400 units each, eight others; nominal is 2.5 %, a naive look is fooled in one of seven."""
    rng = np.random.default_rng(6)
    improved, naive = [], []
    for _ in range(400):
        estimate = -0.8 + 0.3 * rng.standard_normal((9, 12))
        worst = int(estimate[0, :8].argmin())
        found = effect(
            points(estimate.tolist(), se=0.3), treated=0, started="w8", trigger_week=f"w{worst}"
        )
        improved.append(found.verdict is Outcome.IMPROVED)
        rise = estimate[0, 8:].mean() - estimate[0, worst]
        naive.append(rise > 1.96 * 0.3 * sqrt(1 + 1 / 4))

    assert np.mean(improved) <= 0.035
    assert np.mean(naive) > 0.1


def test_wrong_weeks_and_units_are_refused() -> None:
    whole = points(steps(-1.0, -0.2, -0.9, -0.8, -0.7))

    with pytest.raises(SettingsError, match="unit 9"):
        effect(whole, treated=9, started=START)
    with pytest.raises(SettingsError, match="started is 'w99'"):
        effect(whole, treated=0, started="w99")
    with pytest.raises(SettingsError, match="not before the start"):
        effect(whole, treated=0, started=START, trigger_week="w5")
    with pytest.raises(SettingsError, match="untouched has shape"):
        effect(whole, treated=0, started=START, untouched=np.array([True]))
    with pytest.raises(SettingsError, match="fewer than 2 weeks"):
        Rules(weeks_after=1)
    with pytest.raises(SettingsError, match="confidence is 2"):
        Rules(confidence=2)
    with pytest.raises(SettingsError, match="comparisons are 2"):
        Rules(fewest=2)
    with pytest.raises(SettingsError, match=r"caliper -0\.1"):
        Rules(caliper=-0.1)
    with pytest.raises(SettingsError, match="not both 0"):
        expected_rebound(-1.0, se=0.0, usual=0.0, variance=0.0)


def test_the_people_told_are_those_of_the_unit_since_the_fix() -> None:
    """By hand: four weeks of 20 people; other units' people do not count."""
    whole = points(steps(-1.0, -0.2, -0.9, -0.8, -0.7))
    whole.n[1:] = 500.0

    found = effect(whole, treated=0, started=START)

    assert found.people_after == 80
    plain = found.to_plain()
    assert plain["people_after"] == 80
    assert plain["notes"] == ["with so few comparisons the rank alone proves nothing"]
    assert isinstance(plain["comparisons"], list)


def test_comparisons_lose_the_middle_week_where_the_trigger_was_a_middle_one() -> None:
    """By hand: the trigger -1.1 ranks second of its four; so the second lowest goes from each.

    Of the first comparison that is -1.2, which leaves -1.4, -1.0, -0.6, mean -1.0, and so on.
    """
    rows = [
        [-1.3, -1.0, -1.1, -0.7, *[-0.2] * 4],
        [-1.4, -1.2, -1.0, -0.6, *[-0.9] * 4],
        [-0.6, -1.0, -1.4, -1.2, *[-0.8] * 4],
        [-1.2, -0.6, -1.4, -1.0, *[-0.7] * 4],
    ]

    found = effect(points(rows), treated=0, started=START, trigger_week="w2")

    assert found.before == pytest.approx(-1.0)
    assert found.comparison_change == pytest.approx(0.2)


def test_a_unit_outside_the_table_is_refused() -> None:
    whole = points(steps(-1.0, -0.2, -0.9, -0.8, -0.7))

    with pytest.raises(SettingsError):
        effect(whole, treated=4, started=START)
