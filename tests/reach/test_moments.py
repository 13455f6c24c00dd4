"""When somebody may be asked: hours, days and absences, in any zone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reach.calendars import Calendar, holidays_of, known_country
from bot.reach.moments import (
    ALL_DAY,
    AWAY,
    NO_TIME,
    PAUSED,
    Habits,
    QuietHours,
    Times,
    first_moment,
)

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday
SOON = NOW + timedelta(days=5)
QUIET = QuietHours(21, 8)
ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"]

hours = st.tuples(st.integers(0, 23).map(time), st.integers(0, 23).map(time))


class Terms(NamedTuple):
    """What a questionnaire says of its hours and days, and whether it asks about work."""

    window: tuple[time, time]
    weekdays: frozenset[int]
    at_work: bool


weekdays = st.frozensets(st.integers(0, 6))
moments = st.integers(0, 126_000_000).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
habits = st.builds(
    Habits,
    zone=st.sampled_from(ZONES),
    weekdays=weekdays,
    open=st.sampled_from([ALL_DAY, (time(8), time(12)), (time(17), time(21))]),
    shift_days=weekdays,
    shift=hours,
)


def lies_in(at: time, span: tuple[time, time]) -> bool:
    start, end = span
    return start <= at < end if start < end else at >= start or at < end


terms = st.builds(Terms, hours, weekdays, st.booleans())


@given(moments, habits, terms)
def test_whatever_is_wished_a_question_comes_at_a_kind_hour_on_a_wished_day_or_not_at_all(
    now: datetime, who: Habits, asked: Terms
):
    until = now + timedelta(days=9)

    due, reason = first_moment(now, who, Times(until, *asked), QUIET)

    if due is None:
        assert reason == NO_TIME
        return
    shown = due.astimezone(ZoneInfo(who.zone))
    assert now <= due < until
    assert 8 <= shown.hour < 21
    assert lies_in(shown.time(), who.open)
    assert not who.weekdays or shown.weekday() in who.weekdays
    assert not asked.weekdays or shown.weekday() in asked.weekdays


@given(moments, st.sampled_from(ZONES), hours)
def test_nothing_comes_earlier_than_the_first_kind_moment(
    now: datetime, zone: str, window: tuple[time, time]
):
    """No minute on a grid of twenty before the one that was found would do."""
    due, _ = first_moment(now, Habits(zone), Times(now + timedelta(days=3), window), QUIET)

    assert due is not None
    steps = int((due - now) / timedelta(minutes=20))
    has_hours = any(lies_in(time(h), window) and 8 <= h < 21 for h in range(24))
    for step in range(steps):
        shown = (now + step * timedelta(minutes=20)).astimezone(ZoneInfo(zone)).time()
        assert not (8 <= shown.hour < 21 and (lies_in(shown, window) or not has_hours))


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (Habits(paused_until=NOW + timedelta(hours=1)), PAUSED),
        (Habits(away_until=date(2026, 3, 9)), AWAY),
        (Habits(weekdays=frozenset({1})), NO_TIME),  # Tuesday is after it closes
        (
            Habits(calendar=Calendar(closed=frozenset(date(2026, 3, d) for d in range(4, 10)))),
            NO_TIME,
        ),
    ],
)
def test_why_there_is_no_moment(who: Habits, reason: str):
    assert first_moment(NOW, who, Times(SOON), QUIET) == (None, reason)


def test_a_break_that_is_over_keeps_nothing_away():
    assert first_moment(NOW, Habits(paused_until=NOW), Times(SOON), QUIET).due_at == NOW


def test_a_shift_gives_way_where_it_leaves_no_hour():
    """Night shifts lie in the quiet hours: the question comes at once instead."""
    who = Habits(shift=(time(22), time(6)))

    assert first_moment(NOW, who, Times(SOON, at_work=True), QUIET).due_at == NOW


def test_public_holidays_are_kept():
    """1 January is New Year's Day in Germany; Epiphany (6 January) a holiday in Bavaria only."""
    eve = datetime(2025, 12, 31, 20, 30, tzinfo=UTC)  # 21:30 in Berlin: quiet
    who = Habits("Europe/Berlin", calendar=Calendar("DE"))

    due = first_moment(eve, who, Times(eve + timedelta(days=5)), QUIET).due_at

    assert due == datetime(2026, 1, 2, 7, 0, tzinfo=UTC)
    assert date(2026, 1, 6) in holidays_of("DE-BY", 2026)
    assert date(2026, 1, 6) not in holidays_of("DE", 2026)


@pytest.mark.parametrize(
    ("written", "code"),
    [("de", "DE"), ("DE-by", "DE-BY"), ("de_by", "DE-BY"), ("XX", None), ("DE-ZZ", None)],
)
def test_a_country_is_known_by_its_code(written: str, code: str | None):
    assert known_country(written) == code
