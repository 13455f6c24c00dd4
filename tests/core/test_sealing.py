"""Sealed columns: what lies in the database cannot be read, searched or changed without the key."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlmodel import Session, col

from bot.core import notices, sealing
from bot.core.database import Database
from bot.core.errors import SettingError, StorageError
from bot.core.keyring import Keyring, key_name, new_key, sealed_with
from bot.core.migrations import upgrade
from bot.core.tables import Notice
from bot.people.tables import Person
from tests.support.keys import TEST_KEY, fixed_keys

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)
NAME = "Zoë O'Brien-Śliwińska 🌱"


def _add(session: Session) -> None:
    session.add(Person(telegram_id=7, name=NAME, language="en", consented_at=AT))


def _raw(session: Session) -> str:
    return str(session.execute(text("SELECT name FROM person")).scalar_one())


@given(st.text(max_size=400))
def test_what_is_sealed_opens_to_the_same_text(words: str) -> None:
    keys = fixed_keys()

    assert keys.open(keys.seal(words)) == words


def test_the_same_text_is_sealed_differently_each_time_and_empty_text_stays_empty() -> None:
    keys = fixed_keys()

    assert keys.seal("yes") != keys.seal("yes")
    assert keys.seal("") == ""


def test_the_length_of_a_seal_tells_little() -> None:
    """Four bytes of length and the text are filled up to a multiple of 32."""
    keys = fixed_keys()

    lengths = {len(keys.seal("x" * size)) for size in range(1, 29)}

    assert len(lengths) == 1
    assert len(keys.seal("x" * 29)) > lengths.pop()


def test_a_seal_holds_no_time() -> None:
    """Besides the mark and the key's name there are 12 bytes of chance, 32 of text, 16 of proof."""
    body = base64.urlsafe_b64decode(fixed_keys().seal("yes").rpartition(":")[2])

    assert len(body) == 12 + 32 + 16


def test_a_name_lies_sealed_in_the_database_and_is_plain_in_the_program(
    database: Database,
) -> None:
    database.run(_add)

    raw = database.run(_raw)
    name = database.run(lambda session: session.execute(select(col(Person.name))).scalar_one())

    assert sealed_with(raw) == key_name(TEST_KEY)
    assert "Brien" not in raw
    assert name == NAME


def test_the_values_of_a_notice_lie_sealed_until_it_is_sent(database: Database) -> None:
    database.run(_add)

    def promise(session: Session) -> None:
        notices.notify(session, 1, "x.html", key="k", now=AT, values={"who": NAME})

    database.run(promise)
    raw = database.run(lambda session: session.execute(text("SELECT content FROM notice")).scalar())
    content = database.run(lambda session: session.get_one(Notice, 1).content)

    assert "Brien" not in str(raw)
    assert content == {"who": NAME}


def test_without_a_key_nothing_is_read_and_nothing_is_written_plain(
    sqlite_database: Database,
) -> None:
    sqlite_database.run(_add)
    keyless = Database(sqlite_database.address)

    with pytest.raises(SettingError) as reading:
        keyless.run(lambda session: session.get_one(Person, 1))
    with pytest.raises(Exception, match="S120"):
        keyless.run(_add)
    keyless.close()

    assert reading.value.code == "S120"


def test_another_key_opens_nothing_and_the_error_names_both(sqlite_database: Database) -> None:
    sqlite_database.run(_add)
    other = new_key()
    stranger = Database(sqlite_database.address, Keyring([other]))

    with pytest.raises(SettingError, match=key_name(TEST_KEY)) as error:
        stranger.run(lambda session: session.get_one(Person, 1))
    stranger.close()

    assert error.value.code == "S122"
    assert key_name(other) in str(error.value)
    assert other not in str(error.value)


def test_a_seal_that_was_changed_from_outside_is_refused() -> None:
    keys = fixed_keys()
    sealed = keys.seal("owner")
    swapped = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]

    for value in (swapped, "plain text", "g1:short"):
        with pytest.raises((StorageError, SettingError)):
            keys.open(value)


def test_searching_a_sealed_column_is_a_fault_that_shows_at_once() -> None:
    with pytest.raises(TypeError, match="fingerprint"):
        select(Person).where(col(Person.name) == "Ana")
    with pytest.raises(TypeError, match="fingerprint"):
        select(Person).where(col(Person.name).like("A%"))
    select(Person).where(col(Person.name) != "")


def test_a_blind_index_finds_a_reference_whatever_its_case_and_space(database: Database) -> None:
    first = database.run(lambda session: sealing.fingerprint(session, "Ana@Example.org"))
    again = database.run(lambda session: sealing.fingerprint(session, " ana@example.org "))
    other = database.run(lambda session: sealing.fingerprint(session, "ben@example.org"))

    assert first == again != other
    assert len(first) == 64


def test_a_blind_index_is_of_no_use_without_the_key(database: Database, tmp_path: Path) -> None:
    """Two databases with the same key: the secret is the database's own, and sealed."""
    here = database.run(lambda session: sealing.fingerprint(session, "ana"))
    secret = database.run(
        lambda session: str(session.execute(text("SELECT index_secret FROM sealing")).scalar())
    )
    elsewhere = Database(f"sqlite:///{tmp_path / 'other.sqlite'}", fixed_keys())
    (tmp_path / "other.sqlite").write_bytes(b"")
    upgrade(elsewhere)
    there = elsewhere.run(lambda session: sealing.fingerprint(session, "ana"))
    elsewhere.close()

    assert sealed_with(secret) == key_name(TEST_KEY)
    assert here != there
