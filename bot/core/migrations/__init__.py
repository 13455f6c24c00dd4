"""The database's shape over time; ``upgrade`` brings a database to today's, under a lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from bot.core.database import Database, explain
from bot.core.errors import StorageError
from bot.core.sealing import is_settled, settle

_LOCK = 7_204_113_585  # names this lock among PostgreSQL's advisory locks


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def is_current(database: Database) -> bool:
    """Tell whether the database has today's shape; an empty one has not."""
    with database.reading() as session:
        heads = MigrationContext.configure(session.connection()).get_current_heads()
    return set(heads) == set(ScriptDirectory.from_config(_config()).get_heads())


def upgrade(database: Database) -> None:
    """Bring the database to today's shape. Several processes may call this at once.

    One transaction does it all. SQLite is migrated with its foreign keys off, since rebuilding a
    table would delete the rows that point to it; afterwards they are checked.
    """
    if is_current(database):
        _settle(database)
        return
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                _without_foreign_keys(connection)
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                if database.is_sqlite:
                    _check_references(connection)
            connection.invalidate()  # this connection has its foreign keys off
    except DatabaseError as error:
        raise explain(error, database.address) from error
    _settle(database)


def _settle(database: Database) -> None:
    """See that the keys at hand are the database's; without any, sealed texts stay unread."""
    keys = database.keys
    if keys is None:
        return
    with database.reading() as session:
        if is_settled(session, keys):
            return
    database.run(lambda session: settle(session, keys))


def _without_foreign_keys(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StorageError(
            "S206",
            f"table {broken[0][0]}",
            f"{len(broken)} rows point to rows that are missing.",
            "Restore a backup; the database was left as it was.",
        )
