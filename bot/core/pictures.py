"""Drawn charts, kept under their hash until they are sent; how long they are kept."""

import hashlib
from datetime import date, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.core.tables import Picture

PICTURES_KEPT = timedelta(days=14)


def keep_picture(session: Session, png: bytes, day: date) -> str:
    """Keep a drawn chart under its hash, forget the old ones; return the hash."""
    sha = hashlib.sha256(png).hexdigest()
    session.execute(
        insert_into(session, Picture)
        .values(sha=sha, png=png, file_id="", drawn_on=day)
        .on_conflict_do_update(index_elements=["sha"], set_={"drawn_on": day})
    )
    session.execute(delete(Picture).where(col(Picture.drawn_on) < day - PICTURES_KEPT))
    return sha
