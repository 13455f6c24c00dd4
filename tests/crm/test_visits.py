"""A visit leads to a question about it: after a while, within the budget, by name."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.crm import keeping
from bot.crm.keeping import OfAnother
from bot.crm.rules import Rule, ask_at, rule_for
from bot.crm.tables import Customer, CustomerInvitation, Visit
from bot.people.tables import Person
from bot.surveys.tables import Invitee, Run, RunSegment, Wave
from tests.crm.conftest import ANA, BEN, CustomerHouse
from tests.support.surveys import START

DELAY = timedelta(hours=3)
"""The usual delay: bot.crm.rules.USUAL."""


def test_a_visit_is_asked_about_three_hours_later_by_name(house: CustomerHouse) -> None:
    house.linked(ANA)
    house.visit(at=house.now - timedelta(minutes=30), kind="purchase")

    early = house.ask()
    house.later(hours=3)
    asked = house.ask()

    assert (early, asked) == (0, 1)
    (invitee,) = house.rows(Invitee)
    (run,) = house.rows(Run)
    (visit,) = house.rows(Visit)
    assert (invitee.about, invitee.about_on) == ("purchase", START.date())
    assert run.anonymous is False
    assert (visit.asking, visit.invitee_id) == ("asked", invitee.id)
    (call,) = house.deliver()
    assert (
        "Your purchase at \u2068Riverside\u2069 on \u2068Wednesday, March 4\u2069" in call["text"]
    )
    assert "not anonymous" in call["text"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "miércoles, 4 de marzo"), ("zh-Hans", "3月4日星期三"), ("ar", "الأربعاء")],
)
def test_the_card_names_the_day_in_the_readers_language(
    one_house: CustomerHouse, language: str, words: str
) -> None:
    talk = one_house.linked(ANA)
    talk.send("/language")
    one_house.database.run(lambda session: _speak(session, language))
    one_house.visit()
    one_house.later(hours=3)
    one_house.ask()

    (call,) = one_house.deliver()

    assert words in call["text"]


def test_a_customer_nobody_can_reach_is_skipped_with_a_reason(one_house: CustomerHouse) -> None:
    one_house.visit()
    one_house.later(hours=3)

    assert one_house.ask() == 0

    (visit,) = one_house.rows(Visit)
    assert (visit.asking, visit.reason) == ("skipped", "not_linked")
    assert one_house.rows(Wave) == []


def test_whoever_joins_by_the_link_on_the_receipt_is_asked_about_that_visit(
    one_house: CustomerHouse,
) -> None:
    one_house.visit()
    one_house.later(hours=4)
    one_house.ask()

    one_house.linked(ANA)

    assert one_house.ask() == 1


def test_the_budget_holds_for_visits_too(one_house: CustomerHouse) -> None:
    one_house.linked(ANA)
    one_house.visit("V-1")
    one_house.later(hours=3)
    one_house.ask()
    one_house.visit("V-2")
    one_house.later(hours=3)

    assert one_house.ask() == 0

    second = next(one for one in one_house.rows(Visit) if one.reference == "V-2")
    assert second.asking == "skipped"
    assert second.reason in {"budget", "busy"}


def test_of_two_visits_that_are_due_together_the_latest_is_asked_about(
    house: CustomerHouse,
) -> None:
    house.linked(ANA)
    house.visit("V-1", at=house.now - timedelta(hours=2))
    house.visit("V-2", at=house.now - timedelta(hours=1))
    house.later(hours=3)

    assert house.ask() == 1

    states = {one.reference: (one.asking, one.reason) for one in house.rows(Visit)}
    assert states == {"V-1": ("skipped", "budget"), "V-2": ("asked", "")}


def test_a_customer_of_one_unit_is_asked_about_a_visit_to_another(
    one_house: CustomerHouse,
) -> None:
    one_house.linked(ANA)
    one_house.visit(unit="Old Town")
    one_house.later(hours=3)

    assert one_house.ask() == 1


def test_whoever_stopped_messages_is_not_asked(one_house: CustomerHouse) -> None:
    talk = one_house.linked(ANA)
    talk.send("/stop")
    one_house.visit()
    one_house.later(hours=3)

    assert one_house.ask() == 0
    assert one_house.rows(Visit)[0].reason == "stopped"


def test_a_touchpoint_without_a_question_is_passed_over(one_house: CustomerHouse) -> None:
    one_house.database.run(
        lambda session: keeping.write_rule(session, "parking", Rule("visit", None))
    )
    one_house.linked(ANA)
    one_house.visit(touchpoint="parking")

    assert one_house.rows(Visit)[0].reason == "no_rule"


def test_a_rule_of_the_touchpoint_goes_before_the_one_for_all() -> None:
    own, all_others = Rule("visit", timedelta(hours=1)), Rule("visit", timedelta(days=1))
    rules = {"till": own, "*": all_others}

    assert rule_for("till", rules) == own
    assert rule_for("door", rules) == all_others
    assert rule_for("door", {}).delay == DELAY


def test_what_came_in_late_is_asked_at_once_and_what_is_old_is_not() -> None:
    rule = Rule("visit", DELAY)

    assert ask_at(START - timedelta(days=2), rule, now=START) == START
    assert ask_at(START - timedelta(days=8), rule, now=START) is None


def test_who_comes_again_is_returning(one_house: CustomerHouse) -> None:
    one_house.visit("V-1", at=START - timedelta(days=40))
    one_house.visit("V-2")

    assert {one.reference: one.tenure for one in one_house.rows(Visit)} == {
        "V-1": "new",
        "V-2": "returning",
    }


def test_the_same_visit_again_changes_nothing_and_another_customers_is_refused(
    house: CustomerHouse,
) -> None:
    first = house.visit(at=START - timedelta(hours=1))

    again = house.visit(at=START - timedelta(hours=1))
    corrected = house.visit(at=START - timedelta(hours=2), channel="web")

    assert (first, again, corrected) == ("new", "as before", "changed")
    with pytest.raises(OfAnother):
        house.visit(customer="C-2")


def test_a_named_run_says_what_kind_of_customer_it_was(one_house: CustomerHouse) -> None:
    one_house.linked(ANA)
    one_house.visit(channel="web")
    one_house.later(hours=3)
    one_house.ask()

    (segment,) = one_house.rows(RunSegment)

    assert (segment.tenure, segment.channel) == ("new", "web")


def test_an_anonymous_wave_of_few_says_nothing_of_anybodys_kind(
    one_house: CustomerHouse,
) -> None:
    one_house.linked(ANA, "C-1")
    one_house.linked(BEN, "C-2")
    one_house.visit("V-1", "C-1", channel="web", at=START - timedelta(days=30))

    one_house.send("customers")

    assert len([one for one in one_house.rows(Run) if one.anonymous]) == 2
    assert one_house.rows(RunSegment) == []


def test_an_anonymous_wave_says_a_kind_that_five_share(one_house: CustomerHouse) -> None:
    for number in range(5):
        one_house.linked(100 + number, f"C-{number}")
        one_house.visit(f"V-{number}", f"C-{number}", at=START - timedelta(days=30))

    one_house.send("customers")

    assert [one.tenure for one in one_house.rows(RunSegment)] == ["new"] * 5


def test_erasing_a_customer_takes_visits_and_links_and_leaves_the_person(
    house: CustomerHouse,
) -> None:
    house.linked(ANA)
    house.visit()
    payload = house.link_for()

    gone = house.database.run(lambda session: keeping.erase(session, "c-1 ", now=house.now))

    assert gone
    assert house.rows(Customer) == []
    assert house.rows(Visit) == []
    house.chat(99).send(f"/start {payload}")
    assert house.rows(CustomerInvitation) == []
    assert not house.database.run(lambda session: keeping.erase(session, "C-1", now=house.now))


def _speak(session: Session, language: str) -> None:
    person = session.exec(select(Person).where(Person.telegram_id == ANA)).one()
    person.language = language
    session.add(person)
