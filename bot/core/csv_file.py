"""Reading CSV files that people made: any column order, problems named by line with their cure."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and what to do about it; ``line`` is None for the whole file."""

    code: str
    line: int | None
    cause: str
    cure: str

    def sentence(self, file: str) -> str:
        """Place, cause, cure, code, on one line."""
        place = file if self.line is None else f"{file}: line {self.line}"
        return f"{place}: {self.cause}. {self.cure} [{self.code}]"


Fault = tuple[str, str, str]
"""Code, cause and cure of a row that cannot be used."""


class UnusableTable(Exception):  # noqa: N818  # it is a finding about a file, not a fault
    """The file gives nothing at all; holds the reason, and the bad rows if there were any."""

    def __init__(self, problem: Problem, rows: tuple[Problem, ...] = ()) -> None:
        super().__init__(problem.cause)
        self.problem = problem
        self.rows = rows


class UnreadableFile(UnusableTable):
    """There is no such file, or it may not be read."""


@dataclass(frozen=True)
class Codes:
    """The codes of one kind of file for what is wrong with it as a whole."""

    unreadable: str
    not_utf8: str
    no_column: str
    not_a_table: str
    no_row: str


Record = tuple[int, list[str] | None]
"""Line and fields; None for a row that is too short."""


@dataclass(frozen=True)
class CsvFile:
    """A table with a header: its column names in lower case, and its records one after another."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]

    def records(self, wanted: Sequence[str]) -> Iterator[Record]:
        """Give (line, the wanted fields in their order); blank rows are passed over."""
        spots = [self.header.index(name) for name in wanted]
        least = max(spots)
        for line, fields in self.rows:
            if any(fields):
                yield line, [fields[k].strip() for k in spots] if len(fields) > least else None


def csv_of(text: str, wanted: Sequence[str], codes: Codes) -> CsvFile:
    """Read a text as a table with a header; comma, semicolon, tab or bar between fields."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    rows = _numbered(text, delimiter, codes)
    return CsvFile(header_of(rows, wanted, codes), rows)


def header_of(
    rows: Iterator[tuple[int, list[str]]], wanted: Sequence[str], codes: Codes
) -> tuple[str, ...]:
    """Take the header off the rows; every wanted column must be in it."""
    header = tuple(name.strip().lower() for name in next(rows, (1, []))[1])
    missing = [name for name in wanted if name not in header]
    if missing:
        cause = f"no column {', '.join(repr(name) for name in missing)} in the first line"
        cure = f"Name the columns {','.join(wanted)}."
        raise UnusableTable(Problem(codes.no_column, 1, cause, cure))
    return header


def no_row(code: str, problems: Sequence[Problem], cure: str) -> UnusableTable:
    """The refusal of a table without a good row."""
    found = "every row has a problem" if problems else "there is no row under the header"
    return UnusableTable(Problem(code, None, found, cure), tuple(problems))


def _numbered(text: str, delimiter: str, codes: Codes) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it begins on; a field may hold line breaks."""
    reader, start = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 0
    try:
        for fields in reader:
            line, start = start + 1, reader.line_num
            yield line, fields
    except csv.Error as error:
        cause = f"not a readable table ({error})"
        raise UnusableTable(
            Problem(codes.not_a_table, None, cause, "Save it as plain CSV.")
        ) from error
