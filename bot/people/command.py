"""``gapbot init`` and ``gapbot invite``: set up a database, and let people in.

The link and the payload go to standard output, all else to standard error, so that scripts can
read them.
"""

import argparse
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url

from bot.core.clock import Clock
from bot.core.database import Database
from bot.core.dialogue import ANALYST, OWNER, REGIONAL
from bot.core.errors import InputError
from bot.core.migrations import upgrade
from bot.people.bot_name import bot_username
from bot.people.invitations import invite, link, usual_uses
from bot.people.registry import (
    REGIONS,
    UNITS,
    gather_units,
    not_set_up,
    set_up,
    the_organisation,
    unit_named,
)
from bot.people.rights import ROLES
from bot.settings import Settings, read_settings

_KINDS = {REGIONAL: REGIONS, ANALYST: (*UNITS, *REGIONS)}
MOST_DAYS = 3650
MOST_USES = 1_000_000


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands ``init`` and ``invite``."""
    _add_init(subparsers)
    _add_invite(subparsers)


def run(args: argparse.Namespace) -> int:
    """Run the command that was named; returns the exit code."""
    code: int = args.run(args)
    return code


def _add_init(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "init",
        help="set up a new database and print the owner's link",
        description="Set up a new database for an organisation and its units, and print the link "
        "that makes whoever opens it the owner. It works once.",
    )
    parser.add_argument("--organisation", required=True, metavar="NAME", help="its name")
    parser.add_argument(
        "--unit",
        required=True,
        action="append",
        metavar="NAME",
        help="a branch, counter or team; once for each",
    )
    parser.add_argument(
        "--zone", default="UTC", metavar="ZONE", help="time zone, like Europe/Berlin (UTC)"
    )
    parser.add_argument("--language", default="en", metavar="CODE", help="main language (en)")
    parser.set_defaults(run=run_init)


def _add_invite(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "invite",
        help="print a link that lets somebody in",
        description="Print a link that lets somebody in. A customers' link may be used by many, "
        "any other by one person. Works while the bot runs.",
    )
    parser.add_argument("--role", required=True, metavar="ROLE", help=", ".join(ROLES))
    parser.add_argument("--unit", metavar="NAME", help="the unit or region; not for an owner")
    parser.add_argument("--uses", metavar="N", help="how many people may use it, or 'many'")
    parser.add_argument("--days", metavar="N", help="for how many days it works")
    parser.set_defaults(run=run_invite)


def run_init(args: argparse.Namespace) -> int:
    """Set up the organisation and print its owner's link."""
    settings = read_settings()
    now = Clock().now()
    expires_at = now + timedelta(days=settings.invitation_days)
    if not settings.database_url:
        settings.data.mkdir(parents=True, exist_ok=True)
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.transaction() as session:
            organisation = set_up(
                session,
                name=args.organisation,
                units=args.unit,
                zone=args.zone,
                language=args.language,
                now=now,
            )
            if len(args.unit) > 1:
                gather_units(session, name=organisation.name)
            payload = invite(session, role=OWNER, unit_id=None, max_uses=1, expires_at=expires_at)
    sys.stderr.write(f"{organisation.name} is set up, with {len(args.unit)} unit(s). ")
    sys.stderr.write("Open this to become its owner:\n")
    _print_link(settings, payload, uses=1, expires_at=expires_at)
    return 0


def run_invite(args: argparse.Namespace) -> int:
    """Make an invitation and print its link."""
    settings = read_settings()
    role = _role(args.role)
    if role != ANALYST and (role == OWNER) != (args.unit is None):
        raise _unit_does_not_fit(role)
    uses = _uses(args.uses, role)
    days = _number(args.days, place="--days", most=MOST_DAYS) or settings.invitation_days
    expires_at = Clock().now() + timedelta(days=days)
    require_file(settings)
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.transaction() as session:
            the_organisation(session)
            unit_id = None
            if args.unit is not None:
                unit_id = unit_named(session, args.unit, kinds=_KINDS.get(role, UNITS)).id
            payload = invite(
                session, role=role, unit_id=unit_id, max_uses=uses, expires_at=expires_at
            )
    _print_link(settings, payload, uses=uses, expires_at=expires_at)
    return 0


def _print_link(
    settings: Settings, payload: str, *, uses: int | None, expires_at: datetime
) -> None:
    username, why = bot_username(settings)
    if username:
        print(link(username, payload))
    else:
        sys.stderr.write(f"gapbot: the bot's name is unknown: {why} ")
        sys.stderr.write(f"Whoever is invited can send the bot: /start {payload}\n")
    print(f"payload: {payload}")
    often = "once" if uses == 1 else f"{uses} times" if uses else "for any number of people"
    sys.stderr.write(f"It works {often}, until {expires_at:%Y-%m-%d %H:%M} UTC.\n")


def require_file(settings: Settings) -> None:
    """Do not make an empty database where one was to be found."""
    url = make_url(settings.database_address())
    if url.drivername.startswith("sqlite") and url.database and not Path(url.database).exists():
        raise not_set_up()


def _role(text: str) -> str:
    role = text.strip().casefold()
    if role not in ROLES:
        raise InputError(
            "S405", "--role", f"there is no role '{text}'.", f"Take one of {', '.join(ROLES)}."
        )
    return role


def _unit_does_not_fit(role: str) -> InputError:
    if role == OWNER:
        return InputError("S408", "--unit", "an owner sees every unit.", "Leave --unit out.")
    return InputError(
        "S408", "--unit", f"the role {role} is held in a unit.", "Name it, as --unit Main."
    )


def _uses(text: str | None, role: str) -> int | None:
    if text is None:
        return usual_uses(role)
    if text.strip().casefold() == "many":
        return None
    return _number(text, place="--uses", most=MOST_USES)


def _number(text: str | None, *, place: str, most: int) -> int | None:
    if text is None:
        return None
    plain = text.strip()
    number = int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 9 else 0
    if not 1 <= number <= most:
        also = " or 'many'" if place == "--uses" else ""
        raise InputError(
            "S409", place, f"'{text}' does not fit.", f"Give a number from 1 to {most}{also}."
        )
    return number
