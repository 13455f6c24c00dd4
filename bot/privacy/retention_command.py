"""``gapbot retention``: what is held of each kind, since when, and when the oldest goes."""

import argparse
from contextlib import closing

from bot.core.database import Database
from bot.core.migrations import upgrade
from bot.privacy.desk import privacy_desk
from bot.privacy.retention import Held, held
from bot.settings import read_settings


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``retention``."""
    parser = subparsers.add_parser(
        "retention",
        help="print what is held, since when, and when it goes",
        description="Print what is held of each kind of personal data, since when, and when the "
        "oldest of it goes. The running bot deletes it by itself, every hour.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - the command has no words of its own
    """Print one line for each kind."""
    settings = read_settings()
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.reading() as session:
            rows = held(session, privacy_desk(settings))
    print(f"{'kind':<18} {'rows':>7}  {'oldest':<10}  {'kept':>9}  {'goes on':<10}  set by")
    for one in rows:
        print(_line(one))
    return 0


def _line(one: Held) -> str:
    oldest = str(one.oldest) if one.oldest else "-"
    goes = str(one.goes_on) if one.goes_on else "-"
    kept = f"{one.days} days" if one.days else "till sent"
    by = one.setting or "the program"
    return f"{one.kind:<18} {one.rows:>7}  {oldest:<10}  {kept:>9}  {goes:<10}  {by}"
