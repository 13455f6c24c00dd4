"""Kinds of customers: told apart where five stand behind each and the rest, and told together."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.analysis.kept import read_findings
from bot.analysis.segments_command import as_text
from bot.core.database import Database
from bot.surveys.segments import UNSAID, Kind, coarse
from bot.surveys.tables import DirtyWeek, RunSegment
from gapengine.report import WHOLE
from tests.support.answers import LEVELS, MONDAY, everything
from tests.support.digests import DigestHouse

kinds = st.dictionaries(
    st.integers(0, 60),
    st.builds(
        Kind,
        st.sampled_from(["", "new", "returning"]),
        st.sampled_from(["", "web", "phone"]),
        st.sampled_from(["", "till", "desk"]),
    ),
)


@given(kinds, st.integers(1, 6))
def test_every_kind_that_is_written_stands_for_the_floor(
    people: dict[int, Kind], floor: int
) -> None:
    written = coarse(people, floor=floor)

    assert set(written) == set(people)
    counts = Counter(written.values())
    if set(counts) - {UNSAID}:
        assert min(counts.values()) >= floor
    for person, kind in written.items():
        assert all(part in {"", said} for part, said in zip(kind, people[person], strict=True))


def test_new_and_returning_of_a_wave_stay_apart_where_both_are_five() -> None:
    people = {
        n: Kind("new" if n < 5 else "returning", "web" if n % 2 else "phone") for n in range(10)
    }

    written = coarse(people, floor=5)

    assert Counter(written.values()) == {Kind("new"): 5, Kind("returning"): 5}


def test_what_tells_most_of_a_wave_is_kept() -> None:
    """Everybody comes to a counter; at two of three places there are enough."""
    spots = ["till"] * 6 + ["desk"] * 5 + ["phone"] * 2 + [""] * 4
    people = {n: Kind(channel="counter", touchpoint=spot) for n, spot in enumerate(spots)}

    written = Counter(coarse(people, floor=5).values())

    at = {spot: Kind(channel="counter", touchpoint=spot) for spot in spots}
    assert written == {at["till"]: 6, at["desk"]: 5, UNSAID: 6}


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


def say_where(house: DigestHouse, keys: list[str], touchpoint: str) -> None:
    """Write down where those were served who filled in these runs."""
    house.database.run(
        lambda session: session.add_all(
            RunSegment(run_key=key, touchpoint=touchpoint) for key in keys
        )
    )


def asked_by_name(house: DigestHouse, touchpoint: str, *, ago: int, people: list[int]) -> None:
    """Let people answer by name in a week so long ago, about their visit to a touchpoint."""
    answers = everything(house.ledger.paper("customers"), LEVELS)
    week = MONDAY - timedelta(weeks=ago)
    keys = [house.ledger.run(answers, week=week, person=person) for person in people]
    say_where(house, keys, touchpoint)


def by_touchpoint(house: DigestHouse, unit: str = "Riverside") -> dict[str, Any]:
    """Make a report; return what it says of touchpoints, by code."""
    report = house.report()
    with house.database.reading() as session:
        found = read_findings(session, report, unit).segments
    return {one["segment"]: one for one in found.get("p", [])}


def test_touchpoints_are_told_apart_and_their_names_are_anybodys(house: DigestHouse) -> None:
    """A touchpoint that is called as the rest is, is not taken for the rest."""
    say_where(house, fill(house, 8, "", perceived=3), "rest")
    say_where(house, fill(house, 9, ""), "Till 2 <b>")
    fill(house, 6, "")

    found = by_touchpoint(house)
    talk = house.chat(11)
    talk.send("/gaps")
    said = talk.press("By kind of customer").replace("\u2068", "").replace("\u2069", "")

    assert list(found) == ["p:=Till 2 <b>", "p:=rest", "p:rest"]
    assert found["p:=rest"]["estimate"] < found["p:=Till 2 <b>"]["estimate"] - 1.5
    assert "Where they were served, in 16 weeks" in said
    assert "<b>Till 2 &lt;b&gt;</b>" in said
    assert "Not known" in said
    assert as_text({"p": list(found.values())}).splitlines()[0] == "By touchpoint, in 16 weeks"


def test_two_a_week_by_name_are_a_touchpoint_after_some_weeks(house: DigestHouse) -> None:
    """Each week two at the till, two at the desk: different people add up over sixteen weeks."""
    told = []
    for ago in (15, 11, 6, 2):
        for touchpoint, number in (("till", 100), ("desk", 200)):
            two = [house.add(number + ago), house.add(number + ago + 50)]
            asked_by_name(house, touchpoint, ago=ago, people=two)
        told.append({code: one["hidden"] for code, one in by_touchpoint(house).items()})

    assert told[:2] == [{}, {}]
    assert told[2] == told[3] == {"p:=desk": False, "p:=till": False}


def test_the_same_two_every_week_are_no_touchpoint(house: DigestHouse) -> None:
    two = [house.add(100), house.add(101)]
    for ago in range(10):
        asked_by_name(house, "till", ago=ago, people=two)
    fill(house, 12, "")

    assert by_touchpoint(house) == {}


def test_what_is_older_than_sixteen_weeks_is_not_told(house: DigestHouse) -> None:
    for touchpoint, first in (("till", 100), ("desk", 200)):
        nine = [house.add(number) for number in range(first, first + 9)]
        asked_by_name(house, touchpoint, ago=16, people=nine)
    fill(house, 6, "")

    assert by_touchpoint(house) == {}
