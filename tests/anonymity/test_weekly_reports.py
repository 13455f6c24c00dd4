"""Somebody keeps the figures of twelve weeks and takes one from another.

Every week some questionnaires come in, fewer than the floor every other time; the report is
made anew each Monday, as for a digest.
"""

import shutil
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.analysis import holding
from bot.analysis.kept import read_findings
from bot.analysis.refresh import item_dimensions
from bot.analysis.reports import Windows, make_report
from bot.analysis.tables import MomentBlock, ToldMoments
from bot.core.database import Database
from bot.people.registry import set_up
from bot.surveys.versions import Library
from gapengine.folding import AnswerColumns, fold
from gapengine.packing import to_bytes
from gapengine.vantage import Group
from tests.support.keys import fixed_keys

NOW = datetime.fromisoformat("2026-03-02T10:00+00:00")
FLOOR = 5
COMING_IN = (9, 6, 2, 1, 6, 3, 0, 7, 2, 5, 1, 6)
"""How many questionnaires come in, week by week; in some so many that figures are shown."""

Told = tuple[dict[str, int], float | None]
"""What a report rests on (questionnaires by week) and what it says: the mean of one item."""


def played(database: Database, weeks: Sequence[Sequence[int]]) -> list[Told]:
    """Let weeks pass in which these scores come in; return what each report told."""
    told = []
    with Session(database.engine) as session, session.begin():
        set_up(session, name="Cafés", units=["Riverside"], zone="UTC", language="en", now=NOW)
        library = Library()
        library.keep(session, library.read("customers"))
        for number, scores in enumerate(weeks):
            now = NOW + timedelta(weeks=number)
            _came_in(session, now, scores)
            told.append(_told(session, now))
        session.rollback()
    return told


def _came_in(session: Session, now: datetime, scores: Sequence[int]) -> None:
    item, dimension = next(iter(item_dimensions(session).items()))
    many = len(scores)
    if not many:
        return
    columns = AnswerColumns.of(range(many), [0] * many, vantage=[1] * many, score=list(scores))
    session.add(
        MomentBlock(
            unit_id=1,
            week=now.date(),
            audience="customer",
            payload=to_bytes(fold(Group.CUSTOMER, {item: dimension}, columns)),
            runs=many,
            largest_wave=many,
            fingerprint=f"{now}{scores}",
        )
    )
    session.flush()


def _told(session: Session, now: datetime) -> Told:
    report_id = make_report(session, now, Windows(), last_week=now.date())
    report = read_findings(session, report_id, "Riverside").report
    item = next(iter(item_dimensions(session)))
    cell = report.get("vantage", {}).get("P", {}).get("items", {}).get(item, {})
    rests_on = session.exec(select(ToldMoments)).one()
    return dict(rests_on.weeks), cell.get("mean")


def between(one: Told, other: Told) -> int:
    """Return how many questionnaires two reports differ by."""
    weeks = {*one[0], *other[0]}
    return sum(abs(one[0].get(week, 0) - other[0].get(week, 0)) for week in weeks)


def scores(extra_in: int | None = None) -> list[list[int]]:
    """Return fours for all; in one week somebody more, who gives a one."""
    weeks = [[4] * many for many in COMING_IN]
    if extra_in is not None:
        weeks[extra_in].append(1)
    return weeks


@pytest.fixture(scope="module")
def usual(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """What is told in twelve weeks without anybody more."""
    path = tmp_path_factory.mktemp("weeks") / "gapbot.sqlite"
    shutil.copy(sqlite_template, path)
    with closing(Database(f"sqlite:///{path}", fixed_keys())) as database:
        return played(database, scores())


def test_between_two_reports_in_a_row_stands_the_floor_or_nothing(usual: list[Told]) -> None:
    moved = [between(one, other) for one, other in pairwise(usual)]

    assert len(usual) == 12
    assert all(many == 0 or many >= FLOOR for many in moved)
    assert any(many >= FLOOR for many in moved)


@pytest.mark.parametrize("week", [3, 8])
def test_one_more_answer_is_seen_at_the_earliest_with_four_others(
    sqlite_database: Database, usual: list[Told], week: int
) -> None:
    """Two worlds that differ in one answer: the first report that differs rests on five more."""
    with_it = played(sqlite_database, scores(extra_in=week))

    differing = [place for place in range(12) if usual[place][1] != with_it[place][1]]
    assert differing  # it is told in the end, with enough others
    first = differing[0]
    assert first >= week
    assert between(with_it[first - 1], with_it[first]) >= FLOOR


def test_without_holding_figures_back_one_answer_would_move_the_mean_alone(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken away."""
    monkeypatch.setattr(holding, "may_be_told", lambda before, now, *, floor: True)

    told = played(sqlite_database, scores(extra_in=4))

    moved = [between(one, other) for one, other in pairwise(told)]
    assert any(0 < many < FLOOR for many in moved)
