"""Alpha, omega and the reliability of P-E: by hand, from published matrices, from moments."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gapengine.errors import SettingsError
from gapengine.folding import AnswerColumns, fold
from gapengine.levels import Levels
from gapengine.moments import Moments
from gapengine.reliability import (
    Estimable,
    Reliability,
    alpha_of,
    difference_reliability,
    difference_reliability_of,
    feldt_interval,
    omega_of,
    reliability,
    reliability_plain,
    standardised_alpha_of,
)
from gapengine.reliability.one_factor import fit_one_factor
from gapengine.stacking import Stacked, stack
from gapengine.vantage import GROUPS, Group, Vantage

CASES = Path(__file__).parents[1] / "cases"
REFERENCE = json.loads((CASES / "reference_cases.json").read_text())
E, P = Vantage.EXPECTED, Vantage.PERCEIVED

Floats = NDArray[np.float64]


def published_correlations() -> Floats:
    """SERVQUAL's 22 items, n = 502 (Babakus and Boller 1992)."""
    with (CASES / "servqual_22_item_correlations.csv").open() as lines:
        rows = list(csv.reader(lines))[1:]
    return np.array([[float(cell) for cell in row[1:]] for row in rows])


def moments_of(answers: dict[Vantage, Floats], *, dimension_of: Sequence[str]) -> Moments:
    """Moments of scores of shape (people, items) from each point; NaN is not asked."""
    who, item, vantage, score = [], [], [], []
    for name, scores in answers.items():
        row, column = np.nonzero(np.isfinite(scores))
        who.append(row)
        item.append(column)
        vantage.append(np.full(len(row), GROUPS[Group.CUSTOMER].index(name)))
        score.append(scores[row, column])
    columns = AnswerColumns.of(
        np.concatenate(who),
        np.concatenate(item),
        vantage=np.concatenate(vantage),
        score=np.concatenate(score),
    )
    return fold(Group.CUSTOMER, named(dimension_of), columns)


def named(dimension_of: Sequence[str]) -> dict[str, str]:
    return {f"i{k:02}": name for k, name in enumerate(dimension_of)}


def stacked(*units: dict[Vantage, Floats], dimension_of: Sequence[str]) -> Stacked:
    moments = [moments_of(unit, dimension_of=dimension_of) for unit in units]
    return stack(Group.CUSTOMER, moments, Levels.of(named(dimension_of)))


def perceived(*units: Floats) -> Stacked:
    """Units of one dimension that were asked P only."""
    return stacked(*({P: unit} for unit in units), dimension_of=["d"] * units[0].shape[1])


def one_factor_scores(loadings: Sequence[float], people: int, *, seed: int) -> Floats:
    """Scores 1..7 with a normal factor behind them."""
    rng, load = np.random.default_rng(seed), np.array(loadings)
    own = rng.standard_normal((people, len(load))) * np.sqrt(1 - load**2)
    latent = rng.standard_normal((people, 1)) * load + own
    return np.asarray(np.clip(np.rint(4 + 1.1 * latent), 1, 7))


def pairwise_covariance(scores: Floats) -> Floats:
    """Covariances over the people who answered both items, one pair at a time."""
    many = scores.shape[1]
    result = np.zeros((many, many))
    for j in range(many):
        for k in range(many):
            both = np.isfinite(scores[:, j]) & np.isfinite(scores[:, k])
            a, b = scores[both, j], scores[both, k]
            result[j, k] = ((a - a.mean()) * (b - b.mean())).sum() / (both.sum() - 1)
    return result


def test_alpha_from_moments_matches_five_people_by_hand():
    """Variances 2.5 and 2.5, covariance 8/4 = 2: alpha = 2 (1 - 5/9) = 8/9.

    Feldt: F(0.975; 4, 4) = 9.604530, so 1 - 9.604530/9 and 1 - 1/(9 * 9.604530).
    """
    scores = np.array([[1, 2], [2, 1], [3, 4], [4, 3], [5, 5]], dtype=float)

    found = reliability(perceived(scores), P)

    assert found.alpha[0, 0] == pytest.approx(8 / 9, abs=1e-12)
    assert found.low[0, 0] == pytest.approx(1 - 9.604530 / 9, abs=1e-6)
    assert found.high[0, 0] == pytest.approx(1 - 1 / (9 * 9.604530), abs=1e-6)
    assert found.people[0, 0] == 5
    assert found.alpha_verdict[0, 0] == Estimable.ESTIMATED


def test_raw_and_standardised_alpha_are_told_apart():
    """By hand: variances 1 and 4, covariance 1: raw 2 (1 - 5/7) = 4/7; r = 0.5, so 2/3."""
    covariance = [[1.0, 1.0], [1.0, 4.0]]

    assert alpha_of(covariance) == pytest.approx(4 / 7)
    assert standardised_alpha_of(covariance) == pytest.approx(2 / 3)


@pytest.mark.parametrize("name", ["congeneric_closed_form", "tau_equivalent_closed_form"])
def test_alpha_and_omega_match_the_closed_forms(name):
    """omega = (sum l)^2 / ((sum l)^2 + sum(1 - l^2)) of the loadings in the file."""
    case = REFERENCE[name]
    loadings = np.array(case["loadings"])
    correlation = np.outer(loadings, loadings) + np.diag(1 - loadings**2)

    assert omega_of(correlation) == pytest.approx(case["omega"], abs=1e-6)
    assert alpha_of(correlation) == pytest.approx(case["alpha_standardised"], abs=1e-6)


@pytest.mark.parametrize(
    ("items", "alpha", "omega"),
    [
        (slice(0, 4), 0.661629, 0.679606),
        (slice(4, 9), 0.821331, 0.823805),
        (slice(9, 13), 0.684509, 0.686765),
        (slice(13, 17), 0.827324, 0.831989),
        (slice(17, 22), 0.706522, 0.706580),
        (slice(0, 22), 0.914288, 0.915317),
    ],
)
def test_published_servqual_scales_have_known_alpha_and_omega(items, alpha, omega):
    """Alpha by k r / (1 + (k-1) r); omega from statsmodels' maximum likelihood factor analysis."""
    correlation = published_correlations()[items, items]

    assert standardised_alpha_of(correlation) == pytest.approx(alpha, abs=1e-6)
    assert omega_of(correlation) == pytest.approx(omega, abs=1e-6)


def test_reliability_of_a_difference_matches_the_worked_examples():
    """Edwards's slides: 0.75, 0.75 and r = 0.5 leave 0.5; two more by the same formula."""
    case = REFERENCE["edwards_difference_reliability"]

    for one in ({**case, "value": case["reliability_of_difference"]}, *case["more"]):
        sd = one.get("sd_x", 1), one.get("sd_y", 1)
        found = difference_reliability_of(sd, (one["rel_x"], one["rel_y"]), correlation=one["r_xy"])

        assert found == pytest.approx(one["value"], abs=1e-6)
    assert np.isnan(difference_reliability_of((1, 1), (0.8, 0.8), correlation=1.0))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.floats(0, 0.4))
def test_moments_give_the_same_alpha_as_the_rows(seed, items, missing):
    scores = one_factor_scores([0.7] * items, 40, seed=seed)
    scores[np.random.default_rng(seed).random(scores.shape) < missing] = np.nan
    covariance = pairwise_covariance(scores)
    both = np.isfinite(scores).astype(float)
    pairs = (both.T @ both)[~np.eye(items, dtype=bool)]

    found = reliability(perceived(scores), P)

    assert found.alpha[0, 0] == pytest.approx(alpha_of(covariance), abs=1e-9)
    assert found.standardised[0, 0] == pytest.approx(standardised_alpha_of(covariance), abs=1e-9)
    assert found.people[0, 0] == pytest.approx(len(pairs) / (1 / pairs).sum())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 6), st.floats(0.1, 10))
def test_a_change_of_unit_or_of_order_changes_neither_alpha_nor_omega(seed, items, factor):
    rng = np.random.default_rng(seed)
    loadings, spread = rng.uniform(0.3, 0.9, items), rng.uniform(0.5, 2, items)
    covariance = np.outer(loadings * spread, loadings * spread)
    covariance[np.diag_indices(items)] = spread**2
    order = rng.permutation(items)
    other = factor * covariance[np.ix_(order, order)]

    assert alpha_of(other) == pytest.approx(alpha_of(covariance), abs=1e-9)
    assert omega_of(other) == pytest.approx(omega_of(covariance), abs=1e-6)
    assert alpha_of(covariance) <= omega_of(covariance) + 1e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_the_difference_equals_the_formula_on_complete_rows(seed):
    expected = one_factor_scores([0.6, 0.7, 0.8], 30, seed=seed)
    lived = np.clip(np.rint((expected + one_factor_scores([0.8] * 3, 30, seed=seed + 1)) / 2), 1, 7)
    scores = [np.mean(side, axis=1) for side in (lived, expected)]
    by_formula = difference_reliability_of(
        (float(np.std(scores[0], ddof=1)), float(np.std(scores[1], ddof=1))),
        (alpha_of(np.cov(lived.T)), alpha_of(np.cov(expected.T))),
        correlation=float(np.corrcoef(*scores)[0, 1]),
    )

    found = difference_reliability(stacked({E: expected, P: lived}, dimension_of=["d"] * 3))

    assert found.value[0, 0] == pytest.approx(by_formula, abs=1e-9)
    assert found.correlation[0, 0] == pytest.approx(np.corrcoef(*scores)[0, 1], abs=1e-9)


def test_an_item_asked_from_one_point_only_takes_no_part_in_the_difference():
    expected = one_factor_scores([0.7, 0.7, 0.7], 60, seed=3)
    lived = one_factor_scores([0.7, 0.7, 0.7], 60, seed=4)
    without = lived.copy()
    without[:, 2] = np.nan

    two = difference_reliability(
        stacked({E: expected[:, :2], P: lived[:, :2]}, dimension_of=["d"] * 2)
    )
    three = difference_reliability(stacked({E: expected, P: without}, dimension_of=["d"] * 3))

    assert three.value[0, 0] == pytest.approx(two.value[0, 0], abs=1e-12)


def test_units_and_dimensions_do_not_touch_each_other():
    first, second = (
        one_factor_scores([0.8] * 5, 30, seed=1),
        one_factor_scores([0.4] * 5, 50, seed=2),
    )
    names = ["x", "x", "y", "y", "y"]

    together = reliability(stacked({P: first}, {P: second}, dimension_of=names), P)

    for unit, scores in enumerate((first, second)):
        for at, items in enumerate((slice(0, 2), slice(2, 5))):
            assert together.alpha[unit, at] == pytest.approx(alpha_of(np.cov(scores[:, items].T)))


def test_omega_from_moments_finds_the_population():
    """Loadings .8 .7 .6 .5 on the latent scale; cut to 1..7 they shrink a little.

    The truth is omega of a sample of 200,000, at which the estimate has no error to speak of.
    """
    truth = omega_of(np.cov(one_factor_scores([0.8, 0.7, 0.6, 0.5], 200_000, seed=9).T))
    units = [one_factor_scores([0.8, 0.7, 0.6, 0.5], 400, seed=k) for k in range(40)]

    found = reliability(perceived(*units), P)

    assert found.omega_verdict[:, 0].tolist() == [Estimable.ESTIMATED] * 40
    assert found.omega.mean() == pytest.approx(truth, abs=0.01)
    assert (found.misfit < 0.08).all()


def test_a_repeated_answer_enters_as_the_mean_with_its_weight():
    """Person 0 answered both items twice, 1 and 3 each: means 2 and 2, weight 4 of 8.

    Others 4 4, 5 6, 2 1, 6 6 with weight 1. Weighted means 25/8 and 25/8; the sums of squares and
    products around them are divided by 8 * 4/5.
    """
    columns = AnswerColumns.of(
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4],
        [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
        vantage=[GROUPS[Group.CUSTOMER].index(P)] * 12,
        score=[1, 1, 3, 3, 4, 4, 5, 6, 2, 1, 6, 6],
    )
    moments = fold(Group.CUSTOMER, named("dd"), columns)
    first, second = np.array([2.0, 4, 5, 2, 6]), np.array([2.0, 4, 6, 1, 6])
    weight = np.array([4.0, 1, 1, 1, 1])
    off = np.stack([first, second]) - [[25 / 8], [25 / 8]]
    covariance = (weight * off) @ off.T / (8 * 4 / 5)

    found = reliability(stack(Group.CUSTOMER, [moments], Levels.of(named("dd"))), P)

    assert found.people[0, 0] == 5
    assert found.alpha[0, 0] == pytest.approx(alpha_of(covariance), abs=1e-12)


def test_what_cannot_be_estimated_says_why():
    rng = np.random.default_rng(1)
    scores = one_factor_scores([0.7] * 3, 40, seed=5)
    single, apart, thin, same = (scores.copy() for _ in range(4))
    single[:, 1:] = np.nan
    apart[:20, 0], apart[20:, 1] = np.nan, np.nan
    thin[4:] = np.nan
    same[:] = 6.0
    noise = np.tile(rng.integers(1, 8, (30, 1)), (1, 3)).astype(float)
    noise[:, 1] = 8 - noise[:, 0]
    noise[:, 2] = 4

    found = reliability(perceived(single, apart, thin, same, noise), P)

    assert [Estimable(int(v)) for v in found.alpha_verdict[:, 0]] == [
        Estimable.FEW_ITEMS,
        Estimable.NEVER_TOGETHER,
        Estimable.FEW_PEOPLE,
        Estimable.NO_VARIANCE,
        Estimable.NO_VARIANCE,
    ]
    for numbers in (found.alpha, found.low, found.high, found.standardised, found.omega):
        assert np.isnan(numbers).all()
    assert all(Estimable(int(v)).reason for v in found.alpha_verdict[:, 0])


def test_omega_wants_three_items_a_hundred_people_and_one_factor():
    few = one_factor_scores([0.8] * 4, 99, seed=1)
    pair = one_factor_scores([0.8] * 4, 200, seed=1)
    pair[:, 2:] = np.nan
    sides = [one_factor_scores([0.8, 0.8], 200, seed=seed) for seed in (2, 3)]
    two_factors = np.concatenate(sides, axis=1)
    flat = one_factor_scores([0.8] * 4, 200, seed=1)
    flat[:, 3] = 7

    found = reliability(perceived(few, pair, two_factors, flat), P)

    assert [Estimable(int(v)) for v in found.omega_verdict[:, 0]] == [
        Estimable.FEW_PEOPLE,
        Estimable.FEW_ITEMS,
        Estimable.NOT_ONE_FACTOR,
        Estimable.NO_VARIANCE,
    ]
    assert np.isnan(found.omega).all()
    assert np.isfinite(found.alpha).all()


def test_a_heywood_case_has_no_omega():
    """r12 r13 / r23 = .8 * .8 / .5 = 1.28: the first loading would have to exceed 1."""
    assert np.isnan(omega_of([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]]))


def test_three_items_are_reproduced_exactly():
    """r = .56 .48 .42 come from the loadings .8 .7 .6."""
    correlation = np.array([[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]])

    fitted = fit_one_factor(correlation[None], np.ones((1, 3), dtype=bool))

    assert fitted.loadings[0] == pytest.approx([0.8, 0.7, 0.6], abs=1e-7)
    assert fitted.misfit[0] < 1e-7


def test_thousands_of_fits_at_once_agree_with_one_at_a_time():
    rng = np.random.default_rng(4)
    loadings = rng.uniform(0.3, 0.9, (3000, 5))
    correlation = loadings[:, :, None] * loadings[:, None, :]
    correlation += 0.03 * rng.standard_normal((3000, 5, 1)) * rng.standard_normal((3000, 1, 5))
    correlation = (correlation + correlation.transpose(0, 2, 1)) / 2
    correlation[:, np.arange(5), np.arange(5)] = 1
    asked = np.ones((3000, 5), dtype=bool)

    together = fit_one_factor(correlation, asked)

    assert together.usable.mean() > 0.95
    for cell in np.flatnonzero(together.usable)[::500]:
        alone = fit_one_factor(correlation[cell : cell + 1], asked[:1])
        assert together.loadings[cell] == pytest.approx(alone.loadings[0], abs=1e-7)


def test_feldts_interval_holds_the_truth_as_often_as_it_says():
    """Normal items, alpha 0.8 (k = 4, r = 0.5), 25 people, 2,000 samples: 95 +- 1.5 %."""
    rng = np.random.default_rng(6)
    scores = np.sqrt(0.5) * (
        rng.standard_normal((2000, 25, 1)) + rng.standard_normal((2000, 25, 4))
    )
    off = scores - scores.mean(axis=1, keepdims=True)
    covariance = off.transpose(0, 2, 1) @ off / 24
    alpha = 4 / 3 * (1 - np.trace(covariance, axis1=1, axis2=2) / covariance.sum(axis=(1, 2)))

    low, high = feldt_interval(alpha, items=4, people=25)

    assert np.mean((low <= 0.8) & (high >= 0.8)) == pytest.approx(0.95, abs=0.015)


def test_feldts_interval_knows_nothing_of_one_item_or_one_person():
    low, high = feldt_interval([0.8, 0.8, np.nan], items=[1, 4, 4], people=[30, 1, 30])

    assert np.isnan(low).all()
    assert np.isnan(high).all()


def example() -> tuple[Stacked, Reliability]:
    scores = one_factor_scores([0.8, 0.8, 0.8], 150, seed=8)
    whole = stacked({E: one_factor_scores([0.8] * 3, 150, seed=7), P: scores}, dimension_of="ddd")
    return whole, reliability(whole, P)


def test_what_is_hidden_is_gone_from_every_number():
    whole, found = example()
    hidden = np.ones((1, 1), dtype=bool)

    plain = reliability_plain(
        [found.without(hidden)], 0, difference=difference_reliability(whole).without(hidden)
    )

    assert plain == {
        "vantage": {
            "P": {
                "d": {
                    "items": None,
                    "people_per_pair": None,
                    "alpha": None,
                    "low": None,
                    "high": None,
                    "alpha_standardised": None,
                    "not_estimable": "too few",
                    "omega": {"value": None, "not_estimable": "too few"},
                }
            }
        },
        "difference": {
            "d": {
                "value": None,
                "correlation": None,
                "people_per_pair": None,
                "not_estimable": "too few",
            }
        },
    }


def test_the_plain_form_holds_only_plain_values():
    whole, found = example()

    plain = reliability_plain([found], 0, difference=difference_reliability(whole))

    entry = plain["vantage"]["P"]["d"]
    assert entry["items"] == 3
    assert entry["people_per_pair"] == 150.0
    assert entry["low"] < entry["alpha"] < entry["high"]
    assert entry["omega"]["one_factor_fits"] is True
    assert "not_estimable" not in entry
    assert json.loads(json.dumps(plain)) == plain
    numbers = [*entry.values(), *entry["omega"].values(), *plain["difference"]["d"].values()]
    assert {type(value) for value in numbers} <= {int, float, bool, dict}


@pytest.mark.parametrize(
    "matrix",
    [[[1.0]], [[1.0, 0.5]], [[1.0, 0.5], [0.4, 1.0]], [[1.0, np.nan], [np.nan, 1.0]]],
)
def test_what_is_no_covariance_matrix_is_refused(matrix):
    for coefficient in (alpha_of, standardised_alpha_of, omega_of):
        with pytest.raises(SettingsError, match="matrix"):
            coefficient(matrix)


def test_a_point_nobody_here_is_asked_and_a_confidence_beyond_one_are_refused():
    whole, _ = example()

    with pytest.raises(SettingsError, match="'D' is not a vantage point of customer"):
        reliability(whole, Vantage.DELIVERED)
    with pytest.raises(SettingsError, match="'M' is not a vantage point of customer"):
        difference_reliability(whole, subtrahend=Vantage.BELIEVED)
    with pytest.raises(SettingsError, match="confidence is 1"):
        feldt_interval(0.8, items=4, people=30, confidence=1)


def test_matrices_without_variance_have_no_coefficient():
    assert np.isnan(alpha_of([[1, -1], [-1, 1]]))
    assert np.isnan(standardised_alpha_of([[0, 0], [0, 1]]))
    assert np.isnan(omega_of(np.diag([0.0, 1.0, 1.0])))
    assert np.isnan(omega_of([[1, 0.5], [0.5, 1]]))
