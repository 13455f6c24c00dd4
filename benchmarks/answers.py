"""Committed answers per second: the write lane against one transaction each.

    python -m benchmarks.answers [--answers 4000] [--people 64]

64 people answer at once, each answer durable (SQLite, synchronous=FULL). Ways, in turn, three
rounds, medians: the lane with the bot's own statements; the same statements, one transaction each;
a SQLModel object in a session of its own each, which is what one writes first.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import Session

from bot.core.database import Database, WriteLane
from bot.core.keyring import Keyring, new_key
from bot.core.migrations import upgrade
from bot.demo.company_answers import seed_company
from bot.surveys import answers
from bot.surveys.answers import Standing
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import Answer, Run

WEEK = date(2026, 3, 2)
NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
FORM = [["reliability.on_time", "E"], ["reliability.on_time", "P"]]

Way = Callable[[Database, list[Standing]], Coroutine[None, None, None]]


def prepare(folder: Path, runs: int) -> tuple[Database, list[Standing]]:
    """Make a database with a company and so many open runs."""
    database = Database(f"sqlite:///{folder / 'answers.sqlite'}", Keyring([new_key()]))
    upgrade(database)
    with database.transaction() as session:
        company = seed_company(session, SurveyDesk(), language="en", now=NOW)
        unit_id = company.units[0]
        for number in range(runs):
            session.add(
                Run(
                    key=f"{number:032x}",
                    wave_id=1,
                    version_id=1,
                    unit_id=unit_id,
                    week=WEEK,
                    anonymous=True,
                    promise="anonymous-1",
                    form=FORM,
                )
            )
    standings = [
        Standing(
            key=f"{number:032x}",
            invitee_id=0,
            message_id=None,
            version_id=1,
            fingerprint="",
            unit_id=unit_id,
            unit="",
            zone="UTC",
            week=WEEK,
            anonymous=True,
            promise="anonymous-1",
            form=FORM,
            position=0,
            expires_at=NOW,
            scores={},
        )
        for number in range(runs)
    ]
    return database, standings


def tap(session: Session, run: Standing) -> None:
    """Store one answer as the card does."""
    answers.move(session, run, 1)
    answers.store(session, run, 0, score=5, language="en", now=NOW)


async def in_the_lane(database: Database, runs: list[Standing]) -> None:
    """Everybody hands in to the write lane."""
    lane = WriteLane(database)
    lane.start()
    await at_once(runs, lambda run: lane.run(lambda session: tap(session, run)))
    await lane.stop()


async def one_each(database: Database, runs: list[Standing]) -> None:
    """The same statements, each answer in a transaction of its own, in one worker thread."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as worker:
        await at_once(
            runs,
            lambda run: loop.run_in_executor(
                worker, database.run, lambda session: tap(session, run)
            ),
        )


async def objects(database: Database, runs: list[Standing]) -> None:
    """One SQLModel object and one commit each, in one worker thread."""
    loop = asyncio.get_running_loop()

    def add(run: Standing) -> None:
        with Session(database.engine) as session:
            session.merge(
                Answer(
                    run_key=run.key,
                    item=FORM[0][0],
                    vantage="E",
                    score=5,
                    unit_id=run.unit_id,
                    week=WEEK,
                    version_id=1,
                    language="en",
                    answered_on=WEEK,
                )
            )
            session.commit()

    with ThreadPoolExecutor(1) as worker:
        await at_once(runs, lambda run: loop.run_in_executor(worker, add, run))


async def at_once(
    runs: list[Standing], store: Callable[[Standing], Awaitable[None]], people: int = 64
) -> None:
    """Let so many people answer side by side, each one answer after the other."""
    waiting = iter(runs)

    async def person() -> None:
        for run in waiting:
            await store(run)

    await asyncio.gather(*(person() for _ in range(people)))


def measured(way: Way, runs: int) -> tuple[float, float]:
    """Return answers per second, and milliseconds of CPU per answer."""
    with tempfile.TemporaryDirectory() as folder:
        database, standings = prepare(Path(folder), runs)
        wall, cpu = time.perf_counter(), time.process_time()
        asyncio.run(way(database, standings))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        database.close()
    return runs / wall, cpu / runs * 1000


def main() -> None:
    """Measure all ways in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    ways: dict[str, Way] = {
        "write lane (group commit)": in_the_lane,
        "same statements, one transaction each": one_each,
        "SQLModel object, one commit each": objects,
    }
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(args.rounds):
        for name, way in ways.items():
            seen[name].append(measured(way, args.answers))
    first = statistics.median(rate for rate, _ in seen["write lane (group commit)"])
    print(f"{'way':42}{'answers/s':>11}{'CPU ms each':>13}{'lane is':>10}")
    for name, figures in seen.items():
        rate = statistics.median(one for one, _ in figures)
        cpu = statistics.median(one for _, one in figures)
        print(f"{name:42}{rate:11.0f}{cpu:13.3f}{first / rate:9.1f}x")


if __name__ == "__main__":
    main()
