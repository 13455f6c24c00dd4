"""``gapbot key``: check that the key fits the database, and change it."""

import argparse
import sys
from collections import Counter
from contextlib import closing

from bot import parts  # noqa: F401 - loads the tables of every feature but the next
from bot.core import keyfile, resealing
from bot.core.database import Database
from bot.core.errors import InputError
from bot.core.keyring import Keyring, new_key, unknown
from bot.core.migrations import upgrade
from bot.core.tables import Sealing
from bot.settings import Settings, read_settings
from bot.web import tables  # noqa: F401 - loads those of integrations


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``key``."""
    parser = subparsers.add_parser(
        "key",
        help="check the key that seals names and texts, or change it",
        description="Names and texts lie sealed in the database, under a key outside of it.",
    )
    words = parser.add_subparsers(metavar="WHAT", required=True)
    check = words.add_parser(
        "check",
        help="tell whether the key fits, and which keys are still needed",
        description="Tell whether the key fits the database, and which keys are still needed.",
    )
    check.set_defaults(run=run_check)
    fresh = words.add_parser(
        "new",
        help="print a new key",
        description="Print a new key, to be set as GAPBOT_KEY.",
    )
    fresh.set_defaults(run=run_new)
    rotate = words.add_parser(
        "rotate",
        help="seal everything with a new key",
        description="Seal everything with a new key, in portions, while the bot may run. Killed "
        "half way, it goes on when it is started again.",
    )
    rotate.set_defaults(run=run_rotate)


def run_check(args: argparse.Namespace) -> int:  # noqa: ARG001 - it has no words of its own
    """Print each key the database needs, and how many texts it opens."""
    settings = read_settings()
    with closing(_opened(settings)) as database, database.reading() as session:
        held = (database.keys or Keyring()).names
        found = sum(resealing.counts(session).values(), Counter[str]())
        sealing = session.get_one(Sealing, 1)
        for name in dict.fromkeys([*held, *found]):
            print(_line(name, found[name], is_held=name in held, current=sealing.key_name))
        missing = [name for name in found if name not in held]
        if missing:
            raise unknown(missing[0], held)
        if sealing.changing:
            print("A change of the key is under way: run gapbot key rotate to its end.")
    return 0


def run_new(args: argparse.Namespace) -> int:  # noqa: ARG001 - it has no words of its own
    """Print a new key."""
    print(new_key())
    return 0


def run_rotate(args: argparse.Namespace) -> int:  # noqa: ARG001 - it has no words of its own
    """Begin a change of the key, or go on with one that was broken off."""
    settings = read_settings()
    with closing(_opened(settings)) as database:
        keys = database.keys or Keyring()
        with database.reading() as session:
            sealing = session.get_one(Sealing, 1)
        if not sealing.changing:
            if keys.current == sealing.key_name:
                _take_new_key(settings)
            database.run(lambda session: resealing.begin(session, keys))
        changed = 0
        while True:
            for count in resealing.reseal(database):
                changed += count
                sys.stderr.write(f"\rsealed again: {changed} rows")
            if resealing.finish(database):
                break
    sys.stderr.write("\n" if changed else "")
    print(f"Everything is sealed with the key {keys.current}.")
    old = [name for name in keys.names if name != keys.current]
    if old:
        print(f"This database no longer needs {', '.join(old)}; older backups do.")
    return 0


def _opened(settings: Settings) -> Database:
    database = Database(settings.database_address(), settings.keyring())
    upgrade(database)
    return database


def _take_new_key(settings: Settings) -> None:
    if settings.key.get_secret_value():
        raise InputError(
            "S124",
            "GAPBOT_KEY",
            "it holds no new key.",
            "Make one with gapbot key new, set GAPBOT_KEY=NEW,OLD, start every process again, and "
            "run this again.",
        )
    keyfile.put_first(settings.data / keyfile.NAME, new_key())


def _line(name: str, count: int, *, is_held: bool, current: str) -> str:
    what = "the current key" if name == current else "an older key"
    held = "" if is_held else ", and it is MISSING"
    return f"{name}: {what}, opens {count} texts{held}"
