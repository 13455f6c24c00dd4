"""The rules of planning: when it is due again, who is skipped, at which hour a card may come."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surveys.card import number, written
from bot.surveys.definition import Cadence, Window
from bot.surveys.planning import (
    BUDGET,
    BUSY,
    PAUSED,
    Candidate,
    QuietHours,
    budget_since,
    card_due,
    first_day,
    next_day,
    reason_to_skip,
)

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
WINDOW = Window.model_validate({"from": "10:00", "to": "18:00"})
ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia", "Asia/Tokyo"]

days = st.dates(date(2020, 1, 1), date(2035, 1, 1))
cadences = st.one_of(
    st.integers(1, 366).map(lambda n: Cadence(every_days=n)),
    st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1).map(
        lambda names: Cadence.model_validate({"weekdays": tuple(names)})
    ),
)


def candidate(**known: bool) -> Candidate:
    return Candidate(person_id=1, state="active", paused_until=None, zone="UTC", **known)


def test_every_fourteen_days_means_fourteen_days_after_the_day_it_was_due() -> None:
    again = next_day(Cadence(every_days=14), due=date(2026, 3, 4), today=date(2026, 3, 5))

    assert again == date(2026, 3, 18)


def test_after_a_long_downtime_there_is_one_late_wave_and_the_rhythm_stays() -> None:
    """Due on 4 March, run again on 10 April: 18 March and 1 April are missed, next is 15 April."""
    again = next_day(Cadence(every_days=14), due=date(2026, 3, 4), today=date(2026, 4, 10))

    assert again == date(2026, 4, 15)


def test_weekdays_are_due_on_the_next_of_them() -> None:
    again = next_day(Cadence(weekdays=("mon", "thu")), due=date(2026, 3, 2), today=date(2026, 3, 2))

    assert again == date(2026, 3, 5)


@given(cadences, days, st.integers(0, 900))
def test_the_next_day_lies_ahead_and_never_further_than_one_step(
    cadence: Cadence, due: date, late: int
) -> None:
    today = due + timedelta(days=late)

    again = next_day(cadence, due=due, today=today)

    step = cadence.every_days or 7
    assert today < again <= today + timedelta(days=step)
    if cadence.every_days:
        assert (again - due).days % cadence.every_days == 0


@given(cadences, days)
def test_the_first_day_is_a_day_of_the_cadence_within_a_week(cadence: Cadence, start: date) -> None:
    first = first_day(cadence, start=start)

    assert start <= first < start + timedelta(days=7)


@pytest.mark.parametrize(
    ("who", "at_once", "reason"),
    [
        (candidate(), False, ""),
        (candidate(was_asked_lately=True), False, BUDGET),
        (candidate(was_asked_lately=True), True, ""),
        (candidate(is_busy=True, was_asked_lately=True), False, BUSY),
        (candidate(is_busy=True), True, ""),
        (Candidate(1, "stopped", None, "UTC"), True, "stopped"),
        (Candidate(1, "blocked", None, "UTC"), True, "blocked"),
        (Candidate(1, "active", NOW + timedelta(days=1), "UTC"), True, PAUSED),
        (Candidate(1, "active", NOW - timedelta(days=1), "UTC"), False, ""),
    ],
)
def test_what_a_person_decided_holds_even_at_once_the_budget_does_not(
    who: Candidate, at_once: bool, reason: str
) -> None:
    assert reason_to_skip(who, now=NOW, at_once=at_once) == reason


def test_a_weekly_questionnaire_is_not_stopped_by_its_own_last_one() -> None:
    """Asked on Wednesday 25 February at 00:05, planned again on Wednesday 4 March at 00:00."""
    since = budget_since(date(2026, 3, 4), "UTC")

    assert datetime(2026, 2, 25, 0, 5, tzinfo=UTC) < since
    assert datetime(2026, 2, 26, 0, 0, tzinfo=UTC) >= since


@given(
    st.integers(0, 126_000_000).map(
        lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
    ),
    st.sampled_from(ZONES),
)
def test_a_card_comes_inside_its_window_and_outside_quiet_hours(now: datetime, zone: str) -> None:
    due = card_due(now, zone, window=WINDOW, quiet=QuietHours(21, 8))

    shown = due.astimezone(ZoneInfo(zone))
    assert now <= due <= now + timedelta(days=2)
    assert 10 <= shown.hour < 18


@given(st.integers(0, 2**53))
def test_numbers_of_buttons_are_read_as_they_were_written(value: int) -> None:
    assert number(written(value)) == value
