"""Logs: events that name things by number; no token, password, answer or name, wherever from."""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Iterator

import aiohttp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from telegram import Bot, Update
from telegram.error import InvalidToken
from telegram.request import HTTPXRequest

from bot.core.aiohttp_request import AiohttpRequest
from bot.core.database import Database, explain
from bot.core.dialogue import Call
from bot.core.logs import Events, redact, set_up_logs
from bot.core.telegram_api import Telegram
from tests.support.machinery import (
    Greeting,
    add_people,
    courier,
    echo,
    heard,
    offline_chat,
    promise,
    receiver,
)
from tests.support.virtual_time import START, loop_clock, virtually

TOKEN = "123456789:AAHk-fake_fake_fake_fake_fake_fake_0"
SHORT = "42:TEST"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a bot at level debug writes; everything as it was before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    levels = {
        name: one.level
        for name, one in root.manager.loggerDict.items()
        if isinstance(one, logging.Logger)
    }
    stream = io.StringIO()
    set_up_logs("debug", token=TOKEN, stream=stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks
    for name, one in root.manager.loggerDict.items():
        if isinstance(one, logging.Logger):
            one.setLevel(levels.get(name, logging.NOTSET))


def _loud(*names: str) -> None:
    """Undo what keeps these loggers quiet: the formatter alone has to hide the token."""
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)


async def test_the_token_is_hidden_in_lines_of_the_http_client(log: io.StringIO) -> None:
    _loud("httpx", "httpcore")
    request = HTTPXRequest(connect_timeout=0.1)
    await request.initialize()

    server = await asyncio.start_server(_refuse, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(InvalidToken):
            await request.post(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe")
    await request.shutdown()

    assert "POST http://127.0.0.1" in log.getvalue()
    assert TOKEN not in log.getvalue()


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = b'{"ok": false, "error_code": 401, "description": "Unauthorized"}'
    head = b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    writer.write(head % len(body) + body)
    await writer.drain()
    writer.close()


def test_the_token_is_hidden_in_the_librarys_debug_log(log: io.StringIO) -> None:
    _loud("telegram")
    logging.getLogger("telegram.Bot").debug("Calling %s", f"https://x/bot{TOKEN}/getMe")

    assert "Calling https://x/bot<token>/getMe" in log.getvalue()


def test_the_token_is_hidden_in_the_form_of_a_bot(log: io.StringIO) -> None:
    assert TOKEN in repr(Bot(TOKEN)), "the library shows it"

    request = AiohttpRequest()
    logging.getLogger("x").warning("%r", Bot(TOKEN))
    logging.getLogger("x").warning(
        "%r", Telegram(TOKEN, "http://x", request=request, polling=request)
    )

    assert TOKEN not in log.getvalue()
    assert "<Telegram http://x>" in log.getvalue()


def test_the_token_is_hidden_in_what_the_library_says_of_it(log: io.StringIO) -> None:
    error = InvalidToken(f"The token `{TOKEN}` was rejected by the server.")

    Events("x").error("start.failed", error, why=error)

    assert log.getvalue().count("The token `<token>` was rejected") == 2
    assert TOKEN not in log.getvalue()


def test_the_token_is_hidden_in_tracebacks_and_crashes(log: io.StringIO) -> None:
    error = OSError(f"https://x/bot{TOKEN}/getMe")

    sys.excepthook(OSError, error, None)
    thread = threading.Thread(target=_crash, args=(error,))
    thread.start()
    thread.join()

    assert log.getvalue().count("https://x/bot<token>/getMe") == 2
    assert TOKEN not in log.getvalue()


def _crash(error: Exception) -> None:
    raise error


def test_the_token_is_hidden_in_addresses_of_aiohttp(log: io.StringIO) -> None:
    quoted = TOKEN.replace(":", "%3A")
    Events("x").warning("a", why=aiohttp.InvalidURL(f"http://x/bot{TOKEN}/getMe"))
    Events("x").warning("b", why=aiohttp.InvalidURL(f"http://x/bot{quoted}/getMe"))

    assert TOKEN not in log.getvalue()
    assert quoted not in log.getvalue()


def test_a_token_of_an_unusual_form_is_hidden_too() -> None:
    assert redact(f"http://x/bot{SHORT}/getMe and 42%3ATEST", SHORT) == (
        "http://x/bot<token>/getMe and <token>"
    )


def test_a_password_is_hidden_in_any_address(log: io.StringIO) -> None:
    failure = OperationalError("x", {}, Exception("no route to postgresql://gap:geheim@db/x"))

    Events("x").warning("a", why=explain(failure, "postgresql://gap:geheim@db/x"))
    Events("x").warning("b", proxy="http://me:geheim@proxy:3128")

    assert "geheim" not in log.getvalue()
    assert "http://me:<password>@proxy:3128" in log.getvalue()


def test_a_line_holds_one_event_however_the_error_is_written(log: io.StringIO) -> None:
    Events("gapbot.sender").info("delivery.sent", delivery=812, why=OSError("one\ntwo"))

    (line,) = log.getvalue().splitlines()
    assert line.endswith("I gapbot.sender delivery.sent delivery=812 why=one two")


def test_an_error_that_may_quote_a_person_is_shown_by_its_name(log: io.StringIO) -> None:
    answer = "secret " + "answer"  # the traceback shows the source
    try:
        try:
            int(answer)
        except ValueError as error:
            raise KeyError(answer) from error
    except KeyError as error:
        Events("x").error("handle.failed", error, why=error)

    assert "secret answer" not in log.getvalue()
    assert "ValueError\n" in log.getvalue()
    assert "handle.failed why=KeyError" in log.getvalue()
    assert "test_logs.py" in log.getvalue()


def test_a_refused_row_is_not_quoted(database: Database, log: io.StringIO) -> None:
    add_people(database, START)
    values = {"name": "Some" + "body"}  # the traceback shows the source

    def twice(session: Session) -> None:
        session.execute(text("INSERT INTO person SELECT * FROM person WHERE name <> :name"), values)

    try:
        database.run(twice)
    except Exception as error:  # noqa: BLE001 - of either driver
        Events("x").error("a", error, why=error)

    assert "IntegrityError" in log.getvalue()
    assert "Somebody" not in log.getvalue()
    assert "already exists" not in log.getvalue()


def test_a_whole_conversation_at_level_debug_leaves_no_words_in_the_log(
    sqlite_database: Database, log: io.StringIO
) -> None:
    @virtually
    async def go() -> None:
        chat = offline_chat(clock := loop_clock())
        add_people(sqlite_database, START)

        def handle(session: Session, update: Update) -> list[Call]:
            if update.message and update.message.text == "Geheimnis 9":
                raise ValueError(update.message.text)
            return echo(session, update)

        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(receiver(chat, sqlite_database, clock, handle).run()),
                tasks.create_task(courier(chat, sqlite_database, clock, Greeting()).run()),
            ]
            chat.faults.bad_gateway("sendMessage")
            chat.faults.lose_answer("sendMessage")
            promise(sqlite_database, START, 2, key="Geheimnis 1")
            for number in range(3, 12):
                chat.say(1, f"Geheimnis {number}")
            chat.block(3)
            promise(sqlite_database, START, 3)
            await chat.until(lambda: "you said Geheimnis 11" in heard(chat, 1), seconds=60)
            await asyncio.sleep(60)
            for task in running:
                task.cancel()

    go()

    assert "delivery.blocked" in log.getvalue()
    assert "handle.failed" in log.getvalue()
    assert "Geheimnis" not in log.getvalue()
    assert "Person 1" not in log.getvalue()
