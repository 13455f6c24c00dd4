"""The life of a run besides its taps: found again, commented, closed by its person or by time.

Closing is one statement that also takes the ticket of an anonymous run; a second one finds nothing
to close. So a run ends once, however often the button arrives.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam, column, exists, func, or_, select, text
from sqlmodel import Session, col

from bot.core import notices
from bot.core.sealing import Sealed, SealedLine
from bot.core.tables import Delivery, UtcTime
from bot.surveys import tickets
from bot.surveys.answers import Standing, standing
from bot.surveys.tables import Invitee, QuestionnaireVersion, Run, Wave

COMMENT_LIMIT = 2000
LEFT_ALONE = timedelta(hours=3)

Ending = Literal["finished", "stopped"]

_CLOSE = text(
    """
    UPDATE run SET state = :state, ticket = NULL, card = ''
    WHERE key = :key AND state = 'open'
    """
)

_EXPIRE = text(
    """
    UPDATE run SET ticket = NULL, card = '',
        state = CASE WHEN position >= json_array_length(form) THEN 'finished' ELSE 'expired' END
    WHERE wave_id = :wave AND state = 'open'
    """
)

_ASKED = text(
    """
    SELECT i.id FROM invitee i JOIN wave w ON w.id = i.wave_id
    WHERE i.person_id = :person AND i.state = 'asked' AND w.expires_at > :now
    ORDER BY w.planned_at, i.id
    """
).bindparams(bindparam("now", type_=UtcTime))

_COMMENT = text(
    """
    INSERT INTO comment (run_key, text, language, unit_id, week)
    SELECT key, :text, :language, unit_id, week FROM run WHERE key = :key AND state = 'open'
    ON CONFLICT (run_key) DO UPDATE SET text = excluded.text, language = excluded.language,
        voice = '', seconds = 0, tries = 0
    """
).bindparams(bindparam("text", type_=Sealed), bindparam("language", type_=SealedLine))

_CARD_WAS_SENT = text(
    "UPDATE invitee SET message_id = :message WHERE id = :invitee AND state = 'asked'"
)
_CARD_MOVED = text("UPDATE run SET card = :card WHERE key = :key AND state = 'open'").bindparams(
    bindparam("card", type_=Sealed)
)

_WAVE_OF = text(
    """
    SELECT w.closed, w.expires_at FROM invitee i JOIN wave w ON w.id = i.wave_id
    WHERE i.id = :invitee AND i.person_id = :person
    """
).columns(column("closed"), column("expires_at", UtcTime))


def oldest_open(session: Session, person_id: int, now: datetime) -> Standing | None:
    """Return the open run this person was asked for first, or None."""
    return next(_open_runs(session, person_id, now), None)


def waiting_for_comment(session: Session, person_id: int, now: datetime) -> Standing | None:
    """Return the run of this person that has been asked through and may still be commented."""
    return next((one for one in _open_runs(session, person_id, now) if one.is_asked_through), None)


def close(session: Session, run: Standing, ending: Ending) -> bool:
    """Close a run; nothing finds an anonymous one any more. False: it was closed before."""
    changed: Any = session.execute(_CLOSE, {"key": run.key, "state": ending})
    return bool(changed.rowcount == 1)


def comment(session: Session, run: Standing, words: str, *, language: str) -> None:
    """Keep what somebody wrote to the open question; writing again replaces it."""
    session.execute(_COMMENT, {"key": run.key, "text": words, "language": language})


def card_was_sent(session: Session, invitee_id: int, message_id: int | None) -> None:
    """Remember which message brought the card, for as long as the wave is open."""
    session.execute(_CARD_WAS_SENT, {"invitee": invitee_id, "message": message_id})


def card_moved(session: Session, run: Standing, message_id: int | None) -> None:
    """Remember that its person has had the card moved to a message; None: it is not known yet.

    It is noted with the run: at the invitee it would tell that this person has done something.
    """
    session.execute(_CARD_MOVED, {"key": run.key, "card": str(message_id or 0)})


def is_over(session: Session, invitee_id: int, *, person_id: int, now: datetime) -> bool:
    """Tell whether the time of this invitation has passed (or it never was this person's)."""
    row = session.execute(_WAVE_OF, {"invitee": invitee_id, "person": person_id}).first()
    return row is None or bool(row.closed) or row.expires_at <= now


def _open_runs(session: Session, person_id: int, now: datetime) -> Iterator[Standing]:
    """Give the open runs of a person, in the order in which they were asked for them."""
    asked = session.scalars(_ASKED, {"person": person_id, "now": now}).all()
    for invitee_id in asked:
        run = standing(session, invitee_id, person_id=person_id, now=now)
        if run is not None:
            yield run


def expire_runs(session: Session, wave_id: int) -> None:
    """Close all open runs of a wave; who had come to the end counts as finished."""
    session.execute(_EXPIRE, {"wave": wave_id})


def begun_elsewhere(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Tell whether a question beside questionnaires would come into one that was begun.

    That it waits can be read from its row. So of an anonymous one it is not looked at what its
    person has done: whoever was sent one is left alone for a while.
    """
    if delivery.kind != notices.KIND:
        return False
    theirs = (
        col(Invitee.person_id) == delivery.person_id,
        col(Wave.id) == col(Invitee.wave_id),
        col(Wave.expires_at) > now,
    )
    begun = exists().where(
        *theirs, col(Run.invitee_id) == col(Invitee.id), col(Run.position) > 0, unfinished()
    )
    sent_lately = exists().where(
        *theirs,
        col(Wave.ticket_secret) != "",
        col(Invitee.due_at).between(now - LEFT_ALONE, now),
    )
    return bool(session.scalar(select(or_(begun, sent_lately))))


def unfinished() -> ColumnElement[bool]:
    """Return the condition that a run is open and still has questions to show."""
    return (col(Run.state) == "open") & (col(Run.position) < func.json_array_length(col(Run.form)))


def close_of(session: Session, person_id: int, unit_id: int, *, audience: str) -> int:
    """Close the open runs that a person was asked for in a unit in one role; return how many."""
    as_asked = exists().where(
        col(QuestionnaireVersion.id) == col(Run.version_id),
        col(QuestionnaireVersion.audience) == audience,
    )
    keys = tickets.found(
        session,
        tickets.links_of(session, person_id),
        col(Run.unit_id) == unit_id,
        col(Run.state) == "open",
        as_asked,
    )
    closed = [session.execute(_CLOSE, {"key": key, "state": "stopped"}) for key in sorted(keys)]
    return len(closed)
