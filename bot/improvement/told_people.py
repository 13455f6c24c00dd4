"""Who hears what was done: everybody who was asked, whether or not they answered, and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from bot.core.dialogue import CUSTOMER, PARTNER, STAFF
from bot.core.schedule import local_to_utc
from bot.improvement.desk import kind_moment, zone_for
from bot.people.tables import Person
from bot.surveys.planning import QuietHours
from bot.surveys.tables import Invitee, QuestionnaireVersion, Wave

AUDIENCES = (CUSTOMER, STAFF, PARTNER)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who was asked and may be written to."""

    person_id: int
    language: str
    zone: str


def listeners(
    session: Session, unit_id: int, audience: str, *, asked_from: date, now: datetime
) -> list[Listener]:
    """Return everybody of an audience who was asked in a unit from a day on and can be reached.

    Who answered is not looked at: of anonymous questionnaires nobody knows, and nobody is told.
    """
    unit_zone = zone_for(session, None, unit_id)
    asked = (
        select(col(Invitee.person_id))
        .join(Wave, col(Wave.id) == col(Invitee.wave_id))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
        .where(
            col(Wave.unit_id) == unit_id,
            col(QuestionnaireVersion.audience) == audience,
            col(Invitee.state) != "skipped",
            col(Wave.planned_at) >= local_to_utc(asked_from, time(), unit_zone),
        )
    )
    rows = session.execute(
        select(col(Person.id), col(Person.language), col(Person.zone))
        .where(
            col(Person.id).in_(asked),
            col(Person.state) == "active",
            or_(col(Person.paused_until).is_(None), col(Person.paused_until) <= now),
        )
        .order_by(col(Person.id))
    )
    return [Listener(person_id, language, zone or unit_zone) for person_id, language, zone in rows]


def hearing_times(
    session: Session,
    people: Sequence[Listener],
    *,
    now: datetime,
    quiet: QuietHours,
    distance: timedelta,
) -> dict[int, datetime]:
    """Return when each may hear: out of quiet hours, so far from their last questionnaire."""
    asked = _last_asked(session, [one.person_id for one in people])
    found: dict[int, datetime] = {}
    known: dict[tuple[datetime, str], datetime] = {}
    for one in people:
        last = asked.get(one.person_id)
        early = now if last is None else max(now, last + distance)
        if (early, one.zone) not in known:
            known[early, one.zone] = kind_moment(early, one.zone, quiet)
        found[one.person_id] = known[early, one.zone]
    return found


def _last_asked(session: Session, people: Sequence[int]) -> Mapping[int, datetime]:
    found: dict[int, datetime] = {}
    for some in _portions(people):
        rows = session.execute(
            select(col(Invitee.person_id), func.max(col(Wave.planned_at)))
            .join(Wave, col(Wave.id) == col(Invitee.wave_id))
            .where(col(Invitee.person_id).in_(some), col(Invitee.state) != "skipped")
            .group_by(col(Invitee.person_id))
        )
        found |= {one[0]: one[1] for one in rows}
    return found


def _portions(people: Sequence[int]) -> Iterable[Sequence[int]]:
    return (people[start : start + _AT_ONCE] for start in range(0, len(people), _AT_ONCE))
