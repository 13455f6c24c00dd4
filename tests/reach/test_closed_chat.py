"""``/closed``: holidays and closed days of a unit, kept by those in charge of it."""

from datetime import UTC, date, datetime

from sqlalchemy import delete
from sqlmodel import col

from bot.core.tables import AuditEntry, Delivery
from bot.people.tables import Role
from bot.reach.tables import ClosedDay, UnitCalendar
from tests.reach.conftest import ReachHouse
from tests.support.updates import Chat

MANAGER = 50


def boss(house: ReachHouse) -> Chat:
    house.add(MANAGER, "manager")
    return house.chat(MANAGER)


def test_nobody_is_asked_on_a_closed_day(house: ReachHouse):
    """Closed on Wednesday 4 March: the card comes on Thursday at 10:00 in Berlin, 09:00 UTC."""
    talk = boss(house)
    talk.send("/closed")
    talk.press("Add a day")
    said = talk.send("4 March")
    house.add(1)

    house.send(at_once=False)

    assert "March 4, 2026" in said
    assert [one.day for one in house.rows(ClosedDay)] == [date(2026, 3, 4)]
    assert [one.due_at for one in house.rows(Delivery)] == [datetime(2026, 3, 5, 9, 0, tzinfo=UTC)]
    assert [one.what for one in house.rows(AuditEntry)] == ["unit.calendar"]


def test_a_closed_day_is_taken_back(small_house: ReachHouse):
    talk = boss(small_house)
    talk.send("/closed")
    talk.press("Add a day")
    talk.send("not a day at all")
    talk.send("2026-12-24")

    talk.press("Open on")

    assert small_house.rows(ClosedDay) == []


def test_a_country_is_taken_by_name_or_code_and_others_are_refused(small_house: ReachHouse):
    talk = boss(small_house)
    talk.send("/closed")
    talk.press("Public holidays")
    refused = talk.send("Atlantis")

    kept = talk.send("Germany")

    assert "do not know this country" in refused
    assert "Public holidays of" in kept
    assert [one.country for one in small_house.rows(UnitCalendar)] == ["DE"]
    talk.press("Public holidays")
    assert "No public holidays" in talk.press("No public holidays")


def test_who_lost_the_role_meanwhile_changes_nothing(small_house: ReachHouse):
    talk = boss(small_house)
    talk.send("/closed")
    talk.press("Add a day")
    small_house.database.run(
        lambda session: session.execute(delete(Role).where(col(Role.kind) == "manager"))
    )

    said = talk.send("2026-12-24")

    assert "not open" in said.lower()
    assert small_house.rows(ClosedDay) == []
