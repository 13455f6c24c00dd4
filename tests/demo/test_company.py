"""The demo's company: its words in every language, and what it did about what it heard."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.reports import Windows, make_report
from bot.cases.tables import Case
from bot.core.database import Database
from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.core.tables import AuditEntry, Delivery
from bot.demo.company import PLAYED
from bot.demo.company_chats import Heard
from bot.demo.company_further import (
    CHIEF,
    REGIONAL_MANAGER,
    SUPPLIER,
    TWO_ROLES,
    VISITOR,
    ask_about_the_visit,
    further,
)
from bot.demo.company_past import write_past
from bot.demo.company_registers import WAITS
from bot.demo.company_story import STEPS_FIX, TOOLS_FIX, WORDS_FIX
from bot.demo.words import FOLDER, words_in
from bot.ideas.tables import Idea
from bot.improvement.effects_record import FixRecord, records
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.tables import Action
from bot.improvement.told_tables import ToldNote
from bot.issues.tables import Issue, IssueReport
from bot.parts import Parts
from bot.people.registry import unit_named
from bot.people.tables import Person, Role, Unit
from bot.people.tree import read_tree
from bot.registers import opinions
from bot.settings import Settings
from bot.surveys.tables import Invitee

MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)
CLARA, SAM, MAYA = PLAYED


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_company_speaks_every_language(language: str) -> None:
    words = words_in(language)

    assert (FOLDER / f"{language}.yaml").exists()
    assert len(set(words.units)) == len(words.units)
    played = {one.first_name for one in further(language)} | {words.staff.name, words.manager.name}
    assert len({*words.names} | played) == len(words.names) + 7


def test_a_language_without_a_company_borrows_the_english_one() -> None:
    assert words_in("tlh") == words_in("en")


@pytest.fixture(params=[0, 6], ids=["on a Monday", "on a Sunday"])
def now(request: pytest.FixtureRequest) -> datetime:
    return MONDAY + timedelta(days=request.param)


def test_what_was_heard_was_acted_on(
    sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    settings = Settings(token=SecretStr("1:" + "x" * 35), data=tmp_path)
    parts = Parts(settings, Texts(), username=str)

    def work(session: Session) -> list[Heard]:
        parts.fixes.refresh(session)
        return write_past(session, parts, Texts(), language="en", now=now, windows=Windows())

    heard = sqlite_database.run(work)
    sqlite_database.run(lambda session: _check(session, parts, heard, now))


def test_those_around_are_there_too(sqlite_database: Database, tmp_path: Path) -> None:
    settings = Settings(token=SecretStr("1:" + "x" * 35), data=tmp_path)
    parts = Parts(settings, Texts(), username=str)

    def work(session: Session) -> None:
        parts.fixes.refresh(session)
        write_past(session, parts, Texts(), language="en", now=MONDAY, windows=Windows())
        ask_about_the_visit(session, parts.surveys, MONDAY)

    sqlite_database.run(work)
    sqlite_database.run(_check_further)


def _check_further(session: Session) -> None:
    rows = session.execute(
        select(col(Person.telegram_id), col(Role.kind), col(Unit.name))
        .join(Role, col(Role.person_id) == col(Person.id))
        .outerjoin(Unit, col(Unit.id) == col(Role.unit_id))
    )
    held = {tuple(row) for row in rows}
    assert held >= {
        (VISITOR, "customer", "Riverside"),
        (TWO_ROLES, "staff", "Station"),
        (TWO_ROLES, "customer", "Riverside"),
        (SUPPLIER, "partner", "Riverside"),
        (REGIONAL_MANAGER, "regional", "City Centre"),
        (CHIEF, "owner", None),
    }
    tree = read_tree(session)
    centre = next(one.id for one in tree.units.values() if one.name == "City Centre")
    inside = {tree.units[one].name for one in tree.below(centre or 0)}
    assert inside - {"City Centre"} == {"Riverside", "Old Town", "Station"}

    card = session.execute(
        select(col(Invitee.about_on), col(Delivery.due_at), col(Person.language))
        .join(Person, col(Person.id) == col(Invitee.person_id))
        .join(Delivery, col(Delivery.person_id) == col(Person.id))
        .where(col(Person.telegram_id) == VISITOR)
    ).one()
    sunday = (MONDAY - timedelta(days=1)).date()
    assert tuple(card) == (sunday, MONDAY, "ar")


def _check(session: Session, parts: Parts, heard: list[Heard], now: datetime) -> None:
    riverside = unit_named(session, "Riverside").id or 0

    assert _verdicts(session) == {
        ("Riverside", WORDS_FIX): "improved",
        ("Station", WORDS_FIX): "no evidence",
        ("Riverside", STEPS_FIX): "no evidence",
    }
    assert records(session)[WORDS_FIX] == FixRecord(improved=1, no_evidence=1)
    assert (TOOLS_FIX, "open") in {(one.fix, one.state) for one in _all(session, Action)}

    make_report(session, now, Windows())
    assert [one.item for one in parts.registers.disagreements(session, riverside, now)] == [WAITS]
    assert (parts.registers.delivered(session, riverside, now)[WAITS].reached or 0) < 7
    assert opinions.antecedents(session, riverside, now.date())

    states = {one.state for one in _all(session, Issue)}
    assert states == {"new", "acknowledged", "resolved", "merged"}
    assert sum(one.anonymous for one in _all(session, IssueReport)) == 3
    assert {one.state for one in _all(session, Case)} == {"taken", "closed"}
    assert {one.state for one in _all(session, Idea)} >= {"new", "open", "planned", "done"}
    assert [one.state for one in _all(session, ToldNote)] == ["sent"]
    assert len(_all(session, AuditEntry)) > 50

    told = {(one.call["chat_id"], word) for one in heard for word in _SAID if word in _text(one)}
    assert told == {(CLARA, "You said, we did"), (SAM, "Keep this message"), (MAYA, "It helped")}
    assert all(one.at < now for one in heard)
    assert not session.scalar(select(Delivery).where(col(Delivery.state) == "queued"))


_SAID = ("You said, we did", "Keep this message", "It helped")


def _verdicts(session: Session) -> dict[tuple[str, str], str]:
    rows = session.execute(
        select(col(Unit.name), col(Action.fix), col(ActionEffect.verdict))
        .join(Action, col(Action.unit_id) == col(Unit.id))
        .join(ActionEffect, col(ActionEffect.action_id) == col(Action.id))
    )
    return {(unit, fix): verdict for unit, fix, verdict in rows}


def _all(session: Session, table: type) -> list[Any]:
    return list(session.scalars(select(table)))


def _text(heard: Heard) -> str:
    return str(heard.call.get("text") or heard.call.get("caption"))
