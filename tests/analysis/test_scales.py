"""Scales: the one that customers are asked on is the main one; the other is a series of its own."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from bot.analysis.kept import UnitFindings, newest_report, read_findings
from bot.core.database import Database
from bot.digests import other_scales
from bot.surveys.desk import SurveyDesk
from bot.surveys.scales import Scales, clashes, scales
from bot.surveys.tables import Schedule
from bot.surveys.versions import SHIPPED
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
        made = other_scales.section(
            session, house.texts, unit_id=1, language="en", since=house.now, now=house.now
        )
    return made.text.replace("\u2068", "").replace("\u2069", "") if made else ""


def in_use(house: DigestHouse) -> Scales:
    with house.database.reading() as session:
        return scales(session)


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


@pytest.fixture
def on_five(sqlite_database: Database, tmp_path: Path) -> DigestHouse:
    """An organisation whose questionnaires have had five levels from the start."""
    house = DigestHouse(sqlite_database, desk=desk_on_five(tmp_path, *PAPERS))
    house.open(units=("Riverside",))
    return house


def test_all_figures_stand_on_the_scale_that_everybody_is_asked_on(on_five: DigestHouse) -> None:
    """Of ten customers: E is 5, of the odd five 4: mean 4.5. P is 4, of four 3: mean 3.6."""
    on_five.ledger.fill(levels=LEVELS, causes={"teamwork": 2})

    found = told(on_five)

    vantage = found.report["vantage"]
    assert [vantage[one]["overall"]["mean"] for one in "EP"] == pytest.approx([4.5, 3.6])
    assert (found.points, found.other_scales, found.apart) == (5, {}, [])
    assert (found.weeks_of_history, found.response["answered"]) == (1, 10)
    assert [(one["cause"], one["score"]) for one in found.causes] == [("teamwork", 2.0)]
    assert section(on_five) == ""


def test_a_statement_the_other_way_round_is_turned_on_five_levels(on_five: DigestHouse) -> None:
    """Role conflict is worded the unhealthy way: a rating of 2 of 5 is a health of 4."""
    on_five.ledger.fill(levels=LEVELS, causes={"role_conflict": 2})

    assert [(one["cause"], one["score"]) for one in told(on_five).causes] == [
        ("role_conflict", 4.0)
    ]


def test_below_the_floor_nothing_is_told(on_five: DigestHouse) -> None:
    on_five.ledger.fill(levels=LEVELS, people={"customers": 4, "staff": 4, "managers": 2})

    assert told(on_five).report["vantage"]["P"]["overall"]["mean"] is None


def test_the_earlier_scale_stands_apart_and_takes_part_in_nothing(
    house: DigestHouse, tmp_path: Path
) -> None:
    """On seven two of four give P 5, two 4; nothing of it is in the figures on five."""
    before = told(house)

    with_desk(house, desk_on_five(tmp_path, *PAPERS)).fill(levels=LEVELS)
    after = told(house)

    assert (before.points, before.other_scales) == (7, {})
    assert (after.points, list(after.other_scales)) == (5, ["7"])
    assert after.report["vantage"]["P"]["overall"]["mean"] == pytest.approx(3.6)
    assert after.other_scales["7"]["vantage"] == before.report["vantage"]
    assert (before.weeks_of_history, after.weeks_of_history) == (2, 1)
    assert "Answered on a scale from 1 to 7" in section(house)
    assert "Customers experience 4.6 of 7 and expect 5.5." in section(house)


def test_no_change_is_told_across_a_change_of_scale(
    sqlite_database: Database, tmp_path: Path
) -> None:
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

    assert (found.last_week, found.points, found.weeks_of_history) == (MONDAY, 5, 2)
    assert found.report["vantage"]["P"]["overall"]["mean"] == pytest.approx(3.5)
    assert found.other_scales["7"]["vantage"]["P"]["overall"]["mean"] == pytest.approx(4.5)
    assert {one["estimate"] for one in found.changes} == {0.0}  # of the two weeks on five


def test_customers_on_five_and_managers_on_seven_have_no_gap_between_them(
    sqlite_database: Database, tmp_path: Path
) -> None:
    house = DigestHouse(sqlite_database, desk=desk_on_five(tmp_path, "customers", "staff"))
    (tmp_path / "managers.yaml").write_text((SHIPPED / "managers.yaml").read_text("utf-8"), "utf-8")
    house.open(units=("Riverside",))
    house.ledger.fill(levels=LEVELS)

    found = told(house)

    gaps = {one["name"]: one for one in found.report["gaps"] if one["level"] == "overall"}
    told_of = {name for name, one in gaps.items() if one["estimate"] is not None}
    assert told_of == {"G5", "G4", "perception", "delivery", "communication"}
    assert (found.points, found.apart) == (5, ["manager"])
    assert "S" in found.other_scales["7"]["vantage"]
    assert "Managers are asked on another scale than customers" in section(house)


def test_what_is_planned_again_counts_before_what_was_sent_once(
    house: DigestHouse, tmp_path: Path
) -> None:
    """Customers on seven are planned weekly; a single wave on five changes nothing."""
    plan = {"questionnaire": "customers", "unit_id": 1, "active": True, "next_due": MONDAY}
    house.database.run(lambda session: session.execute(insert(Schedule).values(**plan)))
    desk = desk_on_five(tmp_path, "customers")
    (tmp_path / "customers.yaml").rename(tmp_path / "once.yaml")
    content = (tmp_path / "once.yaml").read_text("utf-8").replace("id: customers", "id: once")
    (tmp_path / "once.yaml").write_text(content, "utf-8")
    house.desk = desk
    house.ledger.run({}, questionnaire="once")

    assert in_use(house).main == 7
    assert in_use(house).points == {"customer": 7, "staff": 7, "manager": 7}


def test_a_new_version_counts_from_its_first_sending_on(house: DigestHouse, tmp_path: Path) -> None:
    plan = {"questionnaire": "customers", "unit_id": 1, "active": True, "next_due": MONDAY}
    house.database.run(lambda session: session.execute(insert(Schedule).values(**plan)))
    house.desk = desk_on_five(tmp_path, "customers")
    paper = house.ledger.paper("customers")

    def other(session: Session) -> dict[str, int]:
        return clashes(session, paper.content)

    assert in_use(house).main == 7
    assert house.database.run(other) == {"customer": 7, "staff": 7, "manager": 7}
    house.ledger.run({}, questionnaire="customers")
    assert in_use(house).main == 5
    assert house.database.run(other) == {"staff": 7, "manager": 7}
