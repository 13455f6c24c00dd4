"""Whoever was not let in gets a polite answer in their language, and changes nothing."""

import pytest
from telegram import Update

from bot.core import callbacks
from tests.people.conftest import House
from tests.support.updates import (
    User,
    buttons,
    membership,
    message,
    photo,
    press,
    pressable,
    sticker,
)

EVE = User(666, "Eve", language_code="es-AR")
COMMANDS = [
    "start",
    "help",
    "language",
    "cancel",
    "stop",
    "invite",
    "gaps",
    "nonsense",
    "start@x_bot",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_answered_and_stores_nothing(house: House, command: str):
    before = house.rows()

    said = house.chat(EVE).send(f"/{command}")

    assert said
    assert "¡Hola!" in said or "idioma" in said
    assert house.rows() == before


@pytest.mark.parametrize(
    "update",
    [
        pytest.param(message(EVE, "hola"), id="text"),
        pytest.param(message(EVE, "/"), id="only a slash"),
        pytest.param(photo(EVE), id="photo"),
        pytest.param(sticker(EVE), id="sticker"),
        pytest.param(message(EVE, location={"latitude": 1.0, "longitude": 2.0}), id="place"),
        pytest.param(press(EVE, "nothing"), id="old button"),
        pytest.param(press(EVE, ""), id="empty button"),
        pytest.param(press(EVE, "inv:owner~AAAAAAAA"), id="forged button"),
        pytest.param(press(EVE, "ñ~é"), id="button beyond ASCII"),
    ],
)
def test_anything_else_is_answered_and_stores_nothing(house: House, update: Update):
    before = house.rows()

    said = house.chat(EVE).take(update)

    assert said
    assert house.rows() == before


@pytest.mark.parametrize(
    "action",
    ["again", "inv:owner", "invp:staff:0", "lang:ar", "join:x:es", "reread:99:en", "nojoin::"],
)
def test_a_button_signed_for_a_stranger_opens_nothing(house: House, action: str):
    """As if a person had been erased whose buttons are still on their screen."""
    before = house.rows()
    data = callbacks.sign(house.secret, EVE.id, action)

    said = house.chat(EVE).take(press(EVE, data))

    assert said
    assert house.rows() == before


def test_a_button_made_for_somebody_else_is_refused(house: House, ana: User):
    chat = house.chat(ana)
    chat.send(f"/start {house.payload('owner', None)}")
    stolen = pressable(chat.last, "I agree")
    before = house.rows()

    said = house.chat(EVE).take(press(EVE, stolen))

    assert "ya no está en uso" in said
    assert house.rows() == before


def test_a_stranger_may_choose_the_language_of_the_answer(house: House):
    before = house.rows()
    chat = house.chat(EVE)

    chat.send("/language")
    said = chat.press("繁體中文")

    assert "哪種語言" in said
    assert [call["method"] for call in chat.last] == ["answerCallbackQuery", "editMessageText"]
    assert "✓ 繁體中文" in buttons(chat.last)
    assert house.rows() == before


@pytest.mark.parametrize("status", ["kicked", "member"])
def test_a_stranger_who_blocks_the_bot_is_not_stored(house: House, status: str):
    before = house.rows()

    said = house.chat(EVE).take(membership(EVE, status))

    assert said == ""
    assert house.rows() == before


def test_before_anything_is_set_up_a_stranger_still_gets_an_answer(house: House):
    """The row of the organisation is there in every running bot; its name may be missing."""
    texts = house.router._texts

    said = texts.render("people/stranger.html", "en", organisation="")

    assert "by invitation" in said
