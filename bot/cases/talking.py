"""Whether a customer is in touch with a unit at the moment, so that nothing else is asked."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlmodel import Session, col

from bot.cases import cases
from bot.cases.tables import Case, CaseNote
from bot.core.tables import Delivery

FRESH = timedelta(hours=24)


def is_talking(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Tell whether something was written lately in an open case of the person."""
    lately = exists().where(
        col(CaseNote.case_id) == col(Case.id), col(CaseNote.written_at) > now - FRESH
    )
    talk = exists().where(
        col(Case.person_id) == delivery.person_id,
        col(Case.state).in_(cases.LIVE),
        (col(Case.opened_at) > now - FRESH) | lately,
    )
    return bool(session.scalar(select(talk)))
