"""Covariance between gaps that share people: by hand, against the rows, and for the chain."""

import numpy as np
import pytest
from hypothesis import given, settings

from gapengine.covariance import gap_covariance
from gapengine.estimate import figures
from gapengine.intervals import TEXTBOOK
from gapengine.levels import Levels
from gapengine.stacking import Stacked, stack
from gapengine.vantage import Group, Vantage
from tests.gapengine.test_estimate import (
    DIMENSION_OF,
    ITEMS,
    Direct,
    Row,
    Unit,
    moments_of,
    pair_of,
    tables,
)

CHAIN = ("P-D", "D-S", "S-M", "M-E")


def stacked(unit: Unit) -> dict[Group, Stacked]:
    levels = Levels.of(DIMENSION_OF)
    return {group: stack(group, [unit[group]], levels) for group in Group}


def rows_of(answers: dict[str, list[int]]) -> list[Row]:
    """One item; each point's answers in the order of its people."""
    return [
        (who, ITEMS[0], vantage, score)
        for vantage, scores in answers.items()
        for who, score in enumerate(scores)
    ]


def test_two_gaps_that_share_customers_vary_together_by_hand() -> None:
    """P 3 5 7 and E 4 6 5 of the same three: cov(P, E) = sum (-2 0 2)(-1 1 0) / (3*2) = 1/3.

    P-D and M-E share no other people, and E is subtracted: their covariance is -1/3.
    """
    answers = {"P": [3, 5, 7], "E": [4, 6, 5], "D": [4, 5, 5], "M": [6, 5, 7]}

    both = gap_covariance(stacked(moments_of(rows_of(answers))), [pair_of("PD"), pair_of("ME")])

    assert both[0, 0, 0, 1] == pytest.approx(-1 / 3)
    assert both[0, 0, 1, 0] == both[0, 0, 0, 1]


def test_gaps_that_share_nobody_do_not_vary_together() -> None:
    answers = {"P": [3, 5, 7], "E": [4, 6, 5], "D": [4, 5, 5], "M": [6, 5, 7], "S": [5, 5, 6]}

    both = gap_covariance(stacked(moments_of(rows_of(answers))), [pair_of("PE"), pair_of("SM")])

    assert both[0, 0, 0, 1] == 0


@settings(max_examples=60, deadline=None)
@given(tables)
def test_the_diagonal_is_the_square_of_the_standard_error(rows: list[Row]) -> None:
    groups = stacked(moments_of(rows))
    pairs = [pair_of(label.replace("-", "")) for label in (*CHAIN, "P-E", "D-E", "P-C")]

    both = gap_covariance(groups, pairs)

    raw = figures(groups, method=TEXTBOOK)
    for k, pair in enumerate(pairs):
        known = np.isfinite(raw.gaps[pair].se)
        np.testing.assert_allclose(both[..., k, k][known], raw.gaps[pair].se[known] ** 2, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_covariances_from_moments_equal_those_from_the_rows(rows: list[Row]) -> None:
    """The sum over persons of both gaps' contributions, each scaled by sqrt(n/(n-1)), by group."""
    pairs = [pair_of("PD"), pair_of("ME")]

    both = gap_covariance(stacked(moments_of(rows)), pairs)

    direct = Direct(rows, ITEMS)
    shared = [direct.contributions(v, "overall", "") for v in (Vantage.PERCEIVED, Vantage.EXPECTED)]
    people = [len(own) for own in shared]
    if np.isfinite(both[0, 0, 0, 1]):
        scale = np.prod([np.sqrt(n / (n - 1)) for n in people])
        total = sum(shared[0][who] * shared[1].get(who, 0.0) for who in shared[0])
        assert both[0, 0, 0, 1] == pytest.approx(-scale * total, abs=1e-9)


def test_the_steps_of_the_chain_together_vary_as_the_customers_gap_does() -> None:
    """With complete answers 1' C 1 over the four steps is the variance of P-E: all else cancels."""
    rng = np.random.default_rng(5)
    rows = [
        (who, item, vantage, int(rng.integers(1, 8)))
        for vantage in "PEDSM"
        for who in range({"P": 9, "E": 9, "D": 6, "S": 4, "M": 4}[vantage])
        for item in ITEMS
    ]
    groups = stacked(moments_of(rows))

    steps = gap_covariance(groups, [pair_of(label.replace("-", "")) for label in CHAIN])

    whole = figures(groups, method=TEXTBOOK).gaps[pair_of("PE")].se ** 2
    np.testing.assert_allclose(steps.sum(axis=(2, 3)), whole, atol=1e-12)


def test_a_gap_with_a_side_of_one_person_has_no_covariance() -> None:
    answers = {"P": [3, 5, 7], "E": [4, 6, 5], "D": [4], "M": [6, 5, 7]}

    both = gap_covariance(stacked(moments_of(rows_of(answers))), [pair_of("PD"), pair_of("ME")])

    assert np.isnan(both[0, 0, 0]).all()
    assert np.isfinite(both[0, 0, 1, 1])
