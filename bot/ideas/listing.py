"""What is read of ideas: the tabs of a unit's list, and one idea as somebody sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from bot.core.dialogue import Identity
from bot.core.visible import unlinked
from bot.ideas import rules
from bot.ideas.rules import MERGED, MINE, NEW, OPEN, TABS, VISIBLE
from bot.ideas.tables import Idea, IdeaVote
from bot.ideas.voting import has_voted, votes_of
from bot.improvement.tables import Action
from bot.people import roster
from bot.people.rights import who_may

PER_PAGE = 6
MOST_ALIKE = 8
TAKERS = ("customer", "staff", "partner", "manager")
"""Who sends ideas to a unit and votes there."""
SENDERS = who_may("suggest")


@dataclass(frozen=True, slots=True)
class IdeaView:
    """One idea as somebody sees it; ``text`` holds no link. ``author`` is empty without a name."""

    number: int
    unit: str
    text: str
    excerpt: str
    state: str
    reason: str
    dimension: str
    author: str
    is_own: bool
    is_voted: bool
    votes: int
    sent_on: date
    action_id: int | None
    action_state: str


def tabs_for(who: Identity, unit_id: int) -> tuple[str, ...]:
    """Return the tabs somebody sees of a unit: what is declined or new only those in charge."""
    if who.may_see(unit_id):
        return (*TABS, MINE)
    return (*(letter for letter, state in TABS.items() if state in VISIBLE), MINE)


def may_read(who: Identity, idea: Idea) -> bool:
    """Tell whether an idea is open to somebody: in charge, its author, or of its unit."""
    if who.may_see(idea.unit_id) or idea.person_id == who.person_id:
        return True
    return idea.unit_id in who.units(*TAKERS) and idea.state in VISIBLE


def counts_of(session: Session, unit_id: int, person_id: int) -> dict[str, int]:
    """Return how many ideas stand on each tab of a unit."""
    rows = session.execute(
        select(col(Idea.state), func.count())
        .where(col(Idea.unit_id) == unit_id)
        .group_by(col(Idea.state))
    )
    by_state = {row[0]: row[1] for row in rows}
    own = session.scalar(select(func.count()).where(*_on_tab(unit_id, MINE, person_id))) or 0
    return {letter: by_state.get(state, 0) for letter, state in TABS.items()} | {MINE: own}


def ideas_on(
    session: Session, unit_id: int, tab: str, *, person_id: int, page: int
) -> Sequence[Idea]:
    """Return a page of a tab: new ones as they came, open ones by votes, others newest first."""
    votes = (
        select(func.count())
        .where(col(IdeaVote.idea_id) == col(Idea.id), col(IdeaVote.wanted))
        .scalar_subquery()
    )
    order: dict[str, tuple[Any, ...]] = {
        NEW: (col(Idea.id),),
        MINE: (col(Idea.id).desc(),),
        OPEN: ((votes + col(Idea.kept_votes)).desc(), col(Idea.id)),
    }
    newest = (col(Idea.closed_on).desc(), col(Idea.id).desc())
    query = select(Idea).where(*_on_tab(unit_id, tab, person_id))
    query = query.order_by(*order.get(TABS.get(tab, tab), newest))
    return session.scalars(query.offset(page * PER_PAGE).limit(PER_PAGE)).all()


def views_of(session: Session, who: Identity, ideas: Sequence[Idea]) -> list[IdeaView]:
    """Return ideas as this person sees them."""
    votes = votes_of(session, ideas)
    return [_view(session, who, one, votes[one.id or 0]) for one in ideas]


def alike(session: Session, idea: Idea) -> list[Idea]:
    """Return what an idea may be joined with: of the same unit, the most similar first."""
    others = session.scalars(
        select(Idea)
        .where(
            col(Idea.unit_id) == idea.unit_id,
            col(Idea.id) != idea.id,
            col(Idea.state).in_(rules.LIVE),
        )
        .order_by(col(Idea.id).desc())
    ).all()
    near = sorted(others, key=lambda one: rules.likeness(one.text, idea.text), reverse=True)
    return near[:MOST_ALIKE]


def standing(session: Session, idea_id: int | None) -> Idea | None:
    """Return an idea; one that was joined with another stands for that one."""
    idea = session.get(Idea, idea_id) if idea_id is not None else None
    if idea is not None and idea.state == MERGED:
        return session.get(Idea, idea.merged_into)
    return idea


def _on_tab(unit_id: int, tab: str, person_id: int) -> list[ColumnElement[bool]]:
    here = col(Idea.unit_id) == unit_id
    if tab == MINE:
        return [here, col(Idea.person_id) == person_id]
    return [here, col(Idea.state) == TABS[tab]]


def _view(session: Session, who: Identity, one: Idea, votes: int) -> IdeaView:
    action = session.get(Action, one.action_id) if one.action_id is not None else None
    return IdeaView(
        number=one.id or 0,
        unit=roster.unit_name(session, one.unit_id),
        text=unlinked(one.text),
        excerpt=unlinked(rules.excerpt(one.text)),
        state=one.state,
        reason=one.reason,
        dimension=one.dimension,
        author=roster.person_name(session, one.person_id) if one.by_name else "",
        is_own=one.person_id == who.person_id,
        is_voted=has_voted(session, one, who.person_id),
        votes=votes,
        sent_on=one.sent_on,
        action_id=one.action_id,
        action_state=action.state if action else "",
    )
