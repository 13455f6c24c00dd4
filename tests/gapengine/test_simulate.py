"""Synthetic respondents hold the truth they were drawn from, and the intervals cover it."""

import numpy as np
import pytest

from gapengine.errors import SettingsError
from gapengine.estimate import PAIRS, figures
from gapengine.folding import AnswerColumns, fold_blocks
from gapengine.levels import Levels
from gapengine.moments import merge
from gapengine.simulate import Simulated, latent_mean, simulate_answers
from gapengine.stacking import stack
from gapengine.vantage import Group, Vantage

ITEMS = {f"{name}{k}": name for name in ("reliability", "empathy") for k in range(4)}
MEANS = dict(zip(Vantage, (6.3, 5.9, 5.2, 5.4, 6.0, 4.9), strict=True))
TRUTH = {v: {"reliability": mean, "empathy": mean - 0.4} for v, mean in MEANS.items()}
REPETITIONS = 3000
PEOPLE = {Group.CUSTOMER: 30, Group.MANAGER: 6, Group.STAFF: 12}
ASKED = {Group.CUSTOMER: 3, Group.MANAGER: 8, Group.STAFF: 5}


def draw(
    seed: int, people: dict[Group, int], asked: dict[Group, int] = ASKED
) -> dict[Group, Simulated]:
    return simulate_answers(
        np.random.default_rng(seed), truth=TRUTH, items=ITEMS, runs=people, items_per_run=asked
    )


def test_a_latent_mean_is_found_even_under_the_ceiling() -> None:
    wanted = np.array([1.05, 4.0, 6.8])
    spread = np.array([1.0, 1.4, 1.0])

    middle = latent_mean(wanted, spread)

    rng = np.random.default_rng(2)
    scores = np.clip(np.rint(middle + spread * rng.standard_normal((400_000, 3))), 1, 7)
    assert scores.mean(axis=0) == pytest.approx(wanted, abs=0.01)


def test_many_respondents_show_the_truth_a_ceiling_and_paired_answers() -> None:
    simulated = draw(4, {Group.CUSTOMER: 60_000})[Group.CUSTOMER]

    answers = simulated.answers
    expected, perceived = (
        answers.score[answers.vantage == simulated.vantages.index(v)]
        for v in (Vantage.EXPECTED, Vantage.PERCEIVED)
    )
    own = np.array([ITEMS[item] == "reliability" for item in simulated.items])[
        answers.item[answers.vantage == 0]
    ]
    assert expected[own].mean() == pytest.approx(6.3, abs=0.02)
    assert perceived[~own].mean() == pytest.approx(4.5, abs=0.02)
    assert (expected == 7).mean() > 0.35
    assert 0.2 < np.corrcoef(expected[own], perceived[own])[0, 1] < 0.6


def test_each_run_asks_its_items_once_from_every_point_of_the_group() -> None:
    simulated = draw(5, {Group.MANAGER: 7}, {Group.MANAGER: 3})[Group.MANAGER]

    rows = np.column_stack(
        [simulated.answers.respondent, simulated.answers.item, simulated.answers.vantage]
    )
    assert len(np.unique(rows, axis=0)) == len(rows) == 7 * 3 * 2


def test_the_same_seed_gives_the_same_answers() -> None:
    one, two = draw(6, PEOPLE), draw(6, PEOPLE)

    assert all((one[g].answers.score == two[g].answers.score).all() for g in Group)


def test_points_without_a_truth_are_not_asked() -> None:
    drawn = simulate_answers(
        np.random.default_rng(1),
        truth={Vantage.EXPECTED: {"empathy": 6.0}},
        items=ITEMS,
        runs={Group.CUSTOMER: 20},
        items_per_run={Group.CUSTOMER: 8},
    )[Group.CUSTOMER]

    assert {ITEMS[drawn.items[k]] for k in drawn.answers.item} == {"empathy"}
    assert set(drawn.answers.vantage.tolist()) == {0}


@pytest.mark.parametrize("score", [1.0, 7.0])
def test_a_truth_outside_the_scale_is_refused(score: float) -> None:
    with pytest.raises(SettingsError, match="between 1 and 7"):
        simulate_answers(
            np.random.default_rng(1),
            truth={Vantage.EXPECTED: {"empathy": score}},
            items=ITEMS,
            runs={Group.CUSTOMER: 20},
            items_per_run={Group.CUSTOMER: 8},
        )


def test_nominal_95_percent_intervals_cover_the_truth_in_93_to_97_percent() -> None:
    """3000 organisations; standard error of a share near 0.95 is 0.004."""
    levels = Levels.of(ITEMS)
    stacked = {}
    for group, people in PEOPLE.items():
        drawn = draw(11, {group: people * REPETITIONS})[group].answers
        columns = AnswerColumns(drawn.respondent, drawn.item, drawn.vantage, drawn.score)
        blocks = fold_blocks(group, ITEMS, columns, block=drawn.respondent // people)
        stacked[group] = stack(group, [blocks[k] for k in range(REPETITIONS)], levels)

    raw = figures(stacked)

    overall = {v: mean - 0.2 for v, mean in MEANS.items()}
    for a, b in PAIRS:
        gap, truth = raw.gaps[a, b], overall[a] - overall[b]
        covered = (gap.low[:, 0] <= truth) & (truth <= gap.high[:, 0])
        assert 0.93 <= covered.mean() <= 0.97, (a, b, covered.mean())
        assert gap.estimate[:, 0].mean() == pytest.approx(truth, abs=0.02)


def test_units_drawn_apart_add_up_to_the_organisation() -> None:
    drawn = draw(12, {Group.STAFF: 40})[Group.STAFF].answers
    blocks = fold_blocks(Group.STAFF, ITEMS, drawn, block=drawn.respondent // 10)

    whole = merge(Group.STAFF, blocks.values())

    assert whole.respondents[0, 0] == 40
    assert whole.answers == len(drawn)
