"""Tables that people made, as CSV, spreadsheet or YAML: rows of texts, each with its line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Generic, TypeVar

from bot.core.csv_file import Codes, Problem, UnusableTable, no_row
from bot.core.schedule import EARLIEST, local_day, local_to_utc
from bot.core.spreadsheet import open_table
from bot.people.registry import WHOLE, name_key
from bot.people.tables import Unit
from bot.registers.items import KnownItem
from bot.surveys.check_file import read

YAML_ENDINGS = (".yaml", ".yml")

T = TypeVar("T")
_NOON = time(12)


class BadRow(Exception):  # noqa: N818 - a finding about a row
    """A row that cannot be used: code, cause and cure."""

    def __init__(self, code: str, cause: str, cure: str) -> None:
        """Keep the three parts apart."""
        super().__init__(cause)
        self.code = code
        self.cause = cause
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line, and the text of each column; a column that is not there is empty."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of table, and the codes of what is wrong with it as a whole.

    ``root`` is the key of a YAML file under which the list of rows stands.
    """

    root: str
    needed: tuple[str, ...]
    more: tuple[str, ...]
    codes: Codes
    short: str


@dataclass
class Good(Generic[T]):
    """What was read from a table: the good rows with their lines, and what is wrong elsewhere.

    ``notes`` say what somebody should know of the file as a whole.
    """

    rows: list[tuple[int, T]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_table(
    path: Path, layout: Layout, convert: Callable[[Row], T], *, encoding: str = ""
) -> Good[T]:
    """Read a table and convert each row; what ``convert`` refuses by ``BadRow`` is noted.

    ``encoding`` is that of a CSV file, where somebody knows it better than its letters tell.

    Raises
    ------
    UnusableTable
        When the file as a whole cannot be used, or holds no good row.
    """
    good: Good[T] = Good()
    is_yaml = path.suffix.lower() in YAML_ENDINGS
    rows = _yaml_rows(path, layout) if is_yaml else _table_rows(path, layout, good.notes, encoding)
    for line, row in rows:
        try:
            good.rows.append((line, convert(_whole(row, layout))))
        except BadRow as bad:
            good.problems.append(Problem(bad.code, line, bad.cause, bad.cure))
    if not good.rows:
        cure = f"Give one row each: {','.join(layout.needed)}."
        raise no_row(layout.codes.no_row, good.problems, cure)
    return good


def _whole(row: Row | None, layout: Layout) -> Row:
    if row is None:
        cure = "Fill in the missing ones."
        raise BadRow(layout.short, "fewer fields than there are columns", cure)
    return row


def note_twice(good: Good[T], key: Callable[[T], object], code: str, what: str) -> None:
    """Leave out rows that speak of the same thing as an earlier one, and say so."""
    first: dict[object, int] = {}
    kept = []
    for line, one in good.rows:
        earlier = first.setdefault(key(one), line)
        if earlier == line:
            kept.append((line, one))
        else:
            cause = f"{what} stands on line {earlier} already"
            good.problems.append(Problem(code, line, cause, "Keep one of the two."))
    good.rows[:] = kept
    good.problems.sort(key=lambda problem: problem.line or 0)


def item_named(text: str, items: Mapping[str, KnownItem], code: str) -> str:
    """Return the id of an item; another spelling of it is a bad row."""
    if text in items:
        return text
    near = get_close_matches(text.casefold(), items, n=1, cutoff=0.5)
    cure = f"Did you mean {near[0]}?" if near else "Take an id of a questionnaire, as 'item' there."
    raise BadRow(code, f"there is no item '{text}'", cure)


def unit_id_of(text: str, units: Sequence[Unit], code: str, *, whole: bool = True) -> int | None:
    """Return the id of a unit by its name; None for all units, where these may be meant."""
    if whole and text in {"", WHOLE}:
        return None
    by_key = {unit.name_key: unit for unit in units}
    found = by_key.get(name_key(text))
    if found is None:
        near = get_close_matches(name_key(text), by_key, n=1, cutoff=0.5)
        cure = (
            f"Did you mean {by_key[near[0]].name}?" if near else "Name a unit as gapbot knows it."
        )
        raise BadRow(code, f"there is no unit '{text}'", cure)
    return found.id


def level_in(text: str, code: str, highest: int) -> int:
    """Return a level of the main scale."""
    if text not in {str(level) for level in range(1, highest + 1)}:
        cause = f"level '{text}', wanted a whole number from 1 to {highest}"
        raise BadRow(code, cause, "Correct it.")
    return int(text)


def wording_in(text: str, most: int, code: str) -> str:
    """Return what a rule or promise says, on one line."""
    wording = " ".join(text.split())
    if not 1 <= len(wording) <= most:
        found = f"it has {len(wording)} characters" if wording else "it is empty"
        raise BadRow(code, f"wording: {found}, wanted 1 to {most}", "Write it in a sentence.")
    return wording


def day_in(text: str, code: str) -> date | None:
    """Return a day, None where none is given."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRow(code, f"'{text}' is no day", "Write it as 2026-03-31.") from None


def moment_in(text: str, zone: str, *, now: datetime, code: str) -> datetime:
    """Return a moment; without a zone it is the unit's local time, a day alone means its noon."""
    try:
        shown = datetime.fromisoformat(text)
    except ValueError:
        cure = "Write it as 2026-03-02, or 2026-03-02T10:15."
        raise BadRow(code, f"time '{text}'", cure) from None
    if shown.year < EARLIEST.year:
        raise BadRow(code, f"time '{text}' is before the year {EARLIEST.year}", "Correct it.")
    if shown.year > now.year + 1:
        raise BadRow(code, f"time '{text}' is still to come", "Correct it.")
    if shown.tzinfo is not None:
        at = shown.astimezone(UTC)
    else:
        hour = _NOON if len(text) <= len("2026-03-02") else shown.time()
        at = local_to_utc(shown.date(), hour, zone)
    if local_day(at, zone) > local_day(now, zone):
        raise BadRow(code, f"time '{text}' is still to come", "Correct it.")
    return at


def _table_rows(
    path: Path, layout: Layout, notes: list[str], encoding: str
) -> list[tuple[int, Row | None]]:
    opened = open_table(path, layout.needed, layout.codes, known=layout.more, encoding=encoding)
    table = opened.table
    if opened.guessed:
        notes.append(f"read as {opened.guessed}, by its letters; if it is not, name --encoding")
    elif encoding:
        notes.append(f"read as {encoding}")
    if opened.unread:
        notes.append(f"not read: {', '.join(opened.unread)}")
    columns = [name for name in (*layout.needed, *layout.more) if name in table.header]
    return [
        (line, None if fields is None else Row(line, dict(zip(columns, fields, strict=True))))
        for line, fields in table.records(columns)
    ]


def _yaml_rows(path: Path, layout: Layout) -> list[tuple[int, Row | None]]:
    source = read(path)
    if source.findings:
        finding = source.findings[0]
        line = source.line_of(finding.path)
        cause = f"{finding.cause.rstrip('.')}"
        code = layout.codes.unreadable if finding.code == "Q101" else layout.codes.not_a_table
        raise UnusableTable(Problem(code, line, cause, finding.cure))
    listed = source.tree.get(layout.root)
    if not isinstance(listed, tuple) or not all(isinstance(one, dict) for one in listed):
        cause = f"no list of rows under '{layout.root}:'"
        cure = f"Begin with '{layout.root}:' and a row as '- item: ...' under it."
        raise UnusableTable(Problem(layout.codes.no_column, 1, cause, cure))
    rows: list[tuple[int, Row | None]] = []
    for number, one in enumerate(listed):
        line = source.line_of((layout.root, number)) or 1
        cells = {str(name): _as_text(value) for name, value in one.items()}
        is_short = any(not cells.get(name) for name in layout.needed)
        rows.append((line, None if is_short else Row(line, cells)))
    return rows


def _as_text(value: object) -> str:
    """Write a value of YAML as a cell of CSV would hold it; points as ``60:7 180:6``."""
    if isinstance(value, tuple):
        return " ".join(
            ":".join(_as_text(part) for part in point) if isinstance(point, tuple) else str(point)
            for point in value
        )
    return "" if value is None else str(value)
