"""Ideas: sent, looked at, joined, planned, done. Each change is one conditional UPDATE.

new ─publish─> open ─plan─> planned ─finish─> done
 ├──decline──> declined <── open, planned        └─ open again <── planned, done, declined
 └──merge────> merged (into another, with its votes) <── open

A function returns False, or None, where the idea was no longer in a state that allows it: of two
people who press at once the first wins, and the other is shown what happened.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.database import insert_into
from bot.core.logs import Events
from bot.core.rows import change_row
from bot.core.visible import unlinked
from bot.ideas import rules, telling
from bot.ideas.desk import MakeAction
from bot.ideas.rules import DECLINED, DONE, LIVE, MERGED, NEW, OPEN, PLANNED
from bot.ideas.tables import Idea
from bot.ideas.voting import move_votes

_log = Events("gapbot.ideas")

LONGEST_TITLE = 150


class Author(NamedTuple):
    """Who sends an idea: None for somebody who wants no news of it; shown only ``by_name``."""

    person_id: int | None
    by_name: bool = False


def send(
    session: Session,
    author: Author,
    *,
    unit_id: int,
    text: str,
    language: str,
    token: str,
    now: datetime,
    today: date,
) -> tuple[Idea, bool]:
    """Keep an idea and tell whether it is new; the same token once more changes nothing."""
    idea_id = session.scalar(
        insert_into(session, Idea)
        .values(
            unit_id=unit_id,
            text=text,
            language=language,
            dimension="",
            person_id=author.person_id,
            by_name=author.by_name,
            token=token,
            state=NEW,
            reason="",
            sent_on=today,
            views=0,
            kept_votes=0,
            version=0,
            told=0,
            voters_told=0,
        )
        .on_conflict_do_nothing()
        .returning(col(Idea.id))
    )
    if idea_id is None:
        return session.scalars(select(Idea).where(col(Idea.token) == token)).one(), False
    idea = session.get_one(Idea, idea_id)
    _record_sent(session, idea, author, now=now)
    return idea, True


def set_dimension(session: Session, idea: Idea, dimension: str) -> bool:
    """Note which side of the service an idea is about."""
    return _change(session, idea, (NEW,), dimension=dimension, counts=False)


def publish(session: Session, idea: Idea, *, by: int, now: datetime) -> bool:
    """Let others see an idea and vote for it."""
    return _step(session, idea, (NEW,), "idea.published", by=by, now=now, state=OPEN)


def decline(
    session: Session, idea: Idea, reason: str, *, by: int, now: datetime, today: date
) -> bool:
    """Do not take an idea up; its author hears why."""
    return _step(
        session,
        idea,
        LIVE,
        "idea.declined",
        by=by,
        now=now,
        detail=reason,
        state=DECLINED,
        reason=reason,
        closed_on=today,
    )


def plan(session: Session, idea: Idea, *, by: int, now: datetime) -> bool:
    """Say that something will come of an idea."""
    return _step(session, idea, (NEW, OPEN), "idea.planned", by=by, now=now, state=PLANNED)


def finish(session: Session, idea: Idea, *, by: int | None, now: datetime, today: date) -> bool:
    """Say that it was done. ``by`` None: the clock, since the idea's action was done."""
    states = (PLANNED,) if by is None else (OPEN, PLANNED)
    return _step(session, idea, states, "idea.done", by=by, now=now, state=DONE, closed_on=today)


def reopen(session: Session, idea: Idea, *, by: int, now: datetime) -> bool:
    """Open an idea for votes again."""
    return _step(
        session,
        idea,
        (PLANNED, DONE, DECLINED),
        "idea.reopened",
        by=by,
        now=now,
        state=OPEN,
        reason="",
        closed_on=None,
    )


def merge(session: Session, idea: Idea, into: Idea, *, by: int, now: datetime, today: date) -> bool:
    """Join an idea with another of its unit: votes add up, nobody counts twice.

    The author of the joined idea counts as a voter of the other, and so hears what becomes of it.
    """
    if into.id == idea.id or into.unit_id != idea.unit_id or into.id is None:
        return False
    if not _change(session, into, LIVE, counts=False, unit_id=into.unit_id):  # holds its row
        return False
    merged = _step(
        session,
        idea,
        (NEW, OPEN),
        "idea.merged",
        by=by,
        now=now,
        detail=f"into idea {into.id}",
        state=MERGED,
        merged_into=into.id,
        closed_on=today,
    )
    if merged:
        session.execute(
            update(Idea).where(col(Idea.merged_into) == idea.id).values(merged_into=into.id)
        )
        move_votes(session, idea, into, today=today)
    return merged


def act(session: Session, idea: Idea, make: MakeAction, *, by: int, now: datetime) -> int | None:
    """Make an action of an idea, which is planned by that; return the action's id."""
    before = idea.state
    claimed = _change(
        session, idea, LIVE, col(Idea.action_id).is_(None), state=PLANNED, counts=before != PLANNED
    )
    if not claimed:
        return None
    action_id = make(
        session,
        unit_id=idea.unit_id,
        title=unlinked(rules.excerpt(idea.text, LONGEST_TITLE)),
        source=f"idea {idea.id}",
        person_id=by,
        now=now,
    )
    if action_id is None:
        _change(session, idea, (PLANNED,), state=before, counts=False)
        return None
    _change(session, idea, (PLANNED,), action_id=action_id, counts=False)
    if before != PLANNED:
        telling.take_back(session, idea, idea.version - 1)
    telling.knows(session, idea, by)
    _record(session, idea, "idea.planned", by=by, now=now, detail=f"action {action_id}")
    return action_id


def _step(
    session: Session,
    idea: Idea,
    states: Sequence[str],
    what: str,
    *,
    by: int | None,
    now: datetime,
    detail: str = "",
    **values: Any,
) -> bool:
    """Take one step, take back what was not yet told of the one before, and record it."""
    if not _change(session, idea, states, **values):
        return False
    telling.take_back(session, idea, idea.version - 1)
    telling.knows(session, idea, by)
    _record(session, idea, what, by=by, now=now, detail=detail)
    return True


def _change(
    session: Session,
    idea: Idea,
    states: Sequence[str],
    *conditions: ColumnElement[bool],
    counts: bool = True,
    **values: Any,
) -> bool:
    """Change an idea that is in one of these states; ``counts``: people are to hear of it."""
    if counts:
        values["version"] = Idea.version + 1
    return change_row(session, idea, col(Idea.state).in_(states), *conditions, **values)


def _record_sent(session: Session, idea: Idea, author: Author, *, now: datetime) -> None:
    """Record that an idea came; without the author's name also without the hour."""
    at = now if author.by_name else now.replace(hour=0, minute=0, second=0, microsecond=0)
    by = author.person_id if author.by_name else None
    _record(session, idea, "idea.sent", by=by, now=at)


def _record(
    session: Session, idea: Idea, what: str, *, by: int | None, now: datetime, detail: str = ""
) -> None:
    audit.record(
        session,
        what,
        now=now,
        subject=f"idea {idea.id}",
        person_id=by,
        unit_id=idea.unit_id,
        detail=detail,
    )
    _log.info(what, idea=idea.id, unit=idea.unit_id)
