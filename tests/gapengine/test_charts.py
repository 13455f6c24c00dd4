"""A weekly series signals when its level is no longer what it was, and learns before it does."""

import json
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.change import Chart, Cusum, Ewma, WeekPoints, cusum, ewma, tabular_cusum
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray

CASES = json.loads((Path(__file__).parents[1] / "cases" / "reference_cases.json").read_text())
ZEROS = [0.0] * 8


def series(
    estimate: Sequence[float | None], *, se: float = 1.0, breaks: Sequence[str] = ()
) -> WeekPoints:
    keys = [f"w{k}" for k in range(len(estimate))]
    return WeekPoints.of(keys, estimate, se=[se] * len(estimate), breaks=breaks)


def phases(chart: Chart) -> list[str]:
    return [week["phase"] for week in chart.to_plain()["weeks"]]


def test_matches_the_textbooks_tabular_cusum() -> None:
    """Montgomery and Runger: concentrations, target 99, K = 1, H = 10, no signal."""
    case = CASES["cusum_tabular_A"]

    upper, lower, signals = tabular_cusum(
        np.array(case["x"]) - case["target"], allowance=case["K"], limit=case["H"]
    )

    assert upper.tolist() == pytest.approx(case["upper"], abs=1e-6)
    assert lower.tolist() == pytest.approx(case["lower"], abs=1e-6)
    assert np.flatnonzero(signals).tolist() == case["signals"]


MONTGOMERY = [
    *(9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34),
    *(9.03, 11.47, 10.51, 9.40, 10.08, 9.37, 10.62, 10.31, 8.52, 10.84),
    *(10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52),
]
"""Montgomery, Introduction to Statistical Quality Control, table 9.1: twenty values with mean 10,
then ten with mean 11; standard deviation 1."""


def test_matches_montgomerys_cusum_of_a_shifted_mean() -> None:
    """Table 9.2, K = 0.5, H = 5: the upper sum passes 5 with value 29, at 5.28."""
    upper, _, signals = tabular_cusum(np.array(MONTGOMERY) - 10, allowance=0.5, limit=5.0)

    assert upper[22:30].tolist() == pytest.approx(
        [1.79, 2.79, 2.89, 3.47, 3.35, 4.47, 5.28, 5.30], abs=1e-9
    )
    assert np.flatnonzero(signals)[0] + 1 == 29


def test_matches_montgomerys_average_and_limits() -> None:
    """Table 9.10 and its chart, lambda = 0.1, L = 2.7: limits 0.27 and 0.36, later 0.62.

    The level is known there, so it is learned from weeks that have next to no error.
    """
    weeks = [f"w{k:02d}" for k in range(8 + len(MONTGOMERY))]
    points = WeekPoints.of(weeks, [10.0] * 8 + MONTGOMERY, se=[1e-12] * 8 + [1.0] * 30)

    chart = ewma(points, Ewma(weight=0.1, width=2.7))

    printed = [9.945, 9.7495, 9.70355, 9.8992, 10.1253, 10.1307, 9.92167, 10.0755, 9.98796, 10.0232]
    assert (10 + chart.value[0, 8:18]).tolist() == pytest.approx(printed, abs=6e-5)
    assert chart.limit[0, 8:10].round(2).tolist() == [0.27, 0.36]
    assert chart.limit[0, 35].round(2) == 0.62
    assert 10 + chart.value[0, 36] == pytest.approx(10.6468, abs=6e-5)
    assert np.flatnonzero(chart.signal[0]).tolist() == [36]


def test_a_missing_deviation_leaves_the_sums_as_they_are() -> None:
    upper, lower, _ = tabular_cusum(np.array([2.0, np.nan, -1.0]), allowance=0.5, limit=4)

    assert upper.tolist() == [1.5, 1.5, 0.0]
    assert lower.tolist() == [0.0, 0.0, 0.5]


def test_the_average_and_its_limits_follow_the_exact_formula() -> None:
    """By hand: eight weeks at 0 with SE 1, then 1 and 2; the baseline's variance is 1/8.

    E is 0.2 and 0.56; s^2 = 0.2/1.8 (1 - 0.8^(2t)) + A^2 / 8 with A 0.2 and 0.36.
    """
    chart = ewma(series([*ZEROS, 1.0, 2.0]))

    assert chart.value[0, 8:].tolist() == pytest.approx([0.2, 0.56])
    expected = [
        2.7 * sqrt(0.2 / 1.8 * (1 - 0.8 ** (2 * t)) + a**2 / 8) for t, a in ((1, 0.2), (2, 0.36))
    ]
    assert chart.limit[0, 8:].tolist() == pytest.approx(expected)
    assert chart.signal.sum() == 0


def test_a_baseline_without_error_gives_the_textbooks_limits() -> None:
    """L sqrt(lambda/(2-lambda) (1-(1-lambda)^(2t))): 0.54, 0.6915, 0.7731 for 0.2 and 2.7."""
    keys = [f"w{k}" for k in range(11)]
    chart = ewma(WeekPoints.of(keys, [0.0] * 11, se=[*[1e-9] * 8, 1.0, 1.0, 1.0]))

    assert chart.limit[0, 8:].tolist() == pytest.approx([0.54, 0.6915, 0.7731], abs=1e-4)


def test_cusum_takes_the_error_of_the_baseline_into_each_week() -> None:
    """By hand: z = 3 / sqrt(1 + 1/8) = 2.828; two of them less 2 x 0.5 are 4.657, three 6.985."""
    chart = cusum(series([*ZEROS, -3.0, -3.0, -3.0]))

    assert chart.z[0, 8:].tolist() == pytest.approx([-2.828427] * 3)
    assert chart.value[0, 8:].tolist() == pytest.approx([-2.328427, -4.656854, -6.985281])
    assert chart.signal[0].tolist() == [*[0] * 10, -1]


def test_few_degrees_of_freedom_make_a_week_less_surprising() -> None:
    """t = 3 with 5 degrees of freedom has p 0.0301, as improbable as z = 2.169 (scipy.stats)."""
    points = WeekPoints.of([str(k) for k in range(9)], [*ZEROS, 3.0], se=[*[1e-9] * 8, 1.0], df=5.0)

    assert ewma(points).z[0, 8] == pytest.approx(2.1692, abs=1e-3)


def test_says_how_many_weeks_it_has_learned() -> None:
    learning = ewma(series([0.1, None, 0.2])).to_plain()

    assert learning["status"] == "still learning (2 of 8)"
    assert phases(ewma(series([*ZEROS, 0.0]))) == [*["learning"] * 8, "watching"]
    assert ewma(series([None, None])).to_plain()["status"] == "no weeks"


def test_a_missing_week_changes_nothing() -> None:
    with_gap = ewma(series([*ZEROS, 1.0, None, 2.0]))
    without = ewma(series([*ZEROS, 1.0, 2.0]))

    assert with_gap.value[0, [8, 10]].tolist() == without.value[0, 8:].tolist()
    assert with_gap.to_plain()["weeks"][9]["value"] is None


def test_no_line_is_drawn_across_a_change_of_wording() -> None:
    chart = ewma(series([*ZEROS, 0.0, *[5.0] * 8, 5.0], breaks=["w9"]))

    assert chart.signal.sum() == 0
    assert phases(chart)[9:] == [*["learning"] * 8, "watching"]
    assert chart.centre[0, -1] == 5
    assert chart.to_plain()["weeks"][9]["break"] is True


def test_a_lasting_shift_is_told_once_and_becomes_the_level() -> None:
    """By hand: E 0.4, 0.72, 0.976 against limits 0.573, 0.772, 0.903."""
    chart = ewma(series([*ZEROS, *[2.0] * 14]))

    assert np.flatnonzero(chart.signal[0]).tolist() == [10]
    assert phases(chart)[11:] == [*["learning"] * 8, *["watching"] * 3]
    assert chart.centre[0, -1] == 2
    assert chart.to_plain()["weeks"][10]["signal"] == "up"


def week_matrix() -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(-3, 3), min_size=9, max_size=20)


@settings(max_examples=50, deadline=None)
@given(week_matrix(), st.floats(-5, 5), st.floats(0.1, 9))
def test_neither_another_zero_nor_another_unit_changes_a_chart(
    weeks: list[float], zero: float, unit: float
) -> None:
    moved = series([zero + unit * one for one in weeks], se=unit)

    for rule in (ewma, cusum):
        one, other = rule(series(weeks)), rule(moved)
        near = np.abs(np.abs(one.value) - one.limit) < 1e-6
        if not near.any():
            assert one.signal.tolist() == other.signal.tolist()
            np.testing.assert_allclose(one.value, other.value, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(week_matrix())
def test_the_mirrored_series_gives_the_mirrored_chart(weeks: list[float]) -> None:
    for rule in (ewma, cusum):
        one, other = rule(series(weeks)), rule(series([-week for week in weeks]))
        np.testing.assert_allclose(one.value, -other.value, atol=1e-9)
        assert one.signal.tolist() == (-other.signal).tolist()


def test_units_side_by_side_are_watched_as_if_alone() -> None:
    rng = np.random.default_rng(4)
    estimate = rng.standard_normal((6, 24)) * 2
    estimate[rng.random(estimate.shape) < 0.1] = np.nan
    whole = points_of(estimate)

    for rule in (ewma, cusum):
        chart = rule(whole)
        for k, row in enumerate(estimate):
            np.testing.assert_array_equal(rule(points_of(row[None])).value[0], chart.value[k])
        assert (chart.signal != 0).any()


def points_of(estimate: FloatArray) -> WeekPoints:
    keys = tuple(f"w{k}" for k in range(estimate.shape[1]))
    one = np.ones_like(estimate)
    return WeekPoints(keys, estimate, one, 30 * one, 20 * one)


def test_where_nothing_changes_few_weeks_signal_and_a_shift_is_found() -> None:
    """4,000 units of half a year, errors estimated on 20 degrees of freedom."""
    rng = np.random.default_rng(5)
    shape = (4000, 26)
    se = np.sqrt(rng.chisquare(20, shape) / 20)
    estimate = rng.standard_normal(shape)
    moved = estimate - 3.2 * (np.arange(26) >= 12)
    keys = tuple(str(k) for k in range(26))

    for rule, most, least in ((ewma, 0.005, 0.7), (cusum, 0.009, 0.8)):
        quiet, fallen = (
            rule(WeekPoints(keys, x, se, np.full(shape, 20.0), np.full(shape, 20.0)))
            for x in (estimate, moved)
        )
        assert 0 < (quiet.signal != 0).sum() / (quiet.phase == 2).sum() <= most
        calm = ~(fallen.signal[:, :12] != 0).any(axis=1)
        assert (fallen.signal[calm, 12:15] < 0).any(axis=1).mean() >= least


def test_a_plain_chart_holds_plain_numbers_only() -> None:
    plain = cusum(series([*ZEROS, 1.0, None])).to_plain()

    assert json.loads(json.dumps(plain)) == plain
    assert {type(v) for week in plain["weeks"] for v in week.values()} <= {
        str, float, int, bool, type(None)
    }  # fmt: skip


def test_settings_that_make_no_chart_are_refused() -> None:
    with pytest.raises(SettingsError, match="weight 0"):
        Ewma(weight=0.0)
    with pytest.raises(SettingsError, match="limit -1"):
        Cusum(limit=-1.0)
    with pytest.raises(SettingsError, match="learning takes 1"):
        ewma(series(ZEROS), learning=1)
    with pytest.raises(SettingsError, match="twice"):
        WeekPoints.of(["a", "a"], [0.0, 0.0], se=[1.0, 1.0])
    with pytest.raises(SettingsError, match="align them"):
        WeekPoints(("a",), np.zeros((1, 1)), np.ones((2, 1)), np.ones((1, 1)), np.ones((1, 1)))
    one = np.ones((1, 1))
    with pytest.raises(SettingsError, match="units by weeks"):
        WeekPoints(("a", "b"), one, one, one, one)
