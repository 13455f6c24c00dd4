"""Start-up time and memory with 100,000 people, against an empty organisation.

    python -m benchmarks.startup [--people 100000]

The bot is started as an operator starts it, against the offline chat; the clock stops when it asks
for updates for the first time. Memory is the resident size of the process then.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from bot.core.database import Database
from bot.core.keyring import Keyring, new_key
from bot.core.migrations import upgrade
from bot.demo.chat import OfflineChat
from bot.demo.server import ChatServer
from bot.people.registry import all_units, set_up
from bot.people.tables import Person, Role

TOKEN = "700000007:benchmark-token-of-thirty-characters"
NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)


KEY = new_key()


def fill(address: str, people: int) -> None:
    """Make an organisation with ten units and so many customers."""
    database = Database(address, Keyring([KEY]))
    upgrade(database)
    with database.transaction() as session:
        set_up(
            session,
            name="Large",
            units=[f"Unit {n}" for n in range(10)],
            zone="UTC",
            language="en",
            now=NOW,
        )
        units = [unit.id for unit in all_units(session)]
        for start in range(0, people, 10_000):
            numbers = range(start + 1, min(start + 10_000, people) + 1)
            session.execute(
                insert(Person),
                [
                    {
                        "id": n,
                        "telegram_id": 10_000_000 + n,
                        "name": f"Person {n}",
                        "language": "en",
                        "state": "active",
                        "consent_version": 1,
                        "consented_at": NOW,
                    }
                    for n in numbers
                ],
            )
            session.execute(
                insert(Role),
                [
                    {
                        "person_id": n,
                        "unit_id": units[n % 10],
                        "kind": "customer",
                        "granted_at": NOW,
                    }
                    for n in numbers
                ],
            )
    database.close()


async def start(address: str, folder: Path) -> tuple[float, float]:
    """Start the bot once; return seconds until it listens, and megabytes."""
    chat = OfflineChat(token=TOKEN, bot_username="large_bot", now=lambda: datetime.now(UTC))
    server = ChatServer(chat)
    url = await server.start()
    environment = os.environ | {
        "GAPBOT_TOKEN": TOKEN,
        "GAPBOT_TELEGRAM_API": url,
        "GAPBOT_DATABASE_URL": address,
        "GAPBOT_DATA": str(folder),
        "GAPBOT_KEY": KEY,
    }
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=environment, stderr=asyncio.subprocess.PIPE
    )
    stderr = process.stderr
    if stderr is None:
        raise RuntimeError("the bot's log cannot be read")
    while b"bot.started" not in await stderr.readline():
        pass
    took = time.perf_counter() - began
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    process.terminate()
    await process.communicate()
    await server.stop()
    return took, pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Start both in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        addresses = {n: f"sqlite:///{folder / f'{n}.sqlite'}" for n in (0, args.people)}
        for people, address in addresses.items():
            fill(address, people)
        seen: dict[int, list[tuple[float, float]]] = {people: [] for people in addresses}
        for _ in range(args.rounds):
            for people, address in addresses.items():
                seen[people].append(asyncio.run(start(address, folder)))
    print(f"{'people':>8}{'start s':>9}{'memory MB':>11}")
    medians = {}
    for people, figures in seen.items():
        medians[people] = tuple(statistics.median(one[part] for one in figures) for part in (0, 1))
        print(f"{people:8}{medians[people][0]:9.2f}{medians[people][1]:11.0f}")
    large, empty = medians[args.people], medians[0]
    print(f"{large[0] / empty[0]:.2f} times the start, {large[1] / empty[1]:.2f} times the memory")


if __name__ == "__main__":
    main()
