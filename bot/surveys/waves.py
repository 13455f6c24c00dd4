"""Waves as rows: one sending of a questionnaire to the people of a unit, planned in one piece.

Everybody of the audience gets an invitee row, asked or skipped with a reason. Whoever is asked
also gets a run under a random key and a promised card, all in the same transaction.
"""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import SystemRandom
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from bot.core import outbox
from bot.core.clock import monday_of
from bot.core.outbox import Lane
from bot.core.schedule import local_day
from bot.people.registry import the_organisation
from bot.people.tables import Person, Role, Unit
from bot.people.zones import zone_of
from bot.surveys import planning
from bot.surveys.desk import SurveyDesk
from bot.surveys.planning import Candidate
from bot.surveys.tables import Invitee, QuestionnaireVersion, Run, Wave
from bot.surveys.versions import Paper
from gapengine.allocation import Blueprint, form_for

CARD, REMINDER = "card", "reminder"
ANONYMOUS, NAMED = "anonymous-1", "named-1"
"""What was promised, with the number of its wording; stored with the run."""

_REMEMBERED_RUNS = 40  # how far back a named person's earlier questions are looked up


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would be asked, when their card comes, and who is skipped why.

    ``promised`` are the items that the unit's customers are promised something about.
    """

    due: tuple[tuple[int, datetime], ...]
    skipped: tuple[tuple[int, str], ...]
    expires_at: datetime
    promised: frozenset[str] = frozenset()

    @property
    def asked(self) -> int:
        """How many people are asked."""
        return len(self.due)

    @property
    def reasons(self) -> Counter[str]:
        """How many are skipped, by reason."""
        return Counter(reason for _, reason in self.skipped)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nobody of this audience at all."""
        return not self.due and not self.skipped


def plan_for(
    session: Session,
    desk: SurveyDesk,
    *,
    paper: Paper,
    unit: Unit,
    now: datetime,
    at_once: bool = False,
) -> Plan:
    """Work out who would be asked now, and write nothing.

    ``at_once`` sets aside quiet hours, window, contact budget and open questionnaires; whoever
    has stopped, paused or blocked is skipped all the same.
    """
    content = paper.content
    expires_at = now + timedelta(days=content.expires_days)
    hours: dict[str, datetime] = {}
    due: list[tuple[int, datetime]] = []
    skipped: list[tuple[int, str]] = []
    for one in _candidates(session, audience=content.audience, unit=unit, now=now):
        reason = planning.reason_to_skip(one, now=now, at_once=at_once)
        if one.zone not in hours:
            hours[one.zone] = (
                now
                if at_once
                else planning.card_due(now, one.zone, window=content.window, quiet=desk.quiet)
            )
        if not reason and hours[one.zone] >= expires_at:
            reason = planning.NO_TIME
        if reason:
            skipped.append((one.person_id, reason))
        else:
            due.append((one.person_id, hours[one.zone]))
    today = local_day(now, unit_zone(session, unit))
    promised = frozenset(desk.promised(session, unit.id or 0, today))
    return Plan(tuple(due), tuple(skipped), expires_at, promised)


def write_wave(
    session: Session,
    plan: Plan,
    *,
    paper: Paper,
    unit: Unit,
    now: datetime,
    schedule_id: int | None = None,
    due_on: date | None = None,
) -> int:
    """Make the wave of a plan, with its invitees, runs and promised cards; return its id."""
    today = local_day(now, unit_zone(session, unit))
    remind_after = paper.content.reminder_after_days
    wave = Wave(
        schedule_id=schedule_id,
        version_id=paper.version_id,
        unit_id=unit.id or 0,
        due_on=due_on or today,
        planned_at=now,
        expires_at=plan.expires_at,
        remind_at=now + timedelta(days=remind_after) if remind_after else None,
        seed=_seed(session, paper, unit),
    )
    session.add(wave)
    session.flush()
    _write_skipped(session, wave, plan)
    if plan.due:
        invitees = _write_asked(session, wave, plan)
        blueprint = paper.content.blueprint(promised=plan.promised)
        week = monday_of(today)
        _write_runs(session, wave, invitees, paper=paper, blueprint=blueprint, week=week)
        _promise_cards(session, plan, invitees)
    return wave.id or 0


def unit_zone(session: Session, unit: Unit) -> str:
    """Return the zone a unit's calendar goes by."""
    return zone_of(None, unit, the_organisation(session))


def _candidates(session: Session, *, audience: str, unit: Unit, now: datetime) -> list[Candidate]:
    organisation = the_organisation(session)
    people = select(col(Role.person_id)).where(
        col(Role.unit_id) == unit.id, col(Role.kind) == audience
    )
    zone = zone_of(None, unit, organisation)
    since = planning.budget_since(local_day(now, zone), zone)
    asked_lately = set(
        session.scalars(
            select(col(Invitee.person_id))
            .join(Wave, col(Wave.id) == col(Invitee.wave_id))
            .where(
                col(Invitee.person_id).in_(people),
                col(Invitee.state) != "skipped",
                col(Wave.planned_at) >= since,
            )
        )
    )
    busy = set(
        session.scalars(
            select(col(Invitee.person_id))
            .join(Run, col(Run.invitee_id) == col(Invitee.id))
            .join(Wave, col(Wave.id) == col(Invitee.wave_id))
            .where(
                col(Invitee.person_id).in_(people),
                col(Run.state) == "open",
                col(Wave.expires_at) > now,
            )
        )
    )
    rows = session.execute(
        select(col(Person.id), col(Person.state), col(Person.paused_until), col(Person.zone))
        .where(col(Person.id).in_(people))
        .order_by(col(Person.id))
    )
    return [
        Candidate(
            person_id, state, paused, own_zone or zone, person_id in asked_lately, person_id in busy
        )
        for person_id, state, paused, own_zone in rows
    ]


def _write_skipped(session: Session, wave: Wave, plan: Plan) -> None:
    rows = [
        {"wave_id": wave.id, "person_id": person, "state": "skipped", "reason": reason}
        | {"reminded": False}
        for person, reason in plan.skipped
    ]
    if rows:
        session.execute(insert(Invitee), rows)


def _write_asked(session: Session, wave: Wave, plan: Plan) -> list[tuple[int, int]]:
    """Return (invitee id, person id) of everybody who is asked."""
    rows = [
        {"wave_id": wave.id, "person_id": person, "state": "asked", "reason": ""}
        | {"due_at": due, "reminded": False}
        for person, due in plan.due
    ]
    made = session.execute(insert(Invitee).returning(col(Invitee.id), col(Invitee.person_id)), rows)
    return [(invitee, person) for invitee, person in made]


def _write_runs(
    session: Session,
    wave: Wave,
    invitees: Sequence[tuple[int, int]],
    *,
    paper: Paper,
    blueprint: Blueprint,
    week: date,
) -> None:
    """Make a run for everybody who is asked.

    Which number of the rotation a person gets is drawn by lot and not stored, and rows are written
    in the order of their random keys: after an anonymous run has closed, neither its form nor its
    place in the table leads back to the person.
    """
    anonymous = paper.content.anonymous
    recent = {} if anonymous else _asked_before(session, [person for _, person in invitees])
    start = _runs_so_far(session, wave, paper.content.id)
    numbers = list(range(start, start + len(invitees)))
    SystemRandom().shuffle(numbers)
    rows: list[dict[str, Any]] = []
    for number, (invitee_id, person_id) in zip(numbers, invitees, strict=True):
        form = form_for(
            blueprint, seed=wave.seed, sequence=number, recent=recent.get(person_id, ())
        )
        rows.append(
            {
                "key": secrets.token_hex(16),
                "invitee_id": invitee_id,
                "wave_id": wave.id,
                "version_id": wave.version_id,
                "unit_id": wave.unit_id,
                "week": week,
                "anonymous": anonymous,
                "promise": ANONYMOUS if anonymous else NAMED,
                "state": "open",
                "form": [list(question) for question in form.questions],
                "position": 0,
            }
        )
    session.execute(insert(Run), sorted(rows, key=lambda row: str(row["key"])))


def _promise_cards(session: Session, plan: Plan, invitees: Sequence[tuple[int, int]]) -> None:
    due = dict(plan.due)
    outbox.plan_many(
        session,
        [
            {
                "key": f"{CARD}:{invitee}",
                "kind": CARD,
                "subject": str(invitee),
                "lane": int(Lane.QUESTIONNAIRE),
                "person_id": person,
                "due_at": due[person],
                "expires_at": plan.expires_at,
            }
            for invitee, person in invitees
        ],
    )


def _seed(session: Session, paper: Paper, unit: Unit) -> int:
    """Return the seed of this questionnaire's rotation in this unit; the first wave draws it."""
    before = session.scalar(
        select(col(Wave.seed))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
        .where(col(Wave.unit_id) == unit.id, col(QuestionnaireVersion.name) == paper.content.id)
        .order_by(col(Wave.id).desc())
        .limit(1)
    )
    return secrets.randbelow(2**53) if before is None else before


def _runs_so_far(session: Session, wave: Wave, name: str) -> int:
    versions = select(col(QuestionnaireVersion.id)).where(col(QuestionnaireVersion.name) == name)
    counted = session.scalar(
        select(func.count())
        .select_from(Run)
        .where(col(Run.unit_id) == wave.unit_id, col(Run.version_id).in_(versions))
    )
    return counted or 0


def _asked_before(session: Session, people: Sequence[int]) -> dict[int, list[str]]:
    """Return what named people were asked in their latest runs, oldest first."""
    rows = session.execute(
        select(col(Invitee.person_id), col(Run.form))
        .join(Run, col(Run.invitee_id) == col(Invitee.id))
        .where(col(Invitee.person_id).in_(people), ~col(Run.anonymous))
        .order_by(col(Invitee.id).desc())
        .limit(_REMEMBERED_RUNS * len(people))
    )
    asked: dict[int, list[str]] = {}
    for person_id, form in reversed(rows.all()):
        asked.setdefault(person_id, []).extend(dict.fromkeys(item for item, _ in form))
    return asked
