"""Shares with Wilson's interval, the net promoter score, and the ceiling."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from gapengine.errors import AnswersError, SettingsError
from gapengine.folding import AnswerColumns, fold
from gapengine.levels import Levels
from gapengine.shares import (
    at_ceiling,
    kish_size,
    net_promoter,
    net_shares,
    top_shares,
    wilson,
)
from gapengine.stacking import Stacked, stack
from gapengine.vantage import GROUPS, Group, Vantage

CASES = json.loads((Path(__file__).parents[1] / "cases" / "reference_cases.json").read_text())
DIMENSION_OF = {"a": "x", "b": "x", "c": "y"}


def customers(rows: list[tuple[int, str, int]]) -> Stacked:
    """One unit's P: rows of who, item, score."""
    answers = AnswerColumns.of(
        [who for who, _, _ in rows],
        [list(DIMENSION_OF).index(item) for _, item, _ in rows],
        vantage=[GROUPS[Group.CUSTOMER].index(Vantage.PERCEIVED)] * len(rows),
        score=[score for _, _, score in rows],
    )
    folded = fold(Group.CUSTOMER, DIMENSION_OF, answers)
    return stack(Group.CUSTOMER, [folded, None], Levels.of(DIMENSION_OF))


def test_wilson_intervals_equal_the_published_ones() -> None:
    """Newcombe (1998), method 3."""
    for case in CASES["wilson_newcombe_1998"]["cases"]:
        found = wilson(case["k"], case["n"])
        assert float(found.low) == pytest.approx(case["lo"], abs=1e-6)
        assert float(found.high) == pytest.approx(case["hi"], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.floats(0, 1), st.floats(0.5, 0.999))
def test_wilson_is_symmetric_and_holds_the_share(n, part, confidence) -> None:
    k = round(n * part)

    own, other = (wilson(each, n, confidence=confidence) for each in (k, n - k))

    assert float(own.low) == pytest.approx(1 - float(other.high), abs=1e-12)
    assert 0 <= own.low <= own.share <= own.high <= 1


def test_wilson_covers_near_its_level_on_average() -> None:
    """Exact coverage from the binomial, mean over shares .5 to .98; Wilson's is 94 to 97 %."""
    shares = np.linspace(0.5, 0.98, 49)
    for n in (10, 30, 200):
        counts = np.arange(n + 1)
        found = wilson(counts, n)
        inside = (found.low[:, None] <= shares) & (shares <= found.high[:, None])
        coverage = (binom.pmf(counts[:, None], n, shares) * inside).sum(axis=0).mean()
        assert 0.94 < coverage < 0.97


def test_impossible_counts_are_refused_and_no_answers_are_unknown() -> None:
    for k, n in ((-1, 5), (6, 5)):
        with pytest.raises(AnswersError, match="between 0 and n"):
            wilson(k, n)
    with pytest.raises(SettingsError, match="confidence"):
        wilson(1, 5, confidence=1)
    nobody = wilson([0, 1], [0, 4])
    assert np.isnan([nobody.share[0], nobody.low[0], nobody.high[0]]).all()


def test_a_dimension_is_the_mean_of_its_items_shares() -> None:
    """By hand: a 1 of 2, b 1 of 1, c 0 of 1; x = .75, overall = .375.

    Weights in x: person 1 a/2 and b: 1/4 + 1/2, person 2 1/4; 1/(.5625 + .0625) = 1.6 answers.
    """
    rows = [(1, "a", 6), (2, "a", 5), (1, "b", 7), (1, "c", 1)]

    found = top_shares(customers(rows), Vantage.PERCEIVED)

    assert found.share[0] == pytest.approx([0.375, 0.75, 0, 0.5, 1, 0])
    assert found.effective[0, 1] == pytest.approx(1.6)
    assert found.effective[0, 3:] == pytest.approx([2, 1, 1])
    whole = wilson(1, 2)
    assert (found.low[0, 3], found.high[0, 3]) == (whole.low, whole.high)
    assert np.isnan([found.share[1], found.low[1]]).all()


def test_people_who_answer_everything_count_once() -> None:
    rows = [(who, item, 3 + who % 5) for who in range(20) for item in DIMENSION_OF]

    found = top_shares(customers(rows), Vantage.PERCEIVED)

    assert found.effective[0] == pytest.approx(20)


def test_top_shares_of_the_wrong_people_or_score_are_refused() -> None:
    stacked = customers([(1, "a", 6)])
    with pytest.raises(SettingsError, match="not asked of customer"):
        top_shares(stacked, Vantage.DELIVERED)
    with pytest.raises(SettingsError, match="2 to 7"):
        top_shares(stacked, Vantage.PERCEIVED, lowest=1)


def test_the_dimension_interval_is_never_too_narrow() -> None:
    """400 units of 40 people, two of three items each, answers of a person alike: rho about .5."""
    rng = np.random.default_rng(8)
    people = rng.normal(size=(400, 40, 1))
    scores = np.clip(np.rint(5.4 + people + rng.normal(size=(400, 40, 3))), 1, 7)
    skipped = rng.integers(0, 3, (400, 40))
    truth, held = (scores >= 6).mean(), 0
    for unit in range(400):
        rows = [
            (who, item, int(scores[unit, who, k]))
            for who in range(40)
            for k, item in enumerate(DIMENSION_OF)
            if k != skipped[unit, who]
        ]
        found = top_shares(customers(rows), Vantage.PERCEIVED)
        held += bool(found.low[0, 0] <= truth <= found.high[0, 0])

    assert held / 400 > 0.94


def test_the_net_promoter_score_has_the_published_error() -> None:
    case = CASES["nps_standard_error"]

    found = net_promoter(162, 108, 54)

    assert float(found.estimate) == pytest.approx(100 * case["NPS_fraction"])
    assert float(found.se) == pytest.approx(100 * case["se_n324"], abs=1e-4)
    assert found.low < found.estimate < found.high


def test_net_shares_match_the_adjusted_interval_by_hand() -> None:
    """9 up, 1 down of 10: (9.75 - 1.75) / 13 = .615385, variance (11.5/13 - .378698) / 13."""
    found = net_shares(9, 1, 10)

    reach = 1.959964 * ((11.5 / 13 - (8 / 13) ** 2) / 13) ** 0.5
    assert float(found.low) == pytest.approx(8 / 13 - reach)
    assert float(found.high) == pytest.approx(min(8 / 13 + reach, 1))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_swapping_both_ends_turns_the_score_round(up, middle, down) -> None:
    own, other = net_promoter(up, middle, down), net_promoter(down, middle, up)

    assert float(own.estimate) == pytest.approx(-float(other.estimate), nan_ok=True)
    assert float(own.low) == pytest.approx(-float(other.high), nan_ok=True)


def test_the_net_promoter_interval_covers_where_the_plain_one_falls_short() -> None:
    """10 answers, 70 % promoters, 20 % passives: nominal 95 %, 20,000 samples."""
    counts = np.random.default_rng(5).multinomial(10, [0.7, 0.2, 0.1], size=20_000)

    found = net_promoter(*counts.T)
    covered = ((found.low <= 60) & (found.high >= 60)).mean()
    plain = (np.abs(found.estimate - 60) <= 1.96 * found.se).mean()

    assert 0.94 < covered < 0.98
    assert plain < 0.92


def test_negative_or_too_many_answers_are_refused() -> None:
    with pytest.raises(AnswersError, match="negative"):
        net_promoter(1, -1, 1)
    with pytest.raises(AnswersError, match="not exceed n"):
        net_shares(3, 3, 5)


def test_more_than_half_sevens_is_a_ceiling() -> None:
    assert at_ceiling([0.5, 0.51, np.nan]).tolist() == [False, True, False]


def test_equal_weights_count_fully_and_unequal_ones_less() -> None:
    """By hand: (1 + 3)^2 / (1 + 9) = 1.6."""
    assert kish_size([[1, 1, 1], [0, 0, 0]]).tolist() == [3, 0]
    assert float(kish_size([1, 3])) == pytest.approx(1.6)
