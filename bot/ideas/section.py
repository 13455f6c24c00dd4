"""What a digest says of a unit's ideas: what waits, and what most people want."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.core.dialogue import Button, Section
from bot.core.render import Texts
from bot.core.schedule import local_day
from bot.core.visible import unlinked
from bot.ideas import rules
from bot.ideas.rules import DONE, NEW, OPEN, VOTABLE
from bot.ideas.tables import Idea, IdeaVote
from bot.improvement.desk import zone_for

MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """A unit's ideas in numbers: waiting and open now; done, and votes given, since a moment."""

    new: int
    open: int
    planned: int
    done: int
    votes: int


def summary(session: Session, unit_id: int, *, since: datetime) -> Counted:
    """Count a unit's ideas."""
    first = local_day(since, zone_for(session, None, unit_id))
    rows = session.execute(
        select(col(Idea.state), func.count())
        .where(
            col(Idea.unit_id) == unit_id, (col(Idea.state) != DONE) | (col(Idea.closed_on) >= first)
        )
        .group_by(col(Idea.state))
    )
    by_state = {row[0]: row[1] for row in rows}
    votes = session.scalar(
        select(func.count())
        .select_from(IdeaVote)
        .join(Idea, col(Idea.id) == col(IdeaVote.idea_id))
        .where(col(Idea.unit_id) == unit_id, col(IdeaVote.wanted), col(IdeaVote.said_on) >= first)
    )
    return Counted(
        new=by_state.get(NEW, 0),
        open=by_state.get(OPEN, 0),
        planned=by_state.get("planned", 0),
        done=by_state.get(DONE, 0),
        votes=votes or 0,
    )


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    language: str,
    since: datetime,
    now: datetime,  # noqa: ARG001 - the sections' common shape
) -> Section | None:
    """Write how many ideas wait, and which got most votes; None where there is neither."""
    counted = summary(session, unit_id, since=since)
    wanted = _most_wanted(session, unit_id, since=since)
    if not (counted.new or wanted or counted.done):
        return None
    text = texts.render("ideas/section.html", language, ideas=counted, wanted=wanted)
    tab = "n" if counted.new else "o"
    to_list = Button(texts.label(language, "Ideas"), f"ideas:{unit_id}:0:{tab}")
    return Section(text, [[to_list]])


def _most_wanted(session: Session, unit_id: int, *, since: datetime) -> list[tuple[int, str, int]]:
    """Return number, beginning and new votes of the ideas that got most since a moment."""
    votes = func.count()
    rows = session.execute(
        select(col(Idea.id), col(Idea.text), votes)
        .join(IdeaVote, col(IdeaVote.idea_id) == col(Idea.id))
        .where(
            col(Idea.unit_id) == unit_id,
            col(Idea.state).in_(VOTABLE),
            col(IdeaVote.wanted),
            col(IdeaVote.said_on) >= local_day(since, zone_for(session, None, unit_id)),
        )
        .group_by(col(Idea.id), col(Idea.text))
        .order_by(votes.desc(), col(Idea.id))
        .limit(MOST_TOLD)
    )
    return [(row[0], unlinked(rules.excerpt(row[1])), row[2]) for row in rows]
