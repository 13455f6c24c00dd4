"""Between two reports stand enough questionnaires, or nothing changes in what is told."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bot.analysis.holding import may_be_told
from bot.analysis.kept import read_findings
from bot.analysis.refresh import item_dimensions
from bot.analysis.reports import Windows, make_report
from bot.analysis.tables import MomentBlock
from bot.core.database import Database
from bot.people.registry import set_up, unit_named
from bot.surveys.versions import Library
from gapengine.folding import AnswerColumns, fold
from gapengine.packing import to_bytes
from gapengine.vantage import Group

NOW = datetime.fromisoformat("2026-03-04T10:00+00:00")
LAST = date(2026, 3, 2)


@pytest.fixture
def opened(database: Database) -> Database:
    """A unit whose questionnaires are in use."""

    def work(session: Session) -> None:
        set_up(session, name="Cafés", units=["Riverside"], zone="UTC", language="en", now=NOW)
        library = Library()
        library.keep(session, library.read("customers"))

    database.run(work)
    return database


def item_of(session: Session) -> tuple[str, str]:
    return next(iter(item_dimensions(session).items()))


def answer(session: Session, scores: list[int], week: date = LAST) -> None:
    """Set what customers said of one item in a week."""
    item, dimension = item_of(session)
    many = len(scores)
    columns = AnswerColumns.of(range(many), [0] * many, vantage=[1] * many, score=scores)
    unit_id = unit_named(session, "Riverside").id or 0
    old = session.get(MomentBlock, (unit_id, week, "customer", 7))
    if old is not None:
        session.delete(old)
        session.flush()
    session.add(
        MomentBlock(
            unit_id=unit_id,
            week=week,
            audience="customer",
            payload=to_bytes(fold(Group.CUSTOMER, {item: dimension}, columns)),
            runs=many,
            largest_wave=many,
            fingerprint=str(scores),
        )
    )
    session.flush()


def mean_told(session: Session) -> float | None:
    report_id = make_report(session, NOW, Windows(), last_week=LAST)
    found = read_findings(session, report_id, "Riverside").report["vantage"]["P"]["items"]
    value = found[item_of(session)[0]]["mean"]
    return None if value is None else float(value)


def test_one_more_answer_is_not_told_and_five_more_are(opened: Database) -> None:
    with Session(opened.engine) as session, session.begin():
        answer(session, [4] * 6)
        first = mean_told(session)
        answer(session, [4] * 6 + [7])
        after_one = mean_told(session)
        answer(session, [4] * 6 + [7] * 5)
        after_five = mean_told(session)

    assert (first, after_one) == (4.0, 4.0)
    assert after_five == pytest.approx(59 / 11)


def test_a_correction_waits_and_comes_with_the_next_five(opened: Database) -> None:
    with Session(opened.engine) as session, session.begin():
        answer(session, [4] * 6)
        before = mean_told(session)
        answer(session, [4] * 5 + [1])
        corrected = mean_told(session)
        answer(session, [4] * 5 + [1] + [4] * 5)
        later = mean_told(session)

    assert before == corrected == 4.0
    assert later == pytest.approx(41 / 11)


weeks = st.dictionaries(
    st.integers(0, 5).map(lambda k: LAST - timedelta(days=7 * k)), st.integers(1, 30)
)


@given(weeks, st.integers(3, 8))
def test_nothing_new_is_never_told_again(runs: dict[date, int], floor: int) -> None:
    assert not may_be_told(runs, runs, floor=floor)


@given(weeks, weeks, st.integers(3, 8))
def test_what_is_told_differs_by_the_floor_at_least(
    before: dict[date, int], now: dict[date, int], floor: int
) -> None:
    every = set(before) | set(now)
    moved = sum(abs(before.get(week, 0) - now.get(week, 0)) for week in every)

    if may_be_told(before, now, floor=floor):
        assert moved >= floor


def test_a_window_that_moved_on_is_told_when_the_floor_has_left() -> None:
    before = {LAST - timedelta(days=28): 6, LAST: 9}

    assert may_be_told(before, {LAST: 9}, floor=5)
    assert not may_be_told(before | {LAST - timedelta(days=28): 4}, {LAST: 9}, floor=5)
