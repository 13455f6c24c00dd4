"""What the clock does about ideas: follow their actions, tell those who wait, forget voters."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.schedule import local_day
from bot.ideas import keeping, telling, voting
from bot.ideas.desk import IdeaDesk
from bot.ideas.rules import PLANNED
from bot.ideas.tables import Idea
from bot.improvement.actions import DONE
from bot.improvement.desk import zone_for
from bot.improvement.tables import Action


def follow_actions(session: Session, now: datetime) -> int:
    """Mark planned ideas as done whose action was done; return how many."""
    finished = session.scalars(
        select(Idea)
        .join(Action, col(Action.id) == col(Idea.action_id))
        .where(col(Idea.state) == PLANNED, col(Action.state) == DONE)
    ).all()
    return sum(
        keeping.finish(
            session,
            one,
            by=None,
            now=now,
            today=local_day(now, zone_for(session, None, one.unit_id)),
        )
        for one in finished
    )


def tell_news(session: Session, now: datetime, desk: IdeaDesk) -> int:
    """Tell authors and voters what became of ideas; return how many notes were promised."""
    told = telling.tell_authors(session, now, desk)
    return told + telling.tell_voters(session, now, desk)


def forget_old(session: Session, now: datetime) -> int:
    """Forget who voted for what ended long ago; for the hourly tick."""
    return voting.forget_voters(session, now.date())
