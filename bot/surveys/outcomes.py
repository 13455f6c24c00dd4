"""What became of what people were to be asked, counted by week: the figures of ``/reach``.

How many were asked, reached and passed over is told of any wave: whoever sends knows it. What
people did is told of waves of at least ``FLOOR`` people, and each count from ``FLOOR`` on; of an
anonymous questionnaire once it is closed, so that nobody can watch a number grow by one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, literal, select
from sqlmodel import Session, col

from bot.core.tables import Delivery
from bot.people.tables import Role
from bot.reach.tables import Contact, ContactSkipped
from bot.reach.words import REASONS
from bot.surveys.tables import Answer, Invitee, QuestionnaireVersion, Run, Wave
from bot.surveys.waves import CARD

FLOOR = 5

BESIDE: Mapping[str, str] = {"rule": "staff", "forecast": "manager", "settled": "customer"}
"""What is asked beside questionnaires, and of whom."""

_ARRIVED = ("sent", "uncertain", "cancelled")  # cancelled: fetched with /questions before it came


@dataclass(frozen=True, slots=True)
class Deeds:
    """What people did with waves that may be told of; None where the count is below the floor."""

    seen: int | None
    started: int | None
    finished: int | None


@dataclass(slots=True)
class Outcome:
    """One questionnaire in one week: numbers of people.

    ``deeds`` is None where nothing may be told; ``is_open`` that this is so until it closes.
    """

    name: str
    asked: int = 0
    sent: int = 0
    blocked: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    deeds: Deeds | None = None
    is_open: bool = False

    def add(self, numbers: Mapping[str, Any]) -> None:
        """Add what was counted of a wave."""
        self.asked += numbers["asked"]
        self.sent += numbers["sent"]
        self.blocked += numbers["blocked"]
        self.skipped.update(numbers["skipped"])


@dataclass(frozen=True, slots=True)
class WaveCounts:
    """What is counted of one wave."""

    name: str
    anonymous: bool
    closed: bool
    asked: int
    seen: int
    started: int
    finished: int


def deeds_of(waves: Sequence[WaveCounts]) -> Deeds | None:
    """Add up what may be told of what people did; None where nothing may.

    Waves below the floor are left out of the sum as well: else the sum less the others would tell.
    """
    told = [one for one in waves if one.asked >= FLOOR and (one.closed or not one.anonymous)]
    if not told:
        return None
    return Deeds(
        seen=_floored(sum(one.seen for one in told)),
        started=_floored(sum(one.started for one in told)),
        finished=_floored(sum(one.finished for one in told)),
    )


def outcomes(session: Session, units: Sequence[int], *, week: date) -> list[Outcome]:
    """Return what became of everything that was due in a week in these units."""
    found: dict[str, Outcome] = {}
    waves: dict[str, list[WaveCounts]] = defaultdict(list)
    for one in _waves(session, units, week):
        waves[one.name].append(one)
    for name, counted in waves.items():
        found[name] = Outcome(
            name,
            deeds=deeds_of(counted),
            is_open=any(one.asked >= FLOOR and not one.closed for one in counted),
        )
    for name, numbers in _counted_then(session, units, week):
        found.setdefault(name, Outcome(name)).add(numbers)
    _count_invitees(session, _due_in(units, week), found)
    for name, role in BESIDE.items():
        beside = _beside(session, units, week, name=name, role=role)
        if beside.asked or beside.skipped:
            found[name] = beside
    return sorted(found.values(), key=lambda one: (one.name in BESIDE, one.name))


def counted(session: Session, wave_id: int) -> dict[str, Any]:
    """Count of one wave what ``Outcome.add`` takes, as plain values that outlast its invitees."""
    found: dict[str, Outcome] = {}
    _count_invitees(session, (col(Wave.id) == wave_id,), found)
    one = next(iter(found.values()), Outcome(""))
    return {
        "asked": one.asked,
        "sent": one.sent,
        "blocked": one.blocked,
        "skipped": dict(one.skipped),
    }


def _counted_then(
    session: Session, units: Sequence[int], week: date
) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Return what was counted of waves that no longer know whom they asked."""
    rows = session.execute(
        select(col(QuestionnaireVersion.name), col(Wave.counted))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
        .where(*_due_in(units, week), col(Wave.counted).is_not(None))
    )
    return [(name, numbers or {}) for name, numbers in rows]


def _floored(count: int) -> int | None:
    return count if count >= FLOOR else None


def _waves(session: Session, units: Sequence[int], week: date) -> Iterable[WaveCounts]:
    answered = exists().where(col(Answer.run_key) == col(Run.key))
    touched = (col(Run.state).in_(("finished", "stopped"))) | (col(Run.position) > 0) | answered
    rows = session.execute(
        select(
            col(QuestionnaireVersion.name),
            col(QuestionnaireVersion.anonymous),
            col(Wave.closed),
            func.count(),
            func.sum(case((touched, 1), else_=0)),
            func.sum(case((answered, 1), else_=0)),
            func.sum(case((col(Run.state) == "finished", 1), else_=0)),
        )
        .join(Wave, col(Wave.id) == col(Run.wave_id))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
        .where(*_due_in(units, week))
        .group_by(
            col(Wave.id),
            col(QuestionnaireVersion.name),
            col(QuestionnaireVersion.anonymous),
            col(Wave.closed),
        )
    )
    return [WaveCounts(*row[:3], *(int(count) for count in row[3:])) for row in rows]


def _count_invitees(
    session: Session, waves: Sequence[ColumnElement[bool]], found: dict[str, Outcome]
) -> None:
    """Count who was asked, whom the card reached, and who was passed over and why."""
    key = literal(f"{CARD}:").concat(col(Invitee.id))
    rows = session.execute(
        select(
            col(QuestionnaireVersion.name),
            col(Invitee.reason),
            col(Delivery.state),
            col(Delivery.note),
            func.count(),
        )
        .join(Wave, col(Wave.id) == col(Invitee.wave_id))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
        .outerjoin(Delivery, col(Delivery.key) == key)
        .where(*waves)
        .group_by(
            col(QuestionnaireVersion.name),
            col(Invitee.reason),
            col(Delivery.state),
            col(Delivery.note),
        )
    )
    for name, reason, state, note, count in rows:
        one = found.setdefault(name, Outcome(name))
        if reason:
            one.skipped[reason] += count
            continue
        one.asked += count
        one.sent += count if state in _ARRIVED else 0
        one.blocked += count if state == "blocked" else 0
        if state == "expired":
            one.skipped[note if note in REASONS else "no_time"] += count


def _beside(session: Session, units: Sequence[int], week: date, *, name: str, role: str) -> Outcome:
    days = (col(Contact.on_day) >= week, col(Contact.on_day) < week + timedelta(days=7))
    here = exists().where(
        col(Role.person_id) == col(Contact.person_id),
        col(Role.kind) == role,
        col(Role.unit_id).in_(units),
    )
    asked = session.scalar(
        select(func.count()).select_from(Contact).where(col(Contact.what) == name, *days, here)
    )
    rows = session.execute(
        select(col(ContactSkipped.reason), func.count())
        .where(
            col(ContactSkipped.what) == name,
            col(ContactSkipped.unit_id).in_(units),
            col(ContactSkipped.week) == week,
        )
        .group_by(col(ContactSkipped.reason))
    )
    found = Outcome(name, asked=asked or 0)
    for reason, count in rows:
        found.skipped[reason] += count
    return found


def _due_in(units: Sequence[int], week: date) -> tuple[ColumnElement[bool], ...]:
    return (
        ~col(Wave.pooled),
        col(Wave.unit_id).in_(units),
        col(Wave.due_on) >= week,
        col(Wave.due_on) < week + timedelta(days=7),
    )
