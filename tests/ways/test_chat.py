"""``/poster``: the codes of a unit, for those in charge and nobody else."""

import pytest

from bot.core.callbacks import sign
from bot.core.tables import AuditEntry
from bot.organisation.structure import close
from bot.ways.tables import PosterOrder, WayIn
from tests.support.updates import User, buttons, press, said
from tests.ways.conftest import MANAGER, OTHER, OWNER, STAFF, TILL, PosterHouse

GUEST = 901
GONE = "no longer in use"


def _press(house: PosterHouse, telegram_id: int, action: str) -> str:
    user = User(telegram_id)
    return house.chat(telegram_id).take(press(user, sign(house.secret, telegram_id, action)))


def test_a_manager_makes_a_code_for_a_counter_and_orders_its_poster(
    any_house: PosterHouse,
) -> None:
    talk = any_house.chat(MANAGER)
    listed = talk.send("/poster")
    talk.press("+ Counter")
    shown = talk.send("  Till   2 ")
    ordered = talk.press("Poster, A5")

    (way,) = any_house.rows(WayIn)
    (order,) = any_house.rows(PosterOrder)

    assert "There are none yet" in listed
    assert (way.kind, way.label, way.unit_id) == ("counter", "Till 2", any_house.unit())
    assert f"t.me/bluecup_bot?start={way.payload}" in shown
    assert "comes as a file" in ordered
    assert (order.way_id, order.size) == (way.id, "a5")
    assert [one.what for one in any_house.rows(AuditEntry)] == ["way.opened"]


def test_a_code_of_the_whole_unit_needs_no_name(house: PosterHouse) -> None:
    talk = house.chat(MANAGER)
    talk.send("/poster")
    talk.press("+ The whole unit")
    talk.press("All codes")

    assert [(one.kind, one.label) for one in house.rows(WayIn)] == [("unit", "")]
    assert "+ The whole unit" not in buttons(talk.last)


def test_the_list_says_how_often_each_code_was_used(house: PosterHouse) -> None:
    way = house.way()
    house.came(GUEST, way)
    house.later(days=7)
    house.came(GUEST + 1, way)

    listed = house.chat(MANAGER).send("/poster")

    assert "Counter: Till 2" in listed
    assert "\u20681\u2069 this week, \u20682\u2069 in the last four weeks" in listed


def test_an_owner_chooses_the_unit(house: PosterHouse) -> None:
    talk = house.chat(OWNER)
    talk.send("/poster")
    units = list(buttons(talk.last))

    said_of = talk.press("Old Town")

    assert units == ["Old Town", "Riverside"]
    assert "Old Town" in said_of


def test_invite_offers_codes_too(house: PosterHouse) -> None:
    manager, owner = house.chat(MANAGER), house.chat(OWNER)
    manager.send("/invite")
    own = manager.press("A poster or a code")
    owner.send("/invite")
    owner.press("A poster or a code")
    units = list(buttons(owner.last))

    assert "come in to" in own
    assert units == ["Old Town", "Riverside"]


def test_a_name_that_is_too_long_is_asked_for_again(house: PosterHouse) -> None:
    talk = house.chat(MANAGER)
    talk.send("/poster")
    talk.press("+ Shift")

    too_long = talk.send("x" * 41)
    talk.send("Early shift")

    assert "too long" in too_long
    assert [one.label for one in house.rows(WayIn)] == ["Early shift"]


def test_two_taps_order_one_poster(house: PosterHouse) -> None:
    way = house.way()

    for _ in range(2):
        _press(house, MANAGER, f"wyp:{way.id}:a4")

    assert len(house.rows(PosterOrder)) == 1


def test_closing_asks_first_and_an_old_button_says_what_happened(any_house: PosterHouse) -> None:
    way = any_house.way()
    talk = any_house.chat(MANAGER)
    talk.send("/poster")
    talk.press("Till 2")
    card = talk.last
    asked = talk.press("Close this code")
    question = talk.last
    done = talk.press("Yes, close it")
    talk.last = question
    again = talk.press("Yes, close it")
    talk.last = card
    order = talk.press("Poster, A4")
    refused = any_house.chat(GUEST).send(f"/start {way.payload}")

    assert "Shall this code be closed" in asked
    assert "take its posters down" in done
    assert GONE in again
    assert GONE in order
    assert "has run out" in refused
    assert any_house.rows(PosterOrder) == []


@pytest.mark.parametrize("action", ["wy:1", "wyp:1:a4", "wyx:1", "wyy:1", "wyn:1:counter"])
@pytest.mark.parametrize("who", [OTHER, STAFF, GUEST])
def test_nobody_else_touches_a_units_codes(house: PosterHouse, who: int, action: str) -> None:
    way = house.way(TILL)
    assert (way.id, house.unit()) == (1, 1)

    answer = _press(house, who, action)

    assert "not open to you" in answer
    (kept,) = house.rows(WayIn)
    assert kept.closed_on is None
    assert house.rows(PosterOrder) == []


@pytest.mark.parametrize(
    "action",
    ["wy:99", "wy:x", "wyp:1:a0", "wyp:1", "wyn:1:door", "wyn:99:counter", "wyn", "poster:99"],
)
def test_a_button_that_means_nothing_is_answered(house: PosterHouse, action: str) -> None:
    house.way(TILL)

    answer = _press(house, OWNER, action)

    assert GONE in answer
    assert house.rows(PosterOrder) == []


def test_the_name_of_a_place_is_no_use_once_one_is_no_manager(house: PosterHouse) -> None:
    talk = house.chat(MANAGER)
    talk.send("/poster")
    talk.press("+ Counter")
    unit_id = house.unit()
    house.database.run(lambda session: close(session, unit_id, today=house.now.date()))

    talk.send("Till 3")

    assert house.rows(WayIn) == []


def test_without_a_name_at_telegram_the_payload_is_shown_and_no_poster_offered(
    house: PosterHouse,
) -> None:
    house.username = ""
    way = house.way()
    talk = house.chat(MANAGER)
    talk.send("/poster")

    shown = talk.press("Till 2")

    assert f"/start {way.payload}" in shown
    assert not any("Poster" in label for label in buttons(talk.last))


def test_names_of_places_are_shown_as_they_are_written(house: PosterHouse) -> None:
    talk = house.chat(MANAGER)
    talk.send("/poster")
    talk.press("+ Touchpoint")

    talk.send("<b>Kasse & Bar</b>")

    assert "&lt;b&gt;Kasse &amp; Bar&lt;/b&gt;" in said(talk.last)
