"""``gapbot recompute``: bring the stored gaps up to date with the answers."""

import argparse
from datetime import UTC, datetime

from bot.analysis.refresh import mark_everything, refresh
from bot.analysis.reports import Windows, make_report
from bot.analysis.tables import StoredReport
from bot.core.database import Database
from bot.core.migrations import upgrade
from bot.people.registry import the_organisation
from bot.settings import Settings, read_settings


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``recompute``."""
    parser = subparsers.add_parser(
        "recompute",
        help="bring the stored gaps up to date",
        description="Rebuild the moments of every week whose answers changed, then the report.",
    )
    parser.add_argument("--full", action="store_true", help="rebuild everything from the answers")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Refresh, report, and say what was done."""
    settings = read_settings()
    database = Database(settings.database_address(), settings.keyring())
    try:
        upgrade(database)
        database.run(the_organisation)
        if args.full:
            database.run(mark_everything)
        weeks = _refresh_all(database)
        report = database.run(
            lambda session: session.get_one(
                StoredReport, make_report(session, datetime.now(UTC), windows_of(settings))
            )
        )
        print(
            f"{weeks} changed weeks rebuilt; report {report.id} up to the week of "
            f"{report.last_week.isoformat()}, engine {report.engine_version}, "
            f"fingerprint {report.fingerprint[:12]}"
        )
    finally:
        database.close()
    return 0


def windows_of(settings: Settings) -> Windows:
    """Read the windows from the settings."""
    weeks = settings.window_weeks
    return Windows(customer=weeks, staff=weeks, manager=settings.managers_window_weeks)


def _refresh_all(database: Database) -> int:
    total = 0
    while done := database.run(refresh):
        total += done
    return total
