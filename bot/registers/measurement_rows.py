"""``gapbot import measurements``: what was measured, as a table of moments and values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from bot.core.csv_file import Codes
from bot.core.schedule import local_day
from bot.people.registry import all_units
from bot.people.tables import Unit
from bot.registers import measurements
from bot.registers.desk import zone_for
from bot.registers.importing import CHANGED, NEW, SAME, Plan, Planned
from bot.registers.items import KnownItem
from bot.registers.levels import finite
from bot.registers.standards import Ruling, ruling_on, rulings
from bot.registers.table_file import (
    BadRow,
    Layout,
    Row,
    item_named,
    moment_in,
    note_twice,
    read_table,
    unit_id_of,
)

LAYOUT = Layout(
    root="measurements",
    needed=("unit", "time", "value"),
    more=("item", "standard", "n"),
    codes=Codes("R301", "R302", "R303", "R304", "R305"),
    short="R311",
)
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """One good row."""

    unit_id: int
    item: str
    at: datetime
    value: float
    n: int


@dataclass
class _Reader:
    """Reads rows against the units, items and rules of one database."""

    session: Session
    items: Mapping[str, KnownItem]
    units: Sequence[Unit]
    now: datetime
    rules: dict[int, list[Ruling]] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)
    holding: dict[tuple[int, date], dict[str, Ruling]] = field(default_factory=dict)

    def row(self, row: Row) -> MeasurementRow:
        """Convert one row, or refuse it."""
        unit_id = unit_id_of(row["unit"], self.units, "R313", whole=False) or 0
        if unit_id not in self.rules:
            self.rules[unit_id] = rulings(self.session, unit_id)
            self.zones[unit_id] = zone_for(self.session, unit_id)
        item = self._item(row, unit_id)
        at = moment_in(row["time"], self.zones[unit_id], now=self.now, code="R315")
        self._check_rule(unit_id, item, at)
        return MeasurementRow(unit_id, item, at, _value(row["value"]), _count(row["n"]))

    def _item(self, row: Row, unit_id: int) -> str:
        if row["item"]:
            return item_named(row["item"], self.items, "R312")
        number = row["standard"]
        named = {str(one.standard_id): one.item for one in self.rules[unit_id]}
        if number not in named:
            cause = f"standard '{number}' is none of this unit" if number else "no item is named"
            raise BadRow("R314", cause, "Name the item, or the number that /standards shows.")
        return named[number]

    def _check_rule(self, unit_id: int, item: str, at: datetime) -> None:
        day = local_day(at, self.zones[unit_id])
        if (unit_id, day) not in self.holding:
            self.holding[unit_id, day] = ruling_on(self.rules[unit_id], day)
        ruling = self.holding[unit_id, day].get(item)
        if ruling is None or not ruling.content.rule:
            cause = f"on {day} no standard turns a measurement of {item} into a level"
            raise BadRow("R318", cause, "Give the standard a target: gapbot import standards.")


def plan_measurements(
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
    units = all_units(session)
    reader = _Reader(session, items, units, now)
    good = read_table(path, LAYOUT, reader.row, encoding=encoding)
    note_twice(good, lambda row: (row.unit_id, row.item, row.at), "R319", "this moment")
    stored = {unit_id: measurements.stored_of(session, unit_id) for unit_id in reader.rules}
    return Plan(
        [
            _planned(line, row, stored[row.unit_id].get((row.item, row.at)))
            for line, row in good.rows
        ],
        good.problems,
        good.notes,
    )


def _planned(line: int, row: MeasurementRow, known: tuple[float, int] | None) -> Planned:
    kind = NEW if known is None else (SAME if known == (row.value, row.n) else CHANGED)

    def write(writing: Session) -> bool:
        measurements.store(
            writing, unit_id=row.unit_id, item=row.item, at=row.at, value=row.value, n=row.n
        )
        return True

    return Planned(line, kind, f"{row.item} at {row.at:%Y-%m-%d %H:%M} UTC: {row.value:g}", write)


def _value(text: str) -> float:
    try:
        return finite(text)
    except ValueError:
        raise BadRow("R316", f"value '{text}' is no number", "Write it as 180 or 2.5.") from None


def _count(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST):
        raise BadRow("R317", f"n '{text}'", f"Write a whole number from 1 to {_MOST}.")
    return int(text)
