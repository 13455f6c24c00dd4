"""Reading a long table of answers: one row per answer, any column order, bad rows named by line."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gapengine.folding import NO_RULE, AnswerColumns, fold_blocks
from gapengine.moments import Moments
from gapengine.report import WHOLE
from gapengine.vantage import GROUPS, Group, Vantage, group_of

COLUMNS = ("respondent", "role", "unit", "week", "vantage", "dimension", "item", "score")
_ROLES = {
    "customer": Group.CUSTOMER,
    "customers": Group.CUSTOMER,
    "manager": Group.MANAGER,
    "managers": Group.MANAGER,
    "staff": Group.STAFF,
    "staffs": Group.STAFF,
}
_VANTAGES = frozenset(vantage.value for vantage in Vantage)
_NO_RULE_WORDS = frozenset({"no rule", "no_rule", "no-rule", "norule", "none"})


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


class UnusableTable(Exception):  # noqa: N818  # it is a finding about a file, not a fault
    """The file gives no answers at all; holds the reason, and the bad rows if there were any."""

    def __init__(self, problem: Problem, rows: tuple[Problem, ...] = ()) -> None:
        super().__init__(problem.cause)
        self.problem = problem
        self.rows = rows


@dataclass(frozen=True)
class LongTable:
    """The good rows as moments by unit and group, the items' dimensions, and the bad rows."""

    units: Mapping[str, Mapping[Group, Moments]]
    dimension_by_item: Mapping[str, str]
    answers: int
    problems: tuple[Problem, ...]


def read_long_table(path: Path) -> LongTable:
    """Read a CSV file: UTF-8 with or without BOM; comma, semicolon or tab.

    A respondent is one cluster within a unit, over all weeks of the file.

    Raises
    ------
    UnusableTable
        If the file cannot be read, lacks a column, or has no good row.
    """
    rows = _Rows()
    try:
        rows.take_all(_records(_text_of(path)))
    except csv.Error as error:
        raise UnusableTable(
            Problem("A104", None, f"not a readable table ({error})", "Save it as plain CSV.")
        ) from error
    if not rows.score:
        found = "every row has a problem" if rows.problems else "there is no row under the header"
        raise UnusableTable(
            Problem("A105", None, found, f"Give one row per answer: {','.join(COLUMNS)}."),
            tuple(rows.problems),
        )
    return LongTable(rows.moments(), rows.dimension_of, len(rows.score), tuple(rows.problems))


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        cause = f"cannot be read: {(error.strerror or 'unknown error').lower()}"
        cure = "Name an existing CSV file that you may read."
        raise UnusableTable(Problem("A101", None, cause, cure)) from error
    except UnicodeDecodeError as error:
        cause = f"byte {error.start} is not UTF-8"
        cure = "Save it as CSV in UTF-8."
        raise UnusableTable(Problem("A102", None, cause, cure)) from error


Record = tuple[int, list[str] | None]


def _records(text: str) -> Iterator[Record]:
    """Give (line, the wanted fields in the order of COLUMNS), None for a row that is too short."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        cause = f"no column {', '.join(repr(name) for name in missing)} in the first line"
        raise UnusableTable(Problem("A103", 1, cause, f"Name the columns {','.join(COLUMNS)}."))
    spots = [header.index(name) for name in COLUMNS]
    least, start = max(spots), reader.line_num
    for fields in reader:
        line, start = start + 1, reader.line_num
        if any(fields):
            yield line, [fields[k].strip() for k in spots] if len(fields) > least else None


@dataclass(frozen=True)
class _Meaning:
    """What the fields of a row say, apart from who and where."""

    group: Group
    vantage: int
    item: int
    score: int


@dataclass
class _Rows:
    """The good rows gathered as columns of numbers, the bad ones as problems."""

    group: list[Group] = field(default_factory=list)
    unit: list[int] = field(default_factory=list)
    respondent: list[int] = field(default_factory=list)
    vantage: list[int] = field(default_factory=list)
    item: list[int] = field(default_factory=list)
    score: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    dimension_of: dict[str, str] = field(default_factory=dict)
    unit_numbers: dict[str, int] = field(default_factory=dict)
    item_numbers: dict[str, int] = field(default_factory=dict)
    _people: dict[str, int] = field(default_factory=dict)
    _known: dict[tuple[str, ...], _Meaning] = field(default_factory=dict)

    def take_all(self, records: Iterator[Record]) -> None:
        for line, fields in records:
            fault = _TOO_SHORT if fields is None else self._take(fields)
            if fault is not None:
                self.problems.append(Problem(fault[0], line, fault[1], fault[2]))

    def _take(self, fields: list[str]) -> "_Fault | None":
        respondent, role, unit, _, vantage, dimension, item, score = fields
        if not (respondent and unit) or unit == WHOLE:
            return _fault_of_place(respondent, unit)
        key = (role, vantage, dimension, item, score)
        meaning = self._known.get(key)
        if meaning is None:
            fault = self._learn(key)
            if fault is not None:
                return fault
            meaning = self._known[key]
        self.group.append(meaning.group)
        self.unit.append(self.unit_numbers.setdefault(unit, len(self.unit_numbers)))
        self.respondent.append(self._people.setdefault(respondent, len(self._people)))
        self.vantage.append(meaning.vantage)
        self.item.append(meaning.item)
        self.score.append(meaning.score)
        return None

    def _learn(self, key: tuple[str, str, str, str, str]) -> "_Fault | None":
        """Understand a combination of fields that was not seen before."""
        role, vantage, dimension, item, score = key
        fault = _fault_of_meaning(role, vantage, dimension, item=item)
        if fault is not None:
            return fault
        point = Vantage(vantage.upper())
        value = _score_of(score, point)
        if value is None:
            return _fault_of_score(score, point)
        if self.dimension_of.setdefault(item, dimension) != dimension:
            cause = f"item {item!r} is in dimension {dimension!r}, earlier in "
            cause += repr(self.dimension_of[item])
            return "A208", cause, "Give each item one dimension."
        group = group_of(point)
        number = self.item_numbers.setdefault(item, len(self.item_numbers))
        self._known[key] = _Meaning(group, GROUPS[group].index(point), number, value)
        return None

    def moments(self) -> dict[str, dict[Group, Moments]]:
        """Fold the columns, unit by unit."""
        units: dict[str, dict[Group, Moments]] = {name: {} for name in sorted(self.unit_numbers)}
        names = list(self.unit_numbers)
        for group in Group:
            rows = [k for k, own in enumerate(self.group) if own is group]
            answers = AnswerColumns.of(
                [self.respondent[k] for k in rows],
                [self.item[k] for k in rows],
                vantage=[self.vantage[k] for k in rows],
                score=[self.score[k] for k in rows],
            )
            blocks = fold_blocks(
                group, self.dimension_of, answers, block=[self.unit[k] for k in rows]
            )
            for number, moments in blocks.items():
                units[names[number]][group] = moments
        return units


_Fault = tuple[str, str, str]
_TOO_SHORT: _Fault = ("A201", "too few fields", "Give every column a field.")


def _fault_of_place(respondent: str, unit: str) -> _Fault:
    if unit == WHOLE:
        return "A209", f"unit {WHOLE!r} is the name of the whole organisation", "Rename the unit."
    empty = "respondent" if not respondent else "unit"
    return "A202", f"{empty} is empty", "Fill it in, or drop the row."


def _fault_of_meaning(role: str, vantage: str, dimension: str, *, item: str) -> _Fault | None:
    for name, value in (("role", role), ("vantage", vantage), ("dimension", dimension)):
        if not value:
            return "A202", f"{name} is empty", "Fill it in, or drop the row."
    if not item:
        return "A202", "item is empty", "Fill it in, or drop the row."
    group = _ROLES.get(role.lower())
    if group is None:
        return "A203", f"role {role!r} is unknown", "Use customer, staff or manager."
    if vantage.upper() not in _VANTAGES:
        return "A204", f"vantage {vantage!r} is unknown", f"Use one of {', '.join(Vantage)}."
    point = Vantage(vantage.upper())
    if group_of(point) is not group:
        cause = f"role {role!r} does not fit vantage {point.value}"
        return "A205", cause, f"{point.value} is asked of role {group_of(point).value!r}."
    return None


def _score_of(text: str, vantage: Vantage) -> int | None:
    if vantage is Vantage.SPECIFIED and text.lower() in _NO_RULE_WORDS:
        return NO_RULE
    whole = text.removesuffix(".0")
    return int(whole) if whole in {"1", "2", "3", "4", "5", "6", "7"} else None


def _fault_of_score(text: str, vantage: Vantage) -> _Fault:
    if text.lower() in _NO_RULE_WORDS:
        cause = f"score {text!r} for vantage {vantage.value}"
        return "A207", cause, "Only S can be answered 'no rule'; give 1 to 7, or drop the row."
    found = f"score {text!r}" if text else "score is empty"
    wanted = f"{found}, wanted a whole number from 1 to 7"
    return "A206", wanted, "Correct it, or drop the row."
