"""Every kind of event: kept as it was told, once under its key; odd names, moments and units."""

import json
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from bot.crm.tables import Customer, Visit
from bot.organisation.merging import merge
from bot.organisation.structure import close
from bot.people.registry import unit_named
from bot.registers import standards
from bot.registers.tables import Measurement
from tests.registers.conftest import AGREED, WAITING
from tests.support.surveys import House
from tests.web.conftest import Caller

EVENTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "customer.upserted": ({"reference": "C-1"}, {"reference": "C-2"}),
    "visit.recorded": ({"reference": "V-1"}, {"reference": "V-2"}),
    "measurement.recorded": ({"value": 5}, {"value": 6}),
    "customer.erased": ({"reference": "C-1"}, {"reference": "C-2"}),
}
USUAL: dict[str, dict[str, Any]] = {
    "visit.recorded": {"customer": "C-1", "unit": "Riverside", "at": "2026-03-04T09:00:00Z"},
    "measurement.recorded": {"unit": "Riverside", "item": AGREED, "at": "2026-03-04T09:00:00Z"},
}


async def test_a_measurement_is_stored_and_a_later_one_of_the_same_moment_corrects_it(
    caller: Caller,
) -> None:
    write_rule(caller.house)
    twelve = {"unit": "Riverside", "item": AGREED, "at": "2026-03-03T23:30:00-01:00"}

    async def measured(**more: Any) -> Any:
        answer = await caller.post({"type": "measurement.recorded", "data": twelve | more})
        return answer.json()

    first = await measured(value=120, n=3)
    caller.house.later(minutes=1)
    corrected = await measured(value=90.5)

    assert first == corrected == {"result": "recorded"}
    (kept,) = caller.house.rows(Measurement)
    assert kept.at.isoformat() == "2026-03-04T00:30:00+00:00"
    assert (kept.item, kept.value, kept.n) == (AGREED, 90.5, 1)


@pytest.mark.parametrize("kind", list(EVENTS))
async def test_every_event_is_taken_once_under_its_key(one_caller: Caller, kind: str) -> None:
    house = one_caller.house
    write_rule(house)
    one, other = ({"type": kind, "data": USUAL.get(kind, {}) | said} for said in EVENTS[kind])

    first = await one_caller.post(one, repeat="k")
    rows = [len(house.rows(table)) for table in (Customer, Visit, Measurement)]
    again = await one_caller.post(one, repeat="k")
    clash = await one_caller.post(other, repeat="k")

    assert (first.status_code, again.status_code, clash.status_code) == (200, 200, 409)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert [len(house.rows(table)) for table in (Customer, Visit, Measurement)] == rows


@pytest.mark.parametrize("kind", ["visit.recorded", "measurement.recorded"])
@pytest.mark.parametrize("state", ["closed", "merged"])
async def test_an_event_of_a_unit_that_is_no_more_is_refused(
    one_caller: Caller, kind: str, state: str
) -> None:
    house = one_caller.house
    write_rule(house)

    def end(session: Session) -> None:
        old, other = unit_named(session, "Old Town").id or 0, unit_named(session, "Riverside").id
        if state == "closed":
            close(session, old, today=house.now.date())
        else:
            merge(session, old, other or 0, today=house.now.date())

    house.database.run(end)
    data = USUAL[kind] | EVENTS[kind][0] | {"unit": "old town"}
    answer = await one_caller.post({"type": kind, "data": data})

    assert (answer.status_code, answer.json()["code"]) == (422, "E108")
    (fault,) = answer.json()["errors"]
    assert fault == {
        "place": "data.unit",
        "cause": f"this unit was {state}.",
        "cure": "Name an open one.",
    }
    assert house.rows(Visit) == house.rows(Measurement) == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("\U0001f469\u200d\U0001f373 Ana", "\U0001f469\u200d\U0001f373 Ana"),
        ("\u202e\u0645\u0631\u064a\u0645", "\u0645\u0631\u064a\u0645"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("a\0b\r\nc", "ab c"),
        ("<b>Ana</b>", "<b>Ana</b>"),
        ("x" * 80, "x" * 80),
    ],
)
async def test_names_and_references_are_kept_as_written_without_what_cannot_be_seen(
    caller: Caller, said: str, kept: str
) -> None:
    await caller.post({"type": "customer.upserted", "data": {"reference": said, "name": said}})
    found = await caller.post({"type": "customer.upserted", "data": {"reference": kept}})

    assert found.json() == {"result": "unchanged"}
    (customer,) = caller.house.rows(Customer)
    assert (customer.reference, customer.name) == (kept, kept)


@pytest.mark.parametrize("kind", list(USUAL))
@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-03-04T14:45:00+05:45", ""),
        ("2026-03-04T08:59:00+23:59", ""),
        ("2026-03-03T09:00:00-00:00", ""),
        ("2000-01-01T00:00:00Z", ""),
        ("0001-01-01T00:00:00+14:00", "E105"),
        ("1999-12-31T23:59:59Z", "E105"),
        ("9999-12-31T23:59:59-14:00", "E108"),
        ("2026-03-04T09:00:00+24:00", "E105"),
        ("2026-02-30T09:00:00Z", "E105"),
        ("2026-03-04", "E105"),
        ("1772614800", "E105"),
        (1772614800, "E105"),
        (None, "E105"),
    ],
)
async def test_moments_of_any_zone_are_taken_and_what_is_no_moment_is_named(
    one_caller: Caller, kind: str, at: Any, code: str
) -> None:
    write_rule(one_caller.house, since=date(1999, 1, 1))
    data = USUAL[kind] | EVENTS[kind][0] | {"at": at}

    answer = await one_caller.post({"type": kind, "data": data})

    assert answer.json().get("code", "") == code
    if code:
        assert answer.json()["errors"][0]["place"] == "data.at"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400", "true", '"12"', "null", "[1]"])
async def test_what_is_no_number_is_no_value(one_caller: Caller, value: str) -> None:
    write_rule(one_caller.house)
    data = json.dumps(USUAL["measurement.recorded"])[:-1] + f', "value": {value}}}'

    answer = await one_caller.post(f'{{"type": "measurement.recorded", "data": {data}}}'.encode())

    assert answer.json()["errors"][0]["place"] == "data.value"
    assert one_caller.house.rows(Measurement) == []


def write_rule(house: House, *, since: date = date(2026, 1, 1)) -> None:
    """Let seconds of waiting be turned into levels."""
    house.database.run(
        lambda session: standards.write_version(
            session,
            WAITING,
            item=AGREED,
            unit_id=None,
            seen=0,
            valid_from=since,
            source="file",
            author_id=None,
            now=house.now,
        )
    )
