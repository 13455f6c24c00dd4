"""What else a digest needs beside the gaps: who answered, causes, comments; small groups hidden."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.surveys.definition import Questionnaire
from bot.surveys.tables import Answer, Comment, Invitee, QuestionnaireVersion, Run, Wave

FLOOR = {"staff": 5, "manager": 3}
"""Fewest people who must have rated a cause before its mean is used."""
COMMENT_FLOOR = 8


@dataclass(frozen=True, slots=True)
class Span:
    """The Mondays of the first and the last week looked at."""

    first: date
    last: date

    @classmethod
    def ending(cls, last: date, weeks: int) -> "Span":
        """The last ``weeks`` weeks up to and with this one."""
        return cls(last - timedelta(days=7 * (weeks - 1)), last)

    @property
    def last_day(self) -> date:
        """The Sunday that ends it."""
        return self.last + timedelta(days=6)


def response(session: Session, unit_id: int | None, span: Span) -> dict[str, int]:
    """Count the customers who were asked within the span, and those who answered anything."""
    asked = (
        select(func.count())
        .select_from(Invitee)
        .join(Wave, col(Wave.id) == col(Invitee.wave_id))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
        .where(
            col(QuestionnaireVersion.audience) == "customer",
            col(Invitee.state) != "skipped",
            col(Wave.due_on).between(span.first, span.last_day),
        )
    )
    answered = (
        select(func.count(func.distinct(col(Answer.run_key))))
        .join(Run, col(Run.key) == col(Answer.run_key))
        .where(
            col(Answer.vantage).in_(("E", "P", "C")),
            col(Answer.week).between(span.first, span.last),
        )
    )
    if unit_id is not None:
        asked = asked.where(col(Wave.unit_id) == unit_id)
        answered = answered.where(col(Answer.unit_id) == unit_id)
    return {
        "asked": session.scalar(asked) or 0,
        "answered": session.scalar(answered) or 0,
    }


def causes(session: Session, unit_id: int | None, spans: dict[str, Span]) -> list[dict[str, Any]]:
    """Return each cause's mean, high = healthy, from staff and managers together.

    A group too small to be shown is left out; a cause nobody may be shown for is not listed.
    """
    known = _statements(session)
    sums: dict[str, list[float]] = {}
    for audience, span in spans.items():
        for cause, count, total in _ratings(session, unit_id, audience=audience, span=span):
            if count < FLOOR[audience] or cause not in known:
                continue
            _, reverse = known[cause]
            healthy = 8 * count - total if reverse else total
            entry = sums.setdefault(cause, [0, 0.0])
            entry[0] += count
            entry[1] += healthy
    return [
        {"cause": cause, "gap": known[cause][0], "score": total / count, "n": int(count)}
        for cause, (count, total) in sorted(sums.items())
    ]


def comments(session: Session, unit_id: int | None, span: Span) -> list[dict[str, str]]:
    """Return customers' comments, in an order that tells nothing; none when they are too few."""
    query = (
        select(col(Comment.text), col(Comment.language))
        .join(Run, col(Run.key) == col(Comment.run_key))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Run.version_id))
        .where(
            col(Comment.week).between(span.first, span.last),
            col(QuestionnaireVersion.audience) == "customer",
        )
        .order_by(col(Comment.run_key))
    )
    if unit_id is not None:
        query = query.where(col(Comment.unit_id) == unit_id)
    found = [{"text": text, "language": language} for text, language in session.execute(query)]
    return found if len(found) >= COMMENT_FLOOR else []


def _ratings(
    session: Session, unit_id: int | None, *, audience: str, span: Span
) -> list[tuple[str, int, int]]:
    query = (
        select(col(Answer.item), func.count(), func.sum(col(Answer.score)))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Answer.version_id))
        .where(
            col(Answer.vantage) == "A",
            col(Answer.week).between(span.first, span.last),
            col(QuestionnaireVersion.audience) == audience,
        )
        .group_by(col(Answer.item))
    )
    if unit_id is not None:
        query = query.where(col(Answer.unit_id) == unit_id)
    return [(item, int(count), int(total)) for item, count, total in session.execute(query)]


def _statements(session: Session) -> dict[str, tuple[str, bool]]:
    contents = session.scalars(
        select(col(QuestionnaireVersion.content)).order_by(col(QuestionnaireVersion.id))
    )
    known: dict[str, tuple[str, bool]] = {}
    for content in contents:
        asked = Questionnaire.from_canonical(content).causes
        if asked is not None:
            known |= {one.id: (one.gap, one.reverse) for one in asked.statements}
    return known
