"""A digest claims little where little is so, whatever it looks at."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.change import Candidate, claimed, discoveries
from gapengine.errors import SettingsError

CASES = json.loads((Path(__file__).parents[1] / "cases" / "reference_cases.json").read_text())
PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_keeps_what_benjamini_and_hochberg_kept_of_their_fifteen_tests() -> None:
    """Benjamini and Hochberg (1995): four of fifteen at 0.05, where Bonferroni keeps three."""
    case = CASES["benjamini_hochberg_1995"]

    kept = discoveries(np.array(case["p"]), rate=case["alpha"])

    assert kept.tolist() == [True] * case["reject_bh"] + [False] * 11
    assert case["reject_bh"] == 4


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.06, 0.0636, 0.0640, 0.5])
def test_keeps_what_has_an_adjusted_probability_up_to_the_rate(rate: float) -> None:
    case = CASES["benjamini_hochberg_1995"]

    kept = discoveries(np.array(case["p"]), rate=rate)

    assert kept.tolist() == [adjusted <= rate for adjusted in case["adjusted_bh"]]


def test_a_test_that_was_not_made_does_not_count() -> None:
    """By hand: of 0.02 and 0.2 at 0.05 the first is at most 0.05 / 2; of three it would not be."""
    p = np.array([[0.02, np.nan, 0.2], [0.02, 0.9, 0.2], [np.nan] * 3])

    assert discoveries(p, rate=0.05).tolist() == [[True, False, False], [False] * 3, [False] * 3]


def test_twice_the_weight_gives_twice_the_limit() -> None:
    """By hand: weights 3, 1, 1, 1 scale to 2, 2/3, 2/3, 2/3: limits 0.025 and 0.0083 at first."""
    p = np.array([[0.0249, 0.9, 0.9, 0.9], [0.0251, 0.9, 0.9, 0.9], [0.9, 0.0084, 0.9, 0.9]])

    kept = discoveries(p, rate=0.05, weights=np.array([3.0, 1.0, 1.0, 1.0]))

    assert kept.any(axis=1).tolist() == [True, False, False]


@settings(max_examples=60, deadline=None)
@given(PROBABILITIES, st.floats(0.01, 0.5))
def test_keeps_no_less_than_bonferroni_and_nothing_above_the_rate(
    p: list[float], rate: float
) -> None:
    kept = discoveries(np.array(p), rate=rate)

    assert all(kept[k] for k, one in enumerate(p) if one <= rate / len(p))
    assert all(one <= rate for k, one in enumerate(p) if kept[k])


def test_nothing_is_claimed_below_what_is_not_claimed() -> None:
    candidates = [
        Candidate("G5", 0.3),
        Candidate("G5/reliability", 1e-9, parent="G5"),
        Candidate("delivery", 0.001),
        Candidate("delivery/reliability", 0.04, parent="delivery"),
        Candidate("delivery/empathy", 0.5, parent="delivery"),
        Candidate("delivery/reliability/on time", 0.001, parent="delivery/reliability"),
        Candidate("delivery/empathy/hours", 0.001, parent="delivery/empathy"),
        Candidate("D-C", None),
        Candidate("D-C/empathy", 1e-9, parent="D-C"),
    ]

    said = claimed(candidates)

    assert said == {"delivery", "delivery/reliability", "delivery/reliability/on time"}
    assert claimed(candidates[::-1]) == said


@settings(max_examples=60, deadline=None)
@given(PROBABILITIES, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(p: list[float], order: object) -> None:
    candidates = [
        Candidate(str(k), one, parent=None if k < 3 else str(k - 3)) for k, one in enumerate(p)
    ]
    shuffled = list(candidates)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    assert claimed(shuffled) == claimed(candidates)


def test_where_nothing_is_so_few_digests_claim_anything() -> None:
    """5,000 digests of four tests, each with five below: the gate is 0.04, standard error 0.003."""
    rng = np.random.default_rng(3)
    p = rng.random((5000, 4))
    kept = discoveries(p, rate=0.04, weights=np.array([3.0, 1.0, 1.0, 1.0]))

    assert kept.any(axis=1).mean() == pytest.approx(0.04, abs=0.009)


@pytest.mark.parametrize(
    ("candidates", "wrong"),
    [
        ([Candidate("a", 0.1), Candidate("a", 0.2)], "same key"),
        ([Candidate("a", 1.1)], "probability"),
        ([Candidate("a", 0.1, weight=0.0)], "positive"),
        ([Candidate("a", 0.1, parent="b")], "unknown"),
        ([Candidate("a", 0.1, parent="b"), Candidate("b", 0.1, parent="a")], "below itself"),
    ],
)
def test_candidates_that_make_no_tree_are_refused(candidates: list[Candidate], wrong: str) -> None:
    with pytest.raises(SettingsError, match=wrong):
        claimed(candidates)


def test_a_rate_that_is_no_share_is_refused() -> None:
    with pytest.raises(SettingsError, match="gate is 1"):
        claimed([], gate=1.0)
    assert claimed([]) == frozenset()


def test_each_row_is_a_family_of_its_own() -> None:
    """By hand: of two tests made 0.02 passes at 0.05 / 2; counted over both rows it would not.

    The order of a row's tests does not matter: sorted, 0.02 and 0.04 pass at 0.025 and 0.05.
    """
    p = np.array([[0.04, np.nan, 0.02], [np.nan, 0.03, 0.9]])

    kept = discoveries(p, rate=0.05)

    assert kept.tolist() == [[True, False, True], [False, False, False]]


def test_rows_are_not_sorted_into_each_other() -> None:
    p = np.array([[0.9, 0.8], [0.01, 0.02]])

    assert discoveries(p, rate=0.05).tolist() == [[False, False], [True, True]]
