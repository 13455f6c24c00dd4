"""A house whose managers and staff work on actions."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.core.database import Database
from tests.support.actions import ActionHouse, opened


@pytest.fixture
def house(database: Database) -> ActionHouse:
    """The house, on each kind of database."""
    return opened(database)


@pytest.fixture
def small_house(sqlite_database: Database) -> ActionHouse:
    """The house where the kind of database makes no difference."""
    return opened(sqlite_database)


@pytest.fixture
def at() -> Callable[..., datetime]:
    """Make a moment in March 2026, UTC."""
    return lambda day, hour=10: datetime(2026, 3, day, hour, tzinfo=UTC)
