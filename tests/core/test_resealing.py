"""Changing the key: everything is sealed again, also when it is killed half way or written to."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.cli import main
from bot.core import keyfile, notices, resealing, sealing
from bot.core.database import Database
from bot.core.keyring import Keyring, key_name, new_key
from bot.core.tables import Notice
from bot.people.tables import Person
from bot.surveys.tables import Comment  # noqa: F401 - a table without row numbers
from tests.support.keys import TEST_KEY, fixed_keys

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)
MANY = 23
FRESH = new_key()


def _people(session: Session) -> None:
    for one in range(1, MANY + 1):
        session.add(Person(telegram_id=one, name=f"P{one}", language="en", consented_at=AT))
    session.flush()
    notices.notify(session, 1, "x", key="k", now=AT, values={"who": "Ana"})


def _names(database: Database) -> list[str]:
    query = select(Person.name).order_by(col(Person.id))
    return database.run(lambda session: list(session.exec(query)))


def _by_key(database: Database) -> Counter[str]:
    found = database.run(resealing.counts)
    return sum(found.values(), Counter[str]())


@pytest.fixture
def both(database: Database) -> Database:
    """A database sealed with the test's key, opened with a new one in front of it."""
    database.run(lambda session: sealing.settle(session, fixed_keys()))
    database.run(_people)
    return _opened(database, [FRESH, TEST_KEY])


def _opened(database: Database, keys: list[str]) -> Database:
    return Database(database.address, Keyring(keys))


def _rotated(database: Database) -> None:
    keys = database.keys or Keyring()
    database.run(lambda session: resealing.begin(session, keys))
    while True:
        list(resealing.reseal(database, portion=5))
        if resealing.finish(database):
            return


def test_afterwards_the_new_key_opens_everything_and_the_old_one_is_not_needed(
    both: Database,
) -> None:
    print_before = both.run(lambda session: sealing.fingerprint(session, "ana"))

    _rotated(both)
    both.close()

    alone = _opened(both, [FRESH])
    assert _names(alone) == [f"P{one}" for one in range(1, MANY + 1)]
    assert alone.run(lambda session: session.get_one(Notice, 1).content) == {"who": "Ana"}
    assert set(_by_key(alone)) == {key_name(FRESH)}
    assert alone.run(lambda session: sealing.fingerprint(session, "ana")) == print_before
    alone.close()


def test_killed_half_way_all_is_readable_and_the_next_start_goes_on(both: Database) -> None:
    keys = both.keys or Keyring()
    both.run(lambda session: resealing.begin(session, keys))
    passing = resealing.reseal(both, portion=5)
    next(passing)
    next(passing)
    passing.close()  # killed here

    half = _by_key(both)
    assert half[key_name(TEST_KEY)] > 0 < half[key_name(FRESH)]
    assert _names(both) == [f"P{one}" for one in range(1, MANY + 1)]
    assert not resealing.finish(both)

    _rotated(both)
    assert set(_by_key(both)) == {key_name(FRESH)}
    both.close()


def test_what_is_written_with_the_old_key_meanwhile_is_not_forgotten(
    both: Database, database: Database
) -> None:
    keys = both.keys or Keyring()
    both.run(lambda session: resealing.begin(session, keys))
    passing = resealing.reseal(both, portion=5)
    next(passing)

    def rename(session: Session) -> None:  # a process that still holds the old key alone
        session.get_one(Person, 1).name = "Renamed"

    database.run(rename)
    list(passing)

    assert resealing.finish(both)
    assert _names(both)[0] == "Renamed"
    assert set(_by_key(both)) == {key_name(FRESH)}
    both.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An organisation that was set up with a key file."""
    monkeypatch.chdir(tmp_path)
    for name in ("GAPBOT_KEY", "GAPBOT_TOKEN", "GAPBOT_DATABASE_URL", "GAPBOT_DATA"):
        monkeypatch.delenv(name, raising=False)
    assert main(["init", "--organisation", "Blue Cup", "--unit", "Riverside"]) == 0
    database = Database(
        "sqlite:///data/gapbot.sqlite", keyfile.keyring_of("", tmp_path / "data" / keyfile.NAME)
    )
    database.run(_people)
    database.close()
    return tmp_path


def test_the_commands_check_and_change_the_key_of_a_key_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "data" / keyfile.NAME
    (old,) = keyfile.read(file)

    capsys.readouterr()
    assert main(["key", "check"]) == 0
    before = capsys.readouterr().out
    assert main(["key", "rotate"]) == 0
    rotated = capsys.readouterr().out
    assert main(["key", "check"]) == 0
    after = capsys.readouterr().out

    new, kept = keyfile.read(file)
    assert kept == old
    assert before == f"{key_name(old)}: the current key, opens {MANY + 2} texts\n"
    assert f"Everything is sealed with the key {key_name(new)}." in rotated
    assert f"no longer needs {key_name(old)}" in rotated
    assert f"{key_name(new)}: the current key, opens {MANY + 2} texts" in after
    assert f"{key_name(old)}: an older key, opens 0 texts" in after


def test_a_setting_without_a_new_key_is_told_how_to_get_one(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = keyfile.read(folder / "data" / keyfile.NAME)
    monkeypatch.setenv("GAPBOT_KEY", old)

    assert main(["key", "rotate"]) == 64
    refused = capsys.readouterr().err
    assert main(["key", "new"]) == 0
    fresh = capsys.readouterr().out.strip()
    monkeypatch.setenv("GAPBOT_KEY", f"{fresh},{old}")
    assert main(["key", "rotate"]) == 0
    monkeypatch.setenv("GAPBOT_KEY", fresh)
    assert main(["key", "check"]) == 0

    assert "gapbot key new" in refused
    assert "[S124]" in refused
    assert old not in refused


def test_a_wrong_key_is_told_at_the_check(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = keyfile.read(folder / "data" / keyfile.NAME)
    monkeypatch.setenv("GAPBOT_KEY", new_key())

    assert main(["key", "check"]) == 78

    error = capsys.readouterr().err
    assert key_name(old) in error
    assert "[S122]" in error


def test_the_command_that_changes_the_key_knows_every_sealed_column() -> None:
    """In a process of its own: what this one has loaded besides would hide a gap."""
    program = """
import importlib, pkgutil
import bot.key_command
from bot.core.resealing import sealed_columns
known = {str(table.name) for table, _ in sealed_columns()}
import bot
for one in pkgutil.walk_packages(bot.__path__, "bot."):
    if one.name.endswith("tables"):
        importlib.import_module(one.name)
print(*sorted({str(table.name) for table, _ in sealed_columns()} - known))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert done.stdout.decode().strip() == ""
