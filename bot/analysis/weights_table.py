"""Reading a table of importance: one row per respondent, points for each dimension."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from bot.analysis.answer_rows import ROLES
from bot.analysis.own_table import Codes, Fault, Problem, UnusableTable, no_row, open_own
from gapengine.importance import Stated, stated_by_points
from gapengine.vantage import Group

PEOPLE = ("respondent", "role")
_CODES = Codes("A301", "A302", "A303", "A304", "A305")
_TOO_SHORT: Fault = ("A311", "too few fields", "Give every column a field.")


@dataclass(frozen=True)
class WeightsTable:
    """The good rows of points by role, each in the order of ``dimensions``, and the bad rows."""

    dimensions: tuple[str, ...]
    rows: Mapping[Group, Sequence[Sequence[float]]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    def stated(self, group: Group, *, confidence: float) -> Stated:
        """What one role says about importance; all NaN where nobody of that role told."""
        rows = self.rows.get(group, ())
        nobody = [[float("nan")] * len(self.dimensions)]
        return stated_by_points(rows or nobody, self.dimensions, confidence=confidence)


def read_weights_table(path: Path, dimensions: Sequence[str]) -> WeightsTable:
    """Read a table with the columns ``respondent``, ``role`` and one for each dimension.

    Points may be of any unit: a row's shares are its points divided by their sum.

    Raises
    ------
    UnusableTable
        If the file cannot be read, lacks a column, or has no good row.
    """
    columns = (*PEOPLE, *(name.lower() for name in dimensions))
    table, notes = open_own(path, columns, _CODES)
    rows: dict[Group, list[list[float]]] = {}
    problems: list[Problem] = []
    heard: dict[str, int] = {}
    for line, fields in table.records(columns):
        fault = _fault(fields, heard)
        if fault is not None:
            problems.append(Problem(fault[0], line, fault[1], fault[2]))
        elif fields is not None:
            respondent, role, *points = fields
            heard[respondent] = line
            numbers = [number for number in _numbers(points) if number is not None]
            rows.setdefault(ROLES[role.lower()], []).append(numbers)
    if not rows:
        raise no_row("A305", problems, f"Give one row per respondent: {','.join(columns)}.")
    _check_every_dimension_counts(dimensions, rows.get(Group.CUSTOMER, []), problems)
    return WeightsTable(tuple(dimensions), rows, tuple(problems), notes)


def _fault(fields: list[str] | None, heard: Mapping[str, int]) -> Fault | None:
    """What is wrong with one row, if anything; ``heard`` holds the line of each respondent."""
    if fields is None:
        return _TOO_SHORT
    respondent, role, *points = fields
    if not respondent:
        return "A312", "respondent is empty", "Fill it in, or drop the row."
    if role.lower() not in ROLES:
        return "A313", f"role {role!r} is unknown", "Use customer, staff or manager."
    if respondent in heard:
        cause = f"respondent {respondent!r} has told already in line {heard[respondent]}"
        return "A316", cause, "Keep one row per respondent."
    return _fault_of_points(points)


def _fault_of_points(points: Sequence[str]) -> Fault | None:
    numbers = list(_numbers(points))
    if None in numbers:
        wrong = points[numbers.index(None)]
        found = f"points {wrong!r}" if wrong else "points are missing"
        return "A314", found, "Give each dimension a number of 0 or more, or drop the row."
    if not any(numbers):
        return "A315", "every dimension has 0 points", "Share out some points, or drop the row."
    return None


def _numbers(points: Sequence[str]) -> Iterator[float | None]:
    """Each as a number of 0 or more, None where it is none; a decimal comma is understood."""
    for text in points:
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            yield None
        else:
            yield number if isfinite(number) and number >= 0 else None


def _check_every_dimension_counts(
    dimensions: Sequence[str], rows: Sequence[Sequence[float]], problems: Sequence[Problem]
) -> None:
    """Refuse weights of nothing: a dimension that was rated must count for something."""
    for place, name in enumerate(dimensions):
        if rows and not any(row[place] for row in rows):
            cause = f"no customer gives dimension {name!r} any points"
            cure = "Leave its answers out of the table too, or analyse without weights."
            raise UnusableTable(Problem("A317", None, cause, cure), tuple(problems))
