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

import httpx
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
from bot.registers import standards
from bot.web import integrations
from bot.web.telling import PAUSES
from tests.acceptance.playing import Play, labels, playing
from tests.registers.conftest import AGREED, WAITING
from tests.support.answers import Ledger
from tests.support.surveys import House
from tests.web.test_how_to import free_port

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


@dataclass
class Till:
    """A system that reports; each event has an idempotency key of its own."""

    client: httpx.AsyncClient
    key: str
    sent: int = 0

    async def reports(self, kind: str, **data: Any) -> dict[str, Any]:
        """Report an event that is taken; return the answer."""
        answer = await self.posts(json.dumps({"type": kind, "data": data}).encode())
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def posts(
        self, body: bytes | AsyncIterator[bytes], *, key: str | None = None
    ) -> httpx.Response:
        """Send a body, of a length that is told or not."""
        self.sent += 1
        head = {
            "Authorization": f"Bearer {key or self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"event-{self.sent}",
        }
        return await self.client.post("/api/v1/events", content=body, headers=head)


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


async def test_what_is_reported_reaches_customers_and_figures(tmp_path: Path) -> None:
    port = free_port()
    async with (
        playing(tmp_path, http_port=port) as play,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        till = Till(client, _key(play))
        await a_customer_of_any_name_is_found_by_their_number(play, till)
        await a_visit_is_asked_about(play, till)
        await what_is_measured_stands_beside_what_staff_say(play, till)
        await what_must_not_come_in_stays_out(till)


async def a_customer_of_any_name_is_found_by_their_number(play: Play, till: Till) -> None:
    names = ["=cmd|' /C calc'!A0", "\u0645\u0631\u064a\u0645 <b>&", "\U0001f600" * 40, "a\0b"]
    for number, name in enumerate(names):
        said = {"reference": f"N-{number}", "name": name}
        assert await till.reports("customer.upserted", **said) == {"result": "new"}
        visit = {"reference": f"NV-{number}", "customer": f"N-{number}", "unit": "riverside"}
        await till.reports("visit.recorded", **visit, at="2026-03-10T17:00:00+05:45")
    for number, shown in enumerate([*names[:3], "ab"]):
        page = await play.says(MAYA, f"/customer N-{number}")
        assert shown in page.body.text
        assert "Customer" in page.body.text
    assert [one for one in play.chat.calls if one.error] == []


async def a_visit_is_asked_about(play: Play, till: Till) -> None:
    made = await till.reports("customer.upserted", reference="C-1", invite_to="Riverside")
    welcome = await play.says(CLARA, f"/start {made['invitation'].rpartition('=')[2]}")
    await play.presses(CLARA, welcome, "I agree")
    came = {"reference": "V-1", "customer": "C-1", "unit": "Riverside"}
    when = (play.clock.now() - timedelta(hours=1)).isoformat()
    answer = await till.reports("visit.recorded", **came, at=when)
    again = await till.reports("visit.recorded", **came, at=when)
    assert (answer["asking"], again["result"]) == ("waiting", "unchanged")

    play.clock.advance(timedelta(hours=3))
    await play.bot.tick()
    card = await play.finds(CLARA, lambda one: "7" in labels(one))
    assert "your visit" in card.body.text.lower()
    assert "Riverside" in card.body.text
    while "7" in labels(card):
        await play.presses(CLARA, card, "6")
    await play.presses(CLARA, card, "Finish")
    page = await play.says(MAYA, "/customer C-1")
    assert "lived" in page.body.text


async def what_is_measured_stands_beside_what_staff_say(play: Play, till: Till) -> None:
    """600 seconds are level 3 by the rule; five measurements are enough to be a source."""
    await play.bot.lane.run(lambda session: _write_rule(session, play))
    measured = {"unit": "Riverside", "item": AGREED, "value": 600, "n": 1}
    for day in range(2, 8):
        said = await till.reports(
            "measurement.recorded", **measured, at=f"2026-03-{day:02d}T12:00Z"
        )
        assert said == {"result": "recorded"}
    play.bot.desk._rests_until = 0.0  # reports rest by the real clock after one was made
    await play.bot.tick()

    every = await play.says(MAYA, "/gaps")
    assert "measured 3.0" in every.body.text.replace("\u2068", "").replace("\u2069", "")


async def what_must_not_come_in_stays_out(till: Till) -> None:
    good = {"type": "customer.upserted", "data": {"reference": "X-1"}}
    body = json.dumps(good).encode()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    refused = [
        await till.posts(body, key="gapbot_of_nobody"),
        await till.posts(b"{"),
        await till.posts(b" " * 20_000 + body),
        await till.posts(endless()),
        await till.posts(body.replace(b"X-1", b"")),
    ]
    assert [one.status_code for one in refused] == [401, 400, 413, 413, 422]


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


def _key(play: Play) -> str:
    now = play.clock.now()
    made = play.bot.database.run(lambda session: integrations.add(session, "till", now=now))
    return made.key


def _write_rule(session: Session, play: Play) -> None:
    standards.write_version(
        session,
        WAITING,
        item=AGREED,
        unit_id=None,
        seen=0,
        valid_from=date(2026, 1, 1),
        source="file",
        author_id=None,
        now=play.clock.now(),
    )


def _has_digest(play: Play) -> bool:
    return any(one.photo for one in play.chat.timeline(MAYA) if one.from_bot)
