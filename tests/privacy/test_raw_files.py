"""What is left in the bytes of an SQLite file: after an erasure, and after a change of the key.

Names and texts are sealed, so a name itself is never found. What is looked for is each sealed value
as it lay there: whoever has the key, or gets the old one, could open it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.cli import main
from bot.core.database import Database
from bot.core.keyring import new_key
from bot.core.notices import notify
from bot.core.resealing import sealed_columns
from bot.core.tables import Notice
from bot.issues.traces import empty_log
from bot.privacy.erasing import erase
from tests.privacy.conftest import ANA, AT, BEN, OWNER, Whole
from tests.support.keys import TEST_KEY


def path_of(database: Database) -> Path:
    return Path(database.engine.url.database or "")


def in_files(path: Path) -> bytes:
    """Return every byte of the database and of its log."""
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))


def sealed_values(path: Path) -> dict[str, set[str]]:
    """Return each sealed value as it lies in the file, by table."""
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect(path)) as plain:
        for table, columns in sealed_columns():
            for column in columns:
                rows = plain.execute(f'SELECT "{column.name}" FROM "{table.name}"')  # noqa: S608
                values = {row[0] for row in rows if isinstance(row[0], str) and len(row[0]) > 8}
                found.setdefault(str(table.name), set()).update(values)
    return found


def gone_of(before: dict[str, set[str]], after: dict[str, set[str]]) -> set[str]:
    return set().union(*(own - after.get(table, set()) for table, own in before.items()))


def test_no_sealed_value_of_somebody_erased_is_left_in_any_byte(whole: Whole) -> None:
    if not whole.database.is_sqlite:
        assert path_of(whole.database).suffix == ""  # what its server keeps is its own
        return
    me, path = whole.lived_in(ANA), path_of(whole.database)
    before = sealed_values(path)

    whole.database.run(lambda session: erase(session, me, now=AT))
    empty_log(whole.database)

    gone = gone_of(before, sealed_values(path))
    assert len(gone) >= 6  # name, comment, report, case, notice, message that was not handled
    left = in_files(path)
    assert not [one for one in gone if one.encode() in left]


def test_no_value_sealed_with_the_old_key_is_left_in_any_byte(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not whole.database.is_sqlite:
        assert path_of(whole.database).suffix == ""
        return
    whole.lived_in(ANA)
    path = path_of(whole.database)
    before = set().union(*sealed_values(path).values())
    whole.database.close()
    monkeypatch.setenv("GAPBOT_KEY", f"{new_key()},{TEST_KEY}")
    monkeypatch.setenv("GAPBOT_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("GAPBOT_DATA", str(tmp_path))

    assert main(["key", "rotate"]) == 0

    left = in_files(path)
    assert before
    assert not [one for one in before if one.encode() in left]


def test_a_name_does_not_go_out_after_its_erasure_in_what_others_wait_for(whole: Whole) -> None:
    """Somebody leaves, and those in charge are told by name; then they have themselves erased."""
    me, owner = whole.lived_in(ANA), whole.number(OWNER)

    def leave(session: Session) -> None:
        for name in (f"P{ANA}", f"P{BEN}"):
            notify(
                session,
                owner,
                "organisation/role_ended.html",
                key=f"left {name}",
                now=AT,
                values={"name": name, "kind": "staff", "unit": "Riverside", "all": [name, "x"]},
            )

    whole.database.run(leave)

    whole.database.run(lambda session: erase(session, me, now=AT))

    with whole.database.reading() as session:
        pending = session.exec(select(Notice).order_by(col(Notice.id)))
        told = [one.content for one in pending if one.content]
    assert [(one["name"], one["all"]) for one in told] == [
        ("–", ["–", "x"]),
        (f"P{BEN}", [f"P{BEN}", "x"]),
    ]
