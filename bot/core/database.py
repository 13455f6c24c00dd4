"""The database: how it is opened, and how a function over a session is run in a transaction.

Services are plain functions over a session. ``Database.run`` calls one directly (commands, tests);
``WriteLane`` runs them for the bot in a thread of its own and commits together what waits.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    InternalError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel

from bot.core.errors import SettingError, StorageError
from bot.core.keyring import Keyring, give_keys

T = TypeVar("T")
Work = Callable[[Session], T]

BUSY_SECONDS = 30
BATCH = 256
# The program's own faults, or a promise that the tables kept; all else is the database's.
_OWN_FAULTS = (IntegrityError, ProgrammingError, DataError, InternalError, NotSupportedError)


class Database:
    """One database, SQLite or PostgreSQL; the driver is chosen here."""

    def __init__(self, address: str, keys: Keyring | None = None) -> None:
        """Prepare the engine; nothing is opened yet. Without keys no sealed text can be read.

        Raises
        ------
        SettingError
            When the address is of another kind, or the SQLite file's folder does not exist.
        """
        self.address = address
        self.keys = keys
        self.engine = _engine(address)
        give_keys(self.engine, keys)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session whose work is committed at the end, or undone whole."""
        with self._plain_errors(), self.engine.begin() as connection:
            session = _session(connection)
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that takes no write lock; what it changed is undone."""
        with self._plain_errors(), self.engine.connect() as connection:
            reader = connection.execution_options(gapbot_reads=True)
            with reader.begin() as transaction:
                yield _session(reader)
                transaction.rollback()

    def run(self, work: Work[T]) -> T:
        """Run a function over a session in a transaction of its own."""
        with self.transaction() as session:
            return work(session)

    async def read(self, work: Work[T]) -> T:
        """Run a function that only reads, in a worker thread."""

        def reading() -> T:
            with self.reading() as session:
                return work(session)

        return await asyncio.to_thread(reading)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except _OWN_FAULTS:
            raise
        except DatabaseError as error:
            raise explain(error, self.address) from error


def insert_into(session: Session, table: type[SQLModel]) -> Insert:
    """Return an INSERT of this database's kind: one that can say what happens on a conflict."""
    if session.get_bind().dialect.name == "sqlite":
        return cast("Insert", sqlite_insert(table))
    return postgresql_insert(table)


def explain(error: DBAPIError, address: str) -> StorageError:
    """Turn a driver's error into one line that names place, cause and cure."""
    place = f"GAPBOT_DATABASE_URL ({make_url(address).render_as_string(hide_password=True)})"
    said = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    lower = said.lower()
    if "locked" in lower or "busy" in lower:
        return StorageError(
            "S201",
            place,
            "the database is locked by another process.",
            "End what holds it (a copy, a shell, a backup) and try again; nothing was lost.",
        )
    if "full" in lower or "no space" in lower:
        return StorageError(
            "S202", place, "the disk is full.", "Make room and start again; nothing was lost."
        )
    if "readonly" in lower or "unable to open" in lower or "permission" in lower:
        return StorageError(
            "S203",
            place,
            f"the database cannot be opened for writing ({said}).",
            "Give this user the right to write the file and its folder.",
        )
    if "malformed" in lower or "not a database" in lower:
        return StorageError(
            "S204",
            place,
            f"this is not a sound database ({said}).",
            "Restore it from a backup, or name another file.",
        )
    return StorageError("S205", place, f"the database said: {said}.", "See its own log.")


def _session(
    connection: Connection, mode: Literal["create_savepoint", "rollback_only"] = "create_savepoint"
) -> Session:
    return Session(bind=connection, join_transaction_mode=mode, expire_on_commit=False)


def _engine(address: str) -> Engine:
    try:
        url = make_url(address)
    except ArgumentError:
        raise _unfit(address) from None
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return create_engine(
            url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True
        )
    if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise _unfit(address)
    if not url.database or url.database == ":memory:":
        raise SettingError(
            "S103",
            "GAPBOT_DATABASE_URL",
            "a database in memory would lose every answer.",
            "Name a file: sqlite:///FILE.",
        )
    folder = Path(url.database).parent
    if not folder.is_dir():
        raise SettingError(
            "S104",
            "GAPBOT_DATABASE_URL",
            f"cannot open the sqlite file in '{folder}': the folder does not exist.",
            "Create it.",
        )
    connect = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, connect_args=connect, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _unfit(address: str) -> SettingError:
    kind = address.split(":", 1)[0]
    return SettingError(
        "S105",
        "GAPBOT_DATABASE_URL",
        f"'{kind}' is not a database gapbot knows.",
        "Use sqlite:///FILE or postgresql://user@host/name.",
    )


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("gapbot_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


class WriteLane:
    """Runs functions over a session one after another; those that wait are committed together.

    The caller's future is resolved only after the commit. When a function raises, the transaction
    is undone, that caller gets the error, and the others are run again without it; so a function
    must have no effect outside its session. A savepoint for each would cost more than the rest.
    """

    def __init__(self, database: Database) -> None:
        """Prepare the lane; ``start`` begins its thread."""
        self._database = database
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work."""
        self._thread = threading.Thread(target=self._work, name="write-lane", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Finish what waits, then end the thread."""
        if self._thread is not None:
            self._waiting.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    async def run(self, work: Work[T]) -> T:
        """Run a function over a session; return its result once it is committed.

        Raises
        ------
        StorageError
            When the database does not do its part; nothing of this function was kept.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._waiting.put(job)
        result: T = await job.future
        return result

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, ended = [first], False
            while len(batch) < BATCH and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    ended = True
                    break
                batch.append(following)
            self._commit(batch)
            _tell(batch)
            if ended:
                return

    def _commit(self, batch: list["_Job"]) -> None:
        """Run a batch until each of its functions is committed or has an error of its own.

        What fails by the database's fault (a deadlock, a lost connection) is tried once more, one
        by one. The first that fails again fails for all behind it: the next would only wait for
        the same locked file.
        """
        try:
            self._run_together(batch)
        except Exception as error:  # noqa: BLE001 - every failure belongs to the callers
            trouble: Exception | None = error if not isinstance(error, DBAPIError) else None
            for job in batch:
                trouble = trouble or self._run_alone(job)
                if trouble is not None:
                    job.error = trouble

    def _run_together(self, batch: list["_Job"]) -> None:
        waiting = [job for job in batch if job.error is None]
        while waiting and not self._is_committed(waiting):
            waiting = [job for job in waiting if job.error is None]

    def _is_committed(self, batch: list["_Job"]) -> bool:
        """Run a batch in one transaction; stop and undo it when a function raises."""
        with self._database.engine.connect() as connection, connection.begin() as transaction:
            session = _session(connection, "rollback_only")
            for job in batch:
                job.attempt(session)
                if job.error is not None:
                    transaction.rollback()
                    return False
        return True

    def _run_alone(self, job: "_Job") -> Exception | None:
        """Run one function once more; return what is wrong with the database, if it still is."""
        try:
            self._run_together([job])
        except DBAPIError as failure:
            return explain(failure, self._database.address)
        except Exception as failure:  # noqa: BLE001 - it belongs to the caller
            return failure
        return None


class _Job:
    """One function that waits for its turn, and the future its caller waits for."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any]
    ) -> None:
        self.work = work
        self.loop = loop
        self.future = future
        self.result: Any = None
        self.error: Exception | None = None

    def attempt(self, session: Session) -> None:
        """Run the function; keep an error that is its own, raise one that is the database's."""
        try:
            self.result = self.work(session)
            session.flush()
            session.expunge_all()  # the next function finds no object of this one
        except _OWN_FAULTS as error:
            self.error = error
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 - handed to the caller below
            self.error = error

    def tell(self) -> None:
        """Resolve the caller's future; called in the caller's loop."""
        if self.future.cancelled():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def _tell(batch: list[_Job]) -> None:
    def tell_all(jobs: list[_Job]) -> None:
        for job in jobs:
            job.tell()

    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell_all, jobs)
