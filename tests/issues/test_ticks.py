"""What the clock does: deadlines, and the daily word."""

from datetime import UTC, datetime

import pytest

from bot.core.database import Database
from bot.core.tables import AuditEntry
from tests.support.issues import ANA, KIM, LI, OTHER, OWNER, SAM, IssueHouse, opened

LATE = "No manager has opened a report yet"
NEWS = "There is news of a report"
WAITING = "something new to read"


def at(day: int, hour: int = 17) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_owners_hear_once_of_each_deadline_that_passed(house: IssueHouse) -> None:
    house.reported(SAM)  # on March 4, to be seen until March 7

    house.now = at(7)
    house.tick()
    assert house.heard(OWNER) == ""
    house.now = at(8)
    house.tick()
    house.tick()
    assert house.heard(OWNER).count(LATE) == 1
    assert "\nIt came 4 days ago." in house.heard(OWNER)
    house.now = at(26)  # 21 days are over after March 25
    house.tick()
    house.tick()

    assert house.heard(OWNER).count("A report is not resolved yet") == 1
    assert house.recorded().count("issue.late") == 2


def test_what_was_seen_or_resolved_in_time_is_not_late(small_house: IssueHouse) -> None:
    small_house.reported(SAM)
    small_house.pressed(ANA, f"isa:{small_house.issue().id}")
    small_house.now = at(9)
    small_house.tick()
    assert LATE not in small_house.heard(OWNER)
    small_house.pressed(ANA, f"isr:{small_house.issue().id}").send("Done")

    small_house.now = at(30)
    small_house.tick()

    assert small_house.heard(OWNER) == ""


def test_staff_hear_of_news_together_once_a_day(house: IssueHouse) -> None:
    house.reported(SAM)
    house.pressed(ANA, f"isb:{house.issue().id}").send("Which one?")
    house.now = at(4, 15)
    house.tick()
    assert NEWS not in house.heard(SAM)

    house.now = at(4, 16)
    house.tick()
    house.tick()

    for one in (SAM, KIM, ANA, LI):
        assert house.heard(one).count(NEWS) == 1
    assert NEWS not in house.heard(OTHER)
    assert "Which one?" not in house.heard(SAM)
    house.pressed(ANA, f"isb:{house.issue().id}").send("And when?")
    house.tick()
    assert house.heard(SAM).count(NEWS) == 1
    house.now = at(5, 16)
    house.tick()
    assert house.heard(SAM).count(NEWS) == 2


def test_nobody_is_told_of_news_where_all_reported_by_name(small_house: IssueHouse) -> None:
    small_house.reported(SAM, how="With my name")
    small_house.pressed(ANA, f"isa:{small_house.issue().id}")

    small_house.now = at(4)
    small_house.tick()

    assert NEWS not in small_house.heard(KIM)
    assert small_house.issue().for_staff is False


def test_managers_hear_once_a_day_that_something_waits(house: IssueHouse) -> None:
    house.reported(SAM)
    house.reported(KIM, "A tool", "Not sure", "Once", "Annoying")

    house.now = at(4)
    house.tick()
    house.tick()

    assert "2 reports of staff have something new to read" in house.heard(ANA)
    assert house.heard(LI).count(WAITING) == 1
    house.now = at(5)
    house.tick()
    assert house.heard(ANA).count(WAITING) == 1


def test_managers_who_looked_are_not_told_again(small_house: IssueHouse) -> None:
    small_house.reported(SAM)
    small_house.pressed(ANA, f"iso:{small_house.issue().id}")

    small_house.now = at(4)
    small_house.tick()

    assert WAITING not in small_house.heard(ANA)


def test_an_anonymous_report_is_recorded_at_the_daily_hour_and_not_before(
    house: IssueHouse,
) -> None:
    house.now = at(4, 9)
    house.reported(SAM)
    house.tick()
    assert house.recorded() == []

    house.now = at(4, 16)
    house.tick()
    house.tick()

    (entry,) = house.rows(AuditEntry)
    assert (entry.what, entry.detail, entry.person_id) == ("issue.reported", "anonymous", None)
    assert entry.at == at(4, 16)


@pytest.mark.parametrize(
    ("zone", "hour", "told"),
    [("America/New_York", 20, False), ("America/New_York", 21, True), ("Asia/Taipei", 8, True)],
)
def test_the_daily_hour_is_the_units(
    sqlite_database: Database, zone: str, hour: int, told: bool
) -> None:
    house = opened(sqlite_database, zone=zone)
    house.reported(SAM)

    house.now = at(5, hour)  # in New York it is five hours earlier, in Taipei eight hours later
    house.tick()

    assert (WAITING in house.heard(ANA)) is told


def test_what_is_not_urgent_waits_for_the_end_of_the_quiet_hours(small_house: IssueHouse) -> None:
    small_house.reported(SAM, how="With my name")
    small_house.now = at(4, 23)

    small_house.pressed(ANA, f"isa:{small_house.issue().id}")

    assert small_house.heard(SAM) == ""
    small_house.now = at(5, 8)
    assert "A manager has seen your report" in small_house.heard(SAM)
