"""How an idea comes in, through the router."""

import logging

import pytest

from bot.core.i18n import LANGUAGES
from bot.core.tables import AuditEntry
from bot.ideas.tables import Idea
from tests.support.ideas import ANA, GUEST, IDEA, OWNER, SAM, STRANGER, IdeaHouse, plain
from tests.support.updates import User, buttons, message, photo, press


def test_an_idea_is_asked_for_and_sent_without_a_name_by_default(house: IdeaHouse) -> None:
    guest = house.chat(GUEST)
    assert "Write your idea" in guest.send("/idea")
    assert IDEA in guest.send(IDEA)
    assert next(iter(buttons(guest.last))) == "Send without my name"
    assert house.rows(Idea) == []

    said = guest.press("Send without my name")

    assert "This is idea 1 for Riverside" in said
    assert "without your name" in said
    kept = house.idea()
    assert (kept.text, kept.by_name, kept.state, kept.language) == (IDEA, False, "new", "en")
    assert kept.person_id is not None
    assert house.audited() == [("idea.sent", None)]


def test_the_hour_of_an_idea_without_a_name_is_kept_nowhere(house: IdeaHouse) -> None:
    house.sent()

    (entry,) = house.rows(AuditEntry)

    assert entry.at.isoformat() == "2026-03-04T00:00:00+00:00"


def test_an_idea_by_name_shows_the_name(house: IdeaHouse) -> None:
    house.sent(SAM, how="Send with my name")

    assert "From P13" in plain(house.pressed(ANA, "idc:1:-").last[-1]["text"])


def test_who_wants_no_news_is_linked_to_nothing(house: IdeaHouse) -> None:
    house.sent(how="and no news either")

    assert house.idea().person_id is None
    assert house.audited() == [("idea.sent", None)]


def test_pressing_send_twice_keeps_one_idea(house: IdeaHouse) -> None:
    guest = house.chat(GUEST)
    guest.send(f"/idea {IDEA}")
    before = guest.last

    guest.press("Send without my name")
    guest.last = before
    said = guest.press("Send without my name")

    assert "This is idea 1" in said
    assert len(house.rows(Idea)) == 1


def test_words_behind_the_command_survive_any_marks_in_them(lite: IdeaHouse) -> None:
    words = "<b>50%</b> & more at example.com/x @me\n\nsecond line"

    number = lite.sent(text=words)

    assert lite.idea(number).text == words


def test_a_side_of_the_service_may_be_added_by_a_tap(house: IdeaHouse) -> None:
    guest = house.chat(GUEST)
    guest.send(f"/idea {IDEA}")
    guest.press("Send without my name")

    said = guest.press("Quick help")

    assert "About: Quick help" in said
    assert house.idea().dimension == "responsiveness"
    assert buttons(guest.last) == {}


def test_somebody_else_cannot_set_the_side(lite: IdeaHouse) -> None:
    lite.sent()

    said = lite.pressed(SAM, "idk:1:2:guessed")

    assert "no longer in use" in str(said.last)
    assert lite.idea().dimension == ""


def test_with_several_units_the_place_is_asked(house: IdeaHouse) -> None:
    house.add(GUEST, "customer", unit="Old Town")
    guest = house.chat(GUEST)
    assert "which place" in guest.send(f"/idea {IDEA}")

    assert "Your idea for Old Town" in guest.press("Old Town")
    guest.press("Send without my name")

    assert house.idea().unit_id == 2


def test_an_owner_may_suggest_something_to_any_unit(lite: IdeaHouse) -> None:
    assert "which place" in lite.chat(OWNER).send(f"/idea {IDEA}")


@pytest.mark.parametrize(("text", "said"), [("no", "at least"), ("x" * 601, "at most")])
def test_too_short_or_too_long_is_said_and_asked_again(
    lite: IdeaHouse, text: str, said: str
) -> None:
    guest = lite.chat(GUEST)
    guest.send("/idea")

    assert said in guest.send(text)
    assert IDEA in guest.send(IDEA)


def test_a_photo_without_words_is_asked_again(lite: IdeaHouse) -> None:
    guest = lite.chat(GUEST)
    guest.send("/idea")

    assert "Write your idea" in guest.take(photo(User(GUEST)))


def test_leaving_keeps_nothing(lite: IdeaHouse) -> None:
    guest = lite.chat(GUEST)
    guest.send(f"/idea {IDEA}")

    assert "Nothing was kept" in guest.press("Leave")
    assert lite.rows(Idea) == []


def test_after_leaving_the_next_message_is_no_idea(lite: IdeaHouse) -> None:
    guest = lite.chat(GUEST)
    guest.send("/idea")
    guest.press("Leave")

    assert "How shall others see it" not in guest.send(IDEA)


@pytest.mark.parametrize(
    "action",
    ["ids", "ids:w", "ids:w:1", "ids:w:2:abc", "ids:z:1:abc", "idu:x", "idu:2", "idk:9:1:a", "idk"],
)
def test_a_button_that_makes_no_sense_is_answered_politely(lite: IdeaHouse, action: str) -> None:
    guest = lite.pressed(GUEST, action)

    assert guest.last[0]["method"] == "answerCallbackQuery"
    assert guest.last[0].get("text")
    assert lite.rows(Idea) == []


def test_a_message_that_lost_its_words_is_answered(lite: IdeaHouse) -> None:
    guest = lite.pressed(GUEST, "ids:w:1:abc")

    assert "no longer there" in str(guest.last)


def test_a_stranger_is_not_let_in(lite: IdeaHouse) -> None:
    stranger = lite.chat(STRANGER)

    stranger.take(message(User(STRANGER), f"/idea {IDEA}"))
    assert "not open" in str(lite.pressed(STRANGER, "ids:w:1:abc").last)
    assert lite.rows(Idea) == []


def test_a_forged_button_does_nothing(lite: IdeaHouse) -> None:
    guest = lite.chat(GUEST)
    guest.send(f"/idea {IDEA}")
    stolen = buttons(guest.last)["Send without my name"]

    lite.chat(SAM).take(press(User(SAM), stolen))

    assert lite.rows(Idea) == []


def test_logs_hold_neither_words_nor_authors(
    lite: IdeaHouse, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        lite.sent()

    assert "idea.sent" in caplog.text
    assert "bench" not in caplog.text
    assert "person" not in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_is_spoken_to_in_their_language(lite: IdeaHouse, language: str) -> None:
    lite.add(41, "customer", language=language)
    one = lite.chat(41)
    one.send("/idea")
    said = [one.send(IDEA)]
    said += [one.press(next(iter(buttons(one.last)))) for _ in range(2)]
    said.append(one.send("/ideas"))

    assert all(said)
    if language != "en":
        english = ("name", "your", "Thank", "want this", "Nothing")
        assert not [word for text in said for word in english if word in text.replace(IDEA, "")]
