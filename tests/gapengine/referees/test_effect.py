"""The effect of a fix against statsmodels' difference in differences."""

import numpy as np
import pytest
import statsmodels.api as sm

from gapengine.change import WeekPoints
from gapengine.effect import effect

WEEKS = tuple(f"w{k:02d}" for k in range(14))
BEFORE = 8


def company(seed: int, *, error: float = 0.1) -> WeekPoints:
    """Nine units that started alike and then went their own ways, week by week."""
    rng, shape = np.random.default_rng(seed), (9, len(WEEKS))
    gap = -0.6 + rng.normal(0, 0.3, shape) + rng.normal(0, error, shape)
    gap[:, BEFORE:] += rng.normal(0, 0.3, (9, 1))
    gap[0, BEFORE:] += 0.4
    return WeekPoints(WEEKS, gap, np.full(shape, error), np.full(shape, 20.0), np.full(shape, 20.0))


@pytest.mark.parametrize("seed", range(5))
def test_estimate_error_and_freedom_are_those_of_a_regression_on_units(seed: int) -> None:
    """Changes of units on who took the fix: the two-period regression, a cluster per unit.

    The spread of the comparisons is larger than sampling here, so it is the whole error.
    """
    points = company(seed)

    found = effect(points, treated=0, started=WEEKS[BEFORE])

    units = [0, *found.comparisons]
    change = points.estimate[:, BEFORE:].mean(axis=1) - points.estimate[:, :BEFORE].mean(axis=1)
    took = sm.add_constant(np.array([float(unit == 0) for unit in units]))
    fitted = sm.OLS(change[units], took).fit()
    assert len(found.comparisons) >= 3
    assert found.estimate == pytest.approx(fitted.params[1])
    assert found.se == pytest.approx(fitted.bse[1])
    assert found.df == pytest.approx(fitted.df_resid)
    assert (found.low, found.high) == pytest.approx(tuple(fitted.conf_int()[1]))
    assert found.p == pytest.approx(fitted.pvalues[1])


@pytest.mark.parametrize("seed", range(5))
def test_the_estimate_is_the_interaction_in_the_table_of_units_and_weeks(seed: int) -> None:
    """Unit and week each have their own level; the fix is what is left."""
    points = company(seed)

    found = effect(points, treated=0, started=WEEKS[BEFORE])

    units = [0, *found.comparisons]
    rows = [(u, w) for u in units for w in range(len(WEEKS))]
    after = [float(u == 0 and w >= BEFORE) for u, w in rows]
    dummies = [[float(u == unit) for unit in units] for u, _ in rows]
    weeks = [[float(w == week) for week in range(1, len(WEEKS))] for _, w in rows]
    design = np.column_stack([after, np.array(dummies), np.array(weeks)])
    fitted = sm.OLS([points.estimate[u, w] for u, w in rows], design).fit(
        cov_type="cluster", cov_kwds={"groups": [u for u, _ in rows]}
    )
    assert found.estimate == pytest.approx(fitted.params[0])
    assert found.se is not None
    assert found.se > fitted.bse[0]  # a single cluster with a fix: its own spread is not seen
