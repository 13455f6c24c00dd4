"""A house for every test of questionnaires at run time."""

import pytest

from bot.core.database import Database
from tests.support.surveys import House


@pytest.fixture
def house(database: Database) -> House:
    """An organisation with one unit, on both kinds of database."""
    return House(database).open()


@pytest.fixture
def small_house(sqlite_database: Database) -> House:
    """The same on SQLite alone, for what does not depend on the database."""
    return House(sqlite_database).open()
