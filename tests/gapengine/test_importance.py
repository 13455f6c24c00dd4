"""Weights of dimensions: the published prior, customers' own by points and by taps."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gapengine.errors import AnswersError, SettingsError
from gapengine.importance import (
    ENOUGH,
    PUBLISHED,
    Stated,
    Taps,
    best_worst_scores,
    chosen_weights,
    prior_weights,
    scores_of_taps,
    stated_by_points,
    stated_by_taps,
    weighted_overall,
)

CASES = Path(__file__).parents[1] / "cases"
FIVE = tuple(PUBLISHED)


def told_by(n: int, shares: dict[str, float]) -> Stated:
    """What n customers stated, each a little around the same shares."""
    rng = np.random.default_rng(n)
    points = np.array(list(shares.values())) * rng.uniform(0.8, 1.2, (n, len(shares)))
    return stated_by_points(points, tuple(shares))


def tapped(shares, *, n, shown_at_once, seed, taps_each=1):
    """Taps of n customers who choose as the model says, out of random subsets."""
    rng, many, rows = np.random.default_rng(seed), len(shares), n * taps_each
    shown = np.zeros((rows, many), bool)
    drawn = np.argsort(rng.random((rows, many)), axis=1)[:, :shown_at_once]
    np.put_along_axis(shown, drawn, True, axis=1)
    taste = np.log(shares)
    most = np.where(shown, taste + rng.gumbel(size=shown.shape), -np.inf).argmax(axis=1)
    left = shown.copy()
    left[np.arange(rows), most] = False
    least = np.where(left, rng.gumbel(size=shown.shape) - taste, -np.inf).argmax(axis=1)
    who = np.repeat(np.arange(n), taps_each)
    return Taps.of(most, least, dimensions=many, shown=shown, customer=who)


def test_the_prior_is_the_published_one_and_says_so() -> None:
    weights = prior_weights(tuple(PUBLISHED))

    assert weights.source == "published prior"
    assert weights.shares == pytest.approx(
        {
            "reliability": 0.32,
            "responsiveness": 0.22,
            "assurance": 0.19,
            "empathy": 0.16,
            "tangibles": 0.11,
        }
    )


def test_an_unknown_dimension_weighs_as_the_average_one() -> None:
    shares = prior_weights((*PUBLISHED, "social_responsibility")).shares

    assert shares["social_responsibility"] == pytest.approx(1 / 6)
    assert sum(shares.values()) == pytest.approx(1)
    assert prior_weights(("overall",)).shares == {"overall": 1.0}


def test_points_and_fractions_give_the_same_mean() -> None:
    values = {"a": -1.0, "b": -2.0}

    assert weighted_overall(values, {"a": 75, "b": 25}) == pytest.approx(-1.25)
    assert weighted_overall(values, {"a": 0.75, "b": 0.25, "c": 9}) == pytest.approx(-1.25)


def test_missing_weights_are_refused() -> None:
    with pytest.raises(SettingsError, match="'b'"):
        weighted_overall({"a": 1.0, "b": 2.0}, {"a": 1})
    with pytest.raises(SettingsError, match="all dimensions"):
        weighted_overall({"a": 1.0}, {"a": 0})
    with pytest.raises(SettingsError, match="at least one"):
        prior_weights(())


def test_the_prior_serves_until_thirty_customers_have_told() -> None:
    equal = dict.fromkeys(FIVE, 0.2)

    before = chosen_weights(told_by(ENOUGH - 1, equal), FIVE)
    after = chosen_weights(told_by(ENOUGH, equal), FIVE)

    assert before.source == "published prior"
    assert before.shares == pytest.approx(PUBLISHED)
    assert (before.low, before.n) == ({}, 29)
    assert after.source == "customers"
    assert after.shares == pytest.approx(equal, abs=0.02)
    assert all(after.low[name] < after.shares[name] < after.high[name] for name in FIVE)


def test_the_blend_beside_them_counts_the_prior_as_thirty_customers() -> None:
    """By hand: with 30 customers half and half, with 90 three parts of four."""
    for n, own_part in ((30, 0.5), (90, 0.75)):
        weights = chosen_weights(told_by(n, dict.fromkeys(FIVE, 0.2)), FIVE)

        for name in FIVE:
            expected = own_part * weights.stated[name] + (1 - own_part) * PUBLISHED[name]
            assert weights.shrunken[name] == pytest.approx(expected)
        assert sum(weights.shrunken.values()) == pytest.approx(1)


def test_what_fewer_than_five_customers_stated_is_not_shown() -> None:
    weights = chosen_weights(told_by(4, dict.fromkeys(FIVE, 0.2)), FIVE)

    assert weights.to_plain() == prior_weights(FIVE).to_plain()
    assert (weights.n, weights.stated, weights.shrunken) == (0, {}, {})


def test_weights_of_some_dimensions_add_up_to_one_again() -> None:
    weights = chosen_weights(told_by(40, dict.fromkeys(FIVE, 0.2)), FIVE[:2])

    assert sum(weights.shares.values()) == pytest.approx(1)
    assert set(weights.shares) == set(FIVE[:2])
    with pytest.raises(SettingsError, match="not asked about"):
        chosen_weights(told_by(40, {"a": 0.5, "b": 0.5}), FIVE)


def test_mean_points_match_a_worked_example() -> None:
    """By hand: rows .5/.5, .7/.3, .6/.4; mean .6, deviation .1, error .1/sqrt 3.

    Logit interval: .405465 +- 4.302653 * .057735 / .24, t(0.975, 2) = 4.302653.
    """
    rows = np.array([[50, 50], [7, 3], [0.6, 0.4], [np.nan, 9]])

    stated = stated_by_points(rows, ("a", "b"))

    assert stated.n == 3
    assert stated.shares == pytest.approx([0.6, 0.4])
    assert stated.se == pytest.approx([0.1 / 3**0.5] * 2)
    assert (stated.low[0], stated.high[0]) == pytest.approx((0.347603, 0.808536), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float64, (7, 4), elements=st.floats(0.5, 100)),
    arrays(np.float64, (7, 1), elements=st.floats(0.01, 100)),
)
def test_each_customer_counts_the_same_whatever_the_unit_of_the_points(points, unit) -> None:
    one, other = (stated_by_points(table, "abcd") for table in (points, points * unit))

    assert other.shares == pytest.approx(one.shares)
    assert one.shares.sum() == pytest.approx(1)
    assert other.se == pytest.approx(one.se, abs=1e-9)


def test_points_that_cannot_be_shares_are_refused_with_their_row() -> None:
    for wrong in ([0, 0], [-1, 5], [np.inf, 1]):
        with pytest.raises(AnswersError, match="row 2"):
            stated_by_points([[1, 1], wrong], ("a", "b"))
    with pytest.raises(AnswersError, match="one column per dimension"):
        stated_by_points([[1, 1]], ("a", "b", "c"))
    with pytest.raises(SettingsError, match="confidence"):
        stated_by_points([[1, 1], [2, 1]], ("a", "b"), confidence=95)


def test_one_customer_or_none_gives_no_interval() -> None:
    one, none = (stated_by_points(rows, ("a", "b")) for rows in ([[3, 1]], [[np.nan, 1]]))

    assert one.shares == pytest.approx([0.75, 0.25])
    assert np.isnan([one.low, one.high, none.shares, none.low]).all()
    alike = stated_by_points([[3, 1]] * 9, ("a", "b"))
    assert np.isnan(alike.low).all()


def test_the_interval_of_points_holds_the_truth() -> None:
    """Dirichlet(8 * prior) rows of 30 customers: nominal 95 %, 600 samples; skewed shares."""
    rng = np.random.default_rng(11)
    truth = np.array(list(PUBLISHED.values()))
    held = np.zeros(5)
    for rows in rng.dirichlet(8 * truth, (600, 30)):
        stated = stated_by_points(rows, FIVE)
        held += (stated.low <= truth) & (truth <= stated.high)

    assert (held / 600 > 0.92).all()
    assert (held / 600 < 0.98).all()


def test_best_worst_scores_follow_from_published_counts() -> None:
    """Counts of Lipovetsky and Conklin (2014), table 6; scores by hand."""
    case = json.loads((CASES / "relative_importance.json").read_text())["lipovetsky_conklin_2014"]

    scores = best_worst_scores(case["most"], case["least"], case["shown"])

    assert scores.score[:3] == pytest.approx(case["derived_first_three"], abs=1e-6)
    assert np.argmax(scores.score) == 2
    assert (scores.low < scores.score).all()
    assert (scores.high > scores.score).all()


def test_a_dimension_that_always_wins_scores_a_hundred_with_room_below() -> None:
    scores = best_worst_scores([[8, 0, 0]], [[0, 8, 0]], [[8, 8, 0]])

    assert scores.score[0, :2] == pytest.approx([100, 0])
    assert scores.low[0, 0] < 95 < scores.high[0, 0] <= 100
    assert np.isnan(scores.score[0, 2])


def test_scores_of_taps_equal_those_of_counts_when_each_customer_taps_once() -> None:
    taps = tapped([0.4, 0.3, 0.2, 0.1], n=200, shown_at_once=3, seed=2)
    most, least = (np.bincount(column, minlength=4) for column in (taps.most, taps.least))

    own, counted = scores_of_taps(taps), best_worst_scores(most, least, taps.shown.sum(axis=0))

    assert own.score == pytest.approx(counted.score)
    assert own.high - own.low == pytest.approx(counted.high - counted.low, rel=0.02)


def test_tapping_again_adds_no_certainty() -> None:
    taps = tapped([0.4, 0.3, 0.2, 0.1], n=60, shown_at_once=4, seed=3)
    again = Taps.of(
        np.tile(taps.most, 4),
        np.tile(taps.least, 4),
        dimensions=4,
        customer=np.tile(taps.customer, 4),
    )

    assert scores_of_taps(again).se == pytest.approx(scores_of_taps(taps).se, rel=0.02)
    once, repeated = (stated_by_taps(each, "abcd") for each in (taps, again))
    assert repeated.n == once.n == 60
    assert repeated.se == pytest.approx(once.se, rel=0.1)


@pytest.mark.parametrize("shown_at_once", [5, 3, 2])
def test_weights_that_made_the_taps_are_found_again(shown_at_once) -> None:
    truth = np.array([0.5, 0.2, 0.15, 0.1, 0.05])

    found = stated_by_taps(tapped(truth, n=15_000, shown_at_once=shown_at_once, seed=7), FIVE)

    assert found.shares == pytest.approx(truth, abs=0.02)
    assert (np.abs(found.shares - truth) < 3.5 * found.se).all()


def test_two_dimensions_match_the_closed_form() -> None:
    """By hand: 70 of 100 choose a; what is left is the least anyway and tells nothing.

    The imaginary customer chooses each half as most and half as least: odds (70 + 1) / (30 + 1).
    """
    taps = Taps.of([0] * 70 + [1] * 30, [1] * 70 + [0] * 30, dimensions=2)

    assert stated_by_taps(taps, "ab").shares == pytest.approx([71 / 102, 31 / 102])


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(5)), st.integers(0, 1000))
def test_renaming_the_dimensions_renames_their_weights(order, seed) -> None:
    taps = tapped(list(PUBLISHED.values()), n=40, shown_at_once=3, seed=seed)
    place = np.argsort(order)
    turned = Taps.of(
        place[taps.most], place[taps.least], dimensions=5, shown=taps.shown[:, list(order)]
    )

    one, other = (stated_by_taps(each, FIVE) for each in (taps, turned))

    assert other.shares == pytest.approx(one.shares[list(order)], abs=1e-6)
    assert one.shares.sum() == pytest.approx(1)


def test_an_open_question_and_a_dimension_never_chosen_do_no_harm() -> None:
    taps = Taps.of([0, 0, 1, -1, 0], [1, -1, 0, 1, -1], dimensions=3)

    stated = stated_by_taps(taps, "abc")

    assert stated.n == 5
    assert (stated.shares > 0).all()
    assert np.isfinite(stated.se).all()


def test_a_dimension_never_shown_makes_the_weights_unknown() -> None:
    taps = Taps.of([0, 1], [1, 0], dimensions=3, shown=[[True, True, False]] * 2)

    assert np.isnan(stated_by_taps(taps, "abc").shares).all()
    assert np.isnan(stated_by_taps(Taps.of([], [], dimensions=3), "abc").shares).all()


def test_impossible_taps_are_refused_with_their_row() -> None:
    with pytest.raises(AnswersError, match="row 2"):
        Taps.of([0, 1], [1, 1], dimensions=3)
    with pytest.raises(AnswersError, match="row 1"):
        Taps.of([5], [1], dimensions=3)
    with pytest.raises(AnswersError, match="row 1"):
        Taps.of([2], [1], dimensions=3, shown=[[True, True, False]])
    with pytest.raises(AnswersError, match="differ in length"):
        Taps.of([0, 1], [1], dimensions=3)
    with pytest.raises(AnswersError, match="named"):
        stated_by_taps(Taps.of([0], [1], dimensions=3), "ab")
