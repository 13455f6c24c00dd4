"""At the moment of sending: is somebody in the middle of something, on a break, or asleep?

Only what goes out in the lane of questionnaires is held back. It waits, and is looked at again.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlmodel import Session, col

from bot.core.outbox import Lane, Wait
from bot.core.tables import AwaitedReply, Delivery
from bot.people.tables import Role, Unit
from bot.reach.contact import habits_of
from bot.reach.desk import ReachDesk
from bot.reach.moments import AWAY, NO_TIME, PAUSED, Habits, Times, first_moment

TALKING = "talking"
"""Somebody was in the middle of something with the bot."""


class Waiting:
    """Holds deliveries back by the rules of a desk (``outbox.Waits``)."""

    def __init__(self, desk: ReachDesk) -> None:
        """Know the rules of contact, and who tells of talks."""
        self._desk = desk

    def __call__(self, session: Session, delivery: Delivery, now: datetime) -> Wait | None:
        """Return until when a delivery waits and why; None when it may go out."""
        if delivery.lane != Lane.QUESTIONNAIRE:
            return None
        if self._is_talking(session, delivery, now):
            return Wait(now + self._desk.wait, TALKING)
        habits = self._habits(session, delivery.person_id)
        is_paused = habits.paused_until is not None and habits.paused_until > now
        is_late = now - delivery.due_at >= self._desk.wait
        if not (is_paused or is_late or habits.is_away(now)):
            return None  # it was planned for this very hour, or is to go out at once
        return self._until_it_suits(habits, delivery, now)

    def _until_it_suits(self, habits: Habits, delivery: Delivery, now: datetime) -> Wait | None:
        earliest = max(now, habits.paused_until or now)
        due_at, reason = first_moment(
            earliest,
            replace(habits, paused_until=None),
            Times(until=delivery.expires_at),
            self._desk.quiet,
        )
        if due_at is not None and due_at <= now:
            return None
        if earliest > now:
            reason = PAUSED
        elif habits.is_away(now):
            reason = AWAY
        return Wait(due_at or delivery.expires_at, reason or NO_TIME)

    def _habits(self, session: Session, person_id: int) -> Habits:
        """Return the habits of a person, in the calendar of the unit of their oldest role."""
        unit = session.scalars(
            select(Unit)
            .join(Role, col(Role.unit_id) == col(Unit.id))
            .where(col(Role.person_id) == person_id)
            .order_by(col(Role.id))
            .limit(1)
        ).first()
        return habits_of(session, self._desk, [person_id], unit)[person_id]

    def _is_talking(self, session: Session, delivery: Delivery, now: datetime) -> bool:
        awaited = exists().where(
            col(AwaitedReply.person_id) == delivery.person_id, col(AwaitedReply.until) > now
        )
        return bool(session.scalar(select(awaited))) or any(
            talk(session, delivery, now) for talk in self._desk.talks
        )
