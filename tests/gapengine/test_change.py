"""A change is claimed only where two separate weeks establish it."""

from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapengine.change import Movement, change_between, changes
from gapengine.vantage import CLASSIC_GAPS, SEED_GAPS


def entry(
    estimate: float, se: float = 0.1, df: float = 20.0, *, name: str = "G5", **more: str
) -> dict[str, Any]:
    place = {"name": name, "level": "overall", "key": "overall", "minuend": "P", "subtrahend": "E"}
    return place | {"estimate": estimate, "se": se, "df": df} | more


def test_matches_the_worked_example() -> None:
    """By hand: -0.5 to -0.1 with SE 0.1 each and df 20: SE 0.1414, df 40, t(0.975, 40) 2.021."""
    change = change_between(entry(-0.5), entry(-0.1))

    assert change.estimate == pytest.approx(0.4)
    assert change.se == pytest.approx(sqrt(0.02))
    assert change.df == pytest.approx(40)
    assert change.low == pytest.approx(0.4 - 2.0211 * sqrt(0.02), abs=1e-4)
    assert change.verdict is Movement.UP
    assert change.to_plain()["verdict"] == "up"


@pytest.mark.parametrize(
    ("later", "verdict"),
    [(-0.1, Movement.UP), (-0.9, Movement.DOWN), (-0.6, Movement.NO_EVIDENCE)],
)
def test_the_verdict_follows_the_interval(later: float, verdict: Movement) -> None:
    assert change_between(entry(-0.5), entry(later)).verdict is verdict


@pytest.mark.parametrize("missing", [{"estimate": None}, {"se": None}])
def test_a_hidden_or_single_answer_week_is_too_few(missing: dict[str, None]) -> None:
    suppressed = entry(-0.5) | missing

    for pair in ((suppressed, entry(-0.1)), (entry(-0.1), suppressed)):
        change = change_between(*pair)
        assert change.verdict is Movement.TOO_FEW
        assert change.estimate is None


def test_weeks_without_any_variation_change_with_certainty() -> None:
    change = change_between(entry(-1.0, 0.0), entry(-0.5, 0.0))

    assert (change.low, change.high, change.df) == (0.5, 0.5, 40.0)
    still = change_between(entry(-1.0, 0.0), entry(-1.0, 0.0))
    assert still.verdict is Movement.NO_EVIDENCE


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.01, 1))
def test_swapping_the_weeks_mirrors_the_change(one: float, two: float, se: float) -> None:
    there = change_between(entry(one, se), entry(two))
    back = change_between(entry(two), entry(one, se))

    mirrored = [-number for number in (back.estimate, back.high, back.low) if number is not None]
    assert [there.estimate, there.low, there.high] == pytest.approx(mirrored)


def test_each_difference_is_compared_once_by_the_seeds_name() -> None:
    unit = {
        "gaps": [
            entry(-0.5, name=gap.name, minuend=gap.minuend.value, subtrahend=gap.subtrahend.value)
            for gap in (*SEED_GAPS, *CLASSIC_GAPS)
        ]
    }

    names = [change.gap for change in changes(unit, unit)]

    assert names == [*(gap.name for gap in SEED_GAPS), "G2", "G5"]
    assert changes({"gaps": []}, unit) == []
    assert changes(unit, unit, level="dimension") == []
