"""Variance between units, and their mean, against statsmodels' meta-analysis."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from gapengine.pooling import Rule, pool

VACCINATED = (
    *((4, 119), (6, 300), (3, 228), (62, 13536), (33, 5036), (180, 1361), (8, 2537)),
    *((505, 87886), (29, 7470), (17, 1699), (186, 50448), (5, 2493), (27, 16886)),
)
CONTROLS = (
    *((11, 128), (29, 274), (11, 209), (248, 12619), (47, 5761), (372, 1079), (10, 619)),
    *((499, 87892), (45, 7232), (65, 1600), (141, 27197), (3, 2338), (29, 17825)),
)
"""Thirteen trials of a vaccine: who fell ill, and who did not."""


@pytest.mark.parametrize(
    ("rule", "between", "mean", "error"),
    [
        (Rule.DERSIMONIAN_LAIRD, 0.3088, -0.7141, 0.1787),
        (Rule.PAULE_MANDEL, 0.3181, -0.7150, 0.1809),
    ],
)
def test_a_published_meta_analysis_is_reproduced(rule, between, mean, error):
    """Log risk ratios of Colditz et al. (1994), JAMA 271, 698-702, as R's metafor prints them.

    Source: Viechtbauer (2010), J. Statistical Software 36(3); rma(..., method="DL" and "PM").
    """
    (ill, well), (sick, sound) = (
        np.array(part, dtype=np.float64).T for part in (VACCINATED, CONTROLS)
    )
    risk, usual = ill / (ill + well), sick / (sick + sound)
    variance = 1 / ill - 1 / (ill + well) + 1 / sick - 1 / (sick + sound)

    found = pool(
        np.log(risk / usual)[:, None],
        variance[:, None],
        parent=np.zeros(len(ill), dtype=np.int64),
        rule=rule,
    )

    assert found.between[0, 0] ** 2 == pytest.approx(between, abs=5e-5)
    assert found.mean[0, 0] == pytest.approx(mean, abs=5e-5)
    assert found.mean_se[0, 0] == pytest.approx(error, abs=5e-5)


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
