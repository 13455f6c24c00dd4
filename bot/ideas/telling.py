"""Notes on what becomes of an idea: to its author and to those who voted; never at night.

The clock writes them, in portions, a while after the change; what was changed again before that is
told once, as it is then.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core import outbox
from bot.core.i18n import N_
from bot.core.notices import notify
from bot.core.outbox import Lane
from bot.core.visible import unlinked
from bot.ideas import rules
from bot.ideas.desk import IdeaDesk
from bot.ideas.rules import DONE, NEW, PLANNED
from bot.ideas.tables import Idea, IdeaVote
from bot.improvement.desk import kind_moment, zone_for
from bot.people import roster
from bot.people.tables import Person

AT_ONCE = 200
"""How many voters are told in one go."""


def tell_authors(session: Session, now: datetime, desk: IdeaDesk) -> int:
    """Tell authors what became of their ideas since they last heard."""
    changed = session.scalars(
        select(Idea)
        .where(
            col(Idea.told) < col(Idea.version),
            col(Idea.state) != NEW,
            col(Idea.person_id).is_not(None),
        )
        .limit(AT_ONCE)
    ).all()
    told = 0
    for one in changed:
        told += _tell(session, desk, one, one.person_id, now=now, is_author=True)
        session.execute(
            update(Idea)
            .where(col(Idea.id) == one.id, col(Idea.told) < one.version)
            .values(told=one.version)
        )
    return told


def tell_voters(session: Session, now: datetime, desk: IdeaDesk) -> int:
    """Tell voters that what they voted for is planned, or done."""
    changed = session.scalars(
        select(Idea).where(
            col(Idea.voters_told) < col(Idea.version), col(Idea.state).in_((PLANNED, DONE))
        )
    ).all()
    return sum(_tell_voters_of(session, desk, one, now=now) for one in changed)


def knows(session: Session, idea: Idea, person_id: int | None) -> None:
    """Note that somebody need not be told of the present state: they brought it about."""
    if person_id is None:
        return
    if idea.person_id == person_id:
        session.execute(update(Idea).where(col(Idea.id) == idea.id).values(told=idea.version))
    session.execute(
        update(IdeaVote)
        .where(col(IdeaVote.idea_id) == idea.id, col(IdeaVote.person_id) == person_id)
        .values(told=idea.version)
    )


def take_back(session: Session, idea: Idea, version: int) -> None:
    """Take back the notes on an earlier state that have not gone out yet."""
    voters = session.scalars(
        select(col(IdeaVote.person_id)).where(
            col(IdeaVote.idea_id) == idea.id, col(IdeaVote.told) == version
        )
    )
    keys = [_key(idea, version, one) for one in {*voters, idea.person_id} if one is not None]
    outbox.cancel(session, *keys)


def _tell_voters_of(session: Session, desk: IdeaDesk, one: Idea, *, now: datetime) -> int:
    untold = session.scalars(
        select(IdeaVote)
        .where(
            col(IdeaVote.idea_id) == one.id,
            col(IdeaVote.told) < one.version,
            col(IdeaVote.wanted),
        )
        .order_by(col(IdeaVote.person_id))
        .limit(AT_ONCE)
    ).all()
    told = 0
    for vote in untold:
        told += _tell(session, desk, one, vote.person_id, now=now, is_author=False)
        vote.told = one.version
        session.add(vote)
    if len(untold) < AT_ONCE:
        session.execute(
            update(Idea)
            .where(col(Idea.id) == one.id, col(Idea.version) == one.version)
            .values(voters_told=one.version)
        )
    session.flush()
    return told


def _tell(
    session: Session,
    desk: IdeaDesk,
    one: Idea,
    person_id: int | None,
    *,
    now: datetime,
    is_author: bool,
) -> bool:
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None or person.id is None or person.state != "active":
        return False
    zone = zone_for(session, person.id, one.unit_id)
    earliest = max(now, person.paused_until or now)
    return notify(
        session,
        person.id,
        "ideas/news.html",
        key=_key(one, one.version, person.id),
        now=now,
        due_at=kind_moment(earliest, zone, desk.quiet),
        lane=Lane.QUESTIONNAIRE,
        offers=[[(N_("See the idea"), f"idc:{one.merged_into or one.id}:-")]],
        values={
            "number": one.id,
            "unit": roster.unit_name(session, one.unit_id),
            "state": one.state,
            "reason": one.reason,
            "into": one.merged_into,
            "excerpt": unlinked(rules.excerpt(one.text)),
            "is_author": is_author,
        },
    )


def _key(one: Idea, version: int, person_id: int) -> str:
    return f"idea:{one.id}:{version}:{person_id}"
