"""The rules of planning: when it is due again, who is skipped, at which hour a card may come."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.reach.budget import Limit
from bot.surveys.card import number, written
from bot.surveys.definition import Cadence, Contact, Window
from bot.surveys.planning import (
    first_day,
    limit_of,
    next_day,
    times_of,
    usual_days,
    very_first_day,
)
from bot.surveys.versions import Library

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)

days = st.dates(date(2020, 1, 1), date(2035, 1, 1))
cadences = st.one_of(
    st.integers(1, 366).map(lambda n: Cadence(every_days=n)),
    st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1).map(
        lambda names: Cadence.model_validate({"weekdays": tuple(names)})
    ),
)


def test_every_fourteen_days_means_fourteen_days_after_the_day_it_was_due() -> None:
    again = next_day(Cadence(every_days=14), due=date(2026, 3, 4), today=date(2026, 3, 5))

    assert again == date(2026, 3, 18)


def test_after_a_long_downtime_there_is_one_late_wave_and_the_rhythm_stays() -> None:
    """Due on 4 March, run again on 10 April: 18 March and 1 April are missed, next is 15 April."""
    again = next_day(Cadence(every_days=14), due=date(2026, 3, 4), today=date(2026, 4, 10))

    assert again == date(2026, 4, 15)


def test_a_questionnaire_may_begin_later_than_the_others() -> None:
    late = Cadence(every_days=35, starts_after_days=17)

    assert very_first_day(late, start=date(2026, 3, 4)) == date(2026, 3, 21)
    assert very_first_day(Cadence(every_days=35), start=date(2026, 3, 4)) == date(2026, 3, 4)


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


def test_the_shipped_staff_questionnaire_asks_on_the_shift_and_inside_its_window() -> None:
    """staff.yaml says from 09:00 to 18:00 on any day."""
    times = times_of(Library().read("staff"), until=NOW)

    assert times.at_work
    assert [at.hour for at in times.window] == [9, 18]
    assert times.weekdays == frozenset()


def test_a_window_may_name_the_weekdays_on_which_a_card_may_come() -> None:
    content = Library().read("customers")
    window = Window.model_validate({"from": "10:00", "to": "19:00", "weekdays": ("mon", "sat")})

    times = times_of(content.model_copy(update={"window": window}), until=NOW)

    assert (times.weekdays, times.at_work) == (frozenset({0, 5}), False)


def test_a_questionnaire_may_name_a_budget_of_its_own() -> None:
    content = Library().read("customers")
    own = Contact.model_validate({"days_apart": 14, "most_in_30_days": 1})

    limit = limit_of(content.model_copy(update={"contact": own}))

    assert limit_of(content) is None
    assert limit == Limit(days_apart=14, most=1, within_days=30)


@given(cadences)
def test_the_usual_distance_is_that_of_the_cadence(cadence: Cadence) -> None:
    days = usual_days(cadence)

    assert days == (cadence.every_days or 7 // len(cadence.weekdays or ("mon",)))
    assert days >= 1


@given(st.integers(0, 2**53))
def test_numbers_of_buttons_are_read_as_they_were_written(value: int) -> None:
    assert number(written(value)) == value
