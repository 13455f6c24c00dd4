"""Inviting from the chat: who may invite whom, and what comes out."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.core.callbacks import sign
from bot.people.registry import create_unit
from tests.people.conftest import House
from tests.support.updates import Chat, User, buttons, press

GUEST = User(9000, "Guest")


def _link(chat: Chat) -> str:
    """Return the payload of the link in the message that is meant to be forwarded."""
    [payload] = re.findall(
        r"https://t\.me/bluecup_bot\?start=([A-Za-z0-9_-]{1,64})", chat.last[-1]["text"]
    )
    return str(payload)


def _use(house: House, payload: str, user: User = GUEST) -> None:
    guest = house.chat(user)
    guest.send(f"/start {payload}")
    guest.press("I agree")


def test_a_manager_of_one_unit_invites_staff_in_two_taps(house: House, ana: User):
    chat = house.joined(ana, "manager")

    chat.send("/invite")
    offered = list(buttons(chat.last))
    said = chat.press("A member of staff")
    _use(house, _link(chat))

    assert offered == ["Customers", "A member of staff", "A partner"]
    assert "Riverside" in said
    assert "one person" in said
    assert "April 3, 2026" in said  # thirty days after 4 March
    assert house.roles(GUEST.id) == (("staff", house.unit("Riverside")),)


def test_an_owner_chooses_role_and_unit(house: House, ana: User):
    chat = house.joined(ana, "owner", None)

    chat.send("/invite")
    offered = list(buttons(chat.last))
    chat.press("A manager")
    units = list(buttons(chat.last))
    chat.press("Old Town")
    _use(house, _link(chat))

    assert offered == [
        "Customers",
        "A member of staff",
        "A partner",
        "A manager",
        "A regional manager",
        "An analyst",
        "An owner",
    ]
    assert units == ["Old Town", "Riverside"]
    assert house.roles(GUEST.id) == (("manager", house.unit("Old Town")),)


def test_an_owner_invites_another_owner(house: House, ana: User):
    chat = house.joined(ana, "owner", None)

    chat.send("/invite")
    chat.press("An owner")
    _use(house, _link(chat))

    assert house.roles(GUEST.id) == (("owner", None),)


def test_a_customers_link_lets_in_many(house: House, ana: User):
    chat = house.joined(ana, "manager")
    chat.send("/invite")

    said = chat.press("Customers")
    payload = _link(chat)
    for number in range(3):
        _use(house, payload, User(9100 + number))

    assert "as many people as you like" in said
    assert [len(house.roles(9100 + number)) for number in range(3)] == [1, 1, 1]


def test_many_units_are_shown_by_pages(house: House, ana: User):
    def more(session: Session) -> None:
        for number in range(15):
            create_unit(session, f"Branch {number:02}")

    house.database.run(more)
    chat = house.joined(ana, "owner", None)

    chat.send("/invite")
    chat.press("Customers")
    first = list(buttons(chat.last))
    chat.press("More")
    second = list(buttons(chat.last))
    chat.press("More")
    third = list(buttons(chat.last))
    chat.press("Back")

    assert first == [*(f"Branch {number:02}" for number in range(8)), "More ›"]
    assert second == [*(f"Branch {n:02}" for n in range(8, 15)), "Old Town", "‹ Back", "More ›"]
    assert third == ["Riverside", "‹ Back"]
    assert list(buttons(chat.last)) == second


@pytest.mark.parametrize("role", ["manager", "owner", "regional", "king"])
def test_a_manager_invites_no_managers(house: House, ana: User, role: str):
    chat = house.joined(ana, "manager")
    before = house.rows()

    said = chat.take(press(ana, sign(house.secret, ana.id, f"inv:{role}:1")))

    assert "not open to you" in said
    assert house.rows() == before


@pytest.mark.parametrize("unit", ["Old Town", "nowhere"])
def test_a_manager_invites_to_no_other_unit(house: House, ana: User, unit: str):
    chat = house.joined(ana, "manager")
    number = house.unit(unit) if unit == "Old Town" else 4711
    before = house.rows()

    said = chat.take(press(ana, sign(house.secret, ana.id, f"inv:staff:{number}")))

    assert "not open to you" in said
    assert house.rows() == before


def test_a_second_tap_makes_no_second_link(house: House, ana: User):
    chat = house.joined(ana, "manager")
    chat.send("/invite")
    data = buttons(chat.last)["A member of staff"]

    chat.take(press(ana, data))
    made = house.rows()
    again = chat.take(press(ana, data))
    house.now += timedelta(minutes=1)
    later = chat.take(press(ana, data))

    assert again == ""
    assert house.rows()["invitation"] == made["invitation"] + 1
    assert "https://t.me/" in later


def test_customers_and_staff_invite_nobody(house: House, ana: User):
    assert "not open to you" in house.joined(ana, "customer").send("/invite")
    assert "not open to you" in house.joined(User(7), "staff").send("/invite")
