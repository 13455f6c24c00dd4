"""What the clock does for visits: ask about those that are due, within everybody's budget.

Visits of a unit that are due together make one wave. A person is asked about their latest; whoever
may not be asked is skipped, with the reason that a manager can look up.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core.logs import Events
from bot.core.schedule import local_day
from bot.crm import words
from bot.crm.keeping import rules_of
from bot.crm.rules import rule_for
from bot.crm.tables import Customer, Visit
from bot.people.tables import Unit
from bot.reach.contact import BUDGET
from bot.surveys import schedules
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import Invitee
from bot.surveys.versions import Paper
from bot.surveys.waves import plan_for, unit_zone, write_wave

_log = Events("gapbot.crm")

AT_ONCE = 200


class Due(NamedTuple):
    """A visit that is to be asked about now, of a person who can be."""

    visit_id: int
    person_id: int
    unit_id: int
    questionnaire: str
    at: datetime
    kind: str


def ask_due(session: Session, now: datetime, desk: SurveyDesk) -> int:
    """Ask about the visits whose time has come; return how many people are asked."""
    rows = session.execute(
        select(Visit, col(Customer.person_id))
        .join(Customer, col(Customer.id) == col(Visit.customer_id))
        .where(col(Visit.asking) == words.WAITING, col(Visit.ask_at) <= now)
        .order_by(col(Visit.ask_at), col(Visit.id))
        .limit(AT_ONCE)
    ).all()
    rules = rules_of(session) if rows else {}
    due = []
    for visit, person_id in rows:
        rule = rule_for(visit.touchpoint, rules)
        if rule.delay is None or person_id is None:
            _skip(session, visit.id, words.NO_RULE if rule.delay is None else words.NOT_LINKED)
            continue
        due.append(
            Due(visit.id, person_id, visit.unit_id, rule.questionnaire, visit.at, visit.kind)
        )
    return sum(
        _ask_together(session, list(together), now=now, desk=desk)
        for _, together in groupby(sorted(due, key=_place), key=_place)
    )


def _place(one: Due) -> tuple[int, str]:
    return one.unit_id, one.questionnaire


def _ask_together(session: Session, due: Sequence[Due], *, now: datetime, desk: SurveyDesk) -> int:
    """Ask about visits of one unit with one questionnaire."""
    paper = schedules.current_paper(session, desk, due[0].questionnaire)
    if paper is None or not _may_follow(paper):
        _skip_all(session, due, words.NO_RULE)
        return 0
    latest = {one.person_id: one for one in sorted(due, key=lambda one: (one.at, one.visit_id))}
    taken = {one.person_id: one for one in latest.values() if _take(session, one.visit_id)}
    _skip_all(session, (one for one in due if latest[one.person_id] != one), BUDGET)
    unit = session.get_one(Unit, due[0].unit_id)
    plan = plan_for(session, desk, paper=paper, unit=unit, now=now, only=list(taken), anywhere=True)
    known = {person for person, _ in (*plan.due, *plan.skipped)}
    _put_aside(session, (one for one in taken.values() if one.person_id not in known))
    if plan.is_empty:
        return 0
    wave_id = write_wave(session, plan, paper=paper, unit=unit, now=now)
    _note(session, wave_id, taken, zone=unit_zone(session, unit))
    _log.info("visits.asked", wave=wave_id, asked=plan.asked, skipped=len(plan.skipped))
    return plan.asked


def _may_follow(paper: Paper) -> bool:
    """Tell whether a questionnaire may follow a visit, whose row would name its person."""
    return not paper.content.anonymous


def _take(session: Session, visit_id: int) -> bool:
    """Take a visit that waits; False when another process was quicker. This is the lock."""
    taken = session.execute(
        update(Visit)
        .where(col(Visit.id) == visit_id, col(Visit.asking) == words.WAITING)
        .values(asking=words.ASKED, ask_at=None)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def _note(session: Session, wave_id: int, taken: Mapping[int, Due], *, zone: str) -> None:
    """Tie each visit to its invitee, who is told which one is meant; or say why nobody is asked."""
    invitees = session.execute(
        select(
            col(Invitee.id), col(Invitee.person_id), col(Invitee.state), col(Invitee.reason)
        ).where(col(Invitee.wave_id) == wave_id)
    ).all()
    for invitee_id, person_id, state, reason in invitees:
        one = taken[person_id]
        values = {"invitee_id": invitee_id}
        if state == words.SKIPPED:
            values |= {"asking": words.SKIPPED, "reason": reason}
        session.execute(
            update(Visit)
            .where(col(Visit.id) == one.visit_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Invitee)
            .where(col(Invitee.id) == invitee_id)
            .values(about=one.kind, about_on=local_day(one.at, zone))
            .execution_options(synchronize_session=False)
        )


def _skip(session: Session, visit_id: int, reason: str) -> None:
    session.execute(
        update(Visit)
        .where(col(Visit.id) == visit_id, col(Visit.asking) == words.WAITING)
        .values(asking=words.SKIPPED, reason=reason, ask_at=None)
        .execution_options(synchronize_session=False)
    )


def _skip_all(session: Session, due: Iterable[Due], reason: str) -> None:
    for one in due:
        _skip(session, one.visit_id, reason)


def _put_aside(session: Session, due: Iterable[Due]) -> None:
    """Skip visits that were taken, of people who are no customers of any unit any more."""
    for one in due:
        session.execute(
            update(Visit)
            .where(col(Visit.id) == one.visit_id)
            .values(asking=words.SKIPPED, reason=words.NOT_LINKED)
            .execution_options(synchronize_session=False)
        )
