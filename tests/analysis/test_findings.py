"""Who answered, the causes and the comments of every unit, with small groups kept hidden."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.analysis import findings
from bot.analysis.findings import Span
from bot.analysis.refresh import refresh
from bot.core.database import Database
from bot.people.tree import read_past
from tests.support.answers import MONDAY, Ledger
from tests.support.surveys import House

PERCEIVED = {("empathy.individual", "P"): 5}
SPAN = Span.ending(MONDAY, 4)
WEEK = timedelta(days=7)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(House(database).open(units=("Riverside", "Old Town", "Station")))


def ids(ledger: Ledger) -> dict[str, int]:
    from bot.people.tables import Unit

    return {unit.name: unit.id for unit in ledger.house.rows(Unit)}


def found(ledger: Ledger, name: str, *arguments: Any) -> Any:
    database = ledger.house.database
    while database.run(refresh):
        pass
    with database.reading() as session:
        if name != "comments":
            arguments = (*arguments, read_past(session))
        return getattr(findings, name)(session, *arguments)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def rate(ledger: Ledger, cause: str, scores: list[int], **where: Any) -> None:
    for score in scores:
        ledger.run({(cause, "A"): score}, **({"questionnaire": "staff"} | where))


def test_a_questionnaire_counts_as_back_when_anything_was_answered(ledger: Ledger) -> None:
    unit = ids(ledger)
    ledger.run(PERCEIVED)
    ledger.run(PERCEIVED | {("empathy.individual", "E"): 6})
    ledger.run({})
    ledger.run(PERCEIVED, unit="Old Town")

    counts = found(ledger, "responses", SPAN)

    assert counts[unit["Riverside"]] == {"asked": 3, "answered": 2}
    assert counts[unit["Old Town"]] == {"asked": 1, "answered": 1}
    assert counts[unit["Station"]] == {"asked": 0, "answered": 0}
    assert counts[None] == {"asked": 4, "answered": 3}


def test_only_customers_within_the_weeks_looked_at_are_counted(ledger: Ledger) -> None:
    ledger.run({("empathy.individual", "D"): 5}, questionnaire="staff")
    ledger.run(PERCEIVED, week=SPAN.first - WEEK)
    ledger.run(PERCEIVED, week=SPAN.last + WEEK)
    ledger.run(PERCEIVED, week=SPAN.first)

    assert found(ledger, "responses", SPAN)[None] == {"asked": 1, "answered": 1}


def test_the_mean_of_a_cause_joins_staff_and_managers(ledger: Ledger) -> None:
    """By hand: five staff 20 in sum, three managers 18: 38 / 8 = 4.75."""
    rate(ledger, "teamwork", [4, 4, 4, 4, 4])
    rate(ledger, "management_commitment", [6, 6, 6], questionnaire="managers")
    rate(ledger, "management_commitment", [4, 4, 4, 4, 4])

    listed = found(ledger, "causes", SPAN)[ids(ledger)["Riverside"]]

    assert listed == [
        {"cause": "management_commitment", "gap": "G2", "score": 4.75, "n": 8},
        {"cause": "teamwork", "gap": "G3", "score": 4.0, "n": 5},
    ]


def test_a_statement_that_is_worded_the_other_way_round_is_turned(ledger: Ledger) -> None:
    """Agreeing with it is bad news: 6 of 7 becomes 8 - 6 = 2."""
    rate(ledger, "levels_of_management", [6] * 5)

    (one,) = found(ledger, "causes", SPAN)[ids(ledger)["Riverside"]]

    assert one["score"] == 2.0


@pytest.mark.parametrize(
    ("questionnaire", "cause", "floor"),
    [("staff", "teamwork", 5), ("managers", "management_commitment", 3)],
)
def test_a_cause_is_hidden_below_the_floor_of_its_group(
    ledger: Ledger, questionnaire: str, cause: str, floor: int
) -> None:
    rate(ledger, cause, [2] * (floor - 1), questionnaire=questionnaire)
    assert found(ledger, "causes", SPAN)[ids(ledger)["Riverside"]] == []

    rate(ledger, cause, [2], questionnaire=questionnaire)
    assert len(found(ledger, "causes", SPAN)[ids(ledger)["Riverside"]]) == 1


def test_a_group_too_small_lends_nothing_to_the_other(ledger: Ledger) -> None:
    rate(ledger, "management_commitment", [1] * 4)
    rate(ledger, "management_commitment", [7] * 3, questionnaire="managers")

    (one,) = found(ledger, "causes", SPAN)[ids(ledger)["Riverside"]]

    assert (one["score"], one["n"]) == (7.0, 3)


def test_a_small_unit_cannot_be_told_by_taking_the_others_from_the_whole(ledger: Ledger) -> None:
    rate(ledger, "teamwork", [4] * 5)
    rate(ledger, "teamwork", [1] * 4, unit="Old Town")

    (whole,) = found(ledger, "causes", SPAN)[None]

    assert (whole["score"], whole["n"]) == (4.0, 5)


def test_small_units_count_in_the_whole_where_together_they_are_enough(ledger: Ledger) -> None:
    rate(ledger, "teamwork", [4] * 5)
    rate(ledger, "teamwork", [1] * 4, unit="Old Town")
    rate(ledger, "teamwork", [1], unit="Station")

    (whole,) = found(ledger, "causes", SPAN)[None]

    assert (whole["score"], whole["n"]) == (2.5, 10)


def test_causes_are_looked_at_over_the_whole_span(ledger: Ledger) -> None:
    long = Span.ending(MONDAY, 13)
    for ago in (0, 4, 8, 12, 13):
        rate(ledger, "teamwork", [4, 4], week=MONDAY - ago * WEEK)

    (one,) = found(ledger, "causes", long)[None]

    assert one["n"] == 8


def test_the_weeks_with_customers_answers_are_counted_per_unit(ledger: Ledger) -> None:
    unit = ids(ledger)
    for ago in (0, 1, 5):
        ledger.run(PERCEIVED, week=MONDAY - ago * WEEK)
    ledger.run(PERCEIVED, unit="Old Town", week=MONDAY - 2 * WEEK)
    rate(ledger, "teamwork", [4], week=MONDAY - 3 * WEEK)
    ledger.run(PERCEIVED, week=MONDAY + WEEK)

    weeks = found(ledger, "weeks_of_history", MONDAY)

    assert (weeks[unit["Riverside"]], weeks[unit["Old Town"]], weeks[unit["Station"]]) == (3, 1, 0)
    assert weeks[None] == 4


@pytest.mark.parametrize(("written", "shown"), [(7, 0), (8, 8)])
def test_comments_are_read_only_where_there_are_eight(
    ledger: Ledger, written: int, shown: int
) -> None:
    for number in range(written):
        ledger.run(PERCEIVED, comment=f"comment {number}")
    ledger.run(PERCEIVED, unit="Old Town", comment="of another unit")
    ledger.run(PERCEIVED, week=SPAN.first - WEEK, comment="too old")
    ledger.run({("empathy.individual", "D"): 5}, questionnaire="staff", comment="of staff")

    assert len(found(ledger, "comments", ids(ledger)["Riverside"], SPAN)) == shown


def test_the_order_of_comments_tells_nothing_about_when_they_were_written(ledger: Ledger) -> None:
    texts = [f"comment {number}" for number in range(12)]
    for text in texts:
        ledger.run(PERCEIVED, comment=text)

    listed = [one["text"] for one in found(ledger, "comments", None, SPAN)]

    assert sorted(listed) == sorted(texts)
    assert listed != texts


def test_many_units_cost_no_more_queries_than_one(ledger: Ledger) -> None:
    for unit in ids(ledger):
        ledger.run(PERCEIVED, unit=unit)
        rate(ledger, "teamwork", [4] * 5, unit=unit)
    found(ledger, "responses", SPAN)

    with counted(ledger.house.database) as statements, ledger.house.database.reading() as session:
        past = read_past(session)
        findings.responses(session, SPAN, past)
        findings.causes(session, SPAN, past)
        findings.weeks_of_history(session, MONDAY, past)

    assert len(statements) == 7  # two of them read the tree and its past
