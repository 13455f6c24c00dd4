"""``gapbot import customers``: who the other system's customers are."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session

from bot.core.csv_file import Codes
from bot.core.sealing import fingerprint
from bot.crm.checks import plain_name, plain_reference
from bot.crm.keeping import CustomerFacts, upsert, what_changes
from bot.crm.tables import Customer
from bot.crm.words import CHANNELS, TENURES
from bot.registers.importing import CHANGED, NEW, SAME, Plan, Planned
from bot.registers.table_file import BadRow, Layout, Row, note_twice, read_table

LAYOUT = Layout(
    root="customers",
    needed=("reference",),
    more=("name", "channel", "tenure"),
    codes=Codes("R401", "R402", "R403", "R404", "R405"),
    short="R411",
)


def plan_customers(
    session: Session, path: Path, _items: object, *, now: datetime, encoding: str = ""
) -> Plan:
    """Read a table and say what would come of it; nothing is written yet.

    Raises
    ------
    UnusableTable
        When the file gives nothing at all.
    """
    good = read_table(path, LAYOUT, customer_row, encoding=encoding)
    note_twice(good, lambda row: fingerprint(session, row.reference), "R415", "this reference")
    known = {one.reference_print: one for one in session.scalars(select(Customer))}
    planned = []
    for line, facts in good.rows:
        before = known.get(fingerprint(session, facts.reference))
        kind = NEW if before is None else (CHANGED if what_changes(before, facts) else SAME)
        planned.append(_planned(line, facts, kind, now=now))
    return Plan(planned, good.problems, good.notes)


def customer_row(row: Row) -> CustomerFacts:
    """Convert one row, or refuse it. What a row leaves empty stays as it was."""
    return CustomerFacts(
        reference=reference_in(row["reference"], "R412"),
        name=_name(row["name"]),
        channel=one_of(row["channel"], CHANNELS, "R413", column="channel") or None,
        tenure=one_of(row["tenure"], TENURES, "R414", column="tenure") or None,
    )


def reference_in(text: str, code: str) -> str:
    """Return a reference, or refuse the row."""
    try:
        return plain_reference(text)
    except ValueError as error:
        raise BadRow(code, f"reference: {error}", "Correct it.") from None


def one_of(text: str, wanted: Iterable[str], code: str, *, column: str) -> str:
    """Return a word of a closed list, empty for none; or refuse the row."""
    listed = list(wanted)
    plain = text.strip().lower()
    if plain and plain not in listed:
        cure = f"Write one of {', '.join(listed)}, or leave it empty."
        raise BadRow(code, f"{column} '{text}'", cure)
    return plain


def _name(text: str) -> str | None:
    try:
        return plain_name(text) or None
    except ValueError as error:
        raise BadRow("R416", f"name: {error}", "Shorten it.") from None


def _planned(line: int, facts: CustomerFacts, kind: str, *, now: datetime) -> Planned:
    def write(session: Session) -> bool:
        upsert(session, facts, now=now)
        return True

    name = f", {facts.name}" if facts.name else ""
    return Planned(line, kind, f"customer {facts.reference}{name}", write)
