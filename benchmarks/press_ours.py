"""Our bot for ``presses.py``: the real card, stored and committed, on SQLite with its full care."""

import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session
from telegram import Update
from telegram.request import BaseRequest, HTTPXRequest

from bot.core.aiohttp_request import AiohttpRequest
from bot.core.clock import Clock
from bot.core.database import Database, WriteLane
from bot.core.dialogue import Call
from bot.core.keyring import Keyring, new_key
from bot.core.migrations import upgrade
from bot.core.receiver import Receiver
from bot.core.render import Texts
from bot.core.router import Router
from bot.core.sender import Courier, Replies
from bot.core.telegram_api import Telegram
from bot.people.door import PeopleDoor
from bot.people.registry import set_up, the_organisation, unit_named
from bot.people.tables import Person, Role
from bot.surveys import chat
from bot.surveys.desk import SurveyDesk
from bot.surveys.sending import composers
from bot.surveys.waves import plan_for, write_wave


def prepare(database: Database, clock: Clock, people: int) -> str:
    """Make an organisation whose customers each have one long open card; return the secret."""
    upgrade(database)
    now, desk = clock.now(), SurveyDesk()

    def fill(session: Session) -> str:
        set_up(session, name="Bench", units=["A"], zone="UTC", language="en", now=now)
        unit = unit_named(session, "A")
        for number in range(1, people + 1):
            session.add(
                Person(id=number, telegram_id=number, name="P", language="en", consented_at=now)
            )
            session.add(Role(person_id=number, unit_id=unit.id, kind="customer", granted_at=now))
        session.flush()
        paper = desk.library.keep(session, desk.library.read("customers"))
        plan = plan_for(session, desk, paper=paper, unit=unit, now=now, at_once=True)
        write_wave(session, plan, paper=paper, unit=unit, now=now)
        slots = [[item.id, vantage] for item in paper.content.items for vantage in ("E", "P")]
        session.execute(text("UPDATE run SET form = :form"), {"form": json.dumps(slots)})
        return the_organisation(session).secret

    return database.run(fill)


async def main(address: str, people: int, client: str) -> None:
    """Answer presses until told to stop."""
    with tempfile.TemporaryDirectory() as folder:
        clock, database = (
            Clock(),
            Database(f"sqlite:///{Path(folder) / 'bench.sqlite'}", Keyring([new_key()])),
        )
        secret = prepare(database, clock, people)
        lane = WriteLane(database)
        lane.start()
        request: BaseRequest = AiohttpRequest()
        if client == "httpx":
            request = HTTPXRequest(connection_pool_size=256)
        telegram = Telegram("42:bench", address, request=request, polling=AiohttpRequest())
        for part in (telegram.request, telegram.polling):
            await part.initialize()
        texts, door, desk = Texts(), PeopleDoor(), SurveyDesk()
        router = Router(door, [chat.routes(desk)], texts)

        def handle(session: Session, update: Update) -> list[Call]:
            return router.handle(session, update, now=clock.now(), secret=secret)

        async def blocked(_: int) -> None:
            raise RuntimeError("nobody blocks in a benchmark")

        receiver = Receiver(
            telegram=telegram,
            database=database,
            lane=lane,
            clock=clock,
            replies=Replies(telegram, blocked),
            handle=handle,
            sorry=lambda _: "sorry",
            is_light=router.is_light,
        )
        courier = Courier(
            telegram=telegram,
            lane=lane,
            clock=clock,
            rate=500,
            composers={one.kind: one for one in composers(texts, desk)},
            addresses=door,
        )
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        tasks = [asyncio.create_task(one.run()) for one in (receiver, courier)]
        await stop.wait()
        for task in tasks:
            task.cancel()
        await receiver.finish(2)
        await lane.stop()
        for part in (telegram.request, telegram.polling):
            await part.shutdown()
        database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
