"""A broadcast to two thousand people in real time, flood limits on, through a real socket.

    python -m benchmarks.delivery [--people 2000] [--rate 25]

Prints how long it took, the most messages in any second, the refusals of the strict server (goal:
none), and how often people who had blocked the bot were tried (goal: once each).
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from bot.core import outbox
from bot.core.aiohttp_request import AiohttpRequest
from bot.core.clock import Clock
from bot.core.database import Database, WriteLane
from bot.core.dialogue import Call, message_call
from bot.core.keyring import Keyring, new_key
from bot.core.migrations import upgrade
from bot.core.outbox import Lane, Recipient
from bot.core.sender import Courier
from bot.core.tables import Delivery
from bot.core.telegram_api import Telegram
from bot.demo.chat import OfflineChat
from bot.demo.model import Event, Persona
from bot.demo.server import ChatServer
from bot.people.door import PeopleDoor
from bot.people.registry import set_up
from bot.people.tables import Person

TOKEN = "42:bench"


class News:
    """The one kind of delivery of this benchmark."""

    kind = "news"
    repeatable = False
    forgotten = False

    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        """Return one message."""
        del session, now
        return [message_call(to.telegram_id, f"News {delivery.subject}")]

    def sent(self, session: Session, delivery: Delivery, results: list[object]) -> None:
        """Nothing is to be noted."""


def prepare(database: Database, now: datetime, people: int) -> None:
    """Store the people and promise each of them one message."""
    upgrade(database)

    def fill(session: Session) -> None:
        set_up(session, name="Bench", units=["A"], zone="UTC", language="en", now=now)
        session.add_all(
            Person(id=number, telegram_id=number, name="P", language="en", consented_at=now)
            for number in range(1, people + 1)
        )
        session.flush()
        row = {"kind": "news", "lane": int(Lane.QUESTIONNAIRE), "due_at": now}
        row |= {"expires_at": now + timedelta(days=1)}
        outbox.plan_many(
            session,
            [
                row | {"key": f"news:{number}", "subject": str(number), "person_id": number}
                for number in range(1, people + 1)
            ],
        )

    database.run(fill)


async def broadcast(address: str, database: Database, options: argparse.Namespace) -> float:
    """Send everything with some couriers side by side; return the seconds it took."""
    clock, started = Clock(), time.monotonic()
    async with AsyncExitStack() as stack:
        couriers = []
        for _ in range(options.couriers):
            lane, request = WriteLane(database), AiohttpRequest()
            lane.start()
            stack.push_async_callback(lane.stop)
            await request.initialize()
            stack.push_async_callback(request.shutdown)
            couriers.append(
                Courier(
                    telegram=Telegram(TOKEN, address, request=request, polling=request),
                    lane=lane,
                    clock=clock,
                    rate=options.rate,
                    composers={"news": News()},
                    addresses=PeopleDoor(),
                )
            )
        tasks = [asyncio.create_task(courier.run()) for courier in couriers]
        while await database.read(outbox.waiting):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.2)
        took = time.monotonic() - started
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for courier in couriers:
            await courier.finish(5)
    return took


async def main(options: argparse.Namespace) -> None:
    """Prepare, send, report."""
    chat = OfflineChat(token=TOKEN, bot_username="bench_bot", now=lambda: datetime.now(UTC))
    chat.flood.enabled = True
    chat.add(Persona(number, "P", "en") for number in range(1, options.people + 1))
    for number, person in chat.people.items():
        person.started, person.blocked = True, number % 7 == 0
    tries: Counter[int] = Counter()
    seconds: list[float] = []

    def notice(event: Event) -> None:
        if event.kind == "call" and event.user_id:
            tries[event.user_id] += 1
            seconds.append(time.monotonic())

    chat.listen(notice)
    server = ChatServer(chat)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite'}", Keyring([new_key()]))
        prepare(database, datetime.now(UTC), options.people)
        took = await broadcast(await server.start(), database, options)
        with database.reading() as session:
            rows = session.execute(text("SELECT state, count(*) FROM delivery GROUP BY state"))
            ended = {row[0]: row[1] for row in rows}
        database.close()
    await server.stop()
    busiest = max(sum(at <= one < at + 1 for one in seconds) for at in seconds)
    print(
        f"{options.people} people, {options.couriers} couriers, {options.rate:g} messages/s wanted"
    )
    print(f"  ended as       {ended}")
    print(f"  took           {took:.1f} s, {len(seconds) / took:.1f} calls/s")
    print(f"  busiest second {busiest} calls (the limit is {chat.flood.per_second})")
    print(f"  refusals       {chat.flood.refusals} (goal: 0)")
    print(f"  most tries     {max(tries.values())} for one person (goal: 1)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=25.0)
    parser.add_argument("--couriers", type=int, default=1)
    asyncio.run(main(parser.parse_args()))
