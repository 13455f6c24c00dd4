"""Errors of the database in plain words, and every code in the reference."""

import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.core.database import Database, explain
from bot.core.errors import GapbotError, StorageError
from bot.core.migrations import upgrade

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "postgresql://gap:geheim@db/gapbot"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("database is locked", "S201"),
        ("database or disk is full", "S202"),
        ("could not extend file: No space left on device", "S202"),
        ("attempt to write a readonly database", "S203"),
        ("unable to open database file", "S203"),
        ("permission denied for table run", "S203"),
        ("database disk image is malformed", "S204"),
        ("file is not a database", "S204"),
        ("connection refused", "S205"),
    ],
)
def test_what_a_database_says_becomes_place_cause_and_cure(said: str, code: str) -> None:
    error = explain(OperationalError("x", {}, Exception(said)), ADDRESS)

    assert error.code == code
    assert str(error).startswith("GAPBOT_DATABASE_URL (postgresql://gap:***@db/gapbot): ")
    assert "geheim" not in str(error)


def test_a_file_locked_by_another_process_is_named_and_nothing_is_lost(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.core.database.BUSY_SECONDS", 0)
    impatient = Database(sqlite_database.address)
    holder = sqlite3.connect(tmp_path / "gapbot.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageError) as caught:
        impatient.run(lambda session: session.connection())

    holder.execute("ROLLBACK")
    holder.close()
    assert caught.value.code == "S201"
    impatient.run(lambda session: session.connection())
    impatient.close()
    upgrade(sqlite_database)


def test_an_error_says_place_cause_cure_and_code() -> None:
    error = GapbotError("S104", "GAPBOT_DATA", "the folder does not exist.", "Create it.")

    assert str(error) == "GAPBOT_DATA: the folder does not exist. Create it. [S104]"


def test_every_code_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference" / "error-codes.md").read_text()
    sources = [one.read_text() for one in (ROOT / "bot").rglob("*.py")]
    used = {code for source in sources for code in re.findall(r'"([AS]\d{3})"', source)}
    listed = re.findall(r"(?m)^### ([AS]\d{3})$", reference)

    assert len(listed) == len(set(listed))
    assert set(listed) == used
