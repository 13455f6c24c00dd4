"""How many cases there are, what came of them, and how their customers rate later.

Answers of anonymous questionnaires lead to nobody, so only named ones can show a later rating; it
is a mean over customers, never one customer's, and shown from a floor on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.cases import cases
from bot.cases.tables import Case
from bot.surveys.definition import POINTS
from bot.surveys.scales import main_points
from bot.surveys.tables import Answer, Invitee, QuestionnaireVersion, Run

FLOOR = 5
"""Fewest customers of whom a share or a mean is shown."""
LOOKS_BACK = timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class Summary:
    """The cases of a unit; ``settled_share`` is None while fewer than the floor have said."""

    open: int
    overdue: int
    opened: int
    closed: int
    said: int
    settled_share: float | None


@dataclass(frozen=True, slots=True)
class Later:
    """The mean of P that customers gave in named questionnaires after their case was closed."""

    customers: int
    mean: float
    points: int = POINTS


def summary(session: Session, unit_id: int, *, since: datetime, now: datetime) -> Summary:
    """Count a unit's cases: now, since that time, and the share settled of the last half year."""
    here = col(Case.unit_id) == unit_id
    late = col(Case.state).in_(cases.OURS) & (col(Case.due_at) <= now)
    lately = (col(Case.opened_at) >= now - LOOKS_BACK) & col(Case.settled).is_not(None)
    said = _count(session, here, lately)
    settled = _count(session, here, lately, col(Case.settled).is_(True))
    return Summary(
        open=_count(session, here, col(Case.state).in_(cases.LIVE)),
        overdue=_count(session, here, late),
        opened=_count(session, here, col(Case.opened_at) >= since),
        closed=_count(session, here, col(Case.state) == cases.CLOSED, col(Case.closed_at) >= since),
        said=said,
        settled_share=settled / said if said >= FLOOR else None,
    )


def later_rating(session: Session, unit_id: int) -> Later | None:
    """Return what customers of closed cases gave afterwards; None below the floor.

    Only weeks after that of the closing count, answers on the main scale, and one mean for each
    customer.
    """
    points = main_points(session)
    rows = session.execute(
        select(
            col(Case.person_id), func.date(col(Case.closed_at)), col(Run.week), col(Answer.score)
        )
        .join(Invitee, col(Invitee.person_id) == col(Case.person_id))
        .join(Run, col(Run.invitee_id) == col(Invitee.id))
        .join(Answer, col(Answer.run_key) == col(Run.key))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Run.version_id))
        .where(
            col(Case.unit_id) == unit_id,
            col(Case.state) == cases.CLOSED,
            col(Run.unit_id) == unit_id,
            col(Run.anonymous).is_(False),
            col(Answer.vantage) == "P",
            col(Answer.score).is_not(None),
            col(QuestionnaireVersion.points) == points,
        )
    )
    given: dict[int, list[int]] = {}
    for person_id, closed_on, week, score in rows:
        if str(week) > str(closed_on):
            given.setdefault(person_id, []).append(score)
    if len(given) < FLOOR:
        return None
    means = [sum(scores) / len(scores) for scores in given.values()]
    return Later(len(means), sum(means) / len(means), points)


def _count(session: Session, *conditions: object) -> int:
    query = select(func.count()).select_from(Case)
    return session.scalar(query.where(*conditions)) or 0  # type: ignore[arg-type]
