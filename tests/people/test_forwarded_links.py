"""Links that came into other hands give away no role; guessing payloads leads nowhere."""

from datetime import timedelta

import pytest

from bot.organisation.structure import close
from bot.people.guesses import MOST_WRONG, WITHIN
from tests.people.conftest import House
from tests.support.updates import User, buttons

BO = User(1002, "Bo")
INSIDE = ["staff", "manager", "owner"]


@pytest.mark.parametrize("role", INSIDE)
def test_a_link_that_was_used_opens_nothing_for_whom_it_was_forwarded_to(
    house: House, ana: User, role: str
):
    unit = None if role == "owner" else "Riverside"
    payload = house.payload(role, unit)
    first = house.chat(ana)
    first.send(f"/start {payload}")
    first.press("I agree")
    before = house.rows()

    said = house.chat(BO).send(f"/start {payload}")

    assert "used already" in said
    assert house.rows() == before
    assert house.roles(BO.id) == ()


def test_the_link_of_customers_makes_customers_of_whoever_it_is_forwarded_to(
    house: House, ana: User
):
    house.joined(ana, "manager")
    payload = house.payload("customer")

    for user in (ana, BO):
        chat = house.chat(user)
        chat.send(f"/start {payload}")
        chat.press("I agree")

    assert house.roles(BO.id) == (("customer", house.unit("Riverside")),)
    assert house.roles(ana.id) == (
        ("manager", house.unit("Riverside")),
        ("customer", house.unit("Riverside")),
    )


@pytest.mark.parametrize("outside", ["customer", "partner"])
@pytest.mark.parametrize("role", ["manager", "analyst"])
def test_the_link_of_somebody_in_charge_is_refused_politely_to_a_customer(
    house: House, ana: User, outside: str, role: str
):
    chat = house.joined(ana, outside)
    payload = house.payload(role)

    said = chat.send(f"/start {payload}")
    offered = buttons(chat.last)
    house.chat(BO).send(f"/start {payload}")
    manager = house.chat(BO)
    manager.send(f"/start {payload}")
    manager.press("I agree")

    assert "for somebody who works here" in said
    assert "not used up" in said
    assert not offered
    assert house.roles(ana.id) == ((outside, house.unit("Riverside")),)
    assert house.roles(BO.id) == ((role, house.unit("Riverside")),)


def test_who_became_a_customer_meanwhile_is_refused_at_the_old_button(house: House, ana: User):
    chat = house.chat(ana)
    chat.send(f"/start {house.payload('manager')}")
    shown = chat.last
    house.joined(ana, "customer")

    chat.last = shown
    said = chat.press("I agree")

    assert "for somebody who works here" in said
    assert house.roles(ana.id) == (("customer", house.unit("Riverside")),)


def test_a_customer_who_works_here_too_may_be_put_in_charge(house: House, ana: User):
    house.joined(ana, "customer")
    chat = house.joined(ana, "staff")

    chat.send(f"/start {house.payload('manager')}")
    chat.press("I agree")

    assert ("manager", house.unit("Riverside")) in house.roles(ana.id)


def test_the_operators_link_makes_an_owner_even_of_a_customer(house: House, ana: User):
    chat = house.joined(ana, "customer")

    chat.send(f"/start {house.payload('owner', None)}")
    chat.press("I agree")

    assert ("owner", None) in house.roles(ana.id)


def test_a_closed_unit_lets_nobody_in(house: House, ana: User):
    payload, unit_id = house.payload("customer"), house.unit("Riverside")
    chat = house.chat(ana)
    chat.send(f"/start {payload}")
    shown = chat.last
    house.database.run(lambda session: close(session, unit_id, today=house.now.date()))

    opened = house.chat(BO).send(f"/start {payload}")
    chat.last = shown
    pressed = chat.press("I agree")

    assert "closed at the moment" in opened
    assert "closed at the moment" in pressed
    assert house.person(ana.id) is None


def test_after_ten_wrong_payloads_nothing_is_looked_up_for_an_hour(house: House, ana: User):
    payload, before = house.payload("customer"), house.rows()
    chat = house.chat(ana)
    wrong = [chat.send(f"/start guess-{number}") for number in range(MOST_WRONG)]

    right_but_late = chat.send(f"/start {payload}")
    others = house.chat(BO).send(f"/start {payload}")
    after = house.rows()
    house.now += WITHIN
    an_hour_later = chat.send(f"/start {payload}")

    assert {*wrong, right_but_late} == {wrong[0]}
    assert "do not know this invitation" in wrong[0]
    assert "Do you agree?" in others
    assert "Do you agree?" in an_hour_later
    assert after == before


def test_a_few_wrong_payloads_shut_nobody_out(house: House, ana: User):
    chat = house.chat(ana)
    for number in range(MOST_WRONG - 1):
        chat.send(f"/start guess-{number}")
    house.now += timedelta(minutes=1)

    said = chat.send(f"/start {house.payload('customer')}")

    assert "Do you agree?" in said
