"""Answers written straight into a database, as closed anonymous runs hold them."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from bot.people.registry import unit_named
from bot.surveys.tables import ANONYMOUS, NAMED, Answer, Comment, Invitee, Run, Wave
from bot.surveys.versions import Paper
from tests.support.surveys import House

MONDAY = date(2026, 2, 23)
"""The Monday of the week before the house's Wednesday."""

LEVELS = {"E": 6, "P": 5, "C": 6, "D": 5, "M": 6, "S": 6}
"""What everybody answers who is not told otherwise: staff stay a point below the rules."""

Question = tuple[str, str]


@dataclass
class Ledger:
    """Writes runs with their answers for a house; a run's key is its name."""

    house: House
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def paper(self, questionnaire: str) -> Paper:
        """Import a shipped questionnaire."""
        return self.house.database.run(lambda session: self._kept(session, questionnaire))

    def _kept(self, session: Session, questionnaire: str) -> Paper:
        library = self.house.desk.library
        return library.keep(session, library.read(questionnaire))

    def run(
        self,
        answers: Mapping[Question, int | None],
        *,
        questionnaire: str = "customers",
        unit: str = "Riverside",
        week: date = MONDAY,
        comment: str = "",
        language: str = "en",
        person: int | None = None,
    ) -> str:
        """Write one run; ``answers`` may be empty: it was asked and did not come back.

        It is anonymous, unless it is a ``person``'s.
        """
        return self.house.database.run(
            lambda session: self._write(
                session,
                self._kept(session, questionnaire),
                answers=answers,
                unit=unit,
                week=week,
                comment=comment,
                language=language,
                person=person,
            )
        )

    def answer(self, key: str, question: Question, score: int | None) -> None:
        """Correct one answer of a run."""
        item, vantage = question
        self.house.database.run(
            lambda session: session.execute(
                update(Answer)
                .where(
                    col(Answer.run_key) == key,
                    col(Answer.item) == item,
                    col(Answer.vantage) == vantage,
                )
                .values(score=score, no_rule=score is None)
            )
        )

    def erase(self, key: str) -> None:
        """Erase a run with all that hangs on it."""
        self.house.database.run(
            lambda session: session.execute(delete(Run).where(col(Run.key) == key))
        )

    def fill(
        self,
        unit: str = "Riverside",
        *,
        week: date = MONDAY,
        people: Mapping[str, int] | None = None,
        levels: Mapping[str, int] | None = None,
        causes: Mapping[str, int] | None = None,
        comments: Iterable[str] = (),
    ) -> None:
        """Let everybody of a unit answer everything, some a point lower, each in their own way."""
        wanted = {"customers": 10, "staff": 6, "managers": 4} | dict(people or {})
        said = iter(comments)

        def write(session: Session) -> None:
            for questionnaire, many in wanted.items():
                paper = self._kept(session, questionnaire)
                for number in range(many):
                    self._write(
                        session,
                        paper,
                        answers=everything(paper, LEVELS | dict(levels or {}), lower=number)
                        | rated(paper, causes or {}),
                        unit=unit,
                        week=week,
                        comment=next(said, "") if questionnaire == "customers" else "",
                    )

        self.house.database.run(write)

    def _write(
        self,
        session: Session,
        paper: Paper,
        *,
        answers: Mapping[Question, int | None],
        unit: str,
        week: date,
        comment: str,
        language: str = "en",
        person: int | None = None,
    ) -> str:
        number = next(self._numbers)
        key = f"{(number * 0x9E3779B97F4A7C15) % 2**64:016x}{number:016x}"
        unit_id = unit_named(session, unit).id or 0
        wave = _wave_of(session, paper, unit_id=unit_id, week=week, now=self.house.now)
        invitee = None
        if person is not None:
            invitee = Invitee(wave_id=wave.id or 0, person_id=person, state="closed", reason="")
            session.add(invitee)
            session.flush()
        session.add(
            Run(
                key=key,
                wave_id=wave.id or 0,
                invitee_id=invitee.id if invitee else None,
                version_id=paper.version_id,
                anonymous=paper.content.anonymous and invitee is None,
                promise=ANONYMOUS if invitee is None else NAMED,
                state="finished" if answers else "expired",
                form=[],
                unit_id=unit_id,
                week=week,
            )
        )
        session.flush()
        rows = [
            {
                "run_key": key,
                "item": item,
                "vantage": vantage,
                "score": score,
                "no_rule": score is None,
                "version_id": paper.version_id,
                "language": language,
                "answered_on": week,
                "unit_id": unit_id,
                "week": week,
            }
            for (item, vantage), score in answers.items()
        ]
        if rows:
            session.execute(insert(Answer), rows)
        if comment:
            session.add(
                Comment(run_key=key, text=comment, language=language, unit_id=unit_id, week=week)
            )
        session.flush()
        return key


def everything(
    paper: Paper, levels: Mapping[str, int], *, lower: int = 0
) -> dict[Question, int | None]:
    """Return an answer to every question of a questionnaire that the levels name.

    ``lower`` numbers a person: of four, two expect a point less and two experience a point less.
    """
    less = dict.fromkeys("EMC", lower % 2) | dict.fromkeys("PSD", lower // 2 % 2)
    return {
        (item.id, point.value): levels[point.value] - less[point.value]
        for item in paper.content.items
        for point in item.text
        if point.value in levels
    }


def rated(paper: Paper, causes: Mapping[str, int]) -> dict[Question, int | None]:
    """Return agreement with those statements about causes that the questionnaire holds."""
    known = {one.id for one in paper.content.causes.statements} if paper.content.causes else set()
    return {(cause, "A"): score for cause, score in causes.items() if cause in known}


def _wave_of(session: Session, paper: Paper, *, unit_id: int, week: date, now: datetime) -> Wave:
    """Find the week's wave of this questionnaire in this unit, or make it."""
    due_on = week + timedelta(days=1)
    known = session.scalars(
        select(Wave).where(
            col(Wave.version_id) == paper.version_id,
            col(Wave.unit_id) == unit_id,
            col(Wave.due_on) == due_on,
        )
    ).first()
    if known is not None:
        return known
    wave = Wave(
        version_id=paper.version_id,
        unit_id=unit_id,
        due_on=due_on,
        planned_at=now,
        expires_at=now,
        seed=0,
        closed=True,
    )
    session.add(wave)
    session.flush()
    return wave
