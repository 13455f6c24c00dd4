"""Notes to those who were asked: drafted, worded, sent. Each step is one conditional change.

draft ──send──> sent        at most one in a unit and period; of two at once the first wins
  └────drop───> dropped     also by starting another draft
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import Session, col

from bot.core import audit, outbox
from bot.core.database import insert_into
from bot.core.outbox import Lane
from bot.core.rows import change_row
from bot.improvement.actions import DONE
from bot.improvement.tables import Action
from bot.improvement.told_people import hearing_times, listeners
from bot.improvement.told_tables import ToldNote, ToldText
from bot.people.tables import Unit
from bot.reach.desk import ReachDesk

KIND = "told"
DRAFT, SENT, DROPPED = "draft", "sent", "dropped"
APART = timedelta(days=28)
"""How far apart two notes of a unit are, unless it is set otherwise."""
EXPIRES = timedelta(days=14)
LOOKS_BACK = timedelta(weeks=8)
"""Own words go to those who were asked so lately; and so long a done action may be told of."""
LONGEST = 500
_SHOWN_TOGETHER = 2_200
"""So many characters of words fit into one preview, with what stands around them."""


def start(
    session: Session,
    *,
    unit_id: int,
    by: int,
    audience: str,
    language: str,
    words: str,
    asked_from: date,
    now: datetime,
    action_id: int | None = None,
) -> ToldNote:
    """Begin a note; an older draft of the same person in this unit is put away."""
    older = draft_of(session, unit_id, by)
    if older is not None:
        drop(session, older, by=by, now=now)
    note = ToldNote(
        unit_id=unit_id,
        audience=audience,
        action_id=action_id,
        written_by=by,
        state=DRAFT,
        language=language,
        asked_from=asked_from,
        made_at=now,
    )
    session.add(note)
    session.flush()
    _record(session, note, "told.drafted", by=by, now=now)
    set_words(session, note, language, words)
    return note


def set_words(session: Session, note: ToldNote, language: str, words: str) -> bool:
    """Word a draft in one language; False where it is no draft any more."""
    if not _is_draft(session, note):
        return False
    session.execute(
        insert_into(session, ToldText)
        .values(note_id=note.id, language=language, words=words[:LONGEST])
        .on_conflict_do_update(
            index_elements=["note_id", "language"], set_={"words": words[:LONGEST]}
        )
    )
    return True


def fitted(words: Mapping[str, str]) -> dict[str, str]:
    """Shorten the words of many languages, so that all fit into one preview."""
    most = _SHOWN_TOGETHER // max(len(words), 1)
    return {
        language: text if len(text) <= most else f"{text[: most - 1]}…"
        for language, text in words.items()
    }


def set_audience(session: Session, note: ToldNote, audience: str) -> bool:
    """Choose whom a draft is for; False where it is no draft any more."""
    return _change(session, note, audience=audience)


def drop(session: Session, note: ToldNote, *, by: int, now: datetime) -> bool:
    """Put a draft away."""
    dropped = _change(session, note, state=DROPPED)
    if dropped:
        _record(session, note, "told.dropped", by=by, now=now)
    return dropped


def send(
    session: Session,
    note: ToldNote,
    *,
    by: int,
    now: datetime,
    apart: timedelta,
    reach: ReachDesk,
) -> int | None:
    """Promise a note to everybody who was asked; return how many.

    From a person's last questionnaire it keeps the distance of the audience's contact budget.

    None where it is no draft any more, nobody can be reached, or another note went out lately.
    """
    session.execute(select(col(Unit.id)).where(col(Unit.id) == note.unit_id).with_for_update())
    if may_be_sent_from(session, note.unit_id, now=now, apart=apart) > now:
        return None
    people = listeners(session, note.unit_id, note.audience, asked_from=note.asked_from, now=now)
    if not people or not _change(session, note, state=SENT, sent_at=now, recipients=len(people)):
        return None
    distance = timedelta(days=reach.limit_of(note.audience).days_apart)
    times = hearing_times(session, people, now=now, quiet=reach.quiet, distance=distance)
    outbox.plan_many(
        session,
        [
            {
                "key": f"{KIND}:{note.id}:{person_id}",
                "kind": KIND,
                "subject": str(note.id),
                "lane": int(Lane.QUESTIONNAIRE),
                "person_id": person_id,
                "due_at": due_at,
                "expires_at": due_at + EXPIRES,
            }
            for person_id, due_at in times.items()
        ],
    )
    detail = f"{note.audience} {len(people)}"
    _record(session, note, "told.sent", by=by, now=now, detail=detail)
    return len(people)


def may_be_sent_from(
    session: Session, unit_id: int, *, now: datetime, apart: timedelta
) -> datetime:
    """Return from when on the next note of a unit may go out: now, or after its period."""
    last = newest_sent(session, unit_id)
    if last is None or last.sent_at is None:
        return now
    return max(now, last.sent_at + apart)


def newest_sent(
    session: Session, unit_id: int, *, audience: str = "", since: datetime | None = None
) -> ToldNote | None:
    """Return the last note that went out in a unit."""
    query = select(ToldNote).where(col(ToldNote.unit_id) == unit_id, col(ToldNote.state) == SENT)
    if audience:
        query = query.where(col(ToldNote.audience) == audience)
    if since is not None:
        query = query.where(col(ToldNote.sent_at) >= since)
    order = (col(ToldNote.sent_at).desc(), col(ToldNote.id).desc())
    return session.scalars(query.order_by(*order).limit(1)).first()


def draft_of(session: Session, unit_id: int, person_id: int) -> ToldNote | None:
    """Return what this person has begun in a unit."""
    return session.scalars(
        select(ToldNote).where(
            col(ToldNote.unit_id) == unit_id,
            col(ToldNote.written_by) == person_id,
            col(ToldNote.state) == DRAFT,
        )
    ).first()


def told_of(session: Session, action_id: int) -> ToldNote | None:
    """Return the note by which people heard of an action."""
    return session.scalars(
        select(ToldNote)
        .where(col(ToldNote.action_id) == action_id, col(ToldNote.state) == SENT)
        .order_by(col(ToldNote.id))
        .limit(1)
    ).first()


def untold(session: Session, unit_id: int, *, now: datetime) -> Sequence[Action]:
    """Return what was done lately in a unit and told to nobody, the latest first."""
    told = exists().where(col(ToldNote.action_id) == col(Action.id), col(ToldNote.state) == SENT)
    return session.scalars(
        select(Action)
        .where(
            col(Action.unit_id) == unit_id,
            col(Action.state) == DONE,
            col(Action.closed_at) >= now - LOOKS_BACK,
            ~told,
        )
        .order_by(col(Action.closed_at).desc(), col(Action.id).desc())
    ).all()


def words_of(session: Session, note: ToldNote) -> dict[str, str]:
    """Return the words of a note by language, the one it was written in first."""
    rows = session.execute(
        select(col(ToldText.language), col(ToldText.words))
        .where(col(ToldText.note_id) == note.id)
        .order_by(col(ToldText.language))
    )
    found: dict[str, str] = {one[0]: one[1] for one in rows}
    return {note.language: found.pop(note.language, "")} | found


def words_for(words: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return language and words for a reader: their own, the other script of it, the first."""
    for one in words:
        if one == language:
            return one, words[one]
    for one in words:
        if one.partition("-")[0] == language.partition("-")[0]:
            return one, words[one]
    first = next(iter(words))
    return first, words[first]


def _is_draft(session: Session, note: ToldNote) -> bool:
    """Lock a draft for a change of its words; False where it is one no more."""
    return _change(session, note, state=DRAFT)


def _change(session: Session, note: ToldNote, **values: Any) -> bool:
    """Change a draft; False where it was sent or dropped meanwhile."""
    return change_row(session, note, col(ToldNote.state) == DRAFT, **values)


def _record(
    session: Session, note: ToldNote, what: str, *, by: int, now: datetime, detail: str = ""
) -> None:
    audit.record(
        session,
        what,
        now=now,
        subject=f"note {note.id}",
        person_id=by,
        unit_id=note.unit_id,
        detail=detail,
    )
