"""Actions as managers and staff work on them in chat, through the router."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.core.database import Database
from bot.core.i18n import LANGUAGES
from bot.improvement.tables import FixDecision
from bot.people.tables import Person
from tests.support.actions import ANA, KIM, LI, OTHER, SAM, ActionHouse
from tests.support.updates import Chat, User, buttons, photo

CLOSED = "This is not open to you."


def plain(text: str) -> str:
    """Return a text without the marks of direction around names and numbers."""
    return text.replace("\u2068", "").replace("\u2069", "")


def texts(calls: list[Any]) -> str:
    return plain("\n".join(call.get("text", "") for call in calls))


def test_a_due_day_is_set_with_one_tap(house: ActionHouse) -> None:
    house.taken()
    ana = house.pressed(ANA, "ac:1:-")

    ana.press("Due day")
    said = plain(ana.press("Two weeks"))

    assert "Due: March 18, 2026 · 14 days left" in said
    assert house.action().due_on == date(2026, 3, 18)
    assert "action.dated action 1" in house.recorded()


@pytest.mark.parametrize(
    ("label", "day"),
    [("This week", date(2026, 3, 8)), ("A month", date(2026, 4, 4))],
)
def test_the_quick_days_are_a_sunday_and_the_same_day_of_next_month(
    small_house: ActionHouse, label: str, day: date
) -> None:
    small_house.taken()
    ana = small_house.pressed(ANA, "acd:1:-")

    ana.press(label)

    assert small_house.action().due_on == day


def test_another_day_is_asked_for_until_it_will_do(small_house: ActionHouse) -> None:
    small_house.taken(gap="specification")
    ana = small_house.pressed(ANA, "acd:1:-")

    assert "Please write the day" in ana.press("Another day")
    assert "I cannot read a day" in ana.send("soon")
    assert "That day is over" in ana.send("2026-03-03")
    assert "more than a year away" in ana.send("2027-12-24")
    assert "I cannot read a day" in ana.take(photo(User(ANA)))
    assert "Due: December 24, 2026" in plain(ana.send("24.12."))

    action = small_house.action()
    assert action.due_on == date(2026, 12, 24)
    assert action.check_on == date(2026, 12, 24) + timedelta(weeks=6)


def test_a_note_is_kept_and_shown(small_house: ActionHouse) -> None:
    small_house.taken()
    ana = small_house.pressed(ANA, "ac:1:-")
    ana.press("Note")

    assert "500 characters at most" in plain(ana.send("x" * 501))
    said = plain(ana.send("Ask <Sam> first"))

    assert "Ask &lt;Sam&gt; first" in said
    assert small_house.action().note == "Ask <Sam> first"


def test_somebody_who_is_asked_accepts_and_the_asker_hears_of_it(house: ActionHouse) -> None:
    house.taken()
    ana = house.pressed(ANA, "ac:1:-")
    ana.press("Give to")
    said = plain(ana.press("P13"))
    assert "P13 was asked to take it over" in said
    assert (house.action().state, house.action().owner_id) == ("proposed", 1)

    (asked,) = house.told(SAM)
    assert "P11 asks you to take something over in Riverside" in texts([asked])
    sam = house.chat(SAM)
    sam.last = [asked]
    assert "It is yours now" in sam.press("I take it over")

    assert (house.action().state, house.action().owner_id) == ("open", 3)
    assert "P13 has taken this over" in texts(house.told(ANA))
    assert house.recorded() == [
        "action.taken action 1",
        "action.proposed action 1",
        "action.accepted action 1",
    ]


def test_what_is_declined_stays_with_its_owner_who_hears_of_it(house: ActionHouse) -> None:
    house.taken()
    house.pressed(ANA, "acp:1:-:3")

    sam = house.pressed(SAM, "acz:1:-")

    assert "you do not take this over" in texts(sam.last)
    assert (house.action().state, house.action().owner_id) == ("open", 1)
    assert "P13 cannot take this over" in texts(house.told(ANA))
    assert "This is not open to you." in texts(house.pressed(SAM, "acy:1:-").last)


def test_whoever_was_asked_second_wins_and_the_first_is_told(house: ActionHouse) -> None:
    house.taken()
    house.pressed(ANA, "acp:1:-:3")
    house.pressed(LI, "acp:1:-:4")

    assert CLOSED in texts(house.pressed(SAM, "acy:1:-").last)
    assert "It is yours now" in texts(house.pressed(KIM, "acy:1:-").last)

    assert house.action().owner_id == 4


def test_only_people_of_the_unit_who_can_be_reached_are_offered(small_house: ActionHouse) -> None:
    small_house.taken()
    small_house.add(31, "customer")
    small_house.database.run(
        lambda session: session.execute(
            update(Person).where(col(Person.telegram_id) == KIM).values(state="stopped")
        )
    )

    ana = small_house.pressed(ANA, "aca:1:-:0")

    assert list(buttons(ana.last)) == ["P12", "P13", "← Back"]
    assert "can no longer be asked" in texts(small_house.pressed(ANA, "acp:1:-:4").last)
    assert "can no longer be asked" in texts(small_house.pressed(ANA, "acp:1:-:5").last)
    assert small_house.action().state == "open"


def test_many_people_are_listed_in_pages(small_house: ActionHouse) -> None:
    small_house.taken()
    for number in range(40, 50):
        small_house.add(number, "staff")
    ana = small_house.pressed(ANA, "aca:1:-:0")

    assert len(buttons(ana.last)) == 8 + 2
    ana.press("›")
    assert "P49" in buttons(ana.last)
    ana.press("‹")
    assert "P12" in buttons(ana.last)


def test_a_manager_takes_over_what_a_colleague_took_who_hears_of_it(
    small_house: ActionHouse,
) -> None:
    small_house.taken()

    small_house.pressed(LI, "aca:1:-:0").press("Myself")

    assert small_house.action().owner_id == 2
    assert "P12 has taken this over" in texts(small_house.told(ANA))


def test_done_is_told_to_who_took_it_and_may_be_opened_again(house: ActionHouse) -> None:
    house.taken()
    house.pressed(ANA, "acp:1:-:3")
    sam = house.pressed(SAM, "acy:1:-")

    assert "Done on March 4, 2026" in plain(sam.press("✅ Done"))
    assert "P13 has done this" in texts(house.told(ANA))
    assert house.action().state == "done"

    assert "Open again." in sam.press("Open again")
    assert (house.action().state, house.action().closed_at) == ("open", None)


def test_of_two_who_close_the_first_wins_and_the_other_sees_it(house: ActionHouse) -> None:
    house.taken()
    house.pressed(ANA, "acx:1:-")

    li = house.pressed(LI, "acr:1:-:no_time")

    assert "was closed meanwhile" in texts(li.last)
    assert "Done on March 4" in texts(li.last)
    assert (house.action().state, house.action().dropped_reason) == ("done", "")


def test_dropping_asks_why_and_the_fix_then_counts_as_not_ours(house: ActionHouse) -> None:
    house.taken()
    ana = house.pressed(ANA, "ac:1:-")
    ana.press("Drop")

    said = plain(ana.press("Too costly"))

    assert "Dropped on March 4, 2026. Too costly" in said
    (decision,) = house.rows(FixDecision)
    assert (decision.state, decision.reason) == ("not_ours", "too_costly")
    ana.press("Open again")
    (decision,) = house.rows(FixDecision)
    assert (decision.state, decision.reason) == ("taken", "")


def test_another_reason_to_drop_is_written(small_house: ActionHouse) -> None:
    small_house.taken()
    ana = small_house.pressed(ANA, "acr:1:-")

    assert "in a few words" in ana.press("Another reason")
    assert "in a few words" in ana.take(photo(User(ANA)))
    assert "The shop closes" in plain(ana.send("The shop closes"))

    assert small_house.action().dropped_words == "The shop closes"


def test_a_closed_action_cannot_be_opened_when_its_fix_was_taken_anew(house: ActionHouse) -> None:
    house.taken()
    house.pressed(ANA, "acr:1:-:no_time")
    house.database.run(lambda session: session.execute(update(FixDecision).values(state="done")))
    assert house.taken(LI) == 2

    assert "cannot be opened again" in texts(house.pressed(ANA, "acu:1:-").last)
    assert house.action(1).state == "dropped"


def test_after_a_week_a_closed_action_stays_closed(small_house: ActionHouse) -> None:
    small_house.taken()
    small_house.pressed(ANA, "acx:1:-")
    small_house.now += timedelta(days=8)

    ana = small_house.pressed(ANA, "ac:1:-")

    assert "Open again" not in buttons(ana.last)
    assert "cannot be opened again" in texts(small_house.pressed(ANA, "acu:1:-").last)


def test_a_done_action_is_listed_until_a_month_after_its_effect_was_looked_at(
    house: ActionHouse,
) -> None:
    house.taken(gap="delivery")  # its check is six weeks later
    house.pressed(ANA, "acx:1:-")

    house.now += timedelta(weeks=8)
    assert "✅" in plain(house.chat(ANA).send("/actions"))
    house.now += timedelta(weeks=3)
    assert "✅" not in plain(house.chat(ANA).send("/actions"))


def test_the_list_leads_to_a_card_and_back(house: ActionHouse) -> None:
    house.taken()
    house.taken(fix="", title="Own words & more", source="idea")
    house.taken(fix="perception.visible-work")
    house.pressed(ANA, "acd:2:-:w")
    house.pressed(ANA, "acx:3:-")
    ana = house.chat(ANA)

    said = plain(ana.send("/actions"))

    lines = [line for line in said.splitlines() if line[:2] in {"1.", "2.", "3."}]
    assert lines[0] == "1. ▢ <b>Own words &amp; more</b>"  # due first, then undated, then closed
    assert lines[2].startswith("3. ✅")
    assert "P11 · 4 days left" in said
    assert "Own words &amp; more" in ana.press("1")
    assert "Press a number" in ana.press("← Actions")
    assert ana.last[-1]["method"] == "editMessageText"


def test_a_long_list_has_pages_and_the_way_back_leads_to_the_right_one(
    small_house: ActionHouse,
) -> None:
    for number in range(8):
        small_house.taken(fix="", title=f"Thing {number}", source="own")
    ana = small_house.chat(ANA)
    assert "1/2" in ana.send("/actions")

    ana.press("›")
    assert list(buttons(ana.last)) == ["7", "8", "‹"]
    ana.press("7")
    ana.press("← Actions")

    assert list(buttons(ana.last)) == ["7", "8", "‹"]


def test_staff_find_only_what_is_theirs(small_house: ActionHouse) -> None:
    small_house.taken()
    small_house.taken(fix="", title="For Sam", source="own")
    sam = small_house.chat(SAM)
    assert "Nothing was given to you" in sam.send("/actions")
    small_house.pressed(ANA, "acp:2:-:3")

    said = plain(sam.send("/actions"))

    assert "For Sam" in said
    assert "2. " not in said
    sam.press("1")
    assert list(buttons(sam.last)) == ["I take it over", "Not me", "← Actions"]
    assert CLOSED in texts(small_house.pressed(SAM, "ac:1:-").last)
    assert CLOSED in texts(small_house.pressed(SAM, "aca:2:-:0").last)


def test_who_left_the_unit_can_no_longer_open_what_was_theirs(small_house: ActionHouse) -> None:
    small_house.taken()
    small_house.pressed(ANA, "acp:1:-:3")
    small_house.pressed(SAM, "acy:1:-")
    small_house.leaves(SAM)
    small_house.add(SAM, "staff", unit="Old Town")

    assert CLOSED in texts(small_house.pressed(SAM, "acx:1:-").last)
    assert small_house.action().state == "open"


@pytest.mark.parametrize(
    "action", ["ac", "ac:x:-", "ac:99:-", "acd:99999999999999:p", "actions:99:0", "aca:٣:-:0"]
)
def test_a_button_that_makes_no_sense_is_answered_politely(
    small_house: ActionHouse, action: str
) -> None:
    small_house.taken()

    ana = small_house.pressed(ANA, action)

    assert "no longer in use" in texts(ana.last)


def test_another_units_manager_customers_and_strangers_are_kept_out(house: ActionHouse) -> None:
    house.taken()
    house.add(21, "customer")

    for person in (OTHER, 21, 99):
        for action in ("ac:1:-", "acx:1:-", "acd:1:-:w", "acr:1:-:no_time", "acp:1:-:3"):
            assert CLOSED in texts(house.pressed(person, action).last)

    assert (house.action().state, house.action().due_on) == ("open", None)


def test_a_role_that_was_lost_before_the_answer_counts(small_house: ActionHouse) -> None:
    small_house.taken()
    ana: Chat = small_house.pressed(ANA, "acn:1:-")
    small_house.leaves(ANA)

    ana.send("a note")

    assert small_house.action().note == ""


def test_a_snooze_is_told_with_its_day(small_house: ActionHouse) -> None:
    small_house.taken()
    ana = small_house.pressed(ANA, "ac:1:-")
    ana.press("Remind me")

    assert "The reminder comes on March 11, 2026" in plain(ana.press("In a week"))
    assert small_house.action().remind_on == date(2026, 3, 11)


def test_an_action_that_came_out_of_a_digest_leads_back_to_it(small_house: ActionHouse) -> None:
    small_house.taken()
    ana = small_house.pressed(ANA, "acd:1:r7")
    ana.press("This week")

    shown = buttons(ana.last)

    assert shown["← The digest"].startswith("back:1:7~")
    assert shown["← All fixes"].startswith("fixes:1:7~")


def test_notices_wait_for_the_morning(
    small_house: ActionHouse, at: Callable[..., datetime]
) -> None:
    small_house.taken()
    small_house.now = at(4, 22)
    small_house.pressed(ANA, "acp:1:-:3")
    assert small_house.told(SAM) == []

    small_house.now = at(5, 8)

    assert "asks you to take something over" in texts(small_house.told(SAM))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_readers_language(sqlite_database: Database, language: str) -> None:
    house = ActionHouse(sqlite_database)
    house.open()
    house.add(ANA, "manager", language=language)
    house.add(SAM, "staff", language=language)
    house.taken(gap="specification", dimension="empathy")
    verbs = ("actions:1:0", "ac:1:-", "acd:1:-", "acs:1:-", "aca:1:-:0", "acn:1:-", "acr:1:-")
    said = [texts(house.pressed(ANA, verb).last) for verb in verbs]
    labels = [text for verb in verbs for text in buttons(house.pressed(ANA, verb).last)]
    house.pressed(ANA, "acp:1:-:2")
    said.append(texts(house.told(SAM)))

    assert all(said)
    if language != "en":
        english = {"Due", "Drop", "Note", "Back", "day", "asks", "Why", "gap"}
        english -= {"Note"} if language == "fr" else set()  # it is a French word too
        assert [text for text in [*said, *labels] for word in english if word in text] == []
