"""Worlds that differ in nothing but who did what: how they are emptied, read and compared."""

import logging
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, inspect, text
from sqlmodel import Session, SQLModel

from bot.core import keyring
from bot.core.database import Database
from bot.core.logs import RedactingFormatter
from bot.surveys import run_writing, tickets, waves
from tests.support import updates
from tests.support.postgres import EMPTIED

SIX = (700_000_111, 700_000_222, 700_000_333, 700_000_444, 700_000_555, 700_000_666)
LEFT_OUT = frozenset({"sealing", "dirty_week", "organisation"})
"""What is drawn anew for each database, or empties itself."""


class _Lot:
    """A lot that falls as it is told; it leaves the order as it is where nothing is told."""

    def __init__(self, order: Sequence[int]) -> None:
        self._order = order

    def shuffle(self, numbers: list[Any]) -> None:
        """Put what has these places first."""
        if self._order:
            numbers[:] = [numbers[place] for place in self._order]


def let_chance_fall_alike(monkeypatch: pytest.MonkeyPatch, *, lot: Sequence[int] = ()) -> None:
    """Begin chance anew: keys, lots and numbers of updates are drawn of nothing that differs.

    ``lot`` says to whom, by place, the first questions and the first key are dealt, and so on.
    """
    drawn = iter(range(1, 100_000))

    def token(length: int) -> str:
        return f"{next(drawn) * 7919 % 65536:0{length * 2}x}"

    chance = SimpleNamespace(token_hex=token, randbelow=lambda most: 5)
    for module in (waves, run_writing, tickets):
        monkeypatch.setattr(module, "secrets", chance)
    monkeypatch.setattr(run_writing, "SystemRandom", lambda: _Lot(lot))
    monkeypatch.setattr(keyring, "secrets", SimpleNamespace(token_bytes=bytes))
    monkeypatch.setattr(updates, "_numbers", iter(range(1, 100_000)))


def emptied(database: Database) -> None:
    """Take all rows out; numbers start again."""

    def empty(session: Session) -> None:
        if not database.is_sqlite:
            session.execute(text(EMPTIED.replace(":", r"\:")))
            return
        for table in reversed(SQLModel.metadata.sorted_tables):
            session.execute(delete(table))
        if inspect(session.connection()).has_table("sqlite_sequence"):
            session.execute(text("DELETE FROM sqlite_sequence"))

    database.run(empty)


Rows = dict[str, list[dict[str, Any]]]


def stored_rows(session: Session) -> Rows:
    """Return every row of every table as it is stored, in the order in which they lie."""
    return {
        table.name: [
            dict(row)
            for row in session.execute(text(f'SELECT * FROM "{table.name}"')).mappings()  # noqa: S608
        ]
        for table in SQLModel.metadata.sorted_tables
        if table.name not in LEFT_OUT
    }


def log_of(records: list[logging.LogRecord]) -> str:
    """Write a log as the bot does, without times."""
    formatter = RedactingFormatter()
    return "\n".join(formatter.format(one).split(" ", 1)[1] for one in records)
