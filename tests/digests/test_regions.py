"""A region's digest: who reads it, what it compares, and what analysts are not shown."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, make_report
from bot.core.database import Database
from bot.core.dialogue import MANAGER, OWNER, REGIONAL
from bot.core.render import Texts
from bot.digests import regions
from bot.digests.planning import may_read, promise_mondays, readers
from bot.digests.reading import view_of
from bot.digests.tables import Digest
from bot.people.registry import create_unit, gather_units, unit_named
from bot.people.tables import REGION, Role
from bot.people.tree import read_tree
from tests.support.answers import MONDAY, Ledger
from tests.support.surveys import House

UNITS = ("Riverside", "Old Town", "Station")


@pytest.fixture
def ledger(sqlite_database: Database) -> Ledger:
    """Three units in the region North; somebody leads it, only Riverside has a manager."""
    house = House(sqlite_database).open(units=(*UNITS, "South Gate"))
    boss, lead, _ = house.add(1, MANAGER), house.add(2, "staff"), house.add(3, OWNER)

    def work(session: Session) -> None:
        north = create_unit(session, "North", kind=REGION)
        for name in UNITS:
            unit_named(session, name).parent_id = north.id
        session.add(Role(person_id=lead, unit_id=north.id, kind=REGIONAL, granted_at=house.now))

    house.database.run(work)
    assert (boss, lead) == (1, 2)
    return Ledger(house)


def report_of(ledger: Ledger) -> int:
    database = ledger.house.database
    while database.run(refresh):
        pass
    return database.run(
        lambda session: make_report(session, ledger.house.now, Windows(), last_week=MONDAY)
    )


def test_a_regional_manager_gets_one_digest_and_owners_those_nobody_reads(ledger: Ledger) -> None:
    database = ledger.house.database
    monday = MONDAY + timedelta(days=7 - MONDAY.weekday())
    at_nine = ledger.house.now.replace(
        year=monday.year, month=monday.month, day=monday.day, hour=9, minute=0
    )

    database.run(lambda session: promise_mondays(session, at_nine, hour=8))

    with database.reading() as session:
        names = {number: one.name for number, one in read_tree(session).units.items()}
        promised = {(names[one.unit_id], one.person_id) for one in session.exec(select(Digest))}
    assert promised == {("Riverside", 1), ("North", 2), ("South Gate", 3)}


def test_the_owner_reads_the_region_in_which_everything_lies(ledger: Ledger) -> None:
    database = ledger.house.database
    monday = MONDAY + timedelta(days=7 - MONDAY.weekday())
    at_nine = ledger.house.now.replace(
        year=monday.year, month=monday.month, day=monday.day, hour=9, minute=0
    )
    whole = database.run(lambda session: gather_units(session, name="Blue Cup").id)

    database.run(lambda session: promise_mondays(session, at_nine, hour=8))

    with database.reading() as session:
        by_owner = {one.unit_id for one in session.exec(select(Digest)) if one.person_id == 3}
        south_gate = unit_named(session, "South Gate").id
    assert by_owner == {whole, south_gate}


def test_a_region_is_read_by_who_leads_it_and_by_owners(ledger: Ledger) -> None:
    with ledger.house.database.reading() as session:
        north = unit_named(session, "North", kinds=(REGION,)).id or 0
        old_town = unit_named(session, "Old Town").id or 0

        assert [one.id for one in readers(session, north)] == [2]
        assert [one.id for one in readers(session, old_town)] == [2]
        assert [may_read(session, person, north) for person in (1, 2, 3)] == [False, True, True]


def test_units_are_compared_with_intervals_and_chances(ledger: Ledger, texts: Texts) -> None:
    for name, level in zip(UNITS, (6, 4, 5), strict=True):
        ledger.fill(name, levels={"P": level})
    report_id = report_of(ledger)

    with ledger.house.database.reading() as session:
        north = unit_named(session, "North", kinds=(REGION,)).id or 0
        made = regions.section(
            session,
            texts,
            unit_id=north,
            reader_id=2,
            report_id=report_id,
            language="en",
            since=ledger.house.now,
            now=ledger.house.now,
        )
        lines = [regions.compared(session, report_id, name) for name in UNITS]

    assert made is not None
    known = sorted((one.estimate, one.name) for one in lines if one is not None)
    assert [name for _, name in known] == ["Old Town", "Station", "Riverside"]
    assert "the lowest with a chance of" in made.text
    assert made.text.index("Old Town") < made.text.index("Riverside")


def test_a_region_over_regions_lists_units_and_ranks_none_across_them(
    ledger: Ledger, texts: Texts
) -> None:
    for name, level in zip((*UNITS, "South Gate"), (4, 5, 6, 3), strict=True):
        ledger.fill(name, levels={"P": level})
    whole = ledger.house.database.run(lambda session: gather_units(session, name="Cup").id or 0)
    report_id = report_of(ledger)

    with ledger.house.database.reading() as session:
        made = regions.section(
            session,
            texts,
            unit_id=whole,
            reader_id=3,
            report_id=report_id,
            language="en",
            since=ledger.house.now,
            now=ledger.house.now,
        )

    assert made is not None
    listed = [line for line in made.text.splitlines() if line.startswith("•")]
    assert "South Gate" in listed[0]
    assert len(listed) == 4
    assert "chance" not in "".join(listed)
    assert "too close" not in made.text


def test_an_analyst_reads_figures_without_words_and_fixes(ledger: Ledger) -> None:
    ledger.fill("Riverside", comments=[f"comment {number}" for number in range(10)])
    report_id = report_of(ledger)

    with ledger.house.database.reading() as session:
        unit_id = unit_named(session, "Riverside").id or 0
        both = [
            view_of(
                session,
                unit_id=unit_id,
                report_id=report_id,
                language="en",
                fixes=(),
                today=MONDAY,
                figures_only=only,
            )
            for only in (False, True)
        ]

    assert both[0].voices.count == 10
    assert (both[1].voices.count, both[1].voices.quotes) == (0, ())
    assert both[1].fixes == ()
    assert both[1].customer_gap == both[0].customer_gap
