"""Whether a customer is in the middle of a case, in which nothing else is asked."""

from sqlmodel import Session

from bot.cases import talking
from bot.people.door import PeopleDoor
from tests.support.cases import ANA, LI, MAX, CaseHouse


def is_talking(house: CaseHouse, telegram_id: int) -> bool:
    """Tell whether something to this person would have to wait."""

    def work(session: Session) -> bool:
        who = PeopleDoor().recognise(session, telegram_id)
        assert who is not None
        return talking.is_talking(session, house.something_for(who.person_id), house.now)

    return house.database.run(work)


def test_a_new_case_is_a_talk_for_a_day(house: CaseHouse) -> None:
    house.contacted()

    assert is_talking(house, ANA)
    house.later(hours=23)
    assert is_talking(house, ANA)
    house.later(hours=2)
    assert not is_talking(house, ANA)


def test_whatever_is_written_in_an_old_case_begins_the_day_anew(house: CaseHouse) -> None:
    house.contacted()
    max_ = house.notices(MAX)
    house.later(hours=30)
    assert not is_talking(house, ANA)
    max_.press("Open it")
    max_.press("Write to the customer")
    max_.send("Come by, it is on us.")

    assert is_talking(house, ANA)
    house.later(hours=25)
    assert not is_talking(house, ANA)


def test_those_who_look_after_a_case_are_not_in_it(small_house: CaseHouse) -> None:
    small_house.contacted()

    assert not is_talking(small_house, MAX)
    assert not is_talking(small_house, LI)


def test_a_closed_case_is_no_talk(small_house: CaseHouse) -> None:
    small_house.contacted()
    max_ = small_house.notices(MAX)
    max_.press("Open it")
    max_.press("Close")
    max_.press("We gave the money back")

    assert not is_talking(small_house, ANA)
