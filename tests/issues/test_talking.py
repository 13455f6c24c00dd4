"""Whether somebody is in the middle of a report by name, in which nothing else is asked."""

from sqlmodel import Session

from bot.issues import talking
from bot.people.door import PeopleDoor
from tests.support.issues import ANA, KIM, SAM, IssueHouse


def is_talking(house: IssueHouse, telegram_id: int) -> bool:
    """Tell whether something to this person would have to wait."""

    def work(session: Session) -> bool:
        who = PeopleDoor().recognise(session, telegram_id)
        assert who is not None
        return talking.is_talking(session, house.something_for(who.person_id), house.now)

    return house.database.run(work)


def test_a_report_by_name_is_a_talk_until_the_day_is_over(house: IssueHouse) -> None:
    house.reported(SAM, how="With my name", words="The poster lies")

    assert is_talking(house, SAM)
    assert not is_talking(house, KIM)
    assert not is_talking(house, ANA)
    house.later(days=1)
    assert not is_talking(house, SAM)


def test_a_question_back_makes_it_a_talk_again(house: IssueHouse) -> None:
    house.reported(SAM, how="With my name", words="The poster lies")
    house.later(days=2)
    ana = house.pressed(ANA, f"isa:{house.issue().id}")
    ana.press("Ask back")
    ana.send("Which poster?")

    assert is_talking(house, SAM)


def test_of_an_anonymous_report_nobody_knows_and_nothing_waits(small_house: IssueHouse) -> None:
    small_house.reported(SAM, words="The poster lies")

    assert not is_talking(small_house, SAM)


def test_a_resolved_report_is_no_talk(small_house: IssueHouse) -> None:
    small_house.reported(SAM, how="With my name", words="The poster lies")
    small_house.pressed(ANA, f"isr:{small_house.issue().id}").send("It was taken down")

    assert small_house.issue().state == "resolved"
    assert not is_talking(small_house, SAM)
