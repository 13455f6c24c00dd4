"""``gapbot import standards``: rules from a table; what is there already is left as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from sqlmodel import Session

from bot.core.csv_file import Codes
from bot.people.registry import all_units
from bot.people.tables import Unit
from bot.registers import standards
from bot.registers.desk import today_in
from bot.registers.importing import CHANGED, NEW, SAME, Plan, Planned, plan_of
from bot.registers.items import KnownItem
from bot.registers.levels import (
    AT_MOST,
    COMPARISONS,
    BadRule,
    Points,
    finite,
    level_of,
    read_points,
)
from bot.registers.standards import FILE, LONGEST_WORDING, Content, Ruling
from bot.registers.table_file import (
    BadRow,
    Layout,
    Row,
    day_in,
    item_named,
    level_in,
    note_twice,
    read_table,
    unit_id_of,
    wording_in,
)
from bot.surveys.definition import POINTS
from bot.surveys.scales import main_points

LAYOUT = Layout(
    root="standards",
    needed=("item", "level", "wording"),
    more=("unit", "metric", "measure", "comparison", "target", "rule", "valid_from"),
    codes=Codes("R101", "R102", "R103", "R104", "R105"),
    short="R111",
)
_OF_TARGET = ("metric", "comparison", "target", "rule")


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One good row; ``unit_id`` None is all units, ``valid_from`` None is today."""

    item: str
    unit_id: int | None
    content: Content
    valid_from: date | None


def plan_standards(
    session: Session,
    path: Path,
    items: Mapping[str, KnownItem],
    *,
    now: datetime,
    encoding: str = "",
) -> Plan:
    """Read a table and say what would come of it; nothing is written yet.

    Raises
    ------
    UnusableTable
        When the file gives nothing at all.
    """
    units, points = all_units(session), main_points(session)
    good = read_table(
        path, LAYOUT, lambda row: standard_row(row, items, units, points), encoding=encoding
    )
    note_twice(good, lambda row: (row.item, row.unit_id), "R120", "this item and unit")
    return plan_of(good, units, partial(_planned, session, now=now))


def standard_row(
    row: Row, items: Mapping[str, KnownItem], units: Sequence[Unit], points: int = POINTS
) -> StandardRow:
    """Convert one row, whose levels are on a scale of so many ``points``, or refuse it."""
    level = level_in(row["level"], "R114", points)
    wording = wording_in(row["wording"], LONGEST_WORDING, "R115")
    return StandardRow(
        item=item_named(row["item"], items, "R112"),
        unit_id=unit_id_of(row["unit"], units, "R113"),
        content=replace(_content(row, level, wording, highest=points), points=points),
        valid_from=day_in(row["valid_from"], "R119"),
    )


def _content(row: Row, level: int, wording: str, *, highest: int) -> Content:
    given = [name for name in _OF_TARGET if row[name]]
    if not given:
        return Content(level, wording)
    if len(given) < len(_OF_TARGET):
        missing = ", ".join(name for name in _OF_TARGET if not row[name])
        raise BadRow("R116", f"a target without {missing}", "Fill it in, or leave out the target.")
    comparison = row["comparison"]
    if comparison not in COMPARISONS:
        raise BadRow("R116", f"comparison '{comparison}'", f"Write {' or '.join(COMPARISONS)}.")
    target = _number(row["target"])
    rule = _rule(row["rule"], comparison, highest)
    reached = level_of(rule, target)
    if abs(reached - level) > 0.5:
        cause = f"the rule gives level {reached:.1f} at the target, but level says {level}"
        raise BadRow("R118", cause, "Make the two agree.")
    if len(row["metric"]) > 80 or len(row["measure"]) > 20:
        raise BadRow("R116", "metric or measure is too long", "Take 80 and 20 characters at most.")
    return Content(level, wording, row["metric"], row["measure"], comparison, target, rule)


def _number(text: str) -> float:
    try:
        return finite(text)
    except ValueError:
        raise BadRow("R116", f"target '{text}' is no number", "Write it as 180 or 2.5.") from None


def _rule(text: str, comparison: str, highest: int) -> Points:
    try:
        return read_points(text, comparison, highest)
    except BadRule as bad:
        way = f"60:{highest} 180:{highest - 1} 600:3"
        if comparison != AT_MOST:
            way = f"50:1 90:{highest - 1} 100:{highest}"
        raise BadRow("R117", f"rule: {bad}", f"Write it as {way}.") from None


def _planned(
    session: Session, line: int, row: StandardRow, *, now: datetime, where: str
) -> Planned:
    versions = [
        one
        for one in standards.rulings(session, row.unit_id)
        if one.item == row.item and one.unit_id == row.unit_id
    ]
    seen = max((one.number for one in versions), default=0)
    valid_from = row.valid_from or today_in(session, row.unit_id, now)

    def write(writing: Session) -> bool:
        number = standards.write_version(
            writing,
            row.content,
            item=row.item,
            unit_id=row.unit_id,
            seen=seen,
            valid_from=valid_from,
            source=FILE,
            author_id=None,
            now=now,
        )
        return number is not None

    kind = SAME if _is_known(row, versions) else (CHANGED if versions else NEW)
    return Planned(line, kind, f"{row.item}, {where}: level {row.content.level}", write)


def _is_known(row: StandardRow, versions: Sequence[Ruling]) -> bool:
    """Tell whether a version says this already: the newest, or the one from that day on."""
    if row.valid_from is None:
        newest = max(versions, key=lambda one: (one.valid_from, one.number), default=None)
        return newest is not None and newest.content == row.content
    return any(one.content == row.content and one.valid_from == row.valid_from for one in versions)
