"""A company with nine weeks behind it, written straight into the database: the demo's past.

Its past questionnaires are closed and anonymous as real ones are: runs under random keys that lead
to nobody. People of the crowd have chats too, and answer there from now on.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.random import Generator
from sqlalchemy import insert
from sqlmodel import Session, col

from bot.core.clock import monday_of
from bot.demo.model import Persona
from bot.demo.opinions import Mood, Question
from bot.demo.words import WORDS, CompanyWords
from bot.people.registry import all_units, set_up
from bot.people.tables import Person, Role, Unit
from bot.surveys.desk import SurveyDesk
from bot.surveys.run_writing import ANONYMOUS, NAMED
from bot.surveys.tables import Answer, Comment, Invitee, Run, Wave
from bot.surveys.versions import Paper
from gapengine.allocation import AGREEMENT, form_for

WEEKS = 9
ZONE = "Europe/Berlin"
PLAYED = (9_001, 9_002, 9_003)
"""The Telegram ids of the three people who are played: customer, staff, manager."""
_CROWD = {"customer": 26, "staff": 12, "manager": 6}
_ASKED = {"customer": 20, "staff": 12, "manager": 6}
_RESPONSE = {"customer": 0.75, "staff": 0.85, "manager": 1.0}
_MANAGERS_WEEKS = (1, 3, 5, 7, 9)
_COMMENTING = 0.3
_CONSENT_DAYS = 80


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the crowd: where they belong and as what."""

    telegram_id: int
    role: str
    unit: int


def played(language: str) -> list[Persona]:
    """Return the three people to play, in the language's names."""
    words = WORDS[language]
    return [
        Persona(user_id, name, language, label, name[:1])
        for user_id, (name, label) in zip(
            PLAYED, (words.customer, words.staff, words.manager), strict=True
        )
    ]


def crowd() -> list[Member]:
    """Return everybody who answers by themselves."""
    members, number = [], 20_001
    for unit in range(3):
        for role, many in _CROWD.items():
            for _ in range(many):
                members.append(Member(number, role, unit))
                number += 1
    return members


def seed_company(
    session: Session,
    desk: SurveyDesk,
    *,
    language: str,
    now: datetime,
    with_played: bool = True,
    seed: int = 7,
) -> list[Unit]:
    """Write the company and its past; return its units in the order of ``WORDS``.

    ``with_played``: the three people who are played belong to the first unit already.
    """
    words = WORDS[language]
    set_up(session, name=words.name, units=words.units, zone=ZONE, language=language, now=now)
    by_name = {unit.name: unit for unit in all_units(session)}
    units = [by_name[name] for name in words.units]
    people = _people(session, units, language=language, now=now, with_played=with_played)
    rng = np.random.default_rng(seed)
    for name in desk.library.names():
        paper = desk.library.keep(session, desk.library.read(name))
        past = _Past(session, paper, rng, words=words, language=language)
        for index, unit in enumerate(units):
            past.write(index, unit, people[index, paper.content.audience], now=now)
    return units


def _people(
    session: Session, units: Sequence[Unit], *, language: str, now: datetime, with_played: bool
) -> dict[tuple[int, str], list[int]]:
    """Write everybody with their role; return the ids of the crowd by unit and role."""
    since = now - timedelta(days=_CONSENT_DAYS)
    names = {one.user_id: one.first_name for one in played(language)}
    members = crowd()
    if with_played:
        members += [Member(one, role, 0) for one, role in zip(PLAYED, _CROWD, strict=True)]
    rows = [
        {
            "telegram_id": one.telegram_id,
            "language": language,
            "state": "active",
            "name": names.get(one.telegram_id, f"{one.role} {one.telegram_id}"),
            "consent_version": 1,
            "consented_at": since,
        }
        for one in members
    ]
    made = session.execute(
        insert(Person).returning(col(Person.id), col(Person.telegram_id)),
        rows,
    )
    ids = {telegram_id: person_id for person_id, telegram_id in made}
    session.execute(
        insert(Role),
        [
            {
                "person_id": ids[one.telegram_id],
                "unit_id": units[one.unit].id,
                "kind": one.role,
                "granted_at": since,
            }
            for one in members
        ],
    )
    found: dict[tuple[int, str], list[int]] = {}
    for one in crowd():
        found.setdefault((one.unit, one.role), []).append(ids[one.telegram_id])
    return found


class _Past:
    """Writes the closed waves of one questionnaire."""

    def __init__(
        self, session: Session, paper: Paper, rng: Generator, *, words: CompanyWords, language: str
    ) -> None:
        self._session = session
        self._paper = paper
        self._rng = rng
        self._words = words
        self._language = language
        self._blueprint = paper.content.blueprint()
        self._sequence = 0

    def write(self, index: int, unit: Unit, people: Sequence[int], *, now: datetime) -> None:
        """Write one wave for each past week in which this audience was asked."""
        audience = self._paper.content.audience
        this_week = monday_of(now.date())
        for ago in range(WEEKS, 0, -1):
            if audience != "manager" or ago in _MANAGERS_WEEKS:
                week = this_week - timedelta(days=7 * ago)
                self._wave(index, unit, people, week=week, now=now)

    def _wave(
        self, index: int, unit: Unit, people: Sequence[int], *, week: date, now: datetime
    ) -> None:
        planned = now - (now.date() - week) * 1
        wave = Wave(
            version_id=self._paper.version_id,
            unit_id=unit.id or 0,
            due_on=week,
            planned_at=planned,
            expires_at=planned + timedelta(days=5),
            seed=0,
            closed=True,
        )
        self._session.add(wave)
        self._session.flush()
        audience = self._paper.content.audience
        asked = self._rng.permutation(list(people))[: _ASKED[audience]]
        self._session.execute(
            insert(Invitee),
            [
                {
                    "wave_id": wave.id,
                    "person_id": int(one),
                    "state": "closed",
                    "reason": "",
                }
                for one in asked
            ],
        )
        answering = int(self._rng.binomial(len(asked), _RESPONSE[audience]))
        lately = week == monday_of(now.date()) - timedelta(days=7)
        self._runs(wave, index, week, answering, lately=lately)
        silent = [self._run(wave, week, "expired") for _ in range(len(asked) - answering)]
        if silent:
            self._session.execute(insert(Run), silent)

    def _runs(self, wave: Wave, index: int, week: date, many: int, *, lately: bool) -> None:
        runs: list[dict[str, Any]] = []
        answers: list[dict[str, Any]] = []
        comments: list[dict[str, Any]] = []
        for _ in range(many):
            run = self._run(wave, week, "finished")
            runs.append(run)
            form, key = run["form"], run["key"]
            same = {"unit_id": wave.unit_id, "week": week}
            mood = Mood(self._rng, index, lately=lately)
            for question in self._questions(form):
                score = mood.answer(question)
                answers.append(
                    {
                        "run_key": key,
                        "item": question.key,
                        "vantage": question.vantage,
                        "score": score,
                        "no_rule": score is None,
                        **same,
                        "version_id": wave.version_id,
                        "language": self._language,
                        "answered_on": week + timedelta(days=1),
                    }
                )
            if self._paper.content.open_question and self._rng.random() < _COMMENTING:
                text = str(self._rng.choice(self._words.comments))
                comments.append({"run_key": key, "text": text, "language": self._language, **same})
        for table, rows in ((Run, runs), (Answer, answers), (Comment, comments)):
            if rows:
                self._session.execute(insert(table), sorted(rows, key=_by_key))

    def _run(self, wave: Wave, week: date, state: str) -> dict[str, Any]:
        form = form_for(self._blueprint, seed=wave.unit_id, sequence=self._sequence).questions
        self._sequence += 1
        return {
            "key": secrets.token_hex(16),
            "invitee_id": None,
            "wave_id": wave.id,
            "version_id": wave.version_id,
            "unit_id": wave.unit_id,
            "week": week,
            "anonymous": self._paper.content.anonymous,
            "promise": ANONYMOUS if self._paper.content.anonymous else NAMED,
            "state": state,
            "form": [list(one) for one in form],
            "position": len(form) if state == "finished" else 0,
        }

    def _questions(self, form: Sequence[Sequence[str]]) -> Iterator[Question]:
        yield from questions(self._paper, form)


def questions(paper: Paper, form: Sequence[Sequence[str]]) -> Iterator[Question]:
    """Say of each question of a form what it is about."""
    dimensions = paper.content.dimensions
    causes = paper.content.causes
    reverse = {one.id: one.reverse for one in causes.statements} if causes else {}
    for key, vantage in form:
        if vantage == AGREEMENT:
            yield Question(key, vantage, reverse=reverse[key])
        else:
            yield Question(key, vantage, dimension=dimensions[key])


def _by_key(row: Mapping[str, Any]) -> str:
    return str(row.get("key") or row.get("run_key"))
