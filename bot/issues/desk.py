"""What the handlers and ticks of issues share: quiet hours, deadlines, how an action is made."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlmodel import Session

from bot.core.schedule import local_day
from bot.improvement.desk import kind_moment, zone_for
from bot.settings import Settings
from bot.surveys.planning import QuietHours


class ActionMaker(Protocol):
    """Makes an action of an issue; handed in, so that issues need not know how."""

    def __call__(
        self,
        session: Session,
        *,
        unit_id: int,
        title: str,
        source: str,
        person_id: int,
        now: datetime,
    ) -> int | None:
        """Return the action's id; None when none was made. ``source`` is like ``issue 123456``."""


@dataclass(frozen=True, slots=True)
class IssueDesk:
    """The rules of time, and the way from an issue to an action where there is one."""

    quiet: QuietHours = field(default_factory=QuietHours)
    acknowledge_within: timedelta = timedelta(days=3)
    resolve_within: timedelta = timedelta(days=21)
    make_action: ActionMaker | None = None

    def kind_moment(
        self, session: Session, person_id: int, unit_id: int, *, now: datetime
    ) -> datetime:
        """Return when somebody may be written to about what is not urgent."""
        return kind_moment(now, zone_for(session, person_id, unit_id), self.quiet)


def issue_desk(settings: Settings, make_action: ActionMaker | None = None) -> IssueDesk:
    """Make the desk that the settings describe."""
    return IssueDesk(
        quiet=QuietHours(settings.quiet_from, settings.quiet_until),
        acknowledge_within=timedelta(days=settings.issue_acknowledge_days),
        resolve_within=timedelta(days=settings.issue_resolve_days),
        make_action=make_action,
    )


def unit_day(session: Session, unit_id: int, now: datetime) -> date:
    """Return the date on a unit's calendar: the only time that is kept of a report."""
    return local_day(now, zone_for(session, None, unit_id))
