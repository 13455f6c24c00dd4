"""The pace of those who do not react, in the database: what changes when a wave closes."""

from collections import Counter

from sqlalchemy import update
from sqlmodel import Session, SQLModel, col

from bot.people.tables import Person
from bot.reach.tables import Wish
from bot.surveys import ticks
from bot.surveys.tables import Invitee
from tests.reach.conftest import ReachHouse


def send_to(house: ReachHouse, questionnaire: str, *, reacting: range) -> None:
    """Send to everybody; some stop at once, the others leave it; then it closes."""
    house.send(questionnaire)
    cards = house.deliver()
    for telegram_id in reacting:
        talk = house.chat(telegram_id)
        talk.last = [call for call in cards if call["chat_id"] == telegram_id]
        talk.press("Stop")
    house.later(days=6)
    house.database.run(lambda session: ticks.expire_due(session, house.now))
    house.later(days=8)


def counts(house: ReachHouse) -> dict[int, int]:
    return {one.person_id: one.unheard for one in house.rows(Wish)}


def test_of_an_anonymous_wave_with_few_answers_nothing_is_kept(house: ReachHouse):
    """One of six reacts: whoever reads the database must not learn who."""
    for telegram_id in range(1, 7):
        house.add(telegram_id)

    send_to(house, "customers", reacting=range(1, 2))

    assert counts(house) == dict.fromkeys(range(1, 7), 0)


def test_an_anonymous_wave_tells_of_some_that_they_were_silent_and_of_nobody_more(
    house: ReachHouse,
):
    """Five of thirteen react; of the eight silent ones six are counted, two are spared by lot."""
    for telegram_id in range(1, 14):
        house.add(telegram_id)

    send_to(house, "customers", reacting=range(1, 6))

    found = counts(house)
    assert Counter(found.values()) == {0: 7, 1: 6}
    assert all(found[person] == 0 for person in range(1, 6))
    columns = {column.name for column in SQLModel.metadata.tables["wish"].columns}
    kept = {
        tuple(getattr(one, name) for name in sorted(columns - {"person_id"}))
        for one in house.rows(Wish)
        if one.unheard == 0
    }
    assert len(kept) == 1  # those who reacted and those who were spared are alike in every column


def test_what_nobody_answered_counts_for_almost_all(house: ReachHouse):
    for telegram_id in range(1, 5):
        house.add(telegram_id)

    send_to(house, "customers", reacting=range(0))

    assert sorted(counts(house).values()) == [0, 1, 1, 1]


def test_under_names_two_silences_in_a_row_leave_out_the_next(small_house: ReachHouse):
    """Managers' questionnaire comes every 14 days: after two silences every 28."""
    small_house.add(1, "manager")
    for _ in range(2):
        send_to(small_house, "managers", reacting=range(0))
    assert counts(small_house) == {1: 2}

    small_house.send("managers", at_once=False)
    small_house.later(days=14)
    small_house.send("managers", at_once=False)

    assert [one.reason for one in small_house.rows(Invitee)] == ["", "", "slow", ""]


def test_one_reaction_brings_the_usual_pace_back(small_house: ReachHouse):
    small_house.add(1, "manager")
    for _ in range(2):
        send_to(small_house, "managers", reacting=range(0))

    send_to(small_house, "managers", reacting=range(1, 2))

    assert counts(small_house) == {1: 0}


def test_a_card_that_never_arrived_is_no_silence(small_house: ReachHouse):
    small_house.add(1, "manager")
    small_house.send("managers")

    def blocked(session: Session) -> None:
        session.execute(update(Person).where(col(Person.telegram_id) == 1).values(state="blocked"))

    small_house.database.run(blocked)
    small_house.deliver()
    small_house.later(days=6)
    small_house.database.run(lambda session: ticks.expire_due(session, small_house.now))

    assert small_house.rows(Wish) == []
