"""``gapbot digest --unit U``: send a unit's digest to its managers now, or print it."""

import argparse
import html
import re
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from bot.analysis.command import windows_of
from bot.analysis.refresh import refresh
from bot.analysis.reports import make_report
from bot.core.database import Database
from bot.core.errors import InputError
from bot.core.i18n import LANGUAGES
from bot.core.migrations import upgrade
from bot.core.render import Texts
from bot.digests.chart import draw_png
from bot.digests.message import Digest, compose
from bot.digests.planning import promise, readers
from bot.digests.reading import view_of
from bot.improvement.shelf import shelf_of
from bot.people.registry import the_organisation, unit_named
from bot.people.tables import Unit
from bot.settings import Settings, read_settings


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``digest``."""
    parser = subparsers.add_parser(
        "digest",
        help="send a unit's digest to its managers, or print it",
        description="Promise a unit's digest to its managers (to the owners where it has none); "
        "the running bot sends it at once. With --dry-run it is printed and its images are "
        "written, and nobody is written to.",
    )
    parser.add_argument("--unit", required=True, help="the unit's name")
    parser.add_argument("--dry-run", action="store_true", help="print it, write the images")
    parser.add_argument("--language", choices=LANGUAGES, help="of the printed digest")
    parser.add_argument("--out", type=Path, help="folder for the images (GAPBOT_DATA/digests)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Promise or print."""
    settings = read_settings()
    database = Database(settings.database_address(), settings.keyring())
    try:
        upgrade(database)
        unit = database.run(lambda session: _known_unit(session, args.unit))
        if args.dry_run:
            _print(settings, database, unit, args)
        else:
            people = database.run(lambda session: _promise_now(session, unit))
            print(
                f"Digest of {unit.name} promised to {people} "
                f"{'person' if people == 1 else 'people'}; the running bot sends it now."
            )
    finally:
        database.close()
    return 0


def digest_of(
    session: Session, settings: Settings, unit: Unit, *, language: str, now: datetime
) -> Digest:
    """Bring the figures up to date and write a unit's digest in a language."""
    while refresh(session):
        pass
    report_id = make_report(session, now, windows_of(settings))
    shelf = shelf_of(settings)
    shelf.refresh(session)
    fixes = shelf()
    view = view_of(
        session,
        unit_id=unit.id or 0,
        report_id=report_id,
        language=language,
        fixes=fixes,
        today=now.date(),
    )
    return compose(Texts(), view, language, fixes=fixes)


def plain(text: str) -> str:
    """Return a message of Telegram's HTML as plain text for a terminal."""
    without_tags = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"[\u2066-\u2069]", "", html.unescape(without_tags)).strip()


def write_images(digest: Digest, folder: Path, *, name: str, language: str) -> list[Path]:
    """Draw a digest's charts into a folder, made when it is missing; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files, stem = [], re.sub(r"[^\w-]+", "-", name)
    for number, svg in enumerate(digest.charts, start=1):
        path = folder / f"{stem}-{number}.png"
        path.write_bytes(draw_png(svg, language))
        files.append(path)
    return files


def _known_unit(session: Session, name: str) -> Unit:
    the_organisation(session)
    return unit_named(session, name)


def _promise_now(session: Session, unit: Unit) -> int:
    now = datetime.now(UTC)
    people = readers(session, unit.id or 0)
    if not people:
        raise InputError(
            "S420",
            "--unit",
            f"nobody reads the digest of '{unit.name}' yet.",
            f"Invite a manager: gapbot invite --role manager --unit '{unit.name}'.",
        )
    for person in people:
        promise(
            session,
            unit_id=unit.id or 0,
            person_id=person.id or 0,
            occasion=f"sent {now:%Y-%m-%dT%H:%M:%S}",
            last_week=None,
            now=now,
        )
    return len(people)


def _print(settings: Settings, database: Database, unit: Unit, args: argparse.Namespace) -> None:
    while database.run(refresh):
        pass
    with database.transaction() as session:
        language = args.language or the_organisation(session).language
        digest = digest_of(session, settings, unit, language=language, now=datetime.now(UTC))
    texts = [digest.caption, *(page.text for page in digest.pages)]
    print("\n\n".join(plain(text) for text in texts if text))
    folder = args.out or settings.data / "digests"
    for path in write_images(digest, folder, name=unit.name, language=language):
        print(f"image: {path}")
