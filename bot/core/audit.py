"""What was changed or looked at, by whom and when: written in the transaction of the act itself."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.dialogue import Turn
from bot.core.tables import AuditEntry


def record(
    session: Session,
    what: str,
    *,
    now: datetime,
    subject: str = "",
    person_id: int | None = None,
    unit_id: int | None = None,
    detail: str = "",
) -> None:
    """Record one change of state.

    ``what`` is a stable name such as ``action.taken``, ``subject`` the kind and number of the row
    (``action 12``), ``detail`` a few words without personal text. Leave ``person_id`` out for what
    an anonymous person or the clock did.
    """
    session.add(
        AuditEntry(
            at=now,
            person_id=person_id,
            unit_id=unit_id,
            what=what,
            subject=subject,
            detail=detail[:200],
        )
    )


def record_turn(turn: Turn, what: str, *, subject: str, unit_id: int, detail: str = "") -> None:
    """Record what a known person did by a press or a command."""
    record(
        turn.session,
        what,
        now=turn.now,
        subject=subject,
        person_id=turn.known.person_id,
        unit_id=unit_id,
        detail=detail,
    )


LOOKS_ONCE_IN = timedelta(hours=1)
"""Turning pages is one look."""


def looked(turn: Turn, what: str, *, subject: str, unit_id: int | None = None) -> None:
    """Record that a known person looked at somebody's personal data; once within an hour."""
    me = turn.known.person_id
    before = select(AuditEntry.id).where(
        AuditEntry.subject == subject,
        AuditEntry.what == what,
        AuditEntry.person_id == me,
        col(AuditEntry.at) > turn.now - LOOKS_ONCE_IN,
    )
    if turn.session.exec(before).first() is None:
        record(turn.session, what, now=turn.now, subject=subject, person_id=me, unit_id=unit_id)
