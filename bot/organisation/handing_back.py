"""What somebody held in a unit goes back to its managers when their role ends."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.cases.cases import NEW, TAKEN
from bot.cases.tables import Case
from bot.core import asking
from bot.core.dialogue import MANAGER, REGIONAL, STAFF
from bot.improvement.actions import LIVE, OPEN, PROPOSED
from bot.improvement.tables import Action
from bot.issues import rules
from bot.issues.tables import Issue
from bot.people import roster
from bot.registers.tables import Promise
from bot.surveys.runs import close_of

_WORKERS = (MANAGER, STAFF)


@dataclass(frozen=True, slots=True)
class HandedBack:
    """How much nobody answers for any more; ``links`` let customers in, and go on doing it."""

    actions: int = 0
    issues: int = 0
    cases: int = 0
    links: int = 0

    @property
    def any(self) -> bool:
        """Whether there was anything."""
        return bool(self.actions or self.issues or self.cases or self.links)


def hand_back(session: Session, person_id: int, unit_id: int, *, kind: str) -> HandedBack:
    """Free what somebody held in a unit, now that a role of theirs there is gone.

    Questionnaires of this role are closed. Actions, issues and cases are freed only when they may
    not work in the unit in any other role either.
    """
    asking.put_aside(session, person_id)
    close_of(session, person_id, unit_id, audience=kind)
    if kind not in (*_WORKERS, REGIONAL):
        return HandedBack()
    if roster.holds(session, person_id, unit_id, _WORKERS) or _is_owner(session, person_id):
        return HandedBack()
    return HandedBack(
        actions=_actions(session, person_id, unit_id),
        issues=_changed(
            session,
            update(Issue)
            .where(
                col(Issue.unit_id) == unit_id,
                col(Issue.assignee_id) == person_id,
                col(Issue.state).in_(rules.OPEN),
            )
            .values(assignee_id=None, state=rules.ACKNOWLEDGED),
        ),
        cases=_cases(session, person_id, unit_id),
    )


def _is_owner(session: Session, person_id: int) -> bool:
    return any(one.id == person_id for one in roster.owners(session))


def _actions(session: Session, person_id: int, unit_id: int) -> int:
    own = (col(Action.unit_id) == unit_id, col(Action.state).in_(LIVE))
    _changed(
        session,
        update(Action)
        .where(*own, col(Action.state) == PROPOSED, col(Action.asked_id) == person_id)
        .values(state=OPEN, asked_id=None),
    )
    _changed(
        session,
        update(Promise)
        .where(col(Promise.unit_id) == unit_id, col(Promise.owner_id) == person_id)
        .values(owner_id=None),
    )
    return _changed(
        session,
        update(Action).where(*own, col(Action.owner_id) == person_id).values(owner_id=None),
    )


def _cases(session: Session, person_id: int, unit_id: int) -> int:
    held = list(
        session.scalars(
            select(col(Case.id)).where(
                col(Case.unit_id) == unit_id,
                col(Case.owner_id) == person_id,
                col(Case.closed_at).is_(None),
            )
        )
    )
    mine = col(Case.id).in_(held)
    _changed(session, update(Case).where(mine, col(Case.state) == TAKEN).values(state=NEW))
    _changed(session, update(Case).where(mine).values(owner_id=None))
    return len(held)


def _changed(session: Session, statement: Any) -> int:
    done: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)
