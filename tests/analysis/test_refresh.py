"""Moments stay true to the answers, whatever is written, corrected or erased, and by whom."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.refresh import (
    AnswerRow,
    fold_rows,
    item_dimensions,
    mark_everything,
    pack_causes,
    recompute_everything,
    refresh,
    unpack_causes,
)
from bot.analysis.tables import CAUSES, MomentBlock
from bot.core.database import Database
from bot.surveys.tables import Answer, DirtyWeek
from gapengine.packing import from_bytes, to_bytes
from gapengine.vantage import GROUPS, Group
from tests.support.answers import MONDAY, Ledger
from tests.support.surveys import House

Blocks = dict[tuple[int, date, str], tuple[bytes, int, str]]
UNITS = ("Riverside", "Old Town")
ASKED: dict[str, list[tuple[str, str]]] = {
    "customers": [(i, p) for i in ("reliability.agreed_time", "empathy.individual") for p in "EP"],
    "staff": [("reliability.agreed_time", "D"), ("empathy.individual", "D"), ("teamwork", "A")],
    "managers": [("reliability.agreed_time", "M"), ("reliability.agreed_time", "S")],
}


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(House(database).open(units=UNITS))


def kept(database: Database) -> Blocks:
    with database.reading() as session:
        return {
            (one.unit_id, one.week, one.audience): (one.payload, one.runs, one.fingerprint)
            for one in session.scalars(select(MomentBlock))
        }


def refresh_all(database: Database) -> int:
    total = 0
    while done := database.run(refresh):
        total += done
    return total


def marked(database: Database) -> int:
    with database.reading() as session:
        return len(session.execute(select(DirtyWeek)).all())


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    """What happens, in order: (what, to which run or unit, which question, score)."""
    kinds = st.sampled_from(["customers", "staff", "managers", "correct", "erase", "refresh"])
    numbers = st.integers(0, 7)
    return draw(
        st.lists(st.tuples(kinds, numbers, numbers, st.integers(1, 7)), min_size=1, max_size=14)
    )


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes())
def test_refreshing_what_changed_equals_recomputing_everything(
    ledger: Ledger, happened: list[tuple[str, int, int, int]]
) -> None:
    database = ledger.house.database
    runs: list[tuple[str, str]] = []
    for what, which, number, score in happened:
        if what in ASKED:
            questions = ASKED[what]
            chosen = questions[number % len(questions) :]
            key = ledger.run(
                dict.fromkeys(chosen, score),
                questionnaire=what,
                unit=UNITS[which % 2],
                week=MONDAY - timedelta(days=7 * (which % 3)),
            )
            runs.append((what, key))
        elif what == "refresh":
            database.run(lambda session: refresh(session, most=1))
        elif runs:
            kind, key = runs[which % len(runs)]
            if what == "erase":
                ledger.erase(key)
            else:
                ledger.answer(key, ASKED[kind][number % len(ASKED[kind])], score)

    refresh_all(database)
    step_by_step = kept(database)
    database.run(recompute_everything)

    assert kept(database) == step_by_step
    assert marked(database) == 0
    assert step_by_step == folded_by_hand(database)


def folded_by_hand(database: Database) -> Blocks:
    """Every block folded from all answers at once, without marks."""

    def fold(session: Session) -> Blocks:
        columns = (Answer.run_key, Answer.item, Answer.vantage, Answer.score, Answer.version_id)
        by_week: dict[tuple[int, date], list[AnswerRow]] = {}
        query = select(*(col(one) for one in (*columns, Answer.unit_id, Answer.week)))
        for *answer, unit_id, week in session.execute(query):
            by_week.setdefault((unit_id, week), []).append(AnswerRow(*answer))
        found: Blocks = {}
        for (unit_id, week), rows in by_week.items():
            parts = {
                group.value: [r for r in rows if r.vantage in GROUPS[group]] for group in Group
            }
            parts[CAUSES] = [row for row in rows if row.vantage == "A"]
            for name, own in parts.items():
                if own:
                    payload = (
                        pack_causes(own)
                        if name == CAUSES
                        else to_bytes(fold_rows(Group(name), own, item_dimensions(session)))
                    )
                    runs = len({row.run_key for row in own})
                    found[unit_id, week, name] = payload, runs, sha256(payload).hexdigest()
        return found

    with database.reading() as session:
        return fold(session)


def test_the_blocks_hold_what_was_answered(ledger: Ledger) -> None:
    """By hand: two customers rate one item 6 and 4 as experienced, one of them expects 7."""
    item = "reliability.agreed_time"
    ledger.run({(item, "P"): 6, (item, "E"): 7})
    ledger.run({(item, "P"): 4})

    refresh_all(ledger.house.database)

    ((payload, runs, _),) = kept(ledger.house.database).values()
    moments = from_bytes(payload)
    assert runs == 2
    assert moments.items == (item,)
    assert moments.histogram.sum() == 3


def test_ratings_of_causes_are_kept_per_wording() -> None:
    rows = [AnswerRow(key, "teamwork", "A", score, 3) for key, score in (("a", 2), ("b", 5))]
    rows.append(AnswerRow("c", "teamwork", "A", 7, 9))

    sums = unpack_causes(pack_causes(rows))

    assert sums == [(3, "teamwork", 2, 7), (9, "teamwork", 1, 7)]
    assert pack_causes(rows[::-1]) == pack_causes(rows)


def test_a_refresh_takes_as_many_weeks_as_it_is_told(ledger: Ledger) -> None:
    for ago in range(3):
        ledger.run({("empathy.individual", "P"): 5}, week=MONDAY - timedelta(days=7 * ago))

    assert ledger.house.database.run(lambda session: refresh(session, most=2)) == 2
    assert marked(ledger.house.database) == 1


def test_erasing_the_only_run_of_a_week_leaves_no_block(ledger: Ledger) -> None:
    key = ledger.run({("empathy.individual", "P"): 5})
    refresh_all(ledger.house.database)

    ledger.erase(key)
    refresh_all(ledger.house.database)

    assert kept(ledger.house.database) == {}


def test_marking_everything_finds_blocks_whose_answers_are_gone(ledger: Ledger) -> None:
    ledger.run({("empathy.individual", "P"): 5})
    refresh_all(ledger.house.database)
    database = ledger.house.database
    with database.transaction() as session:
        session.add(
            MomentBlock(
                unit_id=2,
                week=MONDAY,
                audience="staff",
                payload=b"",
                runs=1,
                largest_wave=1,
                fingerprint="",
            )
        )

    assert database.run(mark_everything) == 2
    refresh_all(database)

    assert [key[0] for key in kept(database)] == [1]


def beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_an_answer_that_is_committed_while_a_refresh_runs_is_not_lost(ledger: Ledger) -> None:
    """The refresh meets an open transaction: it waits for its answer, or leaves it for the next."""
    database, question = ledger.house.database, ("empathy.individual", "P")
    ledger.run({question: 5})
    ready, done = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with database.transaction() as session:
            key = session.scalars(select(col(Answer.run_key))).first()
            session.execute(
                Answer.__table__.insert().values(  # type: ignore[attr-defined]
                    run_key=key,
                    item="empathy.full_attention",
                    vantage="P",
                    score=2,
                    no_rule=False,
                    unit_id=1,
                    week=MONDAY,
                    version_id=1,
                    language="en",
                    answered_on=MONDAY,
                )
            )
            ready.set()
            done.wait(10)

    writer = beside(write_slowly)
    ready.wait(10)
    refresher = beside(lambda: refresh_all(database))
    refresher.join(0.3)
    done.set()
    writer.join(10)
    refresher.join(10)
    refresh_all(database)

    ((payload, _, _),) = kept(database).values()
    assert from_bytes(payload).histogram.sum() == 2
    assert kept(database) == folded_by_hand(database)


def test_an_answer_that_comes_after_the_mark_was_taken_marks_the_week_again(
    ledger: Ledger,
) -> None:
    database, question = ledger.house.database, ("empathy.individual", "P")
    ledger.run({question: 5})

    with database.transaction() as session:
        refresh(session)
        writer = beside(lambda: ledger.run({question: 3}))
        writer.join(0.3)
        assert writer.is_alive()
    writer.join(10)

    assert marked(database) == 1
    refresh_all(database)
    assert kept(database) == folded_by_hand(database)


def test_two_refreshes_at_once_leave_one_true_block(ledger: Ledger) -> None:
    database = ledger.house.database
    ledger.run({("empathy.individual", "P"): 5})

    with database.transaction() as session:
        refresh(session)
        other = beside(lambda: refresh_all(database))
        other.join(0.3)
    other.join(10)

    assert not other.is_alive()
    assert kept(database) == folded_by_hand(database)
