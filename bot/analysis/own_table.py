"""The tables that ``gapbot analyse`` reads: CSV in any encoding, or a workbook's first sheet."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.core.csv_file import (
    Codes,
    CsvFile,
    Fault,
    Problem,
    Record,
    UnreadableFile,
    UnusableTable,
    no_row,
)
from bot.core.spreadsheet import open_table

__all__ = [
    "Codes",
    "CsvFile",
    "Fault",
    "Problem",
    "Record",
    "UnreadableFile",
    "UnusableTable",
    "no_row",
    "open_own",
]

MOST_BYTES = 2_000_000_000
"""An analyst's own file, on their own computer: some thirty million rows."""


def open_own(
    path: Path, wanted: Sequence[str], codes: Codes, *, hint: str = ""
) -> tuple[CsvFile, tuple[str, ...]]:
    """Open a table; beside it what a reader should know about how it was read.

    ``hint`` is added to the cure where a column is missing.

    Raises
    ------
    UnusableTable
        If the file cannot be read or lacks a wanted column. While its rows are being taken, if
        it turns out not to be a table.
    """
    try:
        opened = open_table(path, wanted, codes, most_bytes=MOST_BYTES)
    except UnusableTable as unusable:
        problem = unusable.problem
        if problem.code != codes.no_column or not hint:
            raise
        raise UnusableTable(replace(problem, cure=f"{problem.cure} {hint}")) from unusable
    notes: tuple[str, ...] = ()
    if opened.guessed:
        notes = (f"read as {opened.guessed}, by its letters; save it as UTF-8 to be sure",)
    return opened.table, notes
