"""Replies and promised messages on their way: floods, faults, blocks, and two thousand people."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.core.database import Database
from bot.core.dialogue import Call, edit_call, message_call, toast_call
from bot.core.errors import StorageError
from bot.core.outbox import Lane
from bot.core.sender import Courier, Replies
from bot.core.tables import Picture
from bot.demo.chat import OfflineChat
from bot.demo.errors import ApiError
from bot.demo.model import Message
from tests.support import machinery
from tests.support.keys import fixed_keys
from tests.support.machinery import (
    Greeting,
    InlineLane,
    add_people,
    heard,
    offline_chat,
    offline_telegram,
    promise,
    promise_all,
    states,
)
from tests.support.pictures import small_png
from tests.support.postgres import PostgresServer
from tests.support.virtual_time import START, loop_clock, virtually

FLOOD = ApiError(429, "Too Many Requests: retry after 7", retry_after=7)
LOCKED = StorageError("S201", "here", "locked.", "Wait.")


def _replies(chat: OfflineChat) -> tuple[Replies, list[int]]:
    blocked: list[int] = []

    async def note(telegram_id: int) -> None:
        blocked.append(telegram_id)

    return Replies(offline_telegram(chat), note), blocked


def _hello(chat: OfflineChat, person: int = 1) -> list[Call]:
    return [message_call(person, "hello")]


async def _card(chat: OfflineChat) -> Message:
    await offline_telegram(chat).make(message_call(1, "a card"))
    return chat.timeline(1)[-1]


@contextlib.asynccontextmanager
async def sending(one: Courier) -> AsyncIterator[Courier]:
    """Run a courier, and stop it as the bot does."""
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.wait([task])
        await one.finish(4)


@virtually
async def test_a_reply_waits_out_a_flood_limit_and_goes_again() -> None:
    chat = offline_chat(loop_clock())
    replies, _ = _replies(chat)
    chat.faults.refuse("sendMessage", FLOOD, times=2)

    await replies.make_all(1, _hello(chat))

    assert heard(chat, 1) == ["hello"]
    assert 14 < asyncio.get_running_loop().time() < 15


@pytest.mark.parametrize("fault", ["drop_before", "bad_gateway"])
def test_a_reply_that_never_arrived_goes_again(fault: str) -> None:
    @virtually
    async def go() -> None:
        chat = offline_chat(loop_clock())
        replies, _ = _replies(chat)
        if fault == "bad_gateway":
            chat.faults.bad_gateway("sendMessage", times=3)
        else:
            chat.faults.refuse("sendMessage", ApiError(500, "Internal Server Error"), times=3)

        await replies.make_all(1, _hello(chat))

        assert heard(chat, 1) == ["hello"]

    go()


@virtually
async def test_a_message_that_may_have_arrived_is_not_repeated() -> None:
    chat = offline_chat(loop_clock())
    replies, _ = _replies(chat)
    chat.faults.lose_answer("sendMessage")

    await replies.make_all(1, [*_hello(chat), message_call(1, "and more")])

    assert heard(chat, 1) == ["hello", "and more"]


@virtually
async def test_an_edit_that_may_have_arrived_is_repeated_and_unchanged_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chat = offline_chat(loop_clock())
    replies, _ = _replies(chat)
    card = await _card(chat)
    chat.faults.lose_answer("editMessageText", times=2)

    await replies.make_all(1, [edit_call(1, card.message_id, "the next question")])

    assert heard(chat, 1) == ["the next question"]
    assert [call.error for call in chat.calls if call.method == "editMessageText"][-1] != ""
    assert caplog.text == ""


@virtually
async def test_who_blocked_the_bot_is_noted_and_not_tried_with_the_rest() -> None:
    chat = offline_chat(loop_clock())
    replies, blocked = _replies(chat)
    chat.block(1)

    await replies.make_all(1, _hello(chat) * 3)

    assert blocked == [1]
    assert [call.method for call in chat.calls] == ["sendMessage"]


@virtually
async def test_a_group_that_threw_the_bot_out_makes_nobody_blocked() -> None:
    chat = offline_chat(loop_clock())
    replies, blocked = _replies(chat)
    chat.block(2)

    await replies.make_all(1, [*_hello(chat), message_call(2, "into a group"), *_hello(chat)])

    assert blocked == []
    assert [call.error for call in chat.calls] == ["", "Forbidden: bot was blocked by the user", ""]


@virtually
async def test_an_acknowledgement_that_came_too_late_keeps_nothing_from_being_said() -> None:
    chat = offline_chat(loop_clock())
    replies, _ = _replies(chat)

    await replies.make_all(1, [toast_call("12345", "saved"), *_hello(chat)])

    assert heard(chat, 1) == ["hello"]


@virtually
async def test_a_reply_is_given_up_after_ten_minutes(caplog: pytest.LogCaptureFixture) -> None:
    chat = offline_chat(loop_clock())
    replies, _ = _replies(chat)
    chat.faults.bad_gateway("sendMessage", times=10_000)

    await replies.make_all(1, _hello(chat))

    assert 500 < asyncio.get_running_loop().time() <= 600
    assert "reply.failed method=sendMessage meaning=unsent" in caplog.text


@virtually
async def test_what_is_promised_is_sent_once_and_noted_with_its_result(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    greeting = Greeting()
    promise(sqlite_database, START, 1)
    promise(sqlite_database, START, 2, due_at=START + timedelta(seconds=60))

    async with sending(machinery.courier(chat, sqlite_database, clock, greeting)) as courier:
        await courier.settled()
        assert states(sqlite_database) == {"greeting:1": "sent", "greeting:2": "queued"}
        await asyncio.sleep(61)
        await courier.settled()

    assert heard(chat, 1) == ["greeting:1 0"]
    assert heard(chat, 2) == ["greeting:2 0"]
    assert [key for key, _ in greeting.noted] == ["greeting:1", "greeting:2"]
    assert greeting.noted[0][1][0]["message_id"] == chat.timeline(1)[-1].message_id


@virtually
async def test_alerts_go_before_digests_and_these_before_questionnaires(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    early = START - timedelta(hours=1)
    promise(sqlite_database, START, 1, key="card", due_at=early)
    promise(sqlite_database, START, 2, key="digest", lane=Lane.DIGEST, due_at=early)
    promise(sqlite_database, START, 3, key="late alert", lane=Lane.ALERT, due_at=START)
    promise(sqlite_database, START, 1, key="alert", lane=Lane.ALERT, due_at=early)
    greeting = Greeting()

    async with sending(machinery.courier(chat, sqlite_database, clock, greeting)) as courier:
        await courier.settled()

    assert [key for key, _ in greeting.noted][:3] == ["alert", "late alert", "digest"]


@virtually
async def test_two_messages_to_one_person_keep_their_distance(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    for number in range(4):
        promise(sqlite_database, START, 1, key=str(number))

    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())) as courier:
        await courier.settled()

    times = [one.at for one in chat.timeline(1)]
    gaps = [(late - early).total_seconds() for early, late in itertools.pairwise(times)]
    assert len(gaps) == 3
    assert min(gaps) >= 1


@virtually
async def test_a_flood_limit_of_one_chat_pauses_that_chat_alone(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    chat.faults.refuse("sendMessage", FLOOD, user_id=1)
    for person in (1, 2, 3):
        promise(sqlite_database, START, person)
    promise(sqlite_database, START, 1, key="second to 1")

    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())) as courier:
        await asyncio.sleep(6)
        assert (heard(chat, 1), len(heard(chat, 2)), len(heard(chat, 3))) == ([], 1, 1)
        await asyncio.sleep(10)
        await courier.settled()

    assert sorted(heard(chat, 1)) == ["greeting:1 0", "second to 1 0"]
    assert len([call for call in chat.calls if "Too Many" in call.error]) == 1


@virtually
async def test_a_flood_limit_that_hits_several_chats_pauses_all(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock(), 40)
    add_people(sqlite_database, START, 40)
    chat.faults.refuse("sendMessage", FLOOD, times=2)
    promise_all(sqlite_database, START, 40)

    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())) as courier:
        await asyncio.sleep(6)
        assert sum(len(heard(chat, person)) for person in range(1, 41)) == 0
        await asyncio.sleep(10)
        await courier.settled()

    assert set(states(sqlite_database).values()) == {"sent"}
    assert len([call for call in chat.calls if "Too Many" in call.error]) == 2


@virtually
async def test_who_blocked_is_tried_once_and_nothing_else_is_sent(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    chat.block(1)
    promise(sqlite_database, START, 1)
    later = START + timedelta(hours=1)
    promise(sqlite_database, START, 1, key="later", due_at=later)
    promise(sqlite_database, START, 2)

    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())) as courier:
        await courier.settled()
    promise(sqlite_database, START, 1, key="after the block")
    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())) as courier:
        await courier.settled()

    assert states(sqlite_database) == {
        "greeting:1": "blocked",
        "later": "blocked",
        "greeting:2": "sent",
        "after the block": "blocked",
    }
    assert len([call for call in chat.calls if call.user_id == 1]) == 1


@pytest.mark.parametrize(
    ("is_repeatable", "end", "times"), [(True, "sent", 2), (False, "uncertain", 1)]
)
def test_a_lost_answer_repeats_what_may_be_repeated(
    is_repeatable: bool, end: str, times: int, sqlite_database: Database
) -> None:
    @virtually
    async def go() -> None:
        chat = offline_chat(clock := loop_clock())
        add_people(sqlite_database, START)
        chat.faults.lose_answer("sendMessage")
        promise(sqlite_database, START, 1)
        kind = Greeting(repeatable=is_repeatable)

        async with sending(machinery.courier(chat, sqlite_database, clock, kind)) as courier:
            await asyncio.sleep(30)
            await courier.settled()

        assert states(sqlite_database) == {"greeting:1": end}
        assert len(heard(chat, 1)) == times

    go()


@virtually
async def test_a_message_whose_answer_is_lost_each_time_is_not_repeated_for_ever(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    chat.faults.lose_answer("sendMessage", times=100)
    promise(sqlite_database, START, 1)

    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())):
        await asyncio.sleep(300)

    assert states(sqlite_database) == {"greeting:1": "uncertain"}
    assert len(heard(chat, 1)) == 3


@virtually
async def test_an_outage_of_the_network_loses_nothing(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock(), 60)
    add_people(sqlite_database, START, 60)
    chat.faults.bad_gateway("sendMessage", times=100_000)
    promise_all(sqlite_database, START, 60)

    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())) as courier:
        await asyncio.sleep(400)
        chat.faults.clear()
        await asyncio.sleep(70)
        await courier.settled()

    assert set(states(sqlite_database).values()) == {"sent"}
    assert all(len(heard(chat, person)) == 1 for person in range(1, 61))


@virtually
async def test_a_delivery_of_two_calls_goes_on_at_the_second(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    greeting = Greeting(messages=3)
    promise(sqlite_database, START, 1)

    async with sending(machinery.courier(chat, sqlite_database, clock, greeting)) as courier:
        await chat.until(lambda: len(heard(chat, 1)) == 1)
        chat.faults.refuse("sendMessage", FLOOD)
        await asyncio.sleep(20)
        await courier.settled()

    assert heard(chat, 1) == ["greeting:1 0", "greeting:1 1", "greeting:1 2"]
    ((_, results),) = greeting.noted
    assert results[0] == {}
    assert [one["message_id"] for one in results[1:]] == [
        one.message_id for one in chat.timeline(1)[1:]
    ]


@virtually
async def test_what_is_refused_for_good_has_failed_and_others_go_on(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    chat.faults.refuse("sendMessage", ApiError(400, "Bad Request: can't parse entities"))
    promise(sqlite_database, START, 1)
    promise(sqlite_database, START, 2)

    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())) as courier:
        await courier.settled()

    assert states(sqlite_database) == {"greeting:1": "failed", "greeting:2": "sent"}


@virtually
async def test_the_log_does_not_name_what_is_to_be_forgotten(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A number in the log leads to a person, for whoever has a copy from before."""
    caplog.set_level("DEBUG")
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    chat.faults.refuse("sendMessage", ApiError(400, "Bad Request: can't parse entities"))
    promise(sqlite_database, START, 1)
    promise(sqlite_database, START, 2)

    kind = Greeting(forgotten=True)
    async with sending(machinery.courier(chat, sqlite_database, clock, kind)) as courier:
        await courier.settled()

    said = [one.getMessage() for one in caplog.records if one.name == "gapbot.sender"]
    assert said == ["delivery.refused kind=greeting attempts=1"]
    assert states(sqlite_database) == {}


@virtually
async def test_what_was_sent_is_noted_once_the_database_is_back(sqlite_database: Database) -> None:
    """Otherwise it would be sent again."""
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)
    promise(sqlite_database, START, 1)
    lane = InlineLane(sqlite_database)
    chat.listen(lambda event: lane.trouble.extend([LOCKED] * 5))

    one = machinery.courier(chat, sqlite_database, clock, Greeting(), lane=lane)
    async with sending(one) as courier:
        await asyncio.sleep(60)
        await courier.settled()

    assert states(sqlite_database) == {"greeting:1": "sent"}
    assert len(heard(chat, 1)) == 1


@pytest.mark.parametrize(("is_repeatable", "end"), [(True, "sent"), (False, "uncertain")])
def test_what_a_dead_process_was_sending_is_taken_up_at_once_by_the_next(
    is_repeatable: bool, end: str, sqlite_database: Database
) -> None:
    @virtually
    async def go() -> None:
        chat = offline_chat(clock := loop_clock())
        add_people(sqlite_database, START)
        promise(sqlite_database, START, 1)
        kind = Greeting(repeatable=is_repeatable)
        dead = machinery.courier(chat, sqlite_database, clock, kind)
        await dead._claim()
        assert states(sqlite_database) == {"greeting:1": "sending"}

        async with sending(machinery.courier(chat, sqlite_database, clock, kind)) as courier:
            await courier.settled()

        assert states(sqlite_database) == {"greeting:1": end}

    go()


@virtually
async def test_a_picture_is_uploaded_once_and_named_afterwards(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)

    def draw(session: Session) -> None:
        session.add(Picture(sha="abc", png=small_png(), drawn_on=START.date()))

    sqlite_database.run(draw)
    for person in (1, 2, 3):
        promise(sqlite_database, START, person)
    kind = Greeting(picture="abc")

    async with sending(machinery.courier(chat, sqlite_database, clock, kind)) as courier:
        await courier.settled()

    photos = [chat.timeline(person)[-1].photo for person in (1, 2, 3)]
    assert photos[0] is not None
    assert photos[0].content == small_png()
    assert {photo.file_id for photo in photos if photo} == {photos[0].file_id}


@virtually
async def test_a_picture_may_go_as_a_file_under_its_name(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    add_people(sqlite_database, START)

    def draw(session: Session) -> None:
        session.add(Picture(sha="abc", png=small_png(), drawn_on=START.date()))

    sqlite_database.run(draw)
    for person in (1, 2):
        promise(sqlite_database, START, person)
    kind = Greeting(picture="abc", as_file="poster.png")

    async with sending(machinery.courier(chat, sqlite_database, clock, kind)) as courier:
        await courier.settled()

    files = [chat.timeline(person)[-1].document for person in (1, 2)]
    assert files[0] is not None
    assert (files[0].name, files[0].content) == ("poster.png", small_png())
    assert {file.file_id for file in files if file} == {files[0].file_id}


@virtually
async def test_a_broadcast_to_two_thousand_meets_no_flood_limit(sqlite_database: Database) -> None:
    """Strict limits: 30 a second over all chats. 25 a second make it 80 seconds of virtual time."""
    chat = offline_chat(clock := loop_clock(), 2000)
    chat.flood.enabled = True
    add_people(sqlite_database, START, 2000)
    blockers = range(1, 2001, 7)
    tried: dict[int, int] = {}
    for person in blockers:
        chat.block(person)
    promise_all(sqlite_database, START, 2000)
    chat.listen(lambda event: _count(tried, event.kind, event.user_id))

    async with sending(machinery.courier(chat, sqlite_database, clock, Greeting())) as courier:
        await courier.settled()

    ended = states(sqlite_database)
    assert chat.flood.refusals == 0
    assert {key for key, state in ended.items() if state == "blocked"} == {
        f"greeting:{person}" for person in blockers
    }
    assert sum(state == "sent" for state in ended.values()) == 2000 - len(blockers)
    assert set(tried.values()) == {1}
    assert len(tried) == 2000
    assert 79 < asyncio.get_running_loop().time() < 90
    with sqlite_database.reading() as session:
        marked = session.execute(text("SELECT count(*) FROM person WHERE state = 'blocked'"))
        assert marked.scalar_one() == len(blockers)


def test_two_processes_share_one_budget(postgres: PostgresServer) -> None:
    """25 a second between them, and what one may catch up after a delay: 2 or 3 more."""
    database = Database(postgres.fresh(), fixed_keys())

    @virtually
    async def go() -> None:
        chat = offline_chat(clock := loop_clock(), 150)
        add_people(database, START, 150)
        promise_all(database, START, 150)
        times: list[float] = []
        now = asyncio.get_running_loop().time
        chat.listen(lambda event: times.append(now()) if event.kind == "call" else None)
        pair = [machinery.courier(chat, database, clock, Greeting()) for _ in range(2)]

        async with sending(pair[0]), sending(pair[1]):
            await pair[0].settled()
            await pair[1].settled()

        assert len(times) == 150
        assert max(sum(at <= one < at + 1 for one in times) for at in times) <= 28
        assert times[-1] < 7.5
        assert set(states(database).values()) == {"sent"}

    go()
    database.close()


def _count(tried: dict[int, int], kind: str, user_id: int | None) -> None:
    if kind == "call" and user_id is not None:
        tried[user_id] = tried.get(user_id, 0) + 1
