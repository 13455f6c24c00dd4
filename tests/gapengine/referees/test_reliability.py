"""Reliability against independent packages: pingouin (alpha, Feldt), statsmodels (one factor)."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest
from numpy.typing import NDArray
from statsmodels.multivariate.factor import Factor

from gapengine.folding import AnswerColumns, fold_blocks
from gapengine.levels import Levels
from gapengine.reliability import alpha_of, feldt_interval, omega_of, reliability
from gapengine.stacking import Stacked, stack
from gapengine.vantage import GROUPS, Group, Vantage

CASES = Path(__file__).parents[2] / "cases"
SCALES = {"tangibles": (0, 4), "reliability": (4, 9), "responsiveness": (9, 13),
          "assurance": (13, 17), "empathy": (17, 22), "everything": (0, 22)}  # fmt: skip


def answers(seed: int, *, missing: float) -> NDArray[np.float64]:
    """Scores 1..7, shape (units, people, items), NaN where an item was not asked."""
    rng = np.random.default_rng(seed)
    person = rng.standard_normal((6, 80, 1))
    scores = np.clip(np.rint(5 + person + 1.1 * rng.standard_normal((6, 80, 5))), 1, 7)
    return np.where(rng.random(scores.shape) < missing, np.nan, scores)


def stacked(scores: NDArray[np.float64]) -> Stacked:
    unit, person, item = np.nonzero(np.isfinite(scores))
    columns = AnswerColumns.of(
        unit * scores.shape[1] + person,
        item,
        vantage=np.full(len(unit), GROUPS[Group.CUSTOMER].index(Vantage.PERCEIVED)),
        score=scores[unit, person, item],
    )
    names = {f"i{k}": "d" for k in range(scores.shape[2])}
    blocks = fold_blocks(Group.CUSTOMER, names, columns, block=unit)
    return stack(Group.CUSTOMER, list(blocks.values()), Levels.of(names))


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_alpha_from_moments_equals_pingouins_pairwise_alpha(missing):
    scores = answers(1, missing=missing)

    found = reliability(stacked(scores), Vantage.PERCEIVED)

    for unit in range(len(scores)):
        alpha, _ = pingouin.cronbach_alpha(pd.DataFrame(scores[unit]), nan_policy="pairwise")
        assert found.alpha[unit, 0] == pytest.approx(alpha, abs=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_feldts_interval_equals_pingouins(confidence):
    """pingouin prints three digits."""
    for scores in answers(2, missing=0.0):
        alpha, bounds = pingouin.cronbach_alpha(pd.DataFrame(scores), ci=confidence)

        low, high = feldt_interval(
            alpha_of(np.cov(scores.T)), items=5, people=80, confidence=confidence
        )

        assert alpha_of(np.cov(scores.T)) == pytest.approx(alpha, abs=1e-9)
        assert [float(low), float(high)] == pytest.approx(bounds.tolist(), abs=0.00051)


@pytest.mark.parametrize("scale", SCALES)
def test_omega_equals_that_of_statsmodels_maximum_likelihood_loadings(scale):
    """SERVQUAL's correlations, n = 502 (Babakus and Boller 1992)."""
    with (CASES / "servqual_22_item_correlations.csv").open() as lines:
        rows = list(csv.reader(lines))[1:]
    items = slice(*SCALES[scale])
    correlation = np.array([[float(cell) for cell in row[1:]] for row in rows])[items, items]

    loadings = Factor(corr=correlation, n_factor=1, method="ml").fit().loadings[:, 0]

    omega = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    assert omega_of(correlation) == pytest.approx(omega, abs=1e-6)
