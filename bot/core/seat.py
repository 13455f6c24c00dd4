"""The one seat from which updates are fetched: of many processes on a database, one sits on it.

Telegram ends a poller when a second one starts, and a person's updates must be handled in order;
so only one process fetches, and the others stand by. The seat is held by the operating system
(SQLite: a locked file beside the database) or by the server (PostgreSQL: an advisory lock of a
session), and falls free the moment its process dies, however it dies.
"""

import asyncio
import fcntl
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bot.core.database import Database
from bot.core.logs import Events

_log = Events("gapbot.seat")

_KEY = 7_204_113_586  # names this lock among PostgreSQL's advisory locks
_TRY = text("SELECT pg_try_advisory_lock(:key)")
WAIT_SECONDS = 1.0
LOOK_SECONDS = 5.0


class Lock(Protocol):
    """A lock that dies with its process."""

    def take(self) -> bool:
        """Take it, or return False when another process has it."""

    def is_held(self) -> bool:
        """Tell whether it is still ours."""

    def release(self) -> None:
        """Give it back."""


class Seat:
    """Waits for the seat, watches that it is kept, and gives it back."""

    def __init__(self, database: Database) -> None:
        """Prepare; nothing is taken yet."""
        self._lock: Lock = _FileLock(database) if database.is_sqlite else _ServerLock(database)

    async def taken(self) -> None:
        """Wait until this process sits."""
        waited = False
        while not await asyncio.to_thread(self._lock.take):
            if not waited:
                _log.info("seat.standing_by")
                waited = True
            await asyncio.sleep(WAIT_SECONDS)
        _log.info("seat.taken")

    async def lost(self) -> None:
        """Wait until the seat is no longer ours, which happens when the server goes away."""
        while await asyncio.to_thread(self._lock.is_held):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(LOOK_SECONDS)
        _log.warning("seat.lost")

    def release(self) -> None:
        """Give the seat back at once, for whoever stands by."""
        self._lock.release()


class _FileLock:
    """An exclusive lock on a file beside the SQLite database."""

    def __init__(self, database: Database) -> None:
        self._path = Path(f"{make_url(database.address).database}.seat")
        self._file: int | None = None

    def take(self) -> bool:
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def is_held(self) -> bool:
        return self._file is not None

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class _ServerLock:
    """An advisory lock of PostgreSQL, held by a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def take(self) -> bool:
        if self.is_held():
            return True
        try:
            connection = self._database.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
            if connection.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}
            ).scalar():
                self._connection = connection
                return True
            connection.close()
        except SQLAlchemyError as error:
            _log.warning("seat.trouble", why=type(error).__name__)
        return False

    def is_held(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
            return False
        return True

    def release(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # the lock belongs to the session, which ends with this
            self._connection.close()
            self._connection = None
