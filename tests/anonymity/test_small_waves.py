"""Sendings to one or two people: from an answer no row leads to a set of people so small.

Ana, Ben and Cem are asked in three weeks, one in each. Somebody with the database, after all three
sendings have closed, looks for who was asked in the week of an answer.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.core.database import Database
from bot.core.tables import Delivery
from bot.improvement.told_people import listeners
from bot.people.tables import Unit
from bot.reach.contact import SOMETHING
from bot.reach.tables import Contact
from bot.surveys import ticks
from bot.surveys.outcomes import Outcome, outcomes
from bot.surveys.pooling import pool_small
from bot.surveys.tables import Invitee, Run, Wave
from bot.surveys.waves import plan_for, write_wave
from tests.support.surveys import START, House

ANA, BEN, CEM = 101, 102, 103
MONDAY = date(2026, 3, 2)


@pytest.fixture
def house(database: Database) -> House:
    """Three customers, of whom each is asked about another week."""
    house = House(database).open()
    for one in (ANA, BEN, CEM):
        house.add(one)
    return house


def ask(house: House, *people: int, passed_over: int | None = None) -> int:
    """Send the customers' questionnaire to these people alone; close it; return the wave."""

    def send(session: Session) -> int:
        library = house.desk.library
        paper = library.keep(session, library.read("customers"))
        unit = session.get_one(Unit, 1)
        plan = plan_for(
            session,
            house.desk,
            paper=paper,
            unit=unit,
            now=house.now,
            at_once=True,
            only=[*people, *([passed_over] if passed_over else [])],
        )
        return write_wave(session, plan, paper=paper, unit=unit, now=house.now)

    wave = house.database.run(send)
    house.deliver()
    return wave


def close(house: House) -> None:
    """Let the sendings end whose time is over."""
    house.later(days=7)
    house.database.run(lambda session: ticks.expire_due(session, house.now))


def three_weeks(house: House) -> list[int]:
    """Ask Ana, then Ben, then Cem, a week apart; return the waves."""
    waves = []
    for one in (1, 2, 3):
        waves.append(ask(house, one))
        close(house)
    return waves


def reachable(house: House, run: Run) -> list[set[int]]:
    """Return every set of people to which rows lead from a run: by its wave, unit or version."""

    def follow(session: Session) -> list[set[int]]:
        ways = (
            col(Wave.id) == run.wave_id,
            (col(Wave.unit_id) == run.unit_id) & (col(Wave.version_id) == run.version_id),
        )
        sets = []
        for way in ways:
            for wave in session.exec(select(Wave.id).where(way)):
                of_wave = select(Invitee.person_id).where(Invitee.wave_id == wave)
                sets.append(set(session.exec(of_wave)))
        return [one for one in sets if one]

    return house.database.run(follow)


def test_those_asked_in_small_waves_of_a_quarter_are_told_apart_by_nothing(house: House) -> None:
    three_weeks(house)

    for run in house.rows(Run):
        assert reachable(house, run) == [{1, 2, 3}]


def test_without_the_pool_each_wave_would_name_its_only_person(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken away."""
    monkeypatch.setattr(ticks, "pool_small", lambda session, wave_id: False)

    three_weeks(house)

    sets = [one for run in house.rows(Run) for one in reachable(house, run)]
    assert {1} in sets


def test_neither_cards_nor_row_numbers_nor_what_was_asked_tell_the_wave(house: House) -> None:
    three_weeks(house)

    rows = sorted(house.rows(Invitee), key=lambda one: one.id)
    assert [one.person_id for one in rows] == [1, 2, 3]
    assert [one.id for one in rows] == list(range(rows[0].id, rows[0].id + 3))
    assert {(one.state, one.message_id, one.due_at) for one in rows} == {("closed", None, None)}
    assert house.rows(Delivery) == []
    assert {one.what for one in house.rows(Contact)} == {SOMETHING}


def test_the_order_in_which_three_were_asked_leaves_the_same_pool(
    house: House,
) -> None:
    """Compared with the pool of those who were asked the other way round, in the next quarter."""
    three_weeks(house)
    house.now = START + timedelta(weeks=6)  # April 15, another quarter
    for one in (3, 2, 1):
        ask(house, one)
        close(house)

    pools = [one for one in house.rows(Wave) if one.pooled]
    people = [
        [one.person_id for one in house.rows(Invitee) if one.wave_id == pool.id] for pool in pools
    ]
    assert [str(one.due_on) for one in pools] == ["2026-01-01", "2026-04-01"]
    assert people == [[1, 2, 3], [1, 2, 3]]


def test_two_pools_that_two_processes_made_at_once_become_one(house: House) -> None:
    ask(house, 1)
    close(house)

    def split(session: Session) -> None:
        """Leave what is left when another process made a pool of its own at the same moment."""
        (pool,) = session.exec(select(Wave).where(Wave.pooled))
        other = Wave(**pool.model_dump(exclude={"id"}))
        session.add(other)
        session.flush()
        session.add(Invitee(wave_id=other.id or 0, person_id=2, state="closed"))

    house.database.run(split)
    ask(house, 3)
    close(house)

    (pool,) = [one for one in house.rows(Wave) if one.pooled]
    assert [(one.wave_id, one.person_id) for one in house.rows(Invitee)] == [
        (pool.id, 1),
        (pool.id, 2),
        (pool.id, 3),
    ]


def test_whoever_was_passed_over_does_not_give_the_other_one_away(house: House) -> None:
    house.add(104, state="stopped")
    wave = ask(house, 1, passed_over=4)

    close(house)

    assert [one.wave_id for one in house.rows(Invitee)] != [wave]
    assert {one.person_id for one in house.rows(Invitee)} == {1}


def test_what_managers_read_of_a_small_wave_is_the_same_before_and_after(house: House) -> None:
    house.add(104, state="stopped")
    ask(house, 1, 2, passed_over=4)

    def read(session: Session) -> tuple[int, int, dict[str, int]]:
        (one,) = [line for line in outcomes(session, [1], week=MONDAY) if line.name == "customers"]
        return numbers(one)

    before = house.database.run(read)
    close(house)

    assert before == (2, 2, {"stopped": 1})
    assert house.database.run(read) == before


def numbers(one: Outcome) -> tuple[int, int, dict[str, int]]:
    return one.asked, one.sent, dict(one.skipped)


def test_those_asked_in_small_waves_hear_what_was_done_all_the_same(house: House) -> None:
    three_weeks(house)

    heard = house.database.run(
        lambda session: listeners(session, 1, "customer", asked_from=START.date(), now=house.now)
    )

    assert [one.person_id for one in heard] == [1, 2, 3]


def test_numbers_of_invitees_are_never_used_again(house: House) -> None:
    """An old card's button names its invitee: it must not come to mean another questionnaire."""
    seen: list[int] = []

    def highest(session: Session) -> int:
        return session.exec(select(func.max(Invitee.id))).one() or 0

    for one in (1, 2, 1):
        ask(house, one)
        seen.append(house.database.run(highest))
        close(house)

    assert seen == sorted(set(seen))
    fresh = ask(house, 3)
    made = [one.id for one in house.rows(Invitee) if one.wave_id == fresh]
    assert made[0] > max(seen)


def test_a_wave_of_five_and_a_wave_by_name_keep_whom_they_asked(house: House) -> None:
    for one in (104, 105):
        house.add(one)
    large = ask(house, 1, 2, 3, 4, 5)
    house.add(106, "manager")
    named = house.send("managers")

    close(house)
    again = house.database.run(lambda session: pool_small(session, large))

    kept = {one.wave_id for one in house.rows(Invitee)}
    assert kept == {large, named}
    assert not again
    assert not any(one.pooled for one in house.rows(Wave))
