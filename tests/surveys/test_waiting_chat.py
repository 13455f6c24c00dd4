"""What is sent while a questionnaire waits for something else, through the router."""

import pytest

from bot.core.router import Router
from bot.people.door import PeopleDoor
from bot.surveys import chat, voice_chat, waiting_chat
from bot.surveys.tables import Comment, Run
from tests.support.surveys import House
from tests.support.updates import Chat, message, photo, sticker
from tests.support.voices import voice


def _asked(house: House) -> Chat:
    talk = house.asked(7)
    parts = [chat.routes(house.desk), voice_chat.routes(house.desk), waiting_chat.routes()]
    talk.router = Router(PeopleDoor(), parts, house.texts)
    return talk


def _at_open_question(house: House) -> Chat:
    talk = _asked(house)
    for _ in house.rows(Run)[0].form:
        talk.press("5")
    return talk


def test_words_where_a_tap_is_wanted_are_answered_so(house: House) -> None:
    talk = _asked(house)

    said = [talk.send("Hello?"), talk.send("7"), talk.take(sticker(talk.user))]

    assert all("tapping its buttons" in one for one in said)
    assert (house.rows(Comment), house.rows(Run)[0].position) == ([], 0)


def test_what_is_no_words_at_the_open_question_is_answered_so(house: House) -> None:
    talk = _at_open_question(house)
    somewhere = {"latitude": 27.7, "longitude": 85.3}

    sent = (photo(talk.user), sticker(talk.user), message(talk.user, location=somewhere))
    said = [*(talk.take(one) for one in sent), talk.send("\u200b\u3164")]

    assert all("answered in words" in one for one in said)
    assert (house.rows(Comment), house.rows(Run)[0].state) == ([], "open")
    assert "voice can be recognised" in talk.take(voice(talk.user))
    assert "Thank you" in talk.send("More chairs")


@pytest.mark.parametrize("is_asked", [True, False])
def test_without_an_open_questionnaire_it_says_nothing(house: House, is_asked: bool) -> None:
    talk = _asked(house)
    if is_asked:
        talk.press("Stop")
    else:
        talk.user = type(talk.user)(8)

    assert "buttons" not in talk.send("Hello?")
