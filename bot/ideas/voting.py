"""Votes: one for each person and idea, counted, and never shown with a name."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.ideas.rules import OPEN, VOTABLE, Weighed, drawn
from bot.ideas.tables import Idea, IdeaVote
from bot.people.registry import the_organisation

KEPT = timedelta(days=365)
"""How long after the end of an idea it is known who voted for it."""
_MOST_DRAWN_FROM = 200
_ROWS_AT_ONCE = 500


def vote(session: Session, idea: Idea, person_id: int, *, wanted: bool, today: date) -> bool:
    """Keep what a person says to an idea; False where it takes no votes, or is their own.

    ``wanted`` False takes a vote back, or notes that an offer was passed on.
    """
    open_one = session.scalars(
        select(Idea).where(col(Idea.id) == idea.id, col(Idea.state).in_(VOTABLE)).with_for_update()
    ).one_or_none()
    if open_one is None or open_one.person_id == person_id:
        session.refresh(idea)
        return False
    said = {"wanted": wanted, "said_on": today, "told": open_one.version}
    session.execute(
        insert_into(session, IdeaVote)
        .values(idea_id=idea.id, person_id=person_id, **said)
        .on_conflict_do_update(index_elements=["idea_id", "person_id"], set_=said)
    )
    return True


def has_voted(session: Session, idea: Idea, person_id: int) -> bool:
    """Tell whether a person is for an idea."""
    query = select(col(IdeaVote.idea_id)).where(
        col(IdeaVote.idea_id) == idea.id,
        col(IdeaVote.person_id) == person_id,
        col(IdeaVote.wanted),
    )
    return session.scalar(query) is not None


def votes_of(session: Session, ideas: Sequence[Idea]) -> dict[int, int]:
    """Return how many people are for each of these ideas."""
    rows = session.execute(
        select(col(IdeaVote.idea_id), func.count())
        .where(col(IdeaVote.idea_id).in_([one.id for one in ideas]), col(IdeaVote.wanted))
        .group_by(col(IdeaVote.idea_id))
    )
    counted = {row[0]: row[1] for row in rows}
    return {one.id or 0: one.kept_votes + counted.get(one.id, 0) for one in ideas}


def idea_for(session: Session, person_id: int, unit_id: int) -> Idea | None:
    """Choose an open idea of a unit that this person neither wrote nor has said anything to.

    Drawn by chance, from what is stored: the same database draws the same one.
    """
    said = select(col(IdeaVote.idea_id)).where(col(IdeaVote.person_id) == person_id)
    rows = session.execute(
        select(col(Idea.id), col(Idea.views))
        .where(
            col(Idea.unit_id) == unit_id,
            col(Idea.state) == OPEN,
            col(Idea.person_id).is_distinct_from(person_id),
            col(Idea.id).not_in(said),
        )
        .order_by(col(Idea.views), col(Idea.id))
        .limit(_MOST_DRAWN_FROM)
    )
    candidates = [Weighed(*row) for row in rows]
    seen = sum(one.views for one in candidates)
    seed = f"{the_organisation(session).secret}:{unit_id}:{person_id}:{seen}"
    chosen = drawn(seed, candidates)
    return session.get(Idea, chosen) if chosen is not None else None


def count_view(session: Session, idea: Idea) -> None:
    """Note that an idea was offered once more."""
    session.execute(update(Idea).where(col(Idea.id) == idea.id).values(views=col(Idea.views) + 1))


def move_votes(session: Session, idea: Idea, into: Idea, *, today: date) -> None:
    """Give the votes for one idea to another; who was for both, or wrote it, counts once."""
    voters = session.scalars(
        select(col(IdeaVote.person_id)).where(
            col(IdeaVote.idea_id) == idea.id, col(IdeaVote.wanted)
        )
    )
    supporters = {*voters, idea.person_id} - {into.person_id, None}
    said = {"idea_id": into.id, "wanted": True, "said_on": today, "told": into.version}
    rows = [said | {"person_id": one} for one in sorted(filter(None, supporters))]
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        session.execute(
            insert_into(session, IdeaVote)
            .values(rows[first : first + _ROWS_AT_ONCE])
            .on_conflict_do_update(index_elements=["idea_id", "person_id"], set_={"wanted": True})
        )
    session.execute(delete(IdeaVote).where(col(IdeaVote.idea_id) == idea.id))


def forget_voters(session: Session, today: date) -> int:
    """Keep only the number of votes where an idea ended a year ago; return of how many ideas."""
    has_votes = select(col(IdeaVote.idea_id)).where(col(IdeaVote.idea_id) == col(Idea.id)).exists()
    old = session.scalars(select(Idea).where(col(Idea.closed_on) <= today - KEPT, has_votes)).all()
    for one, votes in zip(old, list(votes_of(session, old).values()), strict=True):
        session.execute(update(Idea).where(col(Idea.id) == one.id).values(kept_votes=votes))
        session.execute(delete(IdeaVote).where(col(IdeaVote.idea_id) == one.id))
    return len(old)
