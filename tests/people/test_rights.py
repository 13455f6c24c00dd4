"""The table of rights: every command, button and awaited reply of the bot, played by every role."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import Session, col
from telegram import Update

from bot.core import asking
from bot.core.callbacks import sign
from bot.core.database import Database
from bot.core.dialogue import ANALYST, MANAGER, OWNER, REGIONAL, STAFF, Identity
from bot.core.render import Texts
from bot.core.router import Router
from bot.parts import Parts
from bot.people.door import PeopleDoor, identity_of
from bot.people.menu import SECTIONS
from bot.people.registry import create_unit, set_up, unit_named
from bot.people.rights import INVITES, ROLES, RULES, may_appoint
from bot.people.tables import REGION, Person, Role
from bot.settings import Settings
from tests.conftest import NOW
from tests.support.catalogues import ROOT
from tests.support.keys import fixed_keys
from tests.support.updates import User, message, press, said

REFUSED = "This is not open to you."
NOT_IN_USE = "This button is no longer in use. Please send /start."
STRANGER = "stranger"
SECRET = "the key of a test"
_NEEDS = {"inv": "inv:customer"}
"""What a button must say for its handler not to refuse it for what it does not say."""


class Company:
    """North holds Riverside and Lakes, Lakes holds Old Town; South Gate lies in no region."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        self.units = database.run(self._made)

    def _made(self, session: Session) -> dict[str, int]:
        set_up(
            session,
            name="Blue Cup",
            units=["South Gate"],
            zone="UTC",
            language="en",
            now=self.now,
        )
        north = create_unit(session, "North", kind=REGION)
        lakes = create_unit(session, "Lakes", kind=REGION, parent_id=north.id)
        riverside = create_unit(session, "Riverside", parent_id=north.id)
        old_town = create_unit(session, "Old Town", parent_id=lakes.id)
        south = unit_named(session, "South Gate")
        return {one.name: one.id or 0 for one in (north, lakes, riverside, old_town, south)}

    def person(self, telegram_id: int, *roles: tuple[str, str | None]) -> int:
        """Store somebody with these roles; return their number."""

        def store(session: Session) -> int:
            person = Person(telegram_id=telegram_id, name="A", language="en", consented_at=self.now)
            session.add(person)
            session.flush()
            for kind, unit in roles:
                unit_id = self.units[unit] if unit else None
                role = Role(
                    person_id=person.id or 0, unit_id=unit_id, kind=kind, granted_at=self.now
                )
                session.add(role)
            return person.id or 0

        return self.database.run(store)

    def identity(self, telegram_id: int) -> Identity:
        """Return who somebody is, as the door recognises them."""
        who = self.database.run(lambda session: PeopleDoor().recognise(session, telegram_id))
        assert who is not None
        return who


@pytest.fixture
def company(database: Database, now: datetime) -> Company:
    """The company on each kind of database."""
    return Company(database, now)


def test_a_regional_manager_is_a_manager_of_every_unit_of_the_region(company: Company) -> None:
    company.person(1, (REGIONAL, "North"))

    who = company.identity(1)

    inside = {company.units[name] for name in ("North", "Lakes", "Riverside", "Old Town")}
    assert set(who.units(MANAGER)) == inside
    assert who.has(MANAGER)
    assert who.may_see(company.units["Old Town"])
    assert not who.may_see(company.units["South Gate"])
    assert who.units(STAFF) == ()


def test_a_regional_manager_of_a_part_sees_nothing_beside_or_above_it(company: Company) -> None:
    company.person(1, (REGIONAL, "Lakes"), (STAFF, "Riverside"))

    who = company.identity(1)

    assert set(who.units(MANAGER)) == {company.units["Lakes"], company.units["Old Town"]}
    assert not who.may_see(company.units["Riverside"])
    assert not who.may_see(company.units["North"])


def test_an_analyst_reads_figures_and_steers_nothing(company: Company) -> None:
    company.person(1, (ANALYST, "Lakes"))
    company.person(2, (ANALYST, None))

    of_lakes, of_all = company.identity(1), company.identity(2)

    assert of_lakes.may_count(company.units["Old Town"])
    assert not of_lakes.may_count(company.units["Riverside"])
    assert of_all.may_count(company.units["South Gate"])
    assert not any(of_all.may_see(unit_id) for unit_id in company.units.values())
    assert not of_lakes.has(MANAGER, OWNER)


def test_a_unit_that_moves_away_is_no_longer_seen(company: Company) -> None:
    number = company.person(1, (REGIONAL, "Lakes"))

    company.database.run(
        lambda session: setattr(unit_named(session, "Old Town"), "parent_id", None)
    )
    who = company.database.run(lambda session: identity_of(session, number))

    assert who is not None
    assert not who.may_see(company.units["Old Town"])


def test_each_role_appoints_only_whom_and_where_the_table_says(company: Company) -> None:
    company.person(1, (REGIONAL, "Lakes"), (MANAGER, "Riverside"))

    who = company.identity(1)

    assert may_appoint(who, MANAGER, company.units["Old Town"])
    assert may_appoint(who, STAFF, company.units["Riverside"])
    assert not may_appoint(who, MANAGER, company.units["Riverside"])  # only a manager there
    assert not may_appoint(who, STAFF, company.units["South Gate"])
    assert not may_appoint(who, ANALYST, None)
    assert not may_appoint(who, OWNER, None)
    assert set(INVITES[OWNER]) == set(ROLES)


# --- The matrix. What the router lets in is the same on every database; it is played on SQLite.


class Matrix:
    """The bot with all its features, and one person of each role, in a database thrown away."""

    def __init__(self, company: Company, texts: Texts) -> None:
        parts = Parts(Settings(), texts, username=lambda: "bluecup_bot")
        self.company = company
        self.router = Router(PeopleDoor(), parts.routes(), texts)
        self.people: dict[str, User] = {STRANGER: User(999)}
        self.numbers: dict[str, int] = {}
        for number, role in enumerate(ROLES, start=1):
            where = {OWNER: None, ANALYST: None, REGIONAL: "North"}.get(role, "Riverside")
            self.numbers[role] = company.person(number, (role, where))
            self.people[role] = User(number)

    def is_let_in(
        self,
        role: str,
        update: Update,
        topic: str = "",
        *,
        first: Callable[[Session], None] | None = None,
    ) -> bool:
        """Hand the router an update of somebody; tell whether it was not refused.

        ``first`` is what happens between the button, or the question, and the update.
        """
        words = self.answer(role, update, topic, first=first)
        return REFUSED not in words and "by invitation" not in words

    def answer(
        self,
        role: str,
        update: Update,
        topic: str = "",
        *,
        first: Callable[[Session], None] | None = None,
    ) -> str:
        """Return what the router says to an update; nothing of it is kept."""
        unit = str(self.company.units["Riverside"])

        def handled(session: Session) -> str:
            if topic:
                asking.ask(
                    session, self.numbers[role], topic=topic, subject=unit, now=self.company.now
                )
            if first is not None:
                first(session)
            calls = self.router.handle(session, update, now=self.company.now, secret=SECRET)
            session.rollback()
            return said(calls)

        return self.company.database.run(handled)


@pytest.fixture(scope="module")
def matrix(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, texts: Texts
) -> Iterator[Matrix]:
    """The bot and its people, made once: every update is rolled back."""
    path = tmp_path_factory.mktemp("matrix") / "gapbot.sqlite"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}", fixed_keys())
    yield Matrix(Company(database, NOW), texts)
    database.close()


def _table(kind: str) -> dict[str, tuple[str, ...]]:
    return {name: rule.roles for rule in RULES.values() for name in getattr(rule, kind).split()}


def _registered(router: Router) -> dict[str, set[str]]:
    return {
        "commands": set(router.commands),
        "presses": set(router.presses),
        "replies": set(router.replies),
    }


@pytest.mark.parametrize("kind", ["commands", "presses", "replies"])
def test_everything_the_bot_answers_to_stands_once_in_the_table(matrix: Matrix, kind: str) -> None:
    listed = [name for rule in RULES.values() for name in getattr(rule, kind).split()]

    assert len(listed) == len(set(listed))
    assert set(listed) == _registered(matrix.router)[kind]
    assert all(set(rule.roles) <= set(ROLES) for rule in RULES.values())


def test_every_command_stands_under_one_heading_of_the_help(matrix: Matrix) -> None:
    headed = [name for _, names in SECTIONS for name in names.split()]

    assert len(headed) == len(set(headed))
    assert set(headed) <= set(matrix.router.commands)
    assert set(headed) >= {name for name, one in matrix.router.commands.items() if one.menu}


@pytest.mark.parametrize("role", [*ROLES, STRANGER])
def test_the_router_lets_each_role_in_where_the_table_does(matrix: Matrix, role: str) -> None:
    user = matrix.people[role]

    let_in = {
        "commands": {
            name for name in _table("commands") if matrix.is_let_in(role, message(user, f"/{name}"))
        },
        "presses": {
            verb
            for verb in _table("presses")
            if matrix.is_let_in(role, press(user, sign(SECRET, user.id, _NEEDS.get(verb, verb))))
        },
        "replies": {
            topic
            for topic in _table("replies")
            if role != STRANGER and matrix.is_let_in(role, message(user, "words"), topic)
        },
    }

    for kind, names in let_in.items():
        allowed = {name for name, roles in _table(kind).items() if not roles or role in roles}
        if role == STRANGER:  # where everybody is let in, strangers are told how one gets in
            assert names <= allowed, kind
        else:
            assert names == allowed, kind


@pytest.mark.parametrize("role", [OWNER, REGIONAL, MANAGER, ANALYST, STAFF])
def test_whose_role_ended_between_the_button_and_its_press_is_refused(
    matrix: Matrix, role: str
) -> None:
    """The buttons were made for this very person, and so was the question they answer."""
    user = matrix.people[role]

    def ended(session: Session) -> None:
        session.execute(delete(Role).where(col(Role.person_id) == matrix.numbers[role]))

    for verb, roles in _table("presses").items():
        shown = press(user, sign(SECRET, user.id, _NEEDS.get(verb, verb)))
        assert matrix.is_let_in(role, shown, first=ended) is not bool(roles), verb
    for topic, roles in _table("replies").items():
        said = message(user, "words")
        assert matrix.is_let_in(role, said, topic, first=ended) is not bool(roles), topic


@pytest.mark.parametrize("role", [*ROLES, STRANGER])
def test_a_button_made_for_somebody_else_does_nothing(matrix: Matrix, role: str) -> None:
    """Forwarded, copied or made up: an analyst with a manager's button, a customer with any."""
    user = matrix.people[role]
    others = [one for one in matrix.people.values() if one != user]

    for verb in _table("presses"):
        for other in others:
            forwarded = press(user, sign(SECRET, other.id, _NEEDS.get(verb, verb)))
            assert matrix.answer(role, forwarded) == NOT_IN_USE, verb


def test_the_page_of_rights_shows_the_table() -> None:
    page = (ROOT / "docs/reference/rights.md").read_text("utf-8")

    rows = [
        f"| {rule.what} |"
        + "|".join(" ✓ " if not rule.roles or role in rule.roles else " " for role in ROLES)
        + "|"
        for rule in RULES.values()
    ]
    head = f"| who may | {' | '.join(ROLES)} |"

    assert "\n".join([head, "|---|" + "---|" * len(ROLES), *rows]) in page
    for role, others in INVITES.items():
        assert f"| {role} | {', '.join(others)}: " in page
