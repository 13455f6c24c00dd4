"""Ways in: made once, hard to guess, kept so that the database opens nothing, counted by week."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, col, select

from bot.organisation.merging import merge
from bot.people.invitations import MOST_LETTERS
from bot.people.tables import Invitation, Organisation
from bot.surveys.segments import UNSAID, Kind
from bot.ways.keeping import (
    Spot,
    Use,
    close_way,
    find_way,
    forget_weeks,
    kinds_by_way,
    languages_of,
    new_payload,
    uses_of,
    ways_of,
)
from bot.ways.tables import CameBy, WayIn, WayWeek
from bot.ways.words import FORM
from tests.ways.conftest import CUSTOMER, TILL, PosterHouse

GUEST = 901


def _uses(house: PosterHouse, way: WayIn) -> Use:
    return house.database.run(lambda session: uses_of(session, [way], house.now)[way.id or 0])


def test_payloads_fit_a_deep_link_and_differ() -> None:
    """31 letters in 20 places: 20 * log2(31) = 99 bits."""
    made = {new_payload() for _ in range(200)}

    assert len(made) == 200
    assert all(FORM.fullmatch(one) for one in made)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", one) for one in made)
    assert all(len(one) <= MOST_LETTERS for one in made)


def test_the_same_place_has_one_code_however_it_is_spelled(any_house: PosterHouse) -> None:
    first = any_house.way(Spot("counter", "Till 2"))

    again = any_house.way(Spot("counter", "TILL 2"))
    other_unit = any_house.way(Spot("counter", "Till 2"), unit="Old Town")
    other_kind = any_house.way(Spot("shift", "Till 2"))

    assert (again.id, again.payload) == (first.id, first.payload)
    assert len({first.payload, other_unit.payload, other_kind.payload}) == 3


def test_the_database_alone_opens_no_door(any_house: PosterHouse) -> None:
    way = any_house.way()

    tables = ("way_in", "invitation", "audit_entry")
    stored = any_house.database.run(
        lambda session: [
            str(row)
            for name in tables
            for row in session.execute(text(f"SELECT * FROM {name}"))  # noqa: S608
        ]
    )

    assert stored
    assert not any(way.payload in row for row in stored)


def test_a_poster_stays_good_when_the_secret_of_the_buttons_is_changed(
    any_house: PosterHouse,
) -> None:
    way = any_house.way()
    any_house.database.run(
        lambda session: session.execute(update(Organisation).values(secret="another"))
    )
    any_house.secret = "another"

    any_house.came(GUEST, way)

    assert any_house.roles(GUEST) == (("customer", any_house.unit()),)


def test_one_poster_opens_nothing_but_its_own_place(house: PosterHouse) -> None:
    till, town = house.way(), house.way(unit="Old Town")

    house.came(GUEST, till)
    house.came(GUEST + 1, town)

    assert house.roles(GUEST) == (("customer", house.unit()),)
    assert house.roles(GUEST + 1) == (("customer", house.unit("Old Town")),)


def test_uses_are_counted_by_the_week_and_not_by_the_person(any_house: PosterHouse) -> None:
    way = any_house.way()
    for number in range(3):
        any_house.came(GUEST + number, way)
    any_house.later(days=7)
    any_house.came(GUEST + 9, way)

    weeks = any_house.rows(WayWeek)
    columns = set(WayWeek.__table__.columns.keys())  # type: ignore[attr-defined]

    assert _uses(any_house, way) == Use(this_week=1, lately=4)
    assert sorted(one.uses for one in weeks) == [1, 3]
    assert columns == {"way_id", "week", "uses"}


def test_of_a_person_is_kept_by_which_code_they_came_and_not_when(house: PosterHouse) -> None:
    way = house.way()
    house.came(GUEST, way)

    (came,) = house.rows(CameBy)
    person = house.person(GUEST)

    assert person is not None
    assert came.model_dump() == {"person_id": person.id, "way_id": way.id}


def test_looking_at_a_code_counts_nothing(house: PosterHouse) -> None:
    way = house.way()

    house.chat(GUEST).send(f"/start {way.payload}")

    assert _uses(house, way) == Use(0, 0)
    assert house.person(GUEST) is None


def test_counts_of_more_than_a_year_ago_are_forgotten(house: PosterHouse) -> None:
    way = house.way()
    house.came(GUEST, way)

    house.database.run(lambda session: forget_weeks(session, house.now + timedelta(weeks=50)))
    kept = len(house.rows(WayWeek))
    house.database.run(lambda session: forget_weeks(session, house.now + timedelta(weeks=54)))

    assert (kept, house.rows(WayWeek)) == (1, [])


def test_a_closed_code_lets_nobody_in_and_is_closed_once(any_house: PosterHouse) -> None:
    way = any_house.way()

    def shut(session: Session) -> bool:
        return close_way(session, session.get_one(WayIn, way.id), now=any_house.now)

    done, again = any_house.database.run(shut), any_house.database.run(shut)
    said = any_house.chat(GUEST).send(f"/start {way.payload}")
    new = any_house.way()

    assert (done, again) == (True, False)
    assert "has run out" in said
    assert new.payload != way.payload


def test_the_codes_of_a_merged_unit_lead_to_the_one_that_goes_on(any_house: PosterHouse) -> None:
    only_here, both = any_house.way(TILL), any_house.way(Spot())
    any_house.way(Spot(), unit="Old Town")
    here, there = any_house.unit(), any_house.unit("Old Town")

    any_house.database.run(lambda session: merge(session, here, there, today=any_house.now.date()))
    any_house.came(GUEST, only_here)
    any_house.came(GUEST + 1, both)
    listed = any_house.database.run(lambda session: [one.label for one in ways_of(session, there)])

    assert any_house.roles(GUEST) == (("customer", there),)
    assert any_house.roles(GUEST + 1) == (("customer", there),)
    assert listed == ["", "Till 2"]


def test_a_code_always_makes_customers(house: PosterHouse) -> None:
    for spot in (TILL, Spot(), Spot("shift", "Early"), Spot("touchpoint", "Pick-up")):
        house.way(spot)

    roles = {one.role for one in house.rows(Invitation)}

    assert roles == {"customer"}


def test_an_erased_manager_leaves_the_posters_as_they_are(house: PosterHouse) -> None:
    person = house.add(700, "manager", unit="Old Town")
    way = house.way(created_by=person)

    def erase(session: Session) -> None:
        session.execute(text("DELETE FROM person WHERE telegram_id = 700"))

    house.database.run(erase)
    house.came(GUEST, way)

    assert house.roles(GUEST) == (("customer", house.unit()),)


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({}, Kind("", "delivery", "Till 2")),
        ({1: Kind("new", "")}, Kind("new", "delivery", "Till 2")),
        ({1: Kind("returning", "web", "desk")}, Kind("returning", "web", "desk")),
    ],
)
def test_how_they_come_and_where_is_told_by_the_code_where_no_crm_says_it(
    house: PosterHouse, known: dict[int, Kind], wanted: Kind
) -> None:
    way = house.way(channel="delivery")
    house.came(GUEST, way)
    person = house.person(GUEST)
    assert person is not None
    number = person.id or 0
    of_crm = {number: known[1]} if known else {}

    tell = kinds_by_way(lambda session, unit_id, people: of_crm)
    unit = house.unit()
    found = house.database.run(lambda session: tell(session, unit, [number, 0]))

    assert found[number] == wanted
    assert found.get(0, UNSAID) == UNSAID


@pytest.mark.parametrize(
    ("spot", "unit", "wanted"),
    [
        (Spot("touchpoint", "Check-in"), "Riverside", "Check-in"),
        (Spot("counter", "Till 2"), "Old Town", ""),
        (Spot("shift", "Sunday early"), "Riverside", ""),
        (Spot(), "Riverside", ""),
    ],
)
def test_a_touchpoint_is_told_of_its_own_unit_and_a_shift_never(
    house: PosterHouse, spot: Spot, unit: str, wanted: str
) -> None:
    house.came(GUEST, house.way(spot))
    person = house.person(GUEST)
    assert person is not None
    number, unit_id = person.id or 0, house.unit(unit)
    tell = kinds_by_way(lambda session, unit_id, people: {})

    found = house.database.run(lambda session: tell(session, unit_id, [number]))

    assert found == {number: Kind(channel="counter", touchpoint=wanted)}


def test_a_language_is_printed_when_enough_customers_read_it(house: PosterHouse) -> None:
    for number in range(5):
        house.add(800 + number, language="ar")
    for number in range(4):
        house.add(850 + number, language="es")
    unit_id = house.unit()

    spoken = house.database.run(lambda session: languages_of(session, unit_id))

    assert spoken == ["en", "ar"]  # five Arabic readers are as many as figures need, four are not


def test_who_is_quicker_with_the_same_place_is_followed(any_house: PosterHouse) -> None:
    """Of two who make it at once the second finds the row of the first at the unique index."""
    known = any_house.way()

    def count(session: Session) -> int:
        return len(session.exec(select(Invitation).where(col(Invitation.role) == "customer")).all())

    before = any_house.database.run(count)
    unit_id = any_house.unit()
    found = any_house.database.run(lambda session: find_way(session, unit_id, TILL))
    again = any_house.way()

    assert found is not None
    assert (found.id, again.id) == (known.id, known.id)
    assert any_house.database.run(count) == before


def test_customer_numbers_are_not_taken_for_codes(house: PosterHouse) -> None:
    said = house.chat(CUSTOMER).send("/start 1")

    assert "do not know this invitation" in said
