"""The interval of one vantage point's mean, at every level of a report."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gapengine.estimate import figures
from gapengine.folding import AnswerColumns, fold
from gapengine.intervals import Bounds, Errors
from gapengine.levels import FloatArray, Levels
from gapengine.populations import draw_scores, stacked_scores, true_mean
from gapengine.report import Report, analyse, analyse_own_table
from gapengine.stacking import nobody
from gapengine.vantage import GROUPS, Group, Vantage

ITEMS = {"on_time": "reliability", "first_time": "reliability", "polite": "assurance"}
WEIGHTS = {"reliability": 3.0, "assurance": 1.0}
Plain = dict[str, Any]


def told_by(scores: Sequence[Sequence[int]], vantage: Vantage = Vantage.DELIVERED) -> Any:
    """Moments of people who answered all items (a row each, 0 is not asked)."""
    group = next(g for g in Group if vantage in GROUPS[g])
    who, item = np.nonzero(np.array(scores))
    place = np.full(len(who), GROUPS[group].index(vantage))
    answers = AnswerColumns.of(who, item, vantage=place, score=np.array(scores)[who, item])
    return {group: fold(group, ITEMS, answers)}


def cells(report: Report, vantage: str = "D") -> Plain:
    plain: Plain = report.units["Riverside"]["vantage"][vantage]
    return plain


SCORES = [[7, 6, 7], [5, 5, 6], [6, 4, 7], [3, 2, 5], [7, 7, 7], [5, 6, 4]]


def test_with_complete_answers_it_is_the_textbook_interval_of_the_persons_means() -> None:
    """scipy's one-sample t interval of each person's own mean at that level."""
    unit = told_by(SCORES)

    report = analyse({"Riverside": unit}, ITEMS, weights=WEIGHTS, bounds=Bounds.T)

    found = cells(report)
    persons = np.array(SCORES, dtype=np.float64)
    dimension = np.column_stack([persons[:, :2].mean(axis=1), persons[:, 2]])
    wanted: list[tuple[Plain, FloatArray]] = [
        (found["overall"], dimension.mean(axis=1)),
        (found["weighted"], dimension @ [0.75, 0.25]),
        (found["dimensions"]["reliability"], dimension[:, 0]),
        (found["items"]["first_time"], persons[:, 1]),
    ]
    for cell, own in wanted:
        low, high = stats.ttest_1samp(own, 0.0).confidence_interval(0.95)
        assert cell["interval"] == "t"
        numbers = [cell[name] for name in ("mean", "se", "df", "low", "high")]
        error = own.std(ddof=1) / np.sqrt(len(own))
        assert numbers == pytest.approx([own.mean(), error, 5.0, low, high])


def test_by_logit_as_by_hand() -> None:
    """Six people who rate two items alike, 7 7 7 6 6 4: mean 6 1/6, variance 1.366667.

    Half a person who answers 4: mean 4 + 6 * 2.166667 / 6.5 = 6. Squares 6.833333 + 0.5 * 1.25 +
    6 * 0.5 / 6.5 * 2.166667^2 = 9.625, so the variance is 9.625 / (5.5 * 6.5) = 0.269231. On the
    scale from 0 to 1 the mean is 5/6, its logit 1.609438; reach 1.959964 * 0.518875 / (6 * 5/36) =
    1.220369. Back: 1 + 6 / (1 + exp(-0.389069)) = 4.576352 and 1 + 6 / (1 + exp(-2.829807)) =
    6.665594. Over several items nothing is stretched.
    """
    unit = told_by([[score, score, 0] for score in (7, 7, 7, 6, 6, 4)])

    cell = cells(analyse({"Riverside": unit}, ITEMS))["dimensions"]["reliability"]

    assert cell["interval"] == "logit"
    assert (cell["low"], cell["high"]) == pytest.approx((4.576352, 6.665594), abs=1e-5)
    assert cell["se"] == pytest.approx(np.sqrt(1.366667 / 6), abs=1e-6)


@given(
    st.lists(st.lists(st.integers(0, 7), min_size=3, max_size=3), min_size=5, max_size=12),
    st.sampled_from(Errors),
    st.sampled_from(Bounds),
)
def test_it_holds_its_mean_and_turns_round_with_the_scale(
    scores: list[list[int]], errors: Errors, bounds: Bounds
) -> None:
    turned = [[0 if score == 0 else 8 - score for score in row] for row in scores]

    one, other = (
        cells(analyse({"Riverside": told_by(own)}, ITEMS, errors=errors, bounds=bounds))
        for own in (scores, turned)
    )

    for own, mirrored in zip(_flat(one), _flat(other), strict=True):
        if own["low"] is None:
            assert mirrored["low"] is None
            continue
        assert own["low"] <= own["mean"] <= own["high"]
        assert bounds is Bounds.T or (own["low"] >= 1.0 and own["high"] <= 7.0)
        assert (own["low"], own["high"]) == pytest.approx(
            (8 - mirrored["high"], 8 - mirrored["low"])
        )


def test_nothing_is_said_of_one_person_nor_of_a_hidden_cell() -> None:
    few = told_by(SCORES[:4])

    hidden = cells(analyse({"Riverside": few}, ITEMS))["overall"]
    alone = cells(analyse_own_table({"Riverside": told_by(SCORES[:1])}, ITEMS))["overall"]

    assert hidden["suppressed"]
    assert {hidden[name] for name in ("mean", "se", "low", "high", "df", "interval")} == {None}
    assert alone["mean"] == 6.75
    assert {alone[name] for name in ("se", "low", "high", "df", "interval")} == {None}
    assert alone["no_interval"] == "spread cannot be estimated"


def test_people_who_all_agree_have_an_interval_that_stays_on_the_scale() -> None:
    unit = told_by([[7, 7, 7]] * 6)

    checked, plain = (
        cells(analyse({"Riverside": unit}, ITEMS, bounds=bounds))["overall"]
        for bounds in (Bounds.CHECKED, Bounds.T)
    )

    assert 3.5 < checked["low"] < 7.0 == checked["high"]
    assert (plain["low"], plain["high"]) == (7.0, 7.0)


@pytest.mark.parametrize(("people", "shape"), [(10, "strong ceiling"), (25, "spread")])
def test_over_several_items_it_holds_the_truth(people: int, shape: str) -> None:
    """Five items of one dimension; wanted are 94 to 96 %, and two standard errors are 0.7."""
    rng, items = np.random.default_rng(71), {f"i{k}": "d" for k in range(5)}
    scores = draw_scores(rng, [shape], size=(4000, people, 5))[:, :, 0]
    told = stacked_scores(Group.STAFF, Levels.of(items), {Vantage.DELIVERED: scores})
    groups = {g: nobody(g, 4000, told.levels) for g in Group} | {Group.STAFF: told}

    cell = figures(groups).cells[Vantage.DELIVERED]

    truth = true_mean(shape)
    held = ((cell.low <= truth) & (truth <= cell.high))[:, 0].mean()
    assert 0.933 < held < 0.967


def _flat(told: Plain) -> list[Plain]:
    return [told["overall"], *told["dimensions"].values(), *told["items"].values()]
