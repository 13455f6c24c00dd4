"""``gapbot import visits``: which customer came where, when, and what for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session

from bot.core.csv_file import Codes, Problem
from bot.core.sealing import fingerprint
from bot.crm.checks import plain_touchpoint
from bot.crm.customer_rows import one_of, reference_in
from bot.crm.keeping import OfAnother, VisitFacts, is_changed, record_visit
from bot.crm.tables import Customer, Visit
from bot.crm.words import CHANNELS, KINDS, VISIT
from bot.people.registry import all_units
from bot.people.tables import Unit
from bot.registers.desk import zone_for
from bot.registers.importing import CHANGED, NEW, SAME, Plan, Planned
from bot.registers.table_file import (
    BadRow,
    Good,
    Layout,
    Row,
    moment_in,
    note_twice,
    read_table,
    unit_id_of,
)

LAYOUT = Layout(
    root="visits",
    needed=("reference", "customer", "unit", "time"),
    more=("kind", "touchpoint", "channel"),
    codes=Codes("R501", "R502", "R503", "R504", "R505"),
    short="R511",
)


@dataclass
class _Reader:
    session: Session
    units: Sequence[Unit]
    now: datetime
    zones: dict[int, str] = field(default_factory=dict)

    def row(self, row: Row) -> VisitFacts:
        """Convert one row, or refuse it."""
        unit_id = unit_id_of(row["unit"], self.units, "R513", whole=False) or 0
        if unit_id not in self.zones:
            self.zones[unit_id] = zone_for(self.session, unit_id)
        return VisitFacts(
            reference=reference_in(row["reference"], "R512"),
            customer=reference_in(row["customer"], "R514"),
            unit_id=unit_id,
            at=moment_in(row["time"], self.zones[unit_id], now=self.now, code="R515"),
            kind=one_of(row["kind"], KINDS, "R518", column="kind") or VISIT,
            touchpoint=touchpoint_in(row["touchpoint"], "R516"),
            channel=one_of(row["channel"], CHANNELS, "R517", column="channel"),
        )


def plan_visits(
    session: Session, path: Path, _items: object, *, now: datetime, encoding: str = ""
) -> Plan:
    """Read a table and say what would come of it; nothing is written yet.

    Raises
    ------
    UnusableTable
        When the file gives nothing at all.
    """
    reader = _Reader(session, all_units(session), now)
    good = read_table(path, LAYOUT, reader.row, encoding=encoding)
    note_twice(good, lambda row: fingerprint(session, row.reference), "R519", "this reference")
    known = {one.reference_print: one for one in session.scalars(select(Visit))}
    _leave_out_others(session, good, known)
    good.rows.sort(key=lambda row: row[1].at)  # who is new is told by what came before
    planned = []
    for line, facts in good.rows:
        before = known.get(fingerprint(session, facts.reference))
        kind = NEW if before is None else (CHANGED if is_changed(before, facts) else SAME)
        planned.append(_planned(line, facts, kind, now=now))
    return Plan(planned, good.problems, good.notes)


def touchpoint_in(text: str, code: str) -> str:
    """Return the key of a touchpoint, or refuse the row."""
    try:
        return plain_touchpoint(text)
    except ValueError as error:
        raise BadRow(code, f"touchpoint '{text}': {error}", "Correct it.") from None


def _leave_out_others(session: Session, good: Good[VisitFacts], known: Mapping[str, Visit]) -> None:
    """Leave out visits whose reference is another customer's already, and say so."""
    customers = {one.id: one.reference_print for one in session.scalars(select(Customer))}
    kept = []
    for line, facts in good.rows:
        before = known.get(fingerprint(session, facts.reference))
        whose = customers.get(before.customer_id) if before is not None else None
        if whose is None or whose == fingerprint(session, facts.customer):
            kept.append((line, facts))
            continue
        cause = f"visit '{facts.reference}' is known as another customer's"
        good.problems.append(Problem("R520", line, cause, "Give each visit its own reference."))
    good.rows[:] = kept
    good.problems.sort(key=lambda problem: problem.line or 0)


def _planned(line: int, facts: VisitFacts, kind: str, *, now: datetime) -> Planned:
    def write(session: Session) -> bool:
        try:
            record_visit(session, facts, now=now)
        except OfAnother:
            return False
        return True

    return Planned(line, kind, f"visit {facts.reference} of {facts.customer}", write)
