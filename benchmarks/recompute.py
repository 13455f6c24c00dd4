"""What a recompute costs after 1 % new answers, and how little the history matters.

    python -m benchmarks.recompute [--units 20] [--runs 40]

A SQLite database with so many units, 40 customer runs a week each, and 8 or 80 weeks of history.
Then 1 % of the answers of 8 weeks come in anew, spread over the units' last week, and each way of
bringing the sums up to date is timed: the refresh of what changed; all moments anew; and the one
SQL statement that sums every unit x week x item x vantage point, which one would write first.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, text
from sqlmodel import Session

from bot.analysis.refresh import recompute_everything, refresh
from bot.core.database import Database
from bot.core.keyring import Keyring, new_key
from bot.core.migrations import upgrade
from bot.people.registry import all_units, set_up
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import Answer, Run, Wave
from gapengine.allocation import form_for

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
LAST = date(2026, 3, 2)
SHORT, LONG = 8, 80
ROUNDS = 5


def fill(database: Database, *, units: int, weeks: int, runs: int) -> int:
    """Write a history of closed runs; return the number of answers."""
    rng = np.random.default_rng(1)
    with database.transaction() as session:
        set_up(
            session,
            name="Large",
            units=[f"Unit {n:05}" for n in range(units)],
            zone="UTC",
            language="en",
            now=NOW,
        )
        library = SurveyDesk().library
        paper = library.keep(session, library.read("customers"))
        blueprint = paper.content.blueprint()
        forms = [form_for(blueprint, seed=1, sequence=n).questions for n in range(200)]
        total = 0
        for unit in all_units(session):
            wave = Wave(
                version_id=paper.version_id,
                unit_id=unit.id or 0,
                due_on=LAST,
                planned_at=NOW,
                expires_at=NOW,
                seed=0,
                closed=True,
            )
            session.add(wave)
            session.flush()
            for ago in range(weeks):
                week = LAST - timedelta(days=7 * ago)
                many = _rows(unit.id or 0, wave.id or 0, week, forms=forms, runs=runs, rng=rng)
                session.execute(insert(Run), many[0])
                session.execute(insert(Answer), many[1])
                total += len(many[1])
    return total


def _rows(
    unit: int, wave: int, week: date, *, forms: list[Any], runs: int, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    listed: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for number in range(runs):
        key = f"{unit:08x}{week.toordinal():08x}{number:016x}"
        form = forms[int(rng.integers(len(forms)))]
        listed.append(
            {
                "key": key,
                "wave_id": wave,
                "version_id": 1,
                "unit_id": unit,
                "week": week,
                "anonymous": True,
                "promise": "anonymous-1",
                "state": "finished",
                "form": [list(one) for one in form],
                "position": 5,
            }
        )
        answers += [
            {
                "run_key": key,
                "item": item,
                "vantage": vantage,
                "score": int(score),
                "no_rule": False,
                "unit_id": unit,
                "week": week,
                "version_id": 1,
                "language": "en",
                "answered_on": week,
            }
            for (item, vantage), score in zip(form, rng.integers(1, 8, len(form)), strict=True)
        ]
    return listed, answers


def change(database: Database, *, units: int, answers: int) -> None:
    """Correct so many answers of the last week, spread over all units."""
    each = max(1, answers // units)
    with database.transaction() as session:
        for unit in range(1, units + 1):
            session.execute(
                text(
                    "UPDATE answer SET score = 8 - score WHERE (run_key, item, vantage) IN ("
                    "SELECT run_key, item, vantage FROM answer WHERE unit_id = :unit"
                    " AND week = :week LIMIT :each)"
                ),
                {"unit": unit, "week": LAST.isoformat(), "each": each},
            )


def refreshed(session: Session) -> None:
    """Rebuild what changed."""
    while refresh(session):
        pass


def grouped(session: Session) -> None:
    """Sum everything in SQL."""
    session.execute(
        text(
            "SELECT unit_id, week, item, vantage, count(*), sum(score), sum(score * score)"
            " FROM answer GROUP BY 1, 2, 3, 4"
        )
    ).fetchall()


def seconds(database: Database, work: Callable[[Session], Any]) -> float:
    """Time one function in a transaction of its own."""
    start = time.perf_counter()
    database.run(work)
    return time.perf_counter() - start


def main() -> None:
    """Build both histories and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=20)
    parser.add_argument("--runs", type=int, default=40)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept: dict[int, tuple[Database, int]] = {}
        for weeks in (SHORT, LONG):
            database = Database(
                f"sqlite:///{Path(folder) / f'{weeks}.sqlite'}", Keyring([new_key()])
            )
            upgrade(database)
            kept[weeks] = database, fill(database, units=args.units, weeks=weeks, runs=args.runs)
            database.run(recompute_everything)
        few = kept[SHORT][1] // 100
        print(f"{args.units} units; {few} answers change (1 % of {SHORT} weeks)")
        print(
            f"{'weeks':>6}{'answers':>10}{'refresh s':>11}{'all anew s':>12}{'SQL s':>8}"
            f"{'anew/refresh':>14}{'SQL/refresh':>13}"
        )
        medians = {}
        for weeks, (database, total) in kept.items():
            times = []
            for _ in range(ROUNDS):
                change(database, units=args.units, answers=few)
                times.append(seconds(database, refreshed))
            medians[weeks] = statistics.median(times)
            sql = statistics.median(seconds(database, grouped) for _ in range(3))
            anew = seconds(database, recompute_everything)
            print(
                f"{weeks:6}{total:10}{medians[weeks]:11.4f}{anew:12.3f}{sql:8.3f}"
                f"{anew / medians[weeks]:13.1f}x{sql / medians[weeks]:12.1f}x"
            )
            database.close()
        print(f"10 times the history: {medians[LONG] / medians[SHORT]:.2f} times the refresh")


if __name__ == "__main__":
    main()
