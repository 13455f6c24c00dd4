"""``/send`` in chat: choosing, looking before sending, sending once; who may and who may not."""

import pytest

from bot.core import callbacks
from bot.core.database import Database
from bot.people.registry import create_unit
from bot.surveys.tables import Invitee, Wave
from tests.support.surveys import House
from tests.support.updates import Chat, buttons, press, pressable


def manager(house: House, *units: str) -> Chat:
    for unit in units or ("Riverside",):
        house.add(50, "manager", unit=unit)
    return house.chat(50)


def test_a_manager_sends_in_three_taps(house: House) -> None:
    house.add(1)
    house.add(2, state="stopped")
    talk = manager(house)

    talk.send("/send")
    preview = talk.press("Your view of our service")
    done = talk.press("Send")

    assert "1 person would be asked" in preview
    assert "want no messages" in preview
    assert "1 person is being asked" in done
    assert "1 person is skipped" in done
    assert sorted(row.state for row in house.rows(Invitee)) == ["asked", "skipped"]


def test_nothing_is_sent_by_looking(house: House) -> None:
    house.add(1)
    talk = manager(house)

    talk.send("/send")
    talk.press("Your view of our service")

    assert house.rows(Wave) == []


def test_the_last_button_pressed_twice_sends_once(house: House) -> None:
    house.add(1)
    talk = manager(house)
    talk.send("/send")
    talk.press("Your view of our service")
    go = press(talk.user, pressable(talk.last, "Send at once"))

    talk.take(go)
    said = talk.take(go)

    assert "already" in said
    assert len(house.rows(Wave)) == 1


def test_at_once_reaches_who_was_asked_this_week_and_the_rules_do_not(house: House) -> None:
    house.add(1)
    house.send()
    talk = manager(house)

    talk.send("/send")
    preview = talk.press("Your view of our service")

    assert "Nobody would be asked by the rules" in preview
    assert list(buttons(talk.last)) == ["Send at once"]
    assert "1 person is being asked" in talk.press("Send at once")


def test_with_several_units_the_manager_chooses_among_their_own(database: Database) -> None:
    house = House(database).open(units=("Riverside", "Harbour", "Hill"))
    house.add(1, unit="Hill")
    talk = manager(house, "Riverside", "Hill")

    talk.send("/send")
    talk.press("Your view of our service")

    assert list(buttons(talk.last)) == ["Hill", "Riverside"]
    assert "1 person would be asked" in talk.press("Hill")


def test_an_owner_pages_through_all_units(small_house: House) -> None:
    house = small_house
    house.database.run(lambda session: [create_unit(session, f"Unit {n:02}") for n in range(20)])
    house.add(51, "owner")
    talk = house.chat(51)

    talk.send("/send")
    talk.press("Your view of our service")
    seen = list(buttons(talk.last))
    while "›" in buttons(talk.last):
        talk.press("›")
        seen += list(buttons(talk.last))

    assert len({name for name in seen if name not in {"‹", "›"}}) == 21


def test_a_unit_without_customers_says_how_to_get_some(house: House) -> None:
    talk = manager(house)

    talk.send("/send")
    said = talk.press("Your view of our service")

    assert "/invite" in said
    assert buttons(talk.last) == {}


@pytest.mark.parametrize("role", ["customer", "staff"])
def test_others_may_not_send(house: House, role: str) -> None:
    house.add(60, role)
    talk = house.chat(60)

    talk.send("/send")
    data = callbacks.sign(house.secret, 60, "wg:customers:1:0:n")
    said = talk.take(press(talk.user, data))

    assert "not open to you" in said
    assert house.rows(Wave) == []


def test_a_manager_of_another_unit_may_not_send_there(database: Database) -> None:
    house = House(database).open(units=("Riverside", "Harbour"))
    house.add(1, unit="Harbour")
    talk = manager(house, "Riverside")

    said = talk.take(press(talk.user, callbacks.sign(house.secret, 50, "wg:customers:2:0:n")))

    assert "not open to you" in said
    assert house.rows(Wave) == []


def test_a_stranger_is_answered_and_changes_nothing(house: House) -> None:
    stranger = house.chat(666)

    assert stranger.send("/send")
    assert "not open to you" in stranger.take(
        press(stranger.user, callbacks.sign(house.secret, 666, "wg:customers:1:0:n"))
    )
    assert house.rows(Wave) == []


@pytest.mark.parametrize(
    "action", ["wq", "wu:customers", "wu:gone:1", "wg:customers:!:0:n", "wq:x:y"]
)
def test_an_old_button_that_fits_nothing_any_more_is_answered(house: House, action: str) -> None:
    talk = manager(house)

    assert talk.take(press(talk.user, callbacks.sign(house.secret, 50, action)))
    assert house.rows(Wave) == []
