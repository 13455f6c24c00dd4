"""Kinds of customers: told apart where five stand behind each and the rest, and told together."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.analysis.kept import read_findings
from bot.analysis.segments_command import as_text
from bot.core.database import Database
from bot.surveys.segments import UNSAID, coarse
from bot.surveys.tables import DirtyWeek, RunSegment
from gapengine.report import WHOLE
from tests.support.answers import LEVELS, MONDAY, everything
from tests.support.digests import DigestHouse

kinds = st.dictionaries(
    st.integers(0, 60),
    st.tuples(st.sampled_from(["", "new", "returning"]), st.sampled_from(["", "web", "phone"])),
)


@given(kinds, st.integers(1, 6))
def test_every_kind_that_is_written_stands_for_the_floor(
    people: dict[int, tuple[str, str]], floor: int
) -> None:
    written = coarse(people, floor=floor)

    assert set(written) == set(people)
    counts = Counter(written.values())
    if set(counts) - {UNSAID}:
        assert min(counts.values()) >= floor
    for person, (tenure, channel) in written.items():
        assert tenure in {"", people[person][0]}
        assert channel in {"", people[person][1]}


def test_new_and_returning_of_a_wave_stay_apart_where_both_are_five() -> None:
    people = {n: ("new" if n < 5 else "returning", "web" if n % 2 else "phone") for n in range(10)}

    written = coarse(people, floor=5)

    assert Counter(written.values()) == {("new", ""): 5, ("returning", ""): 5}


@pytest.fixture
def house(sqlite_database: Database) -> DigestHouse:
    """Riverside with a manager."""
    house = DigestHouse(sqlite_database)
    house.open(units=("Riverside", "Old Town"))
    house.add(11, "manager")
    return house


def fill(house: DigestHouse, many: int, tenure: str, *, perceived: int = 5) -> list[str]:
    """Let so many customers of a kind answer everything about Riverside."""
    paper = house.ledger.paper("customers")
    keys = [
        house.ledger.run(everything(paper, LEVELS | {"P": perceived}, lower=number))
        for number in range(many)
    ]

    def label(session: Session) -> None:
        if tenure:
            session.add_all(RunSegment(run_key=key, tenure=tenure) for key in keys)

    house.database.run(label)
    return keys


def slices(house: DigestHouse, unit: str = "Riverside") -> dict[str, Any]:
    """Make a report; return what it says of tenure, by kind."""
    report = house.report()
    with house.database.reading() as session:
        found = read_findings(session, report, unit).segments
    return {one["segment"]: one for one in found.get("t", [])}


def test_new_customers_are_told_apart_from_returning_ones(house: DigestHouse) -> None:
    """By construction the new ones get less: level 3 against 6 instead of 5."""
    fill(house, 8, "new", perceived=3)
    fill(house, 9, "returning")

    found = slices(house)

    assert set(found) == {"t:new", "t:back"}
    assert found["t:new"]["respondents"] == 8
    assert found["t:new"]["estimate"] < found["t:back"]["estimate"] - 1.5
    assert slices(house, WHOLE)["t:new"]["estimate"] == found["t:new"]["estimate"]


def test_a_kind_of_four_is_not_told_nor_can_it_be_found_by_subtraction(
    house: DigestHouse,
) -> None:
    """Four new ones join the rest; with nobody else the rest would be these four alone."""
    fill(house, 4, "new", perceived=2)
    fill(house, 9, "returning")

    assert [one for one in slices(house).values() if not one["hidden"]] == []


def test_a_rest_too_small_hides_the_kinds_beside_it(house: DigestHouse) -> None:
    fill(house, 8, "new")
    fill(house, 2, "")

    assert [one for one in slices(house).values() if not one["hidden"]] == []


def test_one_more_answer_is_not_told_by_the_difference(house: DigestHouse) -> None:
    fill(house, 8, "new")
    fill(house, 8, "returning")
    before = slices(house)

    fill(house, 1, "new", perceived=2)
    one_more = slices(house)
    fill(house, 4, "new", perceived=2)
    five_more = slices(house)

    assert one_more == before
    assert five_more["t:new"]["respondents"] == 13


def test_without_any_kind_nothing_is_told(house: DigestHouse) -> None:
    fill(house, 12, "")

    assert slices(house) == {}
    assert as_text({}) == "No kind of customer can be told yet.\n"


def test_the_page_behind_the_gaps_names_the_kinds(house: DigestHouse) -> None:
    fill(house, 8, "new", perceived=3)
    fill(house, 9, "returning")
    house.report()
    talk = house.chat(11)
    talk.send("/gaps")

    said = talk.press("By kind of customer")

    assert "New customers" in said
    assert "Returning customers" in said
    assert "8 people" in said
    assert "All gaps" in str(talk.last)


def test_without_kinds_there_is_no_way_to_the_page(house: DigestHouse) -> None:
    house.ledger.fill()
    house.report()
    talk = house.chat(11)

    talk.send("/gaps")

    assert "By kind of customer" not in str(talk.last)


def test_an_erased_run_takes_its_kind_along(house: DigestHouse) -> None:
    keys = fill(house, 6, "new")

    house.ledger.erase(keys[0])

    with house.database.reading() as session:
        left = session.exec(select(RunSegment)).all()
        marks = session.exec(select(DirtyWeek).where(col(DirtyWeek.week) == MONDAY)).all()
    assert len(left) == 5
    assert len(marks) == 1
