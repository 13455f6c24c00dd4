"""Somebody takes the files of the database and looks at bytes and old rows, not at the rows.

What was erased or cut loose must lie in none of them: neither in free pages nor in the log.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlmodel import Session, col, select

from bot.core.database import Database
from bot.issues.traces import empty_log, sweep
from bot.people.tables import Person
from bot.privacy import erasing
from bot.surveys import ticks
from bot.surveys.tables import Run
from tests.support.surveys import START, House
from tests.support.updates import press

LARGE = 0x5A5B5C5D5E00
"""Numbers in six odd bytes, which are nowhere in a file by chance."""

PEOPLE = tuple(LARGE + number for number in range(1, 7))


@pytest.fixture
def house(sqlite_database: Database) -> House:
    """Six customers whose numbers at Telegram are known by their bytes; they have been asked."""
    return lived(sqlite_database)


@pytest.fixture
def forgetful(sqlite_database: Database) -> Iterator[House]:
    """The same with the protection taken away: SQLite does not overwrite what it deletes."""
    event.listen(sqlite_database.engine, "connect", _leave_what_is_deleted)
    yield lived(sqlite_database)
    event.remove(sqlite_database.engine, "connect", _leave_what_is_deleted)


def _leave_what_is_deleted(connection: object, _: object) -> None:
    connection.execute("PRAGMA secure_delete=OFF")  # type: ignore[attr-defined]


def lived(database: Database) -> House:
    house = House(database).open()
    for one in PEOPLE:
        house.add(one)
    house.send()
    return house


def links(house: House) -> list[bytes]:
    """Return what leads to the runs, for whoever has the key: their tickets."""
    return [run.ticket.encode() for run in house.rows(Run)]


def files(house: House) -> bytes:
    """Read the database with all that lies beside it."""
    path = Path(house.database.engine.url.database or "")
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))


def answer_and_close(house: House) -> None:
    """Let one of the six answer and finish; then the time of all is over."""
    calls = house.deliver()
    chat = house.chat(PEOPLE[2])
    chat.last = [call for call in calls if call["chat_id"] == PEOPLE[2]]
    for _ in range(8):
        rows = chat.last[-1].get("reply_markup", {}).get("inline_keyboard", [])
        fives = [one["callback_data"] for row in rows for one in row if one["text"] == "5"]
        if not fives:
            break
        chat.take(press(chat.user, fives[0]))
    house.now = START + timedelta(days=6)
    house.database.run(lambda session: ticks.expire_due(session, house.now))


def seen(house: House, act: Callable[[House], None]) -> tuple[int, int, int]:
    """Count links in the bytes: before, after an act, and once the log is cut."""
    wanted = links(house)

    def count() -> int:
        content = files(house)
        return sum(one in content for one in wanted)

    before = count()
    act(house)
    after = count()
    assert empty_log(house.database)
    return before, after, count()


def test_when_a_sending_has_closed_no_ticket_is_in_any_byte_of_any_file(house: House) -> None:
    before, in_log, then = seen(house, answer_and_close)

    assert before == 6
    assert in_log > 0  # in the write-ahead log, which is why it is cut
    assert then == 0


def test_without_overwriting_what_is_deleted_tickets_would_be_found(forgetful: House) -> None:
    _, _, then = seen(forgetful, answer_and_close)

    assert then > 0


@pytest.mark.parametrize("protected", [True, False])
def test_whoever_was_erased_is_in_no_byte_of_any_file(
    protected: bool, request: pytest.FixtureRequest
) -> None:
    house: House = request.getfixturevalue("house" if protected else "forgetful")
    number = PEOPLE[3].to_bytes(6, "big")
    assert number in files(house)

    def erase(session: Session) -> None:
        one = session.exec(select(Person).where(col(Person.telegram_id) == PEOPLE[3])).one()
        erasing.erase(session, one.id or 0, now=house.now)

    house.database.run(erase)
    empty_log(house.database)

    assert (number in files(house)) is not protected


def test_on_postgresql_old_rows_are_taken_out(database: Database) -> None:
    """Old rows show in the server's own count; of bytes in free space this says nothing.

    All is done by one connection, since each tells the server what it counted in its own time.
    """
    database.engine.dispose()
    if not database.is_sqlite:
        database = Database(database.address, database.keys)
    house = House(database).open()
    for one in PEOPLE:
        house.add(one)
    house.send()
    answer_and_close(house)

    before = dead_rows(database)
    sweep(database)

    after = dead_rows(database)
    database.close()
    assert after == 0
    assert database.is_sqlite or before > 0


def dead_rows(database: Database) -> int:
    """Return how many old rows of runs and answers PostgreSQL still keeps."""
    if database.is_sqlite:
        return 0
    query = text(
        "SELECT coalesce(sum(n_dead_tup), 0) FROM pg_stat_user_tables"
        " WHERE relname IN ('run', 'answer', 'invitee')"
    )
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        connection.commit()
        return int(connection.execute(query).scalar_one())
