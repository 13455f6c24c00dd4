"""A house whose customers rate low."""

import pytest

from bot.core.database import Database
from tests.support.cases import CaseHouse, opened


@pytest.fixture
def house(database: Database) -> CaseHouse:
    """The house, on each kind of database."""
    return opened(database)


@pytest.fixture
def small_house(sqlite_database: Database) -> CaseHouse:
    """The house where the kind of database makes no difference."""
    return opened(sqlite_database)
