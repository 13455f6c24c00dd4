"""Populations hold the truth they name, and tables of scores fold to the same moments as rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.errors import SettingsError
from gapengine.folding import AnswerColumns, fold
from gapengine.levels import Levels
from gapengine.populations import (
    POPULATIONS,
    SCORES,
    chances,
    draw_scores,
    joint_chances,
    leave_out,
    stacked_scores,
    true_mean,
)
from gapengine.stacking import stack
from gapengine.vantage import GROUPS, Group, Vantage

ITEMS = {"a": "x", "b": "x", "c": "y"}
LEVELS = Levels.of(ITEMS)


@pytest.mark.parametrize("name", POPULATIONS)
def test_joined_scores_keep_both_margins(name: str) -> None:
    joint = joint_chances(name, "skewed", 0.8)

    np.testing.assert_allclose(joint.sum(axis=1), chances(name), atol=1 / 1000)
    np.testing.assert_allclose(joint.sum(axis=0), chances("skewed"), atol=1 / 1000)


def test_without_correlation_scores_are_joined_by_chance_alone() -> None:
    joint = joint_chances("ceiling", "skewed", 0.0)

    np.testing.assert_allclose(
        joint, np.outer(chances("ceiling"), chances("skewed")), atol=1 / 2000
    )


def test_drawn_scores_have_the_true_means_and_hang_together() -> None:
    names = ("ceiling", "skewed")

    drawn = draw_scores(np.random.default_rng(3), names, size=(400, 25, 3), correlation=0.8)

    for k, name in enumerate(names):
        assert drawn[:, :, k].mean() == pytest.approx(true_mean(name), abs=0.03)
    same_item = np.corrcoef(drawn[:, :, 0, 0].ravel(), drawn[:, :, 1, 0].ravel())[0, 1]
    same_point = np.corrcoef(drawn[:, :, 1, 0].ravel(), drawn[:, :, 1, 1].ravel())[0, 1]
    assert 0.55 < same_item < 0.85
    assert 0.25 < same_point < 0.45


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_tables_of_scores_fold_to_the_moments_of_their_rows(seed: int, asked: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = leave_out(rng, draw_scores(rng, ("ceiling", "skewed"), size=(2, 4, 3)), asked=asked)
    told = {Vantage.EXPECTED: drawn[:, :, 0], Vantage.PERCEIVED: drawn[:, :, 1]}

    direct = stacked_scores(Group.CUSTOMER, LEVELS, told)

    units = []
    for own in drawn:
        who, vantage, item = np.nonzero(np.isfinite(own))
        columns = AnswerColumns.of(who, item, vantage=vantage, score=own[who, vantage, item])
        assert GROUPS[Group.CUSTOMER][:2] == tuple(told)
        units.append(fold(Group.CUSTOMER, ITEMS, columns))
    folded = stack(Group.CUSTOMER, units, LEVELS)
    for one, two in zip(direct.arrays, folded.arrays, strict=True):
        np.testing.assert_array_equal(one, two)


def test_each_person_is_asked_as_many_items_as_wanted() -> None:
    rng = np.random.default_rng(1)

    kept = leave_out(rng, draw_scores(rng, ("skewed", "ceiling"), size=(3, 5, 4)), asked=2)

    assert (np.isfinite(kept).sum(axis=3) == 2).all()
    np.testing.assert_array_equal(np.isfinite(kept[:, :, 0]), np.isfinite(kept[:, :, 1]))


def test_unknown_shapes_and_impossible_correlations_are_refused() -> None:
    assert chances("uniform") @ SCORES == pytest.approx(true_mean("uniform"))
    with pytest.raises(SettingsError, match="no population 'flat'"):
        chances("flat")
    with pytest.raises(SettingsError, match="between -1 and 1"):
        joint_chances("uniform", "skewed", 1.0)
