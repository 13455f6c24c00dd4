"""What all tests share: a database of each kind, a fixed moment, the texts."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.database import Database
from bot.core.migrations import upgrade
from bot.core.render import Texts
from tests.support.keys import TEST_KEY, fixed_keys
from tests.support.postgres import PostgresServer, postgres_server

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday


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


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with all tables and no rows."""
    shutil.copy(sqlite_template, tmp_path / "gapbot.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'gapbot.sqlite'}", fixed_keys())
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with all tables and no rows; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    address = server.fresh()
    database = Database(address, fixed_keys())
    yield database
    database.close()
    server.give_back(address)


@pytest.fixture
def now() -> datetime:
    """A fixed moment in the middle of a working week."""
    return NOW


@pytest.fixture(scope="session")
def texts() -> Texts:
    """The shipped texts."""
    return Texts()
