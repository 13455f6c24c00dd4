"""From Telegram to the handlers and back, through crashes, faults and a database in trouble."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session
from telegram import Update

from bot.core import inbox
from bot.core.database import Database, WriteLane
from bot.core.dialogue import Call, message_call, toast_call
from bot.core.errors import StorageError
from bot.core.receiver import UNHEALTHY_SECONDS, Receiver
from bot.core.telegram_api import Telegram
from bot.demo.chat import OfflineChat
from bot.demo.errors import ApiError
from bot.demo.model import CallbackAnswer
from tests.support.machinery import InlineLane, echo, heard, offline_chat, receiver
from tests.support.virtual_time import loop_clock, virtually

LOCKED = StorageError("S201", "here", "locked.", "Wait.")


@contextlib.asynccontextmanager
async def running(one: Receiver) -> AsyncIterator[Receiver]:
    """Run a receiver, and stop it as the bot does."""
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.wait([task])
        await one.finish(4)


async def _until(chat: OfflineChat, user_id: int, *words: str, seconds: float = 600) -> None:
    await chat.until(lambda: heard(chat, user_id) == list(words), seconds=seconds)


def _states(database: Database) -> list[str]:
    with database.reading() as session:
        return list(
            session.execute(text("SELECT state FROM inbox_update ORDER BY update_id")).scalars()
        )


@virtually
async def test_an_update_is_stored_handled_answered_and_emptied(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())

    async with running(receiver(chat, sqlite_database, clock, echo)):
        chat.say(1, "hello")
        await _until(chat, 1, "you said hello")

    assert _states(sqlite_database) == ["done"]


@virtually
async def test_nothing_is_confirmed_to_telegram_before_it_is_committed(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    lane = InlineLane(sqlite_database)
    waiting: list[int] = []

    class Watched(InlineLane):
        async def run(self, work: Any) -> Any:
            if lane.trouble and not waiting:
                waiting.append(len(chat.updates))
            return await lane.run(work)

    one = receiver(chat, sqlite_database, clock, echo, lane=Watched(sqlite_database))
    async with running(one):
        await asyncio.sleep(1)
        lane.trouble = [LOCKED, LOCKED, LOCKED]
        chat.say(1, "hello")
        await asyncio.sleep(0.3)
        assert len(chat.updates) == 1
        await _until(chat, 1, "you said hello")
        await asyncio.sleep(1)

        assert len(chat.updates) == 0
    assert waiting == [1]


@virtually
async def test_an_update_that_comes_twice_is_handled_once(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    chat.faults.lose_answer("getUpdates", times=3)

    async with running(receiver(chat, sqlite_database, clock, echo)):
        chat.say(1, "hello")
        chat.say(1, "again")
        await _until(chat, 1, "you said hello", "you said again")
    async with running(receiver(chat, sqlite_database, clock, echo)):
        await asyncio.sleep(60)

    assert heard(chat, 1) == ["you said hello", "you said again"]


@virtually
async def test_one_persons_updates_keep_their_order_while_others_go_on(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    flood = ApiError(429, "Too Many Requests: retry after 30", retry_after=30)
    chat.faults.refuse("sendMessage", flood, user_id=1)

    async with running(receiver(chat, sqlite_database, clock, echo)):
        for word in ("a", "b", "c"):
            chat.say(1, word)
            chat.say(2, word)
        await _until(chat, 2, "you said a", "you said b", "you said c", seconds=1)
        assert heard(chat, 1) == []
        await _until(chat, 1, "you said a", "you said b", "you said c")


@virtually
async def test_replies_that_were_pending_at_a_crash_are_made_after_the_restart(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())

    def crash_before_the_replies(session: Session) -> None:
        inbox.store(session, [_message(5, 1, "hello")], clock.now().date())
        inbox.mark_handled(session, 5, [message_call(1, "an answer from before the crash")])
        inbox.store(session, [_message(6, 1, "and I")], clock.now().date())

    sqlite_database.run(crash_before_the_replies)
    async with running(receiver(chat, sqlite_database, clock, echo)):
        await _until(chat, 1, "an answer from before the crash", "you said and I")

    assert _states(sqlite_database) == ["done", "done"]


@virtually
async def test_an_update_that_cannot_be_handled_is_put_aside_with_an_apology(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())

    def handle(session: Session, update: Update) -> list[Call]:
        if update.message and update.message.text == "bad":
            raise KeyError("bad")
        return echo(session, update)

    async with running(receiver(chat, sqlite_database, clock, handle)):
        for word in ("bad", "good"):
            chat.say(1, word)
        chat.say(2, "fine")
        await _until(chat, 1, "Sorry, that went wrong.", "you said good")
        await _until(chat, 2, "you said fine")

    assert _states(sqlite_database) == ["failed", "done", "done"]


@virtually
async def test_a_database_in_trouble_is_waited_for_and_nothing_is_lost(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    lane = InlineLane(sqlite_database)

    async with running(receiver(chat, sqlite_database, clock, echo, lane=lane)):
        lane.trouble = [LOCKED] * 20
        chat.say(1, "hello")
        await _until(chat, 1, "you said hello")
        lane.trouble = []
        chat.say(1, "more")
        await asyncio.sleep(0.01)
        lane.trouble = [LOCKED] * 20
        await _until(chat, 1, "you said hello", "you said more")


@pytest.mark.parametrize(
    "error",
    [
        ApiError(409, "Conflict: terminated by other getUpdates request"),
        ApiError(401, "Unauthorized"),
        ApiError(500, "Internal Server Error"),
        ApiError(429, "Too Many Requests: retry after 100", retry_after=100),
        ApiError(403, "Forbidden"),
    ],
)
def test_fetching_goes_on_after_any_refusal(error: ApiError, sqlite_database: Database) -> None:
    @virtually
    async def go() -> None:
        chat = offline_chat(clock := loop_clock())
        chat.faults.refuse("getUpdates", error, times=40)

        async with running(receiver(chat, sqlite_database, clock, echo)):
            chat.say(1, "hello")
            await _until(chat, 1, "you said hello", seconds=5000)

    go()


@virtually
async def test_fetching_goes_on_after_cut_connections_and_pages_of_a_proxy(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())
    chat.faults.drop("getUpdates", times=5)
    chat.faults.bad_gateway("getUpdates", times=5)
    chat.faults.lose_answer("getUpdates", times=5)

    async with running(receiver(chat, sqlite_database, clock, echo)):
        chat.say(1, "hello")
        await _until(chat, 1, "you said hello")


@virtually
async def test_a_webhook_that_keeps_updates_from_us_is_ended(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    chat.updates.webhook_url = "https://elsewhere.example"

    async with running(receiver(chat, sqlite_database, clock, echo)):
        chat.say(1, "hello")
        await _until(chat, 1, "you said hello")


@virtually
async def test_updates_that_make_no_sense_stop_nobody(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = offline_chat(clock := loop_clock())
    one = receiver(chat, sqlite_database, clock, echo)
    asked: list[int | None] = []
    answers: list[Any] = [
        [_message(10, 1, "first"), {"update_id": 11, "message": "words"}, _message(12, 1, "last")],
        [{"update_id": 14, "callback_query": {"from": {"id": 1}}}, {"update_id": 13}],
    ]

    async def fetch(_: Telegram, offset: int | None) -> Any:
        asked.append(offset)
        return answers.pop(0) if answers else []

    monkeypatch.setattr(Telegram, "fetch", fetch)
    async with running(one):
        await _until(chat, 1, "you said first", "you said last", "Sorry, that went wrong.")

    assert asked[:3] == [None, 13, 15]
    assert len(asked) < 10, "a server that does not wait is not asked again and again"
    assert _states(sqlite_database) == ["done", "failed", "done", "done", "failed"]


@virtually
async def test_a_fetch_that_hangs_is_restarted(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = offline_chat(clock := loop_clock())
    one = receiver(chat, sqlite_database, clock, echo)
    hanging = asyncio.Event()
    store = one._store

    async def hang(updates: list[dict[str, Any]]) -> bool:
        if updates and not hanging.is_set():
            hanging.set()
            await asyncio.Event().wait()
        return await store(updates)

    monkeypatch.setattr(one, "_store", hang)
    async with running(one):
        await asyncio.sleep(1)
        assert one.is_healthy
        chat.say(1, "hello")
        await _until(chat, 1, "you said hello")

    assert hanging.is_set()


@virtually
async def test_after_a_long_outage_a_quiet_poll_is_left_in_peace(sqlite_database: Database) -> None:
    """Otherwise the watchdog would end every poll before it could succeed."""
    chat = offline_chat(clock := loop_clock())
    one = receiver(chat, sqlite_database, clock, echo)
    chat.faults.drop("getUpdates", times=10_000)

    async with running(one):
        await asyncio.sleep(UNHEALTHY_SECONDS + 60)
        assert not one.is_healthy
        chat.faults.clear()
        await asyncio.sleep(45)

        assert one.is_healthy


@virtually
async def test_a_handler_reads_the_message_under_which_a_button_was_pressed(
    sqlite_database: Database,
) -> None:
    chat = offline_chat(clock := loop_clock())

    def handle(session: Session, update: Update) -> list[Call]:
        query = update.callback_query
        if query is None:
            return echo(session, update)
        return [toast_call(query.id, getattr(query.message, "text", None) or "nothing")]

    is_light = "card:".__eq__  # the data of a button that no handler reads the message of
    async with running(receiver(chat, sqlite_database, clock, handle, is_light=is_light)):
        chat.say(1, "hello")
        await _until(chat, 1, "you said hello")
        number = chat.timeline(1)[-1].message_id
        usual = chat.press(1, number, "idea:", forged=True)
        light = chat.press(1, number, "card:", forged=True)
        await chat.until(lambda: bool(usual.answer and light.answer), seconds=20)

    assert usual.answer == CallbackAnswer("you said hello")
    assert light.answer == CallbackAnswer("nothing")


@virtually
async def test_a_press_is_acknowledged_only_after_its_commit(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    lane = InlineLane(sqlite_database)

    def handle(session: Session, update: Update) -> list[Call]:
        query = update.callback_query
        return [toast_call(query.id, "saved")] if query else echo(session, update)

    async with running(receiver(chat, sqlite_database, clock, handle, lane=lane)):
        chat.say(1, "hello")
        await _until(chat, 1, "you said hello")
        press = chat.press(1, chat.timeline(1)[-1].message_id, "x", forged=True)
        await asyncio.sleep(0)
        lane.trouble = [LOCKED] * 3
        await asyncio.sleep(0.5)
        assert not press.answer
        await chat.until(lambda: press.answer == CallbackAnswer("saved"), seconds=20)


@virtually
async def test_what_two_processes_take_up_is_answered_by_one(sqlite_database: Database) -> None:
    chat = offline_chat(clock := loop_clock())
    stored = [_message(5, 1, "hello")]
    sqlite_database.run(lambda session: inbox.store(session, stored, clock.now().date()))
    first = receiver(chat, sqlite_database, clock, echo)
    second = receiver(chat, sqlite_database, clock, echo)

    async with running(first), running(second):
        await asyncio.sleep(30)

    assert heard(chat, 1) == ["you said hello"]


@pytest.mark.parametrize("people", [20])
async def test_many_people_at_once_through_the_real_lane(people: int, database: Database) -> None:
    chat = offline_chat(clock := loop_clock(), people)
    lane = WriteLane(database)
    lane.start()

    async with running(receiver(chat, database, clock, echo, lane=lane)):
        for number in range(5):
            for person in range(1, people + 1):
                chat.say(person, str(number))
        expected = [f"you said {number}" for number in range(5)]
        for person in range(1, people + 1):
            await _until(chat, person, *expected, seconds=20)
    await lane.stop()

    assert _states(database) == ["done"] * people * 5


def _message(update_id: int, user_id: int, said: str) -> dict[str, Any]:
    user = {"id": user_id, "is_bot": False, "first_name": "Somebody"}
    chat = {"id": user_id, "type": "private"}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": said}
    return {"update_id": update_id, "message": message}
