"""Social responsibility counts in the overall figures only where the whole chain is asked about it.

By hand: E is 6 for the item of the five and 2 for the optional one, P 5 and 1, and so on; where
both count the overall mean is the mean of the two dimensions, else that of the first alone.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from gapengine.folding import AnswerColumns, fold
from gapengine.levels import Levels
from gapengine.moments import Moments
from gapengine.report import analyse
from gapengine.vantage import GROUPS, Group, Vantage, group_of

ITEMS = {"on_time": "reliability", "no_waste": "social_responsibility"}
KEYS = list(ITEMS)
FIVES = {"E": 6, "P": 5, "C": 5, "M": 6, "S": 4, "D": 5}
OPTIONAL = {"E": 2, "P": 1, "M": 4, "S": 2, "D": 3}

Plain = dict[str, Any]


def told(optional: Mapping[str, int], *, people: int = 8) -> dict[Group, Moments]:
    rows = [
        (who, KEYS.index(item), vantage, score)
        for item, scores in (("on_time", FIVES), ("no_waste", optional))
        for vantage, score in scores.items()
        for who in range(people)
    ]
    unit = {}
    for group in Group:
        own = [row for row in rows if group_of(Vantage(row[2])) is group]
        columns = AnswerColumns.of(
            [row[0] for row in own],
            [row[1] for row in own],
            vantage=[GROUPS[group].index(Vantage(row[2])) for row in own],
            score=[row[3] for row in own],
        )
        unit[group] = fold(group, ITEMS, columns)
    return unit


def overall(report: Plain, vantage: str) -> float:
    mean: float = report["units"]["*"]["vantage"][vantage]["overall"]["mean"]
    return mean


def test_it_stays_apart_where_a_point_of_the_chain_was_not_asked_about_it() -> None:
    without_rules = {point: score for point, score in OPTIONAL.items() if point != "S"}

    report = analyse({"A": told(without_rules)}, ITEMS).to_plain()

    assert report["apart"] == ["social_responsibility"]
    assert {point: overall(report, point) for point in "EPMSD"} == {
        point: FIVES[point] for point in "EPMSD"
    }
    dimensions = report["units"]["*"]["vantage"]["E"]["dimensions"]
    assert dimensions["social_responsibility"]["mean"] == 2


def test_it_counts_as_one_of_six_where_all_points_were_asked_about_it() -> None:
    report = analyse({"A": told(OPTIONAL)}, ITEMS).to_plain()

    assert report["apart"] == []
    assert overall(report, "E") == pytest.approx((6 + 2) / 2)
    assert overall(report, "S") == pytest.approx((4 + 2) / 2)


def test_it_counts_where_nobody_else_was_asked_at_all() -> None:
    customers = {Group.CUSTOMER: told(OPTIONAL)[Group.CUSTOMER]}

    report = analyse({"A": customers}, ITEMS).to_plain()

    assert report["apart"] == []


def test_people_who_told_only_of_it_are_not_counted_behind_the_overall_figure() -> None:
    """Four people rated the five's item, six others the optional one: four are under the floor."""
    rows = [(who, 0) for who in range(4)] + [(who, 1) for who in range(4, 10)]
    columns = AnswerColumns.of(
        [who for who, _ in rows],
        [item for _, item in rows],
        vantage=[GROUPS[Group.CUSTOMER].index(Vantage.PERCEIVED)] * len(rows),
        score=[5] * len(rows),
    )
    unit = {
        Group.CUSTOMER: fold(Group.CUSTOMER, ITEMS, columns),
        Group.STAFF: told({})[Group.STAFF],
    }

    report = analyse({"A": unit}, ITEMS).to_plain()

    assert report["apart"] == ["social_responsibility"]
    assert report["units"]["*"]["vantage"]["P"]["overall"]["mean"] is None


def test_alone_it_is_the_whole() -> None:
    assert (
        Levels.of({"no_waste": "social_responsibility"}, apart=["social_responsibility"]).apart
        == set()
    )
