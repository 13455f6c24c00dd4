"""The promise register in chat: checked before it goes out, added, changed, handed over, ended."""

import pytest

from bot.core import callbacks
from bot.core.i18n import LANGUAGES
from bot.core.tables import AuditEntry
from bot.registers.items import key_of
from bot.registers.promises import promised_items
from bot.registers.tables import Promise, PromiseVersion
from tests.registers.conftest import (
    AGREED,
    ANA,
    CUSTOMER,
    LI,
    OTHER,
    OWNER,
    STRANGER,
    RegisterHouse,
)
from tests.support.updates import Chat, User, buttons, press

TOO_MUCH = "This is more than you deliver. Lower it, or improve first."
OVERTAKEN = "Somebody has changed this promise meanwhile. Please look again."


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def pressed(house: RegisterHouse, telegram_id: int, action: str) -> tuple[Chat, str]:
    talk = house.chat(telegram_id)
    said = talk.take(press(User(telegram_id), callbacks.sign(house.secret, telegram_id, action)))
    return talk, plain(said)


def added(
    house: RegisterHouse, telegram_id: int = ANA, *, level: int = 6, scope: str = "u"
) -> Chat:
    """Go the way from a level to a written promise."""
    action = f"prn:{house.unit()}:{key_of(AGREED)}:{scope}:6"
    talk, _ = pressed(house, telegram_id, action)
    talk.press("Website")
    talk.send("Always on time, or it is free.")
    return talk


def answered(house: RegisterHouse, level: int = 4) -> RegisterHouse:
    """Let staff rate the delivery at this level, half of them a point lower, and report it."""
    house.ledger.fill(levels={"D": level})
    house.report()
    return house


def test_a_promise_above_the_delivered_level_is_flagged_before_it_goes_out(
    house: RegisterHouse,
) -> None:
    """Six members of staff: 4 4 3 3 4 4, so 80 in 100 ratings are at 4 or below."""
    answered(house)
    ana = house.chat(ANA)

    high = plain(ana.send("/promises check 6 agreed time"))
    assert TOO_MUCH in high
    assert "Staff rated it 6 times; eight times in ten at level 4 or below." in high
    assert "You deliver this." in plain(ana.send("/promises check 4 agreed time"))
    assert TOO_MUCH in plain(ana.send("/promises check 5 agreed time"))
    assert house.rows(Promise) == []


def test_what_few_people_rated_is_not_told(one_house: RegisterHouse) -> None:
    one_house.ledger.fill(people={"staff": 4})
    one_house.report()

    said = plain(one_house.chat(ANA).send("/promises check 6 agreed time"))

    assert "Too little is known" in said
    assert "times in ten" not in said


def test_the_check_asks_for_what_was_left_open(one_house: RegisterHouse) -> None:
    ana, owner = one_house.chat(ANA), one_house.chat(OWNER)

    ana.send("/promises check 6 time")
    assert len(buttons(ana.last)) > 1
    owner.send("/promises check 6 agreed time")
    assert set(buttons(owner.last)) == {"Riverside", "Old Town"}
    assert "A promise of level 6" in plain(owner.press("Old Town"))


def test_a_manager_adds_a_promise_step_by_step(house: RegisterHouse) -> None:
    answered(house)
    ana = house.chat(ANA)
    assert "Nothing is written down yet." in ana.send("/promises")

    ana.press("Add one")
    listed = plain(ana.press("Reliability"))
    number = next(line[0] for line in listed.splitlines() if "agreed" in line or "on time" in line)
    ana.press(number)
    assert TOO_MUCH in plain(ana.press("6"))
    assert "Please write the promise" in ana.press("Advert")
    shown = plain(ana.send("Always on time."))

    assert "Level 6 of 7 · Advert · this unit" in shown
    assert "Who answers for it: P11" in shown
    assert TOO_MUCH in shown
    assert "⚠ Always on time." in plain(ana.press("← All promises")).replace("<i>", "").replace(
        "</i>", ""
    )
    (entry,) = [one for one in house.rows(AuditEntry) if one.what == "promise.made"]
    assert "time" not in entry.detail


def test_customers_c_follows_what_is_promised(house: RegisterHouse) -> None:
    added(house)

    def items(unit: str) -> frozenset[str]:
        unit_id = house.unit(unit)
        return house.database.run(lambda s: promised_items(s, unit_id, house.now.date()))

    assert items("Riverside") == {AGREED}
    assert items("Old Town") == frozenset()
    added(house, OWNER, scope="a")
    assert items("Old Town") == {AGREED}


def test_a_promise_is_changed_limited_and_ended_as_versions(house: RegisterHouse) -> None:
    ana = added(house)

    ana.press("Level")
    assert "Level 4 of 7" in plain(ana.press("4"))
    ana.press("Wording")
    assert "Mostly on time." in ana.send("Mostly on time.")
    ana.press("Until when")
    assert "until April 3, 2026" in plain(ana.press("For a month"))
    assert "Ended on March 4, 2026." in plain(ana.press("End it"))

    assert sorted(one.number for one in house.rows(PromiseVersion)) == [1, 2, 3, 4]
    assert "Level" not in buttons(ana.last)
    whats = {one.what for one in house.rows(AuditEntry)}
    assert whats == {"promise.made", "promise.changed", "promise.ended"}


def test_of_two_managers_the_first_wins_and_the_other_sees_it(house: RegisterHouse) -> None:
    added(house)
    li, _ = pressed(house, LI, f"pre:{house.unit()}:1")
    ana, _ = pressed(house, ANA, f"pre:{house.unit()}:1")
    ana.press("5")

    said = plain(li.press("2"))

    assert OVERTAKEN in said
    assert "Level 5 of 7" in said


def test_an_ended_promise_is_shown_and_not_changed(one_house: RegisterHouse) -> None:
    ana = added(one_house)
    ana.press("End it")

    _, said = pressed(one_house, LI, f"prl:{one_house.unit()}:1:1:2")

    assert "This promise has ended." in said
    assert "Ended on March 4, 2026." in said


def test_who_is_made_to_answer_for_a_promise_is_told(one_house: RegisterHouse) -> None:
    ana = added(one_house)
    ana.press("Who answers for it")

    assert "Who answers for it: P12" in plain(ana.press("P12"))

    li = one_house.delivered_to(12)
    assert "P11 made you the one who answers" in plain(li.last[0]["text"])
    assert "Always on time" in li.press("Open it")


def test_a_promise_for_all_units_is_an_owners(one_house: RegisterHouse) -> None:
    added(one_house, OWNER, scope="a")
    ana, listed = pressed(one_house, ANA, f"promises:{one_house.unit()}")
    assert "Always on time" in listed

    assert "Level" not in buttons(ana.last)
    _, said = pressed(one_house, ANA, f"prx:{one_house.unit()}:1")
    assert "Only an owner can change what holds for all units." in said
    assert one_house.rows(Promise)[0].ended_on is None


@pytest.mark.parametrize(
    "verb", ["promises", "prv", "pre", "prl", "prw", "prt", "pro", "prx", "pra", "prd", "pri"]
)
def test_another_units_manager_is_not_let_in(one_house: RegisterHouse, verb: str) -> None:
    added(one_house)

    _, said = pressed(one_house, OTHER, f"{verb}:{one_house.unit()}:1:1:5")

    assert "This is not open to you." in said


@pytest.mark.parametrize("telegram_id", [CUSTOMER, STRANGER])
def test_customers_and_strangers_change_nothing(one_house: RegisterHouse, telegram_id: int) -> None:
    added(one_house)

    _, said = pressed(one_house, telegram_id, f"prx:{one_house.unit()}:1")

    assert "This is not open to you." in said


@pytest.mark.parametrize(
    "action",
    [
        "prv:1:9",
        "prv:1:x",
        "prv",
        "prl:1:1:1:9",
        "prn:1:{key}:u:8",
        "prc:1:{key}:u:5:radio",
        "prc:1:{key}:c:5:site",
        "prd:1:u:nowhere",
        "pri:1:0:u",
        "prn:1:{key}:u",
    ],
)
def test_a_button_that_makes_no_sense_is_answered_politely(
    one_house: RegisterHouse, action: str
) -> None:
    added(one_house)

    _, said = pressed(one_house, ANA, action.format(key=key_of(AGREED)))

    assert "no longer in use" in said


def test_one_units_promise_is_not_seen_through_another(one_house: RegisterHouse) -> None:
    added(one_house)

    _, said = pressed(one_house, OTHER, f"prv:{one_house.unit('Old Town')}:1")

    assert "no longer in use" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_managers_language(one_house: RegisterHouse, language: str) -> None:
    one_house.add(50, "manager", language=language)
    answered(one_house)
    added(one_house)
    unit, key = one_house.unit(), key_of(AGREED)
    texts = [
        pressed(one_house, 50, action)[1]
        for action in (
            f"promises:{unit}",
            f"prv:{unit}:1",
            f"pra:{unit}:u",
            f"prd:{unit}:c:reliability",
            f"pri:{unit}:{key}:u",
            f"prn:{unit}:{key}:u:7",
            f"prt:{unit}:1:1",
            f"pro:{unit}:1",
            f"prw:{unit}:1:1",
        )
    ]

    assert all(texts)
    assert ("What we promise customers" in texts[0]) == (language == "en")
    assert (TOO_MUCH in texts[5]) == (language == "en")


def test_a_check_of_words_that_no_item_holds_says_so(one_house: RegisterHouse) -> None:
    said = plain(one_house.chat(ANA).send("/promises check 6 parking"))

    assert "No item is called" in said
    assert "parking" in said
