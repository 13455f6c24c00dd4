"""Staff are asked about one rule a month; answers are counts that lead to nobody."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.analysis.sources import rated_standards, with_opinions
from bot.core import callbacks
from bot.core.tables import Delivery
from bot.registers import opinions, ticks
from bot.registers.opinions import PER_STANDARD, answer, rotation
from bot.registers.standards import Content, in_force
from bot.registers.tables import StandardAsked, StandardCard, StandardOpinion
from tests.registers.conftest import ANA, SHORT_WAITS, RegisterHouse
from tests.support.updates import Chat, User, press

STAFF = range(30, 36)


@pytest.fixture
def staffed(house: RegisterHouse) -> RegisterHouse:
    """Six members of staff and one rule."""
    for telegram_id in STAFF:
        house.add(telegram_id, "staff")
    house.rule()
    return house


def tick(house: RegisterHouse) -> int:
    return house.database.run(
        lambda session: ticks.ask_about_rules(session, house.now, house.register)
    )


def keys(house: RegisterHouse) -> list[str]:
    return [one.key for one in house.rows(StandardCard)]


def everybody_answers(house: RegisterHouse, know: int, keep: int) -> None:
    cards = keys(house)

    def work(session: Session) -> None:
        for key in cards:
            if answer(session, key, "know", know, now=house.now):
                answer(session, key, "keep", keep, now=house.now)

    house.database.run(work)


def test_each_member_of_staff_is_asked_once_a_month(staffed: RegisterHouse) -> None:
    assert tick(staffed) == 6
    assert tick(staffed) == 0
    staffed.later(days=10)
    assert tick(staffed) == 0
    staffed.later(days=20)

    assert tick(staffed) == 6
    assert len(staffed.rows(StandardCard)) == 6  # those of the month before are gone


def test_nobody_is_asked_at_night_or_when_the_month_ends(staffed: RegisterHouse) -> None:
    staffed.later(hours=11)
    assert tick(staffed) == 0
    staffed.later(days=24, hours=13)  # March 28

    assert tick(staffed) == 0


def test_who_said_stop_or_takes_a_break_is_left_in_peace(staffed: RegisterHouse) -> None:
    staffed.add(40, "staff", state="stopped")
    staffed.add(41, "staff", paused_until=staffed.now + timedelta(days=2))

    assert tick(staffed) == 6


def test_a_unit_too_small_for_any_figure_is_not_asked(house: RegisterHouse) -> None:
    for telegram_id in range(30, 34):
        house.add(telegram_id, "staff")
    house.rule()

    assert tick(house) == 0


def test_an_answer_is_counted_once_and_leads_to_nobody(staffed: RegisterHouse) -> None:
    tick(staffed)
    talk = staffed.delivered_to(STAFF[0])
    assert "Do you know this rule?" in str(talk.last)
    yes = next(iter(_data(talk, "Yes, exactly")))

    assert "Can you keep it?" in talk.press("Yes, exactly")
    assert "Your answer was counted" in talk.press("Mostly")
    again = talk.take(press(User(STAFF[0]), yes))

    assert "This question is closed" in again
    assert sorted(
        (one.question, one.answer, one.times) for one in staffed.rows(StandardOpinion)
    ) == [
        ("keep", 2, 1),
        ("know", 1, 1),
    ]
    assert {"person_id", "month"} == set(StandardAsked.model_fields)
    assert "person_id" not in StandardCard.model_fields
    assert "person_id" not in StandardOpinion.model_fields
    assert not any("stk" in str(one.subject) for one in staffed.rows(Delivery))


def _data(talk: Chat, label: str) -> list[str]:
    return [
        button["callback_data"]
        for call in talk.last
        for row in call["reply_markup"]["inline_keyboard"]
        for button in row
        if button["text"] == label
    ]


def test_who_does_not_know_a_rule_is_not_asked_whether_it_can_be_kept(
    staffed: RegisterHouse,
) -> None:
    tick(staffed)
    talk = staffed.delivered_to(STAFF[1])

    assert "Your answer was counted" in talk.press("I do not know it")


def test_a_card_of_last_month_is_closed(staffed: RegisterHouse) -> None:
    tick(staffed)
    talk = staffed.delivered_to(STAFF[0])
    staffed.later(days=30)

    assert "This question is closed" in talk.press("Roughly")
    assert staffed.rows(StandardOpinion) == []


def test_counts_are_shown_when_the_month_is_over_and_enough_have_answered(
    staffed: RegisterHouse,
) -> None:
    """Six times "yes, exactly" is 7; six times "mostly" is 5."""
    tick(staffed)
    everybody_answers(staffed, know=1, keep=2)
    unit = staffed.unit()

    def shown() -> list[dict[str, object]]:
        return staffed.database.run(lambda s: rated_standards(s, unit, staffed.now.date()))

    assert shown() == []
    staffed.later(days=30)

    assert sorted(shown(), key=lambda one: str(one["gap"])) == [
        {"cause": "task_standardisation", "gap": "G2", "score": 7.0, "n": 6},
        {"cause": "perceived_control", "gap": "G3", "score": 5.0, "n": 6},
    ]
    key = opinions.KNOW
    standard = staffed.rows(StandardOpinion)[0].standard_id
    counts = staffed.database.run(
        lambda s: opinions.opinions_on(s, unit, standard, staffed.now.date())
    )
    assert counts[key].counts == (6, 0, 0)


def test_four_answers_are_never_shown(staffed: RegisterHouse) -> None:
    tick(staffed)
    cards, unit, asked_at = keys(staffed)[:4], staffed.unit(), staffed.now

    def four(session: Session) -> None:
        for card in cards:
            answer(session, card, "know", 1, now=asked_at)

    staffed.database.run(four)
    staffed.later(days=60)
    today = staffed.now.date()

    assert len(staffed.rows(StandardOpinion)) == 1
    assert staffed.database.run(lambda s: rated_standards(s, unit, today)) == []


def test_months_ask_about_other_rules_in_turn(one_house: RegisterHouse) -> None:
    one_house.rule()
    one_house.rule(Content(5, "Quickly."), item=SHORT_WAITS)
    today, unit = one_house.now.date(), one_house.unit()
    rules = list(one_house.database.run(lambda s: in_force(s, unit, today)).values())

    march = rotation(rules, today, staff=PER_STANDARD)
    april = rotation(rules, today + timedelta(days=30), staff=PER_STANDARD)

    assert {march[0].item, april[0].item} == {one.item for one in rules}
    assert len(rotation(rules, today, staff=2 * PER_STANDARD)) == 2


def test_managers_cannot_answer_for_staff(staffed: RegisterHouse) -> None:
    tick(staffed)
    data = callbacks.sign(staffed.secret, ANA, f"stk:{keys(staffed)[0]}:know:1")

    assert "This is not open to you." in staffed.chat(ANA).take(press(User(ANA), data))


def test_ratings_of_rules_join_those_of_questionnaires_by_their_numbers() -> None:
    """(4 * 4 + 6 * 7) / 10 = 5.8."""
    joined = with_opinions(
        [{"cause": "task_standardisation", "gap": "standards", "score": 4.0, "n": 4}],
        [{"cause": "task_standardisation", "gap": "G2", "score": 7.0, "n": 6}],
    )

    assert joined == [{"cause": "task_standardisation", "gap": "standards", "score": 5.8, "n": 10}]
