"""Which questionnaires are sent to which unit again and again, and in which version."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.core.errors import GapbotError
from bot.core.logs import Events
from bot.core.schedule import local_day
from bot.people.tables import Unit
from bot.surveys import planning
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import QuestionnaireVersion, Schedule, Wave
from bot.surveys.versions import Paper
from bot.surveys.waves import unit_zone

_log = Events("gapbot.surveys")


def start_schedules(
    session: Session,
    desk: SurveyDesk,
    *,
    units: Sequence[Unit],
    now: datetime,
    started_by: int | None = None,
) -> int:
    """Let every questionnaire of the library be sent to these units from tomorrow on.

    One that follows a visit has no schedule.

    Tomorrow, so that people have a day to come in. What is scheduled already stays as it is.
    Returns how many schedules are new.
    """
    listed = (desk.library.read(name) for name in desk.library.names())
    contents = [content for content in listed if not content.is_triggered]
    rows = []
    for unit in units:
        start = local_day(now, unit_zone(session, unit)) + timedelta(days=1)
        rows += [
            {
                "questionnaire": content.id,
                "unit_id": unit.id,
                "active": True,
                "next_due": planning.very_first_day(content.cadence, start=start),
                "started_by": started_by,
            }
            for content in contents
        ]
    if not rows:
        return 0
    made = session.execute(
        insert_into(session, Schedule)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["questionnaire", "unit_id"])
        .returning(col(Schedule.id))
    )
    return len(made.all())


def take(session: Session, schedule: Schedule, *, next_due: date) -> bool:
    """Move a schedule on; False when another process was faster. This is the lock of planning."""
    moved: Any = session.execute(
        update(Schedule)
        .where(
            col(Schedule.id) == schedule.id,
            col(Schedule.next_due) == schedule.next_due,
            col(Schedule.active),
        )
        .values(next_due=next_due)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount == 1)


def current_paper(session: Session, desk: SurveyDesk, name: str) -> Paper | None:
    """Return the version to send now: the file as it is, stored at its first use.

    A file that cannot be used at the moment is no reason to send nothing: the newest version that
    was ever used is taken then. None when there is none either.
    """
    try:
        return desk.library.keep(session, desk.library.read(name))
    except GapbotError as error:
        _log.warning("questionnaire.unusable", name=name, code=error.code)
        return desk.library.newest(session, name)


def paper_of(session: Session, desk: SurveyDesk, wave: Wave) -> Paper:
    """Return the version a wave was made with."""
    version = session.get_one(QuestionnaireVersion, wave.version_id)
    return desk.library.paper(session, wave.version_id, version.fingerprint)
