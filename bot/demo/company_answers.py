"""What the demo's people answered in the past weeks: closed waves, as real ones are.

Runs stand under random keys that lead to nobody. Everything of one questionnaire is written at
once, in the order of the keys.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.random import Generator
from sqlalchemy import insert
from sqlmodel import Session

from bot.core.clock import monday_of
from bot.demo.company import PARTNER, SIZES, Company, found_company
from bot.demo.opinions import Mood, Question
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import (
    ANONYMOUS,
    NAMED,
    Answer,
    Comment,
    Invitee,
    Run,
    RunSegment,
    Wave,
)
from bot.surveys.versions import Paper
from gapengine.allocation import AGREEMENT, form_for
from gapengine.vantage import Vantage

WEEKS = 16
_MOST_ASKED = {"customer": 26, "staff": 12, "manager": 6, PARTNER: 8}
_RESPONSE = {"customer": 0.75, "staff": 0.85, "manager": 1.0, PARTNER: 0.9}
MANAGERS_EVERY = 2
_EVERY = {"manager": MANAGERS_EVERY, PARTNER: 5}
_PLAYED_WEEKS = (4, 8, 12)
"""In which weeks, counted back, the customer who is played was asked."""
_COMMENTING = 0.3
_SILENT = 8.0
"""Where those who say nothing come among the others: behind the most content."""


def write_answers(
    session: Session,
    desk: SurveyDesk,
    company: Company,
    *,
    now: datetime,
    weeks: int = WEEKS,
    seed: int = 7,
) -> None:
    """Write the closed waves of every questionnaire and unit in so many past weeks."""
    rng = np.random.default_rng(seed)
    contents = (desk.library.read(name) for name in desk.library.names())
    for content in (one for one in contents if not one.is_triggered):
        paper = desk.library.keep(session, content)
        _Past(session, paper, rng, company=company).write(now=now, weeks=weeks)


def seed_company(
    session: Session,
    desk: SurveyDesk,
    *,
    language: str,
    now: datetime,
    with_played: bool = True,
    weeks: int = WEEKS,
) -> Company:
    """Write the company with its people and their answers."""
    company = found_company(session, language=language, now=now, with_played=with_played)
    write_answers(session, desk, company, now=now, weeks=weeks)
    return company


@dataclass
class _Past:
    """Writes the closed waves of one questionnaire."""

    session: Session
    paper: Paper
    rng: Generator
    company: Company
    invitees: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)
    sequence: int = 0

    def write(self, *, now: datetime, weeks: int) -> None:
        """Write one wave of each unit for each past week in which this audience was asked."""
        audience = self.paper.content.audience
        self.blueprint = self.paper.content.blueprint()
        every = _EVERY.get(audience, 1)
        waves = [
            (index, ago, _wave(self.paper, unit_id, ago, now=now))
            for index, unit_id in enumerate(self.company.units)
            for ago in range(weeks, 0, -every)
        ]
        self.session.add_all(wave for *_, wave in waves)
        self.session.flush()
        for index, ago, wave in waves:
            self._ask(wave, index, ago)
        for table, rows in (
            (Invitee, self.invitees),
            (Run, self.runs),
            (Answer, self.answers),
            (Comment, self.comments),
            (RunSegment, self.segments),
        ):
            if rows:
                self.session.execute(insert(table), sorted(rows, key=_by_key))

    def _ask(self, wave: Wave, index: int, ago: int) -> None:
        audience = self.paper.content.audience
        people = self.company.crowd[index, audience]
        asked = self.rng.permutation(people)[: min(_MOST_ASKED[audience], SIZES[index][audience])]
        own = self.company.played.get(audience)
        is_asked = audience == "customer" and own and not index and ago in _PLAYED_WEEKS
        self.invitees += [
            {
                "wave_id": wave.id,
                "person_id": int(one),
                "state": "closed",
                "reason": "",
            }
            for one in [*asked, *([own] if is_asked else [])]
        ]
        answering = int(self.rng.binomial(len(asked), _RESPONSE[audience]))
        content = [
            (self._answer(wave, run, index, ago), run["key"])
            for run in (self._run(wave, "finished") for _ in range(answering))
        ]
        content += [
            (_SILENT, self._run(wave, "expired")["key"]) for _ in range(len(asked) - answering)
        ]
        if audience == "customer":
            self._say_where([key for _, key in sorted(content)])

    def _say_where(self, keys: Sequence[str]) -> None:
        """Write where those of a wave were served, the least content first: many of them phoned."""
        places = self.company.words.places
        for at, key in enumerate(keys):
            phoned = at % 5 < (3 if 2 * at < len(keys) else 1)
            place = places.phone if phoned else places.counter
            self.segments.append({"run_key": key, "touchpoint": place})

    def _answer(self, wave: Wave, run: Mapping[str, Any], index: int, ago: int) -> float:
        """Write one run's answers; return how content it is, on average."""
        same = {"run_key": run["key"], "unit_id": wave.unit_id, "week": wave.due_on}
        same["language"] = self.company.language
        audience = self.paper.content.audience
        mood = Mood(self.rng, index, weeks_ago=ago, is_partner=audience == PARTNER)
        perceived = []
        for question in questions(self.paper, run["form"]):
            score = mood.answer(question)
            if question.vantage == Vantage.PERCEIVED and score is not None:
                perceived.append(score)
            self.answers.append(
                {
                    "item": question.key,
                    "vantage": question.vantage,
                    "score": score,
                    "no_rule": score is None,
                    "version_id": wave.version_id,
                    "answered_on": wave.due_on + timedelta(days=1),
                    **same,
                }
            )
        if self.paper.content.open_question and self.rng.random() < _COMMENTING:
            text = str(self.rng.choice(self.company.words.comments))
            self.comments.append({"text": text, **same})
        return sum(perceived) / len(perceived) if perceived else _SILENT

    def _run(self, wave: Wave, state: str) -> dict[str, Any]:
        form = form_for(self.blueprint, seed=1, sequence=self.sequence).questions
        self.sequence += 1
        run = {
            "key": secrets.token_hex(16),
            "invitee_id": None,
            "wave_id": wave.id,
            "version_id": wave.version_id,
            "unit_id": wave.unit_id,
            "week": wave.due_on,
            "anonymous": self.paper.content.anonymous,
            "promise": ANONYMOUS if self.paper.content.anonymous else NAMED,
            "state": state,
            "form": [list(one) for one in form],
            "position": len(form) if state == "finished" else 0,
        }
        self.runs.append(run)
        return run


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


def _wave(paper: Paper, unit_id: int, ago: int, *, now: datetime) -> Wave:
    week: date = monday_of(now.date()) - timedelta(days=7 * ago)
    planned = now - (now.date() - week)
    return Wave(
        version_id=paper.version_id,
        unit_id=unit_id,
        due_on=week,
        planned_at=planned,
        expires_at=planned + timedelta(days=5),
        seed=0,
        closed=True,
    )


def _by_key(row: Mapping[str, Any]) -> str:
    return str(row.get("key") or row.get("run_key") or "")
