"""A voice message in answer to the open question, through the router."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core import callbacks
from bot.core.database import Database
from bot.core.router import Router
from bot.people.door import PeopleDoor
from bot.surveys import chat, voice_chat
from bot.surveys.tables import Comment, Invitee, Run
from tests.support.surveys import House
from tests.support.updates import Chat, User, press, pressable
from tests.support.voices import desk, press_below, voice


def asked_through(
    database: Database, folder: Path, *, anonymous: bool, writes_out: bool = False
) -> tuple[House, Chat]:
    """Return the chat of somebody who has come to the open question."""
    house = House(database, desk=desk(folder, anonymous=anonymous, writes_voices_out=writes_out))
    house.open()
    talk = house.asked(7)
    parts = [chat.routes(house.desk), voice_chat.routes(house.desk)]
    talk.router = Router(PeopleDoor(), parts, house.texts)
    for _ in house.rows(Run)[0].form:
        talk.press("5")
    return house, talk


def test_a_named_recording_is_kept_sealed_and_thanked_for(database: Database, tmp_path: Path):
    house, talk = asked_through(database, tmp_path, anonymous=False)

    said = talk.take(voice(talk.user, "AwSecret", 12))

    [comment] = house.rows(Comment)
    with database.reading() as session:
        stored = session.execute(text("SELECT voice FROM comment")).scalar_one()
    assert "Thank you" in said
    assert (comment.voice, comment.seconds, comment.text) == ("AwSecret", 12, "")
    assert "AwSecret" not in stored
    assert house.rows(Run)[0].state == "finished"


def test_of_an_anonymous_run_nothing_is_kept_and_words_are_asked_for(
    sqlite_database: Database, tmp_path: Path
):
    house, talk = asked_through(sqlite_database, tmp_path, anonymous=True)

    said = talk.take(voice(talk.user))

    assert "A voice can be recognised" in said
    assert all("reply_markup" not in call for call in talk.last)
    assert house.rows(Comment) == []
    assert "Thank you" in talk.send("More chairs")


def test_sending_it_all_the_same_keeps_it_without_a_way_to_the_person(
    database: Database, tmp_path: Path
):
    house, talk = asked_through(database, tmp_path, anonymous=True, writes_out=True)
    said = talk.take(voice(talk.user, "AwMine"))
    kept_before = house.rows(Comment)
    [question] = [call for call in talk.last if call["method"] == "sendMessage"]
    data = pressable(talk.last, "Send it all the same")

    thanks = talk.take(press_below(talk.user, data, "AwMine"))

    [run] = house.rows(Run)
    assert "I have kept nothing yet" in said
    assert "message_id" in question["reply_parameters"]
    assert kept_before == []
    assert "Thank you" in thanks
    assert [row.voice for row in house.rows(Comment)] == ["AwMine"]
    assert (run.state, run.ticket) == ("finished", None)


def test_the_card_is_put_away_when_another_message_ends_the_run(
    sqlite_database: Database, tmp_path: Path
):
    _, talk = asked_through(sqlite_database, tmp_path, anonymous=True, writes_out=True)
    talk.take(voice(talk.user))
    data = pressable(talk.last, "Send it all the same")

    talk.take(press_below(talk.user, data, "AwVoice", message_id=5000))

    edited = {c["message_id"]: c["text"] for c in talk.last if c["method"] == "editMessageText"}
    assert "Thank you" in edited.pop(5000)
    assert ["All done." in words for words in edited.values()] == [True]


def test_a_recording_that_was_deleted_is_asked_for_again(sqlite_database: Database, tmp_path: Path):
    house, talk = asked_through(sqlite_database, tmp_path, anonymous=True, writes_out=True)
    talk.take(voice(talk.user))
    data = pressable(talk.last, "Send it all the same")

    said = talk.take(press_below(talk.user, data, None))

    assert "I cannot find your recording any more" in said
    assert house.rows(Comment) == []


def test_an_old_button_keeps_nothing_once_nobody_writes_voices_out(
    sqlite_database: Database, tmp_path: Path
):
    house, talk = asked_through(sqlite_database, tmp_path, anonymous=True, writes_out=True)
    talk.take(voice(talk.user))
    data = pressable(talk.last, "Send it all the same")
    without = voice_chat.routes(desk(tmp_path, anonymous=True, writes_voices_out=False))
    talk.router = Router(PeopleDoor(), [without], house.texts)

    said = talk.take(press_below(talk.user, data, "AwVoice"))

    assert "did not keep your recording" in said
    assert house.rows(Comment) == []


def test_a_stale_button_keeps_nothing(sqlite_database: Database, tmp_path: Path):
    house, talk = asked_through(sqlite_database, tmp_path, anonymous=True, writes_out=True)
    talk.take(voice(talk.user))
    data = pressable(talk.last, "Send it all the same")
    talk.send("In words, rather")

    said = talk.take(press_below(talk.user, data, "AwVoice"))

    assert "closed" in said
    assert [(row.text, row.voice) for row in house.rows(Comment)] == [("In words, rather", "")]


def test_a_recording_of_more_than_three_minutes_is_too_long(
    sqlite_database: Database, tmp_path: Path
):
    house, talk = asked_through(sqlite_database, tmp_path, anonymous=False)

    said = talk.take(voice(talk.user, seconds=181))

    assert "at most 3 minutes" in said
    assert house.rows(Comment) == []


def test_a_voice_message_that_answers_nothing_is_not_taken(
    sqlite_database: Database, tmp_path: Path
):
    house, talk = asked_through(sqlite_database, tmp_path, anonymous=False)
    talk.press("Finish")

    talk.take(voice(talk.user))

    assert house.rows(Comment) == []


@pytest.mark.parametrize(("telegram_id", "answer"), [(8, "closed"), (9, "/start")])
def test_nobody_else_can_press_it(
    sqlite_database: Database, tmp_path: Path, telegram_id: int, answer: str
):
    house, talk = asked_through(sqlite_database, tmp_path, anonymous=True, writes_out=True)
    house.add(8)
    [invitee] = house.rows(Invitee)
    made = callbacks.sign(house.secret, telegram_id, f"qv:{invitee.id}:0")
    other = Chat(
        house.database, talk.router, User(telegram_id), lambda: house.now, secret=house.secret
    )

    said = other.take(press(other.user, made))

    assert answer in said
    assert house.rows(Comment) == []
