"""The card in chat, through the router: taps and everything that can go wrong with them."""

import pytest

from bot.core import callbacks
from bot.core.dialogue import Call, Turn
from bot.core.tables import Delivery
from bot.people.door import PeopleDoor
from bot.surveys.chat import cancellers
from bot.surveys.tables import Answer, Comment, Invitee, Run
from tests.support.surveys import House
from tests.support.updates import Chat, buttons, message, press, pressable

SCALE = ["1", "2", "3", "4", "5", "6", "7"]


def test_five_taps_a_comment_and_thanks(house: House) -> None:
    talk = house.asked(7)

    for score in ("6", "5", "7", "4"):
        said = talk.press(score)
    taps = len(house.rows(Run)[0].form)
    if taps == 5:
        said = talk.press("3")

    assert "One last question" in said
    assert "Thank you" in talk.send("More chairs, please")
    assert [row.text for row in house.rows(Comment)] == ["More chairs, please"]
    assert len(house.rows(Answer)) == taps
    assert house.rows(Run)[0].state == "finished"


def test_a_tap_is_stored_at_once_and_edits_the_same_message(house: House) -> None:
    talk = house.asked(7)

    talk.take(press(talk.user, pressable(talk.last, "6"), 1001))

    [answer] = house.rows(Answer)
    [run] = house.rows(Run)
    assert (answer.item, answer.vantage, answer.score) == (*run.form[0], 6)
    assert (answer.week.isoformat(), answer.answered_on.isoformat()) == ("2026-03-02", "2026-03-02")
    assert [call["method"] for call in talk.last] == ["answerCallbackQuery", "editMessageText"]
    assert talk.last[1]["message_id"] == 1001


def test_the_card_shows_one_row_of_seven(small_house: House) -> None:
    talk = small_house.asked(7)

    [first, *_] = talk.last[0]["reply_markup"]["inline_keyboard"]

    assert [button["text"] for button in first] == SCALE


def test_the_same_tap_delivered_twice_counts_once(house: House) -> None:
    talk = house.asked(7)
    tap = press(talk.user, pressable(talk.last, "6"))

    talk.take(tap)
    first = talk.last[-1]["text"]
    talk.take(tap)

    assert len(house.rows(Answer)) == 1
    assert house.rows(Run)[0].position == 1
    assert talk.last[-1]["text"] == first


def test_a_press_on_an_earlier_question_corrects_it_and_does_not_move(house: House) -> None:
    talk = house.asked(7)
    earlier = buttons(talk.last)
    talk.press("6")
    talk.press("5")

    talk.take(press(talk.user, earlier["2"]))

    by_key = {(row.item, row.vantage): row.score for row in house.rows(Answer)}
    [run] = house.rows(Run)
    assert [by_key[tuple(slot)] for slot in run.form[:2]] == [2, 5]
    assert run.position == 2


def test_going_back_shows_what_was_chosen_and_lets_it_be_changed(house: House) -> None:
    talk = house.asked(7)
    talk.press("6")

    talk.press("Back")

    assert "• 6 •" in buttons(talk.last)
    assert "Next" in buttons(talk.last)
    talk.press("3")
    assert [row.score for row in house.rows(Answer)] == [3]


def test_skipping_stores_nothing_and_goes_on(house: House) -> None:
    talk = house.asked(7)

    talk.press("Skip")

    assert house.rows(Answer) == []
    assert house.rows(Run)[0].position == 1


def test_skipping_everything_ends_with_thanks_and_no_answer(house: House) -> None:
    talk = house.asked(7)

    for _ in house.rows(Run)[0].form:
        talk.press("Skip")
    said = talk.press("Finish")

    assert "You skipped every question" in said
    assert (house.rows(Answer), house.rows(Run)[0].state) == ([], "finished")


def test_stopping_keeps_what_was_answered_and_says_so(house: House) -> None:
    talk = house.asked(7)
    talk.press("6")

    said = talk.press("Stop")

    assert "1 answer you gave stays" in said
    assert house.rows(Run)[0].state == "stopped"
    assert "reply_markup" not in talk.last[-1]
    assert len(house.rows(Answer)) == 1


def test_a_press_after_the_end_is_answered_and_changes_nothing(house: House) -> None:
    talk = house.asked(7)
    old = buttons(talk.last)
    talk.press("Stop")

    for label in ("4", "Skip", "Stop"):
        said = talk.take(press(talk.user, old[label]))
        assert said == "This questionnaire is closed. Thank you!"
        assert talk.last[-1]["method"] == "editMessageReplyMarkup"
        assert "reply_markup" not in talk.last[-1]

    assert house.rows(Answer) == []
    assert house.rows(Run)[0].state == "stopped"


def test_a_press_on_an_expired_card_replaces_it_politely(house: House) -> None:
    talk = house.asked(7)
    house.later(days=6)

    said = talk.press("4")

    assert "the next one comes by itself" in said
    assert talk.last[-1]["method"] == "editMessageText"
    assert house.rows(Answer) == []


def test_the_card_works_days_later_in_a_new_process(house: House) -> None:
    talk = house.asked(7)
    talk.press("6")
    card = talk.last
    house.later(days=3)
    afresh = House(house.database, now=house.now, secret=house.secret).chat(7)

    afresh.last = card
    afresh.press("2")

    assert sorted(row.score for row in house.rows(Answer)) == [2, 6]


def test_questions_brings_the_card_again_and_takes_the_old_ones_buttons(house: House) -> None:
    talk = house.asked(7)
    talk.take(press(talk.user, pressable(talk.last, "6"), 1001))

    talk.send("/questions")

    strip, card = talk.last
    assert (strip["method"], strip["message_id"]) == ("editMessageReplyMarkup", 1001)
    assert card["method"] == "sendMessage"
    talk.take(press(talk.user, pressable(talk.last, "5"), 1002))
    assert (house.rows(Invitee)[0].message_id, house.rows(Run)[0].card) == (1001, "1002")
    assert house.rows(Run)[0].position == 2


@pytest.mark.parametrize(
    ("questionnaire", "state"), [("customers", "sent"), ("managers", "cancelled")]
)
def test_a_card_that_was_fetched_before_it_was_due_does_not_come_as_well(
    house: House, questionnaire: str, state: str
) -> None:
    """Of an anonymous one its row is as any other: else it told who was quicker."""
    house.add(7, questionnaire.removesuffix("s"))
    house.now = house.now.replace(hour=3)
    house.send(questionnaire, at_once=False)
    talk = house.chat(7)

    said = talk.send("/questions")

    assert "Riverside" in said
    house.later(hours=8)
    assert house.deliver() == []
    assert [one.state for one in house.rows(Delivery)] == [state]


def test_whoever_finished_before_the_card_was_due_gets_none_and_its_row_is_as_any_other(
    house: House,
) -> None:
    house.add(7)
    house.add(8)
    house.now = house.now.replace(hour=3)
    house.send(at_once=False)
    talk = house.chat(7)
    talk.send("/questions")
    talk.press("Stop")

    house.later(hours=8)
    cards = house.deliver()

    assert [card["chat_id"] for card in cards] == [8]
    assert {(row.state, row.note) for row in house.rows(Delivery)} == {("sent", "")}


def test_questions_says_when_nothing_waits(house: House) -> None:
    house.add(7)

    assert "No questionnaire is waiting" in house.chat(7).send("/questions")


def test_a_stranger_is_answered_and_changes_nothing(house: House) -> None:
    talk = house.asked(7)
    stranger = house.chat(666)
    before = house.rows(Run)

    forged = stranger.take(press(stranger.user, pressable(talk.last, "4")))
    asked = stranger.send("/questions")

    assert "no longer in use" in forged
    assert "by invitation" in asked
    assert house.rows(Answer) == []
    assert house.rows(Run) == before


def test_somebody_else_cannot_press_a_card_even_with_a_signature_of_their_own(house: House) -> None:
    house.asked(7)
    house.add(8)
    other = house.chat(8)
    invitee = house.rows(Invitee)[0]

    data = callbacks.sign(house.secret, 8, f"qa:{invitee.id}:0:4")
    said = other.take(press(other.user, data))

    assert "closed" in said
    assert house.rows(Answer) == []


@pytest.mark.parametrize(
    "action", ["qa:1:0:9", "qa:1:0:n", "qa:1:99:4", "qa:1:0", "qa:!:0:4", "qs"]
)
def test_a_signed_button_that_does_not_fit_is_answered(small_house: House, action: str) -> None:
    talk = small_house.asked(7)

    said = talk.take(press(talk.user, callbacks.sign(small_house.secret, 7, action)))

    assert said
    assert small_house.rows(Answer) == []


def test_no_rule_is_an_answer_of_its_own(house: House) -> None:
    talk = house.asked(7, "managers")
    form = house.rows(Run)[0].form

    while form[house.rows(Run)[0].position][1] != "S":
        talk.press("6")
    talk.press("We have no rule")

    [answer] = [row for row in house.rows(Answer) if row.vantage == "S"]
    assert (answer.score, answer.no_rule) == (None, True)
    talk.press("Back")
    assert "• We have no rule •" in buttons(talk.last)


def test_a_comment_that_is_too_long_is_not_cut_in_silence(house: House) -> None:
    talk = _at_open_question(house)

    said = talk.send("x" * 2001)

    assert "2001" in said
    assert (house.rows(Comment), house.rows(Run)[0].state) == ([], "open")
    assert "Thank you" in talk.send("x" * 2000)


def test_back_from_the_open_question_still_corrects(house: House) -> None:
    talk = _at_open_question(house)

    talk.press("Back")
    talk.press("1")

    run = house.rows(Run)[0]
    by_key = {(row.item, row.vantage): row.score for row in house.rows(Answer)}
    assert by_key[tuple(run.form[-1])] == 1
    assert run.state == "open"


def test_a_text_is_only_a_comment_at_the_open_question(house: House) -> None:
    talk = house.asked(7)

    said = talk.send("Hello?")

    assert "no open question" in said
    assert house.rows(Comment) == []


def test_a_comment_turns_the_card_above_it_into_a_short_note(house: House) -> None:
    talk = _at_open_question(house)

    talk.send("Fine")

    edit, thanks = talk.last
    assert (edit["method"], edit["message_id"]) == ("editMessageText", 1001)
    assert "reply_markup" not in edit
    assert thanks["method"] == "sendMessage"


def test_the_finish_button_pressed_twice_leaves_the_thanks_alone(house: House) -> None:
    talk = _at_open_question(house)
    finish = press(talk.user, pressable(talk.last, "Finish"), 1001)

    assert "only from 5 questionnaires" in talk.take(finish)
    talk.take(finish)

    assert all(call["method"] != "editMessageText" for call in talk.last)


def test_named_answers_carry_the_language_they_were_given_in(house: House) -> None:
    house.add(7, "manager", language="es")
    house.send("managers")
    talk = house.chat(7)
    talk.last = house.deliver()

    talk.press("6")

    assert house.rows(Answer)[0].language == "es"
    assert "Atrás" in buttons(talk.last)


def test_cancel_leaves_a_begun_run_waiting_and_ends_it_at_the_open_question(house: House) -> None:
    talk = house.asked(7)
    [leave] = cancellers(house.desk)

    def cancel() -> tuple[bool, list[Call]]:
        with house.database.transaction() as session:
            who = PeopleDoor().recognise(session, 7)
            update = message(talk.user, "/cancel")
            turn = Turn(session, update, house.now, house.texts, house.secret, who, "en")
            return leave(turn), turn.calls

    assert cancel() == (False, [])
    talk.press("6")
    left, calls = cancel()
    assert left
    assert "March 9, 2026" in calls[0]["text"]
    while "Finish" not in " ".join(buttons(talk.last)):
        talk.press("5")
    assert cancel()[0]
    assert house.rows(Run)[0].state == "finished"


def _at_open_question(house: House) -> Chat:
    talk = house.asked(7)
    for _ in house.rows(Run)[0].form:
        talk.take(press(talk.user, pressable(talk.last, "5"), 1001))
    return talk
