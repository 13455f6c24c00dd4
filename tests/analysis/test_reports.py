"""A stored report is honest where answers are thin, and says what moved since the weeks before."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlmodel import Session, select

from bot.analysis import reports
from bot.analysis.findings import Span
from bot.analysis.holding import Place
from bot.analysis.kept import UnitFindings, read_findings
from bot.analysis.refresh import item_dimensions
from bot.analysis.reports import Windows, make_report
from bot.analysis.tables import MomentBlock
from bot.core.database import Database
from bot.people.registry import set_up, unit_named
from bot.people.tables import Unit
from bot.people.tree import Past, Tree
from bot.surveys.tables import QuestionnaireVersion, Wave
from bot.surveys.versions import Library
from gapengine.allocation import form_for
from gapengine.folding import AnswerColumns, fold
from gapengine.packing import to_bytes
from gapengine.report import WHOLE
from gapengine.simulate import simulate_forms
from gapengine.vantage import Group, Vantage

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
LAST = date(2026, 3, 2)  # a Monday
NAMES = {Group.CUSTOMER: "customers", Group.STAFF: "staff", Group.MANAGER: "managers"}
LEVEL = {"E": 6.2, "M": 5.9, "S": 5.6, "D": 5.4, "C": 5.6, "P": 5.4}
UNITS = ("Riverside", "Station")


def write_week(session: Session, week: date, runs: dict[Group, int], *, perceived: float) -> None:
    """Keep the moments of one week of every unit, from answers to the shipped forms."""
    library, items = Library(), item_dimensions(session)
    rng = np.random.default_rng(week.toordinal())
    level = LEVEL | {"P": perceived}
    truth = {Vantage(v): dict.fromkeys(items.values(), mean) for v, mean in level.items()}
    for number, name in enumerate(UNITS):
        for group, many in runs.items():
            blueprint = library.read(NAMES[group]).blueprint()
            start = week.toordinal() * many
            forms = [form_for(blueprint, seed=number, sequence=start + k).asks for k in range(many)]
            drawn = simulate_forms(rng, truth=truth, items=items, forms={group: forms})[group]
            payload = to_bytes(fold(group, items, drawn.answers))
            session.add(
                MomentBlock(
                    unit_id=unit_named(session, name).id or 0,
                    week=week,
                    audience=group.value,
                    payload=payload,
                    runs=many,
                    largest_wave=many,
                    fingerprint=f"{name} {week} {group}",
                )
            )
    session.flush()


@pytest.fixture
def opened(sqlite_database: Database) -> Database:
    """An organisation of two units whose questionnaires are in use."""

    def work(session: Session) -> None:
        set_up(session, name="Cafés", units=UNITS, zone="UTC", language="en", now=NOW)
        library = Library()
        for name in NAMES.values():
            library.keep(session, library.read(name))

    sqlite_database.run(work)
    return sqlite_database


def write(database: Database, week: date, runs: dict[Group, int], perceived: float = 5.4) -> None:
    """Keep one week in a transaction of its own."""
    database.run(lambda session: write_week(session, week, runs, perceived=perceived))


def findings_of(database: Database, unit: str) -> UnitFindings:
    """Report on the weeks written so far."""

    def work(session: Session) -> UnitFindings:
        return read_findings(session, make_report(session, NOW, Windows()), unit)

    return database.run(work)


def test_managers_who_answered_a_few_items_each_are_not_certain(opened: Database) -> None:
    """Six managers, two items of twenty-two each: the plain error of S-M would be near zero."""
    runs = {Group.CUSTOMER: 15, Group.STAFF: 6, Group.MANAGER: 6}
    write(opened, LAST, runs)

    found = findings_of(opened, "Riverside")

    link = next(link for link in found.report["chain"] if link["label"] == "S-M")
    assert link["n_minuend"] == 6
    assert link["low"] is None or link["high"] - link["low"] > 0.8


def test_a_week_in_which_nothing_happened_is_not_said_to_have_moved(opened: Database) -> None:
    runs = {Group.CUSTOMER: 15, Group.STAFF: 6}
    for week in (LAST - timedelta(days=7), LAST):
        write(opened, week, runs)

    for unit in (*UNITS, WHOLE):
        moved = findings_of(opened, unit).changes
        assert [one["gap"] for one in moved] == ["G5", "perception", "delivery", "communication"]
        assert {one["level"] for one in moved} == {"overall"}
        assert {one["verdict"] for one in moved} <= {"no evidence", "too few"}


def test_a_fall_by_a_point_and_a_half_is_found(opened: Database) -> None:
    runs = {Group.CUSTOMER: 40, Group.STAFF: 12}
    for week, perceived in ((LAST - timedelta(days=7), 5.6), (LAST, 4.1)):
        write(opened, week, runs, perceived)

    for unit in (*UNITS, WHOLE):
        verdicts = {one["gap"]: one["verdict"] for one in findings_of(opened, unit).changes}
        assert verdicts["G5"] == "down"
        assert verdicts["delivery"] != "down"


def test_a_slow_fall_shows_against_all_the_weeks_before(opened: Database) -> None:
    runs = {Group.CUSTOMER: 40, Group.STAFF: 12}
    for ago in range(10, -1, -1):
        write(opened, LAST - timedelta(days=7 * ago), runs, 5.4 if ago > 2 else 4.7)

    (g5,) = [one for one in findings_of(opened, WHOLE).changes if one["gap"] == "G5"][:1]

    assert g5["verdict"] == "down"
    assert (g5["weeks"], g5["against"]) == (3, 8)


def test_no_line_is_drawn_across_a_change_of_wording(opened: Database) -> None:
    runs = {Group.CUSTOMER: 40, Group.STAFF: 12}
    for week, perceived in ((LAST - timedelta(days=7), 5.6), (LAST, 4.1)):
        write(opened, week, runs, perceived)
    opened.run(lambda session: send_new_wording(session, LAST + timedelta(days=1)))

    verdicts = {one["verdict"] for one in findings_of(opened, WHOLE).changes}

    assert verdicts == {"too few"}


def send_new_wording(session: Session, day: date) -> None:
    """Send customers the second version of their questionnaire for the first time."""
    first = session.exec(
        select(QuestionnaireVersion).where(QuestionnaireVersion.name == "customers")
    ).one()
    version = QuestionnaireVersion(
        name="customers",
        version=2,
        audience="customer",
        anonymous=True,
        fingerprint="second",
        content=first.content,
    )
    session.add(version)
    session.flush()
    at = datetime.combine(day, NOW.timetz())
    unit_id = unit_named(session, "Riverside").id or 0
    session.add(
        Wave(
            version_id=version.id or 0,
            unit_id=unit_id,
            due_on=day,
            planned_at=at,
            expires_at=at,
            seed=1,
        )
    )
    session.flush()


def test_a_first_week_has_nothing_to_compare_with(opened: Database) -> None:
    runs = {Group.CUSTOMER: 15, Group.STAFF: 6}
    write(opened, LAST, runs)

    found = findings_of(opened, "Station")

    assert {one["verdict"] for one in found.changes} == {"too few"}
    assert all(one["estimate"] is None for one in found.changes)


def test_a_week_of_four_customers_tells_no_change(opened: Database) -> None:
    before = {Group.CUSTOMER: 15, Group.STAFF: 6}
    few = {Group.CUSTOMER: 4, Group.STAFF: 6}
    write(opened, LAST - timedelta(days=7), before)
    write(opened, LAST, few)

    found = findings_of(opened, "Riverside")

    assert {one["verdict"] for one in found.changes} == {"too few"}


def test_the_same_answers_are_not_analysed_twice(opened: Database) -> None:
    write(opened, LAST, {Group.CUSTOMER: 15})

    first, second = findings_of(opened, WHOLE), findings_of(opened, WHOLE)

    assert first == second


def test_an_audience_whose_waves_never_reach_the_floor_is_hidden_however_often_it_answers() -> None:
    """Four customers asked in each of four weeks fill in sixteen questionnaires: still four."""
    moments = fold(
        Group.CUSTOMER,
        {"a": "reliability"},
        AnswerColumns.of([0, 1, 2, 3], [0, 0, 0, 0], vantage=[0, 0, 0, 0], score=[5, 6, 5, 7]),
    )
    span = Span(LAST, LAST + timedelta(days=21))
    past = Past(Tree.of([Unit(id=1, name="Riverside", name_key="riverside")]), [])
    blocks = [
        MomentBlock(
            unit_id=1,
            week=LAST + timedelta(days=7 * number),
            audience="customer",
            payload=to_bytes(moments),
            runs=4,
            largest_wave=largest,
            fingerprint="",
        )
        for number, largest in enumerate((4, 4, 4, 4))
    ]

    hidden = reports._by_place(blocks, {"customer": span}, past)
    blocks[2].largest_wave = 5
    shown = reports._by_place(blocks, {"customer": span}, past)

    assert hidden == {}
    assert shown == {Place(1, "customer"): blocks}
