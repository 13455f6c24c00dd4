"""``gapbot send``: plan a wave by hand, also while the bot runs in another process.

It stands beside the parts, for what is asked depends on other features as well.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sqlmodel import Session

from bot.core.database import Database
from bot.core.migrations import upgrade
from bot.core.render import Texts
from bot.core.schedule import local_day
from bot.parts import Parts
from bot.people.registry import the_organisation, unit_named
from bot.people.tables import Unit
from bot.reach.words import REASONS
from bot.settings import read_settings
from bot.surveys.definition import Questionnaire
from bot.surveys.desk import SurveyDesk
from bot.surveys.scales import clashes
from bot.surveys.versions import Paper
from bot.surveys.waves import Plan, plan_for, unit_zone, write_wave


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "send",
        help="send a questionnaire to the people of a unit",
        description="Plan one sending of a questionnaire. A running bot delivers it.",
    )
    parser.add_argument("questionnaire", help="its name, such as customers, or a file")
    parser.add_argument("--unit", required=True, help="the unit's name")
    parser.add_argument(
        "--now",
        action="store_true",
        help="at once: quiet hours, the weekly limit and open questionnaires are set aside; "
        "whoever has stopped or paused is still left in peace",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Plan the wave and print who is asked, who is skipped, and why."""
    settings = read_settings()
    desk = Parts(settings, Texts(), username=str).surveys
    database = Database(settings.database_address(), settings.keyring())
    try:
        upgrade(database)
        report = database.run(
            lambda session: _send(session, desk, args=args, now=datetime.now(UTC))
        )
    finally:
        database.close()
    sys.stdout.write("\n".join(report) + "\n")
    return 0


def _send(
    session: Session, desk: SurveyDesk, *, args: argparse.Namespace, now: datetime
) -> list[str]:
    the_organisation(session)
    unit = unit_named(session, args.unit)
    paper = desk.library.keep(session, desk.library.read(args.questionnaire))
    apart = clashes(session, paper.content)
    plan = plan_for(session, desk, paper=paper, unit=unit, now=now, at_once=args.now)
    if not plan.is_empty:
        write_wave(session, plan, paper=paper, unit=unit, now=now)
    closes_on = local_day(plan.expires_at, unit_zone(session, unit))
    report = _report(plan, paper=paper, unit=unit, closes_on=closes_on.isoformat())
    return [*report, *_warnings(paper.content, apart)]


def _warnings(content: Questionnaire, apart: Mapping[str, int]) -> Iterator[str]:
    for audience, points in apart.items():
        if audience == content.audience:
            yield (
                f"warning: until now this audience ({audience}) was asked on {points} levels, "
                f"now on {content.points}; figures begin anew, and nothing is compared across it."
            )
        else:
            yield (
                f"warning: on {content.points} levels, but {audience} questionnaires are on "
                f"{points}: no gap is formed of both. Give them the same scale."
            )


def _report(plan: Plan, *, paper: Paper, unit: Unit, closes_on: str) -> list[str]:
    content = paper.content
    if plan.is_empty:
        return [
            f"nobody is a {content.audience} of {unit.name} yet, so nothing was planned.",
            f"Let people in: gapbot invite --role {content.audience} --unit '{unit.name}'",
        ]
    lines = [
        (
            f"{content.id} version {content.version} to {unit.name}: {plan.asked} asked, "
            f"{len(plan.skipped)} skipped; open until {closes_on}"
        )
    ]
    for reason, count in plan.reasons.most_common():
        lines.append(f"  {count} skipped: {reason} ({REASONS[reason]})")
    return lines
