"""When owners are reminded, and when those in charge are told: the rule, and the tick."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.core.database import Database
from bot.improvement.reminding import Reminding, is_late, is_reminded
from bot.people.tables import Person
from tests.support.actions import ANA, LI, OWNER, SAM, ActionHouse, opened

At = Callable[..., datetime]
DUE = date(2026, 3, 20)


def texts(house: ActionHouse, telegram_id: int) -> str:
    said = "\n".join(call["text"] for call in house.told(telegram_id))
    return said.replace("\u2068", "").replace("\u2069", "")


def person(house: ActionHouse, telegram_id: int, **values: object) -> None:
    house.database.run(
        lambda session: session.execute(
            update(Person).where(col(Person.telegram_id) == telegram_id).values(**values)
        )
    )


@pytest.mark.parametrize("days", [-3, 0, 7, 14, 21, 28])
def test_one_is_reminded_before_on_and_four_times_after_the_due_day(days: int) -> None:
    today = DUE + timedelta(days=days)

    assert is_reminded(Reminding(DUE), today)
    assert not is_reminded(Reminding(DUE, reminded_on=today), today)
    assert not is_reminded(Reminding(DUE, reminded_on=today), today + timedelta(days=2))


def test_one_is_left_in_peace_before_and_long_after() -> None:
    quiet = [DUE - timedelta(days=4), DUE + timedelta(days=35), DUE + timedelta(days=6)]

    assert not any(is_reminded(Reminding(DUE), day) for day in quiet)
    assert not is_reminded(Reminding(None), DUE)


def test_a_whole_life_of_an_action_has_six_reminders() -> None:
    reminded: date | None = None
    count = 0
    for days in range(-20, 90):
        today = DUE + timedelta(days=days)
        if is_reminded(Reminding(DUE, reminded_on=reminded), today):
            reminded, count = today, count + 1

    assert count == 6


def test_a_snooze_holds_back_what_falls_into_it_and_reminds_on_its_day() -> None:
    snoozed = Reminding(DUE, remind_on=DUE + timedelta(days=2))

    assert not is_reminded(snoozed, DUE)
    assert is_reminded(snoozed, DUE + timedelta(days=2))
    assert is_reminded(Reminding(None, remind_on=DUE), DUE)


def test_those_in_charge_hear_once_of_each_due_day() -> None:
    assert not is_late(DUE, None, DUE + timedelta(days=13))
    assert is_late(DUE, None, DUE + timedelta(days=14))
    assert not is_late(DUE, DUE, DUE + timedelta(days=20))
    assert is_late(DUE, DUE - timedelta(days=5), DUE + timedelta(days=20))
    assert not is_late(None, None, DUE)


def test_the_owner_is_reminded_once_a_day_whoever_ticks(house: ActionHouse, at: At) -> None:
    house.taken()
    house.pressed(ANA, "acd:1:-:t")  # due on March 18
    house.now = at(15)

    assert house.tick() == (1, 0)
    assert house.tick() == (0, 0)

    assert "Due: March 18, 2026 · 3 days left" in texts(house, ANA)
    assert texts(house, LI) == ""


def test_the_buttons_of_a_reminder_work(house: ActionHouse, at: At) -> None:
    house.taken()
    house.pressed(ANA, "acd:1:-:t")
    house.now = at(18)
    house.tick()
    ana = house.chat(ANA)
    ana.last = house.told(ANA)

    ana.press("In a week")

    assert house.action().remind_on == date(2026, 3, 25)
    house.now = at(24)
    assert house.tick() == (0, 0)
    house.now = at(25)
    assert house.tick() == (1, 0)
    assert "7 days overdue" in texts(house, ANA)


def test_nobody_is_reminded_at_night(sqlite_database: Database, at: At) -> None:
    house = opened(sqlite_database, zone="Asia/Taipei")  # eight hours ahead of UTC
    house.taken()
    house.pressed(ANA, "acd:1:-:t")
    house.now = at(14, 20)  # 4 in the morning of the 15th

    assert house.tick() == (0, 0)
    house.now = at(15, 0)  # 8 in the morning
    assert house.tick() == (1, 0)


@pytest.mark.parametrize("state", ["stopped", "blocked"])
def test_who_does_not_want_messages_is_not_reminded(
    small_house: ActionHouse, at: At, state: str
) -> None:
    small_house.taken()
    small_house.pressed(ANA, "acd:1:-:t")
    person(small_house, ANA, state=state)
    small_house.now = at(18)

    assert small_house.tick() == (0, 0)


def test_who_paused_or_left_is_not_reminded(small_house: ActionHouse, at: At) -> None:
    small_house.taken()
    small_house.pressed(ANA, "acd:1:-:t")
    small_house.now = at(18)

    person(small_house, ANA, paused_until=at(19))
    assert small_house.tick() == (0, 0)
    person(small_house, ANA, paused_until=None)
    small_house.leaves(ANA)
    assert small_house.tick() == (0, 0)


def test_a_day_that_was_just_set_is_not_reminded_of_at_once(
    small_house: ActionHouse, at: At
) -> None:
    small_house.taken()
    small_house.now = at(6)
    small_house.pressed(ANA, "acd:1:-:w")  # the day after tomorrow

    assert small_house.tick() == (0, 0)
    small_house.now = at(8)
    assert small_house.tick() == (1, 0)


def test_what_is_closed_is_not_reminded_of(small_house: ActionHouse, at: At) -> None:
    small_house.taken()
    small_house.pressed(ANA, "acd:1:-:t")
    small_house.pressed(ANA, "acx:1:-")
    small_house.now = at(18)

    assert small_house.tick() == (0, 0)


def test_the_other_managers_hear_when_it_is_two_weeks_late(house: ActionHouse, at: At) -> None:
    house.taken()
    house.pressed(ANA, "acd:1:-:w")  # due on March 8
    house.now = at(22)

    reminded, told = house.tick()

    assert (reminded, told) == (1, 1)
    assert house.tick() == (0, 0)
    said = texts(house, LI)
    assert "overdue for two weeks" in said
    assert "Whose: P11" in said
    assert "overdue for two weeks" not in texts(house, ANA)
    assert house.recorded()[-1] == "action.late action 1"


def test_over_the_only_manager_the_owner_is_told(small_house: ActionHouse, at: At) -> None:
    small_house.leaves(LI)
    small_house.taken()
    small_house.pressed(ANA, "acd:1:-:w")
    small_house.now = at(22)

    small_house.tick()

    assert "overdue for two weeks" in texts(small_house, OWNER)


def test_a_member_of_staff_is_reminded_of_what_was_accepted(
    small_house: ActionHouse, at: At
) -> None:
    small_house.taken()
    small_house.pressed(ANA, "acp:1:-:3")
    small_house.pressed(SAM, "acy:1:-").press("Due day")
    small_house.pressed(SAM, "acd:1:-:t")
    small_house.now = at(18)

    assert small_house.tick() == (1, 0)
    assert "today" in texts(small_house, SAM)
