"""Other systems at the real bot, over loopback HTTP: what they report, and what they are told.

The receiver believes a message only after the check that the guide prints.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlmodel import Session

from bot.analysis.kept import UnitFindings, newest_report, read_findings
from bot.core.clock import Clock
from bot.core.dialogue import OWNER
from bot.demo.company import PLAYED, crowd, played
from bot.digests.measured import OVERALL, WITHHELD, like_for_like, read_gaps
from bot.organisation.appointments import give_role
from bot.people.registry import create_unit
from bot.web import integrations
from bot.web.telling import PAUSES
from tests.acceptance.playing import Play, playing
from tests.support.answers import Ledger
from tests.support.surveys import House

GUIDE = (Path(__file__).parents[2] / "docs/how-to/connect-your-crm.md").read_text("utf-8")
CLARA, _, MAYA = PLAYED
LAST_WEEK = date(2026, 3, 2)
TO_MONDAY = timedelta(days=5)


@dataclass
class Receiver:
    """Another system: it answers with these statuses in turn, then with 200, and keeps all."""

    clock: Clock
    statuses: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    came: list[tuple[float, dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Answer as it is told to."""
        body = await request.read()
        self.came.append((self.clock.now().timestamp(), dict(request.headers), body))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.taken.append(json.loads(body))
        return web.Response(status=status)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return what was taken of a kind."""
        return [one for one in self.taken if one["type"] == kind]


@asynccontextmanager
async def receiving(clock: Clock) -> AsyncIterator[tuple[Receiver, str]]:
    """A receiver on loopback, and its address."""
    one = Receiver(clock)
    app = web.Application()
    app.router.add_post("/hook", one.take)
    async with TestServer(app) as server:
        yield one, str(server.make_url("/hook"))


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """The company at work, with a kiosk that has three customers."""
    async with playing(tmp_path) as house:
        house.bot.database.run(lambda session: create_unit(session, "Kiosk"))
        three = {"customers": 3, "staff": 0, "managers": 0}
        place = House(house.bot.database, house.bot.parts.surveys, now=house.clock.now())
        Ledger(place).fill("Kiosk", week=LAST_WEEK, people=three)
        yield house


def let_in(play: Play, name: str, address: str, *kinds: str) -> str:
    """Tell another system of what is new from now on; return its secret."""
    now = play.clock.now()
    made = play.bot.database.run(
        lambda session: integrations.add(session, name, now=now, address=address, kinds=kinds)
    )
    return made.secret


async def test_figures_digests_and_cases_are_told_signed_and_again_after_a_failure(
    play: Play,
) -> None:
    async with receiving(play.clock) as (receiver, address):
        secret = let_in(play, "CRM", address)
        receiver.statuses = [500] * 3
        await a_customer_asks_to_be_contacted(play)
        play.clock.advance(TO_MONDAY)
        await play.bot.tick()
        await play.reads(MAYA, "Riverside")
        await play.until(lambda: _has_digest(play))
        await play.bot.tick()
        await the_clock_goes_on(play, receiver)

    assert len(receiver.came) == len(receiver.taken) + 3
    assert len({one["id"] for one in receiver.taken}) == len(receiver.taken)
    is_ours = the_check_of_the_guide()
    for at, head, body in receiver.came:
        assert is_ours(secret, head, body, now=at)
        assert not is_ours("whsec_of_another", head, body, now=at)
        assert head["Gapbot-Event"] == json.loads(body)["type"]
    (opened,) = receiver.of("case.opened")
    assert opened["data"] == {"case": "1", "unit": "Riverside", "on": "2026-03-11"}
    (digest,) = [one for one in receiver.of("digest.made") if one["data"]["unit"] == "Riverside"]
    assert digest["data"]["week"] == "2026-03-09"
    assert_what_is_told_is_what_a_digest_shows(play, receiver)
    assert_nobody_is_named(receiver)


async def test_who_never_takes_a_message_is_left_alone_and_an_owner_hears_of_it(
    play: Play,
) -> None:
    play.bot.database.run(lambda session: _make_owner(session, play))
    async with receiving(play.clock) as (receiver, address):
        let_in(play, "Old till", address, "case.opened")
        receiver.statuses = [500] * 100
        await a_customer_asks_to_be_contacted(play)
        await play.bot.tick()
        for pause in PAUSES:
            play.clock.advance(pause)
            await play.bot.tick()
        told = await play.reads(CLARA, "could not be told")
        play.clock.advance(timedelta(days=2))
        await play.bot.tick()

    assert len(receiver.came) == len(PAUSES) + 1
    assert "Old till" in told.body.text
    assert "status 500" in told.body.text
    assert address not in told.body.text


async def a_customer_asks_to_be_contacted(play: Play) -> None:
    """As a customer presses it after a low rating; a test of its own plays that."""
    from bot.cases.cases import open_case

    person = play.company.played["customer"]
    now = play.clock.now()
    await play.bot.lane.run(
        lambda session: open_case(
            session,
            person_id=person,
            unit_id=play.company.units[0],
            now=now,
            within=timedelta(days=2),
        )
    )
    await play.bot.tick()


async def the_clock_goes_on(play: Play, receiver: Receiver) -> None:
    """Until nothing is tried any more, at most through all pauses."""
    for pause in PAUSES[:3]:
        before = len(receiver.came)
        play.clock.advance(pause)
        for _ in range(5):
            await play.bot.tick()
            await asyncio.sleep(0)
        if len(receiver.came) == before and not receiver.statuses:
            return


def assert_what_is_told_is_what_a_digest_shows(play: Play, receiver: Receiver) -> None:
    """The newest message of each unit holds the gaps of the kept report that are not hidden."""
    told = {one["data"]["unit"]: one["data"] for one in receiver.of("gaps.released")}
    assert set(told) == {"*", *play.company.words.units}  # and not the kiosk
    for unit, data in told.items():
        shown = _shown(_findings(play, unit))
        assert {one["gap"]: one["estimate"] for one in data["gaps"]} == shown
    kiosk = _findings(play, "Kiosk")
    assert kiosk.response["answered"] == 3
    assert _shown(kiosk) == {}
    assert not any("Kiosk" in body.decode() for *_, body in receiver.came)


def assert_nobody_is_named(receiver: Receiver) -> None:
    said = " ".join(body.decode() for *_, body in receiver.came)
    names = {one.name for one in crowd()} | {one.first_name for one in played("en")}
    assert [one for one in names if re.search(rf"\b{re.escape(one)}\b", said)] == []


def the_check_of_the_guide() -> Any:
    """Return ``is_ours`` as the guide prints it."""
    snippet = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert snippet
    names: dict[str, Any] = {}
    exec(snippet.group(1), names)  # noqa: S102 - the page's own code
    return names["is_ours"]


def _findings(play: Play, unit: str) -> UnitFindings:
    """What the newest report says of a unit."""

    def read(session: Session) -> UnitFindings:
        report_id = newest_report(session)
        assert report_id is not None
        return read_findings(session, report_id, unit)

    return play.bot.database.run(read)


def _shown(findings: UnitFindings) -> dict[str, float]:
    return {
        one.name: round(one.estimate, 1)
        for one in read_gaps(like_for_like(dict(findings.report)))
        if one.level == OVERALL and one.tone not in WITHHELD and one.estimate is not None
    }


def _make_owner(session: Session, play: Play) -> None:
    give_role(
        session,
        play.company.played["customer"],
        kind=OWNER,
        unit_id=None,
        now=play.clock.now(),
    )


def _has_digest(play: Play) -> bool:
    return any(one.photo for one in play.chat.timeline(MAYA) if one.from_bot)
