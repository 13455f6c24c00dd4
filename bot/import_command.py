"""``gapbot import``: what features keep, from tables that people made."""

import argparse
import codecs
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlmodel import Session

from bot.core import audit
from bot.core.csv_file import Problem, UnreadableFile, UnusableTable
from bot.core.database import Database
from bot.core.migrations import upgrade
from bot.core.render import Texts
from bot.crm.customer_rows import plan_customers
from bot.crm.rule_rows import plan_rules
from bot.crm.visit_rows import plan_visits
from bot.parts import Parts
from bot.people.registry import the_organisation
from bot.registers.importing import SAME, Plan
from bot.registers.items import KnownItem, known_items
from bot.registers.measurement_rows import plan_measurements
from bot.registers.promise_rows import plan_promises
from bot.registers.standard_rows import plan_standards
from bot.settings import read_settings

Planner = Callable[..., Plan]

KINDS: Mapping[str, Planner] = {
    "customers": plan_customers,
    "visits": plan_visits,
    "visit_rules": plan_rules,
    "standards": plan_standards,
    "promises": plan_promises,
    "measurements": plan_measurements,
}
_SPELLED_OUT = 40


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``import``."""
    parser = subparsers.add_parser(
        "import",
        help="read customers, visits, standards and more from a table",
        description="Read a table. Nothing is written when any row is wrong, unless --partial.",
    )
    parser.add_argument("kind", metavar="KIND", choices=list(KINDS), help=", ".join(KINDS))
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV, XLSX, ODS or YAML")
    parser.add_argument(
        "--encoding",
        type=_encoding,
        metavar="NAME",
        help="of a CSV file, such as cp1251; guessed by its letters where it is left out",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would change, write nothing"
    )
    parser.add_argument(
        "--partial", action="store_true", help="take the good rows, leave the others"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, say what is wrong, write what is right; returns the exit code."""
    settings = read_settings()
    database = Database(settings.database_address(), settings.keyring())
    parts = Parts(settings, Texts(), username=str)
    try:
        upgrade(database)
        if args.dry_run:
            with database.reading() as session:
                return _import(session, parts, args=args, now=datetime.now(UTC))
        return database.run(
            lambda session: _import(session, parts, args=args, now=datetime.now(UTC))
        )
    except UnusableTable as unusable:
        _tell(unusable.rows, args.file)
        _tell([unusable.problem], args.file)
        return os.EX_NOINPUT if isinstance(unusable, UnreadableFile) else os.EX_DATAERR
    finally:
        database.close()


def _import(session: Session, parts: Parts, *, args: argparse.Namespace, now: datetime) -> int:
    the_organisation(session)
    items: Mapping[str, KnownItem] = known_items(session, parts.surveys.library)
    planner = KINDS[args.kind]
    if planner is plan_promises:
        planner = partial(plan_promises, delivered=parts.registers.delivered)
    plan = planner(session, args.file, items, now=now, encoding=args.encoding or "")
    name = args.file.name
    for note in plan.notes:
        sys.stderr.write(f"{name}: {note}.\n")
    _tell(plan.problems, args.file)
    if plan.problems and not args.partial:
        many = len(plan.problems)
        sys.stderr.write(
            f"{name}: nothing was written, because {many} row{'s have' if many > 1 else ' has'} "
            "a problem. Correct it, or add --partial.\n"
        )
        return os.EX_DATAERR
    if args.dry_run:
        _show(plan, name)
        return os.EX_OK
    overtaken = plan.write(session)
    audit.record(session, f"{args.kind}.imported", now=now, detail=plan.counts())
    sys.stdout.write(f"{name}: {plan.counts()}.\n")
    if overtaken:
        sys.stderr.write(f"{name}: {overtaken} changed meanwhile; please run it again.\n")
    return os.EX_OK


def _encoding(name: str) -> str:
    """Return the usual name of an encoding of texts; the parser refuses any other word."""
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except LookupError as error:
        raise argparse.ArgumentTypeError(
            f"there is no encoding '{name}'; cp1252, cp1251, shift_jis and gb18030 are some"
        ) from error


def _show(plan: Plan, name: str) -> None:
    changes = [one for one in plan.rows if one.kind != SAME]
    for one in changes[:_SPELLED_OUT]:
        sys.stdout.write(f"line {one.line}: {one.kind}: {one.words}\n")
    if len(changes) > _SPELLED_OUT:
        sys.stdout.write(f"... and {len(changes) - _SPELLED_OUT} more\n")
    sys.stdout.write(f"{name}: {plan.counts()}. Nothing was written (--dry-run).\n")


def _tell(problems: Sequence[Problem], file: Path) -> None:
    for problem in problems[:_SPELLED_OUT]:
        sys.stderr.write(problem.sentence(file.name) + "\n")
    if len(problems) > _SPELLED_OUT:
        more = len(problems) - _SPELLED_OUT
        sys.stderr.write(f"{file.name}: {more} more rows have a problem; correct these first.\n")
