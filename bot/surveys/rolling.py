"""Questionnaires that follow from something that happened, such as a visit.

Each person is asked within the budget, as they come; yet an anonymous wave of one would tell whose
its answers are. So whoever is asked about a unit within a week shares one wave.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bot.core.clock import monday_of
from bot.core.database import insert_into
from bot.core.schedule import local_day, local_to_utc
from bot.people.tables import Unit
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import Invitee, Wave
from bot.surveys.tickets import new_secret
from bot.surveys.versions import Paper
from bot.surveys.waves import Plan, fill, plan_for, promise_reminders, seed_of, unit_zone


def ask_some(
    session: Session,
    desk: SurveyDesk,
    *,
    paper: Paper,
    unit: Unit,
    people: Collection[int],
    now: datetime,
    not_before: datetime | None = None,
) -> Plan:
    """Ask some of a unit's people, within the budget; return who is asked and who is not, and why.

    ``people`` must hold the questionnaire's role in this unit; others are passed over. Their cards
    come ``not_before`` a moment. Nobody is asked twice in a week's wave, however often called.
    """
    earliest = max(now, not_before or now)
    wave = _wave_of_the_week(session, paper, unit, earliest)
    there = set(
        session.scalars(
            select(col(Invitee.person_id)).where(
                col(Invitee.wave_id) == wave.id, col(Invitee.state) != "skipped"
            )
        )
    )
    plan = plan_for(
        session,
        desk,
        paper=paper,
        unit=unit,
        now=earliest,
        only=set(people) - there,
        expires_at=wave.expires_at,
    )
    session.execute(
        delete(Invitee).where(
            col(Invitee.wave_id) == wave.id,
            col(Invitee.person_id).in_([one.person_id for one in plan.contacts]),
        )
    )
    fill(session, wave, plan, paper=paper, now=earliest)
    promise_reminders(session, desk, wave, paper=paper, plan=plan)
    return plan


def _wave_of_the_week(session: Session, paper: Paper, unit: Unit, now: datetime) -> Wave:
    """Return the wave that takes people of this week; the first of the week makes it."""
    zone = unit_zone(session, unit)
    monday = monday_of(local_day(now, zone))
    over = local_to_utc(monday + timedelta(days=7), time(), zone)
    values: dict[str, Any] = {
        "version_id": paper.version_id,
        "unit_id": unit.id,
        "due_on": monday,
        "planned_at": now,
        "expires_at": over + timedelta(days=paper.content.expires_days),
        "seed": seed_of(session, paper, unit),
        "ticket_secret": new_secret() if paper.content.anonymous else "",
        "closed": False,
        "rolling": True,
        "reminders": len(paper.content.reminders),
    }
    session.execute(insert_into(session, Wave).values(values).on_conflict_do_nothing())
    return session.scalars(
        select(Wave).where(
            col(Wave.rolling),
            col(Wave.version_id) == paper.version_id,
            col(Wave.unit_id) == unit.id,
            col(Wave.due_on) == monday,
        )
    ).one()
