"""Stored updates: known once, emptied when handled, forgotten when nobody repeats them."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import column, text

from bot.core import inbox
from bot.core.database import Database
from bot.core.dialogue import message_call
from bot.core.sealing import Sealed

DAY = date(2026, 3, 4)


def _update(update_id: int, sender: int = 7, said: str = "my secret") -> dict[str, Any]:
    return {"update_id": update_id, "message": {"from": {"id": sender}, "text": said}}


def _row(database: Database, update_id: int) -> tuple[Any, ...]:
    with database.reading() as session:
        row = session.execute(
            text(
                "SELECT state, sender, raw, calls FROM inbox_update WHERE update_id = :id"
            ).columns(
                column("state"), column("sender"), column("raw", Sealed), column("calls", Sealed)
            ),
            {"id": update_id},
        ).one()
        return tuple(row)


def test_an_update_is_stored_once_however_often_it_comes(database: Database) -> None:
    assert database.run(lambda session: inbox.store(session, [_update(1)], DAY))
    assert not database.run(lambda session: inbox.store(session, [_update(1), _update(2)], DAY))

    left = database.run(inbox.left_over)

    assert [update_id for update_id, *_ in left] == [1, 2]


def test_a_handled_update_keeps_its_replies_and_loses_text_and_sender(database: Database) -> None:
    database.run(lambda session: inbox.store(session, [_update(1)], DAY))

    database.run(lambda session: inbox.mark_handled(session, 1, [message_call(7, "hello")]))

    state, sender, raw, calls = _row(database, 1)
    assert (state, sender, raw) == ("handled", 0, "")
    assert "hello" in calls
    left = inbox.without_outdated_edits(database.run(inbox.left_over))
    assert [(update_id, whose) for update_id, whose, *_ in left] == [(1, 7)]


def test_nothing_personal_is_left_of_an_update_that_is_done(database: Database) -> None:
    database.run(lambda session: inbox.store(session, [_update(1), _update(2)], DAY))

    database.run(lambda session: inbox.mark_handled(session, 1, []))
    database.run(lambda session: inbox.mark_handled(session, 2, [message_call(7, "hello")]))
    database.run(lambda session: inbox.mark_done(session, [2]))

    assert _row(database, 1) == _row(database, 2) == ("done", 0, "", "")


def test_what_another_process_has_handled_cannot_be_handled_again(database: Database) -> None:
    database.run(lambda session: inbox.store(session, [_update(1)], DAY))
    database.run(lambda session: inbox.mark_handled(session, 1, []))

    assert not database.run(lambda session: inbox.is_fresh(session, 1))
    with pytest.raises(inbox.AlreadyHandled):
        database.run(lambda session: inbox.mark_handled(session, 1, []))


def test_an_update_that_was_put_aside_is_not_taken_up_again(database: Database) -> None:
    database.run(lambda session: inbox.store(session, [_update(1)], DAY))

    database.run(lambda session: inbox.put_aside(session, 1))
    database.run(lambda session: inbox.mark_done(session, [1]))

    assert database.run(inbox.left_over) == []
    assert _row(database, 1)[0] == "failed"


def test_old_rows_are_forgotten_and_open_ones_are_not(database: Database) -> None:
    database.run(lambda session: inbox.store(session, [_update(1), _update(2), _update(3)], DAY))
    database.run(lambda session: inbox.mark_handled(session, 1, []))
    database.run(lambda session: inbox.put_aside(session, 2))

    database.run(lambda session: inbox.purge(session, DAY + inbox.KEPT))
    assert _row(database, 1)[0] == "done"
    database.run(lambda session: inbox.purge(session, DAY + inbox.KEPT + timedelta(days=1)))

    with database.reading() as session:
        kept = session.execute(text("SELECT update_id FROM inbox_update")).scalars().all()
    assert kept == [3]


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1},
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": "words"},
        {"update_id": 1, "message": {"from": None}},
        {"update_id": 1, "callback_query": {"from": {"id": "seven"}}},
        {"update_id": 1, "channel_post": {"from": {"id": 7}}},
    ],
)
def test_an_update_without_a_sender_is_nobodys(update: dict[str, Any]) -> None:
    assert inbox.sender_of(update) == 0
