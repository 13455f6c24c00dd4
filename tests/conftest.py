"""What all tests share: a database of each kind, a fixed moment, the texts."""

import gc
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from bot.core.database import Database
from bot.core.keyring import give_keys
from bot.core.migrations import upgrade
from bot.core.render import Texts
from tests.support.keys import TEST_KEY, fixed_keys
from tests.support.postgres import PostgresServer, postgres_server

settings.register_profile("untimed", deadline=None)  # a loaded machine fails no test
settings.load_profile("untimed")

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what stays to the end: modules and the tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands that a test runs find the key of its database."""
    monkeypatch.setenv("GAPBOT_KEY", TEST_KEY)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole session, started when first asked for."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "gapbot.sqlite"
    database = Database(f"sqlite:///{path}", fixed_keys())
    upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def sqlite_engine(sqlite_template: Path) -> Engine:
    """An engine for many files in turn: what it has compiled for one is there for the next."""
    engine = Database(f"sqlite:///{sqlite_template}").engine
    event.listen(engine, "do_connect", _open_todays_file)
    event.listen(engine, "connect", _do_not_wait_for_the_disk)
    return engine


def _open_todays_file(
    dialect: Dialect, _: ConnectionPoolEntry, words: list[str], __: dict[str, object]
) -> None:
    words[:] = [_todays_file[dialect]]


def _do_not_wait_for_the_disk(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA synchronous=OFF")


_todays_file: dict[Dialect, str] = {}


@pytest.fixture
def sqlite_database(
    sqlite_template: Path, sqlite_engine: Engine, tmp_path: Path
) -> Iterator[Database]:
    """A SQLite database with all tables and no rows."""
    path = shutil.copy(sqlite_template, tmp_path / "gapbot.sqlite")
    database = Database(f"sqlite:///{path}", fixed_keys())
    sqlite_engine.url = database.engine.url
    _todays_file[sqlite_engine.dialect] = str(path)
    _let_use(database, sqlite_engine)
    yield database
    database.close()


def _let_use(database: Database, engine: Engine) -> None:
    """Let a database use an engine that others have used."""
    database.engine = engine
    give_keys(engine, database.keys)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with all tables and no rows; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    address, engine = server.lent()
    database = Database(address, fixed_keys())
    if engine is not None:
        _let_use(database, engine)
    yield database
    server.give_back(address, database.engine)


@pytest.fixture
def now() -> datetime:
    """A fixed moment in the middle of a working week."""
    return NOW


@pytest.fixture(scope="session")
def texts() -> Texts:
    """The shipped texts."""
    return Texts()
