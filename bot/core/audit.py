"""What was changed, by whom and when: written in the transaction of the change itself."""

from datetime import datetime

from sqlmodel import Session

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
