"""The life of a run besides its taps: found again, commented, closed by its person or by time.

Closing is one statement that also cuts the link of an anonymous run; a second one finds nothing
to close. So a run ends once, however often the button arrives.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam, column, exists, func, select, text
from sqlmodel import Session, col

from bot.core import notices
from bot.core.sealing import Sealed
from bot.core.tables import Delivery, UtcTime
from bot.surveys.answers import Standing, standing
from bot.surveys.tables import Invitee, Run, Wave

COMMENT_LIMIT = 2000

Ending = Literal["finished", "stopped"]

_CLOSE = text(
    """
    UPDATE run SET state = :state,
        invitee_id = CASE WHEN anonymous THEN NULL ELSE invitee_id END
    WHERE key = :key AND state = 'open'
    """
)

_EXPIRE = text(
    """
    UPDATE run SET
        invitee_id = CASE WHEN anonymous THEN NULL ELSE invitee_id END,
        state = CASE WHEN position >= json_array_length(form) THEN 'finished' ELSE 'expired' END
    WHERE wave_id = :wave AND state = 'open'
    """
)

_WAITING = """
    SELECT r.invitee_id
    FROM run r
    JOIN invitee i ON i.id = r.invitee_id
    JOIN wave w ON w.id = r.wave_id
    WHERE i.person_id = :person AND r.state = 'open' AND w.expires_at > :now
    {only}
    ORDER BY w.planned_at, i.id LIMIT 1
"""
_NOW = bindparam("now", type_=UtcTime)
_OLDEST = text(_WAITING.format(only="")).bindparams(_NOW)
_COMMENTABLE = text(_WAITING.format(only="AND r.position >= json_array_length(r.form)")).bindparams(
    _NOW
)

_COMMENT = text(
    """
    INSERT INTO comment (run_key, text, language, unit_id, week)
    SELECT key, :text, :language, unit_id, week FROM run WHERE key = :key AND state = 'open'
    ON CONFLICT (run_key) DO UPDATE SET text = excluded.text, language = excluded.language,
        voice = '', seconds = 0, tries = 0
    """
).bindparams(bindparam("text", type_=Sealed))

_OPEN_OF = text(
    """
    SELECT r.key FROM run r
    JOIN invitee i ON i.id = r.invitee_id
    JOIN questionnaire_version v ON v.id = r.version_id
    WHERE i.person_id = :person AND r.unit_id = :unit AND v.audience = :audience
        AND r.state = 'open'
    """
).columns(column("key"))

_CARD_IS_AT = text(
    "UPDATE invitee SET message_id = :message WHERE id = :invitee AND state = 'asked'"
)

_WAVE_OF = text(
    """
    SELECT w.closed, w.expires_at FROM invitee i JOIN wave w ON w.id = i.wave_id
    WHERE i.id = :invitee AND i.person_id = :person
    """
).columns(column("closed"), column("expires_at", UtcTime))


def oldest_open(session: Session, person_id: int, now: datetime) -> Standing | None:
    """Return the open run this person was asked for first, or None."""
    return _found(session, _OLDEST, person_id, now)


def waiting_for_comment(session: Session, person_id: int, now: datetime) -> Standing | None:
    """Return the run of this person that has been asked through and may still be commented."""
    return _found(session, _COMMENTABLE, person_id, now)


def close(session: Session, run: Standing, ending: Ending) -> bool:
    """Close a run; of an anonymous one the link to its person is gone. False: it was closed."""
    changed: Any = session.execute(_CLOSE, {"key": run.key, "state": ending})
    return bool(changed.rowcount == 1)


def comment(session: Session, run: Standing, words: str, *, language: str) -> None:
    """Keep what somebody wrote to the open question; writing again replaces it."""
    session.execute(_COMMENT, {"key": run.key, "text": words, "language": language})


def card_is_at(session: Session, invitee_id: int, message_id: int | None) -> None:
    """Remember which message shows the card, for as long as the wave is open."""
    session.execute(_CARD_IS_AT, {"invitee": invitee_id, "message": message_id})


def is_over(session: Session, invitee_id: int, *, person_id: int, now: datetime) -> bool:
    """Tell whether the time of this invitation has passed (or it never was this person's)."""
    row = session.execute(_WAVE_OF, {"invitee": invitee_id, "person": person_id}).first()
    return row is None or bool(row.closed) or row.expires_at <= now


def _found(session: Session, statement: Any, person_id: int, now: datetime) -> Standing | None:
    invitee_id = session.scalar(statement, {"person": person_id, "now": now})
    if invitee_id is None:
        return None
    return standing(session, invitee_id, person_id=person_id, now=now)


def expire_runs(session: Session, wave_id: int) -> None:
    """Close all open runs of a wave; who had come to the end counts as finished."""
    session.execute(_EXPIRE, {"wave": wave_id})


def begun_elsewhere(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Tell whether a question beside questionnaires would come into one that was begun."""
    if delivery.kind != notices.KIND:
        return False
    begun = exists().where(
        col(Invitee.person_id) == delivery.person_id,
        col(Run.invitee_id) == col(Invitee.id),
        col(Wave.id) == col(Invitee.wave_id),
        col(Wave.expires_at) > now,
        col(Run.position) > 0,
        unfinished(),
    )
    return bool(session.scalar(select(begun)))


def unfinished() -> ColumnElement[bool]:
    """Return the condition that a run is open and still has questions to show."""
    return (col(Run.state) == "open") & (col(Run.position) < func.json_array_length(col(Run.form)))


def close_of(session: Session, person_id: int, unit_id: int, *, audience: str) -> int:
    """Close the open runs that a person was asked for in a unit in one role; return how many."""
    keys = session.scalars(_OPEN_OF, {"person": person_id, "unit": unit_id, "audience": audience})
    closed = [session.execute(_CLOSE, {"key": key, "state": "stopped"}) for key in keys.all()]
    return len(closed)
