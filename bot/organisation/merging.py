"""Two units become one: people and what is under way move, history stays and adds up.

The merged unit stays as a row below the one that goes on. Answers keep the unit in which they were
given; from the Monday after, reports count them where the history goes on (``Tree.goes_on_in``).
What was answered before stays in the sums of region and organisation (``bot.analysis.layout``), so
nothing is rewritten, and these are the same before and after.
"""

from datetime import date
from typing import Any

from sqlalchemy import and_, delete, exists, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from bot.cases.tables import Case
from bot.ideas.tables import Idea
from bot.improvement.actions import LIVE
from bot.improvement.tables import Action, FixDecision
from bot.issues import rules
from bot.issues.tables import Issue
from bot.organisation.structure import Refused, locked_tree
from bot.people.tables import MERGED, OPEN, UNIT, Invitation, Role
from bot.people.tree import note_place
from bot.registers.tables import Promise
from bot.surveys.tables import Schedule
from bot.ways.tables import WayIn

MOVES = frozenset(
    {
        "action",
        "customer_case",
        "fix_decision",
        "idea",
        "invitation",
        "issue",
        "promise",
        "role",
        "schedule",
        "way_in",
    }
)
"""Tables of which what is under way goes over to the unit that goes on."""

STAYS = frozenset(
    {
        "answer",
        "audit_entry",
        "closed_day",
        "comment",
        "contact_skipped",
        "digest",
        "dirty_week",
        "figures_seen",
        "forecast_card",
        "former_place",
        "measurement",
        "moment_block",
        "run",
        "standard",
        "standard_card",
        "standard_opinion",
        "told_moments",
        "told_note",
        "told_segment",
        "unit_calendar",
        "visit",
        "wave",
    }
)
"""Tables that are history, or rules of the old place: they stay with it, and can be read there."""


def merge(session: Session, unit_id: int, into_id: int, *, today: date) -> Refused | None:
    """Let one unit go on as part of another, from today on."""
    tree = locked_tree(session)
    unit, into = tree.units.get(unit_id), tree.units.get(into_id)
    if unit is None or into is None or into.state != OPEN or unit.kind != UNIT:
        return Refused.GONE
    if unit.state == MERGED:
        return Refused.DONE
    if into.kind != UNIT or unit_id == into_id:
        return Refused.PLACE
    _move_people(session, unit_id, into_id)
    _move_schedules(session, unit_id, into_id)
    _move_work(session, unit_id, into_id)
    note_place(session, unit, today)
    unit.state, unit.closed_on, unit.parent_id = MERGED, today, into_id
    session.add(unit)
    session.flush()
    return None


def _move_people(session: Session, unit_id: int, into_id: int) -> None:
    there = aliased(Role)
    holds_it = exists().where(
        col(there.unit_id) == into_id,
        col(there.person_id) == col(Role.person_id),
        col(there.kind) == col(Role.kind),
    )
    _move(session, Role, unit_id, into_id, ~holds_it)
    session.execute(delete(Role).where(col(Role.unit_id) == unit_id))
    _move(session, Invitation, unit_id, into_id)
    _move_ways(session, unit_id, into_id)


def _move_ways(session: Session, unit_id: int, into_id: int) -> None:
    """Move the codes that hang about; of a place that both units have, both go on letting in."""
    there = aliased(WayIn)
    same_place = exists().where(
        col(there.unit_id) == into_id,
        col(there.kind) == col(WayIn.kind),
        col(there.label_key) == col(WayIn.label_key),
        col(there.closed_on).is_(None),
    )
    _move(session, WayIn, unit_id, into_id, ~same_place)


def _move_schedules(session: Session, unit_id: int, into_id: int) -> None:
    there = aliased(Schedule)
    asked_there = exists().where(
        col(there.unit_id) == into_id, col(there.questionnaire) == col(Schedule.questionnaire)
    )
    _move(session, Schedule, unit_id, into_id, ~asked_there)
    session.execute(
        update(Schedule)
        .where(col(Schedule.unit_id) == unit_id)
        .values(active=False)
        .execution_options(synchronize_session=False)
    )


def _move_work(session: Session, unit_id: int, into_id: int) -> None:
    """Move what somebody still works on; a fix that both units had taken stays where it was."""
    action, decision = aliased(Action), aliased(FixDecision)
    is_live, is_done = col(Action.state).in_(LIVE), col(FixDecision.state) == "done"
    same_action = exists().where(
        col(action.unit_id) == into_id,
        col(action.state).in_(LIVE),
        col(action.fix) == col(Action.fix),
        col(action.fix) != "",
    )
    same_decision = exists().where(
        col(decision.unit_id) == into_id,
        col(decision.state) != "done",
        col(decision.fix) == col(FixDecision.fix),
    )
    _move(session, FixDecision, unit_id, into_id, and_(~is_done, ~same_decision))
    _move(session, Action, unit_id, into_id, and_(is_live, ~same_action))
    _move(session, Issue, unit_id, into_id, col(Issue.state).in_(rules.OPEN))
    _move(session, Case, unit_id, into_id, col(Case.closed_at).is_(None))
    _move(session, Idea, unit_id, into_id, col(Idea.closed_on).is_(None))
    _move(session, Promise, unit_id, into_id, col(Promise.ended_on).is_(None))


def _move(
    session: Session, table: type[SQLModel], unit_id: int, into_id: int, *conditions: Any
) -> None:
    place = table.__table__.c.unit_id  # type: ignore[attr-defined]
    session.execute(
        update(table)
        .where(place == unit_id, *conditions)
        .values(unit_id=into_id)
        .execution_options(synchronize_session=False)
    )
