"""No table that leads to a person can be forgotten."""

from collections.abc import Callable
from functools import partial

from sqlmodel import Session, SQLModel

from bot import parts  # noqa: F401 - loads every table
from bot.privacy import gathering
from bot.privacy.holdings import GOES, HOLDINGS, UNNAMED, Holding, holding_of
from bot.surveys.tickets import runs_of
from tests.privacy.conftest import ANA, Whole

_TABLES = SQLModel.metadata.tables


def test_every_column_that_leads_to_a_person_is_on_the_list() -> None:
    found = {
        (table.name, column)
        for table in SQLModel.metadata.sorted_tables
        for column in gathering.person_columns(table)
    }
    listed = {(one.table, column) for one in HOLDINGS for column in one.links}

    assert found - listed == set()
    assert {one for one in listed - found if one != ("person", "id")} == set()


def test_every_table_that_depends_on_one_of_those_that_go_is_on_the_list() -> None:
    """What belongs to a row that is deleted with a person was about the person too."""
    going = {one.table for one in HOLDINGS if one.end == GOES and one.links}

    dependent = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in going and key.ondelete == "CASCADE"
    }

    assert dependent - {one.table for one in HOLDINGS} == set()


def test_the_list_says_what_the_database_does_when_a_person_goes() -> None:
    wanted = {"CASCADE": GOES, "SET NULL": UNNAMED}

    for table in SQLModel.metadata.sorted_tables:
        ends = {key.ondelete for key in table.foreign_keys if key.column.table.name == "person"}
        holding = holding_of(table.name)
        if len(ends) == 1 and holding is not None:
            assert holding.end == wanted[str(ends.pop())], table.name


def test_nothing_is_listed_twice_and_every_table_exists() -> None:
    names = [one.table for one in HOLDINGS]

    assert len(names) == len(set(names))
    assert set(names) <= set(_TABLES)


def test_the_house_of_these_tests_leaves_a_trace_in_every_table_of_the_list(whole: Whole) -> None:
    number = whole.lived_in(ANA)

    found = whole.database.run(
        lambda session: gathering.gathered(session, number, to_themselves=True)
    )

    assert {one.table for one, _ in found} == {one.table for one in HOLDINGS}


def test_conditions_of_the_list_find_nobody_else(whole: Whole, count: Callable[[str], int]) -> None:
    """A condition that held for everybody would hand out other people's data."""
    whole.lived_in(ANA)
    stranger = 999_999

    def found(session: Session, holding: Holding) -> int:
        runs = runs_of(session, stranger)
        return len(gathering.rows_of(session, holding, stranger, runs=runs))

    for one in HOLDINGS:
        assert whole.database.run(partial(found, holding=one)) == 0, one.table
        assert count(one.table) > 0
