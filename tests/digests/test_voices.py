"""Recorded comments in the digest: under the floor, by name only, for those in charge."""

from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core import callbacks
from bot.core.database import Database
from bot.core.dialogue import Section
from bot.core.router import Router
from bot.core.tables import AuditEntry
from bot.digests import voices
from bot.people.door import PeopleDoor
from bot.surveys.tables import Comment
from bot.surveys.versions import SHIPPED
from tests.support.digests import DigestHouse
from tests.support.updates import Chat, User, press
from tests.support.voices import desk

ANA, STAFF, OTHER, STRANGER = 11, 12, 13, 99


def house_of(database: Database, folder: Path, *, anonymous: bool, comments: int) -> DigestHouse:
    """Return a house where so many customers commented, three of them with a recording alone."""
    own = desk(folder, anonymous=anonymous, writes_voices_out=False)
    for name in ("staff", "managers"):
        (folder / f"{name}.yaml").write_text((SHIPPED / f"{name}.yaml").read_text("utf-8"), "utf-8")
    house = DigestHouse(database, desk=own)
    house.open(units=("Riverside", "Old Town"))
    house.add(ANA, "manager")
    house.add(STAFF, "staff")
    house.add(OTHER, "manager", unit="Old Town")
    house.ledger.fill(comments=[f"comment {number}" for number in range(comments)])

    def speak(session: Session) -> None:
        keys = session.scalars(select(col(Comment.run_key)).order_by(col(Comment.run_key))).all()
        for number, key in enumerate(keys[:3]):
            session.execute(
                update(Comment)
                .where(col(Comment.run_key) == key)
                .values(text="", voice=f"Aw{number}", seconds=9)
            )

    database.run(speak)
    house.report()
    return house


def section_of(house: DigestHouse) -> Section | None:
    with house.database.reading() as session:
        return voices.section(
            session, house.texts, unit_id=1, language="en", since=house.now, now=house.now
        )


def pressed(house: DigestHouse, telegram_id: int, action: str) -> Chat:
    router = Router(PeopleDoor(), [voices.routes()], house.texts)
    chat = Chat(house.database, router, User(telegram_id), lambda: house.now, secret=house.secret)
    chat.take(press(User(telegram_id), callbacks.sign(house.secret, telegram_id, action)))
    return chat


def heard(chat: Chat) -> list[str]:
    return [call["voice"] for call in chat.last if call["method"] == "sendVoice"]


def test_a_manager_reads_that_there_are_recordings_and_listens(database: Database, tmp_path: Path):
    house = house_of(database, tmp_path, anonymous=False, comments=8)

    section = section_of(house)
    assert section is not None
    [[listen]] = section.rows
    chat = pressed(house, ANA, listen.action)

    assert section.text == "3 customers answered the open question with a recording."
    assert sorted(heard(chat)) == ["Aw0", "Aw1", "Aw2"]
    assert all(call.get("protect_content") for call in chat.last if call["method"] == "sendVoice")
    assert "voice.heard" in [row.what for row in house.rows(AuditEntry)]


@pytest.mark.parametrize(("anonymous", "comments"), [(False, 7), (True, 10)])
def test_none_is_heard_below_the_floor_or_of_an_anonymous_questionnaire(
    sqlite_database: Database, tmp_path: Path, *, anonymous: bool, comments: int
):
    house = house_of(sqlite_database, tmp_path, anonymous=anonymous, comments=comments)

    chat = pressed(house, ANA, "vce:1:1")

    assert section_of(house) is None
    assert heard(chat) == []


@pytest.mark.parametrize("telegram_id", [STAFF, OTHER, STRANGER])
def test_nobody_else_listens(sqlite_database: Database, tmp_path: Path, telegram_id: int):
    house = house_of(sqlite_database, tmp_path, anonymous=False, comments=8)

    chat = pressed(house, telegram_id, "vce:1:1")

    assert heard(chat) == []
    assert "voice.heard" not in [row.what for row in house.rows(AuditEntry)]


def test_a_button_of_a_report_that_is_gone_plays_the_newest(
    sqlite_database: Database, tmp_path: Path
):
    house = house_of(sqlite_database, tmp_path, anonymous=False, comments=8)

    assert len(heard(pressed(house, ANA, "vce:1:77"))) == 3
