"""May somebody be asked this, and when? The one way for all that is asked unasked.

``look`` answers for many people and writes nothing; ``note`` counts whoever is asked against the
budget; ``ask`` does both for a single person. What a questionnaire asks, a rule's question, a
forecast, whether a case is settled: all of it goes through here, and the budget counts it together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, delete, exists, select
from sqlmodel import Session, col

from bot.core.clock import monday_of
from bot.core.database import insert_into
from bot.core.schedule import local_day
from bot.people import consent
from bot.people.registry import find_organisation
from bot.people.tables import Person, Role, Unit
from bot.people.zones import zone_of
from bot.reach import cadence
from bot.reach.budget import REMEMBERED, Limit, allows
from bot.reach.calendars import Calendar
from bot.reach.desk import ReachDesk
from bot.reach.moments import ALL_DAY, AWAY, PAUSED, Habits, Moment, Times, first_moment
from bot.reach.tables import ClosedDay, ContactSkipped, UnitCalendar, Wish
from bot.reach.tables import Contact as ContactRow

STOPPED, BLOCKED, BUSY, BUDGET, SLOW = "stopped", "blocked", "busy", "budget", "slow"
CONSENT = "consent"
SOMETHING = "something"
"""What was asked, where it is no longer said."""

_PORTION = 500
_SKIPS_KEPT = timedelta(weeks=13)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is to be asked of whom: its name, the role in which, and the unit about which.

    ``every_days`` is how often it is asked at the usual pace; ``limit`` a tighter budget of its
    own. ``at_once`` sets aside hours, budget, pace and what is still open, never what the person
    decided. ``busy`` are people who have something open that keeps this away.
    """

    what: str
    role: str
    unit: Unit
    times: Times
    every_days: int = 1
    limit: Limit | None = None
    at_once: bool = False
    busy: Collection[int] = field(default_factory=frozenset)


class Contact(NamedTuple):
    """When somebody is asked; or, without a time, why they are not."""

    person_id: int
    due_at: datetime | None
    reason: str
    day: date


def look(
    session: Session,
    desk: ReachDesk,
    occasion: Occasion,
    people: Iterable[int],
    *,
    now: datetime,
) -> list[Contact]:
    """Say of each of these people when they may be asked, or why not; write nothing."""
    return [
        one
        for portion in _portions(sorted(set(people)))
        for one in _look(session, desk, occasion, portion, now=now)
    ]


def note(session: Session, occasion: Occasion, contacts: Iterable[Contact]) -> None:
    """Count whoever is asked against the budget: in the transaction that promises the message."""
    rows = [
        {"person_id": one.person_id, "on_day": one.day, "what": occasion.what}
        for one in contacts
        if one.due_at is not None
    ]
    for start in range(0, len(rows), _PORTION):
        portion = rows[start : start + _PORTION]
        session.execute(insert_into(session, ContactRow).values(portion).on_conflict_do_nothing())


def ask(
    session: Session, desk: ReachDesk, occasion: Occasion, person_id: int, *, now: datetime
) -> datetime | None:
    """Return when one person is to be asked, counted against the budget; None: not now.

    Then the reason is kept for the managers' ``/reach``; ask again later, it may have passed.
    """
    return ask_many(session, desk, occasion, [person_id], now=now).get(person_id)


def ask_many(
    session: Session, desk: ReachDesk, occasion: Occasion, people: Iterable[int], *, now: datetime
) -> dict[int, datetime]:
    """Return when each of these people is to be asked; who is missing is not asked now."""
    contacts = look(session, desk, occasion, people, now=now)
    note(session, occasion, contacts)
    _note_skipped(session, occasion, contacts, week=monday_of(now.date()))
    return {one.person_id: one.due_at for one in contacts if one.due_at is not None}


def was_skipped(what: str, *, week: date) -> ColumnElement[bool]:
    """Return the condition that the person and unit of a role were passed over in a week."""
    return exists().where(
        col(ContactSkipped.person_id) == col(Role.person_id),
        col(ContactSkipped.unit_id) == col(Role.unit_id),
        col(ContactSkipped.what) == what,
        col(ContactSkipped.week) == week,
    )


def habits_of(
    session: Session, desk: ReachDesk, people: Iterable[int], unit: Unit | None
) -> dict[int, Habits]:
    """Return people's clocks, calendars and wishes; those without their own have the unit's."""
    place = _Place(session, desk, unit)
    return {
        row.id: place.habits(row)
        for portion in _portions(sorted(set(people)))
        for row in session.execute(_PEOPLE.where(col(Person.id).in_(portion)))
    }


def forget_what(session: Session, people: Collection[int], what: str) -> None:
    """Keep of contacts only that there was one: on these days something was asked, not what."""
    theirs = (col(ContactRow.person_id).in_(people), col(ContactRow.what) == what)
    rows = [
        {"person_id": person_id, "on_day": day, "what": SOMETHING}
        for person_id, day in session.execute(
            select(col(ContactRow.person_id), col(ContactRow.on_day)).where(*theirs)
        )
    ]
    if rows:
        session.execute(insert_into(session, ContactRow).values(rows).on_conflict_do_nothing())
        session.execute(delete(ContactRow).where(*theirs))


def forget_old(session: Session, now: datetime) -> None:
    """Forget what no budget counts any more; for the hourly tick."""
    session.execute(delete(ContactRow).where(col(ContactRow.on_day) < (now - REMEMBERED).date()))
    session.execute(
        delete(ContactSkipped).where(col(ContactSkipped.week) < (now - _SKIPS_KEPT).date())
    )


def _note_skipped(
    session: Session, occasion: Occasion, contacts: Iterable[Contact], *, week: date
) -> None:
    """Keep why people were passed over; only what changed is written."""
    here = (
        col(ContactSkipped.unit_id) == occasion.unit.id,
        col(ContactSkipped.what) == occasion.what,
        col(ContactSkipped.week) == week,
    )
    kept = dict(
        session.execute(
            select(col(ContactSkipped.person_id), col(ContactSkipped.reason)).where(*here)
        ).all()
    )
    asked = [one.person_id for one in contacts if not one.reason and one.person_id in kept]
    for portion in _portions(asked):
        session.execute(
            delete(ContactSkipped).where(*here, col(ContactSkipped.person_id).in_(portion))
        )
    for one in contacts:
        if one.reason and kept.get(one.person_id) != one.reason:
            key = {
                "person_id": one.person_id,
                "what": occasion.what,
                "unit_id": occasion.unit.id,
                "week": week,
            }
            session.execute(
                insert_into(session, ContactSkipped)
                .values(**key, reason=one.reason)
                .on_conflict_do_update(index_elements=list(key), set_={"reason": one.reason})
            )


_PEOPLE: Any = select(
    col(Person.id),
    col(Person.state),
    col(Person.paused_until),
    col(Person.consent_version),
    col(Person.zone),
    col(Wish.days_apart),
    col(Wish.weekdays),
    col(Wish.quiet_from),
    col(Wish.quiet_until),
    col(Wish.away_until),
    col(Wish.shift_days),
    col(Wish.shift_from),
    col(Wish.shift_to),
    col(Wish.unheard),
).outerjoin(Wish, col(Wish.person_id) == col(Person.id))


class _Place:
    """A unit's zone and calendar, by which those count who have none of their own."""

    def __init__(self, session: Session, desk: ReachDesk, unit: Unit | None) -> None:
        self.zone = zone_of(None, unit, find_organisation(session))
        kept = session.get(UnitCalendar, unit.id) if unit is not None else None
        closed: Iterable[date] = ()
        if unit is not None:
            days = select(col(ClosedDay.day)).where(col(ClosedDay.unit_id) == unit.id)
            closed = session.scalars(days)
        self.calendar = Calendar(kept.country if kept else desk.country, frozenset(closed))

    def habits(self, row: Row[Any]) -> Habits:
        quiet_from, quiet_until = row.quiet_from, row.quiet_until
        return Habits(
            zone=row.zone or self.zone,
            calendar=self.calendar,
            weekdays=_digits(row.weekdays),
            open=(quiet_until, quiet_from) if quiet_from is not None else ALL_DAY,
            shift_days=_digits(row.shift_days),
            shift=(row.shift_from, row.shift_to) if row.shift_from is not None else ALL_DAY,
            away_until=row.away_until,
            paused_until=row.paused_until,
        )


def _look(
    session: Session,
    desk: ReachDesk,
    occasion: Occasion,
    people: Sequence[int],
    *,
    now: datetime,
) -> Iterable[Contact]:
    place = _Place(session, desk, occasion.unit)
    asked = _asked_on(session, people)
    limit = desk.limit_of(occasion.role).tightened(occasion.limit)
    known: dict[Habits, Moment] = {}
    rows = session.execute(_PEOPLE.where(col(Person.id).in_(people)).order_by(col(Person.id)))
    for row in rows:
        habits = place.habits(row)
        today = local_day(now, habits.zone)
        reason = _decided(row, habits, now)
        if occasion.at_once and habits.is_away(now):
            reason = reason or AWAY
        if reason or occasion.at_once:
            yield Contact(row.id, None if reason else now, reason, today)
            continue
        if habits not in known:
            known[habits] = first_moment(now, habits, occasion.times, desk.quiet)
        due_at, reason = known[habits]
        day = local_day(due_at, habits.zone) if due_at is not None else today
        own = limit.spaced(row.days_apart)
        reason = (
            (BUSY if row.id in occasion.busy else "")
            or ("" if allows(own, asked[row.id], day) else BUDGET)
            or reason
            or ("" if _in_pace(occasion, asked[row.id], day, row.unheard) else SLOW)
        )
        yield Contact(row.id, None if reason else due_at, reason, day)


def _decided(row: Row[Any], habits: Habits, now: datetime) -> str:
    """Return the reason that lies in what a person decided, which nothing sets aside."""
    if row.state in {STOPPED, BLOCKED}:
        return str(row.state)
    if not consent.is_current(row.consent_version):
        return CONSENT
    if habits.paused_until is not None and habits.paused_until > now:
        return PAUSED
    return ""


def _in_pace(occasion: Occasion, asked: Iterable[date], day: date, unheard: int | None) -> bool:
    """Tell whether somebody who does not react was left alone for long enough."""
    times = cadence.factor(unheard or 0)
    return times == 1 or all((day - one).days >= occasion.every_days * times for one in asked)


def _asked_on(session: Session, people: Sequence[int]) -> Mapping[int, list[date]]:
    rows = session.execute(
        select(col(ContactRow.person_id), col(ContactRow.on_day)).where(
            col(ContactRow.person_id).in_(people)
        )
    )
    found: dict[int, list[date]] = defaultdict(list)
    for person_id, day in rows:
        found[person_id].append(day)
    return found


def _digits(days: str | None) -> frozenset[int]:
    return frozenset(int(one) for one in days or "")


def _portions(people: Sequence[int]) -> Iterable[Sequence[int]]:
    return (people[start : start + _PORTION] for start in range(0, len(people), _PORTION))
