"""Somebody with the database, its log and the bot's log looks for who of six has answered.

The worlds differ in nothing but who answers, when, and in which language. What is the same in all
of them tells nobody which of the six it was. On PostgreSQL the place of each row and the
transaction that wrote it are compared as well.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from bot import parts  # noqa: F401 - loads every table
from bot.core.database import Database
from bot.issues.traces import empty_log
from bot.surveys import closing, ticks
from bot.surveys.tables import Answer, Comment, Run
from tests.support.surveys import START, House
from tests.support.updates import Chat, press
from tests.support.worlds import SIX, emptied, log_of, stored_rows

LANGUAGES = ("en", "es", "ar", "zh-Hans", "zh-Hant", "en")
WORDS = "A second till at noon"
Worlds = Callable[..., "World"]


class World:
    """What an attacker holds after some of the six have answered and the sending has closed."""

    def __init__(self, house: House, log: str) -> None:
        self.log = log
        self.rows = house.database.run(_rows)
        self.places = house.database.run(_places) if not house.database.is_sqlite else {}
        self.log_is_empty = empty_log(house.database)


@pytest.fixture
def worlds(
    database: Database, same_chance: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> Worlds:
    """Makes a world anew in the same, emptied database."""
    caplog.set_level(logging.DEBUG)

    def lived(*answering: int, hours: float = 1, languages: tuple[str, ...] = ("en",) * 6) -> World:
        emptied(database)
        same_chance()
        caplog.clear()
        house = House(database).open()
        for one, language in zip(SIX, languages, strict=True):
            house.add(one, "customer", language=language)
        house.send()
        chats = _cards(house)
        for number, one in enumerate(answering):
            house.now = START + timedelta(hours=hours + number)
            _answer(house, chats[one])
        house.now = START + timedelta(days=6)
        house.database.run(lambda session: ticks.expire_due(session, house.now))
        return World(house, log_of(caplog.records))

    return lived


def _cards(house: House) -> dict[int, Chat]:
    calls = house.deliver()
    chats = {}
    for one in SIX:
        chat = house.chat(one)
        chat.last = [call for call in calls if call["chat_id"] == one]
        chats[one] = chat
    return chats


def _answer(house: House, chat: Chat) -> None:
    """Press a five at each question, whatever the language; then write a comment."""
    for _ in range(8):
        rows = chat.last[-1].get("reply_markup", {}).get("inline_keyboard", [])
        fives = [one["callback_data"] for row in rows for one in row if one["text"] == "5"]
        if not fives:
            break
        chat.take(press(chat.user, fives[0]))
    chat.send(WORDS)


def _rows(session: Session) -> dict[str, list[str]]:
    found = stored_rows(session)
    return {name: [str(tuple(row.values())) for row in rows] for name, rows in found.items()}


def _places(session: Session) -> dict[str, list[tuple[int]]]:
    """Of each row: how old its transaction is among those of its table."""
    found = {}
    for name in ("run", "answer", "comment", "invitee"):
        rows = session.execute(text(f'SELECT xmin::text::bigint FROM "{name}" ORDER BY ctid'))  # noqa: S608
        ages = [row[0] for row in rows]
        ranks = {age: rank for rank, age in enumerate(sorted(set(ages)))}
        found[name] = [(ranks[age],) for age in ages]
    return found


def test_whoever_of_six_has_answered_leaves_the_same_rows(worlds: Worlds) -> None:
    """Runs are dealt out by lot, so of the runs only the set is the same, not whose it was."""
    first = worlds(SIX[0])
    assert sum("finished" in row for row in first.rows["run"]) == 1

    for one in SIX[1:]:
        other = worlds(one)
        assert _without_keys(other) == _without_keys(first)
        assert other.log == first.log
        assert other.log_is_empty == first.log_is_empty


def _without_keys(world: World) -> dict[str, list[str]]:
    """The rows; of runs only how they ended: key, questions and their number are dealt by lot."""
    shown = dict(world.rows)
    ends = ("finished", "expired")
    shown["run"] = sorted(end for row in shown["run"] for end in ends if end in row)
    shown["answer"] = []
    shown["comment"] = [row.split(",", 1)[1] for row in shown["comment"]]
    return shown


def test_neither_the_hour_nor_the_language_of_an_answer_is_left(worlds: Worlds) -> None:
    """The same person answers on Wednesday in English, or on Friday in Arabic."""
    worlds(SIX[2], hours=1)
    answers = worlds(SIX[2], hours=50, languages=LANGUAGES).rows["answer"]
    before = worlds(SIX[2], hours=1, languages=("en",) * 6).rows["answer"]

    assert answers == before
    assert not any("'ar'" in row or "2026-03-06" in row for row in answers)


def test_the_order_in_which_two_answered_is_left_nowhere(worlds: Worlds) -> None:
    for pair in ((SIX[0], SIX[1]), (SIX[4], SIX[2])):
        one, other = worlds(*pair), worlds(*reversed(pair))

        assert one.rows == other.rows
        assert one.places == other.places


def test_on_postgresql_all_rows_of_a_sending_carry_one_transaction(
    worlds: Worlds, database: Database
) -> None:
    world = worlds(*SIX)

    if database.is_sqlite:
        assert world.places == {}
        return
    for name in ("run", "answer", "comment", "invitee"):
        assert {rank for (rank,) in world.places[name]} == {0}, name


def test_without_the_rewriting_the_order_would_show(
    worlds: Worlds, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken away: then the transactions tell who was first."""
    monkeypatch.setattr(ticks, "forget_order", lambda session, wave_id: 0)

    world = worlds(*SIX)

    if not database.is_sqlite:
        assert len({rank for (rank,) in world.places["answer"]}) > 1
        assert len({rank for (rank,) in world.places["comment"]}) == len(SIX)


def test_who_finished_is_not_told_by_what_is_kept_of_the_people(worlds: Worlds) -> None:
    """Deliveries, invitees and contacts of all six are alike, whoever answered."""
    world = worlds(SIX[3])

    states = {row.split(", ")[3] for row in world.rows["invitee"]}
    assert len(world.rows["invitee"]) == 6
    assert states == {"'closed'"}
    assert len({row.split(", ")[6] for row in world.rows["delivery"]}) == 1


def test_rows_are_written_anew_in_the_order_of_their_random_keys(worlds: Worlds) -> None:
    world = worlds(*SIX)

    keys = [row.split("'")[1] for row in world.rows["answer"]]
    assert keys == sorted(keys)


def test_writing_anew_changes_no_answer_and_no_comment(worlds: Worlds, database: Database) -> None:
    worlds(*SIX)

    def read(session: Session) -> tuple[list[int | None], list[str]]:
        return (
            [one.score for one in session.exec(select(Answer))],
            [one.text for one in session.exec(select(Comment))],
        )

    scores, words = database.run(read)
    runs = database.run(lambda session: session.exec(select(Run)).all())
    again = database.run(lambda session: closing.forget_order(session, runs[0].wave_id))
    assert set(scores) == {5}
    assert words == [WORDS] * 6
    assert again == 6
    assert database.run(read) == (scores, words)
