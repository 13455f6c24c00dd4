"""From a customer number to a person in Telegram: by their own act, and undone by it."""

from pathlib import Path

from bot.core.tables import AuditEntry
from bot.crm.tables import Customer, CustomerInvitation
from bot.people.tables import Person, Role
from tests.crm.conftest import ANA, BEN, CustomerHouse


def test_the_consent_says_that_the_link_tells_who_one_is_and_agreeing_ties(
    house: CustomerHouse,
) -> None:
    house.customer("C-1", name="Ana Lopez")
    talk = house.chat(ANA)

    said = talk.send(f"/start {house.link_for()}")
    tied_before = house.rows(Customer)[0].person_id
    talk.press("I agree")

    assert "knows you under a customer number" in said
    assert "kept with your name" in said
    assert tied_before is None
    (customer,) = house.rows(Customer)
    person = next(one for one in house.rows(Person) if one.telegram_id == ANA)
    assert customer.person_id == person.id
    assert customer.linked_at == house.now
    assert "customer.linked" in [one.what for one in house.rows(AuditEntry)]


def test_who_does_not_agree_stays_unknown(one_house: CustomerHouse) -> None:
    one_house.customer()
    talk = one_house.chat(ANA)
    talk.send(f"/start {one_house.link_for()}")

    talk.press("No, thanks")

    assert one_house.rows(Customer)[0].person_id is None
    assert all(one.telegram_id != ANA for one in one_house.rows(Person))


def test_a_customer_who_takes_part_already_is_asked_all_the_same(
    one_house: CustomerHouse,
) -> None:
    one_house.add(ANA, "customer")
    one_house.customer()
    talk = one_house.chat(ANA)

    said = talk.send(f"/start {one_house.link_for()}")
    talk.press("I agree")

    assert "This link was made for you" in said
    assert one_house.rows(Customer)[0].person_id is not None
    roles = [one for one in one_house.rows(Role) if one.kind == "customer"]
    assert len(roles) == 1


def test_a_link_works_once_and_for_one_person(house: CustomerHouse) -> None:
    house.customer()
    payload = house.link_for()
    first, second = house.chat(ANA), house.chat(BEN)
    first.send(f"/start {payload}")
    second.send(f"/start {payload}")
    first.press("I agree")

    said = second.press("I agree")

    assert "used" in said.lower()
    person = next(one for one in house.rows(Person) if one.telegram_id == ANA)
    assert house.rows(Customer)[0].person_id == person.id


def test_one_person_is_one_customer_and_uses_up_nobody_elses_link(
    one_house: CustomerHouse,
) -> None:
    """Ana is C-1; the link of C-2, who is Ben, was forwarded to her."""
    talk = one_house.linked(ANA, "C-1")
    one_house.customer("C-2")
    payload = one_house.link_for("C-2")

    said = talk.send(f"/start {payload}")

    assert "made for another customer" in said
    ben = one_house.chat(BEN)
    ben.send(f"/start {payload}")
    ben.press("I agree")
    tied = {one.reference: one.person_id for one in one_house.rows(Customer)}
    people = {one.telegram_id: one.id for one in one_house.rows(Person)}
    assert tied == {"C-1": people[ANA], "C-2": people[BEN]}


def test_a_tie_to_another_number_is_not_changed_by_a_link_into_another_unit(
    one_house: CustomerHouse,
) -> None:
    talk = one_house.linked(ANA, "C-1")
    one_house.customer("C-2")
    talk.send(f"/start {one_house.link_for('C-2', 'Old Town')}")

    said = talk.press("I agree")

    assert "tied to somebody already" in said
    tied = {one.reference: one.person_id for one in one_house.rows(Customer)}
    assert tied["C-1"] is not None
    assert tied["C-2"] is None


def test_a_person_takes_the_tie_back(one_house: CustomerHouse) -> None:
    talk = one_house.linked(ANA)

    said = talk.send("/unlink")
    again = talk.send("/unlink")

    assert "no longer tied" in said
    assert "No customer number" in again
    assert one_house.rows(Customer)[0].person_id is None


def test_a_stranger_has_nothing_to_take_back(one_house: CustomerHouse) -> None:
    one_house.chat(99).send("/unlink")

    assert one_house.rows(Customer) == []


def test_the_database_cannot_open_the_door(one_house: CustomerHouse) -> None:
    one_house.customer()
    payload = one_house.link_for()

    address = one_house.database.address.removeprefix("sqlite:///")

    assert len(one_house.rows(CustomerInvitation)) == 1
    assert payload.encode() not in Path(address).read_bytes()
