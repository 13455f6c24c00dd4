"""What the clock does for questionnaires, every few seconds, in as many processes as there are.

Each step takes a row by a conditional update that exactly one process wins, so it is done once.
Every call does a bounded amount of work; the next tick goes on.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, literal, select, update
from sqlmodel import Session, col

from bot.core.logs import Events
from bot.core.schedule import local_day
from bot.core.tables import Delivery
from bot.people.tables import OPEN, Person, Unit
from bot.surveys import pace, planning, schedules
from bot.surveys.closing import forget_order
from bot.surveys.desk import SurveyDesk
from bot.surveys.pooling import pool_small
from bot.surveys.runs import expire_runs, unfinished
from bot.surveys.tables import Invitee, Run, Schedule, Wave
from bot.surveys.waves import REMINDER, plan_for, promise_reminder, unit_zone, write_wave

_log = Events("gapbot.surveys")

WAVES_PER_TICK = 20


def plan_due(session: Session, now: datetime, desk: SurveyDesk) -> int:
    """Make the waves of all schedules whose day has come in their unit; return how many."""
    latest = (now + timedelta(days=1)).date()  # the day may be a date ahead east of Greenwich
    due = session.scalars(
        select(Schedule)
        .join(Unit, col(Unit.id) == col(Schedule.unit_id))
        .where(col(Schedule.active), col(Schedule.next_due) <= latest, col(Unit.state) == OPEN)
        .order_by(col(Schedule.next_due), col(Schedule.id))
    ).all()
    made = 0
    for schedule in due:
        if made < WAVES_PER_TICK and _plan_one(session, schedule, now=now, desk=desk):
            made += 1
    return made


def remind_due(session: Session, now: datetime, desk: SurveyDesk) -> int:
    """Promise the next reminder of each wave that is ripe for it; return how many messages."""
    ripe = session.scalars(
        select(Wave)
        .where(col(Wave.remind_at) <= now, ~col(Wave.closed), col(Wave.expires_at) > now)
        .order_by(col(Wave.remind_at))
        .limit(WAVES_PER_TICK)
    ).all()
    return sum(_remind(session, wave, now=now, desk=desk) for wave in ripe)


def expire_due(session: Session, now: datetime) -> int:
    """Close the waves whose time is over, and every run of theirs; return how many waves.

    What is left of the people of a wave says only who was asked: where their card was, when it
    came and who was reminded is cleared, because that tells who had not answered by then.
    """
    over = session.scalars(
        select(col(Wave.id))
        .where(~col(Wave.closed), col(Wave.expires_at) <= now)
        .order_by(col(Wave.expires_at))
        .limit(WAVES_PER_TICK)
    ).all()
    return sum(_close(session, wave_id or 0) for wave_id in over)


def _plan_one(session: Session, schedule: Schedule, *, now: datetime, desk: SurveyDesk) -> bool:
    unit = session.get_one(Unit, schedule.unit_id)
    today = local_day(now, unit_zone(session, unit))
    due_on = schedule.next_due
    if today < due_on:
        return False
    tomorrow = today + timedelta(days=1)
    paper = schedules.current_paper(session, desk, schedule.questionnaire)
    if paper is None:
        schedules.take(session, schedule, next_due=tomorrow)
        return False
    following = planning.next_day(paper.content.cadence, due=due_on, today=today)
    plan = plan_for(session, desk, paper=paper, unit=unit, now=now)
    if not schedules.take(session, schedule, next_due=tomorrow if plan.is_empty else following):
        return False
    if plan.is_empty:
        return False
    wave_id = write_wave(
        session, plan, paper=paper, unit=unit, now=now, schedule_id=schedule.id, due_on=due_on
    )
    _log.info("wave.planned", wave=wave_id, asked=plan.asked, skipped=len(plan.skipped))
    return True


def _remind(session: Session, wave: Wave, *, now: datetime, desk: SurveyDesk) -> int:
    paper = schedules.paper_of(session, desk, wave)
    days = paper.content.reminders
    following = wave.reminders + 1
    again = wave.planned_at + timedelta(days=days[following]) if following < len(days) else None
    taken: Any = session.execute(
        update(Wave)
        .where(
            col(Wave.id) == wave.id,
            col(Wave.remind_at).is_not(None),
            col(Wave.reminders) == wave.reminders,
        )
        .values(remind_at=again, reminders=following)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1 or following > len(days):
        return 0
    rows = session.execute(_to_remind(wave, anonymous=paper.content.anonymous))
    asked = [(invitee, person, due_at or now) for invitee, person, due_at in rows]
    return promise_reminder(
        session, desk, wave, paper=paper, number=following, asked=asked, now=now
    )


def _to_remind(wave: Wave, *, anonymous: bool) -> Select[int | None, int, datetime | None]:
    """Select whom a reminder is promised to: of an anonymous wave everybody who was asked.

    Else the promise would tell who has not finished. Whoever has gets none: when it is due.
    """
    asked = (
        select(col(Invitee.id), col(Invitee.person_id), col(Invitee.due_at))
        .join(Person, col(Person.id) == col(Invitee.person_id))
        .where(
            col(Invitee.wave_id) == wave.id,
            col(Invitee.state) == "asked",
            col(Person.state) == "active",
        )
    )
    if anonymous:
        return asked
    return asked.join(Run, col(Run.invitee_id) == col(Invitee.id)).where(unfinished())


def _close(session: Session, wave_id: int) -> int:
    """Close a wave; the lock on its row, and what is read behind it, let one process do it."""
    wave = session.scalars(
        select(Wave).where(col(Wave.id) == wave_id, ~col(Wave.closed)).with_for_update()
    ).one_or_none()
    if wave is None:
        return 0
    pace.note_closing(session, wave_id)
    expire_runs(session, wave_id)
    wave.closed, wave.ticket_secret = True, ""
    session.flush()
    forget_order(session, wave_id)
    for number in (1, 2):
        reminders = select(literal(f"{REMINDER}{number}:").concat(col(Invitee.id))).where(
            col(Invitee.wave_id) == wave_id
        )
        session.execute(delete(Delivery).where(col(Delivery.key).in_(reminders)))
    session.execute(
        update(Invitee)
        .where(col(Invitee.wave_id) == wave_id, col(Invitee.state) == "asked")
        .values(state="closed", message_id=None, due_at=None)
    )
    pool_small(session, wave_id)
    _log.info("wave.closed", wave=wave_id)
    return 1
