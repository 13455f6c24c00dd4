"""Choosing how questions look, on a card: through the router, with everything that can go wrong."""

import pytest
from sqlalchemy import insert

from bot.core import callbacks
from bot.core.tables import AuditEntry
from bot.people.tables import Person
from bot.reach.looks import USUAL
from bot.reach.tables import Wish
from bot.surveys.tables import Answer, Invitee, Run
from tests.support.surveys import House
from tests.support.updates import Chat, User, buttons, press, pressable


def labels(talk: Chat) -> list[list[str]]:
    [shown] = [call for call in talk.last if call.get("reply_markup")]
    return [[one["text"] for one in line] for line in shown["reply_markup"]["inline_keyboard"]]


def test_the_choice_is_offered_with_the_first_card_and_then_no_more(house: House) -> None:
    talk = house.asked(7)

    offered = buttons(talk.last)
    talk.send("/questions")

    assert "Show questions differently" in offered
    assert "Show questions differently" not in buttons(talk.last)
    assert [row.look for row in house.rows(Wish)] == [USUAL]
    assert not [row for row in house.rows(AuditEntry) if row.what.startswith("wish")]


def test_what_is_chosen_shows_at_once_and_at_the_next_question(house: House) -> None:
    talk = house.asked(7)

    talk.press("Show questions differently")
    talk.press("For a screen reader")

    assert labels(talk)[:3] == [["1 of 7, not at all"], ["2 of 7"], ["3 of 7"]]
    assert "Question" in talk.press("7 of 7")
    assert labels(talk)[6] == ["7 of 7, completely"]
    assert [row.score for row in house.rows(Answer)] == [7]
    assert "wish.changed" in [row.what for row in house.rows(AuditEntry)]


def test_a_button_of_the_look_before_is_the_level_it_says(small_house: House) -> None:
    talk = small_house.asked(7)
    old = buttons(talk.last)
    talk.press("Show questions differently")
    talk.press("Faces")

    talk.take(press(talk.user, old["6"]))

    assert [row.score for row in small_house.rows(Answer)] == [6]
    assert labels(talk)[0][0] == "😞 1"


def test_looking_and_going_back_changes_nothing(small_house: House) -> None:
    talk = small_house.asked(7)

    said = talk.press("Show questions differently")
    choices = [label for line in labels(talk) for label in line]
    talk.press("Back")

    assert "How should questions look?" in said
    assert choices[0] == "One row of numbers (as now)"
    assert labels(talk)[0] == list("1234567")
    assert small_house.rows(Run)[0].position == 0


def test_an_offer_of_a_closed_run_is_answered_and_changes_nothing(small_house: House) -> None:
    talk = small_house.asked(7)
    offer = pressable(talk.last, "Show questions differently")
    talk.press("Stop")

    assert "closed" in talk.take(press(talk.user, offer))
    assert [row.look for row in small_house.rows(Wish)] == [USUAL]


def test_a_look_that_does_not_exist_is_offered_the_choice_again(small_house: House) -> None:
    talk = small_house.asked(7)
    [invitee] = small_house.rows(Invitee)
    made_up = callbacks.sign(small_house.secret, 7, f"ql:{invitee.id}:0:golden")

    assert "How should questions look?" in talk.take(press(talk.user, made_up))


def test_a_stranger_and_another_persons_run_are_sent_away(small_house: House) -> None:
    small_house.asked(7)
    [invitee] = small_house.rows(Invitee)
    small_house.add(8)
    for telegram_id, answer in ((8, "closed"), (9, "/start")):
        talk = small_house.chat(telegram_id)
        made = callbacks.sign(small_house.secret, telegram_id, f"ql:{invitee.id}:0:large")

        said = talk.take(press(User(telegram_id), made))

        assert answer in said
    assert [row.look for row in small_house.rows(Wish)] == [USUAL]


@pytest.mark.parametrize("look", ["usual", "large", "reader", "faces"])
def test_the_language_changes_on_the_card_and_the_question_stays(house: House, look: str) -> None:
    person = house.add(7)
    house.database.run(
        lambda session: session.execute(insert(Wish).values(person_id=person, look=look))
    )
    house.send()
    talk = house.chat(7)
    talk.last = house.deliver()
    talk.press("6" if look != "reader" else "6 of 7")
    [before] = house.rows(Run)

    offered = talk.press("Language: English")
    talk.press("Español")

    [after] = house.rows(Run)
    assert "Your answers stay" in offered
    assert "Idioma: Español" in buttons(talk.last)
    assert "En un buen lugar" in talk.last[-1]["text"] or "Riverside" in talk.last[-1]["text"]
    assert (after.position, [row.score for row in house.rows(Answer)]) == (before.position, [6])
    assert [row.language for row in house.rows(Person)] == ["es"]


def test_looking_at_the_languages_and_going_back_changes_nothing(house: House) -> None:
    talk = house.asked(7)
    before = talk.last[-1]["text"]

    talk.press("Language: English")
    talk.press("Back")

    assert talk.last[-1]["text"] == before
    assert [row.language for row in house.rows(Person)] == ["en"]
