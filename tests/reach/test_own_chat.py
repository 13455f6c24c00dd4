"""What people say about when and how often they are asked, and what comes of it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.core import callbacks
from bot.core.tables import AuditEntry, Delivery
from bot.people.tables import Person
from bot.reach.tables import Wish
from bot.surveys.tables import Invitee
from tests.reach.conftest import ReachHouse
from tests.support.updates import User, buttons, press, pressable

ANA, STRANGER = 1, 99
COMMANDS = ["settings", "pause", "resume", "away", "time", "shifts", "closed", "reach"]
EVERYBODYS = ["settings", "pause", "resume", "away", "time"]


def person(house: ReachHouse) -> Person:
    found: list[Person] = house.rows(Person)
    return found[0]


def wish(house: ReachHouse) -> Wish:
    found: list[Wish] = house.rows(Wish)
    assert len(found) == 1
    return found[0]


def reasons(house: ReachHouse) -> list[str]:
    return [one.reason for one in house.rows(Invitee)]


def test_a_break_of_a_week_keeps_questions_away_until_it_is_over(house: ReachHouse):
    """Paused on Wednesday 4 March for a week: until the 11th at midnight in Berlin (23:00 UTC)."""
    house.add(ANA)
    talk = house.chat(ANA)
    talk.send("/pause")

    said = talk.press("A week")

    assert "March 11, 2026" in said
    assert person(house).paused_until == datetime(2026, 3, 10, 23, 0, tzinfo=UTC)
    house.send(at_once=True)
    house.later(days=7)
    house.send(at_once=False)
    assert reasons(house) == ["paused", ""]


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("/pause month", date(2026, 4, 3)),
        ("/pause week", date(2026, 3, 11)),
        ("/pause 24 December", date(2026, 12, 24)),
        ("/pause 2026-03-09", date(2026, 3, 9)),
    ],
)
def test_a_break_can_be_written_in_one_go(small_house: ReachHouse, written: str, until: date):
    small_house.add(ANA)

    small_house.chat(ANA).send(written)

    paused_until = person(small_house).paused_until
    assert paused_until is not None
    assert (paused_until + timedelta(hours=2)).date() == until


def test_a_day_that_cannot_be_read_is_asked_for_again(small_house: ReachHouse):
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    talk.send("/pause")
    talk.press("Until a day")

    unclear = talk.send("when the cows come home")
    kept = talk.send("12 March")

    assert "cannot read this" in unclear
    assert "March 12, 2026" in kept


def test_resuming_ends_a_break_and_an_absence(small_house: ReachHouse):
    small_house.add(ANA, "staff")
    talk = small_house.chat(ANA)
    talk.send("/pause month")
    talk.send("/away 2026-03-20")

    said = talk.send("/resume")

    assert "Welcome back" in said
    assert person(small_house).paused_until is None
    assert wish(small_house).away_until is None
    assert "no break" in talk.send("/resume")
    what = [entry.what for entry in small_house.rows(AuditEntry)]
    assert what == ["wish.paused", "wish.changed", "wish.resumed", "wish.changed"]


def test_who_is_away_is_asked_on_the_day_after(small_house: ReachHouse):
    """Away until Friday 6 March; the window of staff's questions opens at 09:00, 08:00 UTC."""
    small_house.add(ANA, "staff")
    talk = small_house.chat(ANA)
    talk.send("/away")
    talk.press("Until a day")
    talk.send("6 March")

    small_house.send("staff", at_once=False)

    [card] = small_house.rows(Delivery)
    assert card.due_at == datetime(2026, 3, 7, 8, 0, tzinfo=UTC)


def test_who_is_away_until_it_closes_is_passed_over_even_at_once(small_house: ReachHouse):
    small_house.add(ANA, "staff")
    talk = small_house.chat(ANA)
    talk.send("/away")
    talk.press("Until Sunday")
    talk.send("/away 2026-03-30")

    small_house.send("staff", at_once=True)
    small_house.send("staff", at_once=False)

    assert reasons(small_house) == ["away", "away"]


def test_the_page_says_the_budget_and_every_wish(small_house: ReachHouse):
    small_house.add(ANA, "staff")
    talk = small_house.chat(ANA)
    talk.send("/settings")
    talk.press("Hours")
    talk.press("Mornings")
    talk.press("How often")

    said = talk.press("At most once a month")

    assert "At most 2 questions or short questionnaires within 30 days" in said
    assert "30 days or more between two" in said
    assert "Mornings, 8 to 12" in said
    assert "Berlin" in said
    kept = wish(small_house)
    assert (kept.quiet_until, kept.quiet_from, kept.days_apart) == (time(8), time(12), 30)


def test_a_manager_reads_the_budget_of_managers(small_house: ReachHouse):
    small_house.add(ANA, "manager")

    said = small_house.chat(ANA).send("/settings")

    assert "At most 6 questions" in said


def test_days_are_added_and_taken_by_their_buttons(small_house: ReachHouse):
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    talk.send("/settings")
    talk.press("Days")
    talk.press("Monday to Friday")

    talk.press("Sat")

    assert wish(small_house).weekdays == "012345"
    assert [label for label in buttons(talk.last) if "✓" in label] == [
        f"✓ {day}" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
    ]


def test_own_hours_and_days_decide_when_the_card_comes(small_house: ReachHouse):
    """Wednesday 4 March, 11:00 in Berlin; wished are Fridays from 17 to 21: 16:00 UTC."""
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    talk.send("/settings")
    talk.press("Hours")
    talk.press("Evenings")
    talk.press("Days")
    for day in ("Mon", "Tue", "Wed", "Thu", "Sat", "Sun"):
        talk.press(day)

    small_house.send(at_once=False)

    [card] = small_house.rows(Delivery)
    assert card.due_at == datetime(2026, 3, 6, 16, 0, tzinfo=UTC)


def test_staff_are_asked_on_their_shift(small_house: ReachHouse):
    """A late shift from 14 to 22 inside the window until 18: 14:00 in Berlin, 13:00 UTC."""
    small_house.add(ANA, "staff")
    talk = small_house.chat(ANA)
    talk.send("/shifts")
    talk.press("Late")

    small_house.send("staff", at_once=False)

    [card] = small_house.rows(Delivery)
    assert card.due_at == datetime(2026, 3, 4, 13, 0, tzinfo=UTC)


def test_the_clock_is_set_by_one_tap(small_house: ReachHouse):
    """It is 10:00 UTC, 11:00 in Berlin: offered are 10:00, 11:00 and 12:00."""
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    talk.send("/time")
    assert list(buttons(talk.last))[:3] == ["10:00", "11:00", "12:00"]

    said = talk.press("11:00")

    assert "Berlin" in said
    assert person(small_house).zone == "Europe/Berlin"


def test_any_other_time_leads_to_cities_that_have_it(small_house: ReachHouse):
    """15:30 at 10:00 UTC is five and a half hours ahead: India and Sri Lanka."""
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    talk.send("/time")
    talk.press("Another time")
    talk.press("15:30")

    talk.press("Colombo")

    assert person(small_house).zone == "Asia/Colombo"


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Lisbon", "Europe/Lisbon"),
        ("germany", "Europe/Berlin"),
        ("Tokio", "Asia/Tokyo"),
        ("são paulo", "America/Sao_Paulo"),
    ],
)
def test_a_place_can_be_typed(small_house: ReachHouse, written: str, zone: str):
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    talk.send("/time")
    talk.press("Name a place")

    said = talk.send(written)
    if "Which of these" in said:
        talk.press(next(iter(buttons(talk.last))))

    assert person(small_house).zone == zone


def test_a_place_nobody_knows_is_asked_for_again(small_house: ReachHouse):
    small_house.add(ANA)
    talk = small_house.chat(ANA)

    said = talk.send("/time Xyzzyville")

    assert "do not know this place" in said
    assert "Oslo" in talk.send("Oslo")


@pytest.mark.parametrize("command", EVERYBODYS)
def test_a_stranger_is_told_how_one_gets_in(small_house: ReachHouse, command: str):
    said = small_house.chat(STRANGER).send(f"/{command}")

    assert said
    assert small_house.rows(Wish) == []


@pytest.mark.parametrize("command", ["shifts", "closed", "reach"])
def test_what_is_for_other_roles_is_not_open(small_house: ReachHouse, command: str):
    small_house.add(ANA)

    said = small_house.chat(ANA).send(f"/{command}")

    assert "not open" in said.lower()


@pytest.mark.parametrize(
    ("command", "label"),
    [("/settings", "Hours"), ("/pause", "A week"), ("/away", "Today"), ("/time", "Another time")],
)
def test_a_button_outlives_its_person(small_house: ReachHouse, command: str, label: str):
    """Pressed after the person was erased: it is answered, and nothing is stored."""
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    talk.send(command)
    data = pressable(talk.last, label)
    small_house.database.run(
        lambda session: session.execute(
            update(Person).where(col(Person.telegram_id) == ANA).values(telegram_id=5)
        )
    )

    talk.take(press(talk.user, data))

    assert [call["method"] for call in talk.last] == ["answerCallbackQuery"]
    assert small_house.rows(Wish) == []


def test_an_absence_button_of_yesterday_says_so(small_house: ReachHouse):
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    talk.send("/away")
    small_house.later(days=1)

    talk.press("Today")

    assert [call["text"] for call in talk.last if call.get("text")] == ["This day is over."]


def test_how_questions_look_is_chosen_on_the_page_and_by_old_buttons_too(small_house: ReachHouse):
    small_house.add(ANA)
    talk = small_house.chat(ANA)
    said = talk.send("/settings")

    talk.press("How questions look")
    old = pressable(talk.last, "Faces")
    chosen = talk.press("Large buttons")
    again = talk.take(press(talk.user, old))

    assert "Questions look like this: \u2068One row of numbers\u2069" in said
    assert "Questions look like this: \u2068Large buttons\u2069" in chosen
    assert "Questions look like this: \u2068Faces\u2069" in again
    assert wish(small_house).look == "faces"


def test_a_stranger_cannot_choose_how_questions_look(small_house: ReachHouse):
    made = callbacks.sign(small_house.secret, STRANGER, "rl:large")

    small_house.chat(STRANGER).take(press(User(STRANGER), made))

    assert small_house.rows(Wish) == []
