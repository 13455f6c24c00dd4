"""Wall clock and UTC: when a local time comes, and when somebody may be written to unasked.

Due times are rows in UTC; this module is the only place that turns a local date and time into one.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[time, time]
"""Local times from the first on until before the second: over midnight where that is the earlier
one, the whole day where both are the same."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""What files and other systems say to have been before this is a mistake, as of an unset clock."""

_SECOND = timedelta(seconds=1)
_DAYS_AHEAD = 4  # a zone may skip a whole day, so two days ahead are not always enough


def local_to_utc(day: date, at: time, zone: str) -> datetime:
    """Return the first instant at which the clocks of a zone show this time or a later one.

    Where the clock shows a time twice (autumn) that is the first pass; where it jumps over a time
    (spring, or a whole day) the first instant after the jump. So each local date comes once.

    >>> local_to_utc(date(2026, 3, 29), time(2, 30), "Europe/Berlin").isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    clock = ZoneInfo(zone)
    wanted = datetime.combine(day, at)
    moment = wanted.replace(tzinfo=clock, fold=0).astimezone(UTC)
    if _shown(moment, clock) == wanted:
        return moment
    early = wanted.replace(tzinfo=clock, fold=1).astimezone(UTC)
    return _jump_between(early, moment, clock)


def local_day(moment: datetime, zone: str) -> date:
    """Return the date that the calendars of a zone show at this moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def is_quiet(moment: datetime, zone: str, *, quiet_from: int, quiet_until: int) -> bool:
    """Tell whether this moment lies in the quiet hours of a zone.

    From one local hour until another, over midnight where the first is the later one; no hour is
    quiet where both are the same.
    """
    shown = _shown(moment, ZoneInfo(zone)).time()
    return quiet_from != quiet_until and _within(shown, _hour(quiet_from), _hour(quiet_until))


def next_allowed(
    moment: datetime,
    zone: str,
    *,
    window_from: time,
    window_to: time,
    quiet_from: int,
    quiet_until: int,
) -> datetime:
    """Return the first moment, this one or later, inside the local window and not quiet.

    A window may go over midnight; one that ends where it begins is the whole day. Where the quiet
    hours leave nothing of the window, they win, and their end is taken.
    """

    def allowed(at: time) -> bool:
        quiet = quiet_from != quiet_until and _within(at, _hour(quiet_from), _hour(quiet_until))
        return _within(at, window_from, window_to) and not quiet

    clock = ZoneInfo(zone)
    shown = _shown(moment, clock)
    if allowed(shown.time()):
        return moment
    starts = [at for at in (window_from, _hour(quiet_until)) if allowed(at)]
    ahead = (
        local_to_utc(shown.date() + timedelta(days=days), at, zone)
        for days in range(_DAYS_AHEAD)
        for at in starts or [_hour(quiet_until)]
    )
    return min(one for one in ahead if one >= moment)


def next_moment(
    moment: datetime,
    zone: str,
    *,
    spans: Sequence[Span],
    may_come: Callable[[date], bool],
    until: datetime,
) -> datetime | None:
    """Return the first moment from this one on that lies in every span, on a day that may be.

    None where there is none before ``until``. What counts is the date the clocks show.
    """
    clock = ZoneInfo(zone)

    def fits(one: datetime) -> bool:
        shown = _shown(one, clock)
        return may_come(shown.date()) and _within_all(shown.time(), spans)

    if moment < until and fits(moment):
        return moment
    starts = _starts(spans)
    day, last = local_day(moment, zone), local_day(until, zone)
    while day <= last:
        for at in starts if may_come(day) else ():
            for one in (local_to_utc(day, at, zone), _second_pass(day, at, clock)):
                if moment <= one < until and fits(one):
                    return one
        day += timedelta(days=1)
    return None


def have_common_hours(spans: Sequence[Span]) -> bool:
    """Tell whether there is a time of day that lies in every span."""
    return bool(_starts(spans))


def _starts(spans: Sequence[Span]) -> list[time]:
    """Return the times at which all spans may begin to hold together, midnight among them."""
    return sorted(at for at in {time(), *(span[0] for span in spans)} if _within_all(at, spans))


def _second_pass(day: date, at: time, clock: ZoneInfo) -> datetime:
    """Return when the clocks show a time for the second time, in autumn; else the only time."""
    return datetime.combine(day, at, tzinfo=clock).replace(fold=1).astimezone(UTC)


def _within_all(at: time, spans: Sequence[Span]) -> bool:
    return all(_within(at, *span) for span in spans)


def _shown(moment: datetime, clock: ZoneInfo) -> datetime:
    """Return what the clocks show, as a naive local time."""
    return moment.astimezone(clock).replace(tzinfo=None, fold=0)


def _within(at: time, start: time, end: time) -> bool:
    """Tell whether a time lies in [start, end), which may go over midnight or be the whole day."""
    return start <= at < end if start < end else at >= start or at < end


def _hour(hour: int) -> time:
    return time(hour)


def _jump_between(early: datetime, late: datetime, clock: ZoneInfo) -> datetime:
    """Find the instant in (early, late] from which the clocks show the later one's offset."""
    before = early.astimezone(clock).utcoffset()
    while late - early > _SECOND:
        middle = early + ((late - early) // 2 // _SECOND) * _SECOND
        if middle.astimezone(clock).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0) if late.microsecond else late
