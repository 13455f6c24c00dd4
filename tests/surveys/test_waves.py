"""Waves: who is asked, who is skipped and why, what is written, how the clock moves them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, update
from sqlmodel import Session, col

from bot.core.database import Database
from bot.core.tables import Delivery
from bot.people.registry import all_units, unit_named
from bot.people.tables import Person, Role
from bot.surveys import schedules, ticks
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import Invitee, QuestionnaireVersion, Run, Schedule, Wave
from bot.surveys.versions import Library
from gapengine.allocation import form_for
from gapengine.levels import OPTIONAL
from tests.support.keys import fixed_keys
from tests.support.surveys import House
from tests.support.updates import press, pressable


def reasons(house: House) -> dict[int, str]:
    return {row.person_id: row.reason for row in house.rows(Invitee)}


def schedule(house: House, *, start: datetime | None = None) -> None:
    def work(session: Session) -> int:
        units = all_units(session)
        return schedules.start_schedules(session, house.desk, units=units, now=start or house.now)

    house.database.run(work)


def tick(house: House) -> tuple[int, int, int]:
    def work(session: Session) -> tuple[int, int, int]:
        return (
            ticks.plan_due(session, house.now, house.desk),
            ticks.remind_due(session, house.now, house.desk),
            ticks.expire_due(session, house.now),
        )

    return house.database.run(work)


def change(house: House, person_id: int, **values: object) -> None:
    house.database.run(
        lambda session: session.execute(
            update(Person).where(col(Person.id) == person_id).values(**values)
        )
    )


def test_only_the_audience_in_the_unit_is_asked(database: Database) -> None:
    house = House(database).open(units=("Riverside", "Harbour"))
    here = house.add(1)
    house.add(2, unit="Harbour")
    house.add(3, "staff")
    house.add(4, "owner")

    house.send("customers")

    assert reasons(house) == {here: ""}


def test_everybody_who_is_skipped_has_a_reason(house: House) -> None:
    fresh, stopped, blocked, paused = (house.add(number) for number in (1, 2, 3, 4))
    change(house, stopped, state="stopped")
    change(house, blocked, state="blocked")
    change(house, paused, paused_until=house.now + timedelta(days=3))

    house.send(at_once=False)

    assert reasons(house) == {
        fresh: "",
        stopped: "stopped",
        blocked: "blocked",
        paused: "paused",
    }
    assert len(house.rows(Run)) == len(house.rows(Delivery)) == 1


def test_nobody_is_asked_twice_within_a_week_over_all_roles(house: House) -> None:
    both = house.add(1)
    house.add(1, "staff")
    house.send("customers", at_once=False)
    house.chat(1).send("/questions")
    house.database.run(lambda session: ticks.expire_due(session, house.now + timedelta(days=6)))

    house.later(days=6)
    house.send("staff", at_once=False)

    assert [row.reason for row in house.rows(Invitee) if row.person_id == both] == ["", "budget"]
    house.later(days=1)
    house.send("staff", at_once=False)
    assert [row.reason for row in house.rows(Invitee)] == ["", "budget", ""]


def test_an_open_questionnaire_keeps_another_one_away(house: House) -> None:
    house.add(1)
    house.send("customers")

    house.send("customers", at_once=False)

    assert [row.reason for row in house.rows(Invitee)] == ["", "busy"]


def test_at_once_means_now_in_the_middle_of_the_night(house: House) -> None:
    house.add(1)
    house.now = house.now.replace(hour=2)

    house.send(at_once=True)

    assert house.rows(Delivery)[0].due_at == house.now


def test_a_card_waits_for_the_window_in_the_persons_own_zone(database: Database) -> None:
    house = House(database).open(zone="Europe/Berlin")
    in_unit, far = house.add(1), house.add(2, zone="Asia/Tokyo")
    house.now = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)

    house.send(at_once=False)

    due = {row.person_id: row.due_at for row in house.rows(Delivery)}
    assert due[in_unit] == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # 10:00 in Berlin
    assert due[far] == house.now  # 12:00 in Tokyo, inside the window


def test_forms_go_on_rotating_over_people_and_waves_of_the_unit(house: House) -> None:
    """Each number of the rotation is used once; who gets which is drawn by lot."""
    for telegram_id in range(1, 12):
        house.add(telegram_id)
    house.send()
    house.later(days=14)
    house.send()

    [seed] = {wave.seed for wave in house.rows(Wave)}
    blueprint = house.desk.library.read("customers").blueprint()
    forms = [form_for(blueprint, seed=seed, sequence=number) for number in range(22)]
    asked = sorted(tuple(map(tuple, run.form)) for run in house.rows(Run))
    assert asked == sorted(form.questions for form in forms)


@pytest.mark.parametrize(("left_out", "asked"), [(OPTIONAL, False), (frozenset(), True)])
def test_social_responsibility_is_asked_where_it_is_switched_on(
    house: House, left_out: frozenset[str], asked: bool
) -> None:
    house.desk = SurveyDesk(library=Library(left_out=left_out))
    for telegram_id in range(1, 27):
        house.add(telegram_id)

    house.send()

    items = {item for run in house.rows(Run) for item, _ in run.form}
    assert any(item.startswith("social_responsibility") for item in items) is asked


def test_a_manager_is_not_asked_the_same_again_until_all_was_asked(house: House) -> None:
    house.add(1, "manager")

    for _ in range(6):
        house.send("managers")
        house.later(days=14)
        tick(house)

    items = [
        item
        for run in house.rows(Run)
        for item in dict.fromkeys(item for item, vantage in run.form if vantage != "A")
    ]
    assert len(items) == len(set(items)) == 12


def test_a_schedule_makes_one_wave_when_the_units_day_has_come(database: Database) -> None:
    house = House(database, now=datetime(2026, 3, 4, 20, 0, tzinfo=UTC)).open(zone="Asia/Tokyo")
    house.add(1)
    schedule(house)  # it is the 5th in Tokyo, so the 6th is due

    house.now = datetime(2026, 3, 5, 14, 59, tzinfo=UTC)
    assert tick(house)[0] == 0
    house.now = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    assert tick(house)[0] == 1
    assert tick(house)[0] == 0

    [wave] = house.rows(Wave)
    assert wave.due_on == date(2026, 3, 6)
    assert house.rows(Run)[0].week == date(2026, 3, 2)
    due = {row.questionnaire: row.next_due for row in house.rows(Schedule)}
    assert due["customers"] == date(2026, 3, 20)


def test_a_unit_without_people_is_looked_at_again_the_next_day(house: House) -> None:
    schedule(house)
    house.later(days=1)

    assert tick(house)[0] == 0
    house.add(1)
    assert tick(house)[0] == 0
    house.later(days=1)
    assert tick(house)[0] == 1


def test_a_long_downtime_makes_one_late_wave(house: House) -> None:
    house.add(1)
    schedule(house)

    house.later(days=100)

    assert tick(house)[0] == 1
    assert tick(house)[0] == 0


def test_starting_schedules_twice_starts_them_once(house: House) -> None:
    schedule(house)
    schedule(house, start=house.now + timedelta(days=3))

    assert sorted(row.questionnaire for row in house.rows(Schedule)) == [
        "customers",
        "managers",
        "partners",
        "partners_view",
        "staff",
    ]
    due = {row.questionnaire: row.next_due for row in house.rows(Schedule)}
    assert due.pop("partners_view") == date(2026, 3, 22)  # the partners' two take turns
    assert set(due.values()) == {date(2026, 3, 5)}


def test_two_processes_that_plan_at_once_make_one_wave(house: House) -> None:
    house.add(1)
    schedule(house)
    house.later(days=1)
    started, made = Barrier(2), []

    def process() -> None:
        own = Database(house.database.address, fixed_keys())
        started.wait(10)
        made.append(own.run(lambda session: ticks.plan_due(session, house.now, house.desk)))
        own.close()

    threads = [Thread(target=process) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(made) == [0, 1]
    assert len(house.rows(Wave)) == len(house.rows(Run)) == 1


def test_one_reminder_to_who_has_questions_left(house: House) -> None:
    for telegram_id in (1, 2, 3):
        house.add(telegram_id)
    house.send()
    cards = house.deliver()
    for telegram_id, label in ((1, "5"), (2, "Stop")):
        talk = house.chat(telegram_id)
        talk.last = [call for call in cards if call["chat_id"] == telegram_id]
        talk.press(label)

    house.later(days=2, minutes=1)
    assert tick(house)[1] == 3  # promised to all alike
    assert tick(house)[1] == 0
    reminders = house.deliver()

    left = {call["chat_id"]: call["text"] for call in reminders}
    assert set(left) == {1, 3}
    assert "4 questions" in left[1] or "3 questions" in left[1]
    assert {row.kind for row in house.rows(Delivery)} == {"card"}


def test_under_names_a_reminder_is_promised_to_those_alone_who_have_questions_left(
    small_house: House,
) -> None:
    half, _done = small_house.add(1, "manager"), small_house.add(2, "manager")
    small_house.send("managers")
    cards = small_house.deliver()
    talk = small_house.chat(2)
    talk.last = [call for call in cards if call["chat_id"] == 2]
    talk.press("Stop")

    small_house.later(days=4)
    assert tick(small_house)[1] == 1

    reminders = [row for row in small_house.rows(Delivery) if row.kind == "reminder"]
    assert [row.person_id for row in reminders] == [half]


def test_the_reminder_becomes_the_card_where_the_run_stands(house: House) -> None:
    talk = house.asked(1)
    talk.press("5")
    house.later(days=2, minutes=1)
    tick(house)
    talk.last = house.deliver()

    talk.take(press(talk.user, pressable(talk.last, "Go on"), 2002))

    strip, card = (call for call in talk.last if call["method"] != "answerCallbackQuery")
    assert (strip["method"], strip["message_id"]) == ("editMessageReplyMarkup", 1)
    assert (card["message_id"], "reply_markup" in card) == (2002, True)
    assert (house.rows(Invitee)[0].message_id, house.rows(Run)[0].card) == (1001, "2002")
    assert house.rows(Run)[0].position == 1


def with_two_reminders(house: House, folder: Path) -> None:
    source = (house.desk.library.folder / "customers.yaml").read_text()
    text = source.replace("reminder_after_days: 2", "reminder_after_days: [2, 4]")
    (folder / "customers.yaml").write_text(text)
    house.desk = replace(house.desk, library=Library(folder))


def test_two_reminders_at_most_and_none_to_who_has_finished(house: House, tmp_path: Path) -> None:
    with_two_reminders(house, tmp_path)
    talk = house.asked(1)
    house.add(2)

    house.later(days=2, minutes=1)
    assert [tick(house)[1], tick(house)[1], len(house.deliver())] == [1, 0, 1]
    house.later(days=2)
    assert tick(house)[1] == 1
    talk.press("Stop")
    assert house.deliver() == []
    house.later(minutes=30)

    assert tick(house)[1] == 0


def test_only_the_last_reminder_says_that_it_is_the_last(
    small_house: House, tmp_path: Path
) -> None:
    with_two_reminders(small_house, tmp_path)
    small_house.asked(1)
    said = []
    for _ in range(2):
        small_house.later(days=2, minutes=1)
        tick(small_house)
        said += [call["text"] for call in small_house.deliver()]

    assert ["not remind you again" in text for text in said] == [False, True]


def test_a_closed_wave_keeps_no_trace_of_its_reminders(house: House, tmp_path: Path) -> None:
    with_two_reminders(house, tmp_path)
    house.asked(1)
    for _ in range(2):
        house.later(days=2, minutes=1)
        tick(house)
        house.deliver()
    assert [row.kind for row in house.rows(Delivery)] == ["card"]
    house.later(days=2)

    tick(house)

    assert house.rows(Delivery) == []


def test_a_reminder_that_finds_the_run_closed_is_not_sent(house: House) -> None:
    talk = house.asked(1)
    house.later(days=2, minutes=1)
    tick(house)
    talk.press("Stop")

    assert house.deliver() == []


def test_a_wave_closes_when_its_time_is_over(house: House) -> None:
    house.asked(1)

    house.later(days=4, hours=23)
    assert tick(house)[2] == 0
    house.later(hours=2)
    assert tick(house)[2] == 1
    assert tick(house)[2] == 0

    assert house.rows(Run)[0].state == "expired"
    assert house.rows(Invitee)[0].state == "closed"


def test_who_had_answered_everything_counts_as_finished_when_time_runs_out(house: House) -> None:
    talk = house.asked(1)
    for _ in house.rows(Run)[0].form:
        talk.press("5")

    house.later(days=6)
    tick(house)

    assert house.rows(Run)[0].state == "finished"


def test_a_broken_file_does_not_stop_a_schedule(house: House, tmp_path: Path) -> None:
    house.add(1)
    schedule(house)
    house.send()
    source = house.desk.library.folder / "customers.yaml"
    (tmp_path / "customers.yaml").write_text(source.read_text().replace("taps: 5", "taps: many"))
    house.desk = type(house.desk)(type(house.desk.library)(tmp_path))
    house.later(days=15)

    assert tick(house)[0] == 1


def test_two_thousand_people_are_planned_in_one_go(small_house: House) -> None:
    """A unit of that size must not hold up the taps of the others for long."""
    rows = [
        {"telegram_id": number, "name": "x", "language": "en", "state": "active"}
        | {"consent_version": 1, "consented_at": small_house.now}
        for number in range(1, 2001)
    ]

    def fill(session: Session) -> None:
        unit = unit_named(session, "riverside")
        session.execute(insert(Person), rows)
        roles = [
            {"person_id": one, "unit_id": unit.id, "kind": "customer"}
            | {"granted_at": small_house.now}
            for one in range(1, 2001)
        ]
        session.execute(insert(Role), roles)

    small_house.database.run(fill)

    small_house.send()

    assert len(small_house.rows(Run)) == len(small_house.rows(Delivery)) == 2000


def test_a_version_is_stored_once_and_found_again(house: House) -> None:
    house.add(1)
    house.send()
    house.later(days=14)
    house.send()

    assert len(house.rows(QuestionnaireVersion)) == 1


@pytest.mark.parametrize("questionnaire", ["customers", "staff", "managers"])
def test_what_is_promised_is_stored_with_the_run(house: House, questionnaire: str) -> None:
    house.asked(1, questionnaire)

    [run] = house.rows(Run)

    named = questionnaire == "managers"
    few = "anonymous-few-1"  # a single person is asked: the card says that one could guess
    assert (run.anonymous, run.promise) == (not named, "named-1" if named else few)


def test_where_the_floor_is_asked_the_whole_promise_is_given(house: House) -> None:
    for telegram_id in range(1, 6):
        house.add(telegram_id)

    house.send()

    assert {run.promise for run in house.rows(Run)} == {"anonymous-1"}
