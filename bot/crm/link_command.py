"""``gapbot link``: a link by which a customer says in Telegram who they are."""

import argparse
import sys
from contextlib import closing
from datetime import timedelta

from bot.core.clock import Clock
from bot.core.database import Database
from bot.core.errors import InputError
from bot.core.migrations import upgrade
from bot.crm.keeping import customer_of
from bot.crm.linking import invite_customer
from bot.people.bot_name import bot_username
from bot.people.invitations import link
from bot.people.registry import the_organisation, unit_named
from bot.settings import read_settings


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``link``."""
    parser = subparsers.add_parser(
        "link",
        help="print a link that ties a customer to Telegram",
        description="Print a link for one customer of the CRM. It works once; who opens it reads "
        "what it says of them and agrees, or not.",
    )
    parser.add_argument("customer", metavar="CUSTOMER", help="the customer's reference")
    parser.add_argument("--unit", required=True, metavar="NAME", help="where they are a customer")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the link and print it."""
    settings = read_settings()
    now = Clock().now()
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.transaction() as session:
            the_organisation(session)
            customer = customer_of(session, args.customer)
            if customer is None:
                raise InputError(
                    "S421",
                    "CUSTOMER",
                    f"there is no customer '{args.customer}'.",
                    "Import the customer first: gapbot import customers FILE.",
                )
            payload = invite_customer(
                session,
                customer,
                unit_id=unit_named(session, args.unit).id or 0,
                now=now,
                days=settings.invitation_days,
            )
    username, why = bot_username(settings)
    if username:
        sys.stdout.write(link(username, payload) + "\n")
    else:
        sys.stderr.write(f"gapbot: the bot's name is unknown: {why} ")
        sys.stderr.write(f"The customer can send the bot: /start {payload}\n")
    sys.stdout.write(f"payload: {payload}\n")
    until = now + timedelta(days=settings.invitation_days)
    sys.stderr.write(f"It works once, until {until:%Y-%m-%d %H:%M} UTC.\n")
    return 0
