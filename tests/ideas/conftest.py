"""Houses with ideas."""

import pytest

from bot.core.database import Database
from tests.support.ideas import IdeaHouse


@pytest.fixture
def house(database: Database) -> IdeaHouse:
    """Two units and their people, on both databases."""
    return IdeaHouse(database).fill()


@pytest.fixture
def lite(sqlite_database: Database) -> IdeaHouse:
    """The same, where the kind of database does not matter."""
    return IdeaHouse(sqlite_database).fill()
