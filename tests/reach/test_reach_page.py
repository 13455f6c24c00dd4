"""``/reach``: who was asked, reached and passed over; what people did, from five people on."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlmodel import Session, col

from bot.people.registry import create_unit, unit_named
from bot.people.tables import Person, Role
from bot.reach import contact
from bot.reach.contact import Occasion
from bot.reach.moments import Times
from bot.surveys import ticks
from bot.surveys.outcomes import FLOOR, WaveCounts, deeds_of
from tests.reach.conftest import ReachHouse
from tests.support.updates import Chat, press, pressable

MANAGER, OWNER = 50, 60


def boss(
    house: ReachHouse, telegram_id: int = MANAGER, role: str = "manager", **where: str
) -> Chat:
    house.add(telegram_id, role, **where)
    return house.chat(telegram_id)


def open_harbour(house: ReachHouse) -> None:
    def work(session: Session) -> None:
        create_unit(session, "Harbour")

    house.database.run(work)


def answered_by(house: ReachHouse, finishing: range) -> None:
    """Send to all; some answer one question and stop, then it closes."""
    house.send()
    cards = house.deliver()
    for telegram_id in finishing:
        talk = house.chat(telegram_id)
        talk.last = [call for call in cards if call["chat_id"] == telegram_id]
        talk.press("5")
        talk.press("Stop")


def close(house: ReachHouse) -> None:
    house.later(days=6)
    house.database.run(lambda session: ticks.expire_due(session, house.now))
    house.later(days=-6)


def test_a_manager_reads_who_was_passed_over_and_why(house: ReachHouse):
    for telegram_id in range(1, 4):
        house.add(telegram_id)
    house.database.run(
        lambda session: session.execute(
            update(Person).where(col(Person.id) == 1).values(state="stopped")
        )
    )
    house.send(at_once=False)
    house.deliver()

    said = boss(house).send("/reach")

    assert "asked: 2 · arrived: 2" in said
    assert "1 want no messages" in said
    assert "opened" not in said


def test_what_people_did_is_told_when_it_is_closed_and_from_five_on(house: ReachHouse):
    """Eight are asked, six begin and stop; nobody finishes, which reads like fewer than five."""
    for telegram_id in range(1, 9):
        house.add(telegram_id)
    answered_by(house, range(1, 7))
    talk = boss(house)
    before = talk.send("/reach")
    close(house)

    after = talk.send("/reach")

    assert "counted when it closes" in before
    assert "opened" not in before
    assert "opened: 6 · begun: 6 · finished: fewer than 5" in after


def test_a_small_wave_never_tells_what_people_did(house: ReachHouse):
    for telegram_id in range(1, 5):
        house.add(telegram_id)
    answered_by(house, range(1, 5))
    close(house)

    said = boss(house).send("/reach")

    assert "asked: 4" in said
    assert "opened" not in said


@given(
    st.lists(
        st.integers(0, 12).flatmap(
            lambda asked: st.tuples(
                st.just(asked), st.integers(0, asked), st.booleans(), st.booleans()
            )
        ),
        max_size=6,
    )
)
def test_no_figure_speaks_of_waves_below_the_floor(waves: list[tuple[int, int, bool, bool]]):
    counted = [
        WaveCounts("q", anonymous, closed, asked, seen=did, started=did, finished=did)
        for asked, did, anonymous, closed in waves
    ]

    told = deeds_of(counted)

    big = [one for one in counted if one.asked >= FLOOR and (one.closed or not one.anonymous)]
    if told is None:
        assert not big
    else:
        total = sum(one.finished for one in big)
        assert told.finished == (total if total >= FLOOR else None)


def test_what_is_asked_beside_questionnaires_is_counted_too(small_house: ReachHouse):
    """Two members of staff; one was asked last week, so the budget keeps the question away."""
    first = small_house.add(1, "staff")
    second = small_house.add(2, "staff")

    def ask(person_id: int) -> None:
        def work(session: Session) -> None:
            occasion = Occasion(
                "rule",
                "staff",
                unit_named(session, "Riverside"),
                Times(small_house.now + timedelta(days=5)),
            )
            contact.ask(session, small_house.desk.reach, occasion, person_id, now=small_house.now)

        small_house.database.run(work)

    small_house.later(days=-4)
    ask(first)
    small_house.later(days=4)
    ask(first)
    ask(second)

    said = boss(small_house).send("/reach")

    assert "A question about a rule" in said
    assert "asked: 1" in said
    assert "1 were asked as often as we promised at most" in said


def test_an_owner_sees_all_units_and_each(small_house: ReachHouse):
    open_harbour(small_house)
    small_house.add(1)
    small_house.send()
    talk = boss(small_house, OWNER, "owner")

    assert "asked: 1" in talk.send("/reach")
    assert "Nobody was to be asked" in talk.press("Harbour")
    assert "asked: 1" in talk.press("All units")
    assert "Nobody was to be asked" in talk.press("Week before")


def test_a_button_of_a_unit_that_is_no_longer_ones_own_is_refused(small_house: ReachHouse):
    open_harbour(small_house)
    talk = boss(small_house)
    small_house.add(MANAGER, "manager", unit="Harbour")
    talk.send("/reach")
    data = pressable(talk.last, "Harbour")
    latest = max(role.id for role in small_house.rows(Role))
    small_house.database.run(
        lambda session: session.execute(delete(Role).where(col(Role.id) == latest))
    )

    talk.take(press(talk.user, data))

    assert [call["method"] for call in talk.last] == ["answerCallbackQuery"]


@pytest.mark.parametrize("role", ["customer", "staff"])
def test_nobody_else_may_look(small_house: ReachHouse, role: str):
    small_house.add(1, role)

    assert "not open" in small_house.chat(1).send("/reach").lower()
