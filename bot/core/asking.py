"""A question put to somebody in chat whose answer is their next message: at most one at a time.

ask ──> the next message that is no command ──> the handler of its topic (``dialogue.Reply``)
 └── /cancel, /start, another question, or an hour gone: put aside
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.core.database import insert_into
from bot.core.tables import AwaitedReply

WAITS = timedelta(hours=1)


class Awaited(NamedTuple):
    """What a person was asked: the topic, and what it was about."""

    topic: str
    subject: str


def ask(session: Session, person_id: int, *, topic: str, subject: str = "", now: datetime) -> None:
    """Note that the next message of this person answers a question; it replaces an older one."""
    values = {"topic": topic, "subject": subject, "until": now + WAITS}
    session.execute(
        insert_into(session, AwaitedReply)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )


def take(session: Session, person_id: int, now: datetime) -> Awaited | None:
    """Return what was asked, and note that it was answered; None when nothing waits."""
    row = session.exec(select(AwaitedReply).where(AwaitedReply.person_id == person_id)).first()
    if row is None:
        return None
    put_aside(session, person_id)
    return Awaited(row.topic, row.subject) if row.until > now else None


def put_aside(session: Session, person_id: int) -> bool:
    """Ask no more; tell whether anything was asked."""
    result = session.execute(delete(AwaitedReply).where(col(AwaitedReply.person_id) == person_id))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def purge(session: Session, now: datetime) -> None:
    """Forget questions that nobody answered in time."""
    session.execute(delete(AwaitedReply).where(col(AwaitedReply.until) < now))
