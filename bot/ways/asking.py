"""Asking who came in by a poster: anonymously, within their budget, once they are by themselves.

Everybody of a unit who is asked within a week shares one wave (``bot.surveys.rolling``), so that no
answer stands alone. Questionnaires that are not anonymous are not taken: the poster promises it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.dialogue import CUSTOMER
from bot.people.tables import Unit
from bot.surveys.rolling import ask_some
from bot.surveys.schedules import current_paper
from bot.surveys.tables import Schedule
from bot.surveys.versions import Paper
from bot.ways.desk import WayDesk


def ask_later(
    session: Session, desk: WayDesk, *, unit_id: int, person_id: int, now: datetime
) -> datetime | None:
    """Plan the unit's questionnaire for a customer; return when it comes, None where it does not.

    Why not, ``/reach`` tells as for every other questionnaire.
    """
    paper = _paper_of(session, desk, unit_id)
    if paper is None:
        return None
    plan = ask_some(
        session,
        desk.surveys,
        paper=paper,
        unit=session.get_one(Unit, unit_id),
        people=[person_id],
        now=now,
        not_before=now + desk.delay,
    )
    return plan.due[0][1] if plan.due else None


def _paper_of(session: Session, desk: WayDesk, unit_id: int) -> Paper | None:
    """Return the first of a unit's questionnaires that asks its customers anonymously."""
    names = session.scalars(
        select(col(Schedule.questionnaire))
        .where(col(Schedule.unit_id) == unit_id, col(Schedule.active))
        .order_by(col(Schedule.id))
    ).all()
    for name in names:
        paper = current_paper(session, desk.surveys, name)
        if paper and paper.content.audience == CUSTOMER and paper.content.anonymous:
            return paper
    return None
