"""Somebody takes a backup while an anonymous questionnaire is open, and has no key.

Of six people two have finished, two are in the middle, two have not begun. Keys and questions are
dealt by lot, and every lot is as likely as any other. So here they are dealt so that those in the
same part get the same; then the copy is the same, row by row, whoever of the six they are. All
that differs are tickets, which without the key nobody can tell from chance.
"""

import hmac
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, text
from sqlmodel import Session, SQLModel
from telegram import Update

from bot import parts  # noqa: F401 - loads every table
from bot.core import claims, inbox, notices
from bot.core.claims import Parcel
from bot.core.database import Database
from bot.core.dialogue import Call
from bot.core.keyring import MARK
from bot.core.outbox import Lane
from bot.core.router import Router
from bot.core.sealing import Sealed
from bot.core.tables import Delivery
from bot.people.door import PeopleDoor
from bot.reach.desk import ReachDesk
from bot.reach.waiting import Waiting
from bot.surveys import chat, runs, sending, ticks, waves
from bot.surveys.desk import SurveyDesk
from tests.support.keys import fixed_keys
from tests.support.surveys import START, House
from tests.support.updates import Chat, User, buttons, message, press
from tests.support.worlds import SIX, Rows, emptied, log_of, stored_rows

LANGUAGES = ("en", "es", "ar", "zh-Hans", "de", "ja")
OF_RUNS = frozenset({"run", "run_segment", "answer", "comment"})
WORDS = "A second till at noon"
MORE = ((5, 4, 3, 2, 1, 0), (1, 2, 3, 4, 5, 0), (2, 0, 4, 1, 5, 3), (4, 1, 0, 5, 2, 3))
"""By place: two who finish, two in the middle, two who have not begun."""

Worlds = Callable[[Sequence[int]], "Backup"]


class Live(Chat):
    """A chat whose updates go through the inbox, as the receiver takes them."""

    are_replies_made = True

    def take(self, update: Update) -> str:
        """Store an update, handle it, make the replies: each in a transaction of its own."""
        raw = update.to_dict()
        self.database.run(lambda session: inbox.store(session, [raw], START.date()))

        def handle(session: Session) -> list[Call]:
            calls = self.router.handle(session, update, now=self.now(), secret=self.secret)
            inbox.mark_handled(session, update.update_id, calls)
            return calls

        self.last = self.database.run(handle)
        if self.are_replies_made:
            self.database.run(lambda session: inbox.mark_done(session, [update.update_id]))
        return ""

    def give(self, level: int, *, under: int) -> None:
        """Press a level of the card that lies in a message; its label depends on the language."""
        digits = [data for label, data in buttons(self.last).items() if label == str(level)]
        self.take(press(self.user, digits[0], under))


class OpenHouse(House):
    """A house that sends by the outbox itself, with all that lets a message wait."""

    sent = 0

    def live(self, place: int) -> Live:
        """Return the chat of one of the six."""
        router = Router(PeopleDoor(), [chat.routes(self.desk)], self.texts)
        return Live(self.database, router, User(SIX[place]), lambda: self.now, self.secret)

    def send_out(self) -> dict[int, list[Call]]:
        """Do as the courier does; return what came to whom."""
        made = [*sending.composers(self.texts, self.desk), notices.NoticeComposer(self.texts)]
        composers = {one.kind: one for one in made}

        def claim(session: Session) -> list[Parcel]:
            return claims.claim(
                session,
                self.now,
                rate=1_000,
                most=100,
                composers=composers,
                addresses=PeopleDoor(),
                waits=Waiting(self.desk.reach),
            )

        came: dict[int, list[Call]] = {}
        for parcel in self.database.run(claim):
            self.sent += 1
            results = [{"message_id": 1000 + self.sent}]
            self.database.run(
                partial(claims.settle_sent, parcel=parcel, results=results, composers=composers)
            )
            came.setdefault(parcel.telegram_id, []).extend(parcel.calls)
        return came


class Backup:
    """All rows and the log, taken while the wave is open, and the six of the world."""

    def __init__(self, house: House, log: str, folder: Path) -> None:
        """Copy the database: SQLite as the guide says, PostgreSQL as a dump does."""
        self.log = log
        self.database = house.database
        self.transactions: dict[str, set[int]] = {}
        if house.database.is_sqlite:
            self.rows = _copied(house.database, folder / "copy.sqlite")
        else:
            self.rows = house.database.run(stored_rows)
            self.transactions = house.database.run(_transactions)

    @property
    def seen(self) -> Rows:
        """All rows as they look without the key; of tickets only whether there is one.

        They stand as they lie. Updates are put in order: where one lies depends on how long the
        replies were that others held.
        """
        seen = {
            name: [
                {column: _as_seen(column, value) for column, value in row.items()} for row in rows
            ]
            for name, rows in self.rows.items()
        }
        seen["inbox_update"].sort(key=lambda row: row["update_id"])
        return seen


def _as_seen(column: str, value: Any) -> Any:
    if column == "ticket":
        return value is not None
    return MARK if isinstance(value, str) and value.startswith(MARK) else value


def _copied(database: Database, copy: Path) -> Rows:
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(database.engine.url.database or "")) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with closing(Database(f"sqlite:///{copy}")) as copied, copied.reading() as session:
        return stored_rows(session)


def _transactions(session: Session) -> dict[str, set[int]]:
    """Return by which transactions the rows of each table were last written."""
    found = {}
    for table in SQLModel.metadata.sorted_tables:
        named = " WHERE sender <> 0" if table.name == "inbox_update" else ""
        query = text(f'SELECT xmin::text::bigint FROM "{table.name}"{named}')  # noqa: S608
        found[table.name] = set(session.scalars(query))
    return found


@pytest.fixture
def world_of(
    same_chance: Callable[..., None], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> Callable[[Database, Sequence[int]], Backup]:
    """Makes a world anew in an emptied database, and takes the backup."""
    caplog.set_level(logging.DEBUG)

    def lived(database: Database, places: Sequence[int]) -> Backup:
        emptied(database)
        same_chance(lot=places)
        caplog.clear()
        desk = SurveyDesk(reach=ReachDesk(talks=(_is_begun,)))
        house = OpenHouse(database, desk)
        house.open()
        for one, language in zip(SIX, LANGUAGES, strict=True):
            house.add(one, language=language)
        _half_a_wave(house, places)
        return Backup(house, log_of(caplog.records), tmp_path)

    return lived


@pytest.fixture
def world(database: Database, world_of: Callable[[Database, Sequence[int]], Backup]) -> Worlds:
    """Worlds on both kinds of database."""
    return partial(world_of, database)


@pytest.fixture
def small_world(
    sqlite_database: Database, world_of: Callable[[Database, Sequence[int]], Backup]
) -> Worlds:
    """Worlds on SQLite alone, for what does not depend on the database."""
    return partial(world_of, sqlite_database)


def _is_begun(session: Session, delivery: Delivery, now: datetime) -> bool:
    return runs.begun_elsewhere(session, delivery, now)


def _half_a_wave(house: OpenHouse, places: Sequence[int]) -> None:
    """Let two finish and two begin; then all that the clock does while the wave is open."""
    house.send()
    cards = house.send_out()
    chats = [house.live(place) for place in places]
    for one in chats:
        one.last = cards[one.user.id]
    first, second, third, fourth, *_ = chats
    for one, hours in ((first, 1), (third, 2), (second, 3), (fourth, 4)):
        house.now = START + timedelta(hours=hours)
        card = 1001 + SIX.index(one.user.id)
        if one in (first, fourth):  # they look for it again, so it lies in another message
            one.take(message(one.user, "/questions"))
            card = 2000
        for _ in range(7 if one in (first, second) else 2):
            if "5" in buttons(one.last):
                one.give(5, under=card)
        if one in (first, second):
            one.take(message(one.user, WORDS))
    _two_days_later(house)
    reminders = house.send_out()
    third.last = reminders[third.user.id]
    third.take(press(third.user, next(iter(buttons(third.last).values())), 3000))
    third.are_replies_made = False
    third.give(6, under=3000)


def _two_days_later(house: OpenHouse) -> None:
    """Remind; ask all six something else; let another questionnaire look at whom it may ask."""
    house.now = START + timedelta(days=2, hours=1)
    house.database.run(lambda session: ticks.remind_due(session, house.now, house.desk))
    for person in range(1, 7):
        house.database.run(partial(_ask_beside, person=person, now=house.now))
    house.send(at_once=False)


def _ask_beside(session: Session, person: int, now: datetime) -> None:
    notices.notify(
        session,
        person,
        "core/not_open.html",
        key=f"beside:{person}",
        now=now,
        lane=Lane.QUESTIONNAIRE,
        values={"stranger": False},
    )


def test_a_backup_of_an_open_wave_is_the_same_whoever_has_answered(world: Worlds) -> None:
    first = world(range(6))
    assert sorted(row["state"] for row in first.rows["run"]) == ["finished"] * 2 + ["open"] * 4
    assert sum(row["position"] > 0 for row in first.rows["run"] if row["state"] == "open") == 2
    assert len(first.rows["comment"]) == 2
    seen, log = first.seen, first.log

    for places in MORE:
        other = world(places)

        assert other.seen == seen
        assert other.log == log


def tickets_worked_out(backup: Backup, secrets: Iterable[str]) -> dict[str, int]:
    """Return whose tickets an attacker finds who tries each of these as the secret."""
    invitees = [(row["id"], row["person_id"]) for row in backup.rows["invitee"]]
    tried = {
        hmac.new(secret.encode(), whose.encode(), sha256).hexdigest()[:32]: person
        for secret in secrets
        for invitee, person in invitees
        for whose in (f"{invitee}:{person}", str(invitee), str(person))
    }
    return {
        row["ticket"]: tried[row["ticket"]] for row in backup.rows["run"] if row["ticket"] in tried
    }


def test_no_text_that_is_stored_is_the_secret_of_the_tickets(world: Worlds) -> None:
    backup = world(range(6))
    stored = {str(value) for rows in backup.rows.values() for row in rows for value in row.values()}

    assert len({row["ticket"] for row in backup.rows["run"]} - {None}) == 4
    assert tickets_worked_out(backup, stored) == {}


def test_whoever_has_the_key_as_well_finds_whose_run_is_open(world: Worlds) -> None:
    """The attack is right, and wins where the protection is missing: then four of six are known."""
    backup = world(range(6))
    secrets = [fixed_keys().open(row["ticket_secret"]) for row in backup.rows["wave"]]

    assert sorted(tickets_worked_out(backup, secrets).values()) == [3, 4, 5, 6]


def test_neither_key_nor_ticket_of_a_run_stands_in_any_other_row_or_in_the_log(
    world: Worlds,
) -> None:
    backup = world(range(6))
    names = {row[name] for row in backup.rows["run"] for name in ("key", "ticket") if row[name]}
    elsewhere = [
        str(value)
        for table, rows in backup.rows.items()
        if table not in OF_RUNS
        for row in rows
        for value in row.values()
    ]

    assert not [one for one in names if any(one in value for value in (*elsewhere, backup.log))]


def test_on_postgresql_no_transaction_wrote_both_a_run_and_a_row_that_leads_to_somebody(
    world: Worlds, database: Database
) -> None:
    """But for the one that made all six at once. The marks of weeks lead to nobody."""
    written = world(range(6)).transactions
    if database.is_sqlite:
        assert written == {}
        return
    of_runs = set().union(*(written[name] for name in OF_RUNS))
    of_people = set().union(*(written[name] for name in set(written) - OF_RUNS - {"dirty_week"}))

    assert len(of_runs) > 4
    assert of_runs & of_people <= {min(of_runs)}


def keep_reminders(patch: pytest.MonkeyPatch) -> None:
    """Keep how each reminder ended."""
    patch.setattr(sending.ReminderComposer, "forgotten", False)


def note_the_card_at_the_invitee(patch: pytest.MonkeyPatch) -> None:
    """Note with the person to which message they had the card moved."""
    patch.setattr(
        runs, "card_moved", lambda session, run, at: runs.card_was_sent(session, run.invitee_id, at)
    )


def keep_the_sender(patch: pytest.MonkeyPatch) -> None:
    """Keep whose update was handled until the replies are made."""
    statement = text(str(inbox._HANDLED).replace("sender = 0, ", ""))
    patch.setattr(inbox, "_HANDLED", statement.bindparams(bindparam("calls", type_=Sealed)))


def look_who_is_in_the_middle(patch: pytest.MonkeyPatch) -> None:
    """Let a question beside wait for whoever has begun."""

    def is_begun(session: Session, delivery: Delivery, now: datetime) -> bool:
        run = runs.oldest_open(session, delivery.person_id, now)
        return delivery.kind == notices.KIND and run is not None and run.position > 0

    patch.setattr(runs, "begun_elsewhere", is_begun)


def take_those_alone_for_busy_who_have_not_finished(patch: pytest.MonkeyPatch) -> None:
    """Let another questionnaire skip those as busy whose run is open."""

    def busy(session: Session, people: object, now: datetime) -> set[int]:
        return {one for one in range(1, 7) if runs.oldest_open(session, one, now)}

    patch.setattr(waves, "_busy", busy)


def leave_languages_plain(patch: pytest.MonkeyPatch) -> None:
    """Write the language of a comment as it is."""
    statement = text(str(runs._COMMENT)).bindparams(bindparam("text", type_=Sealed))
    patch.setattr(runs, "_COMMENT", statement)


@pytest.mark.parametrize(
    "take_away",
    [
        keep_reminders,
        note_the_card_at_the_invitee,
        keep_the_sender,
        look_who_is_in_the_middle,
        take_those_alone_for_busy_who_have_not_finished,
        leave_languages_plain,
    ],
)
def test_without_one_of_its_protections_the_backup_would_tell(
    small_world: Worlds,
    monkeypatch: pytest.MonkeyPatch,
    take_away: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """The protections taken away, one at a time."""
    take_away(monkeypatch)

    assert small_world(range(6)).seen != small_world(MORE[1]).seen
