"""The weeks of a table: series with the chart that watches them, changes that may be claimed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.analysis.long_table import LongTable, read_long_table
from bot.analysis.week_sections import week_sections
from gapengine.vantage import Group

HEADER = "respondent,role,unit,week,vantage,dimension,item,score"


def week_of(
    unit: str, week: int, people: int, *, rng: np.random.Generator, lived: float = 5.0
) -> list[str]:
    """Customers who expect about 6 and live about ``lived``, told in one item."""
    rows = []
    for who in range(people):
        for point, middle in (("E", 6.0), ("P", lived)):
            score = int(np.clip(np.rint(middle + rng.normal(0, 0.7)), 1, 7))
            person = f"{unit}-{week}-{who}"
            rows.append(f"{person},customer,{unit},w{week},{point},reliability,on_time,{score}")
    return rows


def table_of(folder: Path, *rows: str) -> LongTable:
    path = folder / "answers.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return read_long_table(path)


def customer_gap(sections: dict[str, Any], unit: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in sections[unit]["series"] if one["gap"] == "G5")
    return found


def test_each_week_is_one_point_with_its_interval(tmp_path: Path) -> None:
    """By hand: each of six people lives two points less than expected, or one point less."""
    scores = {"E": 7, "P": 5}
    rows = [
        f"{week}{who},customer,Hill,w{week},{point},reliability,on_time,"
        f"{score + (point == 'P' and who % 2)}"
        for week in (1, 2)
        for who in range(6)
        for point, score in scores.items()
    ]

    series = customer_gap(week_sections(table_of(tmp_path, *rows), confidence=0.95), "Hill")

    first, second = series["points"]
    assert (first["week"], second["week"]) == ("w1", "w2")
    assert first["estimate"] == pytest.approx(-1.5)
    assert first["low"] < -1.5 < first["high"]
    assert first["high"] - -1.5 == pytest.approx(-1.5 - first["low"])
    assert (first["n"], first["phase"], first["signal"]) == (6, "learning", None)
    assert series["verdict"] == "still learning (2 of 8)"


def test_a_lasting_fall_is_found_and_named_with_its_week(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    rows = [
        row
        for week in range(1, 15)
        for row in week_of("Hill", week, 20, rng=rng, lived=5.5 if week < 11 else 4.0)
    ]

    sections = week_sections(table_of(tmp_path, *rows), confidence=0.95)

    verdict = customer_gap(sections, "Hill")["verdict"]
    assert "down in w1" in verdict
    claimed = [one for one in sections["Hill"]["changes"] if one["verdict"] == "down"]
    assert {one["gap"] for one in claimed} == {"G5"}
    assert customer_gap(sections, "*")["verdict"] == verdict


def test_a_week_told_by_too_few_has_no_point(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    rows = week_of("Hill", 1, 4, rng=rng) + week_of("Hill", 2, 9, rng=rng)

    first, second = customer_gap(week_sections(table_of(tmp_path, *rows), confidence=0.95), "Hill")[
        "points"
    ]

    assert (first["estimate"], first["low"], first["n"]) == (None, None, None)
    assert second["estimate"] is not None


def test_the_whole_tells_no_week_that_would_give_a_small_unit_away(tmp_path: Path) -> None:
    """Hill's three people of week 1 are what the whole leaves when Dale's nine are taken off."""
    rng = np.random.default_rng(7)
    rows = week_of("Hill", 1, 3, rng=rng) + week_of("Dale", 1, 9, rng=rng)
    rows += week_of("Hill", 2, 6, rng=rng) + week_of("Dale", 2, 9, rng=rng)

    sections = week_sections(table_of(tmp_path, *rows), confidence=0.95)

    whole, dale = (customer_gap(sections, unit)["points"] for unit in ("*", "Dale"))
    assert [point["estimate"] is None for point in whole] == [True, False]
    assert [point["estimate"] is None for point in dale] == [False, False]


def test_a_single_week_is_no_series(tmp_path: Path) -> None:
    rows = week_of("Hill", 1, 9, rng=np.random.default_rng(7))

    assert week_sections(table_of(tmp_path, *rows), confidence=0.95) == {}


def test_people_who_come_back_are_counted(tmp_path: Path) -> None:
    """By hand: of w1's two and w2's two customers, ana is one each time: 2 of 4."""
    told = [("ana", 1), ("bo", 1), ("ana", 2), ("cy", 2)]
    rows = [f"{who},customer,Hill,w{week},P,reliability,on_time,5" for who, week in told]

    returning = table_of(tmp_path, *rows).weeks.returning

    assert returning == {Group.CUSTOMER: 0.5, Group.MANAGER: 0.0, Group.STAFF: 0.0}
