"""What satisfaction hangs on: R2 split among dimensions; and importance against performance."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.errors import AnswersError, SettingsError
from gapengine.importance import (
    Measured,
    Quadrant,
    derived_from_rows,
    derived_importance,
    quadrants,
)
from gapengine.importance.derived import lmg_parts

CASE = json.loads((Path(__file__).parents[1] / "cases" / "relative_importance.json").read_text())
CARS = CASE["domir_mtcars"]


SWISS = [
    [1.0, -0.6865422, -0.63952252, 0.4010951, -0.06085861, 0.35307918],
    [-0.6865422, 1.0, 0.6984153, -0.5727418, -0.1140216, -0.6458827],
    [-0.63952252, 0.6984153, 1.0, -0.1538589, -0.09932185, -0.66378886],
    [0.4010951, -0.5727418, -0.1538589, 1.0, 0.17549591, 0.4636847],
    [-0.06085861, -0.1140216, -0.09932185, 0.17549591, 1.0, 0.41655603],
    [0.35307918, -0.6458827, -0.66378886, 0.4636847, 0.41655603, 1.0],
]
"""Correlations of R's data set ``swiss``: agriculture, examination, education, Catholic, infant
mortality, and fertility; 47 provinces."""


def random_covariance(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(count + 1, count + 3))
    return mixing @ mixing.T


def explained(matrix: np.ndarray, members: tuple[int, ...]) -> float:
    """R2 of one regression, written out."""
    if not members:
        return 0.0
    inside = list(members)
    slopes = np.linalg.solve(matrix[np.ix_(inside, inside)], matrix[inside, -1])
    return float(slopes @ matrix[inside, -1] / matrix[-1, -1])


def over_all_orders(matrix: np.ndarray) -> np.ndarray:
    """The definition: what each predictor adds, averaged over every order of joining."""
    count, parts = len(matrix) - 1, np.zeros(len(matrix) - 1)
    orders = list(permutations(range(count)))
    for order in orders:
        for place, predictor in enumerate(order):
            before, after = order[:place], order[: place + 1]
            parts[predictor] += explained(matrix, after) - explained(matrix, before)
    return parts / len(orders)


def test_parts_equal_a_published_dominance_analysis() -> None:
    rows = np.array([CARS[name] for name in CARS["predictors"]], dtype=float).T

    found = derived_from_rows(rows, CARS["mpg"], CARS["predictors"])

    assert found.part == pytest.approx(CARS["printed_general_dominance"], abs=5e-8)
    assert found.share == pytest.approx(CARS["printed_standardized"], abs=5e-8)
    assert found.r_squared == pytest.approx(CARS["printed_r_squared"], abs=5e-8)
    assert (found.low < found.share).all()
    assert (found.share < found.high).all()
    assert found.r_low < found.r_squared < found.r_high


def test_parts_equal_those_of_relaimpo() -> None:
    """As printed by calc.relimp(lm(Fertility ~ ., swiss)) in the manual of R's relaimpo: lmg.

    Source: Groemping (2006), J. Statistical Software 17(1).
    """
    printed = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]

    found = derived_importance(SWISS, ["agr", "exam", "edu", "cath", "mort"], n=47)

    assert found.part == pytest.approx(printed, abs=2e-6)
    assert found.r_squared == pytest.approx(0.7067, abs=5e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5), st.integers(0, 10_000))
def test_parts_are_the_average_over_all_orders(count, seed) -> None:
    matrix = random_covariance(count, seed)

    parts = lmg_parts(matrix)

    assert parts == pytest.approx(over_all_orders(matrix), abs=1e-9)
    assert parts.sum() == pytest.approx(explained(matrix, tuple(range(count))), abs=1e-9)
    assert (parts > -1e-12).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.floats(0.1, 10), min_size=4, max_size=4))
def test_the_unit_of_a_rating_does_not_matter(seed, units) -> None:
    matrix, scale = random_covariance(3, seed), np.array(units)

    one = derived_importance(matrix, "abc", n=400)
    other = derived_importance(matrix * np.outer(scale, scale), "abc", n=400)

    assert other.share == pytest.approx(one.share, abs=1e-9, nan_ok=True)
    assert other.se == pytest.approx(one.se, rel=1e-4, abs=1e-9, nan_ok=True)


def test_unrelated_dimensions_get_their_squared_correlation() -> None:
    """By hand: r = .6 and .3, unrelated: parts .36 and .09, shares .8 and .2."""
    matrix = np.array([[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]])

    found = derived_importance(matrix, "ab", n=100)

    assert found.part == pytest.approx([0.36, 0.09])
    assert found.share == pytest.approx([0.8, 0.2])


def test_a_single_dimension_has_the_known_error_of_r_squared() -> None:
    """Known: var(r^2) = 4 r^2 (1 - r^2)^2 / (n - 1) to first order; r = .5, n = 101."""
    found = derived_importance([[1, 0.5], [0.5, 1]], "a", n=101)

    reach = (found.r_high - found.r_low) / 2
    expected = 1.984217 * (4 * 0.25 * 0.75**2 / 100) ** 0.5
    assert found.r_squared == pytest.approx(0.25)
    assert reach == pytest.approx(expected, rel=0.06)


def test_the_interval_holds_the_truth_with_a_ceiling() -> None:
    """150 samples of 100 people, five related dimensions cut to 1..7; truth from 200,000 people."""
    rng = np.random.default_rng(4)

    def people(n):
        common = rng.normal(size=(n, 1))
        rated = 0.7 * common + 0.7 * rng.normal(size=(n, 5))
        content = rated @ [0.5, 0.35, 0.25, 0.15, 0.05] + 0.8 * rng.normal(size=n)
        return np.clip(np.rint(5.5 + 1.2 * rated), 1, 7), np.clip(np.rint(5.5 + content), 1, 7)

    parts = lmg_parts(np.cov(np.column_stack(people(200_000)).T))
    truth, held = parts / parts.sum(), 0
    for _ in range(150):
        rated, content = people(100)
        found = derived_from_rows(rated, content, "abcde")
        held += ((found.low <= truth) & (truth <= found.high)).mean()

    assert 0.91 < held / 150 < 0.98


@pytest.mark.parametrize(
    ("matrix", "n", "reason"),
    [
        ([[1, 0.5], [0.5, 1]], 29, "too few people"),
        ([[0, 0], [0, 1]], 90, "does not vary"),
        ([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]], 90, "follows from the others"),
        ([[1, 0.1], [0.1, 1]], 90, "do not explain"),
    ],
)
def test_what_cannot_be_estimated_says_why(matrix, n, reason) -> None:
    found = derived_importance(matrix, "abcdefgh"[: len(matrix) - 1], n=n)

    assert reason in found.reason
    assert np.isnan(found.share).all()


def test_matrices_that_no_people_can_have_are_refused() -> None:
    with pytest.raises(AnswersError, match="shape"):
        derived_importance(np.eye(3), "a", n=90)
    with pytest.raises(AnswersError, match="not symmetric"):
        derived_importance([[1, 0.5], [0.2, 1]], "a", n=90)
    with pytest.raises(AnswersError, match="pairwise deletion"):
        derived_importance([[1, 2], [2, 1]], "a", n=90)
    with pytest.raises(SettingsError, match="1 to 8"):
        derived_importance(np.eye(10), "abcdefghi", n=90)
    with pytest.raises(AnswersError, match="give one each"):
        derived_from_rows(np.ones((40, 2)), np.ones(40), "a")


def test_people_with_a_gap_in_their_answers_are_left_out() -> None:
    rows = np.array([CARS[name] for name in CARS["predictors"]], dtype=float).T
    more = np.vstack([rows, [[np.nan, 6, 4]]])

    found = derived_from_rows(more, [*CARS["mpg"], 20.0], CARS["predictors"])

    assert found.n == 32
    assert derived_from_rows(rows[:1], [20.0], "abc").reason == "too few people"


def test_each_quadrant_has_its_name() -> None:
    """Lines at .2 and 5; four clear corners, one across a line, one without interval or figure."""
    nan = np.nan
    middle_x = np.array([0.3, 0.3, 0.1, 0.1, 0.21, 0.3, nan])
    middle_y = np.array([6.0, 4.0, 4.0, 6.0, 6.0, 6.0, 6.0])
    reach = np.array([0.05, 0.05, 0.05, 0.05, 0.05, nan, nan])
    across = Measured.of(middle_x, middle_x - reach, middle_x + reach)
    up = Measured.of(middle_y, middle_y - 0.5, middle_y + 0.5)

    found = quadrants(across, up, importance_line=0.2, performance_line=5)

    words = [Quadrant(code).words for code in found.verdict]
    assert words == [
        "keep up the good work",
        "concentrate here",
        "low priority",
        "possible overkill",
        "undecided",
        "undecided",
        "not estimable",
    ]


def test_lines_are_the_means_of_what_is_known_in_each_unit() -> None:
    values = np.array([[1.0, 3.0, np.nan], [2.0, 4.0, 9.0]])
    axis = Measured.of(values, values, values)

    found = quadrants(axis, axis)

    assert found.importance_line == pytest.approx(np.array([[2.0], [5.0]]))
    assert found.verdict[0].tolist() == [4, 2, 0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 2))
def test_wider_intervals_only_ever_make_undecided(seed, wider) -> None:
    rng = np.random.default_rng(seed)
    middle, other = rng.normal(size=(2, 6))
    up = Measured.of(other, other - 0.1, other + 0.1)

    tight = quadrants(Measured.of(middle, middle - 0.1, middle + 0.1), up)
    loose = quadrants(Measured.of(middle, middle - 0.1 - wider, middle + 0.1 + wider), up)

    changed = tight.verdict != loose.verdict
    assert (loose.verdict[changed] == Quadrant.UNDECIDED).all()


def test_axes_that_do_not_belong_together_are_refused() -> None:
    one, two = (Measured.of(np.ones(k), np.ones(k), np.ones(k)) for k in (2, 3))
    with pytest.raises(AnswersError, match="same dimensions"):
        quadrants(one, two)
    with pytest.raises(AnswersError, match="cross"):
        Measured.of([1.0], [2.0], [0.0])
