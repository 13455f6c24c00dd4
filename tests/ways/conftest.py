"""A house with posters: its router lets people in, and answers for codes and questionnaires."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.database import Database
from bot.core.router import Router
from bot.people import chat as people_chat
from bot.people.door import PeopleDoor
from bot.people.registry import all_units, unit_named
from bot.people.tables import Person
from bot.surveys import chat as surveys_chat
from bot.surveys.schedules import start_schedules
from bot.ways import chat, keeping
from bot.ways.coming import PosterEntrance
from bot.ways.desk import WayDesk
from bot.ways.keeping import Spot
from bot.ways.tables import WayIn
from tests.support.surveys import House
from tests.support.updates import Chat, User

MANAGER, OTHER, OWNER, STAFF, CUSTOMER = 21, 22, 23, 24, 25
TILL = Spot("counter", "Till 2")
BOT = "bluecup_bot"


@dataclass
class PosterHouse(House):
    """The house whose manager hangs posters."""

    username: str = BOT

    @cached_property
    def ways(self) -> WayDesk:
        """The desk of the ways in."""
        return WayDesk(surveys=self.desk, username=lambda: self.username)

    @cached_property
    def router(self) -> Router:
        """The router of people, questionnaires and ways in."""
        features = [surveys_chat.routes(self.desk), chat.routes(self.ways)]
        people = people_chat.routes(
            others=features,
            username=lambda: self.username,
            companions=(PosterEntrance(self.ways),),
            more_invitations=(chat.offered,),
        )
        return Router(PeopleDoor(), [people, *features], self.texts)

    def chat(self, telegram_id: int, language: str = "en") -> Chat:
        """Return a person's chat with the bot."""
        user = User(telegram_id, language_code=language)
        return Chat(self.database, self.router, user, lambda: self.now, secret=self.secret)

    def unit(self, name: str = "Riverside") -> int:
        """Return the id of a unit."""
        return self.database.run(lambda session: unit_named(session, name).id or 0)

    def way(self, spot: Spot = TILL, unit: str = "Riverside", **about: Any) -> WayIn:
        """Make a way in, or find it again."""

        def work(session: Session) -> WayIn:
            unit_id = unit_named(session, unit).id or 0
            one = keeping.open_way(session, unit_id, spot, now=self.now, **about)
            session.expunge(one)
            return one

        return self.database.run(work)

    def came(self, telegram_id: int, way: WayIn) -> Chat:
        """Let somebody scan a code and agree; return their chat."""
        talk = self.chat(telegram_id)
        talk.send(f"/start {way.payload}")
        talk.press("I agree")
        return talk

    def person(self, telegram_id: int) -> Person | None:
        """Read what is stored of somebody."""
        query = select(Person).where(col(Person.telegram_id) == telegram_id)
        with self.database.reading() as session:
            found = session.scalars(query).one_or_none()
            session.expunge_all()
            return found

    def roles(self, telegram_id: int) -> tuple[tuple[str, int | None], ...]:
        """Read what somebody is."""
        who = self.database.run(lambda session: PeopleDoor().recognise(session, telegram_id))
        return who.roles if who else ()


def opened(database: Database) -> PosterHouse:
    """Riverside and Old Town, each with a manager and its questionnaires; an owner, staff."""
    house = PosterHouse(database)
    house.open(units=("Riverside", "Old Town"))
    house.add(MANAGER, "manager")
    house.add(OTHER, "manager", unit="Old Town")
    house.add(OWNER, "owner")
    house.add(STAFF, "staff")
    house.database.run(
        lambda session: start_schedules(
            session, house.desk, units=all_units(session), now=house.now
        )
    )
    return house


@pytest.fixture
def house(sqlite_database: Database) -> PosterHouse:
    """The house on SQLite."""
    return opened(sqlite_database)


@pytest.fixture
def any_house(database: Database) -> PosterHouse:
    """The house on each kind of database."""
    return opened(database)
