"""Help, language, cancel and stop; and what blocks do."""

from typing import Any

import pytest
from sqlalchemy import event

from bot.core.callbacks import sign
from bot.core.dialogue import Command
from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.people.door import PeopleDoor
from bot.people.menu import Menu
from bot.people.tables import Person
from tests.people.conftest import House
from tests.support.updates import User, buttons, membership, press


def _state(house: House, user: User) -> str:
    person = house.person(user.id)
    return person.state if person else ""


def test_help_lists_what_is_open_to_this_person_and_nothing_else(house: House, ana: User):
    customer = house.joined(ana, "customer").send("/help")
    manager = house.joined(User(7), "manager").send("/help")

    assert "/gaps" not in customer
    assert "/gaps – The five gaps" in manager
    assert "/stop – Get no more messages" in customer


def test_a_command_of_another_role_is_refused_politely(house: House, ana: User):
    said = house.joined(ana, "customer").send("/gaps")

    assert "not open to you" in said


def test_a_role_that_was_lost_opens_nothing_from_that_moment(house: House, ana: User):
    chat = house.joined(ana, "manager")
    chat.send("/invite")
    house.database.run(lambda session: session.connection().exec_driver_sql("DELETE FROM role"))

    said = chat.press("A member of staff")

    assert "not open to you" in said


def test_another_language_is_spoken_at_once_menu_included(house: House, ana: User):
    chat = house.joined(ana, "customer")

    chat.send("/language")
    said = chat.press("Español")

    assert "en español" in said
    [menu] = [call for call in chat.last if call["method"] == "setMyCommands"]
    assert menu["commands"][0] == {"command": "help", "description": "Lo que puede hacer aquí"}
    assert "✓ Español" in buttons(chat.last)
    assert "Lo que puede hacer" in chat.send("/help")


def test_a_language_that_is_not_shipped_any_more_changes_nothing(house: House, ana: User):
    chat = house.joined(ana, "customer")
    said = chat.take(press(ana, sign(house.secret, ana.id, "lang:xx")))

    assert "no longer in use" in said
    person = house.person(ana.id)
    assert person is not None
    assert person.language == "en"


def test_cancel_says_whether_something_was_left(house: House, ana: User):
    chat = house.joined(ana, "customer")

    nothing = chat.send("/cancel")
    house.under_way.append("a question")
    something = chat.send("/cancel")

    assert "nothing to leave" in nothing
    assert "we leave that" in something
    assert house.under_way == []


def test_cancel_adds_nothing_to_what_a_feature_says_itself(house: House, ana: User):
    chat = house.joined(ana, "customer")
    house.under_way.append("something that speaks")

    chat.send("/cancel")

    assert len(chat.last) == 1
    assert "we leave that" not in chat.last[0]["text"]


def test_stop_ends_all_messages_at_once_and_says_how_to_come_back(house: House, ana: User):
    chat = house.joined(ana, "customer")
    person = house.person(ana.id)
    assert person is not None
    person_id = person.id or 0
    before = house.database.run(lambda session: PeopleDoor().recipient(session, person_id))

    said = chat.send("/stop")

    assert before is not None
    assert (before.telegram_id, before.language, before.secret) == (ana.id, "en", house.secret)
    assert "/start" in said
    assert _state(house, ana) == "stopped"
    assert house.roles(ana.id) == (("customer", house.unit("Riverside")),)
    assert house.database.run(lambda session: PeopleDoor().recipient(session, person_id)) is None


def test_stop_twice_is_answered_twice(house: House, ana: User):
    chat = house.joined(ana, "customer")
    chat.send("/stop")

    assert "we do not write to you" in chat.send("/stop")
    assert _state(house, ana) == "stopped"


def test_a_new_role_lets_somebody_who_said_stop_in_again(house: House, ana: User):
    chat = house.joined(ana, "customer")
    chat.send("/stop")

    chat.send(f"/start {house.payload('staff')}")
    chat.press("I agree")

    assert _state(house, ana) == "active"


def test_blocking_and_letting_in_again_is_noted(house: House, ana: User):
    chat = house.joined(ana, "customer")

    chat.take(membership(ana, "kicked"))
    blocked = _state(house, ana)
    chat.take(membership(ana, "member"))

    assert blocked == "blocked"
    assert _state(house, ana) == "active"


@pytest.mark.parametrize("way", ["a message", "a press"])
def test_whoever_writes_or_presses_after_a_block_is_active_again(house: House, ana: User, way: str):
    chat = house.joined(ana, "customer")
    chat.send("/language")
    last = chat.last
    house.database.run(lambda session: PeopleDoor().mark_telegram_blocked(session, ana.id))

    if way == "a message":
        chat.send("hello")
    else:
        chat.last = last
        chat.press("English")

    assert _state(house, ana) == "active"


def test_a_block_does_not_undo_a_stop(house: House, ana: User):
    chat = house.joined(ana, "customer")
    chat.send("/stop")

    chat.take(membership(ana, "kicked"))
    chat.take(membership(ana, "member"))

    assert _state(house, ana) == "stopped"


def test_being_thrown_out_of_a_group_blocks_nobody(house: House, ana: User):
    chat = house.joined(ana, "customer")

    chat.take(membership(ana, "kicked", chat_type="group"))

    assert _state(house, ana) == "active"


def test_a_chat_that_nobody_is_known_in_cannot_be_marked(house: House):
    house.database.run(lambda session: PeopleDoor().mark_telegram_blocked(session, 12345))

    assert house.database.run(lambda session: session.get(Person, 1)) is None


def test_somebody_is_recognised_with_one_statement(house: House, ana: User):
    house.joined(ana, "customer")
    statements: list[str] = []

    def note(*about: Any) -> None:
        statements.append(about[2])

    event.listen(house.database.engine, "before_cursor_execute", note)
    with house.database.reading() as session:
        who = PeopleDoor().recognise(session, ana.id)
    event.remove(house.database.engine, "before_cursor_execute", note)

    assert who is not None
    assert len([one for one in statements if "SELECT" in one]) == 1


def test_everybody_sees_a_menu_in_their_language_before_they_take_part(texts: Texts):
    menu = Menu([Command("help", lambda turn: None, menu="What you can do here")])

    calls = menu.public_calls(texts)

    spoken = {call.get("language_code", "") for call in calls}
    assert spoken == {"", "en", "zh", "es", "ar", "fr", "de", "pt", "ja", "hi"}
    assert len(LANGUAGES) == 10  # the two ways of writing Chinese share a code
    by_code = {call.get("language_code", ""): call["commands"] for call in calls}
    assert by_code["es"] == [{"command": "help", "description": "Lo que puede hacer aquí"}]
