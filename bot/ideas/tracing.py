"""From an action back to the idea it came of, for the action's card."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.dialogue import Button, Section
from bot.core.render import Texts
from bot.ideas.tables import Idea
from bot.ideas.voting import votes_of
from bot.improvement.tables import Action


def beside(
    session: Session,
    texts: Texts,
    *,
    action: Action,
    language: str,
    now: datetime,  # noqa: ARG001 - the common shape
    steers: bool,  # noqa: ARG001
) -> Section | None:
    """Say which idea an action came of, and how many wanted it; None for every other action."""
    idea = session.scalars(select(Idea).where(col(Idea.action_id) == action.id)).first()
    if idea is None:
        return None
    (votes,) = votes_of(session, [idea]).values()
    text = texts.render("ideas/came_from.html", language, number=idea.id, votes=votes)
    return Section(text, [[Button(texts.label(language, "See the idea"), f"idc:{idea.id}:-")]])
