"""The standards register in chat: reading, changing, and two people at once."""

import pytest

from bot.core import callbacks
from bot.core.i18n import LANGUAGES
from bot.core.tables import AuditEntry
from bot.registers.items import key_of
from bot.registers.standards import Content
from bot.registers.tables import StandardVersion
from tests.registers.conftest import (
    AGREED,
    ANA,
    CUSTOMER,
    LI,
    OTHER,
    OWNER,
    SHORT_WAITS,
    STRANGER,
    RegisterHouse,
)
from tests.support.updates import Chat, User, press

OVERTAKEN = "Somebody has changed this rule meanwhile. Please look again."


def pressed(house: RegisterHouse, telegram_id: int, action: str) -> tuple[Chat, str]:
    talk = house.chat(telegram_id)
    said = talk.take(press(User(telegram_id), callbacks.sign(house.secret, telegram_id, action)))
    return talk, plain(said)


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def item_of(house: RegisterHouse, verb: str, *rest: object, item: str = AGREED) -> str:
    return ":".join(str(one) for one in (verb, house.unit(), key_of(item), *rest))


def test_a_manager_goes_down_to_a_rule_and_sees_what_has_none(one_house: RegisterHouse) -> None:
    one_house.rule()
    ana = one_house.chat(ANA)

    said = plain(ana.send("/standards"))
    assert "1 of 22 items have a rule." in said
    assert "Without any rule:" in said
    listed = plain(ana.press("Reliability 1/5"))
    assert "⚠ no rule" in listed
    number = next(line[0] for line in listed.splitlines() if "on time" in line or "agreed" in line)
    shown = plain(ana.press(number))

    assert "Level 6 of 7 · all units" in shown
    assert "waiting beyond the agreed time, at most 180 seconds" in shown
    assert "It came from a file." in shown
    assert "Change it for all units" not in str(ana.last)
    assert "Reliability" in ana.press("← Back")


def test_a_manager_writes_a_rule_of_the_unit_by_level_and_words(house: RegisterHouse) -> None:
    ana, _ = pressed(house, ANA, item_of(house, "ste", "u"))

    asked = plain(ana.press("5"))
    assert "Please write the rule in one sentence" in asked
    shown = plain(ana.send("Nobody  waits longer than ten minutes."))

    assert "Level 5 of 7 · this unit" in shown
    assert OVERTAKEN not in shown
    assert house.rules() == {AGREED: Content(5, "Nobody waits longer than ten minutes.")}
    assert house.rules("Old Town") == {}
    (entry,) = house.rows(AuditEntry)
    assert (entry.what, entry.unit_id, entry.person_id) == ("standard.written", house.unit(), 1)
    assert "Nobody" not in entry.detail


def test_a_change_is_a_new_version_and_keeps_the_target(house: RegisterHouse) -> None:
    house.rule()
    owner, _ = pressed(house, OWNER, item_of(house, "ste", "a"))

    shown = plain(owner.press("7"))

    assert "Level 7 of 7 · all units" in shown
    assert house.rules()[AGREED].rule == ((60, 7), (180, 6), (600, 3), (1800, 1))
    assert [one.number for one in house.rows(StandardVersion)] == [1, 2]
    history = plain(owner.press("Earlier versions"))
    assert "January 1, 2026" in history
    assert "March 4, 2026" in history


def test_a_units_own_rule_goes_before_the_common_one_until_it_is_retired(
    one_house: RegisterHouse,
) -> None:
    house = one_house
    house.rule()
    ana, _ = pressed(house, ANA, item_of(house, "ste", "u"))
    ana.press("4")
    assert (house.rules()[AGREED].level, house.rules("Old Town")[AGREED].level) == (4, 6)

    ana.press("Change it for this unit")
    shown = plain(ana.press("No rule any more"))

    assert "Level 6 of 7 · all units" in shown


def test_of_two_managers_the_first_wins_and_the_other_sees_it(house: RegisterHouse) -> None:
    ana, _ = pressed(house, ANA, item_of(house, "ste", "u"))
    li, _ = pressed(house, LI, item_of(house, "ste", "u"))
    ana.press("5")
    li.press("3")

    ana.send("Begin on time.")
    said = plain(li.send("Begin when ready."))

    assert OVERTAKEN in said
    assert "Begin on time." in said
    assert house.rules()[AGREED].level == 5


def test_a_manager_cannot_change_what_holds_for_all_units(one_house: RegisterHouse) -> None:
    one_house.rule()

    _, said = pressed(one_house, ANA, item_of(one_house, "stl", "a", 1, 2))

    assert "Only an owner can change what holds for all units." in said
    assert one_house.rules()[AGREED].level == 6


@pytest.mark.parametrize("verb", ["standards", "std", "sti", "ste", "stl", "stw", "str", "sth"])
def test_another_units_manager_is_not_let_in(one_house: RegisterHouse, verb: str) -> None:
    _, said = pressed(one_house, OTHER, item_of(one_house, verb, "u", 0, 5))

    assert "This is not open to you." in said


@pytest.mark.parametrize("telegram_id", [CUSTOMER, STRANGER])
def test_customers_and_strangers_are_answered_and_change_nothing(
    one_house: RegisterHouse, telegram_id: int
) -> None:
    _, said = pressed(one_house, telegram_id, item_of(one_house, "stl", "u", 0, 5))

    assert "This is not open to you." in said
    assert one_house.rows(StandardVersion) == []


@pytest.mark.parametrize(
    "action",
    [
        "standards:x",
        "std:1:nowhere",
        "sti:1:0000000000",
        "stl:1:{key}:u:0:9",
        "stw:1:{key}:u:0",
        "str:1:{key}:u:0",
        "sti:77:{key}",
        "ste",
        "std:1",
    ],
)
def test_a_button_that_makes_no_sense_is_answered_politely(
    one_house: RegisterHouse, action: str
) -> None:
    _, said = pressed(one_house, ANA, action.format(key=key_of(AGREED)))

    assert "no longer in use" in said or "no such rule" in said
    assert one_house.rows(StandardVersion) == []


def test_a_rule_without_words_is_asked_for_again(one_house: RegisterHouse) -> None:
    ana, _ = pressed(one_house, ANA, item_of(one_house, "ste", "u", item=SHORT_WAITS))
    ana.press("5")

    assert "Please write the rule" in ana.send("x" * 301)
    assert "Level 5 of 7" in plain(ana.send("Quickly."))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_managers_language(one_house: RegisterHouse, language: str) -> None:
    one_house.add(50, "manager", language=language)
    one_house.rule()
    texts = [
        pressed(one_house, 50, action)[1]
        for action in (
            f"standards:{one_house.unit()}",
            f"std:{one_house.unit()}:reliability",
            item_of(one_house, "sti"),
            item_of(one_house, "ste", "u"),
            item_of(one_house, "stw", "u", 0),
            item_of(one_house, "sth"),
        )
    ]

    assert all(texts)
    assert ("Our rules" in texts[0]) == (language == "en")
    assert ("In force since" in texts[2]) == (language == "en")
