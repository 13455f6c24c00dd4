"""Spoken answers to the open question: kept as Telegram's number of a file, never the sound itself.

A spoken answer is a comment whose words are still missing. Where a service writes recordings out,
the words come later; of an anonymous run the recording is forgotten then, and so is a comment whose
recording could not be written out in time. Nobody ever hears it.
"""

from typing import Any, NamedTuple

from sqlalchemy import bindparam, column, select, text, update
from sqlmodel import Session, col

from bot.core.sealing import Sealed, SealedLine
from bot.surveys.answers import Standing
from bot.surveys.runs import COMMENT_LIMIT
from bot.surveys.tables import Comment, Run

LONGEST_SECONDS = 180
MOST_TRIES = 15
AT_ONCE = 5

_KEEP = text(
    """
    INSERT INTO comment (run_key, text, language, unit_id, week, voice, seconds, tries)
    SELECT key, '', :language, unit_id, week, :voice, :seconds, 0
    FROM run WHERE key = :key AND state = 'open'
    ON CONFLICT (run_key) DO UPDATE SET text = '', language = excluded.language,
        voice = excluded.voice, seconds = excluded.seconds, tries = 0
    """
).bindparams(bindparam("voice", type_=Sealed), bindparam("language", type_=SealedLine))

_CLAIM = text("UPDATE comment SET tries = tries + 1 WHERE run_key = :key AND tries = :tries")

_DROP = text(
    """
    DELETE FROM comment WHERE voice <> '' AND text = '' AND tries >= :tries
        AND run_key IN (SELECT r.key FROM run r WHERE r.anonymous)
    """
)

_ANONYMOUS = text("SELECT r.anonymous FROM run r WHERE r.key = :key").columns(column("anonymous"))


class Recording(NamedTuple):
    """A recording that waits to be written out."""

    run_key: str
    voice: str
    tries: int


def keep(session: Session, run: Standing, voice: str, *, seconds: int, language: str) -> None:
    """Keep what somebody said to the open question; saying or writing it again replaces it."""
    session.execute(
        _KEEP, {"key": run.key, "voice": voice, "seconds": seconds, "language": language}
    )


def claim(session: Session) -> list[Recording]:
    """Reserve recordings that wait to be written out; each try is counted before it is made."""
    waiting = session.execute(
        select(col(Comment.run_key), col(Comment.voice), col(Comment.tries))
        .where(col(Comment.voice) != "", col(Comment.text) == "", col(Comment.tries) < MOST_TRIES)
        .order_by(col(Comment.tries), col(Comment.run_key))
        .limit(AT_ONCE)
    ).all()
    found = [Recording(*row) for row in waiting]
    return [one for one in found if _is_ours(session, one)]


def write_out(session: Session, recording: Recording, words: str) -> None:
    """Keep the words of a recording; of an anonymous run the recording is forgotten."""
    values: dict[str, Any] = {"text": words.strip()[:COMMENT_LIMIT]}
    if session.scalar(_ANONYMOUS, {"key": recording.run_key}):
        values |= {"voice": "", "seconds": 0, "tries": 0}
    session.execute(
        update(Comment)
        .where(col(Comment.run_key) == recording.run_key, col(Comment.text) == "")
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def drop_anonymous(session: Session, *, tries: int = MOST_TRIES) -> int:
    """Forget recordings of anonymous runs that were tried so often in vain; return how many."""
    dropped: Any = session.execute(_DROP, {"tries": tries})
    return int(dropped.rowcount)


def hearable() -> Any:
    """Return the condition that a comment of a run may be heard: by name, and kept."""
    return (col(Comment.voice) != "") & ~col(Run.anonymous)


def _is_ours(session: Session, one: Recording) -> bool:
    changed: Any = session.execute(_CLAIM, {"key": one.run_key, "tries": one.tries})
    return bool(changed.rowcount == 1)
