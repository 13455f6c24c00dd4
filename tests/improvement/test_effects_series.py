"""The series behind an effect: only weeks that may be shown, rounded, others only together."""

from typing import Any

import pytest
from sqlmodel import Session

from bot.core.database import Database
from bot.improvement.effects import measured
from bot.improvement.tables import Action
from tests.improvement.test_effects import (
    AFTER,
    BEFORE,
    BETTER,
    EVERYBODY,
    OTHERS,
    acted,
    quiet_years,
)
from tests.support.effects import EffectHouse, opened


@pytest.fixture
def house(sqlite_database: Database) -> EffectHouse:
    return opened(sqlite_database)


def series(house: EffectHouse, action_id: int) -> list[dict[str, Any]]:
    def work(session: Session) -> list[dict[str, Any]]:
        found = measured(session, session.get_one(Action, action_id), house.now)
        told: list[dict[str, Any]] = found.content["series"]
        return told

    return house.database.run(work)


def test_it_tells_every_week_from_the_first_before_to_the_last_after(house: EffectHouse) -> None:
    house.weeks(1, BEFORE)
    house.weeks(1, AFTER, shift=BETTER)
    quiet_years(house)

    told = series(house, acted(house))

    assert (told[0]["from"], told[-1]["to"]) == ("2026-01-05", "2026-04-27")
    assert len(told) == 9 + 7
    assert all(one["own"]["low"] < one["own"]["estimate"] < one["own"]["high"] for one in told)
    assert all(one["others"] is not None for one in told)


def test_a_week_below_the_floor_has_no_figure(house: EffectHouse) -> None:
    """Customers' floor is five people."""
    house.weeks(1, [week for week in BEFORE if week != -5])
    house.weeks(1, [-5], people=4)
    house.weeks(1, AFTER, shift=BETTER)
    quiet_years(house)

    told = series(house, acted(house))

    assert [one["from"] for one in told if one["own"] is None] == ["2026-01-26"]


def test_figures_are_rounded_to_a_tenth(house: EffectHouse) -> None:
    house.weeks(1, BEFORE)
    house.weeks(1, AFTER, shift=BETTER)
    quiet_years(house)

    told = series(house, acted(house))

    every = [value for one in told for value in (*one["own"].values(), one["others"])]
    assert every == [round(value, 1) for value in every]


def test_other_units_are_told_only_where_three_have_a_figure(house: EffectHouse) -> None:
    house.weeks(1, BEFORE)
    house.weeks(1, AFTER, shift=BETTER)
    quiet_years(house, OTHERS[:2])
    house.weeks(OTHERS[2], [week for week in [*BEFORE, *AFTER] if week != -3])

    told = series(house, acted(house, compared=OTHERS[:3]))

    assert [one["from"] for one in told if one["others"] is None] == ["2026-02-09"]


def test_without_comparable_units_nothing_is_told_of_any(house: EffectHouse) -> None:
    house.weeks(1, BEFORE)
    house.weeks(1, AFTER, shift=BETTER)

    told = series(house, acted(house, compared=()))

    assert {one["others"] for one in told} == {None}


def test_managers_gaps_are_told_in_parts(house: EffectHouse) -> None:
    """Two parts before, the week that gave rise to it, two after."""
    house.weeks(1, BEFORE, groups=EVERYBODY)
    house.weeks(1, AFTER, shift={"D": 0.9}, groups=EVERYBODY)
    quiet_years(house)

    told = series(house, acted(house, gap="specification"))

    assert [(one["from"], one["to"]) for one in told] == [
        ("2026-01-05", "2026-01-26"),
        ("2026-02-02", "2026-02-23"),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-16", "2026-04-06"),
        ("2026-04-13", "2026-04-27"),
    ]
