"""Somebody with the database, its logs, the log of the bot and the managers' chats looks for who
of six reported something anonymously.

The six worlds differ in nothing but the reporter, and the hour. What is the same in all of them
tells nobody which of the six it was.
"""

import hashlib
import itertools
import logging
import shutil
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import Session
from telegram import Update

from bot.core import inbox, keyring
from bot.core.database import Database
from bot.core.dialogue import Call
from bot.core.logs import RedactingFormatter
from bot.core.tables import AuditEntry
from bot.issues import filing
from bot.issues.tables import IssuePost
from bot.issues.traces import empty_log
from tests.support import updates
from tests.support.issues import ANA, IssueChat, IssueHouse, opened, picture
from tests.support.keys import fixed_keys

SIX = (700_000_111, 700_000_222, 700_000_333, 700_000_444, 700_000_555, 700_000_666)
LANGUAGES = ("en", "es", "ar", "zh-Hans", "zh-Hant", "en")
MORNING = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
SECRET_WORDS = "The poster says ten minutes"


@dataclass
class InboxChat(IssueChat):
    """A chat whose updates go through the inbox, as in the running bot."""

    numbers: Any = None

    def take(self, update: Update) -> str:
        """Store the update, handle it, make the replies, empty the inbox."""
        raw = update.to_dict() | {"update_id": next(self.numbers)}

        def store(session: Session) -> None:
            inbox.store(session, [raw], self.now().date())

        def handle(session: Session) -> list[Call]:
            parsed = Update.de_json(raw, None)
            calls = self.router.handle(session, parsed, now=self.now(), secret=self.secret)
            inbox.mark_handled(session, raw["update_id"], calls)
            return calls

        self.database.run(store)
        self.last = self.database.run(handle)
        self.database.run(lambda session: inbox.mark_done(session, [raw["update_id"]]))
        return ""


@dataclass
class World:
    """What an attacker holds after one of the six has reported."""

    dump: list[str]
    file: bytes
    wal: bytes
    log: str
    managers: list[Call] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def beginning(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The file before anybody reports, once in one language and once in five."""
    made: dict[str, Any] = {}
    for name, languages in (("one", ("en",) * 6), ("five", LANGUAGES)):
        path = tmp_path_factory.mktemp(name) / "gapbot.sqlite"
        shutil.copy(sqlite_template, path)
        database = Database(f"sqlite:///{path}", fixed_keys())
        house = opened(database, staff=())
        for one, language in zip(SIX, languages, strict=True):
            house.add(one, "staff", language=language)
        empty_log(database)
        database.close()
        made[name] = (path, house.secret)
    return made


@pytest.fixture
def same_chance(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let chance fall alike in all worlds: it is drawn of nothing that differs."""

    def anew() -> None:
        numbers = itertools.count(1)
        monkeypatch.setattr(updates, "_numbers", itertools.count(1000))

        def text(length: int) -> str:
            return hashlib.sha256(f"{next(numbers)}".encode()).hexdigest()[: length * 4 // 3]

        nonces = itertools.count(1)
        monkeypatch.setattr(
            keyring,
            "secrets",
            SimpleNamespace(token_bytes=lambda length: next(nonces).to_bytes(length, "big")),
        )
        monkeypatch.setattr(
            filing,
            "secrets",
            SimpleNamespace(
                token_urlsafe=text, token_hex=text, randbelow=lambda most: next(numbers) * 77
            ),
        )

    return anew


def lived(
    start: tuple[Path, str], folder: Path, reporter: int, *, hour: int, caplog: Any, how: int = 0
) -> World:
    """Let one of six report a photo with words, and answer the manager; return what is left."""
    path = folder / f"{reporter}-{hour}.sqlite"
    shutil.copy(start[0], path)
    database = Database(f"sqlite:///{path}", fixed_keys())
    house = IssueHouse(database, secret=start[1])
    numbers = itertools.count(5000)
    caplog.clear()

    def chat(telegram_id: int) -> InboxChat:
        plain = house.chat(telegram_id)
        return InboxChat(
            database, house.router, plain.user, lambda: house.now, house.secret, numbers=numbers
        )

    house.now = MORNING + timedelta(hours=hour)
    staff = chat(reporter)
    staff.send("/report")
    for place in (how, 0, 0, 0, 0):  # the name, then four questions
        _press_nth(staff, place)
    staff.take(picture(staff.user, SECRET_WORDS))
    receipt = list(staff.last)
    house.now = MORNING.replace(hour=17)
    house.tick()
    house.now += timedelta(days=1)
    manager = chat(ANA)
    managers = _asks_back(manager)
    house.now += timedelta(hours=hour / 10)
    staff.last = receipt
    _press_nth(staff, 1)
    staff.send("By the door")
    staff.last = receipt
    _press_nth(staff, 0)
    house.now = MORNING.replace(hour=17) + timedelta(days=1)
    house.tick()
    manager.send("/issues")
    managers += manager.last
    formatter = RedactingFormatter()
    log = "\n".join(formatter.format(one).split(" ", 1)[1] for one in caplog.records)
    words = [one.text for one in house.rows(IssuePost)]
    emptied = empty_log(database)
    wal = Path(f"{path}-wal")
    database.close()
    assert emptied
    dump = _dump(path)
    return World(
        dump, path.read_bytes(), wal.read_bytes() if wal.exists() else b"", log, managers, words
    )


def _press_nth(chat: IssueChat, place: int) -> None:
    """Press a button by its place: its text differs between languages."""
    under = next(call for call in reversed(chat.last) if call.get("reply_markup"))
    labels = [one["text"] for row in under["reply_markup"]["inline_keyboard"] for one in row]
    chat.press(labels[place])


def _asks_back(manager: InboxChat) -> list[Call]:
    manager.send("/issues")
    seen = list(manager.last)
    for label in ("We promise", "Read the thread", "← Back", "Ask back"):
        manager.press(label)
        seen += manager.last
    manager.send("Which one?")
    return [one for one in seen + manager.last if one["method"] != "answerCallbackQuery"]


def _dump(path: Path) -> list[str]:
    """Write every row of every table, in the order in which they lie."""
    connection = sqlite3.connect(path)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    rows = [
        f"{name}: {row}"
        for (name,) in sorted(tables)
        for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608
    ]
    connection.close()
    return rows


def test_six_reporters_leave_the_same_file_behind(
    beginning: dict[str, Any], tmp_path: Path, same_chance: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    worlds = []
    for reporter in SIX:
        same_chance()
        worlds.append(lived(beginning["one"], tmp_path, reporter, hour=1, caplog=caplog))

    first = worlds[0]
    assert sorted(first.words) == ["By the door", SECRET_WORDS, "Which one?"]
    assert not any(word in line for word in first.words for line in first.dump)
    for other in worlds[1:]:
        assert other.dump == first.dump
        assert other.file == first.file
        assert other.wal == first.wal == b""
        assert other.log == first.log
        assert other.managers == first.managers


def test_neither_the_hour_nor_the_language_of_a_report_is_left(
    beginning: dict[str, Any], tmp_path: Path, same_chance: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    worlds = []
    for hour, reporter in zip((0, 3, 7), SIX[::2], strict=True):
        same_chance()
        worlds.append(lived(beginning["five"], tmp_path, reporter, hour=hour, caplog=caplog))

    first = worlds[0]
    for other in worlds[1:]:
        assert other.dump == first.dump
        assert other.log == first.log
        assert other.managers == first.managers


def test_of_a_report_by_name_the_comparison_sees_whose_it_is(
    beginning: dict[str, Any], tmp_path: Path, same_chance: Any, caplog: Any
) -> None:
    worlds = []
    for reporter in SIX[:2]:
        same_chance()
        worlds.append(lived(beginning["one"], tmp_path, reporter, hour=1, caplog=caplog, how=1))

    assert worlds[0].dump != worlds[1].dump
    assert worlds[0].file != worlds[1].file
    assert worlds[0].managers != worlds[1].managers


def test_the_token_of_a_receipt_is_nowhere_but_in_the_receipt(
    beginning: dict[str, Any], tmp_path: Path, caplog: Any
) -> None:
    path = tmp_path / "one.sqlite"
    shutil.copy(beginning["one"][0], path)
    database = Database(f"sqlite:///{path}", fixed_keys())
    house = IssueHouse(database, secret=beginning["one"][1], now=MORNING)

    chat = house.reported(SIX[2], words=SECRET_WORDS)
    keyboard = chat.last[-1]["reply_markup"]["inline_keyboard"]
    token = keyboard[0][0]["callback_data"].split("~")[0].split(":")[1]
    left = path.read_bytes() + Path(f"{path}-wal").read_bytes()
    database.close()

    assert len(token) == 16
    assert SECRET_WORDS.encode() not in left
    assert token.encode() not in left
    assert hashlib.sha256(token.encode()).hexdigest().encode() in left


def test_issues_are_not_numbered_in_the_order_in_which_they_came(small_house: IssueHouse) -> None:
    """Of twelve random numbers the chance to come in order is 1 in 479 million."""
    for _ in range(12):
        small_house.reported(13)
        small_house.reported(13, how="With my name")

    numbers = [one.subject for one in _by_name(small_house)]

    assert len(set(numbers)) == 12
    assert numbers != sorted(numbers)


def _by_name(house: IssueHouse) -> list[AuditEntry]:
    return sorted(house.rows(AuditEntry), key=lambda one: one.id)
