"""When somebody may be asked: hours, days and absences put together. Rules without a database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from bot.core.schedule import (
    Span,
    have_common_hours,
    local_day,
    local_to_utc,
    next_moment,
)
from bot.reach.calendars import Calendar

PAUSED, AWAY, NO_TIME = "paused", "away", "no_time"
ALL_DAY: Span = (time(), time())


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which nothing is sent unasked, for everybody."""

    start: int = 21
    end: int = 8

    @property
    def open(self) -> Span:
        """The hours that are not quiet."""
        return time(self.end), time(self.start)


@dataclass(frozen=True, slots=True)
class Habits:
    """A person's clock, calendar and wishes. ``weekdays`` empty means every day.

    ``open`` are the hours in which the person wishes to be written to; ``shift`` the hours they
    work, which count for what they are asked as staff, and so do ``shift_days``.
    """

    zone: str = "UTC"
    calendar: Calendar = field(default_factory=Calendar)
    weekdays: frozenset[int] = frozenset()
    open: Span = ALL_DAY
    shift_days: frozenset[int] = frozenset()
    shift: Span = ALL_DAY
    away_until: date | None = None
    paused_until: datetime | None = None

    def is_away(self, now: datetime) -> bool:
        """Tell whether the person is absent on the day their calendar shows."""
        return self.away_until is not None and self.away_until >= local_day(now, self.zone)


@dataclass(frozen=True, slots=True)
class Times:
    """When something may arrive: local hours, weekdays (none named: all), and until when."""

    until: datetime
    window: Span = ALL_DAY
    weekdays: frozenset[int] = frozenset()
    at_work: bool = False


class Moment(NamedTuple):
    """When somebody may be asked, or why there is no such moment."""

    due_at: datetime | None
    reason: str = ""


def first_moment(now: datetime, who: Habits, times: Times, quiet: QuietHours) -> Moment:
    """Return the first moment from now on at which somebody may be asked.

    Quiet hours, pause, absence, holidays and the person's own days and hours always hold. The
    shift gives way where it leaves no moment before ``until``: a question in the break before a
    night shift is better than none. The window gives way where it has no hour in common with the
    hours in which the person may be written to at all.
    """
    if who.paused_until is not None and who.paused_until > now:
        return Moment(None, PAUSED)
    earliest = now
    if who.away_until is not None and who.is_away(now):
        earliest = local_to_utc(who.away_until + timedelta(days=1), time(), who.zone)
    if earliest >= times.until:
        return Moment(None, AWAY)
    kind = [quiet.open, who.open]
    spans = [*kind, times.window] if have_common_hours([*kind, times.window]) else kind
    days = [who.weekdays, times.weekdays]
    found = None
    if times.at_work:
        at_work = [*days, who.shift_days]
        found = _search(earliest, who, until=times.until, spans=[*spans, who.shift], days=at_work)
    found = found or _search(earliest, who, until=times.until, spans=spans, days=days)
    return Moment(found) if found is not None else Moment(None, NO_TIME)


def _search(
    earliest: datetime,
    who: Habits,
    *,
    until: datetime,
    spans: Sequence[Span],
    days: Sequence[frozenset[int]],
) -> datetime | None:
    def may_come(day: date) -> bool:
        fits = all(day.weekday() in chosen for chosen in days if chosen)
        return fits and who.calendar.is_open(day)

    return next_moment(earliest, who.zone, spans=spans, may_come=may_come, until=until)
