"""Choosing how questions look, on a card: through the router, with everything that can go wrong."""

from bot.core import callbacks
from bot.core.tables import AuditEntry
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
