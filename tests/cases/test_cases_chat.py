"""A customer who rated low, and those who make it good: through the router, with the notices."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.cases import ticks
from bot.cases.counting import later_rating, summary
from bot.cases.offering import is_low
from bot.cases.section import section
from bot.cases.tables import Case, CaseNote
from bot.core import callbacks
from bot.core.tables import AuditEntry, AwaitedReply, Notice
from bot.surveys.tables import Run
from tests.support.cases import ANA, BOSS, LI, MAX, OTHER, CaseHouse
from tests.support.updates import Chat, User, buttons, photo, press


def plainly(said: str) -> str:
    return said.replace("\u2068", "").replace("\u2069", "")


def pressed(house: CaseHouse, telegram_id: int, action: str) -> tuple[Chat, str]:
    talk = house.chat(telegram_id)
    said = talk.take(press(User(telegram_id), callbacks.sign(house.secret, telegram_id, action)))
    return talk, plainly(said)


def only_case(house: CaseHouse) -> Case:
    (one,) = house.rows(Case)
    found: Case = one
    return found


@pytest.mark.parametrize(
    ("scores", "low"),
    [
        ({("a", "P"): 2}, True),
        ({("a", "P"): 3, ("b", "P"): 1}, True),
        ({("a", "P"): 3}, False),
        ({("a", "E"): 1, ("a", "C"): 1}, False),
        ({("a", "P"): None}, False),
        ({}, False),
    ],
)
def test_only_what_was_experienced_counts_as_low(scores: dict[Any, Any], low: bool) -> None:
    assert is_low(scores, 2) is low


def test_contact_is_offered_only_to_who_rated_low(small_house: CaseHouse) -> None:
    assert not buttons(small_house.rated(ANA, "3").last)
    assert "Yes, contact me" in buttons(small_house.rated(12, "2").last)


def test_no_leaves_no_trace(house: CaseHouse) -> None:
    talk = house.rated(ANA, "1")
    audited = len(house.rows(AuditEntry))

    talk.press("No, thank you")

    assert house.rows(Case) == []
    assert len(house.rows(AuditEntry)) == audited
    assert any(call["method"] == "editMessageReplyMarkup" for call in talk.last)


def test_yes_opens_one_case_that_leads_to_no_answer(house: CaseHouse) -> None:
    talk = house.contacted()
    _, again = pressed(house, ANA, "cs:1")

    one = only_case(house)
    assert (one.state, one.due_at - one.opened_at) == ("new", timedelta(hours=48))
    assert "You have an open case there already." in again
    assert [run.invitee_id for run in house.rows(Run)] == [None]
    key = house.rows(Run)[0].key
    kept = json.dumps(
        [row.model_dump(mode="json") for row in (one, *house.rows(AuditEntry))], default=str
    )
    assert key not in kept
    assert talk.last


def test_both_write_and_both_read_it(house: CaseHouse) -> None:
    ana = house.contacted()
    assert "Passed on" in ana.send("The soup was cold & nobody came.")
    max_ = house.notices(MAX)
    assert "The soup was cold &amp; nobody came." in max_.last[-1]["text"]

    max_.press("Open it")
    max_.press("Write to the customer")
    assert "The soup was cold" in max_.send("I am sorry. Come by, it is on us.")

    assert only_case(house).state == "waiting"
    read = house.notices(ANA)
    assert "Come by, it is on us." in plainly(read.last[-1]["text"])
    house.later(hours=30)
    read.press("Write")
    read.send("Thank you!")
    one = only_case(house)
    assert (one.state, one.due_at) == ("taken", house.now + timedelta(hours=48))
    assert [note.from_customer for note in house.rows(CaseNote)] == [True, False, True]


def test_of_two_managers_the_first_wins(house: CaseHouse) -> None:
    house.contacted()
    max_, li = house.notices(MAX), house.notices(LI)

    assert "It is yours now." in max_.press("I take it")
    said = plainly(li.press("I take it"))

    assert "Somebody was quicker." in said
    assert "Whose: P21" in said
    taken = [one for one in house.rows(AuditEntry) if one.what == "case.taken"]
    assert len(taken) == 1


def test_somebody_else_may_take_it_over(small_house: CaseHouse) -> None:
    small_house.contacted()
    small_house.notices(MAX).press("I take it")
    li = small_house.chat(LI)
    li.send("/cases")
    li.press("1")

    assert "It is yours now." in li.press("I take it")


def test_a_closed_case_is_told_and_asked_about_after_a_week(house: CaseHouse) -> None:
    house.contacted()
    max_ = house.notices(MAX)
    max_.press("Open it")
    max_.press("Close")
    max_.press("We gave the money back")
    assert "What they say: We gave the money back." in plainly(house.notices(ANA).last[-1]["text"])
    assert house.tick(ticks.ask_whether_settled) == 0

    house.later(days=7)
    assert house.tick(ticks.ask_whether_settled) == 1
    assert house.tick(ticks.ask_whether_settled) == 0
    ana = house.notices(ANA)
    assert "Is it settled?" in ana.last[-1]["text"]
    ana.press("It is settled")

    assert only_case(house).settled is True
    assert "noted already" in pressed(house, ANA, "css:1:n")[1]


def test_what_is_not_settled_opens_again(house: CaseHouse) -> None:
    house.contacted()
    house.notices(MAX).press("I take it")
    pressed(house, MAX, "csc:1:explained")

    _, said = pressed(house, ANA, "css:1:n")

    one = only_case(house)
    assert "It is open again" in said
    assert (one.state, one.settled, one.outcome, one.closed_at) == ("taken", False, "", None)
    assert "not settled" in house.notices(MAX).last[-1]["text"]


def test_who_withdraws_is_deleted_with_all_that_was_written(house: CaseHouse) -> None:
    house.now = house.now.replace(hour=23)  # in quiet hours nothing is sent yet
    ana = house.contacted()
    ana.send("A secret of mine")
    assert "A secret of mine" in json.dumps([one.content for one in house.rows(Notice)])
    ana.press("Withdraw it")
    ana.press("Yes, delete it")

    one = only_case(house)
    assert (one.state, one.person_id) == ("withdrawn", None)
    assert house.rows(CaseNote) == []
    assert "A secret of mine" not in json.dumps([row.content for row in house.rows(Notice)])
    assert 1 not in {row.person_id for row in house.rows(AuditEntry) if "case" in row.what}
    house.later(hours=12)
    assert "was withdrawn by the customer" in plainly(house.notices(MAX).last[-1]["text"])
    assert house.notices(MAX).last == []


def test_managers_are_not_woken(small_house: CaseHouse) -> None:
    small_house.now = small_house.now.replace(hour=22)
    small_house.contacted()

    assert small_house.notices(MAX).last == []
    small_house.later(hours=10)
    assert "wishes to be contacted" in small_house.notices(MAX).last[-1]["text"]


def test_the_owner_hears_once_of_a_case_nobody_answers(house: CaseHouse) -> None:
    house.contacted()
    assert house.tick(ticks.escalate) == 0

    house.later(hours=48)
    assert house.tick(ticks.escalate) == 1
    assert house.tick(ticks.escalate) == 0

    assert "waiting for too long" in house.notices(BOSS).last[-1]["text"]


def test_a_case_that_waits_for_the_customer_is_not_late(small_house: CaseHouse) -> None:
    small_house.contacted()
    pressed(small_house, MAX, "csr:1")
    small_house.chat(MAX).send("What happened?")
    small_house.later(days=5)

    assert small_house.tick(ticks.escalate) == 0


def test_texts_go_when_their_time_is_over(house: CaseHouse) -> None:
    house.contacted().send("The soup was cold")
    pressed(house, MAX, "csc:1:apology")
    house.later(days=179)
    assert house.tick(ticks.forget_old) == 0

    house.later(days=1)
    assert house.tick(ticks.forget_old) == 1
    assert house.tick(ticks.forget_old) == 0

    one = only_case(house)
    assert (one.person_id, one.outcome) == (None, "apology")
    assert house.rows(CaseNote) == []


def test_only_those_in_charge_see_a_case(small_house: CaseHouse) -> None:
    small_house.contacted()
    small_house.rated(12, "7")

    assert "not open to you" in pressed(small_house, OTHER, "cso:1")[1]
    assert "not open to you" in pressed(small_house, 12, "cso:1")[1]
    assert "no longer there" in pressed(small_house, 12, "csm:1")[1]
    assert "no longer there" in pressed(small_house, MAX, "csx:1:y")[1]
    assert "Case 1" in pressed(small_house, BOSS, "cso:1")[1]


@pytest.mark.parametrize(
    "action", ["cso:99", "cst:x:0", "csc", "css:99:y", "csm", "cs:99", "csw:7"]
)
def test_old_and_made_up_buttons_are_answered(small_house: CaseHouse, action: str) -> None:
    small_house.add(ANA)
    verbs = ("csm", "css", "csw", "cs:")
    who = ANA if action.startswith(verbs) else MAX

    talk, said = pressed(small_house, who, action)

    assert said
    assert all(call["method"] != "sendMessage" for call in talk.last)


def test_a_stranger_cannot_open_a_case(small_house: CaseHouse) -> None:
    pressed(small_house, 99, "cs:1")

    assert small_house.rows(Case) == []


def test_a_photo_is_asked_for_in_words(small_house: CaseHouse) -> None:
    ana = small_house.contacted()

    assert "in words" in ana.take(photo(User(ANA)))
    assert "too long" in ana.send("x" * 1001)
    assert "Passed on" in ana.send("x" * 1000)
    assert small_house.rows(AwaitedReply) == []


def test_a_full_thread_fits_into_one_message(small_house: CaseHouse) -> None:
    ana = small_house.contacted()
    ana.send("&" * 1000)
    for _ in range(3):
        pressed(small_house, ANA, "csw:1")
        small_house.chat(ANA).send("&" * 1000)

    talk, said = pressed(small_house, MAX, "cso:1:0")

    assert said.count("&amp;") == 3000
    assert "›" in buttons(talk.last)


def test_the_digest_counts_and_hides_small_shares(house: CaseHouse) -> None:
    def made() -> str:
        found = house.database.run(
            lambda session: section(
                session,
                house.texts,
                unit_id=1,
                language="en",
                since=house.now - timedelta(days=7),
                now=house.now,
            )
        )
        return plainly(found.text) if found else ""

    assert made() == ""
    for number in range(5):
        house.contacted(100 + number)
        pressed(house, MAX, f"csc:{number + 1}:redone")
        pressed(house, 100 + number, f"css:{number + 1}:{'n' if number == 0 else 'y'}")
        if number == 3:
            assert "Settled" not in made()

    said = made()

    assert "1 open case" in said
    assert "4 closed this week" in said
    assert "Settled, say the customers: 80% of 5" in said


def test_anonymous_answers_show_no_later_rating(house: CaseHouse) -> None:
    """The shipped customers' questionnaire is anonymous, so nobody can be followed by it."""
    for number in range(5):
        house.contacted(100 + number)
        pressed(house, MAX, f"csc:{number + 1}:redone")
    house.later(days=14)
    for number in range(5):
        house.rated_again(100 + number, "6")

    assert house.database.run(lambda session: later_rating(session, 1)) is None
    counted = house.database.run(
        lambda session: summary(session, 1, since=house.now - timedelta(days=30), now=house.now)
    )
    assert (counted.opened, counted.closed, counted.settled_share) == (5, 5, None)


def test_later_ratings_are_the_mean_over_customers_who_answer_by_name(house: CaseHouse) -> None:
    """By hand: five customers give 6 to everything two weeks later, so their mean is 6."""
    for number in range(5):
        house.contacted(100 + number)
        pressed(house, MAX, f"csc:{number + 1}:redone")
    house.later(days=14)
    house.answer_by_name([100 + number for number in range(5)], level=6)

    found = house.database.run(lambda session: later_rating(session, 1))

    assert found is not None
    assert (found.customers, found.mean) == (5, 6.0)
