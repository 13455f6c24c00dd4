"""The event API: taken once, answered the same again, refused with place, cause and cure."""

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.database import Database
from bot.core.errors import StorageError
from bot.core.tables import Delivery
from bot.crm.tables import Customer, Visit
from bot.people.tables import Person
from bot.registers.tables import Measurement
from bot.web import integrations
from bot.web.accepting import forget_old
from bot.web.app import MOST_BYTES, as_json
from bot.web.integrations import BURST
from bot.web.openapi import document
from bot.web.tables import EventAnswer, Integration
from tests.support.surveys import House
from tests.web.conftest import Caller, web_of

ROOT = Path(__file__).parents[2]
CUSTOMER = {"type": "customer.upserted", "data": {"reference": "C-1", "name": "Ana Lopez"}}


async def test_a_customer_and_a_visit_are_written_down(caller: Caller) -> None:
    first = await caller.post(CUSTOMER)
    visit = await caller.visit(touchpoint="till", channel="web")

    assert (first.status_code, first.json()) == (200, {"result": "new"})
    assert visit.json() == {"result": "new", "asking": "waiting", "reason": ""}
    (customer,) = caller.house.rows(Customer)
    assert (customer.reference, customer.name) == ("C-1", "Ana Lopez")
    (stored,) = caller.house.rows(Visit)
    assert (stored.reference, stored.touchpoint, stored.channel) == ("V-1", "till", "web")


async def test_the_same_event_again_gets_the_same_answer_and_another_body_409(
    caller: Caller,
) -> None:
    first = await caller.post(CUSTOMER, repeat="k")
    again = await caller.post(CUSTOMER, repeat="k")
    other = await caller.post({"type": "customer.erased", "data": {"reference": "C-1"}}, repeat="k")

    assert first.json() == again.json() == {"result": "new"}
    assert again.headers["Idempotent-Replay"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "E107")
    assert len(caller.house.rows(Customer)) == 1


async def test_an_invitation_is_given_once_and_sealed_where_it_is_kept(
    one_caller: Caller,
) -> None:
    wanted = {"type": "customer.upserted", "data": {"reference": "C-1", "invite_to": "riverside"}}

    first = await one_caller.post(wanted, repeat="k")
    again = await one_caller.post(wanted, repeat="k")

    link = first.json()["invitation"]
    assert link.startswith("https://t.me/gap_bot?start=")
    assert again.json() == first.json()
    file = Path(one_caller.house.database.address.removeprefix("sqlite:///"))
    assert link.rpartition("=")[2].encode() not in file.read_bytes()


async def test_a_customer_who_takes_part_gets_no_other_link(one_caller: Caller) -> None:
    person = one_caller.house.add(11, "customer")
    await one_caller.post(CUSTOMER)
    one_caller.house.database.run(
        lambda session: session.get_one(Customer, 1).sqlmodel_update(
            {"person_id": person, "linked_at": one_caller.house.now}
        )
    )

    answer = await one_caller.visit(invite=True)

    assert answer.json()["invitation"] is None


async def test_a_refused_event_uses_up_no_key(one_caller: Caller) -> None:
    wrong = await one_caller.post({"type": "customer.upserted", "data": {}}, repeat="k")
    mended = await one_caller.post(CUSTOMER, repeat="k")

    assert (wrong.status_code, mended.status_code) == (422, 200)
    assert len(one_caller.house.rows(EventAnswer)) == 1


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ({"type": "customer.upserted", "data": {}}, "data.reference"),
        ({"type": "customer.upserted", "data": {"reference": " "}}, "data.reference"),
        ({"type": "customer.upserted", "data": {"reference": "C", "email": "a@b"}}, "data.email"),
        (
            {"type": "customer.upserted", "data": {"reference": "C", "channel": "fax"}},
            "data.channel",
        ),
        ({"type": "customer.sold", "data": {}}, "body"),
        ({"data": {}}, "body"),
        ([], "body"),
        (
            {
                "type": "visit.recorded",
                "data": {
                    "reference": "V",
                    "customer": "C",
                    "unit": "Riverside",
                    "at": "2026-03-04T09:00:00",
                },
            },
            "data.at",
        ),
        (
            {
                "type": "measurement.recorded",
                "data": {"unit": "Riverside", "item": "x", "at": "2026-03-04T09:00Z", "value": "a"},
            },
            "data.value",
        ),
    ],
)
async def test_what_does_not_fit_is_named_by_place_cause_and_cure(
    one_caller: Caller, event: Any, place: str
) -> None:
    answer = await one_caller.post(event)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == "E105"
    assert body["errors"][0]["place"] == place
    assert all(one["cause"].endswith(".") and one["cure"] for one in body["errors"])
    assert "a@b" not in answer.text


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"unit": "Nowhere"}, "data.unit"),
        ({"at": "2026-03-09T09:00:00Z"}, "data.at"),
    ],
)
async def test_what_names_something_unknown_is_refused(
    one_caller: Caller, data: dict[str, str], place: str
) -> None:
    answer = await one_caller.visit(**data)

    assert (answer.status_code, answer.json()["code"]) == (422, "E108")
    assert answer.json()["errors"][0]["place"] == place
    assert one_caller.house.rows(Customer) == []


async def test_a_visit_of_another_customer_is_refused(one_caller: Caller) -> None:
    await one_caller.visit()

    answer = await one_caller.visit(customer="C-2")

    assert answer.json()["errors"][0]["place"] == "data.reference"
    assert [one.reference for one in one_caller.house.rows(Customer)] == ["C-1"]


async def test_a_measurement_needs_a_standard_that_can_rate_it(one_caller: Caller) -> None:
    def measured(item: str) -> dict[str, Any]:
        data = {"unit": "Riverside", "item": item, "at": "2026-03-04T09:00Z", "value": 120}
        return {"type": "measurement.recorded", "data": data}

    unknown = await one_caller.post(measured("no.such"))
    unruled = await one_caller.post(measured("reliability.agreed_time"))

    assert unknown.json()["errors"][0]["cause"] == "there is no such item."
    assert "no standard" in unruled.json()["errors"][0]["cause"]
    assert one_caller.house.rows(Measurement) == []


async def test_an_erased_customer_is_gone_and_erasing_nobody_is_said(one_caller: Caller) -> None:
    await one_caller.visit()
    erase = {"type": "customer.erased", "data": {"reference": "C-1"}}

    first, again = await one_caller.post(erase), await one_caller.post(erase)

    assert (first.json(), again.json()) == ({"result": "erased"}, {"result": "unknown"})
    assert one_caller.house.rows(Visit) == []


@pytest.mark.parametrize("key", ["", "gapbot_wrong", "x" * 5000])
async def test_a_key_that_is_not_known_opens_nothing(one_caller: Caller, key: str) -> None:
    answer = await one_caller.post(CUSTOMER, key=key)

    assert (answer.status_code, answer.json()["code"]) == (401, "E101")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_revoked_key_opens_nothing_any_more(one_caller: Caller) -> None:
    house = one_caller.house
    house.database.run(lambda session: integrations.revoke(session, "till system", now=house.now))

    assert (await one_caller.post(CUSTOMER)).status_code == 401


async def test_the_key_is_kept_as_a_hash(one_caller: Caller) -> None:
    (kept,) = one_caller.house.rows(Integration)

    file = Path(one_caller.house.database.address.removeprefix("sqlite:///"))

    assert one_caller.key.encode() not in file.read_bytes()
    assert kept.key_hash == integrations.hash_of(one_caller.key)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, 415, "E109"),
        ({"Idempotency-Key": ""}, 400, "E106"),
        ({"Idempotency-Key": "x" * 201}, 400, "E106"),
    ],
)
async def test_a_head_that_does_not_fit_is_refused(
    one_caller: Caller, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await one_caller.post(CUSTOMER, **headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nope"])
async def test_a_body_that_is_no_json_is_refused(one_caller: Caller, body: bytes) -> None:
    answer = await one_caller.post(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "E104")


async def test_a_body_that_is_too_long_is_not_read(one_caller: Caller) -> None:
    answer = await one_caller.post(b" " * (MOST_BYTES + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "E103")


async def test_whoever_sends_too_fast_waits_and_then_goes_on(caller: Caller) -> None:
    """BURST requests at once are let through; the next one comes a tenth of a second too early."""
    answers = [await caller.post(b"nope") for _ in range(BURST)]

    refused = await caller.post(CUSTOMER)
    caller.house.later(seconds=1)
    later = await caller.post(CUSTOMER)

    assert {one.status_code for one in answers} == {400}
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert later.status_code == 200


async def test_other_addresses_and_methods_say_where_to_go(one_caller: Caller) -> None:
    nothing = await one_caller.client.get("/")
    wrong = await one_caller.client.get("/api/v1/events")

    assert (nothing.status_code, nothing.json()["code"]) == (404, "E110")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "E111")
    assert wrong.headers["Allow"] == "POST"


async def test_a_database_in_trouble_asks_to_repeat(one_house: House) -> None:
    import httpx

    web = web_of(one_house, one_house.database)
    web.lane.trouble.append(StorageError("S201", "x", "locked.", "wait."))  # type: ignore[attr-defined]
    transport = httpx.ASGITransport(web.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://gapbot") as client:
        answer = await Caller(one_house, client, "any").post(CUSTOMER)

    assert (answer.status_code, answer.json()["code"]) == (503, "E120")


async def test_nothing_that_was_sent_is_logged(
    one_caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await one_caller.post(CUSTOMER, repeat="secret-of-mine")
        await one_caller.post({"type": "customer.upserted", "data": {"reference": 7}})

    said = "\n".join(record.getMessage() for record in caplog.records if "gapbot" in record.name)
    assert "event.answered status=200" in said
    for secret in ("Ana", "C-1", "secret-of-mine", one_caller.key):
        assert secret not in said


async def test_answers_are_forgotten_after_three_days(one_caller: Caller) -> None:
    await one_caller.post(CUSTOMER)
    house = one_caller.house

    house.database.run(lambda session: forget_old(session, house.now + timedelta(days=2)))
    kept = len(house.rows(EventAnswer))
    house.database.run(lambda session: forget_old(session, house.now + timedelta(days=4)))

    assert (kept, len(house.rows(EventAnswer))) == (1, 0)


async def test_health_tells_what_is_wrong(one_house: House) -> None:
    well = await web_of(one_house, one_house.database).health.told()
    stuck = await web_of(one_house, one_house.database, receiving=False).health.told()
    standby = await web_of(one_house, one_house.database, receiving=None).health.told()
    person = one_house.add(11)
    one_house.database.run(
        lambda session: session.add(
            Delivery(
                key="k",
                kind="notice",
                lane=1,
                person_id=person,
                due_at=one_house.now - timedelta(minutes=11),
                expires_at=one_house.now + timedelta(days=1),
            )
        )
    )
    late = await web_of(one_house, one_house.database).health.told()

    assert (well.status, well.body["status"]) == (200, "ready")
    assert (stuck.status, stuck.body["receiving"]) == (503, "stuck")
    assert (standby.status, standby.body["receiving"]) == (200, "standing by")
    assert (late.status, late.body["outbox"], late.body["outbox_age_seconds"]) == (503, "late", 660)
    assert [one.id for one in one_house.rows(Person)] == [person]


async def test_health_and_the_document_are_served(one_caller: Caller) -> None:
    alive = await one_caller.client.get("/health/live")
    ready = await one_caller.client.get("/health")
    served = await one_caller.client.get("/api/v1/openapi.json")

    assert (alive.status_code, ready.status_code) == (200, 200)
    assert served.json() == document()


def test_the_document_in_the_docs_is_what_the_models_say() -> None:
    shipped = ROOT / "docs/reference/event-api.openapi.json"

    assert shipped.read_text(encoding="utf-8") == as_json(document())


def test_two_processes_that_take_the_same_event_write_it_once(database: Database) -> None:
    """Each with a connection of its own; the second waits for the first, or finds its answer."""
    from concurrent.futures import ThreadPoolExecutor

    from bot.surveys.versions import Library
    from bot.web.accepting import Sent, Surroundings, accept

    house = House(database).open()
    made = database.run(lambda session: integrations.add(session, "till", now=house.now))
    sent = Sent(made.key, "k", json.dumps(CUSTOMER).encode())
    around = Surroundings(Library(), lambda: "")

    def take(_: int) -> tuple[int, str]:
        answer = database.run(lambda session: accept(session, sent, around, now=house.now))
        return answer.status, answer.text()

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(take, range(4)))

    assert answers == {(200, '{"result": "new"}')}
    assert len(house.rows(Customer)) == 1


async def test_the_server_ends_with_its_task(one_house: House) -> None:
    """Port 0 takes any free one; what matters is that cancelling ends it at once."""
    from bot.web.server import serve

    serving = asyncio.create_task(
        serve(web_of(one_house, one_house.database).app(), host="127.0.0.1", port=0)
    )
    await asyncio.sleep(0.2)

    serving.cancel()
    ended = await asyncio.wait({serving}, timeout=3)

    assert ended[0] == {serving}
