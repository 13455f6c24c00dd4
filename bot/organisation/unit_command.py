"""``gapbot unit``: the tree of units from the command line, also while the bot runs."""

import argparse
from contextlib import closing
from datetime import date

from sqlmodel import Session

from bot.core import audit
from bot.core.clock import Clock
from bot.core.database import Database
from bot.core.errors import InputError
from bot.core.migrations import upgrade
from bot.organisation import structure
from bot.organisation.merging import merge
from bot.organisation.structure import Refused
from bot.people.command import require_file
from bot.people.registry import REGIONS, UNITS, the_organisation, unit_of_any_state
from bot.people.tables import OPEN, REGION, UNIT, Unit
from bot.people.tree import Tree, read_tree
from bot.settings import read_settings

_WHY = {
    Refused.GONE: "it was merged into another unit",
    Refused.NAME: "the name is empty, too long or taken",
    Refused.PLACE: "it cannot be put there",
    Refused.NOT_EMPTY: "something open still lies in it",
    Refused.DONE: "that is so already",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``unit`` and its words."""
    parser = subparsers.add_parser(
        "unit",
        help="list, make, rename, move, merge, close units",
        description="Shows and changes the tree of units. Works while the bot runs.",
    )
    parser.add_argument("what", choices=_WORDS, metavar="WORD", help=", ".join(_WORDS))
    parser.add_argument("name", nargs="?", metavar="NAME", help="the unit or region; not for list")
    parser.add_argument("--region", action="store_true", help="add: make a region, not a unit")
    parser.add_argument(
        "--over-all", action="store_true", help="add: make a region over all that stands at the top"
    )
    parser.add_argument("--in", dest="inside", metavar="REGION", help="add, move: where it lies")
    parser.add_argument("--to", metavar="NAME", help="rename: the new name; merge: the other unit")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do one thing to the tree, or list it."""
    settings = read_settings()
    require_file(settings)
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.transaction() as session:
            the_organisation(session)
            if args.what == "list":
                print("\n".join(_lines(read_tree(session))))
                return 0
            if not args.name:
                raise InputError("S411", "gapbot unit", "no unit is named.", "Name it.")
            unit = _DEEDS[args.what](session, args, Clock().now().date())
            audit.record(
                session,
                _AUDITED[args.what],
                now=Clock().now(),
                subject=f"unit {unit.id}",
                unit_id=unit.id,
                detail="from the command line",
            )
            print(f"{unit.name}: {unit.kind}, {unit.state}")
    return 0


def _add(session: Session, args: argparse.Namespace, today: date) -> Unit:  # noqa: ARG001
    if args.over_all:
        made = structure.gather(session, args.name)
    else:
        kind, region_id = REGION if args.region else UNIT, _region(session, args.inside)
        made = structure.add(session, args.name, kind=kind, parent_id=region_id)
    if isinstance(made, Refused):
        raise _refused(made)
    return made


def _rename(session: Session, args: argparse.Namespace, today: date) -> Unit:  # noqa: ARG001
    unit = unit_of_any_state(session, args.name)
    return _done(session, unit, structure.rename(session, unit.id or 0, args.to or ""))


def _move(session: Session, args: argparse.Namespace, today: date) -> Unit:
    unit = unit_of_any_state(session, args.name)
    region_id = _region(session, args.inside)
    return _done(session, unit, structure.move(session, unit.id or 0, region_id, today=today))


def _merge(session: Session, args: argparse.Namespace, today: date) -> Unit:
    unit = unit_of_any_state(session, args.name, kinds=UNITS)
    into = unit_of_any_state(session, args.to or "", kinds=UNITS)
    return _done(session, into, merge(session, unit.id or 0, into.id or 0, today=today))


def _close(session: Session, args: argparse.Namespace, today: date) -> Unit:
    unit = unit_of_any_state(session, args.name)
    return _done(session, unit, structure.close(session, unit.id or 0, today=today))


def _reopen(session: Session, args: argparse.Namespace, today: date) -> Unit:
    unit = unit_of_any_state(session, args.name)
    return _done(session, unit, structure.reopen(session, unit.id or 0, today=today))


_DEEDS = {
    "add": _add,
    "rename": _rename,
    "move": _move,
    "merge": _merge,
    "close": _close,
    "reopen": _reopen,
}
_WORDS = ("list", *_DEEDS)
_AUDITED = {
    "add": "unit.added",
    "rename": "unit.renamed",
    "move": "unit.moved",
    "merge": "unit.merged",
    "close": "unit.closed",
    "reopen": "unit.reopened",
}


def _done(session: Session, unit: Unit, refused: Refused | None) -> Unit:
    if refused is not None:
        raise _refused(refused)
    session.refresh(unit)
    return unit


def _refused(why: Refused) -> InputError:
    return InputError(
        "S410", "gapbot unit", f"{_WHY[why]}.", "gapbot unit list shows how things stand."
    )


def _region(session: Session, name: str | None) -> int | None:
    return unit_of_any_state(session, name, kinds=REGIONS).id if name else None


def _lines(tree: Tree, parent: int | None = None, depth: int = 0) -> list[str]:
    """Return the tree as text, what lies in a region indented below it."""
    lines = []
    inside = [tree.units[one] for one in tree.children.get(parent, ())]
    for unit in sorted(inside, key=lambda one: (one.kind != REGION, one.name_key)):
        state = "" if unit.state == OPEN else f" ({unit.state} since {unit.closed_on})"
        mark = "/" if unit.kind == REGION else ""
        lines.append(f"{'  ' * depth}{unit.name}{mark}{state}")
        lines += _lines(tree, unit.id, depth + 1)
    return lines
