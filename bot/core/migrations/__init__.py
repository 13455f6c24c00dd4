"""The database's shape over time; ``upgrade`` brings a database to today's, under a lock.

Alembic is loaded when there is something to bring; mostly there is not, and each start is quicker.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from bot.core.database import Database, explain
from bot.core.errors import StorageError
from bot.core.sealing import is_settled, settle

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_204_113_585  # names this lock among PostgreSQL's advisory locks
_HERE = Path(__file__).parent


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def is_current(database: Database) -> bool:
    """Tell whether the database has today's shape; an empty one has not."""
    with database.reading() as session:
        connection = session.connection()
        if not inspect(connection).has_table("alembic_version"):
            return False
        held = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(held) == [_newest()]


def _newest() -> str:
    """Return the number of the newest migration, with which its file's name begins."""
    return max(one.name[:4] for one in (_HERE / "versions").glob("[0-9]*_*.py"))


def upgrade(database: Database) -> None:
    """Bring the database to today's shape. Several processes may call this at once.

    One transaction does it all. SQLite is migrated with its foreign keys off, since rebuilding a
    table would delete the rows that point to it; afterwards they are checked.
    """
    if is_current(database):
        _settle(database)
        return
    from alembic import command

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
