"""A link for the customer of one visit, made from the number on their receipt."""

import pytest

from bot.core.callbacks import sign
from bot.core.database import Database
from bot.core.tables import AuditEntry
from bot.crm.tables import Customer
from bot.people.tables import Invitation
from tests.crm.conftest import ANA, MANAGER, OTHER, CustomerHouse, opened
from tests.support.updates import Chat, User, press

UNKNOWN = "There is no visit"


@pytest.fixture
def house(sqlite_database: Database) -> CustomerHouse:
    """Riverside and Old Town, with a visit to Riverside."""
    house = opened(sqlite_database)
    house.visit("V-77")
    return house


def _asked(house: CustomerHouse, telegram_id: int) -> Chat:
    talk = house.chat(telegram_id)
    talk.take(press(User(telegram_id), sign(house.secret, telegram_id, "cuvis")))
    return talk


def test_a_manager_makes_a_link_by_the_number_of_a_visit(house: CustomerHouse) -> None:
    said = _asked(house, MANAGER).send("v-77")
    payload = said.partition("?start=")[2].split()[0]
    guest = house.chat(ANA)
    guest.send(f"/start {payload}")
    guest.press("I agree")
    used = house.chat(ANA + 90).send(f"/start {payload}")

    (customer,) = house.rows(Customer)
    (made,) = house.rows(Invitation)
    assert customer.person_id is not None
    assert (made.role, made.max_uses, made.uses) == ("customer", 1, 1)
    assert "used already" in used
    assert "customer.invited" in [one.what for one in house.rows(AuditEntry)]


def test_a_number_is_known_with_the_marks_that_come_along_when_it_is_copied(
    house: CustomerHouse,
) -> None:
    assert "?start=" in _asked(house, MANAGER).send("\u2068V-77\u2069")


@pytest.mark.parametrize("words", ["V-78", "C-1", "<b>", "x" * 500])
def test_a_number_that_nobody_knows_is_said_to_be_unknown(house: CustomerHouse, words: str) -> None:
    said = _asked(house, MANAGER).send(words)

    assert UNKNOWN in said
    assert house.rows(Invitation) == []


def test_the_manager_of_another_unit_is_told_the_same(house: CustomerHouse) -> None:
    theirs = _asked(house, OTHER).send("V-77")
    nobodys = _asked(house, OTHER).send("V-99")

    assert theirs.replace("V-77", "") == nobodys.replace("V-99", "")
    assert house.rows(Invitation) == []


def test_who_takes_part_already_gets_no_second_link(house: CustomerHouse) -> None:
    house.linked(ANA)
    before = len(house.rows(Invitation))

    said = _asked(house, MANAGER).send("V-77")

    assert "takes part already" in said
    assert len(house.rows(Invitation)) == before


def test_a_customer_with_the_button_is_refused(house: CustomerHouse) -> None:
    talk = house.linked(ANA)

    said = talk.take(press(User(ANA), sign(house.secret, ANA, "cuvis")))

    assert "not open to you" in said
