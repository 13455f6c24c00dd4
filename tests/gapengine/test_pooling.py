"""Shrinkage of small units, and their ranks, against hand and brute force."""

import json
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

from gapengine.errors import SettingsError
from gapengine.pooling import (
    NO_PARENT,
    Pooled,
    Pooling,
    Rule,
    Siblings,
    between_variance,
    pool,
    pool_gaps,
    pooled_plain,
    ranks,
)

CASES = Path(__file__).parents[1] / "cases"
BATTERS = json.loads((CASES / "reference_cases.json").read_text())["efron_morris_james_stein"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Gap:
    """What pooling needs of ``gapengine.estimate.Differences``."""

    estimate: Floats
    se: Floats
    df: Floats
    low: Floats
    high: Floats


FIGURES = ("shrunken", "sd", "low", "high", "own", "mean", "mean_se", "between", "below")


def column(*numbers: float) -> Floats:
    return np.array(numbers, dtype=float)[:, None]


def one_parent(units: int) -> NDArray[np.int64]:
    return np.zeros(units, dtype=np.int64)


def drawn(seed: int, *, units: int, cells: int = 1, spread: float = 0.4) -> tuple[Floats, Floats]:
    """Estimates and variances of units whose true values spread around -0.5."""
    rng = np.random.default_rng(seed)
    variance = np.exp(rng.uniform(np.log(0.01), np.log(0.3), (units, cells)))
    truth = -0.5 + spread * rng.standard_normal((units, cells))
    return truth + np.sqrt(variance) * rng.standard_normal((units, cells)), variance


def test_three_units_are_shrunk_halfway_by_hand():
    """Estimates -1 0 1, variance 0.5 each: squares add up to 2, less than 2 tau^2 = 1 - 0.5 = 0.5.

    Half of each deviation stays; the mean is 0 with SE sqrt((0.5 + 0.5) / 3). The first unit's
    P(below -0.25) follows from its own sd.
    """
    found = pool(column(-1, 0, 1), column(0.5, 0.5, 0.5), parent=one_parent(3))

    assert found.shrunken[:, 0] == pytest.approx([-0.5, 0, 0.5], abs=1e-9)
    assert found.own[:, 0] == pytest.approx([0.5] * 3, abs=1e-9)
    assert found.between[0, 0] == pytest.approx(np.sqrt(0.5), abs=1e-9)
    assert found.mean[0, 0] == pytest.approx(0, abs=1e-12)
    assert found.mean_se[0, 0] == pytest.approx(np.sqrt(1 / 3), abs=1e-9)
    assert found.below[0, 0] == pytest.approx(ndtr((-0.25 + 0.5) / found.sd[0, 0]), abs=1e-7)
    assert found.verdict[:, 0].tolist() == [Pooling.POOLED] * 3


def test_dersimonian_laird_by_hand():
    """Estimates 0 0 3, variances 1 1 0.5: weights 1 1 2, mean 1.5, Q = 2.25 + 2.25 + 4.5 = 9.

    C = 4 - 6/4 = 2.5, so tau^2 = (9 - 2) / 2.5 = 2.8.
    """
    siblings = Siblings.of(column(0, 0, 3), column(1, 1, 0.5), one_parent(3))

    assert between_variance(siblings, Rule.DERSIMONIAN_LAIRD)[0, 0] == pytest.approx(2.8)


def test_efron_and_morris_batters_are_shrunk_as_published_up_to_the_known_factor():
    """James and Stein keep 1 - (k-3) s2/S = 0.211653 of a deviation.

    tau^2 of either rule is S/(k-1) - s2, which keeps 1 - (k-1) s2/S. Both shrink to the grand mean
    and cut the squared error of the season's averages to less than a third.
    """
    hits = np.array(BATTERS["hits"])
    average = column(*(hits / BATTERS["n_at_bats"]))
    kept = 1 - (1 - BATTERS["c"]) * (len(hits) - 1) / (len(hits) - 3)

    for rule in Rule:
        found = pool(
            average,
            np.full_like(average, BATTERS["sigma2"]),
            parent=one_parent(len(hits)),
            rule=rule,
        )

        error = ((found.shrunken[:, 0] - BATTERS["season_average"]) ** 2).sum()
        assert found.own[0, 0] == pytest.approx(kept, abs=2e-6)
        assert found.mean[0, 0] == pytest.approx(BATTERS["grand_mean"], abs=1e-6)
        assert error < BATTERS["sse_raw"] / 3


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 12), st.floats(0, 2))
def test_paule_and_mandels_squares_add_up_to_units_less_one(seed, units, spread):
    estimate, variance = drawn(seed, units=units, cells=4, spread=spread)
    siblings = Siblings.of(estimate, variance, one_parent(units))

    between = between_variance(siblings)[0]

    weight = 1 / (variance + between)
    mean = (weight * estimate).sum(axis=0) / weight.sum(axis=0)
    squares = (weight * (estimate - mean) ** 2).sum(axis=0)
    solved = between > 0
    assert squares[solved] == pytest.approx(np.full(solved.sum(), units - 1.0), rel=1e-6)
    assert (squares[~solved] <= units - 1 + 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(Rule))
def test_a_shrunken_figure_lies_between_its_own_and_the_mean(seed, rule):
    estimate, variance = drawn(seed, units=7, cells=3)

    found = pool(estimate, variance, parent=one_parent(7), rule=rule)

    least, most = np.minimum(estimate, found.mean), np.maximum(estimate, found.mean)
    assert ((found.shrunken >= least - 1e-9) & (found.shrunken <= most + 1e-9)).all()
    assert ((found.own >= 0) & (found.own < 1)).all()
    less_sure = np.argsort(-variance, axis=0)
    assert (np.diff(np.take_along_axis(found.own, less_sure, axis=0), axis=0) >= -1e-12).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(-3, 3))
def test_a_shift_of_all_units_shifts_the_result_and_nothing_else(seed, shift):
    estimate, variance = drawn(seed, units=6, cells=2)

    here = pool(estimate, variance, parent=one_parent(6))
    there = pool(estimate + shift, variance, parent=one_parent(6), threshold=shift - 0.25)

    assert there.shrunken == pytest.approx(here.shrunken + shift, abs=1e-7)
    assert there.sd == pytest.approx(here.sd, abs=1e-7)
    assert there.below == pytest.approx(here.below, abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_regions_pool_within_themselves(seed):
    estimate, variance = drawn(seed, units=11, cells=2)
    parent = np.array([4, 7, 4, 7, 7, 4, 4, 7, 7, 7, 4])

    together = pool(estimate, variance, parent=parent)

    for label in (4, 7):
        own = parent == label
        alone = pool(estimate[own], variance[own], parent=parent[own])
        for name in FIGURES:
            assert getattr(together, name)[own] == pytest.approx(getattr(alone, name), abs=1e-9)
        assert ranks(together).expected[own] == pytest.approx(ranks(alone).expected, abs=1e-9)


def test_a_hidden_unit_moves_nobody():
    estimate, variance = drawn(3, units=6)
    without = pool(estimate[1:], variance[1:], parent=one_parent(5))
    estimate[0], variance[0] = np.nan, np.nan

    found = pool(estimate, variance, parent=one_parent(6))

    assert found.verdict[0, 0] == Pooling.NOT_THERE
    assert np.isnan([getattr(found, name)[0, 0] for name in FIGURES]).all()
    for name in FIGURES:
        assert getattr(found, name)[1:] == pytest.approx(getattr(without, name), abs=1e-12)
    assert np.isnan(ranks(found).expected[0, 0])
    assert ranks(found).of[1:, 0].tolist() == [5] * 5


def test_where_nothing_can_be_pooled_the_raw_figure_stays_and_says_why():
    """Two siblings; a unit of no parent; one without a spread. The t interval is the raw one."""
    estimate = column(-0.4, 0.2, -1, -0.8)
    variance = np.array([[0.04], [0.09], [0.01], [0.0]])
    parent = np.array([1, 1, NO_PARENT, 1])

    found = pool(estimate, variance, parent=parent, df=column(9, 9, 9, 9))

    assert [Pooling(int(v)) for v in found.verdict[:, 0]] == [
        Pooling.FEW_SIBLINGS,
        Pooling.FEW_SIBLINGS,
        Pooling.NO_PARENT,
        Pooling.NO_SPREAD,
    ]
    assert found.shrunken == pytest.approx(estimate)
    assert found.low[0, 0] == pytest.approx(-0.4 - stdtrit(9, 0.975) * 0.2)
    assert found.high[2, 0] == pytest.approx(-1 + stdtrit(9, 0.975) * 0.1)
    assert found.below[2, 0] == pytest.approx(stdtr(9, 7.5))
    assert np.isnan(found.low[3, 0])
    assert np.isnan(found.between).all()
    assert np.isnan(ranks(found).expected).all()


def test_units_of_no_parent_are_not_each_others_siblings():
    estimate, variance = drawn(4, units=5)

    found = pool(estimate, variance, parent=np.full(5, NO_PARENT))

    assert found.shrunken == pytest.approx(estimate)
    assert (found.verdict == Pooling.NO_PARENT).all()
    assert (found.siblings == 0).all()


def test_no_units_at_all_give_no_figures():
    nothing = np.zeros((0, 3))

    found = pool(nothing, nothing, parent=np.zeros(0, dtype=np.int64))

    assert found.shrunken.shape == (0, 3)
    assert ranks(found).expected.shape == (0, 3)


def test_few_answers_widen_the_interval():
    estimate, variance = drawn(5, units=6)

    sure = pool(estimate, variance, parent=one_parent(6))
    unsure = pool(estimate, variance, parent=one_parent(6), df=np.full((6, 1), 4.0))

    assert unsure.shrunken == pytest.approx(sure.shrunken, abs=1e-12)
    assert (unsure.high - unsure.low > sure.high - sure.low).all()


@pytest.mark.parametrize("units", [3, 5, 20])
@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0])
def test_intervals_hold_the_truth_and_errors_shrink(units, spread):
    """1,500 organisations with variances 0.03 to 0.3: at least 94 % of nominal 95 % intervals.

    Where true values lie far apart little is gained, and from three units a little can be lost.
    """
    rng = np.random.default_rng(units)
    shape = (units, 1500)
    variance = np.exp(rng.uniform(np.log(0.03), np.log(0.3), shape))
    truth = spread * rng.standard_normal(shape)
    estimate = truth + np.sqrt(variance) * rng.standard_normal(shape)

    found = pool(estimate, variance, parent=one_parent(units))

    assert np.mean((found.low <= truth) & (truth <= found.high)) > 0.94
    raw, shrunk = (np.mean((one - truth) ** 2) for one in (estimate, found.shrunken))
    assert shrunk < raw * (1.04 if spread == 1 else 0.8)


def by_brute_force(found: Pooled, draws: int) -> tuple[Floats, Floats, Floats]:
    """Expected rank, P(worst) and P(worst quarter) from drawn true values."""
    rng = np.random.default_rng(7)
    units = len(found.shrunken)
    values = found.shrunken[:, 0] + found.sd[:, 0] * rng.standard_normal((draws, units))
    rank = values.argsort(axis=1).argsort(axis=1) + 1
    few = int(np.ceil(units / 4))
    return rank.mean(axis=0), (rank == 1).mean(axis=0), (rank <= few).mean(axis=0)


@pytest.mark.parametrize("units", [3, 8, 30])
def test_ranks_agree_with_brute_force(units):
    """60,000 draws: three standard errors of a probability are below 0.007."""
    estimate, variance = drawn(units, units=units)
    found = pool(estimate, variance, parent=one_parent(units))

    ranked = ranks(found)

    expected, worst, quarter = by_brute_force(found, 60_000)
    assert ranked.expected[:, 0] == pytest.approx(expected, abs=0.004 * units)
    assert ranked.worst[:, 0] == pytest.approx(worst, abs=0.01)
    assert ranked.worst_quarter[:, 0] == pytest.approx(quarter, abs=0.015)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 25))
def test_expected_ranks_match_the_pairs_and_probabilities_add_up(seed, units):
    """P(j below i) of two normals is known; an expected rank is 1 plus their sum."""
    estimate, variance = drawn(seed, units=units)
    found = pool(estimate, variance, parent=one_parent(units))
    centre, sd = found.shrunken[:, 0], found.sd[:, 0]
    expected = np.ones(units)
    for i, j in combinations(range(units), 2):
        below = ndtr((centre[i] - centre[j]) / np.hypot(sd[i], sd[j]))
        expected[i] += below
        expected[j] += 1 - below

    ranked = ranks(found)

    assert ranked.expected[:, 0] == pytest.approx(expected, abs=0.01 * units)
    assert ranked.expected.sum() == pytest.approx(units * (units + 1) / 2, abs=1e-3)
    assert ranked.worst.sum() == pytest.approx(1, abs=0.03)
    assert ((ranked.low >= 1) & (ranked.low <= ranked.high) & (ranked.high <= units)).all()


def test_a_unit_far_below_the_others_is_worst_for_sure():
    found = pool(column(-5, 0, 0.1, 0.2, 0.3), column(*[0.01] * 5), parent=one_parent(5))

    ranked = ranks(found)

    assert ranked.worst[:, 0] == pytest.approx([1, 0, 0, 0, 0], abs=1e-6)
    assert (ranked.low[0, 0], ranked.high[0, 0]) == (1, 1)
    assert ranked.expected[0, 0] == pytest.approx(1, abs=1e-4)


def test_like_units_share_the_last_place():
    found = pool(column(*[-0.3] * 4), column(*[0.04] * 4), parent=one_parent(4))

    ranked = ranks(found)

    assert ranked.worst[:, 0] == pytest.approx([0.25] * 4, abs=0.002)
    assert ranked.expected[:, 0] == pytest.approx([2.5] * 4, abs=1e-6)
    assert (ranked.low[0, 0], ranked.high[0, 0]) == (1, 4)


def test_released_gaps_are_pooled_with_their_own_degrees_of_freedom():
    estimate, variance = drawn(8, units=4, cells=2)
    df = np.full((4, 2), 6.0)
    gap = Gap(estimate, np.sqrt(variance), df, low=estimate - 9, high=estimate + 9)

    found = pool_gaps(gap, parent=one_parent(4), confidence=0.9)

    same = pool(estimate, variance, parent=one_parent(4), df=df, confidence=0.9)
    for name in FIGURES:
        assert getattr(found, name) == pytest.approx(getattr(same, name))


def test_a_gap_without_siblings_keeps_the_interval_it_came_with():
    estimate, variance = drawn(8, units=2)
    df = np.full((2, 1), 6.0)
    gap = Gap(estimate, np.sqrt(variance), df, low=estimate - 9, high=estimate + 9)

    found = pool_gaps(gap, parent=one_parent(2))

    assert found.low == pytest.approx(estimate - 9)
    assert found.high == pytest.approx(estimate + 9)


def test_the_plain_form_shows_raw_and_shrunken_side_by_side():
    found = pool(column(-1, 0, 1), column(0.5, 0.5, 0.5), parent=one_parent(3))

    plain = pooled_plain(found, 0, 0, ranks=ranks(found))

    assert plain["pooled"] is True
    assert (plain["raw"], plain["shrunken"]) == (-1.0, pytest.approx(-0.5))
    assert plain["siblings"]["count"] == 3
    assert plain["below"]["threshold"] == -0.25
    assert plain["rank"]["of"] == 3
    assert 1 <= plain["rank"]["low"] <= plain["rank"]["expected"] <= plain["rank"]["high"] <= 3
    assert json.loads(json.dumps(plain)) == plain
    assert {type(value) for value in plain.values()} <= {bool, float, dict}


def test_the_plain_form_of_what_is_hidden_holds_no_number():
    found = pool(column(np.nan, 0, 1, 2), column(np.nan, 1, 1, 1), parent=one_parent(4))

    plain = pooled_plain(found, 0, 0, ranks=ranks(found))

    assert plain["pooled"] is False
    assert plain["reason"] == "not shown"
    assert "rank" not in plain
    assert {plain[key] for key in ("raw", "se", "shrunken", "low", "high", "own_weight")} == {None}
    assert plain["siblings"] == {"count": 3, "mean": None, "mean_se": None, "sd": None}


def test_what_does_not_belong_together_is_refused():
    three, two = column(1, 2, 3), column(1, 2)

    with pytest.raises(SettingsError, match="variances"):
        pool(three, two, parent=one_parent(3))
    with pytest.raises(SettingsError, match="one label per unit"):
        pool(three, three, parent=one_parent(2))
    with pytest.raises(SettingsError, match="df has shape"):
        pool(three, three, parent=one_parent(3), df=two)
    with pytest.raises(SettingsError, match="confidence is 95"):
        pool(three, three, parent=one_parent(3), confidence=95)
