"""``gapbot segments``: what customers get against what they expect, by kind of customer."""

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from bot.analysis.command import windows_of
from bot.analysis.kept import read_findings
from bot.analysis.refresh import refresh
from bot.analysis.reports import make_report
from bot.analysis.segments import TOUCHPOINT_WEEKS
from bot.analysis.tables import CHANNEL, TENURE, TOUCHPOINT, rest_code, touchpoint_of
from bot.core.clock import Clock
from bot.core.database import Database
from bot.core.migrations import upgrade
from bot.core.render import off_zero
from bot.people.registry import the_organisation, unit_named
from bot.settings import read_settings
from gapengine.report import WHOLE

_TITLES = {
    TENURE: "New and returning customers",
    CHANNEL: "By channel",
    TOUCHPOINT: f"By touchpoint, in {TOUCHPOINT_WEEKS} weeks",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``segments``."""
    parser = subparsers.add_parser(
        "segments",
        help="print the gaps by kind of customer",
        description="Print what customers get against what they expect (P-E), by kind of customer: "
        "new or returning, how they come, and where they were served. Small groups stay hidden.",
    )
    parser.add_argument("--unit", metavar="NAME", help="one unit; all together when left out")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Bring the figures up to date and print them."""
    settings = read_settings()
    now = Clock().now()
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.transaction() as session:
            the_organisation(session)
            name = WHOLE if args.unit is None else unit_named(session, args.unit).name
            while refresh(session):
                pass
            report_id = make_report(session, now, windows_of(settings))
            found = read_findings(session, report_id, name).segments
    if args.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    else:
        sys.stdout.write(as_text(found))
    return 0


def as_text(found: Mapping[str, Any]) -> str:
    """Write the slices for a terminal."""
    lines = []
    for slicing, title in _TITLES.items():
        if not found.get(slicing):
            continue
        lines.append(title)
        lines += [f"  {_as_line(_name_of(slicing, one), one)}" for one in found[slicing]]
    return "".join(f"{line}\n" for line in lines) or "No kind of customer can be told yet.\n"


def _name_of(slicing: str, one: Mapping[str, Any]) -> str:
    code = str(one["segment"])
    if code == rest_code(slicing):
        return "not known"
    if slicing == TOUCHPOINT:
        return touchpoint_of(code)
    kind = code.partition(":")[2]
    return "returning" if kind == "back" else kind


def _as_line(name: str, one: Mapping[str, Any]) -> str:
    if one["hidden"]:
        return f"{name:<12} hidden: too few people, or it would give away others"
    between = (
        ""
        if one["low"] is None
        else f" ({off_zero(one['low'], 2):+.2f} to {off_zero(one['high'], 2):+.2f})"
    )
    return f"{name:<12} {one['estimate']:+.2f}{between}, {one['respondents']} people"
