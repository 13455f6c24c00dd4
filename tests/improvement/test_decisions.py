"""What stands decided about a fix: by whom, for how long, and who may take it back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.core.database import Database
from bot.improvement import decisions
from bot.improvement.decisions import CHECK_AFTER, NOT_OURS, REMEMBERED, TAKEN
from bot.improvement.tables import FixDecision
from tests.support.surveys import House

FIX = "specification.clear-rules"


@pytest.fixture
def house(database: Database) -> House:
    house = House(database).open(units=("Riverside", "Old Town"))
    house.add(1, "manager")
    house.add(2, "manager")
    return house


def decide(house: House, state: str, person: int = 1, **changes: Any) -> bool:
    wanted: dict[str, Any] = {
        "unit_id": 1,
        "fix": FIX,
        "gap": "specification",
        "dimension": "reliability",
        "state": state,
        "person_id": person,
        "report_id": None,
        "now": house.now,
    }
    return house.database.run(lambda session: decisions.decide(session, **(wanted | changes)))


def undo(house: House, person: int) -> bool:
    return house.database.run(
        lambda session: decisions.undo(session, unit_id=1, fix=FIX, person_id=person)
    )


def standing(house: House, at: datetime | None = None, unit_id: int = 1) -> list[tuple[str, str]]:
    with house.database.reading() as session:
        today = (at or house.now).date()
        return [(one.by, one.state) for one in decisions.standing(session, unit_id, today)]


def test_the_first_decision_stands(house: House) -> None:
    assert decide(house, TAKEN, 1)
    assert not decide(house, NOT_OURS, 2)

    assert standing(house) == [("P1", TAKEN)]


def test_the_same_fix_is_decided_in_each_unit_by_itself(house: House) -> None:
    assert decide(house, TAKEN)
    assert decide(house, NOT_OURS, unit_id=2)

    assert (standing(house), standing(house, unit_id=2)) == (
        [("P1", TAKEN)],
        [("P1", NOT_OURS)],
    )


@pytest.mark.parametrize(
    ("state", "days"), [(TAKEN, CHECK_AFTER.days), (NOT_OURS, REMEMBERED.days)]
)
def test_a_decision_stands_for_its_time_and_makes_way_after(
    house: House, state: str, days: int
) -> None:
    decide(house, state)
    last = house.now + timedelta(days=days)

    assert standing(house, last) == [("P1", state)]
    assert standing(house, last + timedelta(days=1)) == []
    assert not decide(house, TAKEN, 2, now=last)
    assert decide(house, TAKEN, 2, now=last + timedelta(days=1))


def test_not_ours_is_taken_back_by_anybody_and_a_taken_fix_by_its_taker(house: House) -> None:
    decide(house, NOT_OURS, 1)
    assert undo(house, 2)
    assert not undo(house, 2)

    decide(house, TAKEN, 1)
    assert not undo(house, 2)
    assert undo(house, 1)
    assert standing(house) == []


def test_what_was_done_before_is_kept(house: House) -> None:
    decide(house, TAKEN)
    decide(house, TAKEN, 2, now=house.now + timedelta(days=60))

    assert undo(house, 2)

    def count(session: Session) -> list[str]:
        return [one.state for one in session.scalars(select(FixDecision))]

    assert house.database.run(count) == ["done"]


def test_a_decision_outlives_its_erased_maker_without_a_name(house: House) -> None:
    from bot.people.tables import Person

    decide(house, TAKEN)
    house.database.run(lambda session: session.delete(session.get_one(Person, 1)))

    assert standing(house) == [("", TAKEN)]
