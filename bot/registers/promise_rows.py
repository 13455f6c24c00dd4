"""``gapbot import promises``: promises from a table, one for each item, unit and channel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from sqlmodel import Session

from bot.core.csv_file import Codes
from bot.core.dialogue import MANAGER
from bot.people import roster
from bot.people.registry import all_units, name_key
from bot.people.tables import Unit
from bot.registers import promises
from bot.registers.checking import Verdict, verdict_on
from bot.registers.desk import Delivered, DeliveredMany, today_in
from bot.registers.importing import CHANGED, NEW, SAME, Plan, Planned, plan_of
from bot.registers.items import KnownItem
from bot.registers.promises import CHANNELS, Pledge, Standing
from bot.registers.standards import FILE, LONGEST_WORDING
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
from bot.surveys.scales import main_points

LAYOUT = Layout(
    root="promises",
    needed=("item", "level", "wording", "channel"),
    more=("unit", "owner", "valid_from", "valid_to"),
    codes=Codes("R201", "R202", "R203", "R204", "R205"),
    short="R211",
)


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """One good row; ``unit_id`` None is all units, ``owner_id`` None is nobody yet."""

    item: str
    unit_id: int | None
    channel: str
    owner_id: int | None
    level: int
    points: int
    wording: str
    valid_from: date | None
    valid_to: date | None


def plan_promises(
    session: Session,
    path: Path,
    items: Mapping[str, KnownItem],
    *,
    now: datetime,
    delivered: DeliveredMany | None = None,
    encoding: str = "",
) -> Plan:
    """Read a table and say what would come of it; nothing is written yet.

    What promises more than is ``delivered`` is taken all the same, with a note that says so.

    Raises
    ------
    UnusableTable
        When the file gives nothing at all.
    """
    units, points = all_units(session), main_points(session)
    good = read_table(
        path,
        LAYOUT,
        lambda row: _promise_row(session, row, items, units, points=points),
        encoding=encoding,
    )
    note_twice(
        good,
        lambda row: (row.item, row.unit_id, row.channel),
        "R219",
        "this item, unit and channel",
    )
    plan = plan_of(good, units, partial(_planned, session, now=now))
    if delivered is None:
        return plan
    written = {one.line for one in plan.rows if one.kind != SAME}
    new = [(line, row) for line, row in good.rows if line in written]
    return replace(plan, notes=[*plan.notes, *_too_high(session, new, delivered, now=now)])


def _too_high(
    session: Session,
    rows: Sequence[tuple[int, PromiseRow]],
    delivered: DeliveredMany,
    *,
    now: datetime,
) -> Iterator[str]:
    """Say of each promise above what is delivered where it stands, and by what that is known."""
    known = {unit: delivered(session, unit, now) for unit in {row.unit_id for _, row in rows}}
    for line, row in rows:
        found = known[row.unit_id].get(row.item)
        if found is not None and verdict_on(row.level, found, row.points) is Verdict.ABOVE:
            yield f"line {line}: level {row.level} is more than is delivered: {_evidence(found)}"


def _evidence(found: Delivered) -> str:
    said = []
    if found.reached is not None:
        said.append(f"eight in ten of staff's {found.raters} ratings are {found.reached} or less")
    if found.measured is not None:
        said.append(f"{found.measurements} measurements give {found.measured:.1f}")
    return ", ".join(said)


def _promise_row(
    session: Session,
    row: Row,
    items: Mapping[str, KnownItem],
    units: Sequence[Unit],
    *,
    points: int,
) -> PromiseRow:
    unit_id = unit_id_of(row["unit"], units, "R213")
    channel = row["channel"]
    if channel not in CHANNELS:
        raise BadRow("R216", f"channel '{channel}'", f"Write one of {', '.join(CHANNELS)}.")
    valid_from, valid_to = (day_in(row[name], "R218") for name in ("valid_from", "valid_to"))
    if valid_from and valid_to and valid_to < valid_from:
        raise BadRow("R218", "it ends before it begins", "Correct one of the two days.")
    return PromiseRow(
        item=item_named(row["item"], items, "R212"),
        unit_id=unit_id,
        channel=channel,
        owner_id=_owner(session, row["owner"], unit_id),
        level=level_in(row["level"], "R214", points),
        points=points,
        wording=wording_in(row["wording"], LONGEST_WORDING, "R215"),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _owner(session: Session, name: str, unit_id: int | None) -> int | None:
    if not name:
        return None
    people = list(roster.owners(session))
    if unit_id is not None:
        people += roster.people_of(session, unit_id, MANAGER)
    found = {one.id for one in people if name_key(one.name) == name_key(name)}
    if len(found) != 1:
        cause = f"{'several people' if found else 'nobody'} in charge there is called '{name}'"
        raise BadRow("R217", cause, "Leave the owner out, and name one in chat: /promises.")
    return found.pop()


def _planned(session: Session, line: int, row: PromiseRow, *, now: datetime, where: str) -> Planned:
    today = today_in(session, row.unit_id, now)
    known = _known(session, row, today)
    start = row.valid_from or (known.pledge.valid_from if known else today)
    if row.valid_to and row.valid_to < start:
        start = row.valid_to
    pledge = Pledge(row.level, row.wording, start, row.valid_to, points=row.points)
    words = f"{row.item}, {where}, {row.channel}: level {row.level}"
    if known is None:
        return Planned(line, NEW, words, lambda writing: _add(writing, row, pledge, now))
    is_ended = known.ended_on is not None  # in chat; a table does not bring it back
    if is_ended or (known.pledge == pledge and row.owner_id in {None, known.owner_id}):
        return Planned(line, SAME, words, lambda _: True)
    return Planned(
        line, CHANGED, words, lambda writing: _change(writing, row, known, pledge=pledge, now=now)
    )


def _known(session: Session, row: PromiseRow, today: date) -> Standing | None:
    """Find the promise a row speaks of: one in its very words, else the newest that is live."""
    found = [
        one
        for one in promises.all_promises(session, row.unit_id)
        if (one.item, one.unit_id, one.channel) == (row.item, row.unit_id, row.channel)
    ]
    alike = [one for one in found if one.pledge.wording == row.wording]
    live = [one for one in found if one.is_live(today)]
    return next(reversed(alike or live), None)


def _add(session: Session, row: PromiseRow, pledge: Pledge, now: datetime) -> bool:
    promises.add_promise(
        session,
        pledge,
        item=row.item,
        unit_id=row.unit_id,
        channel=row.channel,
        owner_id=row.owner_id,
        source=FILE,
        author_id=None,
        now=now,
    )
    return True


def _change(
    session: Session, row: PromiseRow, known: Standing, *, pledge: Pledge, now: datetime
) -> bool:
    done = known.pledge == pledge or promises.change_promise(
        session, known, pledge, source=FILE, author_id=None, now=now
    )
    if done and row.owner_id is not None and row.owner_id != known.owner_id:
        return promises.give_promise(session, known, row.owner_id, by=None, now=now)
    return done
