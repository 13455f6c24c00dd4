"""``gapbot poster``: a poster or card to print, by whose code customers come in."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from bot.core.clock import Clock
from bot.core.database import Database
from bot.core.drawing import draw_png
from bot.core.errors import InputError
from bot.core.i18n import LANGUAGES
from bot.core.migrations import upgrade
from bot.core.render import Texts
from bot.crm.words import CHANNELS
from bot.people.bot_name import bot_username
from bot.people.invitations import link
from bot.people.registry import the_organisation, unit_named
from bot.settings import Settings, read_settings
from bot.ways.keeping import MOST_LANGUAGES, Spot, close_way, find_way, languages_of, open_way
from bot.ways.layout import SIZES
from bot.ways.poster import CARD, Content, Print, place_name, poster_svg
from bot.ways.printing import pdf_of, with_resolution
from bot.ways.words import LABELLED, UNIT, plain_label

FORMATS = ("pdf", "png", "svg")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``poster``."""
    parser = subparsers.add_parser(
        "poster",
        help="make a poster with a code by which customers come in",
        description="Make a poster or a card to print. Its code works until it is closed, for as "
        "many people as like to come; the same place gets the same code each time.",
    )
    parser.add_argument("--unit", required=True, metavar="NAME", help="the unit")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--touchpoint", metavar="NAME", help="where in the unit it hangs")
    place.add_argument("--counter", metavar="NAME", help="at which counter it stands")
    place.add_argument("--shift", metavar="NAME", help="during which shift it is shown")
    parser.add_argument(
        "--channel", choices=tuple(CHANNELS), default="counter", help="how they came (counter)"
    )
    parser.add_argument(
        "--language", action="append", metavar="CODE", help="language; up to three, once for each"
    )
    parser.add_argument("--format", choices=FORMATS, default="pdf", help="kind of file (pdf)")
    parser.add_argument("--size", choices=tuple(SIZES), default="a4", help="size (a4)")
    parser.add_argument("--out", metavar="FILE", help="where to write it (poster.pdf)")
    parser.add_argument("--bot", metavar="NAME", help="the bot's name; asked from Telegram if not")
    parser.add_argument("--close", action="store_true", help="let nobody in by this code any more")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the poster, or close its way in."""
    settings, spot = read_settings(), _spot(args)
    languages = _languages(args)
    username = "" if args.close else _username(args, settings)
    now = Clock().now()
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.transaction() as session:
            the_organisation(session)
            unit = unit_named(session, args.unit)
            unit_id, name = unit.id or 0, unit.name
            if args.close:
                way = find_way(session, unit_id, spot)
                if way is None:
                    raise _nothing_to_close(spot)
                close_way(session, way, now=now)
                sys.stderr.write("Closed: nobody comes in by this code any more.\n")
                return 0
            way = open_way(session, unit_id, spot, now=now, channel=args.channel)
            payload = way.payload
            spoken = languages or languages_of(session, unit_id)
    how = Print(args.size, spoken[:1] if args.size == CARD else spoken)
    _write(args, Content(username, payload, name), how, spot)
    sys.stdout.write(link(username, payload) + "\n")
    return 0


def _write(args: argparse.Namespace, content: Content, how: Print, spot: Spot) -> None:
    """Draw the poster and write its file."""
    texts = Texts()
    content = content._replace(place=place_name(texts, spot, how.languages[0]))
    svg = poster_svg(texts, content, how, in_millimetres=args.format == "svg")
    made = svg.encode()
    if args.format != "svg":
        png = draw_png(svg, how.languages[0])
        made = pdf_of(png) if args.format == "pdf" else with_resolution(png)
    path = Path(args.out or f"poster.{args.format}")
    path.write_bytes(made)
    sys.stderr.write(f"{path} is written: {how.size}, {', '.join(how.languages)}.\n")


def _spot(args: argparse.Namespace) -> Spot:
    for kind in LABELLED:
        label = getattr(args, kind)
        if label is None:
            continue
        try:
            plain = plain_label(label)
        except ValueError as error:
            raise InputError("S462", f"--{kind}", f"{error}.", "Shorten it.") from None
        if not plain:
            raise InputError(
                "S462", f"--{kind}", "it is empty.", f"Name it, or leave --{kind} out."
            )
        return Spot(kind, plain)
    return Spot(UNIT, "")


def _languages(args: argparse.Namespace) -> list[str]:
    wanted: list[str] = list(dict.fromkeys(args.language or ()))
    for code in wanted:
        if code not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise InputError("S407", "--language", f"there is no '{code}'.", f"Take of {known}.")
    most = 1 if args.size == CARD else MOST_LANGUAGES
    if len(wanted) > most:
        raise InputError(
            "S461",
            "--language",
            f"{len(wanted)} languages do not fit on this size.",
            f"Name at most {most}, and make another one for the others.",
        )
    return wanted


def _username(args: argparse.Namespace, settings: Settings) -> str:
    if args.bot:
        return str(args.bot).strip().removeprefix("@")
    username, why = bot_username(settings)
    if not username:
        raise InputError(
            "S460",
            "--bot",
            f"the bot's name is unknown: {why}",
            "Name it, as --bot bluecup_bot; without it no link leads anywhere.",
        )
    return username


def _nothing_to_close(spot: Spot) -> InputError:
    return InputError(
        "S463",
        "--close",
        "there is no open code of this place.",
        "See /poster in the chat for those that are open."
        if spot.kind == UNIT
        else f"Write the {spot.kind} as it is on the poster.",
    )
