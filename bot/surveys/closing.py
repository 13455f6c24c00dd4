"""What is done with an anonymous wave when it closes, so that the database forgets its order.

PostgreSQL notes with each row which transaction wrote it and where it lies; so rows that came one
by one would tell who answered first. They are written anew, all together, in the order of their
random keys. What a server keeps of the old rows until it cleans up is its own.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text
from sqlmodel import Session, SQLModel, col

from bot.surveys.tables import Answer, Comment, Run

_PORTION = 400
_AGAIN = text("UPDATE run SET position = position WHERE key = :key").bindparams(bindparam("key"))


def forget_order(session: Session, wave_id: int) -> int:
    """Write the closed anonymous runs of a wave anew, with all that belongs to them."""
    keys = session.scalars(
        select(col(Run.key))
        .where(col(Run.wave_id) == wave_id, col(Run.anonymous), col(Run.state) != "open")
        .order_by(col(Run.key))
    ).all()
    if not keys:
        return 0
    session.execute(_AGAIN, [{"key": key} for key in keys])
    for table in (Answer, Comment):
        _anew(session, table, keys)
    return len(keys)


def _anew(session: Session, table: type[SQLModel], keys: Sequence[str]) -> None:
    """Take all rows out before the first is put back, or new ones would fill single gaps."""
    kept: list[dict[str, Any]] = []
    columns = table.__table__.columns  # type: ignore[attr-defined]
    place = list(table.__table__.primary_key.columns)  # type: ignore[attr-defined]
    for start in range(0, len(keys), _PORTION):
        theirs = columns.run_key.in_(keys[start : start + _PORTION])
        rows = session.execute(select(*columns).where(theirs).order_by(*place))
        kept += [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name
        session.execute(delete(table).where(theirs).execution_options(synchronize_session=False))
    if kept:
        session.execute(insert(table), kept)
