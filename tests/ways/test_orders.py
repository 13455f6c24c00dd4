"""Posters ordered in the chat: drawn beside it, sent as a file, once."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.core.clock import Clock
from bot.core.drawing import draw_png
from bot.core.outbox import Recipient
from bot.core.tables import Delivery, Picture
from bot.ways.keeping import Spot, close_way
from bot.ways.orders import PosterComposer, PosterDrawing, forget_orders, order_poster
from bot.ways.printing import unpacked
from bot.ways.tables import PosterOrder, WayIn
from tests.support.machinery import InlineLane
from tests.support.pictures import small_png
from tests.ways.conftest import BOT, MANAGER, TILL, PosterHouse


class _HouseClock(Clock):
    def __init__(self, house: PosterHouse) -> None:
        self._house = house

    def now(self):
        return self._house.now


@pytest.fixture
def drawn() -> list[tuple[str, str]]:
    """What was drawn: SVG and language."""
    return []


def _drawing(
    house: PosterHouse, drawn: list[tuple[str, str]], *, draw: Callable[[str, str], bytes]
) -> PosterDrawing:
    async def note(svg: str, language: str) -> bytes:
        drawn.append((svg, language))
        return draw(svg, language)

    return PosterDrawing(
        lane=InlineLane(house.database),
        clock=_HouseClock(house),
        texts=house.texts,
        username=lambda: house.username,
        draw=note,
    )


def _plain(svg: str, language: str) -> bytes:
    return small_png()


def _ordered(house: PosterHouse, size: str = "a4", spot: Spot = TILL) -> WayIn:
    way = house.way(spot)
    person = house.person(MANAGER)
    assert person is not None
    house.database.run(
        lambda session: order_poster(session, way, person_id=person.id or 0, size=size)
    )
    return way


def _composed(house: PosterHouse, delivery: Delivery) -> list[dict[str, object]] | None:
    composer = PosterComposer(house.texts)
    to = Recipient(delivery.person_id, MANAGER, "en", "secret")

    def work(session: Session) -> list[dict[str, object]] | None:
        return composer.compose(session, delivery, to, house.now)

    return house.database.run(work)


async def test_an_ordered_poster_is_drawn_and_promised_as_a_file(
    any_house: PosterHouse, drawn: list[tuple[str, str]]
) -> None:
    _ordered(any_house)

    await _drawing(any_house, drawn, draw=_plain).draw_due()
    (delivery,) = any_house.rows(Delivery)
    calls = _composed(any_house, delivery)

    assert len(drawn) == 1
    assert "Riverside" in drawn[0][0]
    assert "Till 2" in drawn[0][0]
    assert calls is not None
    assert calls[0]["method"] == "sendDocument"
    assert calls[0]["chat_id"] == MANAGER
    assert calls[0]["file_name"] == "poster.png"
    assert "Riverside" in str(calls[0]["caption"])


async def test_what_was_sent_is_forgotten_and_may_be_ordered_again(
    any_house: PosterHouse, drawn: list[tuple[str, str]]
) -> None:
    drawing = _drawing(any_house, drawn, draw=_plain)
    _ordered(any_house)
    await drawing.draw_due()
    (delivery,) = any_house.rows(Delivery)
    any_house.database.run(
        lambda session: PosterComposer(any_house.texts).sent(session, delivery, [])
    )
    left = any_house.rows(PosterOrder)

    any_house.later(minutes=1)
    _ordered(any_house)
    await drawing.draw_due()

    assert left == []
    assert len(any_house.rows(Delivery)) == 2


async def test_nothing_is_drawn_twice(house: PosterHouse, drawn: list[tuple[str, str]]) -> None:
    drawing = _drawing(house, drawn, draw=_plain)
    _ordered(house)

    await drawing.draw_due()
    await drawing.draw_due()

    assert len(drawn) == 1
    assert len(house.rows(Delivery)) == 1


async def test_while_the_bots_name_is_unknown_orders_wait(
    house: PosterHouse, drawn: list[tuple[str, str]]
) -> None:
    drawing = _drawing(house, drawn, draw=_plain)
    _ordered(house)
    house.username = ""
    await drawing.draw_due()
    waited = list(drawn)

    house.username = BOT
    await drawing.draw_due()

    assert waited == []
    assert len(drawn) == 1


async def test_a_code_that_was_closed_meanwhile_is_not_sent(
    house: PosterHouse, drawn: list[tuple[str, str]]
) -> None:
    way = _ordered(house)
    await _drawing(house, drawn, draw=_plain).draw_due()
    (delivery,) = house.rows(Delivery)

    house.database.run(
        lambda session: close_way(session, session.get_one(WayIn, way.id), now=house.now)
    )

    assert _composed(house, delivery) is None


async def test_orders_that_came_to_nothing_are_forgotten(
    house: PosterHouse, drawn: list[tuple[str, str]]
) -> None:
    drawing = _drawing(house, drawn, draw=_plain)
    _ordered(house, "a4")
    await drawing.draw_due()
    _ordered(house, "a5")

    def fail(session: Session) -> None:
        session.execute(update(Delivery).values(state="blocked"))

    house.database.run(fail)
    house.database.run(lambda session: forget_orders(session, house.now))

    assert [one.size for one in house.rows(PosterOrder)] == ["a5"]  # still to be drawn


async def test_a_card_is_drawn_for_real_in_the_organisations_language(
    house: PosterHouse, drawn: list[tuple[str, str]]
) -> None:
    for number in range(5):
        house.add(800 + number, language="ar")
    _ordered(house, "card", Spot())

    await _drawing(house, drawn, draw=draw_png).draw_due()

    (picture,) = house.rows(Picture)
    assert [language for _, language in drawn] == ["en"]
    assert unpacked(picture.png).shape == (650, 1004, 3)
