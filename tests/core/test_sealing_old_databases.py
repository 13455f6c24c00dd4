"""A database from before there were seals: the upgrade seals what lies in it."""

import json
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from bot.core import migrations
from bot.core.database import Database
from bot.core.errors import SettingError
from bot.core.keyring import sealed_with
from bot.core.tables import Notice
from bot.people.tables import Person
from tests.support.keys import fixed_keys
from tests.support.postgres import PostgresServer

AT = "2026-03-04 10:00:00"
PEOPLE = 1203  # more than two portions


def _before(address: str, *, with_key: bool = True) -> Database:
    """Make a database of the time before, with people and a notice in it."""
    database = Database(address, fixed_keys() if with_key else None)
    with database.engine.begin() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        people = [
            {"id": one, "telegram": one, "name": "" if one == 5 else f"Person {one}", "at": AT}
            for one in range(1, PEOPLE + 1)
        ]
        connection.execute(
            text(
                "INSERT INTO person (id, telegram_id, name, language, state, consent_version,"
                " consented_at) VALUES (:id, :telegram, :name, 'en', 'active', 1, :at)"
            ),
            people,
        )
        connection.execute(
            text(
                "INSERT INTO notice (id, template, content, offers, until)"
                " VALUES (1, 'x', :content, '[]', '2026-03-04')"
            ),
            {"content": json.dumps({"who": "Ana"})},
        )
    return database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.empty()


def test_the_upgrade_seals_what_an_older_database_holds(empty_address: str) -> None:
    database = _before(empty_address)

    migrations.upgrade(database)

    with database.reading() as session:
        raw = [str(one) for one in session.execute(text("SELECT name FROM person")).scalars()]
        names = {one.name for one in session.exec(select(Person))}
        notice = session.get_one(Notice, 1).content
    database.close()
    assert sum(1 for one in raw if sealed_with(one)) == PEOPLE - 1
    assert not any("Person" in one for one in raw)
    assert names == {"", *(f"Person {one}" for one in range(1, PEOPLE + 1) if one != 5)}
    assert notice == {"who": "Ana"}


def test_without_a_key_an_older_database_is_left_as_it_was(tmp_path: Path) -> None:
    database = _before(f"sqlite:///{tmp_path / 'old.sqlite'}", with_key=False)

    with pytest.raises(SettingError) as error:
        migrations.upgrade(database)

    with database.engine.begin() as connection:
        name = connection.execute(text("SELECT name FROM person WHERE id = 7")).scalar_one()
    database.close()
    assert error.value.code == "S120"
    assert name == "Person 7"
