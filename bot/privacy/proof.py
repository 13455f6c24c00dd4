"""The proof: the columns that hold an anonymous answer, with a made-up row. Pure.

The columns are read from the tables themselves, so the card cannot say less than there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Table
from sqlmodel import SQLModel

TABLES = ("run", "answer", "comment")
"""What a filled-in anonymous questionnaire leaves."""

_EXAMPLES: Mapping[str, str] = {
    "run_key": "9f2c41d07be8…",
    "key": "9f2c41d07be8…",
    "invitee_id": "",
    "ticket": "",
    "card": "",
    "wave_id": "12",
    "version_id": "3",
    "unit_id": "4",
    "week": "2026-03-02",
    "anonymous": "true",
    "promise": "anonymous-1",
    "state": "finished",
    "form": "[[prompt, E], [prompt, P]]",
    "position": "2",
    "item": "prompt",
    "vantage": "P",
    "score": "5",
    "no_rule": "false",
    "language": "",
    "answered_on": "2026-03-02",
    "voice": "",
    "seconds": "0",
    "tries": "0",
    "text": "g1:51b2c0de:hQx…",
}
_BY_TABLE: Mapping[tuple[str, str], str] = {("comment", "language"): "en"}


@dataclass(frozen=True, slots=True)
class Row:
    """One made-up row: its table, and each column with what it may hold; empty for nothing."""

    table: str
    columns: Sequence[tuple[str, str]]


def rows() -> list[Row]:
    """Return a made-up row of each table that holds something of an anonymous answer.

    Raises
    ------
    KeyError
        When a table has a column of which nothing is said here: then the card would be silent.
    """
    return [_row(SQLModel.metadata.tables[name]) for name in TABLES]


def _row(table: Table) -> Row:
    return Row(
        str(table.name),
        [
            (one.name, _BY_TABLE.get((str(table.name), one.name)) or _EXAMPLES[one.name])
            for one in table.columns
        ],
    )
