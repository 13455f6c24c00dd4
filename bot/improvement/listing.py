"""Which actions a person finds in the list of a unit."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlmodel import Session, col

from bot.improvement.actions import DONE, LIVE, UNDONE
from bot.improvement.tables import Action

PER_PAGE = 6
SHOWN_AFTER = timedelta(days=28)
"""How long an action that is closed, or whose effect was looked at, stays in the list."""


def actions_of(
    session: Session, unit_id: int, *, now: datetime, only_of: int | None = None
) -> Sequence[Action]:
    """Return the actions of a unit: what is under way by due day, then what was closed lately.

    ``only_of`` leaves those of one person: their own, and those they were asked to take over.
    """
    is_live = col(Action.state).in_(LIVE)
    since = now - SHOWN_AFTER
    checked_lately = and_(col(Action.state) == DONE, col(Action.check_on) > since.date())
    closed_lately = and_(
        or_(col(Action.closed_at) > since, checked_lately),
        col(Action.dropped_reason) != UNDONE,
    )
    query = select(Action).where(col(Action.unit_id) == unit_id, or_(is_live, closed_lately))
    if only_of is not None:
        query = query.where(_concerns(only_of))
    order = (
        case((is_live, 0), else_=1),
        case((col(Action.due_on).is_(None), 1), else_=0),
        col(Action.due_on),
        col(Action.id).desc(),
    )
    return session.scalars(query.order_by(*order)).all()


def newest_by_fix(session: Session, unit_id: int) -> Sequence[Action]:
    """Return the actions of a unit that came of fixes, the newest of each fix last."""
    return session.scalars(
        select(Action)
        .where(col(Action.unit_id) == unit_id, col(Action.fix) != "")
        .order_by(col(Action.id))
    ).all()


def newest_on(session: Session, unit_id: int, fix: str) -> Action | None:
    """Return the newest action on a fix in a unit, under way or closed."""
    return session.scalars(
        select(Action)
        .where(col(Action.unit_id) == unit_id, col(Action.fix) == fix)
        .order_by(col(Action.id).desc())
        .limit(1)
    ).first()


def _concerns(person_id: int) -> ColumnElement[bool]:
    return or_(col(Action.owner_id) == person_id, col(Action.asked_id) == person_id)
