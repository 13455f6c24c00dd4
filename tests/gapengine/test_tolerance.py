"""The zone of tolerance: between what is acceptable and what is wished for."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gapengine.errors import AnswersError
from gapengine.tolerance import Place, zone_of_answers, zone_of_means

CASE = Path(__file__).parents[1] / "cases" / "libqual_zone_of_tolerance.csv"
SCORES = arrays(np.float64, (8, 2), elements=st.integers(1, 7).map(float))


def libraries():
    with CASE.open() as lines:
        return list(csv.DictReader(lines))


def test_all_libraries_have_the_printed_adequacy_and_superiority() -> None:
    """Two questions, 17 libraries and their mean; printed from unrounded means: within 0.015."""
    rows = libraries()
    minimum, desired, perceived, adequacy, superiority = (
        np.array([float(row[name]) for row in rows])
        for name in ("minimum", "desired", "perceived", "printed_adequacy", "printed_superiority")
    )

    zone = zone_of_means(minimum, desired, perceived)

    assert len(rows) == 36
    assert zone.adequacy == pytest.approx(adequacy, abs=0.0151)
    assert zone.superiority == pytest.approx(superiority, abs=0.0151)
    assert zone.position == pytest.approx([float(row["zone_position"]) for row in rows], abs=1e-4)
    assert (zone.place == Place.INSIDE).tolist() == [row["inside_zone"] == "1" for row in rows]
    outside = {row["institution"] for row, at in zip(rows, zone.place, strict=True) if at == 2}
    assert outside == {"F", "D"}


def test_places_inversions_and_unknowns_are_told_apart() -> None:
    nan = np.nan
    zone = zone_of_means([4, 4, 4, 6, 5, nan], [6, 6, 6, 4, 5, 6], [3, 6, 6.5, 5, 5, 5])

    words = [Place(code).words for code in zone.place]
    assert words == [
        "below the zone of tolerance",
        "inside the zone of tolerance",
        "above the zone of tolerance",
        "not estimable",
        "inside the zone of tolerance",
        "not estimable",
    ]
    assert zone.inverted.tolist() == [False, False, False, True, False, False]
    assert np.isnan(zone.position[3:]).all()


def test_answers_match_a_worked_example() -> None:
    """By hand: P-min 1 2 3, mean 2, error 1/sqrt 3, t(0.975, 2) = 4.302653; one inversion of 3."""
    least, wished = np.array([[2.0], [3], [4]]), np.array([[6.0], [6], [3]])

    zone = zone_of_answers(least, wished, np.array([[3.0], [5], [7]]))

    assert zone.n.tolist() == [3]
    assert zone.adequacy.estimate == pytest.approx([2])
    assert zone.adequacy.se == pytest.approx([3**-0.5])
    assert zone.adequacy.low == pytest.approx([2 - 4.302653 / 3**0.5], abs=1e-6)
    assert zone.superiority.estimate == pytest.approx([0])
    assert zone.inversions == pytest.approx([1 / 3])
    assert zone.place.tolist() == [Place.UNDECIDED]


def test_a_clear_case_is_placed() -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 2, (40, 3))
    seen = np.array([3.0, 5.0, 7.0]) - noise

    zone = zone_of_answers(np.full((40, 3), 4.0), np.full((40, 3), 5.5), seen)

    assert zone.place.tolist() == [Place.BELOW, Place.INSIDE, Place.ABOVE]


@settings(max_examples=40, deadline=None)
@given(SCORES, SCORES, SCORES, st.integers(-5, 5))
def test_a_shift_of_the_scale_moves_nothing_and_the_width_is_the_difference(a, b, c, shift) -> None:
    zone, moved = zone_of_answers(a, b, c), zone_of_answers(a + shift, b + shift, c + shift)

    width = zone.adequacy.estimate - zone.superiority.estimate
    assert width == pytest.approx((b - a).mean(axis=0))
    assert moved.adequacy.estimate == pytest.approx(zone.adequacy.estimate)
    assert moved.place.tolist() == zone.place.tolist()


def test_only_complete_answers_count_and_nobody_is_not_estimable() -> None:
    least, wished, seen = np.full((3, 2), 4.0), np.full((3, 2), 6.0), np.full((3, 2), 5.0)
    wished[0, 0] = seen[:, 1] = np.nan

    zone = zone_of_answers(least, wished, seen)

    assert zone.n.tolist() == [2, 0]
    assert zone.place.tolist() == [Place.UNDECIDED, Place.NOT_ESTIMABLE]
    assert np.isnan(zone.adequacy.low).all()


def test_tables_of_different_shape_are_refused() -> None:
    with pytest.raises(AnswersError, match="one row per customer"):
        zone_of_answers(np.ones((3, 2)), np.ones((3, 2)), np.ones((2, 2)))
    with pytest.raises(AnswersError, match="three tables"):
        zone_of_answers(np.ones(3), np.ones(3), np.ones(3))
