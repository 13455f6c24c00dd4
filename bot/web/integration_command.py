"""``gapbot integration``: let another system report events, list them, shut one out."""

import argparse
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.core.clock import Clock
from bot.core.database import Database
from bot.core.migrations import upgrade
from bot.people.registry import the_organisation
from bot.settings import read_settings
from bot.web import integrations
from bot.web.tables import Webhook


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``integration``."""
    parser = subparsers.add_parser(
        "integration",
        help="let another system report events",
        description="Let another system report events over HTTP, and tell it of some. The key and "
        "the signing secret are printed once and kept nowhere in readable form.",
    )
    parser.add_argument("what", metavar="WHAT", choices=["add", "list", "revoke"])
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="its name")
    parser.add_argument("--tell", metavar="ADDRESS", default="", help="where it is told of events")
    parser.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="KIND",
        help=f"what it is told: {', '.join(integrations.KINDS)}; all when left out",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    settings = read_settings()
    now = Clock().now()
    doing = {"add": _add, "list": _list, "revoke": _revoke}[args.what]
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.transaction() as session:
            the_organisation(session)
            said = doing(session, args, now)
    sys.stdout.write(said)
    return 0


def _add(session: Session, args: argparse.Namespace, now: datetime) -> str:
    made = integrations.add(session, args.name, now=now, address=args.tell, kinds=args.kind)
    sys.stderr.write("Shown once; keep it where the other system keeps its secrets.\n")
    return f"key: {made.key}\n" + (f"secret: {made.secret}\n" if made.secret else "")


def _revoke(session: Session, args: argparse.Namespace, now: datetime) -> str:
    integrations.revoke(session, args.name, now=now)
    return f"{args.name}: revoked.\n"


def _list(session: Session, args: argparse.Namespace, now: datetime) -> str:  # noqa: ARG001
    lines = []
    for one in integrations.all_of(session):
        state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "in use"
        waits = _waiting(session, one.id or 0)
        told = f", told of {', '.join(one.kinds)}" if one.kinds else ""
        lines.append(f"{one.name}: {state}, since {one.made_at:%Y-%m-%d}{told}{waits}")
    return "".join(f"{line}\n" for line in lines) or "There are none.\n"


def _waiting(session: Session, integration_id: int) -> str:
    rows = session.execute(
        select(col(Webhook.state), func.count())
        .where(col(Webhook.integration_id) == integration_id)
        .group_by(col(Webhook.state))
    )
    counted: Counter[str] = Counter()
    for state, many in rows:
        counted[state] = many
    parts = [
        f"{counted[state]} {words}"
        for state, words in (("queued", "waiting"), ("dead", "given up"))
        if counted[state]
    ]
    return f"; {', '.join(parts)}" if parts else ""
