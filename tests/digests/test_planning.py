"""Whose Monday morning it is: exactly once, wherever they live, whatever the bot went through."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from bot.core.database import Database
from bot.digests.planning import (
    MOST_TRIES,
    claim,
    is_due,
    may_read,
    promise,
    promise_mondays,
    readers,
    unprepared,
)
from bot.digests.tables import Digest
from bot.people.registry import unit_named
from bot.people.tables import Person, Role
from tests.support.digests import DigestHouse

MONDAY = date(2026, 3, 30)
"""The day after Europe's clocks were put forward."""
SUNDAY_NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.fixture
def house(database: Database) -> DigestHouse:
    house = DigestHouse(database)
    house.open(units=("Riverside", "Old Town"), zone="Europe/Berlin")
    return house


def at(moment: datetime, house: DigestHouse, hour: int = 8) -> int:
    return house.database.run(lambda session: promise_mondays(session, moment, hour=hour))


def claimed_at(house: DigestHouse, now: datetime) -> list[Digest]:
    return house.database.run(lambda session: claim(session, now))


def half_hours(since: datetime, hours: int) -> Iterator[datetime]:
    return (since + timedelta(minutes=30 * step) for step in range(2 * hours))


def promised_at(house: DigestHouse) -> dict[int, datetime]:
    return {one.person_id: one.planned_at for one in house.digests()}


def test_each_reader_is_served_at_eight_by_their_own_clock(house: DigestHouse) -> None:
    zones = {
        "Pacific/Auckland": "2026-03-29T19:00",
        "Asia/Kolkata": "2026-03-30T02:30",
        "Europe/Berlin": "2026-03-30T06:00",
        "America/Santiago": "2026-03-30T11:00",
        "Pacific/Honolulu": "2026-03-30T18:00",
    }
    people = {
        house.add(number, "manager", zone=zone): at_utc
        for number, (zone, at_utc) in enumerate(zones.items(), start=1)
    }

    for moment in half_hours(SUNDAY_NOON, 60):
        at(moment, house)

    assert {
        person: f"{moment:%Y-%m-%dT%H:%M}" for person, moment in promised_at(house).items()
    } == people
    assert {one.last_week for one in house.digests()} == {MONDAY - timedelta(days=7)}


def test_the_units_zone_counts_before_the_organisations(house: DigestHouse) -> None:
    house.add(1, "manager")
    house.add(2, "manager", unit="Old Town")

    def move(session: Session) -> None:
        unit_named(session, "Old Town").zone = "Asia/Tokyo"

    house.database.run(move)

    assert at(datetime(2026, 3, 29, 23, tzinfo=UTC), house) == 1
    assert at(datetime(2026, 3, 30, 6, tzinfo=UTC), house) == 1


def test_in_weeks_when_clocks_change_everybody_gets_one_digest(house: DigestHouse) -> None:
    house.add(1, "manager")

    for moment in half_hours(datetime(2026, 10, 18, tzinfo=UTC), 24 * 16):
        at(moment, house)

    assert [f"{one.planned_at:%m-%d %H:%M}" for one in house.digests()] == [
        "10-19 06:00",
        "10-26 07:00",
        "11-02 07:00",
    ]


@pytest.mark.parametrize(
    ("start", "promised"),
    [
        ("2026-03-30T05:59", 0),
        ("2026-03-30T06:00", 1),
        ("2026-03-30T17:30", 1),
        ("2026-03-30T18:00", 0),
        ("2026-03-31T03:00", 0),
        ("2026-03-31T06:30", 1),
        ("2026-03-31T18:30", 0),
        ("2026-04-01T06:30", 0),
        ("2026-04-05T06:30", 0),
    ],
)
def test_a_late_start_sends_by_day_until_tuesday_and_never_at_night(
    house: DigestHouse, start: str, promised: int
) -> None:
    house.add(1, "manager")

    assert at(datetime.fromisoformat(start).replace(tzinfo=UTC), house) == promised


def test_a_restart_promises_nothing_twice(house: DigestHouse) -> None:
    house.add(1, "manager")
    morning = datetime(2026, 3, 30, 6, tzinfo=UTC)

    assert [at(morning + timedelta(hours=hour), house) for hour in (0, 0, 3, 25)] == [1, 0, 0, 0]


def test_moving_to_another_zone_on_monday_brings_no_second_digest(house: DigestHouse) -> None:
    person_id = house.add(1, "manager", zone="Asia/Tokyo")
    at(datetime(2026, 3, 29, 23, tzinfo=UTC), house)

    def move(session: Session) -> None:
        session.get_one(Person, person_id).zone = "America/Lima"

    house.database.run(move)

    assert at(datetime(2026, 3, 30, 13, tzinfo=UTC), house) == 0


def test_a_unit_without_a_manager_is_read_by_the_owners(house: DigestHouse) -> None:
    house.add(1, "manager")
    owner = house.add(2, "owner")

    at(datetime(2026, 3, 30, 7, tzinfo=UTC), house)

    assert [(one.unit_id, one.person_id) for one in house.digests()] == [(1, 1), (2, owner)]
    with house.database.reading() as session:
        assert [one.id for one in readers(session, 1)] == [1]
        assert [one.id for one in readers(session, 2)] == [owner]


def test_who_stopped_blocked_or_paused_gets_none_and_the_owner_stands_in(
    house: DigestHouse,
) -> None:
    morning = datetime(2026, 3, 30, 7, tzinfo=UTC)
    house.add(1, "manager", state="stopped")
    house.add(2, "manager", state="blocked")
    house.add(3, "manager", unit="Old Town", paused_until=morning + timedelta(days=2))
    owner = house.add(4, "owner")

    at(morning, house)

    assert [(one.unit_id, one.person_id) for one in house.digests()] == [(1, owner)]


def test_on_other_days_nothing_is_promised(house: DigestHouse) -> None:
    house.add(1, "manager")

    for day in range(1, 5):
        assert at(datetime(2026, 3, 24 + day, 7, tzinfo=UTC), house) == 0


def test_many_digests_are_promised_at_once(house: DigestHouse) -> None:
    def hire(session: Session) -> None:
        session.add_all(
            Person(telegram_id=number, name="", language="en", consented_at=house.now)
            for number in range(100, 700)
        )
        session.flush()
        session.add_all(
            Role(person_id=number, unit_id=1, kind="manager", granted_at=house.now)
            for number in range(1, 601)
        )

    house.database.run(hire)

    assert at(datetime(2026, 3, 30, 7, tzinfo=UTC), house) == 600


def test_a_claimed_digest_is_nobody_elses_until_its_time_runs_out(house: DigestHouse) -> None:
    person = house.add(1, "manager")
    now = house.now
    house.database.run(
        lambda session: promise(
            session, unit_id=1, person_id=person, occasion="asked", last_week=None, now=now
        )
    )
    waits = []
    for _ in range(MOST_TRIES):
        (claimed,) = claimed_at(house, now)
        assert claimed_at(house, now) == []
        with house.database.reading() as session:
            assert not is_due(session, now)
        waits.append((claimed.retry_at - now) / timedelta(minutes=1))
        now = claimed.retry_at

    assert waits == [5, 10, 20, 40, 80]
    assert claimed_at(house, now) == []
    with house.database.reading() as session:
        assert unprepared(session) == []


def test_only_managers_of_the_unit_and_owners_may_read(house: DigestHouse) -> None:
    manager = house.add(1, "manager")
    owner = house.add(2, "owner")
    staff = house.add(3, "staff")

    with house.database.reading() as session:
        allowed = {
            (person, unit): may_read(session, person, unit)
            for person in (manager, owner, staff)
            for unit in (1, 2)
        }

    assert [pair for pair, may in allowed.items() if may] == [
        (manager, 1),
        (owner, 1),
        (owner, 2),
    ]
