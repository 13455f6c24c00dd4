"""Who scans a code in the shop is greeted, agrees, and is asked later, by themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.core.callbacks import sign
from bot.core.tables import Delivery
from bot.organisation.structure import close
from bot.surveys.tables import Invitee, Run, Schedule, Wave
from bot.ways.desk import WayDesk
from bot.ways.tables import CameBy, WayWeek
from tests.support.updates import User, buttons, press, said
from tests.ways.conftest import STAFF, PosterHouse

GUEST, STRANGER = 901, 999


def test_who_agrees_is_asked_in_three_hours_and_not_before(any_house: PosterHouse) -> None:
    """Wednesday 10:00: the card comes at 13:00, within the questionnaire's hours."""
    talk = any_house.chat(GUEST)
    read = talk.send(f"/start {any_house.way().payload}")
    told = talk.press("I agree")

    at_once = any_house.deliver()
    any_house.later(hours=2, minutes=59)
    still = any_house.deliver()
    any_house.later(minutes=1)
    cards = any_house.deliver()

    assert "Not here and now, in front of those who served you" in read
    assert "in about 3 hours" in told
    assert (at_once, still) == ([], [])
    assert [call["chat_id"] for call in cards] == [GUEST]


def test_who_would_rather_answer_at_once_gets_the_first_question(any_house: PosterHouse) -> None:
    talk = any_house.came(GUEST, any_house.way())

    shown = talk.press("Ask me now")
    scale = list(buttons(talk.last))
    any_house.later(hours=4)

    assert "Riverside" in shown
    assert {"1", "7"} <= set(scale)
    assert any_house.deliver() == []  # the card that was promised for later is not sent as well


def test_the_button_pressed_twice_shows_the_question_again_and_asks_nothing_twice(
    house: PosterHouse,
) -> None:
    talk = house.came(GUEST, house.way())
    offer = talk.last

    talk.press("Ask me now")
    talk.last = offer
    again = talk.press("Ask me now")

    assert "Riverside" in again
    assert len(house.rows(Run)) == 1


def test_the_button_of_somebody_who_has_answered_is_answered_politely(house: PosterHouse) -> None:
    talk = house.came(GUEST, house.way())
    offer = talk.last
    talk.press("Ask me now")
    while "6" in buttons(talk.last):
        talk.press("6")
    talk.press("Finish")

    talk.last = offer
    late = talk.press("Ask me now")

    assert "No questionnaire is waiting for you" in late


def test_a_stranger_with_the_button_gets_nothing(house: PosterHouse) -> None:
    user = User(STRANGER)

    answer = house.chat(STRANGER).take(press(user, sign(house.secret, STRANGER, "wynow")))

    assert "by invitation" in answer
    assert house.person(STRANGER) is None


def test_what_is_asked_is_anonymous_and_shares_the_weeks_wave(house: PosterHouse) -> None:
    way = house.way()
    for number in range(3):
        house.came(GUEST + number, way)

    runs, waves = house.rows(Run), house.rows(Wave)

    assert len(runs) == 3
    assert all(run.anonymous for run in runs)
    assert [wave.rolling for wave in waves] == [True]


def test_where_no_anonymous_questionnaire_is_sent_nobody_is_asked(house: PosterHouse) -> None:
    house.database.run(
        lambda session: session.execute(
            update(Schedule).where(col(Schedule.questionnaire) == "customers").values(active=False)
        )
    )

    talk = house.came(GUEST, house.way())

    assert house.rows(Run) == []
    assert "Ask me now" not in buttons(talk.last)
    assert house.roles(GUEST)


def test_the_code_scanned_again_greets_and_asks_within_the_budget_only(house: PosterHouse) -> None:
    """Seven days between any two: the next day is too soon, ten days later is not."""
    way = house.way()
    talk = house.came(GUEST, way)
    house.later(days=1)
    soon = talk.send(f"/start {way.payload}")
    offered_soon = buttons(talk.last)
    house.later(days=9)
    later = talk.send(f"/start {way.payload}")
    offered_later = buttons(talk.last)

    assert "Good to see you again at" in soon
    assert "not long ago" in soon
    assert "Ask me now" not in offered_soon
    assert "in about" in later
    assert "Ask me now" in offered_later
    assert sum(one.uses for one in house.rows(WayWeek)) == 2  # came in, and came to be asked again


def test_who_came_by_another_code_of_the_unit_is_kept_under_the_latest(house: PosterHouse) -> None:
    till, door = house.way(), house.way(unit="Old Town")
    house.came(GUEST, till)
    house.came(GUEST, door)

    assert [one.way_id for one in house.rows(CameBy)] == [door.id]
    assert len(house.roles(GUEST)) == 2


def test_who_said_stop_is_asked_whether_to_be_written_to_again(house: PosterHouse) -> None:
    way = house.way()
    talk = house.came(GUEST, way)
    talk.send("/stop")

    talk.send(f"/start {way.payload}")

    assert "Yes, write to me again" in buttons(talk.last)
    assert "Ask me now" not in buttons(talk.last)


def test_staff_who_scan_are_told_that_they_would_come_in_as_customers(house: PosterHouse) -> None:
    talk = house.chat(STAFF)
    read = talk.send(f"/start {house.way().payload}")
    talk.press("I agree")

    assert "as a customer" in read
    assert house.roles(STAFF) == (("staff", house.unit()), ("customer", house.unit()))


def test_a_unit_that_closed_meanwhile_greets_nobody_again(house: PosterHouse) -> None:
    way, unit_id = house.way(), house.unit()
    talk = house.came(GUEST, way)
    house.database.run(lambda session: close(session, unit_id, today=house.now.date()))
    house.later(days=20)

    talk.send(f"/start {way.payload}")

    assert "Ask me now" not in buttons(talk.last)
    assert len(house.rows(Invitee)) == 1


@pytest.mark.parametrize(
    ("delay", "at", "due"),
    [
        (timedelta(0), 10, timedelta(0)),
        (timedelta(minutes=30), 10, timedelta(minutes=30)),
        (timedelta(hours=3), 21, timedelta(hours=13)),  # 00:00 is quiet; its window opens at 10:00
    ],
)
def test_the_delay_is_a_setting_and_quiet_hours_hold(
    house: PosterHouse, delay: timedelta, at: int, due: timedelta
) -> None:
    house.now = house.now.replace(hour=at)
    house.ways = WayDesk(surveys=house.desk, username=lambda: house.username, delay=delay)

    house.came(GUEST, house.way())

    (card,) = [one for one in house.rows(Delivery) if one.kind == "card"]
    assert card.due_at - house.now == due


@pytest.mark.parametrize(
    ("language", "agree", "now"),
    [
        ("es", "Acepto", "Pregúntenme ahora"),
        ("ar", "أوافق", "اسألني الآن"),
        ("zh-TW", "我同意", "現在就問我"),
    ],
)
def test_it_all_happens_in_the_language_of_their_app(
    house: PosterHouse, language: str, agree: str, now: str
) -> None:
    talk = house.chat(GUEST, language)
    talk.send(f"/start {house.way().payload}")
    talk.press(agree)

    assert now in buttons(talk.last)
    assert "You have time" not in said(talk.last)
