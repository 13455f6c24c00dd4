"""What becomes of a case: each step is one conditional UPDATE, so that the first of two wins.

new ──take──> taken <──customer writes── waiting
 └──────────────┴──────we write────────────^ │
 any of these ──close──> closed ──not settled──> taken (or new, where nobody has it any more)
 any, closed too ──withdraw──> withdrawn: no person, no text

What a customer does is audited without their name, or a withdrawn case would live on there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case as when
from sqlalchemy import delete, exists, func, select, update
from sqlmodel import Session, col

from bot.cases.tables import Case, CaseNote
from bot.core import audit
from bot.core.database import insert_into
from bot.core.rows import change_row

NEW, TAKEN, WAITING, CLOSED, WITHDRAWN = "new", "taken", "waiting", "closed", "withdrawn"
LIVE = (NEW, TAKEN, WAITING)
OURS = (NEW, TAKEN)
"""States in which the customer waits for the unit."""
MOST_LETTERS = 1000
MOST_LETTERS_OF_OUTCOME = 500


def open_case(
    session: Session, *, person_id: int, unit_id: int, now: datetime, within: timedelta
) -> Case | None:
    """Open a case; None when this customer has one with this unit already."""
    made = session.execute(
        insert_into(session, Case)
        .values(
            unit_id=unit_id,
            person_id=person_id,
            state=NEW,
            opened_at=now,
            due_at=now + within,
            outcome="",
            outcome_words="",
        )
        .on_conflict_do_nothing()
        .returning(col(Case.id))
    ).first()
    if made is None:
        return None
    one = session.get_one(Case, made[0])
    _note_change(session, one, "case.opened", now=now)
    return one


def live_case(session: Session, person_id: int, unit_id: int) -> Case | None:
    """Return the case that a customer has with a unit at the moment."""
    query = select(Case).where(
        col(Case.person_id) == person_id, col(Case.unit_id) == unit_id, col(Case.state).in_(LIVE)
    )
    return session.scalars(query).first()


def take(session: Session, one: Case, *, by: int, from_whom: int | None, now: datetime) -> bool:
    """Answer for a case from now on; False when it is no longer whose it was."""
    taken = change_row(
        session,
        one,
        col(Case.state).in_(LIVE),
        col(Case.owner_id).is_not_distinct_from(from_whom),
        owner_id=by,
        state=when((col(Case.state) == NEW, TAKEN), else_=col(Case.state)),
    )
    if taken:
        _note_change(session, one, "case.taken", now=now, by=by)
    return taken


def write_to_customer(session: Session, one: Case, words: str, *, by: int, now: datetime) -> bool:
    """Add what the unit writes; who writes in a case that nobody has taken, takes it."""
    owner = func.coalesce(col(Case.owner_id), by)
    if not change_row(session, one, col(Case.state).in_(LIVE), state=WAITING, owner_id=owner):
        return False
    _add_note(session, one, words, author_id=by, from_customer=False, now=now)
    _note_change(session, one, "case.answered", now=now, by=by)
    return True


def write_as_customer(
    session: Session, one: Case, words: str, *, now: datetime, within: timedelta
) -> bool:
    """Add what the customer writes; where we waited for it, the time to answer begins anew."""
    was_waiting = col(Case.state) == WAITING
    changed = change_row(
        session,
        one,
        col(Case.state).in_(LIVE),
        due_at=when((was_waiting, now + within), else_=col(Case.due_at)),
        state=_back_with_us(),
    )
    if changed:
        _add_note(session, one, words, author_id=one.person_id, from_customer=True, now=now)
        _note_change(session, one, "case.written", now=now)
    return changed


def close(session: Session, one: Case, outcome: str, *, by: int, now: datetime) -> bool:
    """Close a case with what came of it; False when it is not open any more."""
    closed = change_row(
        session,
        one,
        col(Case.state).in_(LIVE),
        state=CLOSED,
        outcome=outcome,
        closed_at=now,
        owner_id=func.coalesce(col(Case.owner_id), by),
        asked_at=None,
        settled=None,
    )
    if closed:
        _note_change(session, one, "case.closed", now=now, by=by, detail=outcome)
    return closed


def explain_outcome(session: Session, one: Case, words: str, *, by: int, now: datetime) -> bool:
    """Note in words what came of a closed case."""
    noted = change_row(session, one, col(Case.state) == CLOSED, outcome_words=words)
    if noted:
        _note_change(session, one, "case.outcome", now=now, by=by)
    return noted


def settle(session: Session, one: Case, *, now: datetime) -> bool:
    """Note that the customer says it is settled."""
    settled = change_row(
        session, one, col(Case.state) == CLOSED, col(Case.settled).is_(None), settled=True
    )
    if settled:
        _note_change(session, one, "case.settled", now=now)
    return settled


def reopen(session: Session, one: Case, *, now: datetime, within: timedelta) -> bool:
    """Open a closed case again, as its customer says it is not settled.

    False when it is not closed, or when the customer has another open case with the unit.
    """
    if one.person_id is None or live_case(session, one.person_id, one.unit_id) is not None:
        return False
    reopened = change_row(
        session,
        one,
        col(Case.state) == CLOSED,
        col(Case.settled).is_(None),
        settled=False,
        state=_back_with_us(),
        due_at=now + within,
        closed_at=None,
        outcome="",
        outcome_words="",
        asked_at=None,
    )
    if reopened:
        _note_change(session, one, "case.reopened", now=now)
    return reopened


def withdraw(session: Session, one: Case, *, now: datetime) -> bool:
    """Delete what was written, and take the customer out; what stays is that there was a case."""
    withdrawn = change_row(
        session,
        one,
        col(Case.state) != WITHDRAWN,
        state=WITHDRAWN,
        person_id=None,
        closed_at=func.coalesce(col(Case.closed_at), now),
        outcome="",
        outcome_words="",
    )
    if withdrawn:
        _forget_notes(session, [one.id or 0])
        _note_change(session, one, "case.withdrawn", now=now)
    return withdrawn


def forget(session: Session, now: datetime, kept: timedelta) -> int:
    """Delete the texts of cases closed long ago, and take their customers out; return how many."""
    old = col(Case.closed_at) <= now - kept
    written = exists().where(col(CaseNote.case_id) == col(Case.id))
    left = col(Case.person_id).is_not(None) | (col(Case.outcome_words) != "") | written
    found = list(session.scalars(select(col(Case.id)).where(old, left)))
    _forget_notes(session, [one for one in found if one is not None])
    session.execute(
        update(Case).where(col(Case.id).in_(found)).values(person_id=None, outcome_words="")
    )
    for case_id in found:
        audit.record(session, "case.forgotten", now=now, subject=f"case {case_id}")
    return len(found)


def notes_of(session: Session, case_id: int) -> Sequence[CaseNote]:
    """Return what was written in a case, oldest first."""
    query = select(CaseNote).where(col(CaseNote.case_id) == case_id)
    return session.scalars(query.order_by(col(CaseNote.id))).all()


def _back_with_us() -> Any:
    return when((col(Case.owner_id).is_(None), NEW), else_=TAKEN)


def _add_note(
    session: Session,
    one: Case,
    words: str,
    *,
    author_id: int | None,
    from_customer: bool,
    now: datetime,
) -> None:
    note = CaseNote(
        case_id=one.id or 0,
        author_id=author_id,
        from_customer=from_customer,
        written_at=now,
        words=words,
    )
    session.add(note)
    session.flush()


def _forget_notes(session: Session, case_ids: Sequence[int]) -> None:
    session.execute(delete(CaseNote).where(col(CaseNote.case_id).in_(case_ids)))


def _note_change(
    session: Session,
    one: Case,
    what: str,
    *,
    now: datetime,
    by: int | None = None,
    detail: str = "",
) -> None:
    audit.record(
        session,
        what,
        now=now,
        subject=f"case {one.id}",
        person_id=by,
        unit_id=one.unit_id,
        detail=detail,
    )
