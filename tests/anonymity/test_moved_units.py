"""Somebody keeps the figures of two regions, a unit moves or merges, and he subtracts.

Every unit's customers rate one item in numbers, and a second one three times: too few to be told.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot.analysis import reports
from bot.analysis.kept import read_findings
from bot.analysis.refresh import item_dimensions
from bot.analysis.reports import Windows, make_report
from bot.analysis.tables import MomentBlock
from bot.core.database import Database
from bot.organisation import structure
from bot.organisation.merging import merge
from bot.people.registry import create_unit, set_up, unit_named, unit_of_any_state
from bot.people.tables import REGION
from bot.people.tree import Past, read_past, read_tree
from bot.surveys.versions import Library
from gapengine.folding import AnswerColumns, fold
from gapengine.packing import to_bytes
from gapengine.report import WHOLE
from gapengine.vantage import Group

NOW = datetime.fromisoformat("2026-03-04T10:00+00:00")
LAST = date(2026, 3, 2)
PLACES = {"Riverside": "North", "Old Town": "North", "Station": "South", "Harbour": "South"}
FEW = {"Riverside": 7, "Old Town": 9, "Station": 8, "Harbour": 3}
"""How many people of each unit rated the second item."""

Figures = Mapping[str, Any]


@pytest.fixture
def company(database: Database) -> Database:
    """Two regions of two units each, with a week of answers."""
    return filled(database, FEW)


@pytest.fixture
def large(database: Database) -> Database:
    """The same, where nothing has to be hidden."""
    return filled(database, dict.fromkeys(PLACES, 9))


def filled(database: Database, few: Mapping[str, int]) -> Database:
    """Make the company."""

    def work(session: Session) -> None:
        set_up(session, name="Cafés", units=["Gate"], zone="UTC", language="en", now=NOW)
        library = Library()
        library.keep(session, library.read("customers"))
        for name in ("North", "South"):
            create_unit(session, name, kind=REGION)
        for name, region in PLACES.items():
            create_unit(session, name, parent_id=number(session, region))
            _answers(session, name, LAST, few=few[name])

    database.run(work)
    return database


def number(session: Session, name: str) -> int:
    return unit_named(session, name, kinds=("unit", "region")).id or 0


def _answers(session: Session, unit: str, week: date, *, few: int) -> None:
    """Twenty people rate the first item 5; a few of them the second, with 2."""
    first, second = list(item_dimensions(session).items())[:2]
    columns = AnswerColumns.of(
        [*range(20), *range(few)],
        [0] * 20 + [1] * few,
        vantage=[1] * (20 + few),
        score=[5] * 20 + [2] * few,
    )
    session.add(
        MomentBlock(
            unit_id=number(session, unit),
            week=week,
            audience="customer",
            payload=to_bytes(fold(Group.CUSTOMER, dict([first, second]), columns)),
            runs=20,
            largest_wave=20,
            fingerprint=f"{unit} {week} {few}",
        )
    )


def told(session: Session, name: str, *, last: date = LAST) -> Figures:
    """Return what a report made now says of a unit, a region or the whole."""
    report_id = make_report(session, NOW, Windows(), last_week=last)
    found: Figures = read_findings(session, report_id, name).report.get("vantage", {})
    return found


def people(figures: Figures, item: int) -> int | None:
    """Return how many people rated an item, as far as it is told."""
    many: int | None = list(figures["P"]["items"].values())[item]["n_respondents"]
    return many


def moved(session: Session, unit: str, region: str) -> None:
    structure.move(session, number(session, unit), number(session, region), today=NOW.date())


def merged(session: Session, unit: str, into: str) -> None:
    merge(session, number(session, unit), number(session, into), today=NOW.date())


def test_a_move_changes_no_figure_that_was_told(company: Database) -> None:
    with Session(company.engine) as session, session.begin():
        before = {name: told(session, name) for name in ("North", "South", WHOLE, *PLACES)}
        moved(session, "Station", "North")
        after = {name: told(session, name) for name in before}

    assert after == before


def test_by_the_tree_of_the_day_a_move_would_give_the_few_away(
    company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: South told 11 people at the second item, Station nothing, to protect three of
    Harbour. Without Harbour it tells its eight, and 11 less 8 are the three."""
    with Session(company.engine) as session, session.begin():
        monkeypatch.setattr(reports, "read_past", lambda one: Past(read_tree(one), []))
        before = [people(told(session, name), 1) for name in ("South", "Station", "Harbour")]
        moved(session, "Harbour", "North")
        after = people(told(session, "South"), 1)

    assert (before, after) == ([11, None, None], 8)


def test_what_is_answered_after_a_move_counts_in_the_new_region(large: Database) -> None:
    later = LAST + timedelta(days=7)
    with Session(large.engine) as session, session.begin():
        told(session, WHOLE)
        moved(session, "Station", "North")
        for name in PLACES:
            _answers(session, name, later, few=10)
        north = told(session, "North", last=later)
        south = told(session, "South", last=later)
        station = told(session, "Station", last=later)

    assert people(north, 0) == 40 + 60
    assert people(south, 0) == 40 + 20
    assert people(station, 0) == 40


def test_a_merge_changes_no_figure_that_was_told(company: Database) -> None:
    with Session(company.engine) as session, session.begin():
        before = {name: told(session, name) for name in ("North", "South", WHOLE, *PLACES)}
        merged(session, "Harbour", "Station")
        after = {name: told(session, name) for name in before if name != "Harbour"}

    assert after == {name: own for name, own in before.items() if name != "Harbour"}


def test_by_the_tree_of_the_day_a_merge_would_give_the_few_away(
    company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: 8 people at Riverside's second item, 11 with the three of Harbour."""
    with Session(company.engine) as session, session.begin():
        monkeypatch.setattr(reports, "read_past", lambda one: Past(read_tree(one), []))
        before = people(told(session, "Riverside"), 1)
        merged(session, "Harbour", "Riverside")
        after = people(told(session, "Riverside"), 1)

    assert (before, after) == (7, 10)


def test_what_is_answered_after_a_merge_counts_in_the_unit_that_goes_on(
    large: Database,
) -> None:
    later = LAST + timedelta(days=7)
    with Session(large.engine) as session, session.begin():
        told(session, WHOLE)
        merged(session, "Harbour", "Riverside")
        for name in PLACES:
            _answers_of(session, name, later)
        riverside = told(session, "Riverside", last=later)
        north, south = (told(session, name, last=later) for name in ("North", "South"))
        whole = told(session, WHOLE, last=later)

    assert people(riverside, 0) == 20 + 40
    assert people(north, 0) == 40 + 60
    assert people(south, 0) == 40 + 20
    assert people(whole, 0) == 160


def _answers_of(session: Session, unit: str, week: date) -> None:
    """The same for a unit of any state: forms that were out when it was merged come back."""
    first = next(iter(item_dimensions(session).items()))
    columns = AnswerColumns.of(range(20), [0] * 20, vantage=[1] * 20, score=[5] * 20)
    session.add(
        MomentBlock(
            unit_id=unit_of_any_state(session, unit).id or 0,
            week=week,
            audience="customer",
            payload=to_bytes(fold(Group.CUSTOMER, dict([first]), columns)),
            runs=20,
            largest_wave=20,
            fingerprint=f"{unit} {week}",
        )
    )


def test_no_change_is_claimed_across_a_change_of_the_units_that_add_up(
    company: Database,
) -> None:
    with Session(company.engine) as session, session.begin():
        moved(session, "Station", "North")
        past = read_past(session)
        north, station = number(session, "North"), number(session, "Station")

        monday = LAST + timedelta(days=7)
        assert past.steady_since(north, monday) == monday
        assert past.steady_since(north, LAST) == date.min
        assert past.steady_since(station, monday) == date.min
        assert past.since(station, monday) == monday
