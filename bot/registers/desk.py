"""What standards and promises need besides the database; the figures are handed in from above."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from sqlmodel import Session

from bot.core.schedule import local_day, next_allowed
from bot.people.registry import the_organisation
from bot.people.tables import Unit
from bot.people.zones import zone_of
from bot.reach.desk import ReachDesk
from bot.reach.moments import QuietHours
from bot.surveys.definition import POINTS
from bot.surveys.versions import Library


class Delivered(NamedTuple):
    """What is delivered of an item, as far as it may be shown; None where it may not.

    ``reached`` is the 80th percentile of staff's ratings, ``rated`` their mean by ``raters``
    ratings; ``measured`` is the mean level of measurements, of which there are ``measurements``.
    All are on a scale of so many ``points``.
    """

    reached: int | None = None
    rated: float | None = None
    raters: int = 0
    measured: float | None = None
    measurements: int = 0
    points: int = POINTS


class Disagreement(NamedTuple):
    """An item whose delivery staff rate otherwise than it is measured, by more than a point."""

    item: str
    rated: float
    measured: float


WORKING_HOURS = (time(9), time(18))

DeliveredMany = Callable[[Session, int | None, datetime], Mapping[str, Delivered]]
Disagreements = Callable[[Session, int, datetime], Sequence[Disagreement]]


def _nothing_known(
    session: Session,  # noqa: ARG001
    unit_id: int | None,  # noqa: ARG001
    now: datetime,  # noqa: ARG001
) -> Mapping[str, Delivered]:
    return {}


def _none_known(
    session: Session,  # noqa: ARG001
    unit_id: int,  # noqa: ARG001
    now: datetime,  # noqa: ARG001
) -> Sequence[Disagreement]:
    return ()


@dataclass(frozen=True, slots=True)
class RegisterDesk:
    """The questionnaires, the rules of contact, and what is known of delivery.

    ``delivered`` tells it for each item of a unit, or of the whole organisation (None).
    """

    library: Library = field(default_factory=Library)
    reach: ReachDesk = field(default_factory=ReachDesk)
    delivered: DeliveredMany = _nothing_known
    disagreements: Disagreements = _none_known

    @property
    def quiet(self) -> QuietHours:
        """The hours in which nothing is sent unasked."""
        return self.reach.quiet


def zone_for(session: Session, unit_id: int | None) -> str:
    """Return the zone by which a unit, or the organisation, counts days."""
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    return zone_of(None, unit, the_organisation(session))


def today_in(session: Session, unit_id: int | None, now: datetime) -> date:
    """Return the date on the calendar of a unit, or of the organisation."""
    return local_day(now, zone_for(session, unit_id))


def kind_moment(now: datetime, zone: str, quiet: QuietHours) -> datetime:
    """Return the first moment, this one or later, that lies in working hours and is not quiet."""
    return next_allowed(
        now,
        zone,
        window_from=WORKING_HOURS[0],
        window_to=WORKING_HOURS[1],
        quiet_from=quiet.start,
        quiet_until=quiet.end,
    )
