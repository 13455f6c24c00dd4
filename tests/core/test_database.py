"""The database and its write lane, on both kinds."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import make_url, text
from sqlmodel import Session, SQLModel

from bot.core import database as database_module
from bot.core.database import Database, WriteLane
from bot.core.errors import SettingError, StorageError
from bot.core.migrations import is_current, upgrade
from bot.core.tables import SendBudget
from tests.support.postgres import PostgresServer
from tests.support.tables import load_all_tables

load_all_tables()


def _add(session: Session) -> None:
    session.execute(text("UPDATE send_budget SET next_free = next_free + 1"))


def _prepare(session: Session) -> None:
    session.add(SendBudget())


def _count(session: Session) -> int:
    return int(session.execute(text("SELECT next_free FROM send_budget")).scalar_one())


def test_the_models_equal_the_migrations(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection())
        differences = compare_metadata(context, SQLModel.metadata)

    assert differences == []


async def test_no_increment_is_lost_when_many_write_at_once(database: Database) -> None:
    database.run(_prepare)
    lane = WriteLane(database)
    lane.start()

    await asyncio.gather(*(lane.run(_add) for _ in range(300)))
    await lane.stop()

    assert database.run(_count) == 300


def test_no_increment_is_lost_between_processes_that_share_a_database(database: Database) -> None:
    database.run(_prepare)

    def many() -> None:
        for _ in range(40):
            database.run(_add)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert database.run(_count) == 160


async def test_a_function_that_fails_is_undone_alone(database: Database) -> None:
    database.run(_prepare)
    lane = WriteLane(database)
    lane.start()

    def fails(session: Session) -> None:
        _add(session)
        raise ValueError("no")

    results = await asyncio.gather(
        *(lane.run(work) for work in (_add, fails, _add)), return_exceptions=True
    )
    await lane.stop()

    assert [type(one) for one in results] == [type(None), ValueError, type(None)]
    assert database.run(_count) == 2


async def test_a_locked_file_is_waited_for_once_however_many_wait(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would wait for the lock in vain; so the first that fails twice fails for all."""
    sqlite_database.run(_prepare)
    monkeypatch.setattr("bot.core.database.BUSY_SECONDS", 0.1)
    impatient = Database(sqlite_database.address)
    lane = WriteLane(impatient)
    with sqlite_database.transaction() as holder:
        _add(holder)
        waiting = [asyncio.ensure_future(lane.run(_add)) for _ in range(50)]
        await asyncio.sleep(0)
        lane.start()

        async with asyncio.timeout(3):
            results = await asyncio.gather(*waiting, return_exceptions=True)
    await lane.run(_add)
    await lane.stop()
    impatient.close()

    assert {getattr(one, "code", one) for one in results} == {"S201"}
    assert sqlite_database.run(_count) == 2


async def test_a_function_finds_no_stale_object_of_the_one_before(database: Database) -> None:
    database.run(_prepare)
    lane = WriteLane(database)

    def read(session: Session) -> int:
        return session.get_one(SendBudget, 1).next_free

    waiting = [asyncio.ensure_future(lane.run(work)) for work in (read, _add, read)]
    await asyncio.sleep(0)
    lane.start()
    results = await asyncio.gather(*waiting)
    await lane.stop()

    assert results == [0, None, 1]


async def test_what_waits_when_the_lane_stops_is_still_done(database: Database) -> None:
    database.run(_prepare)
    lane = WriteLane(database)
    lane.start()

    waiting = [asyncio.ensure_future(lane.run(_add)) for _ in range(20)]
    await asyncio.sleep(0)
    await lane.stop()
    await asyncio.gather(*waiting)

    assert database.run(_count) == 20


def test_a_reader_changes_nothing(database: Database) -> None:
    database.run(_prepare)

    with database.reading() as session:
        _add(session)

    assert database.run(_count) == 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_several_processes_may_migrate_at_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: PostgresServer = request.getfixturevalue("postgres")
    address = f"sqlite:///{tmp_path / 'new.sqlite'}" if kind == "sqlite" else server.empty()
    databases = [Database(address) for _ in range(4)]
    errors: list[Exception] = []

    def migrate(database: Database) -> None:
        try:
            upgrade(database)
        except Exception as error:  # noqa: BLE001 - shown by the test
            errors.append(error)

    threads = [threading.Thread(target=migrate, args=(one,)) for one in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert all(is_current(one) for one in databases)
    for one in databases:
        one.close()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("sqlite:////nowhere/at/all/x.sqlite", "S104"),
        ("sqlite://", "S103"),
        ("mysql://root@localhost/x", "S105"),
        ("nonsense", "S105"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_its_cure(address: str, code: str) -> None:
    with pytest.raises(SettingError) as caught:
        Database(address)

    assert caught.value.code == code
    assert "GAPBOT_DATABASE_URL" in str(caught.value)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("this is a shopping list, not a database " * 100)

    with pytest.raises(StorageError) as caught:
        upgrade(Database(f"sqlite:///{tmp_path / 'x.sqlite'}"))

    assert caught.value.code == "S204"


def test_a_locked_database_is_named_and_nothing_is_lost(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_database.run(_prepare)
    path = make_url(sqlite_database.address).database
    holder = sqlite3.connect(path or "", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0)

    with pytest.raises(StorageError) as caught:
        Database(sqlite_database.address).run(_add)

    holder.close()
    assert caught.value.code == "S201"
    assert sqlite_database.run(_count) == 0


async def test_a_full_disk_is_named_and_the_lane_goes_on(sqlite_database: Database) -> None:
    sqlite_database.run(_prepare)
    lane = WriteLane(sqlite_database)
    lane.start()

    def fill(session: Session) -> None:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
        session.execute(text("CREATE TABLE big AS SELECT randomblob(1000000) AS one"))

    with pytest.raises(StorageError) as caught:
        await lane.run(fill)
    await lane.run(_add)
    await lane.stop()

    assert caught.value.code == "S202"
    assert sqlite_database.run(_count) == 1
