"""Recorded comments: a line in the digest that says there are some, and a button to listen.

They are shown under the floor of written comments, all of them together, and never of an anonymous
questionnaire.
"""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.findings import recordings
from bot.analysis.kept import newest_report, read_findings
from bot.analysis.tables import StoredUnitReport
from bot.core import audit
from bot.core.dialogue import Button, Press, Routes, Section, Turn
from bot.core.render import Texts
from bot.digests.places import place_of, steers
from bot.people.rights import who_may
from bot.people.tables import Unit

HEAR = "vce"
MOST = 10
"""So many are played at once; nobody listens to more, and Telegram would slow them down."""


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    language: str,
    since: datetime,  # noqa: ARG001 - the sections' common shape
    now: datetime,  # noqa: ARG001
) -> Section | None:
    """Say that there are recorded comments; None where none may be heard."""
    report_id = newest_report(session)
    found = _recordings(session, unit_id, report_id)
    if not found:
        return None
    text = texts.render("digests/voices.html", language, many=len(found))
    listen = Button(texts.label(language, "Listen to comments"), f"{HEAR}:{unit_id}:{report_id}")
    return Section(text, [[listen]])


def hear(turn: Turn) -> None:
    """Send the recordings of the weeks that a digest looks at."""
    place = place_of(turn, HEAR)
    if place is None:
        return
    found = _recordings(turn.session, *place) if steers(turn, place.unit_id) else []
    if not found:
        turn.toast("There is nothing to listen to.", alert=True)
        return
    for voice in found[:MOST]:
        turn.call("sendVoice", chat_id=turn.chat_id, voice=voice, protect_content=True)
    subject = f"unit {place.unit_id}"
    audit.record_turn(turn, "voice.heard", subject=subject, unit_id=place.unit_id)


def routes() -> Routes:
    """Return what this part answers to."""
    return Routes(presses=(Press(HEAR, hear, who_may("voices")),))


def _recordings(session: Session, unit_id: int, report_id: int | None) -> list[str]:
    name = session.scalar(select(col(Unit.name)).where(col(Unit.id) == unit_id))
    if report_id is None or session.get(StoredUnitReport, (report_id, name)) is None:
        return []
    span = read_findings(session, report_id, name or "").span
    return recordings(session, unit_id, span)
