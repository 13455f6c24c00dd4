"""Updates: stored and committed before they are confirmed, handled once, in order per person.

stored ──handle, one transaction──> handled (replies stored) ──replies made──> done (emptied)
   └──a fault──> failed (kept for whoever mends the fault)

Once it is handled, whose it was stands in the sealed replies alone: what was written for it carries
the number of the same transaction.
"""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, delete, select, text
from sqlmodel import Session, col

from bot.core.dialogue import Call
from bot.core.sealing import Sealed
from bot.core.tables import InboxUpdate

KEPT = timedelta(days=8)

_STORE = text(
    "INSERT INTO inbox_update (update_id, sender, raw, calls, state, attempts, received_on)"
    " VALUES (:update_id, :sender, :raw, '', 'stored', 0, :day) ON CONFLICT DO NOTHING"
).bindparams(bindparam("day", type_=Date), bindparam("raw", type_=Sealed))
_FRESH = text(
    "SELECT update_id FROM inbox_update WHERE update_id = :update_id AND state = 'stored'"
)
_HANDLED = text(
    "UPDATE inbox_update SET state = 'handled', raw = '', sender = 0, calls = :calls"
    " WHERE update_id = :update_id AND state = 'stored'"
).bindparams(bindparam("calls", type_=Sealed))
_FINISHED = text(
    "UPDATE inbox_update SET state = 'done', raw = '', sender = 0"
    " WHERE update_id = :update_id AND state = 'stored'"
)
_DONE = text(
    "UPDATE inbox_update SET state = 'done', calls = '', sender = 0"
    " WHERE update_id = :update_id AND state = 'handled'"
)
_PUT_ASIDE = text(
    "UPDATE inbox_update SET attempts = attempts + 1, state = 'failed'"
    " WHERE update_id = :update_id AND state = 'stored'"
)


class AlreadyHandled(Exception):  # noqa: N818 - says what it is
    """Another process has handled this update meanwhile; what was done for it here is undone."""


def sender_of(update: dict[str, Any]) -> int:
    """Return the id of the person an update is from, 0 when it is nobody's or makes no sense."""
    for part in ("message", "callback_query", "my_chat_member"):
        content = update.get(part)
        if isinstance(content, dict):
            sender = content.get("from")
            number = sender.get("id") if isinstance(sender, dict) else None
            return number if isinstance(number, int) else 0
    return 0


def store(session: Session, updates: Iterable[dict[str, Any]], day: date) -> bool:
    """Keep raw updates; one that is known already is left as it is. Tell whether all are new."""
    rows = [
        {
            "update_id": update["update_id"],
            "sender": sender_of(update),
            "day": day,
            "raw": json.dumps(update, ensure_ascii=False),
        }
        for update in updates
    ]
    if not rows:
        return True
    return session.connection().execute(_STORE, rows).rowcount == len(rows)


def is_fresh(session: Session, update_id: int) -> bool:
    """Tell whether an update still waits to be handled."""
    return session.connection().execute(_FRESH, {"update_id": update_id}).first() is not None


def mark_handled(session: Session, update_id: int, calls: list[Call]) -> None:
    """Clear the raw text and the sender, and keep the replies that are still to be made.

    Raises
    ------
    AlreadyHandled
        When the update no longer waits: the transaction must not be committed.
    """
    connection, values = session.connection(), {"update_id": update_id}
    if calls:
        kept = values | {"calls": json.dumps(calls, ensure_ascii=False)}
        changed = connection.execute(_HANDLED, kept)
    else:
        changed = connection.execute(_FINISHED, values)
    if changed.rowcount != 1:
        raise AlreadyHandled


def mark_done(session: Session, update_ids: list[int]) -> None:
    """Empty the rows of updates whose replies were made."""
    if update_ids:
        session.connection().execute(_DONE, [{"update_id": one} for one in update_ids])


def put_aside(session: Session, update_id: int) -> None:
    """Keep an update that could not be handled for whoever mends the fault."""
    session.connection().execute(_PUT_ASIDE, {"update_id": update_id})


def left_over(session: Session) -> list[tuple[int, int, str, str]]:
    """Return (update id, sender, raw, calls) of what an earlier process left, in order.

    Of what was handled the sender is 0.
    """
    rows = session.execute(
        select(
            col(InboxUpdate.update_id),
            col(InboxUpdate.sender),
            col(InboxUpdate.raw),
            col(InboxUpdate.calls),
        )
        .where(col(InboxUpdate.state).in_(("stored", "handled")))
        .order_by(col(InboxUpdate.update_id))
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def without_outdated_edits(
    rows: list[tuple[int, int, str, str]],
) -> list[tuple[int, int, str, list[Call] | None]]:
    """Read what is left over, without edits that a later one of the same message replaces.

    Made again, they would show somebody a moment of the past to press on. Calls are None where
    the update is still to be handled; the sender of the others is who they go to.
    """
    later: set[tuple[int, int]] = set()
    kept: list[tuple[int, int, str, list[Call] | None]] = []
    for update_id, sender, raw, stored in reversed(rows):
        calls: list[Call] | None = json.loads(stored) if stored else None
        whose = sender
        if calls is not None:
            whose = next((one["chat_id"] for one in calls if "chat_id" in one), sender)
            calls = [one for one in calls if _edited(one) not in later]
            later |= {place for one in calls if (place := _edited(one))}
        kept.append((update_id, whose, raw, calls))
    return kept[::-1]


def _edited(call: Call) -> tuple[int, int] | None:
    is_edit = call["method"] == "editMessageText"
    return (int(call["chat_id"]), int(call["message_id"])) if is_edit else None


def purge(session: Session, today: date) -> None:
    """Forget updates that Telegram no longer repeats, and those that nobody mended."""
    session.execute(
        delete(InboxUpdate).where(
            col(InboxUpdate.state).in_(("done", "failed")),
            col(InboxUpdate.received_on) < today - KEPT,
        )
    )
