"""A house whose people can say when they wish to be asked."""

from dataclasses import dataclass, field

import pytest

from bot.core.database import Database
from bot.core.router import Router
from bot.people.door import PeopleDoor
from bot.reach import chat as reach_chat
from bot.reach.desk import ReachDesk
from bot.surveys import chat as surveys_chat
from bot.surveys.desk import SurveyDesk
from tests.support.surveys import House
from tests.support.updates import Chat, User


@dataclass
class ReachHouse(House):
    """The organisation under test, with the commands of contact beside those of questionnaires."""

    desk: SurveyDesk = field(default_factory=lambda: SurveyDesk(reach=ReachDesk()))

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the bot."""
        parts = [surveys_chat.routes(self.desk), reach_chat.routes(self.desk.reach)]
        router = Router(PeopleDoor(), parts, self.texts)
        return Chat(self.database, router, User(telegram_id), lambda: self.now, secret=self.secret)


@pytest.fixture
def house(database: Database) -> ReachHouse:
    """On both kinds of database."""
    house = ReachHouse(database)
    house.open(zone="Europe/Berlin")
    return house


@pytest.fixture
def small_house(sqlite_database: Database) -> ReachHouse:
    """On SQLite alone, for what does not depend on the database."""
    house = ReachHouse(sqlite_database)
    house.open(zone="Europe/Berlin")
    return house
