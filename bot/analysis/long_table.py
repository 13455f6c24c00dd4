"""Reading a long table of answers: one row per answer, any column order, bad rows named by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.analysis.alike_names import alike_notes
from bot.analysis.answer_rows import COLUMNS, AnswerRows
from bot.analysis.own_table import Codes, Problem, UnusableTable, no_row, open_own
from bot.analysis.scale_check import narrow_scale, other_scale
from bot.analysis.week_order import ordered_weeks
from gapengine.report import UnitMoments
from gapengine.scale import USUAL_POINTS
from gapengine.vantage import Group

_CODES = Codes("A101", "A102", "A103", "A104", "A105")
_ROW_PER_ANSWER = "A table with a column per question must be turned first: a row per answer."


@dataclass(frozen=True, eq=False)
class LongTable:
    """The good rows as moments by unit and group, the items' dimensions, and the bad rows.

    ``units`` holds a respondent as one cluster over all weeks; ``weeks`` the same answers week by
    week. ``notes`` say what a reader should know about the file and its scores.
    """

    units: Mapping[str, UnitMoments]
    weeks: "Weeks"
    dimension_by_item: Mapping[str, str]
    answers: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


class Weeks(Mapping[str, Mapping[str, UnitMoments]]):
    """Moments by week, unit and group, from the earliest week; folded when first asked for.

    ``note`` says what a reader should know about the weeks, if anything. Answers that name no
    week are in none.
    """

    def __init__(self, rows: AnswerRows) -> None:
        self._rows = rows
        order = ordered_weeks(name for name in rows.week_numbers if name)
        self._names, self._week_of = order.names, {"": "", **order.of}
        notes = [] if order.note is None else [order.note]
        if "" in rows.week_numbers:
            unnamed = rows.week.count(rows.week_numbers[""])
            notes.append(f"{unnamed} answers name no week: they count in the whole, in no week")
        self.note = "; ".join(notes) or None
        self._folded: Mapping[str, Mapping[str, UnitMoments]] | None = None

    def __getitem__(self, name: str) -> Mapping[str, UnitMoments]:
        if name not in self._names:
            raise KeyError(name)
        if self._folded is None:
            self._folded = self._rows.by_week(self._week_of)
        return self._folded[name]

    @property
    def returning(self) -> Mapping[Group, float]:
        """Of the people of a week in each group, the share who tell another week too."""
        return self._rows.returning(self._week_of)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def read_long_table(path: Path, points: int = USUAL_POINTS) -> LongTable:
    """Read a CSV file in any encoding, with comma, semicolon or tab, or a workbook's first sheet.

    A respondent is one cluster within a unit, over all weeks of the file; ``points`` is the number
    of levels of the scale.

    Raises
    ------
    UnusableTable
        If the file cannot be read, lacks a column, has no good row, or is of another scale.
    """
    rows = AnswerRows(points)
    opened, notes = open_own(path, COLUMNS, _CODES, hint=_ROW_PER_ANSWER)
    rows.take_all(opened.records(COLUMNS))
    if not rows.score:
        raise no_row("A105", rows.problems, f"Give one row per answer: {','.join(COLUMNS)}.")
    wrong = other_scale(len(rows.score), rows.outside, points)
    if wrong is not None:
        raise UnusableTable(wrong, tuple(rows.problems))
    narrow = narrow_scale(rows.score, points)
    alike = alike_notes(
        units=rows.unit_numbers,
        items=rows.item_numbers,
        dimensions=dict.fromkeys(rows.dimension_of.values()),
    )
    return LongTable(
        units=rows.whole(),
        weeks=Weeks(rows),
        dimension_by_item=rows.dimension_of,
        answers=len(rows.score),
        problems=tuple(rows.problems),
        notes=(*notes, *([] if narrow is None else [narrow]), *alike),
    )
