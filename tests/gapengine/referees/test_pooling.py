"""Variance between units, and their mean, against statsmodels' meta-analysis."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from gapengine.pooling import Rule, pool

METHODS = {Rule.PAULE_MANDEL: "iterated", Rule.DERSIMONIAN_LAIRD: "chi2"}


@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt:RuntimeWarning")
@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("spread", [0.2, 0.6, 2.0])
@pytest.mark.parametrize("units", [3, 8, 40])
def test_spread_and_mean_equal_those_of_statsmodels(rule, spread, units):
    """statsmodels leaves a variance below 0 as it is, and warns; here it becomes 0."""
    rng = np.random.default_rng(units)
    variance = np.exp(rng.uniform(np.log(0.01), np.log(0.2), (units, 6)))
    truth = -0.5 + spread * rng.standard_normal((units, 6))
    estimate = truth + np.sqrt(variance) * rng.standard_normal((units, 6))

    found = pool(estimate, variance, parent=np.zeros(units, dtype=np.int64), rule=rule)

    for cell in range(6):
        other = combine_effects(estimate[:, cell], variance[:, cell], method_re=METHODS[rule])
        assert found.between[0, cell] ** 2 == pytest.approx(max(other.tau2, 0.0), abs=2e-5)
        if other.tau2 > 0:
            assert found.mean[0, cell] == pytest.approx(other.mean_effect_re, abs=2e-5)
            assert found.mean_se[0, cell] == pytest.approx(other.sd_eff_w_re, abs=2e-5)
