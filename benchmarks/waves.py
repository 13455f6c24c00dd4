"""How long a large anonymous wave takes: planning it, a tap, reminding, closing.

    python -m benchmarks.waves [--people 2000] [--rounds 5] [--url postgresql://...]

Everybody is of one unit. A third have finished and a third are in the middle when the reminder is
planned; then the wave closes. Times are medians in milliseconds; a tap is finding the run of a
press, moving it and storing the answer.
"""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import insert, select
from sqlmodel import Session, col

from bot import parts  # noqa: F401 - loads every table
from bot.core.database import Database
from bot.core.keyring import Keyring, new_key
from bot.core.migrations import upgrade
from bot.people.registry import set_up, unit_named
from bot.people.tables import Person, Role
from bot.surveys import answers, runs, ticks
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import Invitee, Wave
from bot.surveys.waves import plan_for, write_wave

START = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
T = TypeVar("T")
Times = dict[str, list[float]]


def main() -> None:
    """Read the command line; print one line for each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", default="", help="an empty PostgreSQL database; else SQLite")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = args.url or f"sqlite:///{Path(folder) / 'waves.sqlite'}"
        database = Database(address, Keyring([new_key()]))
        upgrade(database)
        database.run(lambda session: _people(session, args.people))
        times: Times = defaultdict(list)
        for number in range(args.rounds):
            _one_wave(database, SurveyDesk(), START + timedelta(days=40 * number), times)
        database.close()
    for step, found in times.items():
        print(f"{step:<10} {statistics.median(found) * 1000:9.2f} ms")


def _people(session: Session, many: int) -> None:
    set_up(session, name="Cafés", units=["Riverside"], zone="UTC", language="en", now=START)
    numbers = range(1, many + 1)
    session.execute(
        insert(Person),
        [
            {"id": one, "telegram_id": one, "name": "Ana", "language": "en", "consented_at": START}
            for one in numbers
        ],
    )
    role = {"unit_id": 1, "kind": "customer", "granted_at": START}
    session.execute(insert(Role), [role | {"person_id": one} for one in numbers])


def _one_wave(database: Database, desk: SurveyDesk, now: datetime, times: Times) -> None:
    wave = _timed(times, "plan", lambda: database.run(lambda s: _plan(s, desk, now)))
    with database.reading() as session:
        asked = session.execute(
            select(col(Invitee.id), col(Invitee.person_id)).where(col(Invitee.wave_id) == wave)
        ).all()
    for place, (invitee, person) in enumerate(asked):
        if place % 3 == 2:
            continue
        _answer(database, invitee or 0, person, now=now, ends=place % 3 == 0, times=times)
    later = now + timedelta(days=2, hours=1)
    _timed(times, "remind", lambda: database.run(lambda s: ticks.remind_due(s, later, desk)))
    over = now + timedelta(days=30)
    _timed(times, "close", lambda: database.run(lambda s: ticks.expire_due(s, over)))


def _plan(session: Session, desk: SurveyDesk, now: datetime) -> int:
    paper = desk.library.keep(session, desk.library.read("customers"))
    unit = unit_named(session, "Riverside")
    plan = plan_for(session, desk, paper=paper, unit=unit, now=now)
    wave = write_wave(session, plan, paper=paper, unit=unit, now=now)
    assert session.get_one(Wave, wave).remind_at is not None
    return wave


def _answer(
    database: Database, invitee: int, person: int, *, now: datetime, ends: bool, times: Times
) -> None:
    def tap(session: Session) -> answers.Standing:
        run = answers.standing(session, invitee, person_id=person, now=now)
        if run is None:
            raise LookupError(invitee)
        answers.move(session, run, 1)
        answers.store(session, run, 0, score=5, language="en", now=now)
        return run

    run = _timed(times, "tap", lambda: database.run(tap))
    if ends:
        database.run(lambda session: runs.close(session, run, "finished"))


def _timed(times: Times, step: str, work: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = work()
    times[step].append(time.perf_counter() - began)
    return result


if __name__ == "__main__":
    main()
