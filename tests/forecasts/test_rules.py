"""Which dimensions, when it is open, how far off: rules without a database."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.forecasts.rules import closes_at, is_asked, next_dimensions, slots_of, trend_of, week_of

MONDAY = date(2026, 3, 2)
KNOWN = ["tangibles", "reliability", "responsiveness", "assurance", "empathy"]


def weeks(*errors: float) -> dict[date, list[float]]:
    return {MONDAY + timedelta(weeks=number): [one] for number, one in enumerate(errors)}


@given(st.integers(2, 7), st.integers(3, 12))
def test_every_dimension_comes_round(number: int, rounds: int) -> None:
    known = [f"d{place}" for place in range(number)]
    asked: dict[str, list[date]] = {one: [] for one in known}

    for week in range(rounds):
        for one in next_dimensions(known, asked):
            asked[one].append(MONDAY + timedelta(weeks=week))

    times = [len(weeks) for weeks in asked.values()]
    assert max(times) - min(times) <= 1


def test_a_card_asks_p_and_e_of_each_dimension() -> None:
    assert [tuple(slot) for slot in slots_of(KNOWN[:2])] == [
        ("tangibles", "P"),
        ("tangibles", "E"),
        ("reliability", "P"),
        ("reliability", "E"),
    ]


def test_it_is_asked_on_its_day_from_its_hour_in_the_local_zone() -> None:
    def asked(hour: int, day: int = 6, zone: str = "Asia/Taipei") -> bool:
        return is_asked(datetime(2026, 3, day, hour, tzinfo=UTC), zone, weekday=4, hour=15)

    assert [asked(6), asked(7), asked(12), asked(13), asked(7, day=5)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_it_closes_when_the_digest_is_due() -> None:
    closing = closes_at(MONDAY, "America/New_York", digest_hour=8)

    assert closing == datetime(2026, 3, 9, 12, tzinfo=UTC)  # summer time began on March 8
    assert week_of(closing, "America/New_York") == MONDAY + timedelta(weeks=1)


def test_the_trend_needs_four_weeks() -> None:
    assert trend_of(weeks(1.0, 1.0, 1.0)) is None
    assert trend_of({}) is None


def test_the_trend_is_that_of_the_last_eight_weeks() -> None:
    """By hand: after two weeks left out, 2 2 2 2 then 1 1 1 1; means 1.5, 2 and 1."""
    found = trend_of(weeks(9.0, 9.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0))

    assert found is not None
    assert found[:4] == (8, 1.5, 2.0, 1.0)
    assert found.verdict == "closer"


def test_a_small_change_is_no_trend() -> None:
    steady, further = trend_of(weeks(1.0, 1.0, 1.2, 1.2)), trend_of(weeks(0.5, 0.5, 1.0, 1.0))

    assert steady is not None
    assert further is not None
    assert (steady.verdict, further.verdict) == ("steady", "further")
