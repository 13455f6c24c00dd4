"""Shares, rank correlations and R2 against independent packages: statsmodels, scipy, pingouin."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from gapengine.importance import derived_from_rows
from gapengine.profile import rank_correlation
from gapengine.shares import wilson
from gapengine.tolerance import zone_of_answers


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_equals_that_of_statsmodels(confidence):
    counts = np.arange(21)

    found = wilson(counts, 20, confidence=confidence)

    low, high = proportion_confint(counts, 20, alpha=1 - confidence, method="wilson")
    assert found.low == pytest.approx(low, abs=1e-12)
    assert found.high == pytest.approx(high, abs=1e-12)


def test_rank_correlation_with_ties_equals_that_of_scipy():
    rng = np.random.default_rng(1)
    left, right = rng.integers(1, 8, (2, 30, 22)).astype(float)

    found = rank_correlation(left, right)

    for unit in range(30):
        other = stats.spearmanr(left[unit], right[unit])
        assert found.rho[unit] == pytest.approx(other.statistic)
        assert found.p[unit] == pytest.approx(other.pvalue)


def test_exact_p_equals_the_permutation_test_of_scipy():
    left, right = np.random.default_rng(2).normal(size=(2, 6))

    other = stats.permutation_test(
        (left,),
        lambda x: abs(stats.spearmanr(x, right).statistic),
        permutation_type="pairings",
        n_resamples=720,
        alternative="greater",
    )

    assert rank_correlation(left, right).p[0] == pytest.approx(other.pvalue)


def test_parts_of_r_squared_add_up_to_that_of_statsmodels():
    rng = np.random.default_rng(3)
    rated = rng.normal(size=(80, 1)) + rng.normal(size=(80, 5))
    content = rated @ rng.uniform(0, 1, 5) + rng.normal(size=80)

    found = derived_from_rows(rated, content, "abcde")

    assert found.part.sum() == pytest.approx(sm.OLS(content, sm.add_constant(rated)).fit().rsquared)


def test_parts_are_close_to_the_relative_weights_of_pingouin():
    import pandas as pd  # both take seconds: only who runs this waits for them
    import pingouin

    rng = np.random.default_rng(4)
    rated = pd.DataFrame(rng.normal(size=(60, 1)) + rng.normal(size=(60, 4)), columns=list("abcd"))
    content = rated.sum(axis=1) + rng.normal(size=60)

    found = derived_from_rows(rated, content, "abcd")

    # pingouin scales relative weights (Johnson 2000): another method, alike to a few points.
    other = pingouin.linear_regression(rated, content, relimp=True)
    assert other["r2"].iloc[0] == pytest.approx(found.r_squared, abs=1e-6)
    assert other["relimp"].to_numpy()[1:] == pytest.approx(found.part, abs=0.02)


def test_adequacy_equals_the_paired_t_interval_of_scipy():
    least, wished, seen = np.random.default_rng(5).integers(1, 8, (3, 25, 4)).astype(float)

    zone = zone_of_answers(least, wished, seen)

    other = stats.ttest_rel(seen, least).confidence_interval()
    assert zone.adequacy.low == pytest.approx(other.low)
    assert zone.adequacy.high == pytest.approx(other.high)
