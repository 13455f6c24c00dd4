"""Webhooks: looked for once, signed, tried again, dead after a day, and never an answer in them."""

import json
import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlmodel import Session

from bot.analysis.kept import read_findings
from bot.analysis.tables import StoredReport, StoredUnitReport
from bot.cases.cases import open_case
from bot.core.clock import Clock
from bot.core.errors import InputError, StorageError
from bot.core.tables import AuditEntry, Notice
from bot.web import integrations, telling
from bot.web.noticing import Noticer, notice, released
from bot.web.tables import Integration, Webhook
from bot.web.telling import PAUSES, Teller, signature
from tests.support.machinery import InlineLane
from tests.support.surveys import House


@dataclass
class Receiver:
    """Another system that takes messages, or answers with another status."""

    status: int = 200
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Keep what came."""
        self.taken.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status)


@pytest.fixture
async def receiver() -> Any:
    """A receiver on loopback, and its address."""
    one = Receiver()
    app = web.Application()
    app.router.add_post("/hook", one.take)
    async with TestServer(app) as server:
        yield one, str(server.make_url("/hook"))


def told(house: House, address: str, *kinds: str) -> str:
    """Let a system be told of events; return its secret."""
    made = house.database.run(
        lambda session: integrations.add(
            session, "CRM", now=house.now, address=address, kinds=kinds
        )
    )
    return made.secret


def case(house: House) -> None:
    """A customer asks to be contacted."""
    person = house.add(11)
    house.database.run(
        lambda session: open_case(
            session, person_id=person, unit_id=1, now=house.now, within=timedelta(days=2)
        )
    )


def look(house: House) -> int:
    return house.database.run(lambda session: notice(session, house.now))


def noticer(house: House) -> Noticer:
    """Look as a process does that has just been started."""
    return Noticer(house.database, InlineLane(house.database), Clock(lambda: house.now))


def teller(house: House) -> Teller:
    return Teller(InlineLane(house.database), Clock(lambda: house.now))


async def test_a_case_is_told_once_signed_and_without_a_name(
    house: House, receiver: tuple[Receiver, str]
) -> None:
    other, address = receiver
    secret = told(house, address)
    case(house)

    promised = [look(house), look(house)]
    await teller(house).tell_due()
    await teller(house).tell_due()

    assert promised == [1, 0]
    ((headers, body),) = other.taken
    at = int(headers["Gapbot-Timestamp"])
    assert headers["Gapbot-Signature"] == f"v1={signature(secret, at, body)}"
    assert headers["Gapbot-Event"] == "case.opened"
    said = json.loads(body)
    assert said["data"] == {"case": "1", "unit": "Riverside", "on": "2026-03-04"}
    assert "P11" not in body.decode()
    (row,) = house.rows(Webhook)
    assert (row.state, row.body) == ("sent", {})


async def test_only_what_was_asked_for_is_told(one_house: House) -> None:
    told(one_house, "http://127.0.0.1:9/x", "digest.made")
    case(one_house)

    assert look(one_house) == 0


async def test_what_fails_is_tried_again_later_and_then_given_up(
    one_house: House, receiver: tuple[Receiver, str]
) -> None:
    other, address = receiver
    other.status = 500
    one_house.add(15, "owner")
    told(one_house, address)
    case(one_house)
    look(one_house)

    for pause in PAUSES:
        await teller(one_house).tell_due()
        early = await teller(one_house).tell_due()
        assert early == 0
        one_house.now += pause
    await teller(one_house).tell_due()

    assert len(other.taken) == len(PAUSES) + 1
    (row,) = one_house.rows(Webhook)
    assert (row.state, row.note) == ("dead", "status 500")
    assert "webhook.dead" in [one.what for one in one_house.rows(AuditEntry)]
    (news,) = one_house.rows(Notice)
    assert news.content == {"integration": "CRM", "why": "status 500"}


async def test_nobody_at_the_address_is_a_failure_like_any_other(one_house: House) -> None:
    told(one_house, "http://127.0.0.1:9/nobody")
    case(one_house)
    look(one_house)

    await teller(one_house).tell_due()

    (row,) = one_house.rows(Webhook)
    assert (row.state, row.attempts) == ("queued", 1)
    assert "127.0.0.1" not in row.note


async def test_what_a_dead_process_had_claimed_is_told_by_the_next(
    house: House, receiver: tuple[Receiver, str]
) -> None:
    other, address = receiver
    told(house, address)
    case(house)
    look(house)
    house.database.run(lambda session: telling.claim(session, house.now))

    at_once = await teller(house).tell_due()
    house.later(minutes=2)
    later = await teller(house).tell_due()

    assert (at_once, later, len(other.taken)) == (0, 1, 1)


async def test_a_revoked_system_is_told_nothing_more(
    one_house: House, receiver: tuple[Receiver, str]
) -> None:
    other, address = receiver
    told(one_house, address)
    case(one_house)
    look(one_house)
    one_house.database.run(lambda session: integrations.revoke(session, "CRM", now=one_house.now))

    await teller(one_house).tell_due()
    one_house.later(days=30)
    one_house.database.run(lambda session: telling.purge(session, one_house.now))

    assert other.taken == []
    assert one_house.rows(Webhook) == []


@pytest.mark.parametrize(
    "address", ["http://crm.example/hook", "ftp://crm.example", "crm.example", "https://"]
)
def test_figures_go_to_no_address_without_tls(one_house: House, address: str) -> None:
    with pytest.raises(InputError) as refused:
        told(one_house, address)

    assert refused.value.code == "S433"
    assert one_house.rows(Integration) == []


def test_hidden_gaps_are_not_told_and_shown_ones_to_a_tenth() -> None:
    shown = {
        "name": "G5",
        "minuend": "P",
        "subtrahend": "E",
        "level": "overall",
        "key": "",
        "estimate": -0.734,
        "low": -1.26,
        "high": -0.21,
    }
    hidden = shown | {"suppressed": True, "reason": "too few"}
    of_an_item = shown | {"level": "item", "key": "x"}

    found = released({"gaps": [shown, hidden, of_an_item]})

    assert found == [
        {"gap": "G5", "difference": "P-E", "estimate": -0.7, "low": -1.3, "high": -0.2}
    ]


async def test_gaps_that_go_back_to_what_they_were_are_told_again(one_house: House) -> None:
    """Reports of -0.7, -0.7, -0.8 and -0.7: told are the first, the third and the fourth."""
    told(one_house, "http://127.0.0.1:9/x", "gaps.released")
    promised = []
    for estimate in (-0.7, -0.7, -0.8, -0.7):
        one_house.later(minutes=4)
        _report(one_house, estimate)
        promised += [await noticer(one_house).look(), await noticer(one_house).look()]

    assert promised == [1, 0, 0, 0, 1, 0, 1, 0]
    said = [one.body["data"]["gaps"][0]["estimate"] for one in one_house.rows(Webhook)]
    assert said == [-0.7, -0.8, -0.7]


async def test_a_report_is_read_once_and_outside_of_the_lane(
    one_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five looks within the overlap, one of which the lane fails: each report is read as needed."""
    told(one_house, "http://127.0.0.1:9/x", "gaps.released")
    told_only_cases(one_house)
    read: list[int] = []

    def counting(session: Session, report_id: int, unit: str) -> Any:
        assert session.connection().get_execution_options().get("gapbot_reads")
        read.append(report_id)
        return read_findings(session, report_id, unit)

    monkeypatch.setattr("bot.web.noticing.read_findings", counting)
    lane = InlineLane(one_house.database)
    watching = Noticer(one_house.database, lane, Clock(lambda: one_house.now))
    _report(one_house, -0.7)
    lane.trouble.append(StorageError("S101", "database", "It is busy.", "Wait."))
    with pytest.raises(StorageError):
        await watching.look()
    promised = [await watching.look() for _ in range(3)]
    one_house.later(minutes=1)
    _report(one_house, -0.9)
    promised += [await watching.look(), await watching.look()]

    assert promised == [1, 0, 0, 1, 0]
    assert read == [1, 1, 2]


def told_only_cases(house: House) -> None:
    """Let in another system that hears of cases alone."""
    with house.database.transaction() as session:
        integrations.add(
            session,
            "Cases",
            now=house.now,
            address="http://127.0.0.1:9/y",
            kinds=("case.opened",),
        )


def _report(house: House, estimate: float) -> None:
    """Keep a report of one unit with one gap."""
    gap = {"name": "G5", "minuend": "P", "subtrahend": "E", "level": "overall", "key": ""}
    gaps = [gap | {"estimate": estimate, "low": -1.0, "high": -0.1}]
    plain = {"unit": "Riverside", "report": {"gaps": gaps}}

    def write(session: Session) -> None:
        report = StoredReport(
            made_at=house.now,
            engine_version="1",
            last_week=date(2026, 3, 2),
            window={"customer": 4},
            questionnaires=[],
            fingerprint=house.now.isoformat(),
        )
        session.add(report)
        session.flush()
        packed = zlib.compress(json.dumps(plain).encode())
        number = report.id or 0
        session.add(StoredUnitReport(report_id=number, unit="Riverside", plain=packed))

    house.database.run(write)


@pytest.mark.parametrize(
    ("name", "kinds", "code"),
    [("", (), "S430"), ("x" * 61, (), "S430"), ("CRM", (), "S431"), ("New", ("all",), "S434")],
)
def test_an_integration_that_does_not_fit_is_refused(
    one_house: House, name: str, kinds: tuple[str, ...], code: str
) -> None:
    told(one_house, "https://crm.example/hook")

    with pytest.raises(InputError) as refused:
        one_house.database.run(
            lambda session: integrations.add(
                session, name, now=one_house.now, address="https://x.example", kinds=kinds
            )
        )

    assert refused.value.code == code
