"""The bootstrap of a cell is exact: every resample is counted, none is drawn."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from gapengine.errors import SettingsError
from gapengine.histogram import bootstrap_limits, bootstrap_of_mean

SCORES = np.arange(1.0, 8.0)
DIFFERENCES = np.arange(-6.0, 7.0)


def histogram_of(answers: list[int]) -> np.ndarray:
    return np.bincount(np.array(answers) - 1, minlength=7)[None, :]


def test_two_answers_can_be_drawn_in_four_ways() -> None:
    """By hand: from 3 and 5 come 3 3, 3 5, 5 3, 5 5: means 3, 4, 5 with chance 1/4, 1/2, 1/4."""
    drawn = bootstrap_of_mean(histogram_of([3, 5]), SCORES)

    assert drawn.means.tolist() == [1 + k / 2 for k in range(13)]
    expected = {3.0: 0.25, 4.0: 0.5, 5.0: 0.25}
    for mean, chance in zip(drawn.means, drawn.chance[0], strict=True):
        assert chance == pytest.approx(expected.get(float(mean), 0.0), abs=1e-12)


@given(st.lists(st.integers(1, 7), min_size=4, max_size=4))
def test_four_answers_agree_with_all_256_resamples(answers: list[int]) -> None:
    sums = [sum(drawn) for drawn in product(answers, repeat=4)]

    drawn = bootstrap_of_mean(histogram_of(answers), SCORES)

    counted = np.bincount(np.array(sums) - 4, minlength=25) / 256
    np.testing.assert_allclose(drawn.chance[0], counted, atol=1e-12)


@given(st.lists(st.lists(st.integers(1, 7), min_size=9, max_size=9), min_size=1, max_size=4))
def test_mean_and_variance_are_those_of_the_cell(cells: list[list[int]]) -> None:
    drawn = bootstrap_of_mean(np.vstack([histogram_of(own) for own in cells]), SCORES)

    np.testing.assert_allclose(drawn.mean, np.mean(cells, axis=1), atol=1e-9)
    np.testing.assert_allclose(drawn.variance, np.var(cells, axis=1) / 9, atol=1e-9)


def test_a_resampling_package_agrees_as_far_as_its_draws_allow() -> None:
    """scipy.stats.bootstrap, percentile method, 20,000 resamples of 20 differences P - E."""
    counts = [0, 0, 0, 1, 2, 3, 6, 5, 2, 1, 0, 0, 0]
    answers = np.repeat(DIFFERENCES, counts)

    low, high = bootstrap_limits(np.array([counts]), DIFFERENCES)

    drawn = bootstrap(
        (answers,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    assert low[0] == pytest.approx(drawn.low, abs=0.03)
    assert high[0] == pytest.approx(drawn.high, abs=0.03)


def test_percentiles_rise_with_the_share_and_stay_on_the_scale() -> None:
    drawn = bootstrap_of_mean(np.array([[0, 0, 0, 0, 0, 1, 5], [6, 0, 0, 0, 0, 0, 0]]), SCORES)

    points = np.array([drawn.percentile(share) for share in (0.001, 0.025, 0.5, 0.975, 0.999)])

    assert (np.diff(points, axis=0) >= 0).all()
    assert points.min() >= 1.0
    assert points.max() <= 7.0


def test_cells_of_different_sizes_and_crooked_values_are_refused() -> None:
    with pytest.raises(SettingsError, match="same number of answers"):
        bootstrap_of_mean(np.array([[1, 0], [2, 0]]), np.array([0.0, 1.0]))
    with pytest.raises(SettingsError, match="equally spaced"):
        bootstrap_of_mean(np.array([[1, 1, 1]]), np.array([0.0, 1.0, 3.0]))
    with pytest.raises(SettingsError, match="between 0 and 1"):
        bootstrap_of_mean(histogram_of([3]), SCORES).percentile(1.0)
