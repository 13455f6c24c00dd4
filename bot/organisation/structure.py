"""Changing the tree of units: made, renamed, moved, closed, opened again.

Every change first takes the one lock of the organisation and reads the tree under it, so that of
two owners who act at once the second sees what the first did. What cannot be done any more is a
``Refused``, not an error: it is told.
"""

from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.analysis.tables import StoredUnitReport
from bot.core.errors import InputError
from bot.people.registry import (
    checked_name,
    create_unit,
    gather_units,
    lock_organisation,
    name_key,
)
from bot.people.tables import CLOSED, MERGED, OPEN, REGION, Unit
from bot.people.tree import Tree, note_place
from bot.surveys.tables import Schedule

DEEPEST = 6
"""How many regions may lie in each other."""


class Refused(StrEnum):
    """Why a change was not made."""

    GONE = "gone"
    NAME = "name"
    PLACE = "place"
    NOT_EMPTY = "not_empty"
    DONE = "done"


def locked_tree(session: Session) -> Tree:
    """Take the organisation's lock until the transaction ends, and read the tree under it."""
    lock_organisation(session)
    units = select(Unit).order_by(col(Unit.id)).execution_options(populate_existing=True)
    return Tree.of(session.exec(units))


def add(session: Session, name: str, *, kind: str, parent_id: int | None) -> Unit | Refused:
    """Make a unit or a region, in a region or at the top."""
    tree = locked_tree(session)
    if parent_id is not None and not _may_hold(tree, parent_id, kind=kind):
        return Refused.PLACE
    try:
        return create_unit(session, name, kind=kind, parent_id=parent_id)
    except InputError:
        return Refused.NAME


def gather(session: Session, name: str) -> Unit | Refused:
    """Make a region over all that stands open at the top."""
    tree = locked_tree(session)
    if not can_gather(tree):
        return Refused.DONE
    try:
        return gather_units(session, name=name)
    except InputError:
        return Refused.NAME


def can_gather(tree: Tree) -> bool:
    """Tell whether several stand open at the top, and a region over them is not too high."""
    top = [one for one in tree.children.get(None, ()) if tree.units[one].state == OPEN]
    regions = (number for number, one in tree.units.items() if one.kind == REGION)
    return len(top) > 1 and all(len(list(tree.above(one))) + 1 < DEEPEST for one in regions)


def rename(session: Session, unit_id: int, name: str) -> Refused | None:
    """Give a unit another name; what was reported under the old one is found under the new one."""
    tree = locked_tree(session)
    unit = tree.units.get(unit_id)
    if unit is None or unit.state == MERGED:
        return Refused.GONE
    before, unit.name_key = unit.name, f"{unit_id} gives its name away"
    session.flush()  # so that another spelling of the same name is not found to be taken
    try:
        unit.name, unit.name_key = checked_name(session, name)
    except InputError:
        unit.name_key = name_key(before)
        session.flush()
        return Refused.NAME
    session.add(unit)
    session.execute(
        update(StoredUnitReport)
        .where(col(StoredUnitReport.unit) == before)
        .values(unit=unit.name)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    return None


def move(session: Session, unit_id: int, region_id: int | None, *, today: date) -> Refused | None:
    """Put a unit or region into another region, or at the top; figures follow from Monday on."""
    tree = locked_tree(session)
    unit = tree.units.get(unit_id)
    if unit is None or unit.state == MERGED:
        return Refused.GONE
    if unit.parent_id == region_id:
        return Refused.DONE
    if region_id is not None and (
        region_id in set(tree.below(unit_id)) or not _may_hold(tree, region_id, kind=unit.kind)
    ):
        return Refused.PLACE
    note_place(session, unit, today)
    unit.parent_id = region_id
    session.add(unit)
    session.flush()
    return None


def close(session: Session, unit_id: int, *, today: date) -> Refused | None:
    """Ask nobody there any more; its history, its people and what is under way stay.

    A region is closed when nothing open lies in it.
    """
    tree = locked_tree(session)
    unit = tree.units.get(unit_id)
    if unit is None or unit.state == MERGED:
        return Refused.GONE
    if unit.state == CLOSED:
        return Refused.DONE
    inside = [one for one in tree.below(unit_id) if one != unit_id]
    if any(tree.units[one].state == OPEN for one in inside):
        return Refused.NOT_EMPTY
    unit.state, unit.closed_on = CLOSED, today
    session.add(unit)
    session.flush()
    return None


def reopen(session: Session, unit_id: int, *, today: date) -> Refused | None:
    """Take a closed unit up again: its questionnaires go out from tomorrow on."""
    tree = locked_tree(session)
    unit = tree.units.get(unit_id)
    if unit is None or unit.state == MERGED:
        return Refused.GONE
    if unit.state == OPEN:
        return Refused.DONE
    over = unit.parent_id
    if over is not None and tree.units[over].state != OPEN:
        note_place(session, unit, today)
        unit.parent_id = None
    unit.state, unit.closed_on = OPEN, None
    session.add(unit)
    tomorrow = today + timedelta(days=1)
    session.execute(
        update(Schedule)
        .where(col(Schedule.unit_id) == unit_id, col(Schedule.next_due) < tomorrow)
        .values(next_due=tomorrow)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    return None


def _may_hold(tree: Tree, region_id: int, *, kind: str) -> bool:
    region = tree.units.get(region_id)
    if region is None or region.kind != REGION or region.state != OPEN:
        return False
    return kind != REGION or len(list(tree.above(region_id))) + 1 < DEEPEST
