"""An event API over a real socket on loopback, with an integration that has a key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bot.core.clock import Clock
from bot.core.database import Database
from bot.crm.keeping import kinds_of_people
from bot.surveys.desk import SurveyDesk
from bot.surveys.versions import Library
from bot.web import integrations
from bot.web.accepting import Surroundings
from bot.web.app import Web
from bot.web.health import Health
from tests.support.machinery import InlineLane
from tests.support.surveys import House


@dataclass
class Caller:
    """Another system: it knows its key and counts its idempotency keys."""

    house: House
    client: httpx.AsyncClient
    key: str
    sent: int = 0

    async def post(
        self, event: Any, *, key: str | None = None, repeat: str = "", **headers: str
    ) -> httpx.Response:
        """Report an event, with a new idempotency key unless one is named."""
        self.sent += 1
        head = {
            "Authorization": f"Bearer {self.key if key is None else key}",
            "Idempotency-Key": repeat or f"event-{self.sent}",
        }
        body = {"content": event} if isinstance(event, bytes) else {"json": event}
        return await self.client.post(
            "/api/v1/events",
            headers=head | {"Content-Type": "application/json"} | headers,
            **body,
        )

    async def visit(self, reference: str = "V-1", **data: Any) -> httpx.Response:
        """Report a visit of an hour ago."""
        usual = {
            "reference": reference,
            "customer": "C-1",
            "unit": "Riverside",
            "at": "2026-03-04T09:00:00+00:00",
        }
        return await self.post({"type": "visit.recorded", "data": usual | data})


def web_of(house: House, database: Database, receiving: bool | None = True) -> Web:
    """Return the addresses over a lane that works at once."""
    clock = Clock(lambda: house.now)
    return Web(
        lane=InlineLane(database),
        clock=clock,
        around=Surroundings(Library(), lambda: "gap_bot"),
        health=Health(database, clock, lambda: receiving),
    )


@pytest.fixture
def house(database: Database) -> House:
    """An organisation with two units, on both kinds of database."""
    return House(database, SurveyDesk(kinds=kinds_of_people)).open(units=("Riverside", "Old Town"))


@pytest.fixture
def one_house(sqlite_database: Database) -> House:
    """The same where the database does not matter."""
    return House(sqlite_database).open(units=("Riverside", "Old Town"))


async def _called(house: House) -> AsyncIterator[Caller]:
    made = house.database.run(
        lambda session: integrations.add(session, "till system", now=house.now)
    )
    transport = httpx.ASGITransport(web_of(house, house.database).app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gapbot") as client:
        yield Caller(house, client, made.key)


@pytest.fixture
async def caller(house: House) -> AsyncIterator[Caller]:
    """A caller, on both kinds of database."""
    async for one in _called(house):
        yield one


@pytest.fixture
async def one_caller(one_house: House) -> AsyncIterator[Caller]:
    """A caller where the database does not matter."""
    async for one in _called(one_house):
        yield one
