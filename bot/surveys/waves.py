"""Waves as rows: one sending of a questionnaire to the people of a unit, planned in one piece.

Everybody of the audience gets an invitee row, asked or skipped with a reason. Whoever is asked
also gets a run under a random key and a promised card, all in the same transaction.
"""

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, insert, select
from sqlmodel import Session, col

from bot.core import outbox
from bot.core.outbox import Lane
from bot.core.schedule import local_day
from bot.people.registry import the_organisation
from bot.people.tables import Role, Unit
from bot.people.zones import zone_of
from bot.reach import contact
from bot.reach.contact import Contact, Occasion
from bot.reach.moments import first_moment
from bot.surveys import planning
from bot.surveys.desk import StandingOf, SurveyDesk
from bot.surveys.run_writing import write_runs
from bot.surveys.segment_writing import write_segments
from bot.surveys.segments import Kind
from bot.surveys.tables import Invitee, QuestionnaireVersion, Run, Wave
from bot.surveys.tickets import new_secret
from bot.surveys.versions import Paper

CARD, REMINDER = "card", "reminder"


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would be asked, when their card comes, and who is skipped why.

    ``promised`` are the items that the unit's customers are promised something about, ``left_out``
    the dimensions nobody is asked about; ``standing_of`` is the desk's, for drawing the forms;
    ``kinds`` says what kind of customers some of these people are.
    """

    contacts: tuple[Contact, ...]
    occasion: Occasion
    promised: frozenset[str] = frozenset()
    standing_of: StandingOf | None = None
    left_out: frozenset[str] = frozenset()
    kinds: Mapping[int, Kind] = field(default_factory=dict)

    @property
    def due(self) -> list[tuple[int, datetime]]:
        """Whoever is asked, and when."""
        return [(one.person_id, one.due_at) for one in self.contacts if one.due_at is not None]

    @property
    def skipped(self) -> list[tuple[int, str]]:
        """Whoever is not asked, and why."""
        return [(one.person_id, one.reason) for one in self.contacts if one.due_at is None]

    @property
    def expires_at(self) -> datetime:
        """When it closes."""
        return self.occasion.times.until

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
        return not self.contacts


def plan_for(
    session: Session,
    desk: SurveyDesk,
    *,
    paper: Paper,
    unit: Unit,
    now: datetime,
    at_once: bool = False,
    only: Collection[int] | None = None,
    anywhere: bool = False,
    expires_at: datetime | None = None,
) -> Plan:
    """Work out who would be asked now, and write nothing.

    ``at_once`` sets aside quiet hours, window, contact budget and open questionnaires; whoever
    has stopped, paused or blocked is skipped all the same. ``only`` these people are looked at, who
    may be of the audience in another unit where ``anywhere`` says so; ``expires_at`` is when it
    closes, if not as the questionnaire says.
    """
    content = paper.content
    holders = _holders(content.audience, None if anywhere else unit, only=only)
    people = frozenset(session.scalars(holders))
    occasion = Occasion(
        what=content.id,
        role=content.audience,
        unit=unit,
        times=planning.times_of(
            content, until=expires_at or now + timedelta(days=content.expires_days)
        ),
        every_days=planning.usual_days(content.cadence),
        limit=planning.limit_of(content),
        at_once=at_once,
        busy=_busy(session, holders, now),
    )
    contacts = contact.look(session, desk.reach, occasion, people, now=now)
    today = local_day(now, unit_zone(session, unit))
    promised = frozenset(desk.promised(session, unit.id or 0, today))
    return Plan(
        tuple(contacts),
        occasion,
        promised,
        standing_of=desk.standing_of,
        left_out=desk.library.left_out,
        kinds=desk.kinds(session, unit.id or 0, [one.person_id for one in contacts if one.due_at]),
    )


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
    days = paper.content.reminders
    wave = Wave(
        schedule_id=schedule_id,
        version_id=paper.version_id,
        unit_id=unit.id or 0,
        due_on=due_on or local_day(now, unit_zone(session, unit)),
        planned_at=now,
        expires_at=plan.expires_at,
        remind_at=now + timedelta(days=days[0]) if days else None,
        seed=seed_of(session, paper, unit),
        ticket_secret=new_secret() if paper.content.anonymous else "",
    )
    session.add(wave)
    session.flush()
    fill(session, wave, plan, paper=paper, now=now)
    return wave.id or 0


def fill(session: Session, wave: Wave, plan: Plan, *, paper: Paper, now: datetime) -> None:
    """Write the people of a plan into a wave: who is skipped, and runs and cards of the others."""
    _write_skipped(session, wave, plan)
    if not plan.due:
        return
    invitees = _write_asked(session, wave, plan)
    people = write_runs(
        session,
        wave,
        invitees,
        paper=paper,
        promised=plan.promised,
        left_out=plan.left_out,
        standing_of=plan.standing_of,
        today=local_day(now, unit_zone(session, plan.occasion.unit)),
    )
    write_segments(session, people, kinds=plan.kinds, anonymous=paper.content.anonymous)
    _promise_cards(session, plan, invitees)
    contact.note(session, plan.occasion, plan.contacts)


def promise_reminders(
    session: Session, desk: SurveyDesk, wave: Wave, *, paper: Paper, plan: Plan
) -> None:
    """Promise all reminders of the people of a plan now, where each was asked at another time.

    Who has answered by then gets none: that is looked at when it is sent.
    """
    people = dict(plan.due)
    rows = session.execute(
        select(col(Invitee.id), col(Invitee.person_id)).where(
            col(Invitee.wave_id) == wave.id, col(Invitee.person_id).in_(people)
        )
    )
    asked = [(invitee, person, people[person]) for invitee, person in rows]
    for number in range(1, len(paper.content.reminders) + 1):
        promise_reminder(
            session,
            desk,
            wave,
            paper=paper,
            number=number,
            asked=asked,
            now=min(people.values(), default=wave.planned_at),
        )


def promise_reminder(
    session: Session,
    desk: SurveyDesk,
    wave: Wave,
    *,
    paper: Paper,
    number: int,
    asked: Sequence[tuple[int, int, datetime]],
    now: datetime,
) -> int:
    """Promise one reminder to people, as (invitee, person, when asked); return how many.

    It comes so many days after the card as the questionnaire says, at an hour that suits the
    person; whoever takes a break or is away until it closes gets none.
    """
    unit = session.get_one(Unit, wave.unit_id)
    times = planning.times_of(paper.content, until=wave.expires_at)
    habits = contact.habits_of(session, desk.reach, [person for _, person, _ in asked], unit)
    days = timedelta(days=paper.content.reminders[number - 1])
    rows: list[dict[str, Any]] = []
    for invitee, person, asked_at in asked:
        early = max(now, asked_at + days)
        due = first_moment(early, habits[person], times, desk.reach.quiet).due_at
        if due is not None:
            rows.append(_reminder_row(invitee, person, number=number, due=due, wave=wave))
    outbox.plan_many(session, rows)
    return len(rows)


def _reminder_row(
    invitee: int, person: int, *, number: int, due: datetime, wave: Wave
) -> dict[str, Any]:
    return {
        "key": f"{REMINDER}{number}:{invitee}",
        "kind": REMINDER,
        "subject": str(invitee),
        "lane": int(Lane.QUESTIONNAIRE),
        "person_id": person,
        "due_at": due,
        "expires_at": wave.expires_at,
    }


def unit_zone(session: Session, unit: Unit) -> str:
    """Return the zone a unit's calendar goes by."""
    return zone_of(None, unit, the_organisation(session))


def _holders(
    audience: str, unit: Unit | None, *, only: Collection[int] | None = None
) -> Select[int]:
    """Select who is of an audience in a unit, or anywhere; of some people where they are named."""
    query = select(col(Role.person_id)).where(col(Role.kind) == audience)
    if unit is not None:
        query = query.where(col(Role.unit_id) == unit.id)
    return query if only is None else query.where(col(Role.person_id).in_(only))


def _busy(session: Session, people: Select[int], now: datetime) -> frozenset[int]:
    """Return which of these people have another questionnaire open.

    Whoever is skipped for it can be read in the list of a wave. So of an anonymous one it does not
    matter whether they have answered it: it counts as open until it closes for all.
    """
    asked = (
        select(col(Invitee.person_id))
        .join(Wave, col(Wave.id) == col(Invitee.wave_id))
        .where(
            col(Invitee.person_id).in_(people),
            col(Invitee.state) == "asked",
            col(Wave.expires_at) > now,
        )
    )
    by_name = asked.join(Run, col(Run.invitee_id) == col(Invitee.id))
    found = set(session.scalars(by_name.where(col(Run.state) == "open")))
    return frozenset(found | set(session.scalars(asked.where(col(Wave.ticket_secret) != ""))))


def _write_skipped(session: Session, wave: Wave, plan: Plan) -> None:
    rows = [
        {"wave_id": wave.id, "person_id": person, "state": "skipped", "reason": reason}
        for person, reason in plan.skipped
    ]
    if rows:
        session.execute(insert(Invitee), rows)


def _write_asked(session: Session, wave: Wave, plan: Plan) -> list[tuple[int, int]]:
    """Return (invitee id, person id) of everybody who is asked."""
    rows = [
        {"wave_id": wave.id, "person_id": person, "state": "asked", "reason": ""} | {"due_at": due}
        for person, due in plan.due
    ]
    made = session.execute(insert(Invitee).returning(col(Invitee.id), col(Invitee.person_id)), rows)
    return [(invitee, person) for invitee, person in made]


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


def seed_of(session: Session, paper: Paper, unit: Unit) -> int:
    """Return the seed of this questionnaire's rotation in this unit; the first wave draws it."""
    before = session.scalar(
        select(col(Wave.seed))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
        .where(col(Wave.unit_id) == unit.id, col(QuestionnaireVersion.name) == paper.content.id)
        .order_by(col(Wave.id).desc())
        .limit(1)
    )
    return secrets.randbelow(2**53) if before is None else before
