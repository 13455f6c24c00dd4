"""/customer: what one may see of a customer, by role and unit; each look is recorded."""

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import Session

from bot.cases.cases import open_case
from bot.core.tables import AuditEntry
from bot.crm.chat import LINK
from bot.crm.tables import Customer
from bot.people.tables import Person
from bot.surveys.tables import Run
from tests.crm.conftest import ANA, MANAGER, OTHER, OWNER, CustomerHouse
from tests.support.updates import press


def asked_and_answered(house: CustomerHouse) -> None:
    """Ana is a customer who came to Riverside and answered one question about it by name."""
    house.customer("C-1", name="Ana Lopez", channel="web")
    talk = house.linked(ANA)
    house.visit(touchpoint="till")
    house.later(hours=3)
    house.ask()
    talk.last = [call for call in house.deliver() if call["chat_id"] == ANA]
    talk.press("6")


def test_a_manager_sees_visits_cases_and_what_was_said_by_name(one_house: CustomerHouse) -> None:
    asked_and_answered(one_house)
    person = next(one for one in one_house.rows(Person) if one.telegram_id == ANA)
    one_house.database.run(
        lambda session: open_case(
            session,
            person_id=person.id or 0,
            unit_id=1,
            now=one_house.now,
            within=timedelta(days=2),
        )
    )

    said = one_house.chat(MANAGER).send("/customer \u2068c-1\u2069")

    assert "Ana Lopez" in said
    assert "till" in said
    assert "expected \u20686\u2069" in said
    assert "nobody has taken it yet" in said
    assert "recorded" in said
    looks = [one for one in one_house.rows(AuditEntry) if one.what == "customer.seen"]
    assert [one.subject for one in looks] == ["customer 1"]


def test_a_manager_of_another_unit_hears_the_same_as_of_nobody(one_house: CustomerHouse) -> None:
    asked_and_answered(one_house)
    talk = one_house.chat(OTHER)

    of_another, of_nobody = talk.send("/customer C-1"), talk.send("/customer C-9")

    assert of_another.replace("C-1", "C-9") == of_nobody
    assert [one for one in one_house.rows(AuditEntry) if one.what == "customer.seen"] == []


def test_an_owner_sees_a_customer_who_never_came(one_house: CustomerHouse) -> None:
    one_house.customer("C-7")

    assert "None are known" in one_house.chat(OWNER).send("/customer C-7")


def test_customers_and_strangers_are_not_let_in(one_house: CustomerHouse) -> None:
    one_house.linked(ANA)

    for who in (ANA, 99):
        assert "Customer" not in one_house.chat(who).send("/customer C-1")


def test_anonymous_answers_are_in_nobodys_history(one_house: CustomerHouse) -> None:
    talk = one_house.linked(ANA)
    one_house.visit(at=one_house.now - timedelta(days=30))
    one_house.send("customers")
    talk.last = [call for call in one_house.deliver() if call["chat_id"] == ANA]
    talk.press("6")

    said = one_house.chat(OWNER).send("/customer C-1")

    assert [one.anonymous for one in one_house.rows(Run)] == [True]
    assert "Said by name" not in said


def test_a_manager_makes_a_link_that_the_customer_opens(one_house: CustomerHouse) -> None:
    one_house.visit()
    talk = one_house.chat(MANAGER)
    talk.send("/customer C-1")

    said = talk.press("Make a link for Telegram")

    payload = said.rpartition("start=")[2].split()[0]
    opened = one_house.chat(ANA)
    opened.send(f"/start {payload}")
    opened.press("I agree")
    assert one_house.rows(Customer)[0].person_id is not None


def test_an_old_link_button_does_no_harm(one_house: CustomerHouse) -> None:
    one_house.visit()
    talk = one_house.chat(MANAGER)
    talk.send("/customer C-1")
    shown = talk.last
    one_house.linked(ANA)
    talk.last = shown

    taken = talk.press("Make a link for Telegram")
    one_house.database.run(_forget_all)
    talk.last = shown
    gone = talk.press("Make a link for Telegram")

    assert "takes part already" in taken
    assert "no longer in use" in gone


def test_a_forged_button_is_refused(one_house: CustomerHouse) -> None:
    one_house.visit()
    talk = one_house.chat(OTHER)

    said = talk.take(press(talk.user, f"{LINK}:1~forged"))

    assert "no longer in use" in said


def _forget_all(session: Session) -> None:
    session.execute(delete(Customer))
