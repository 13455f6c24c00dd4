"""Answers on five levels: a series of their own, that changes nothing of the series on seven."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.analysis.kept import UnitFindings, newest_report, read_findings
from bot.core.database import Database
from bot.digests import on_five
from bot.surveys.desk import SurveyDesk
from tests.support.answers import MONDAY, Ledger
from tests.support.digests import DigestHouse
from tests.support.on_five import desk_on_five

LEVELS = {"E": 5, "P": 4, "C": 5, "D": 4, "M": 5, "S": 5}
PAPERS = ("customers", "staff", "managers")


def told(house: DigestHouse) -> UnitFindings:
    house.report()
    with house.database.reading() as session:
        return read_findings(session, newest_report(session) or 0, "Riverside")


def section(house: DigestHouse) -> str:
    with house.database.reading() as session:
        made = on_five.section(
            session, house.texts, unit_id=1, language="en", since=house.now, now=house.now
        )
    return made.text.replace("\u2068", "").replace("\u2069", "") if made else ""


def with_desk(house: DigestHouse, desk: SurveyDesk) -> Ledger:
    """Let the house use other questionnaires from now on; their answers get keys of their own."""
    house.desk = desk
    return house.ledger


@pytest.fixture
def house(database: Database) -> DigestHouse:
    """Riverside, where two weeks were answered on seven levels."""
    house = DigestHouse(database)
    house.open(units=("Riverside", "Old Town"))
    house.ledger.fill(week=MONDAY - timedelta(days=7))
    house.ledger.fill()
    return house


def test_what_is_said_on_five_levels_changes_nothing_on_seven(house: DigestHouse, tmp_path: Path):
    before = told(house)

    with_desk(house, desk_on_five(tmp_path, *PAPERS)).fill(levels=LEVELS)
    after = told(house)

    assert before.report == after.report
    assert (before.causes, before.weeks_of_history) == (after.causes, after.weeks_of_history)
    assert (before.on_five, bool(after.on_five)) == ({}, True)


def test_its_figures_are_in_points_of_five(sqlite_database: Database, tmp_path: Path):
    """Of ten customers: E is 5, of the odd five 4: mean 4.5. P is 4, of four 3: mean 3.6."""
    house = DigestHouse(sqlite_database, desk=desk_on_five(tmp_path, *PAPERS))
    house.open(units=("Riverside",))
    house.ledger.fill(levels=LEVELS)

    found = told(house)

    vantage = found.on_five["vantage"]
    means = [vantage[point]["overall"]["mean"] for point in "EP"]
    assert means == pytest.approx([4.5, 3.6])
    assert found.report == {} or found.report["vantage"]["P"]["overall"]["mean"] is None
    assert "Customers experience 3.6 of 5 and expect 4.5." in section(house)
    assert "Do customers get what they expect?" in section(house)
    assert "\u22120.9" in section(house)


def test_below_the_floor_nothing_is_told(sqlite_database: Database, tmp_path: Path):
    house = DigestHouse(sqlite_database, desk=desk_on_five(tmp_path, *PAPERS))
    house.open(units=("Riverside",))
    house.ledger.fill(levels=LEVELS, people={"customers": 4, "staff": 4, "managers": 2})

    told(house)

    assert section(house) == ""


def test_no_change_is_told_across_a_change_of_scale(sqlite_database: Database, tmp_path: Path):
    """Ten weeks on seven levels, then two on five: by the number P fell by a point, and did not.

    Of eight customers P is 5, or 4 on five levels, and of four of them a point less."""
    house = DigestHouse(sqlite_database)
    house.open(units=("Riverside",))
    start = MONDAY - timedelta(weeks=11)
    for week in range(10):
        house.ledger.fill(week=start + timedelta(weeks=week), people={"customers": 8})
    other = with_desk(house, desk_on_five(tmp_path, *PAPERS))
    for week in (10, 11):
        other.fill(week=start + timedelta(weeks=week), people={"customers": 8}, levels=LEVELS)

    found = told(house)

    assert found.last_week == MONDAY
    assert found.report["vantage"]["P"]["overall"]["mean"] == pytest.approx(4.5)
    assert found.on_five["vantage"]["P"]["overall"]["mean"] == pytest.approx(3.5)
    assert {one["estimate"] for one in found.changes} == {None}
