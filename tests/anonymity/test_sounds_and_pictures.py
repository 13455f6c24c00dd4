"""Recordings and photos: a voice is known, and a camera writes down where it was.

Anonymous reports take no voice and no picture sent as a file, whichever way they are asked for; of
an anonymous questionnaire a recording is gone as soon as it is in words.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import column, text
from sqlmodel import Session
from telegram import Update

from bot.core.database import Database
from bot.core.dialogue import Turn
from bot.core.router import Router
from bot.issues.arriving import FILE, VOICE, content_of
from bot.people.door import PeopleDoor
from bot.surveys import chat, voice_chat, voices
from bot.surveys.tables import Comment, Run
from tests.support import issues
from tests.support.surveys import House
from tests.support.updates import User, message, pressable
from tests.support.voices import desk, press_below, voice

SOMEBODY = User(700_000_111)
THUMB = {"file_id": "n", "file_unique_id": "m", "width": 240, "height": 240, "length": 240}
SPOKEN = {
    "a voice message": {"voice": {"file_id": "v", "file_unique_id": "w", "duration": 3}},
    "a song or recording": {"audio": {"file_id": "v", "file_unique_id": "w", "duration": 3}},
    "a round video": {"video_note": THUMB | {"duration": 3}},
    "a video": {"video": THUMB | {"duration": 3}},
}


def turn_of(update: Update) -> Turn:
    """Return as much of a turn as what arrives is told by."""
    return cast("Turn", SimpleNamespace(update=update))


@pytest.mark.parametrize("what", SPOKEN)
@pytest.mark.parametrize("caption", ["", "And some words"])
def test_an_anonymous_report_takes_nothing_in_which_somebody_could_be_heard(
    what: str, caption: str
) -> None:
    update = message(SOMEBODY, **SPOKEN[what], **({"caption": caption} if caption else {}))

    taken = content_of(turn_of(update), anonymous=True)

    assert taken in {VOICE, FILE}


def test_without_looking_whether_it_is_anonymous_a_voice_would_be_kept_by_its_name() -> None:
    """The protection taken away: that is what a report with a name does."""
    update = message(SOMEBODY, **SPOKEN["a voice message"])

    taken = content_of(turn_of(update), anonymous=False)

    assert not isinstance(taken, str)
    assert taken.voice == "v"


def test_a_picture_sent_as_a_file_keeps_what_the_camera_wrote_so_it_is_not_taken() -> None:
    update = issues.file(SOMEBODY)

    assert content_of(turn_of(update), anonymous=True) == FILE
    assert content_of(turn_of(update), anonymous=False) == FILE


def spoke(database: Database, folder: Path, *, recording: str, seconds: int) -> House:
    """Let somebody speak in answer to the open question; then the words are written out."""
    house = House(database, desk=desk(folder, anonymous=True, writes_voices_out=True)).open()
    talk = house.asked(7)
    parts = [chat.routes(house.desk), voice_chat.routes(house.desk)]
    talk.router = Router(PeopleDoor(), parts, house.texts)
    for _ in house.rows(Run)[0].form:
        talk.press("5")
    talk.take(voice(talk.user, recording, seconds))
    talk.take(press_below(talk.user, pressable(talk.last, "Send it all the same"), recording))
    return house


def write_out(house: House) -> None:
    """Do as the service does."""

    def work(session: Session) -> None:
        for one in voices.claim(session):
            voices.write_out(session, one, "More chairs")

    house.database.run(work)


def test_of_an_anonymous_recording_nothing_but_the_words_is_left(
    database: Database, tmp_path: Path
) -> None:
    """Neither Telegram's name of the file nor how long it was nor how often it was tried."""
    house = spoke(database, tmp_path, recording="AwMine", seconds=97)
    [waiting] = house.rows(Comment)

    write_out(house)

    [left] = house.rows(Comment)
    assert waiting.voice == "AwMine"
    assert (left.text, left.voice, left.seconds, left.tries) == ("More chairs", "", 0, 0)
    assert house.database.run(voices.claim) == []


def test_without_forgetting_it_the_recording_would_stay_beside_the_words(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken away: whoever has token and key could hear who it was."""
    by_name = text("SELECT 1 WHERE :key = ''").columns(column("anonymous"))
    monkeypatch.setattr(voices, "_ANONYMOUS", by_name)
    house = spoke(database, tmp_path, recording="AwMine", seconds=97)

    write_out(house)

    [left] = house.rows(Comment)
    assert (left.text, left.voice) == ("More chairs", "AwMine")
