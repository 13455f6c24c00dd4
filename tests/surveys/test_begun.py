"""Whether a question beside questionnaires would come into one that was begun."""

from datetime import timedelta

from sqlmodel import Session

from bot.core import notices
from bot.core.tables import Delivery
from bot.surveys.runs import LEFT_ALONE, begun_elsewhere
from tests.support.surveys import House
from tests.support.updates import Chat, buttons

ANA, MAX = 11, 21


def waits(house: House, person_id: int, kind: str = notices.KIND) -> bool:
    """Tell whether something to this person would have to wait."""
    delivery = house.something_for(person_id, kind)
    return house.database.run(lambda session: _waits(session, delivery, house))


def _waits(session: Session, delivery: Delivery, house: House) -> bool:
    return begun_elsewhere(session, delivery, house.now)


def tapped(talk: Chat, many: int) -> None:
    """Answer so many questions, however many there are."""
    for _ in range(many):
        if "5" in buttons(talk.last):
            talk.press("5")


def test_a_questionnaire_with_a_name_holds_others_back_while_it_is_begun(house: House) -> None:
    talk = house.asked(MAX, "managers")
    assert not waits(house, 1), "nothing was answered yet"

    talk.press("5")

    assert waits(house, 1)
    assert not waits(house, 1, kind="card"), "questionnaires wait by the budget instead"
    tapped(talk, 9)
    assert not waits(house, 1), "all is answered"


def test_what_nobody_goes_on_with_holds_back_until_it_expires(house: House) -> None:
    house.asked(MAX, "managers").press("5")

    house.later(days=60)

    assert not waits(house, 1)


def test_an_anonymous_one_holds_back_for_hours_whatever_is_done_with_it(house: House) -> None:
    talk = house.asked(ANA)
    assert waits(house, 1)

    tapped(talk, 2)
    house.now += LEFT_ALONE

    assert waits(house, 1)
    house.now += timedelta(minutes=1)
    assert not waits(house, 1), "and then never again, though it was begun"
