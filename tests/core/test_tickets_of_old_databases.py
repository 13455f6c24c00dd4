"""A database in which open anonymous runs lead to their people: the upgrade takes that out."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from bot.core import migrations
from bot.core.database import Database
from bot.core.errors import SettingError
from bot.core.keyring import sealed_with
from bot.surveys import tickets
from bot.surveys.tables import Comment, Run, Wave
from tests.support.keys import fixed_keys
from tests.support.postgres import PostgresServer

AT = "2026-03-04 10:00:00"
RUNS = (
    # key, invitee, wave, anonymous, state
    ("c", 1, 1, True, "open"),
    ("a", 2, 1, True, "open"),
    ("b", None, 1, True, "finished"),
    ("e", 4, 2, False, "open"),
    ("d", 5, 2, False, "finished"),
)


def _before(address: str, *, with_key: bool = True) -> Database:
    """Make a database of the version before, with an anonymous wave and one by name, both open."""
    database = Database(address, fixed_keys() if with_key else None)
    with database.engine.begin() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")

        def add(table: str, **values: object) -> None:
            names, places = ", ".join(values), ", ".join(f":{one}" for one in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608

        add("unit", id=1, name="Riverside", name_key="riverside", state="open", kind="unit")
        for one in range(1, 6):
            add("person", id=one, telegram_id=one, name="", language="en", state="active",
                consent_version=1, consented_at=AT)  # fmt: skip
        add("questionnaire_version", id=1, name="x", version=1, audience="customer", anonymous=True,
            fingerprint="f", content="{}")  # fmt: skip
        for wave in (1, 2):
            add("wave", id=wave, version_id=1, unit_id=1, due_on="2026-03-04", planned_at=AT,
                expires_at=AT, reminders=0, seed=1, closed=False, rolling=False)  # fmt: skip
        for one in range(1, 6):
            add("invitee", id=one, wave_id=1 if one < 4 else 2, person_id=one, state="asked",
                reason="")  # fmt: skip
        for key, invitee, wave, anonymous, state in RUNS:
            add("run", key=key, invitee_id=invitee, wave_id=wave, version_id=1, unit_id=1,
                week="2026-03-02", anonymous=anonymous, promise="p", state=state, form="[]",
                position=0)  # fmt: skip
        add("comment", run_key="b", text="", language="ar", unit_id=1, week="2026-03-02")
        for number, state in enumerate(("sent", "cancelled", "queued"), 1):
            add("delivery", id=number, key=f"reminder1:{number}", kind="reminder", subject="1",
                lane=3, person_id=number, state=state, due_at=AT, expires_at=AT, attempts=1, step=0,
                note="")  # fmt: skip
    return database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.empty()


def test_the_upgrade_puts_tickets_in_the_place_of_plain_links(empty_address: str) -> None:
    database = _before(empty_address)

    migrations.upgrade(database)

    with database.reading() as session:
        rows = session.execute(text("SELECT key, invitee_id, ticket FROM run ORDER BY key")).all()
        found = {
            person: list(tickets.found(session, tickets.links_of(session, person)))
            for person in range(1, 6)
        }
        (secret,) = session.execute(text("SELECT ticket_secret FROM wave WHERE id = 1")).one()
        of_named = session.get_one(Wave, 2).ticket_secret
        languages = list(session.execute(text("SELECT language FROM comment")).scalars())
        language = session.exec(select(Comment.language)).one()
        states = list(session.execute(text("SELECT state FROM delivery")).scalars())
    database.close()
    assert [(row.key, row.invitee_id, row.ticket is None) for row in rows] == [
        ("a", None, False),
        ("b", None, True),
        ("c", None, False),
        ("d", 5, True),
        ("e", 4, True),
    ]
    assert found == {1: ["c"], 2: ["a"], 3: [], 4: ["e"], 5: ["d"]}
    assert sealed_with(secret)
    assert of_named == ""
    assert sealed_with(languages[0])
    assert language == "ar"
    assert states == ["queued"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE run SET invitee_id = 3 WHERE key = 'a'",
        "UPDATE run SET ticket = 'x' WHERE key = 'b'",
        "UPDATE run SET promise = 'q' WHERE key = 'a'",
        "UPDATE run SET state = 'finished' WHERE key = 'a'",
        "UPDATE wave SET closed = (1 = 1) WHERE id = 1",
    ],
)
def test_after_the_upgrade_the_database_keeps_its_promises(
    empty_address: str, statement: str
) -> None:
    database = _before(empty_address)
    migrations.upgrade(database)

    with pytest.raises(DBAPIError):
        database.run(lambda session: session.execute(text(statement)))

    runs = database.run(lambda session: session.exec(select(Run).order_by(col(Run.key))).all())
    database.close()
    assert [one.key for one in runs] == ["a", "b", "c", "d", "e"]


def test_without_a_key_an_older_database_is_left_as_it_was(tmp_path: Path) -> None:
    database = _before(f"sqlite:///{tmp_path / 'old.sqlite'}", with_key=False)

    with pytest.raises(SettingError) as error:
        migrations.upgrade(database)

    with database.engine.begin() as connection:
        linked = connection.execute(text("SELECT count(*) FROM run WHERE invitee_id IS NOT NULL"))
        assert linked.scalar_one() == 4
    database.close()
    assert error.value.code == "S120"
