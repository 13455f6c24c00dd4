"""``gapbot export-person`` and ``gapbot erase-person``: answer a request made in writing."""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from bot.core import audit
from bot.core.database import Database
from bot.core.errors import InputError
from bot.core.migrations import upgrade
from bot.core.render import Texts
from bot.people.registry import the_organisation
from bot.people.tables import Person, Role, Unit
from bot.privacy import erasing, gathering
from bot.settings import read_settings


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands ``export-person`` and ``erase-person``."""
    export = subparsers.add_parser(
        "export-person",
        help="write everything that leads to somebody into a file",
        description="Write everything that leads to somebody into a file, as JSON. It is recorded.",
    )
    _add_who(export)
    export.add_argument("--out", metavar="FILE", help="the file (person-NUMBER.json)")
    export.set_defaults(run=run_export)
    erase = subparsers.add_parser(
        "erase-person",
        help="erase what leads to somebody",
        description="Erase what leads to somebody, as /forget does. Without --yes it says what "
        "would go. It is recorded.",
    )
    _add_who(erase)
    erase.add_argument("--yes", action="store_true", help="do it")
    erase.set_defaults(run=run_erase)


def run_export(args: argparse.Namespace) -> int:
    """Write the file of one person."""
    now = datetime.now(UTC)

    def write(session: Session, person: Person) -> str:
        language = the_organisation(session).language
        audit.record(session, "person.exported", now=now, subject=f"person {person.id}")
        content = gathering.file_of(
            session, Texts(), person.id or 0, language=language, now=now, to_themselves=False
        )
        path = Path(args.out or f"person-{person.id}.json")
        path.touch(mode=0o600)
        path.write_bytes(content)
        return f"Everything that leads to {person.name} (number {person.id}) is in {path}."

    return _with_person(args, write)


def run_erase(args: argparse.Namespace) -> int:
    """Erase one person, or say what would go."""
    now = datetime.now(UTC)

    def work(session: Session, person: Person) -> str:
        number, name = person.id or 0, person.name
        if erasing.is_last_owner(session, number):
            raise InputError(
                "S441",
                name,
                "this is the only owner.",
                "Let another one in first: gapbot invite --role owner.",
            )
        found = gathering.gathered(session, number, to_themselves=False)
        if not args.yes:
            listed = "\n".join(f"  {one.title}: {len(rows)}" for one, rows in found)
            return f"{name} (number {number}) would be erased:\n{listed}\nDo it with --yes."
        went = erasing.erase(session, number, now=now)
        answers = went.answers if went else 0
        return f"{name} (number {number}) is erased, with {answers} answers under their name."

    return _with_person(args, work)


def _add_who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", metavar="NAME", help="their name, or a part of it")
    parser.add_argument("--number", metavar="N", help="their number, as in the record of changes")
    parser.add_argument("--telegram-id", metavar="ID", help="their id at Telegram")


def _with_person(args: argparse.Namespace, work: Callable[[Session, Person], str]) -> int:
    settings = read_settings()
    with closing(Database(settings.database_address(), settings.keyring())) as database:
        upgrade(database)
        with database.transaction() as session:
            said = work(session, _found(session, args))
    sys.stdout.write(said + "\n")
    return 0


def _found(session: Session, args: argparse.Namespace) -> Person:
    the_organisation(session)
    given = {
        "--name": args.name,
        "--number": args.number,
        "--telegram-id": args.telegram_id,
    }
    named = [(place, value) for place, value in given.items() if value]
    if len(named) != 1:
        raise InputError(
            "S440",
            "the person",
            "it is not clear who is meant.",
            "Give one of --name, --number and --telegram-id.",
        )
    ((place, value),) = named
    if place == "--name":
        return _by_name(session, value)
    column = col(Person.id) if place == "--number" else col(Person.telegram_id)
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else 0
    person = session.scalars(select(Person).where(column == number)).one_or_none()
    if person is None:
        raise _nobody(place, value)
    return person


def _by_name(session: Session, name: str) -> Person:
    found = gathering.people_named(session, name)
    if not found:
        raise _nobody("--name", name)
    if len(found) > 1:
        listed = "; ".join(
            f"{shown}, number {one} ({_roles(session, one)})" for one, shown in found
        )
        raise InputError("S440", "--name", f"several are called so: {listed}.", "Give --number.")
    return session.get_one(Person, found[0][0])


def _roles(session: Session, person_id: int) -> str:
    rows = session.execute(
        select(col(Role.kind), col(Unit.name))
        .outerjoin(Unit, col(Unit.id) == col(Role.unit_id))
        .where(col(Role.person_id) == person_id)
        .order_by(col(Role.id))
    )
    return ", ".join(f"{kind} of {unit}" if unit else str(kind) for kind, unit in rows) or "no role"


def _nobody(place: str, value: str) -> InputError:
    return InputError(
        "S440", place, f"there is nobody '{value}'.", "Nothing leads to such a person."
    )
