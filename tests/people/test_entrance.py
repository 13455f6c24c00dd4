"""The way in: an invitation, consent in plain words, and what is stored at what moment."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from bot.core.i18n import NAMES
from bot.people.tables import Role
from tests.people.conftest import AGREE, House
from tests.support.updates import Chat, User, buttons, press, pressable


def _menu(chat: Chat) -> list[str]:
    """Return the commands of the menu that the last answer sets."""
    [call] = [call for call in chat.last if call["method"] == "setMyCommands"]
    assert call["scope"] == {"type": "chat", "chat_id": chat.user.id}
    return [one["command"] for one in call["commands"]]


def test_consent_says_who_asks_what_is_kept_for_how_long_and_how_to_leave(house: House, ana: User):
    chat = house.chat(ana)

    said = chat.send(f"/start {house.payload('customer')}")

    for part in (
        "Blue Cup",
        "Riverside",
        "Telegram id",
        "anonym",
        "a minute",
        "/stop",
        "statistics",
    ):
        assert part in said
    first, second, *languages = list(chat.last[0]["reply_markup"]["inline_keyboard"])
    assert [one["text"] for one in first] == ["I agree"]
    assert [one["text"] for one in second] == ["No, thanks"]
    named = [one["text"].removeprefix("✓ ") for row in languages for one in row]
    assert named == list(NAMES.values())


@pytest.mark.parametrize("role", ["customer", "staff", "manager", "partner"])
def test_agreeing_stores_the_person_and_the_role(house: House, ana: User, role: str):
    chat = house.chat(ana)

    chat.send(f"/start {house.payload(role)}")
    said = chat.press("I agree")

    person = house.person(ana.id)
    assert person is not None
    assert (person.name, person.language, person.state) == ("Ana", "en", "active")
    assert person.consented_at == house.now
    assert house.roles(ana.id) == ((role, house.unit("Riverside")),)
    assert "You agreed on" in said
    assert "You are in" in said


def test_an_owner_belongs_to_no_unit_and_is_told_the_next_step(house: House, ana: User):
    chat = house.chat(ana)

    chat.send(f"/start {house.payload('owner', None)}")
    said = chat.press("I agree")

    assert house.roles(ana.id) == (("owner", None),)
    assert "/invite" in said


def test_nothing_is_stored_before_somebody_agrees(house: House, ana: User):
    payload = house.payload("customer")
    before = house.rows()
    chat = house.chat(ana)

    chat.send(f"/start {payload}")
    chat.press("العربية")
    chat.press("Español")
    said = chat.press("No, gracias")

    assert "No se ha guardado nada" in said
    assert not buttons(chat.last)
    assert house.rows() == before


def test_the_language_chosen_before_consent_is_carried_into_it(house: House, ana: User):
    chat = house.chat(ana)

    chat.send(f"/start {house.payload('staff')}")
    said = chat.press("简体中文")
    marked = [text for text in buttons(chat.last) if text.startswith("✓")]
    chat.press("我同意")

    assert "员工" in said
    assert marked == ["✓ 简体中文"]
    person = house.person(ana.id)
    assert person is not None
    assert person.language == "zh-Hans"
    assert _menu(chat) == ["help", "language", "cancel", "stop"]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("es-MX", "Acepto"),
        ("zh-HK", "我同意"),
        ("ar-EG", "أوافق"),
        ("tlh", "I agree"),
        (None, "I agree"),
    ],
)
def test_the_first_guess_of_the_language_is_the_apps(house: House, code: str | None, word: str):
    chat = house.chat(User(5, "Q", language_code=code))

    chat.send(f"/start {house.payload('customer')}")

    assert word in buttons(chat.last)


def test_the_menu_holds_what_the_role_may_do(house: House):
    manager = house.joined(User(7), "manager")
    customer = house.joined(User(8), "customer")

    assert _menu(manager) == ["gaps", "invite", "help", "language", "cancel", "stop"]
    assert _menu(customer) == ["help", "language", "cancel", "stop"]


def test_a_single_use_invitation_lets_in_the_one_who_agrees_first(house: House, ana: User):
    payload = house.payload("staff")
    first, second = house.chat(ana), house.chat(User(1002, "Bo"))
    first.send(f"/start {payload}")
    second.send(f"/start {payload}")

    second.press("I agree")
    said = first.press("I agree")

    assert "used already" in said
    assert "new link" in said
    assert house.person(ana.id) is None
    assert house.person(1002) is not None


def test_a_customers_link_is_used_by_many(house: House):
    payload = house.payload("customer")

    for number in range(5):
        chat = house.chat(User(2000 + number))
        chat.send(f"/start {payload}")
        chat.press("I agree")

    assert [bool(house.person(2000 + number)) for number in range(5)] == [True] * 5


def test_looking_at_an_invitation_uses_nothing_up(house: House, ana: User):
    payload = house.payload("staff")

    for number in range(3):
        house.chat(User(3000 + number)).send(f"/start {payload}")
    chat = house.chat(ana)
    chat.send(f"/start {payload}")
    chat.press("I agree")

    assert house.person(ana.id) is not None


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param("nobody-knows-this", "do not know", id="unknown"),
        pytest.param("../../etc", "do not know", id="junk"),
        pytest.param("x" * 4000, "do not know", id="endless"),
    ],
)
def test_an_unknown_payload_is_refused_politely(house: House, ana: User, payload: str, said: str):
    before = house.rows()

    answer = house.chat(ana).send(f"/start {payload}")

    assert said in answer
    assert "new link" in answer
    assert house.rows() == before


def test_an_invitation_that_has_run_out_is_refused_also_when_it_was_open_before(
    house: House, ana: User
):
    payload = house.payload("customer")
    chat = house.chat(ana)
    chat.send(f"/start {payload}")
    house.now += timedelta(days=7)

    pressed = chat.press("I agree")
    opened = chat.send(f"/start {payload}")

    assert "run out" in pressed
    assert "run out" in opened
    assert house.person(ana.id) is None


def test_whoever_has_the_role_already_is_told_so_and_uses_nothing_up(house: House, ana: User):
    chat = house.joined(ana, "staff")
    payload = house.payload("staff")

    said = chat.send(f"/start {payload}")
    other = house.chat(User(1002))
    other.send(f"/start {payload}")
    other.press("I agree")

    assert "You are in already" in said
    assert house.roles(1002) == (("staff", house.unit("Riverside")),)


def test_two_taps_on_agree_make_one_role_and_one_use(house: House, ana: User):
    payload = house.payload("customer", max_uses=2)
    chat = house.chat(ana)
    chat.send(f"/start {payload}")
    data = pressable(chat.last, "I agree")

    chat.take(press(ana, data))
    said = chat.take(press(ana, data))
    other = house.chat(User(1002))
    other.send(f"/start {payload}")
    other.press("I agree")

    assert "You are in already" in said
    assert len(house.roles(ana.id)) == 1
    assert house.person(1002) is not None


def test_an_old_no_thanks_takes_nothing_back(house: House, ana: User):
    chat = house.chat(ana)
    chat.send(f"/start {house.payload('customer')}")
    decline = pressable(chat.last, "No, thanks")
    chat.press("I agree")

    said = chat.take(press(ana, decline))

    assert "You are in already" in said
    assert len(house.roles(ana.id)) == 1


def test_a_person_may_gather_roles_and_units(house: House, ana: User):
    chat = house.joined(ana, "customer")

    for role, unit in (("staff", "Riverside"), ("customer", "Old Town")):
        chat.send(f"/start {house.payload(role, unit)}")
        chat.press("I agree")

    riverside, old_town = house.unit("Riverside"), house.unit("Old Town")
    assert house.roles(ana.id) == (
        ("customer", riverside),
        ("staff", riverside),
        ("customer", old_town),
    )
    said = chat.send("/start")
    assert said.count("•") == 3


def test_declining_another_role_changes_nothing(house: House, ana: User):
    chat = house.joined(ana, "customer")
    chat.send(f"/start {house.payload('staff')}")
    before = house.rows()

    said = chat.press("No, thanks")

    assert "Nothing has changed" in said
    assert house.rows() == before


def test_start_is_a_way_out_of_anything(house: House, ana: User):
    chat = house.joined(ana, "customer")
    house.under_way.append("a question")

    said = chat.send("/start")

    assert "You are in" in said
    assert house.under_way == []


def test_whoever_holds_no_role_any_more_is_told_so(house: House, ana: User):
    one = house.joined(ana, "customer")
    house.database.run(lambda session: session.execute(delete(Role)))

    assert "You hold no role" in one.send("/start")


def test_somebody_who_said_stop_comes_back_by_start_and_one_tap(house: House, ana: User):
    chat = house.joined(ana, "customer")
    chat.send("/stop")

    asked = chat.send("/start")
    still = house.person(ana.id)
    said = chat.press("Yes, write to me again")

    assert "You said stop" in asked
    assert still is not None
    assert still.state == "stopped"
    assert "You are in" in said
    back = house.person(ana.id)
    assert back is not None
    assert back.state == "active"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("<b>&\"'</b>", id="markup"),
        pytest.param("\u202eevil\u202c", id="turned direction"),
        pytest.param("أحمد", id="Arabic"),
        pytest.param("👩‍👩‍👧 Fam", id="joined emoji"),
        pytest.param("N" * 300, id="long"),
        pytest.param("\u200e", id="nothing to see"),
        pytest.param("A\x00\n\tB", id="control characters"),
        pytest.param("%(name)s {{ 7*7 }}", id="what templates might read"),
    ],
)
def test_odd_names_are_shown_safely(house: House, name: str):
    user = User(4004, name)

    chat = house.chat(user)
    asked = chat.send(f"/start {house.payload('customer')}")
    said = chat.press("I agree")

    person = house.person(user.id)
    assert person is not None
    assert len(person.name) <= 130
    assert not set(person.name) & set("\u202e\u202c\x00\n")
    assert "<b>&" not in asked + said
    assert "49" not in asked + said
    assert asked.count("\u2068") == asked.count("\u2069")


@pytest.mark.parametrize("code", ["en", "es", "ar", "zh-TW"])
def test_the_whole_way_in_works_in_each_language(house: House, code: str):
    chat = house.joined(User(6000, "Noor", language_code=code), "manager")

    person = house.person(6000)
    assert person is not None
    assert AGREE[code] not in buttons(chat.last)
    for command in ("/help", "/language", "/cancel", "/start", "/invite", "/stop"):
        assert chat.send(command)
