"""``/cycle``: one unit and all, what it counts, who may read it; once a month in a digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from bot.core import callbacks
from bot.core.database import Database
from bot.core.dialogue import Section
from bot.core.i18n import LANGUAGES
from bot.core.router import Router
from bot.cycle import chat
from bot.cycle.counting import circle
from bot.cycle.rules import Circle
from bot.cycle.section import CycleSection
from bot.forecasts.tables import FiguresSeen
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.tables import Action
from bot.improvement.told_tables import ToldNote
from bot.people.door import PeopleDoor
from bot.people.tables import Person
from tests.support.actions import ANA, FIX, LI, OTHER, OWNER, SAM, ActionHouse
from tests.support.answers import Ledger
from tests.support.digests import DigestHouse
from tests.support.on_five import desk_on_five
from tests.support.updates import Chat, User, buttons, press

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
"""The first Monday of June."""

STRANGER, CUSTOMER = 99, 31
OTHER_FIX = "specification.training"


@dataclass
class CycleHouse(ActionHouse):
    """Riverside has two managers, Old Town one; the owner sees both."""

    now: datetime = NOW

    @cached_property
    def router(self) -> Router:
        """The router with the circle alone."""
        return Router(PeopleDoor(), [chat.routes(self.actions)], self.texts)

    def acted(self, fix: str = FIX, *, unit_id: int = 1, **values: Any) -> int:
        """Have an action about the customer gap, as a test needs it."""
        action_id = self.taken(ANA if unit_id == 1 else OTHER, fix=fix, unit_id=unit_id, gap="G5")
        change = update(Action).where(col(Action.id) == action_id).values(**values)
        self.database.run(lambda session: session.execute(change))
        return action_id

    def done(self, fix: str = FIX, *, weeks_ago: int = 3, unit_id: int = 1, **values: Any) -> int:
        """Have an action that was done some weeks ago."""
        at = self.now - timedelta(weeks=weeks_ago)
        return self.acted(fix, unit_id=unit_id, state="done", closed_at=at, **values)

    def found(self, action_id: int, verdict: str, *, weeks_ago: int = 1, points: int = 7) -> None:
        """Let a look at an action have found something."""
        content = {
            "gap": "G5",
            "dimension": "",
            "upwards": True,
            "points": points,
            "by": "weeks",
            "effect": {
                "estimate": 0.62,
                "low": 0.31,
                "high": 0.93,
                "before": -1.2,
                "after": -0.5,
                "comparison_change": 0.1,
                "comparisons": [2, 3, 4],
                "rebound": None,
                "weeks_before": 8,
                "weeks_after": 7,
            },
        }
        at = self.now - timedelta(weeks=weeks_ago)
        effect = ActionEffect(
            action_id=action_id,
            planned_on=at.date(),
            computed_at=at,
            verdict=verdict,
            content=content,
            engine_version="1",
            fingerprint="",
        )
        self.database.run(lambda session: session.add(effect))

    def told_of(self, action_id: int | None, *, people: int = 34, weeks_ago: int = 2) -> None:
        """Let a note have gone out in Riverside."""
        at = self.now - timedelta(weeks=weeks_ago)
        note = ToldNote(
            unit_id=1,
            audience="customer",
            action_id=action_id,
            state="sent",
            language="en",
            asked_from=date(2026, 1, 1),
            made_at=at,
            sent_at=at,
            recipients=people,
        )
        self.database.run(lambda session: session.add(note))

    def speaks(self, telegram_id: int, language: str) -> None:
        """Let somebody read another language."""
        change = update(Person).where(col(Person.telegram_id) == telegram_id)
        self.database.run(lambda session: session.execute(change.values(language=language)))

    def circle(self, unit_id: int = 1) -> Circle:
        """Return the numbers of a unit."""
        found: Circle = self.database.run(lambda session: circle(session, unit_id, self.now))
        return found


def opened(database: Database) -> CycleHouse:
    house = CycleHouse(database)
    house.open(units=("Riverside", "Old Town"))
    for person, role in ((ANA, "manager"), (LI, "manager"), (SAM, "staff"), (OWNER, "owner")):
        house.add(person, role)
    house.add(OTHER, "manager", unit="Old Town")
    house.add(CUSTOMER)
    return house


@pytest.fixture
def house(database: Database) -> CycleHouse:
    return opened(database)


@pytest.fixture
def lite(sqlite_database: Database) -> CycleHouse:
    return opened(sqlite_database)


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def pressed(house: CycleHouse, telegram_id: int, action: str) -> tuple[Chat, str]:
    talk = house.chat(telegram_id)
    said = talk.take(press(User(telegram_id), callbacks.sign(house.secret, telegram_id, action)))
    return talk, plain(said)


def full(house: CycleHouse) -> None:
    """One under way and late, one to come, two done: one helped and was told, one shows nothing."""
    house.acted(due_on=date(2026, 5, 20), check_on=date(2026, 7, 6))
    house.acted("specification.tool-failures", due_on=date(2026, 6, 20))
    helped = house.done(OTHER_FIX)
    house.found(helped, "too early", weeks_ago=5)
    house.found(helped, "improved")
    house.told_of(helped)
    house.found(house.done("specification.shared-goals", weeks_ago=2), "no evidence")


def test_a_circle_counts_what_was_done_achieved_and_told(house: CycleHouse) -> None:
    full(house)

    assert house.circle() == Circle(
        unit_id=1,
        live=2,
        late=1,
        done=2,
        improved=1,
        no_evidence=1,
        next_look=date(2026, 7, 6),
        notes=1,
        heard=34,
        told_on=date(2026, 5, 18),
        untold=1,
    )
    assert house.circle(2) == Circle(2)


def test_what_is_older_than_a_quarter_does_not_count(lite: CycleHouse) -> None:
    old = lite.done(weeks_ago=14, check_on=date(2026, 2, 23))
    lite.found(old, "improved", weeks_ago=14)
    lite.told_of(old, weeks_ago=14)

    assert lite.circle() == Circle(1)


def test_what_was_taken_back_was_never_dropped(lite: CycleHouse) -> None:
    at = lite.now - timedelta(days=3)
    lite.acted(state="dropped", closed_at=at, dropped_reason="undone")
    lite.acted(OTHER_FIX, state="dropped", closed_at=at, dropped_reason="cost")

    assert lite.circle() == Circle(1, dropped=1)


def test_nobody_is_blamed_for_silence_within_the_first_week(lite: CycleHouse) -> None:
    lite.done(weeks_ago=0)

    assert lite.circle().untold == 0


def test_a_manager_reads_the_whole_circle_of_their_unit(lite: CycleHouse) -> None:
    full(lite)

    said = plain(lite.chat(ANA).send("/cycle"))

    for part in (
        "Riverside · the last 13 weeks",
        "There are no figures yet.",
        "2 under way (⏰ 1 overdue) · 2 done",
        "12 days late",
        "until June 20, 2026",
        "1 of 2 helped",
        "✅ Train the one thing that is missed: <b>+0.6</b> (+0.3 to +0.9)",
        "on July 6, 2026.",
        "one note to 34 people, on May 18, 2026",
        "⏰ <b>1 action is overdue: finish it, give it another day, or drop it.</b>",
    ):
        assert part in said, part
    assert "← All units" not in said


def test_the_findings_are_those_of_the_newest_report_and_count_as_seen(
    sqlite_database: Database,
) -> None:
    house = DigestHouse(sqlite_database)
    house.open()
    house.add(ANA, "manager")
    Ledger(house).fill(levels={"P": 4, "D": 4, "C": 4})
    house.report()
    desk = CycleHouse(sqlite_database).actions
    router = Router(PeopleDoor(), [chat.routes(desk)], house.texts)
    talk = Chat(sqlite_database, router, User(ANA), lambda: house.now, secret=house.secret)

    said = plain(talk.send("/cycle"))

    assert "▼ " in said
    assert "of the five gaps fall short for sure." in said
    assert "⏸ <b>Nothing is under way: choose one fix with /fixes.</b>" in said
    assert len(house.rows(FiguresSeen)) == 1


def test_figures_on_five_levels_say_so(sqlite_database: Database, tmp_path: Path) -> None:
    house = DigestHouse(
        sqlite_database, desk=desk_on_five(tmp_path, "customers", "staff", "managers")
    )
    house.open()
    house.add(ANA, "manager")
    Ledger(house).fill(levels={"E": 5, "P": 3, "C": 5, "D": 3, "M": 5, "S": 5})
    house.report()
    circle_house = CycleHouse(sqlite_database)
    circle_house.found(circle_house.done(), "improved", points=5)

    found, worked = plain(circle_house.chat(ANA).send("/cycle")).split("2 · ")

    named = "In points of a scale from 1 to 5."
    assert "▼ " in found
    assert found.count(named) == 1
    assert f"<b>+0.6</b> (+0.3 to +0.9) {named}" in worked


def test_an_owner_sees_who_is_stuck_where_and_opens_a_unit(house: CycleHouse) -> None:
    full(house)
    talk = house.chat(OWNER)

    said = plain(talk.send("/cycle"))

    assert "2 units" in said
    assert said.index("1. ⏰ <b>Riverside</b> · P11 · P12") < said.index("2. ⏸ <b>Old Town</b>")
    assert "⏰ 1 · ⏸ 1" in said
    opened_unit = plain(talk.press("2"))
    assert "Old Town · the last 13 weeks" in opened_unit
    assert "nobody was told anything" in opened_unit
    assert "2 units" in plain(talk.press("← All units"))


def test_many_units_stand_on_pages(sqlite_database: Database) -> None:
    house = CycleHouse(sqlite_database)
    house.open(units=tuple(f"Unit {number:02d}" for number in range(1, 15)))
    house.add(OWNER, "owner")
    talk = house.chat(OWNER)

    first = plain(talk.send("/cycle"))
    second = plain(talk.press("›"))

    assert "6. ⏸ <b>Unit 06</b>" in first
    assert "7. ⏸ <b>Unit 07</b>" in second
    assert "Unit 14" in plain(talk.press("›"))
    assert set(buttons(talk.last)) == {"13", "14", "‹"}


def test_an_owner_may_name_a_unit(lite: CycleHouse) -> None:
    assert "Old Town · the last" in plain(lite.chat(OWNER).send("/cycle old town"))


@pytest.mark.parametrize("action", ["cyu:1", "cycle"])
def test_only_those_in_charge_may_look(lite: CycleHouse, action: str) -> None:
    for person in (SAM, CUSTOMER, STRANGER):
        assert "This is not open to you." in pressed(lite, person, action)[1]
        assert "the last 13 weeks" not in lite.chat(person).send("/cycle")


def test_a_manager_reads_no_other_unit_and_an_old_button_says_so(lite: CycleHouse) -> None:
    assert "This is not open to you." in pressed(lite, OTHER, "cyu:1")[1]
    assert "no longer in use" in pressed(lite, OTHER, "cyu:77")[1]
    assert "no longer in use" in pressed(lite, OTHER, "cyu:x")[1]
    lite.leaves(OTHER)
    assert "This is not open to you." in pressed(lite, OTHER, "cyu:2")[1]


def test_a_page_beyond_the_last_shows_the_last(lite: CycleHouse) -> None:
    assert "Riverside" in pressed(lite, OWNER, "cycle:99")[1]


def section(house: CycleHouse, language: str = "en") -> Section | None:
    maker = CycleSection(house.actions)

    def work(session: Session) -> Section | None:
        return maker(
            session,
            house.texts,
            unit_id=1,
            language=language,
            since=house.now - timedelta(days=7),
            now=house.now,
        )

    return house.database.run(work)


def test_the_first_digest_of_a_month_tells_of_the_circle_and_leads_to_it(
    lite: CycleHouse,
) -> None:
    full(lite)

    told = section(lite)

    assert told is not None
    assert "Improvement in the last 13 weeks" in told.text
    assert "1 of 2 helped" in plain(told.text)
    assert [one.action for row in told.rows for one in row] == ["cyu:1"]


def test_other_digests_of_the_month_do_not(lite: CycleHouse) -> None:
    full(lite)
    lite.later(days=7)

    assert section(lite) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_written_in_every_language_and_fits_a_message(
    lite: CycleHouse, language: str
) -> None:
    full(lite)
    for person in (ANA, OWNER):
        lite.speaks(person, language)

    told, unit, units = section(lite, language), lite.chat(ANA), lite.chat(OWNER)

    texts: Sequence[str] = [told.text if told else "", unit.send("/cycle"), units.send("/cycle")]
    assert all(50 < len(text) < 2500 for text in texts)
    assert language == "en" or "under way" not in "".join(texts)
