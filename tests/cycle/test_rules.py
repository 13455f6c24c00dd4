"""Where a circle stands, which one comes first, and when a digest tells of it."""

from datetime import date, timedelta

import pytest

from bot.cycle.rules import Circle, Stand, is_monthly, stuck_first


@pytest.mark.parametrize(
    ("circle", "stand"),
    [
        (Circle(1, live=2, late=1, untold=1), Stand.LATE),
        (Circle(1, live=2, untold=1), Stand.UNTOLD),
        (Circle(1, untold=1), Stand.UNTOLD),
        (Circle(1, done=3), Stand.IDLE),
        (Circle(1), Stand.IDLE),
        (Circle(1, live=1), Stand.TURNING),
    ],
)
def test_a_circle_is_stuck_where_the_first_thing_waits(circle: Circle, stand: Stand) -> None:
    assert circle.stand is stand


def test_the_stuck_ones_come_first_each_kind_by_name() -> None:
    names = {1: "alder", 2: "Birch", 3: "Cedar", 4: "Dogwood"}
    found = {
        1: Circle(1, live=1),
        2: Circle(2, live=1, late=1),
        3: Circle(3),
        4: Circle(4, live=1, late=1),
    }

    assert [one.unit_id for one in stuck_first(found, names)] == [2, 4, 3, 1]


def test_a_look_counts_whatever_its_end() -> None:
    assert Circle(1, improved=1, no_evidence=2, worse=1, unknown=1).looked == 5


def test_one_digest_a_month_tells_of_it() -> None:
    """2026 has twelve first Mondays; one that is late by a day tells of it as well."""
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]

    mondays = [day for day in days if day.weekday() == 0 and is_monthly(day)]

    assert [day.month for day in mondays] == list(range(1, 13))
    assert max(day.day for day in mondays) <= 7
    assert is_monthly(date(2026, 12, 8))  # the Tuesday after Monday the 7th
    assert not is_monthly(date(2026, 12, 9))
    assert not is_monthly(date(2026, 12, 14))
