"""Whether managers see the same order of strong and weak sides as customers do."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gapengine.errors import AnswersError
from gapengine.profile import Likeness, rank_correlation

MEANS = arrays(np.float64, (3, 5), elements=st.integers(1, 7).map(float))


def test_ties_take_mean_ranks() -> None:
    """By hand: ranks 1 2.5 2.5 4 against 1 2 3 4: 4.5 / sqrt(4.5 * 5) = .948683."""
    found = rank_correlation([1.0, 2, 2, 3], [1.0, 2, 3, 4])

    assert found.rho == pytest.approx([0.948683], abs=1e-6)


def test_with_five_points_only_the_very_same_order_is_established() -> None:
    """By counting: 2 of 120 orders reach 1, 2 * (1 + 4) of 120 reach .9."""
    order = [1.0, 2, 3, 4, 5]

    found = rank_correlation(
        np.tile(order, (3, 1)), np.array([order, [1, 2, 3, 5, 4], order[::-1]])
    )

    assert found.rho == pytest.approx([1, 0.9, -1])
    assert found.p == pytest.approx([2 / 120, 10 / 120, 2 / 120])
    words = [Likeness(code).words for code in found.verdict]
    assert words == ["much the same order", "no likeness established", "much the opposite order"]


def test_exact_p_equals_plain_counting_with_ties() -> None:
    rng = np.random.default_rng(3)
    left, right = rng.integers(1, 5, (2, 6)).astype(float)

    found = rank_correlation(left, right)

    count = sum(
        abs(rank_correlation(left, right[list(order)]).rho[0]) >= abs(found.rho[0]) - 1e-9
        for order in permutations(range(6))
    )
    assert found.p == pytest.approx([count / 720])


@settings(max_examples=40, deadline=None)
@given(MEANS, MEANS)
def test_only_the_order_counts(left, right) -> None:
    one, other = rank_correlation(left, right), rank_correlation(np.exp(left), 3 * right - 2)
    turned = rank_correlation(left, -right)

    assert other.rho == pytest.approx(one.rho, nan_ok=True)
    assert turned.rho == pytest.approx(-one.rho, nan_ok=True)
    assert turned.p == pytest.approx(one.p, nan_ok=True)


def test_unrelated_profiles_are_seldom_called_alike() -> None:
    """4,000 pairs of 22 unrelated items and as many of 5 dimensions: at most about 5 %."""
    rng = np.random.default_rng(9)
    for points in (5, 6, 12, 22):
        found = rank_correlation(*rng.normal(size=(2, 4000, points)))
        assert (found.verdict != Likeness.NOT_ESTABLISHED).mean() < 0.06


def test_unknown_points_are_left_out_of_both() -> None:
    nan = np.nan
    left = np.array([[1, 2, 3, 4, nan, 9], [1, 2, 3, nan, nan, nan], [2, 2, 2, 2, 2, 2]])
    right = np.array([[1, 2, 3, 4, 0, nan], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]])

    found = rank_correlation(left, right)

    assert found.points.tolist() == [4, 3, 6]
    assert found.rho[0] == pytest.approx(1)
    assert np.isnan(found.rho[1:]).all()
    assert found.verdict.tolist()[1:] == [Likeness.NOT_ESTIMABLE] * 2
    assert Likeness.NOT_ESTIMABLE.words == "not estimable"


def test_profiles_of_different_points_are_refused() -> None:
    with pytest.raises(AnswersError, match="same points"):
        rank_correlation([1.0, 2, 3], [1.0, 2])
