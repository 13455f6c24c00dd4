"""Units are made, renamed, moved, merged, closed; what was answered adds up as before."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, SQLModel, col, select

import bot.parts  # noqa: F401 - makes every table known
from bot.analysis.kept import read_findings
from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, make_report
from bot.core.database import Database
from bot.organisation import structure
from bot.organisation.merging import MOVES, STAYS, merge
from bot.organisation.structure import Refused
from bot.people.tables import REGION, UNIT, Role, Unit
from bot.people.tree import read_tree
from bot.surveys.tables import Schedule
from bot.surveys.ticks import plan_due
from gapengine.report import WHOLE
from tests.support.answers import MONDAY, Ledger
from tests.support.surveys import House

TODAY, LONG_AGO = date(2026, 3, 4), date(2025, 3, 4)
WINDOWS = Windows()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """Two units and, for comparison, a third."""
    return Ledger(House(database).open(units=("Riverside", "Old Town", "Station")))


@pytest.fixture
def house(sqlite_database: Database) -> House:
    """Three units on SQLite, for what does not depend on the database."""
    return House(sqlite_database).open(units=("Riverside", "Old Town", "Station"))


def unit(house: House, name: str) -> Unit:
    found: list[Unit] = [one for one in house.rows(Unit) if one.name == name]
    return found[0]


def number(house: House, name: str) -> int:
    return unit(house, name).id or 0


def add(house: House, name: str, *, kind: str = REGION, inside: str = "") -> int:
    parent = number(house, inside) if inside else None
    made = house.database.run(
        lambda session: structure.add(session, name, kind=kind, parent_id=parent)
    )
    assert isinstance(made, Unit)
    return number(house, name)


def merged(house: House, name: str, into: str) -> Refused | None:
    old, new = number(house, name), number(house, into)
    return house.database.run(lambda session: merge(session, old, new, today=TODAY))


def moved(house: House, name: str, region: int, *, today: date = TODAY) -> Refused | None:
    one = number(house, name)
    return house.database.run(lambda session: structure.move(session, one, region, today=today))


def gaps(ledger: Ledger, name: str = WHOLE) -> object:
    """Return what a report made now says of a unit, a region or the whole."""
    database = ledger.house.database
    while database.run(refresh):
        pass

    def work(session: Session) -> object:
        report_id = make_report(session, ledger.house.now, WINDOWS, last_week=MONDAY)
        found = read_findings(session, report_id, name).report
        return [
            (one["minuend"], one["subtrahend"], one["level"], one["key"], one.get("estimate"))
            for one in found["gaps"]
        ], found["vantage"]

    return database.run(work)


def test_the_whole_is_the_same_before_and_after_units_are_merged(ledger: Ledger) -> None:
    ledger.fill("Riverside")
    ledger.fill("Old Town", levels={"P": 4})
    ledger.fill("Station", levels={"P": 6})
    before = gaps(ledger)

    refused = ledger.house.database.run(
        lambda session: merge(
            session,
            number(ledger.house, "Old Town"),
            number(ledger.house, "Riverside"),
            today=TODAY,
        )
    )

    assert refused is None
    assert gaps(ledger) == before


def test_what_is_answered_after_a_merge_counts_where_it_goes_on(ledger: Ledger) -> None:
    ledger.fill("Riverside", levels={"P": 6})
    ledger.fill("Old Town", levels={"P": 4})
    region = add(ledger.house, "North")
    for name in ("Riverside", "Old Town"):
        moved(ledger.house, name, region, today=LONG_AGO)
    together = gaps(ledger, "North")  # by the engine: the region is its units together

    ledger.house.database.run(
        lambda session: merge(
            session,
            number(ledger.house, "Old Town"),
            number(ledger.house, "Riverside"),
            today=LONG_AGO,
        )
    )

    assert gaps(ledger, "Riverside") == together


def test_what_was_answered_before_a_merge_is_told_of_the_sums_alone(ledger: Ledger) -> None:
    ledger.fill("Riverside", levels={"P": 6})
    ledger.fill("Old Town", levels={"P": 4})
    before = gaps(ledger, "Riverside"), gaps(ledger)

    merged(ledger.house, "Old Town", "Riverside")

    assert (gaps(ledger, "Riverside"), gaps(ledger)) == before


def test_moving_and_closing_change_no_figure_of_the_whole(ledger: Ledger) -> None:
    ledger.fill("Riverside")
    ledger.fill("Old Town", levels={"P": 4})
    before = gaps(ledger)

    moved(ledger.house, "Riverside", add(ledger.house, "North"))
    old_town = number(ledger.house, "Old Town")
    ledger.house.database.run(lambda session: structure.close(session, old_town, today=TODAY))

    assert gaps(ledger) == before


def test_merging_moves_people_once_and_their_schedules(house: House) -> None:
    house.add(1, "staff", unit="Riverside")
    house.add(1, "staff", unit="Old Town")
    house.add(2, "manager", unit="Old Town")
    old, new = number(house, "Old Town"), number(house, "Riverside")
    house.database.run(
        lambda session: session.add(
            Schedule(questionnaire="customers", unit_id=old, next_due=TODAY)
        )
    )

    house.database.run(lambda session: merge(session, old, new, today=TODAY))

    roles = sorted((one.person_id, one.kind, one.unit_id) for one in house.rows(Role))
    assert roles == [(1, "staff", new), (2, "manager", new)]
    assert [one.unit_id for one in house.rows(Schedule)] == [new]
    assert house.database.run(read_tree).goes_on_in(old) == new


def test_a_second_owner_who_merges_the_same_unit_is_told_it_is_done(house: House) -> None:
    old, new, third = (number(house, name) for name in ("Old Town", "Riverside", "Station"))
    house.database.run(lambda session: merge(session, old, new, today=TODAY))

    again = house.database.run(lambda session: merge(session, old, third, today=TODAY))

    assert again == Refused.DONE
    assert unit(house, "Old Town").parent_id == new


def test_a_region_cannot_be_put_into_itself_or_into_what_it_holds(house: House) -> None:
    north = add(house, "North")
    lakes = add(house, "Lakes", inside="North")

    into_itself = house.database.run(
        lambda session: structure.move(session, north, north, today=TODAY)
    )
    into_its_part = house.database.run(
        lambda session: structure.move(session, north, lakes, today=TODAY)
    )
    into_a_unit = house.database.run(
        lambda session: structure.move(session, lakes, number_in(session, "Station"), today=TODAY)
    )

    assert (into_itself, into_its_part, into_a_unit) == (Refused.PLACE,) * 3


def number_in(session: Session, name: str) -> int:
    return session.exec(select(Unit).where(Unit.name == name)).one().id or 0


def test_a_name_that_is_taken_or_empty_is_refused(house: House) -> None:
    riverside = number(house, "Riverside")

    taken = house.database.run(lambda session: structure.rename(session, riverside, "old  TOWN"))
    empty = house.database.run(lambda session: structure.rename(session, riverside, "  "))
    spelled = house.database.run(lambda session: structure.rename(session, riverside, "RIVERSIDE"))

    assert (taken, empty, spelled) == (Refused.NAME, Refused.NAME, None)
    assert unit(house, "RIVERSIDE").name_key == "riverside"


def test_a_renamed_unit_keeps_what_was_reported_of_it(ledger: Ledger) -> None:
    ledger.fill("Riverside")
    before = gaps(ledger, "Riverside")

    riverside = number(ledger.house, "Riverside")
    ledger.house.database.run(lambda session: structure.rename(session, riverside, "Harbour"))

    assert gaps(ledger, "Harbour") == before


def test_a_closed_unit_asks_nobody_and_an_open_one_goes_on_tomorrow(house: House) -> None:
    house.add(1, "customer", unit="Station")
    station = number(house, "Station")
    house.database.run(
        lambda session: session.add(
            Schedule(questionnaire="customers", unit_id=station, next_due=TODAY)
        )
    )

    house.database.run(lambda session: structure.close(session, station, today=TODAY))
    while_closed = house.database.run(lambda session: plan_due(session, house.now, house.desk))
    later = TODAY + timedelta(days=30)
    house.database.run(lambda session: structure.reopen(session, station, today=later))

    assert while_closed == 0
    [schedule] = house.rows(Schedule)
    assert schedule.next_due == later + timedelta(days=1)
    assert unit(house, "Station").closed_on is None


def test_a_region_with_something_open_in_it_stays_open(house: House) -> None:
    north = add(house, "North")
    add(house, "Mill", kind=UNIT, inside="North")

    refused = house.database.run(lambda session: structure.close(session, north, today=TODAY))

    assert refused == Refused.NOT_EMPTY
    assert unit(house, "North").state == "open"


def test_every_table_says_what_becomes_of_it_when_units_are_merged() -> None:
    """A new table with a unit must be named in one of the two sets of ``merging``."""
    of_units = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        if "unit_id" in table.columns and table.name != "unit"
    }

    assert of_units == MOVES | STAYS
    assert not MOVES & STAYS


def test_a_region_is_no_unit_to_send_to(house: House) -> None:
    add(house, "North")

    open_units = house.database.run(
        lambda session: session.exec(select(Unit.name).where(col(Unit.kind) == UNIT)).all()
    )

    assert "North" not in open_units
    assert isinstance(
        house.database.run(
            lambda session: structure.add(session, "north", kind=UNIT, parent_id=None)
        ),
        Refused,
    )
