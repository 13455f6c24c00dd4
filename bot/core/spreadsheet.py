"""Tables as people have them: CSV in any encoding, and the first sheet of a spreadsheet.

A file in UTF-8 is read as such. Else its encoding is guessed by its letters, and said, so that
somebody can look whether the names came out well, and name the right one where they did not.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from charset_normalizer import CharsetMatch, from_bytes
from python_calamine import CalamineError, CalamineWorkbook

from bot.core.csv_file import (
    Codes,
    CsvFile,
    Problem,
    UnreadableFile,
    UnusableTable,
    csv_of,
    header_of,
)

SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
MOST_BYTES = 50_000_000
_LIKELY = [
    "cp1252", "cp1250", "cp1251", "cp1254", "cp1256", "cp1253", "cp1255", "gb18030", "big5",
    "shift_jis", "euc_jp", "euc_kr", "iso8859_15", "mac_roman",
]  # fmt: skip
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True)
class Opened:
    """A table, the columns of it that nobody asked for, and the encoding that was guessed."""

    table: CsvFile
    unread: tuple[str, ...]
    guessed: str = ""


def open_table(
    path: Path,
    wanted: Sequence[str],
    codes: Codes,
    *,
    known: Sequence[str] = (),
    encoding: str = "",
    most_bytes: int = MOST_BYTES,
) -> Opened:
    """Open a CSV file or a spreadsheet; ``known`` are columns that are read where they are there.

    With an ``encoding`` a CSV file is read by that one, and nothing is guessed.

    Raises
    ------
    UnusableTable
        If the file cannot be read or lacks a wanted column.
    """
    raw = _bytes_of(path, codes, most_bytes)
    guessed = ""
    if path.suffix.lower() in SHEETS:
        rows: Iterator[tuple[int, list[str]]] = _sheet_rows(path, codes)
        table = CsvFile(header_of(rows, wanted, codes), rows)
    else:
        text, guessed = (_decoded(raw, encoding, codes), "") if encoding else _text_of(raw, codes)
        table = csv_of(text, wanted, codes)
    asked = {*wanted, *known}
    return Opened(
        table, tuple(name for name in table.header if name and name not in asked), guessed
    )


def _bytes_of(path: Path, codes: Codes, most: int) -> bytes:
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= most else b""
    except OSError as error:
        cause = f"cannot be read: {(error.strerror or 'unknown error').lower()}"
        cure = "Name an existing file that you may read."
        raise UnreadableFile(Problem(codes.unreadable, None, cause, cure)) from error
    if size > most:
        cause = f"it has {size // 1_000_000} MB, and {most // 1_000_000} are read at most"
        raise UnusableTable(Problem(codes.not_a_table, None, cause, "Split it up."))
    return raw


def _text_of(raw: bytes, codes: Codes) -> tuple[str, str]:
    """Return the text, and the encoding where it had to be guessed."""
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            return _decoded(raw, encoding, codes), ""
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        best = None if b"\0" in raw else _likeliest(raw)
        if best is None:
            cause = f"byte {error.start} is not UTF-8, and no other encoding fits"
            raise UnusableTable(
                Problem(codes.not_utf8, None, cause, "Save it as CSV in UTF-8, or as XLSX.")
            ) from error
        return str(best), best.encoding


def _likeliest(raw: bytes) -> CharsetMatch | None:
    """Return the reading with the fewest odd letters; of equals the likelier language, encoding."""
    matches = from_bytes(raw, cp_isolation=_LIKELY)
    order = {encoding: number for number, encoding in enumerate(_LIKELY)}
    return min(
        matches,
        key=lambda one: (one.chaos, -one.coherence, order.get(one.encoding, len(order))),
        default=None,
    )


def _decoded(raw: bytes, encoding: str, codes: Codes) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        cause = f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}"
        raise UnusableTable(
            Problem(codes.not_utf8, None, cause, "Save it as CSV in UTF-8, or as XLSX.")
        ) from error


def _sheet_rows(path: Path, codes: Codes) -> Iterator[tuple[int, list[str]]]:
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError, ValueError) as error:
        cause = "it is not a spreadsheet that can be read"
        cure = "Save it as XLSX or as CSV, without a password."
        raise UnusableTable(Problem(codes.not_a_table, None, cause, cure)) from error
    return ((number, [_as_text(cell) for cell in row]) for number, row in enumerate(rows, start=1))


_WRITTEN: tuple[tuple[type, Callable[..., str]], ...] = (
    (str, lambda cell: cell),
    (bool, lambda cell: "yes" if cell else "no"),
    (float, lambda cell: str(int(cell)) if cell.is_integer() else repr(cell)),
    (datetime, lambda cell: cell.isoformat(timespec="minutes")),
    (date, lambda cell: cell.isoformat()),
    (time, lambda cell: cell.isoformat(timespec="minutes")),
    (timedelta, str),
)


def _as_text(cell: object) -> str:
    """Write a cell as a person would write it into a CSV file."""
    written = next((write for kind, write in _WRITTEN if isinstance(cell, kind)), str)
    return written(cell)
