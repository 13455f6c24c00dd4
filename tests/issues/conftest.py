"""A house whose staff report what goes wrong."""

import pytest

from bot.core.database import Database
from tests.support.issues import IssueHouse, opened


@pytest.fixture
def house(database: Database) -> IssueHouse:
    """The house, on each kind of database."""
    return opened(database)


@pytest.fixture
def small_house(sqlite_database: Database) -> IssueHouse:
    """The house where the kind of database makes no difference."""
    return opened(sqlite_database)
