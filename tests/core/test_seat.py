"""One process fetches, the others stand by; the seat falls free when its process dies."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from bot.core import seat as seats
from bot.core.database import Database
from bot.core.seat import Seat

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import asyncio, sys
from bot.core.database import Database
from bot.core.seat import Seat
async def hold():
    await Seat(Database(sys.argv[1])).taken()
    print("sits", flush=True)
    await asyncio.sleep(60)
asyncio.run(hold())
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that the tests need not wait."""
    monkeypatch.setattr(seats, "WAIT_SECONDS", 0.02)
    monkeypatch.setattr(seats, "LOOK_SECONDS", 0.02)


async def test_a_second_process_stands_by_until_the_first_gives_the_seat_back(database: Database):
    first, second = Seat(database), Seat(Database(database.address))
    await first.taken()

    waiting = asyncio.ensure_future(second.taken())
    await asyncio.sleep(0.1)
    stood_by = not waiting.done()
    first.release()
    await asyncio.wait_for(waiting, 5)

    assert stood_by
    second.release()


async def test_a_seat_falls_free_when_its_process_is_killed(database: Database):
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, database.address),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert await asyncio.wait_for(holder.stdout.readline(), 20) == b"sits\n"
    mine = Seat(database)
    waiting = asyncio.ensure_future(mine.taken())
    await asyncio.sleep(0.1)
    stood_by = not waiting.done()

    holder.send_signal(signal.SIGKILL)
    await holder.wait()
    await asyncio.wait_for(waiting, 5)

    assert stood_by
    mine.release()


async def test_whoever_loses_the_server_knows_that_the_seat_is_lost(database: Database):
    seat = Seat(database)
    await seat.taken()
    lost = asyncio.ensure_future(seat.lost())
    await asyncio.sleep(0.1)
    was_held = not lost.done()

    seat.release()
    await asyncio.wait_for(lost, 5)

    assert was_held
