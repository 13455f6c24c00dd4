"""Local wall-clock time against UTC, in every zone there is."""

import random
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.core.schedule import (
    have_common_hours,
    is_quiet,
    local_day,
    local_to_utc,
    next_allowed,
    next_moment,
)

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
FIRST, LAST = datetime(2008, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)


def _offset(moment: datetime, zone: str) -> timedelta:
    return moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


@cache
def _changes(zone: str) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return when a zone's offset changes, from what, to what: by halving steps of ten days."""
    changes = []
    moment, before = FIRST, _offset(FIRST, zone)
    while moment < LAST:
        following = moment + timedelta(days=10)
        if (after := _offset(following, zone)) != before:
            early, late = moment, following
            while late - early > timedelta(seconds=1):
                middle = early + (late - early) // 2
                middle = middle.replace(microsecond=0)
                if _offset(middle, zone) == before:
                    early = middle
                else:
                    late = middle
            changes.append((late, before, after))
        moment, before = following, after
    return changes


def _wanted(local: datetime, change: tuple[datetime, timedelta, timedelta]) -> datetime:
    """The rule near one change, from its definition: the earliest moment that shows local or later.

    Before the change the clocks show moment + before, from then on moment + after.
    """
    moment, before, after = change
    naive_utc = local.replace(tzinfo=UTC)
    first_pass = naive_utc - before
    return first_pass if first_pass < moment else max(moment, naive_utc - after)


def test_every_change_of_every_zone_follows_the_rule():
    """All zones, all changes of 2008 to 2030, at seven local times around each."""
    steps = [timedelta(minutes=minutes) for minutes in (-61, -1, 0, 1, 30, 60, 181)]
    checked = 0

    for zone in ZONES:
        for change in _changes(zone):
            moment, before, _ = change
            for step in steps:
                local = (moment + before).replace(tzinfo=None) + step
                found = local_to_utc(local.date(), local.time(), zone)
                assert found == _wanted(local, change), (zone, local)
                checked += 1

    assert checked > 30_000


def test_a_later_local_date_never_comes_earlier():
    drawn = random.Random(20260304)

    for zone in ZONES:
        at = time(drawn.randrange(24), drawn.choice([0, 1, 30]))
        for moment, before, _ in _changes(zone)[:6]:
            day = (moment + before).date() - timedelta(days=2)
            days = [local_to_utc(day + timedelta(days=d), at, zone) for d in range(5)]
            assert days == sorted(days), (zone, at, day)


@pytest.mark.parametrize(
    ("zone", "day", "at", "wanted"),
    [
        pytest.param(  # clocks jump from 02:00 to 03:00, which is 01:00 UTC
            "Europe/Berlin", (2026, 3, 29), (2, 30), (2026, 3, 29, 1, 0), id="Berlin's gap"
        ),
        pytest.param(  # 02:30 comes at UTC+2 first, an hour later at UTC+1
            "Europe/Berlin", (2026, 10, 25), (2, 30), (2026, 10, 25, 0, 30), id="Berlin's fold"
        ),
        pytest.param(  # midnight does not exist: clocks jump to 01:00, UTC-3
            "America/Santiago", (2026, 9, 6), (0, 0), (2026, 9, 6, 4, 0), id="Santiago's gap"
        ),
        pytest.param(  # the 30th does not exist: the 31st begins at 10:00 UTC
            "Pacific/Apia", (2011, 12, 30), (8, 0), (2011, 12, 30, 10, 0), id="Samoa's lost day"
        ),
        pytest.param("Pacific/Apia", (2011, 12, 31), (8, 0), (2011, 12, 30, 18, 0), id="next day"),
        pytest.param(  # Kwajalein left out 21 August 1993: the 22nd begins at 12:00 UTC of the 21st
            "Pacific/Kwajalein", (1993, 8, 21), (8, 0), (1993, 8, 21, 12, 0), id="Kwajalein's day"
        ),
        pytest.param("Asia/Kathmandu", (2026, 5, 1), (9, 0), (2026, 5, 1, 3, 15), id="quarters"),
    ],
)
def test_known_hours_of_known_places(
    zone: str, day: tuple[int, int, int], at: tuple[int, int], wanted: tuple[int, ...]
):
    assert local_to_utc(date(*day), time(*at), zone) == datetime(*wanted, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_a_time_with_fractions_in_a_gap_still_gives_the_first_instant_after_it():
    found = local_to_utc(date(2026, 3, 29), time(2, 30, 15, 250_000), "Europe/Berlin")

    assert found == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_the_day_of_a_moment_is_that_of_the_place():
    late = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)

    assert local_day(late, "Asia/Tokyo") == date(2026, 3, 5)
    assert local_day(late, "America/Lima") == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("hour_utc", "quiet"), [(19, False), (20, True), (23, True), (6, True), (7, False)]
)
def test_quiet_hours_go_over_midnight(hour_utc: int, quiet: bool):
    """Berlin in winter is UTC+1: quiet from 21 to 8 local is 20 to 7 UTC."""
    moment = datetime(2026, 1, 14, hour_utc, 0, tzinfo=UTC)

    assert is_quiet(moment, "Europe/Berlin", quiet_from=21, quiet_until=8) is quiet


def test_no_hour_is_quiet_where_quiet_begins_as_it_ends():
    moments = [datetime(2026, 1, 14, hour, tzinfo=UTC) for hour in range(24)]

    assert not any(is_quiet(one, "UTC", quiet_from=8, quiet_until=8) for one in moments)


def test_around_every_change_of_ten_years_the_first_moment_of_a_day_is_found_once():
    """All zones, all changes of 2026 to 2035 that the database foresees, and Samoa's lost day.

    Asked for the first moment of each day around a change on which clocks show 00:30 or later, each
    date that the calendars show gets one, in order; a date that does not exist gets none.
    """
    checked = 0
    for zone in ZONES:
        clock = ZoneInfo(zone)
        changes = [one[0] for one in _changes(zone) if one[0].year >= 2026]
        changes += [one[0] for one in _changes(zone) if one[2] - one[1] > timedelta(hours=12)]
        for moment in changes:
            start = moment - timedelta(days=2)
            first = local_day(start, zone) + timedelta(days=1)
            for day in (first + timedelta(days=ahead) for ahead in range(3)):
                found = next_moment(
                    start,
                    zone,
                    spans=[(time(0, 30), time(0, 0)), (time(0), time(0))],
                    may_come=day.__eq__,
                    until=start + timedelta(days=6),
                )
                exists = _is_shown(day, zone)
                assert (found is not None) == exists, (zone, day)
                if found is not None:
                    shown = found.astimezone(clock)
                    assert shown.date() == day
                    before = (found - timedelta(seconds=1)).astimezone(clock)
                    assert before.date() < day or before.time() < time(0, 30), (zone, day)
                checked += 1

    assert checked > 2_000


def _is_shown(day: date, zone: str) -> bool:
    """Tell whether calendars of a zone show a day: at noon of it, or not at all."""
    return local_day(local_to_utc(day, time(12), zone), zone) == day


def test_a_second_pass_of_the_clocks_counts_as_well():
    """Berlin, 25 October 2026: at 02:10 of the second pass the next 02:30 is twenty minutes off."""
    second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    found = next_moment(
        second,
        "Europe/Berlin",
        spans=[(time(2, 30), time(3))],
        may_come=lambda day: True,
        until=second + timedelta(days=2),
    )

    assert found == second + timedelta(minutes=20)


def test_where_hours_have_nothing_in_common_there_is_no_moment():
    spans = [(time(9), time(12)), (time(13), time(18))]
    now = datetime(2026, 1, 14, tzinfo=UTC)

    assert not have_common_hours(spans)
    found = next_moment(
        now, "UTC", spans=spans, may_come=lambda day: True, until=now + timedelta(days=9)
    )
    assert found is None


def _next(moment: datetime, *, start: int, end: int, zone: str = "Europe/Berlin") -> datetime:
    return next_allowed(
        moment,
        zone,
        window_from=time(start),
        window_to=time(end),
        quiet_from=21,
        quiet_until=8,
    )


@pytest.mark.parametrize(
    ("window", "moment", "wanted"),
    [
        pytest.param((10, 19), (14, 12, 0), (14, 12, 0), id="inside: at once"),
        pytest.param((10, 19), (14, 5, 0), (14, 9, 0), id="before: when it opens"),
        pytest.param((10, 19), (14, 18, 0), (15, 9, 0), id="as it closes: tomorrow"),
        pytest.param((6, 19), (14, 5, 30), (14, 7, 0), id="open but quiet: when quiet ends"),
        pytest.param((18, 23), (14, 20, 30), (15, 17, 0), id="quiet in the evening: tomorrow"),
        pytest.param((18, 2), (14, 10, 0), (14, 17, 0), id="over midnight"),
        pytest.param((22, 23), (14, 12, 0), (15, 7, 0), id="all quiet: when quiet ends"),
        pytest.param((9, 9), (14, 21, 0), (15, 7, 0), id="whole day: when quiet ends"),
    ],
)
def test_the_next_allowed_moment(
    window: tuple[int, int], moment: tuple[int, int, int], wanted: tuple[int, int, int]
):
    """Days and hours of January 2026 in UTC; Berlin is an hour ahead."""
    day, hour, minute = moment
    start, end = window

    found = _next(datetime(2026, 1, day, hour, minute, tzinfo=UTC), start=start, end=end)

    assert found == datetime(2026, 1, *wanted, tzinfo=UTC)


def test_an_allowed_moment_is_allowed_in_every_zone():
    drawn = random.Random(7)

    for zone in ZONES:
        moment = FIRST + timedelta(minutes=drawn.randrange(10_000_000))
        found = _next(moment, start=9, end=18, zone=zone)
        assert found >= moment
        assert found - moment < timedelta(days=2.1)
        assert 9 <= found.astimezone(ZoneInfo(zone)).hour < 18
