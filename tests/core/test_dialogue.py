"""The router: who is let to which handler, and what calls come out."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlmodel import Session
from telegram import Update

from bot.core.callbacks import sign
from bot.core.database import Database
from bot.core.dialogue import Button, Call, Command, Identity, Press, Reply, Routes, Turn
from bot.core.render import Texts
from bot.core.router import Router
from bot.people.tables import Person
from tests.support.updates import (
    User,
    buttons,
    membership,
    message,
    photo,
    press,
    pressable,
    said,
)

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
KEY = "the key of a test"
ANA, BO, EVE = User(1, "Ana"), User(2, "Bo"), User(3, "Eve", language_code="es")


class SmallDoor:
    """Knows Ana, a manager of unit 5, and Bo, a customer who had blocked the bot."""

    def __init__(self) -> None:
        self.known = {
            1: Identity(11, "en", "active", (("manager", 5),)),
            2: Identity(12, "ar", "blocked", (("customer", 6),)),
        }
        self.returned: list[int] = []
        self.changed: list[str] = []

    def recognise(self, session: Session, telegram_id: int) -> Identity | None:
        return self.known.get(telegram_id)

    def membership_changed(self, turn: Turn) -> None:
        change = turn.update.my_chat_member
        self.changed.append(change.new_chat_member.status if change else "")

    def must_agree(self, turn: Turn, word: str) -> bool:
        """Everybody here has agreed."""
        return False

    def came_back(self, session: Session, who: Identity) -> None:
        self.returned.append(who.person_id)


def _show(turn: Turn) -> None:
    rows = [[Button(turn.label("I agree"), "yes:1:two")], []]
    turn.say("core/not_open.html", rows=rows, stranger=False)


def _yes(turn: Turn) -> None:
    turn.edit("core/sorry.html")
    turn.call("sendChatAction", chat_id=turn.chat_id, action="typing", heard=turn.arguments)


def _tell(turn: Turn) -> None:
    turn.toast("This is not open to you.", alert=True)


def _take(turn: Turn) -> bool:
    if turn.text.startswith("my answer"):
        turn.say("core/sorry.html")
        return True
    return False


ROUTES = Routes(
    commands=(Command("show", _show), Command("manage", _show, roles=("manager", "owner"))),
    presses=(
        Press("yes", _yes),
        Press("tell", _tell),
        Press("manage", _yes, roles=("manager",)),
    ),
    texts=(lambda turn: False, _take),
)


@pytest.fixture
def door() -> SmallDoor:
    """A door that remembers what it was told."""
    return SmallDoor()


@pytest.fixture
def handle(door: SmallDoor, texts: Texts) -> Callable[[Update], list[Call]]:
    """Let the router handle an update; nothing here touches a database."""
    router = Router(door, [ROUTES], texts)
    return lambda update: router.handle(Session(), update, now=NOW, secret=KEY)


def test_a_command_is_found_whatever_its_case_and_address(handle):
    for text in ("/show", "/SHOW", "/show@gap_bot", "  /show more words", "/show\nbelow"):
        assert "I agree" in buttons(handle(message(ANA, text)))


def test_a_button_verifies_for_whom_it_was_made_and_carries_its_arguments(handle):
    data = pressable(handle(message(ANA, "/show")), "I agree")

    calls = handle(press(ANA, data, message_id=77))

    assert [call["method"] for call in calls] == [
        "answerCallbackQuery",
        "editMessageText",
        "sendChatAction",
    ]
    assert calls[1]["message_id"] == 77
    assert calls[2]["heard"] == ("1", "two")


@pytest.mark.parametrize("data", ["yes:1:two", "yes:1:two~AAAAAAAA", "", "unknown"])
def test_a_forged_button_gets_an_alert_and_reaches_no_handler(handle, data: str):
    calls = handle(press(ANA, data))

    assert [call["method"] for call in calls] == ["answerCallbackQuery"]
    assert calls[0]["show_alert"] is True
    assert "no longer in use" in calls[0]["text"]


def test_a_signed_verb_that_no_feature_has_any_more_is_answered(handle):
    calls = handle(press(ANA, sign(KEY, ANA.id, "gone:1")))

    assert "no longer in use" in said(calls)


def test_a_press_that_says_something_is_acknowledged_once(handle):
    calls = handle(press(ANA, sign(KEY, ANA.id, "tell")))

    assert [call["method"] for call in calls] == ["answerCallbackQuery"]


@pytest.mark.parametrize(("user", "let_in"), [(ANA, True), (BO, False), (EVE, False)])
def test_roles_open_commands_and_buttons(handle, user: User, let_in: bool):
    by_command = handle(message(user, "/manage"))
    by_press = handle(press(user, sign(KEY, user.id, "manage:1")))

    assert bool(buttons(by_command)) is let_in
    assert ("editMessageText" in [call["method"] for call in by_press]) is let_in


def test_a_free_text_goes_to_the_first_that_takes_it(handle):
    assert "sorry" in said(handle(message(ANA, "my answer is no")))
    assert "no open question" in said(handle(message(ANA, "something else")))


@pytest.mark.parametrize("update", [message(EVE, "hola"), message(EVE, "/x"), photo(EVE)])
def test_a_stranger_is_answered_in_the_language_of_the_app(handle, update: Update):
    assert "por invitación" in said(handle(update))


def test_somebody_who_had_blocked_us_is_back_by_writing_or_pressing(handle, door: SmallDoor):
    handle(message(BO, "hello"))
    handle(press(BO, sign(KEY, BO.id, "yes:1")))
    handle(press(BO, "forged"))

    assert door.returned == [12, 12]


def test_a_change_of_membership_goes_to_the_door_alone(handle, door: SmallDoor):
    calls = handle(membership(BO, "kicked"))

    assert calls == []
    assert door.changed == ["kicked"]
    assert door.returned == []


def test_groups_and_bots_are_not_talked_to(handle):
    group = {"id": -5, "type": "group", "title": "G"}
    another_bot = User(9).plain() | {"is_bot": True}

    assert handle(message(ANA, "/show", chat=group)) == []
    assert handle(message(ANA, "/show", **{"from": another_bot})) == []


def test_an_edited_message_is_not_handled_again(handle):
    plain = message(ANA, "/show").to_dict()
    plain["edited_message"] = plain.pop("message") | {"edit_date": 1_800_000_000}

    assert handle(Update.de_json(plain, None)) == []


def test_an_edit_without_a_message_to_edit_is_a_new_message(texts: Texts):
    turn = Turn(Session(), message(ANA, "x"), NOW, texts, KEY, None, "en")

    turn.edit("core/sorry.html")

    assert turn.calls[0]["method"] == "sendMessage"
    assert "reply_markup" not in turn.calls[0]


def test_what_a_button_under_a_picture_brings_is_a_new_message(texts: Texts):
    update = press(ANA, "data", picture=True)
    turn = Turn(None, update, NOW, texts, KEY, None, "en")  # type: ignore[arg-type]

    turn.put("words")

    assert turn.message_id is None
    assert [call["method"] for call in turn.calls] == ["sendMessage"]


def test_a_toast_is_cut_at_what_telegram_shows_and_needs_a_press(texts: Texts):
    pressed = Turn(Session(), press(ANA, "x"), NOW, texts, KEY, None, "en")
    written = Turn(Session(), message(ANA, "x"), NOW, texts, KEY, None, "en")

    for turn in (pressed, written):
        turn.toast("x" * 300)

    assert len(pressed.calls[0]["text"]) == 200
    assert written.calls == []


def test_a_handler_for_known_people_refuses_a_stranger_loudly(texts: Texts):
    turn = Turn(Session(), message(EVE, "x"), NOW, texts, KEY, None, "es")

    with pytest.raises(LookupError):
        _ = turn.known


def test_who_may_see_a_unit():
    owner = Identity(1, "en", "active", (("owner", None),))
    manager = Identity(2, "en", "active", (("manager", 5), ("customer", 6)))

    assert [owner.may_see(5), owner.may_see(6)] == [True, True]
    assert [manager.may_see(5), manager.may_see(6)] == [True, False]
    assert manager.units("manager", "customer") == (5, 6)
    assert owner.units("owner") == ()


def test_a_message_goes_to_whoever_asked_for_it_with_the_subject(
    database: Database, door: SmallDoor, texts: Texts
):
    heard: list[tuple[tuple[str, ...], str]] = []

    def ask(turn: Turn) -> None:
        turn.ask("note", 12, "x")

    def note(turn: Turn) -> None:
        heard.append((turn.arguments, turn.text))

    routes = Routes(commands=(Command("ask", ask),), replies=(Reply("note", note),))
    router = Router(door, [routes], texts)
    with Session(database.engine) as session, session.begin():
        person = Person(id=11, telegram_id=ANA.id, name="Ana", language="en", consented_at=NOW)
        session.add(person)
        session.flush()

        for text in ("/ask", "my own words", "one more"):
            last = router.handle(session, message(ANA, text), now=NOW, secret=KEY)

    assert heard == [(("12", "x"), "my own words")]
    assert last[0]["method"] == "sendMessage"  # nobody asked for this one


def test_who_lost_the_role_since_the_question_is_not_heard(
    database: Database, door: SmallDoor, texts: Texts
):
    heard: list[str] = []
    routes = Routes(
        commands=(Command("ask", lambda turn: turn.ask("note")),),
        replies=(Reply("note", lambda turn: heard.append(turn.text), roles=("owner",)),),
    )
    router = Router(door, [routes], texts)
    with Session(database.engine) as session, session.begin():
        person = Person(id=11, telegram_id=ANA.id, name="Ana", language="en", consented_at=NOW)
        session.add(person)
        session.flush()

        for text in ("/ask", "my own words"):
            router.handle(session, message(ANA, text), now=NOW, secret=KEY)

    assert heard == []
