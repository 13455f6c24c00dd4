"""At the moment of sending: nobody is disturbed in the middle of something, or at night."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from bot.core import asking, claims, outbox
from bot.core.tables import Delivery
from bot.people.door import PeopleDoor
from bot.people.tables import Person
from bot.reach.desk import ReachDesk
from bot.reach.waiting import Waiting
from bot.surveys.sending import composers
from tests.reach.conftest import ReachHouse

ANA = 1


def claim(house: ReachHouse, desk: ReachDesk | None = None) -> int:
    """Let the outbox claim what is due; return how many messages would go out."""

    def work(session: Session) -> int:
        made = {one.kind: one for one in composers(house.texts, house.desk)}
        parcels = claims.claim(
            session,
            house.now,
            rate=25,
            most=10,
            composers=made,
            addresses=PeopleDoor(),
            waits=Waiting(desk or house.desk.reach),
        )
        return len(parcels)

    return house.database.run(work)


@pytest.fixture
def asked(house: ReachHouse) -> ReachHouse:
    """Ana's card is due now."""
    house.add(ANA)
    house.send(at_once=True)
    return house


def test_a_card_goes_out_when_nothing_keeps_it(asked: ReachHouse):
    assert claim(asked) == 1


def test_a_card_waits_while_an_answer_is_awaited(asked: ReachHouse):
    asked.database.run(lambda session: asking.ask(session, 1, topic="words", now=asked.now))

    assert claim(asked) == 0

    [card] = asked.rows(Delivery)
    assert (card.state, card.note) == ("queued", "talking")
    assert card.due_at == asked.now + timedelta(minutes=30)
    asked.later(minutes=61)
    assert claim(asked) == 1


def test_a_card_waits_while_another_feature_says_so(asked: ReachHouse):
    talking = ReachDesk(talks=(lambda session, delivery, now: delivery.person_id == 1,))

    assert claim(asked, talking) == 0
    assert claim(asked, ReachDesk()) == 0  # put off for half an hour
    asked.later(minutes=30)
    assert claim(asked, ReachDesk()) == 1


def test_a_break_taken_meanwhile_puts_the_card_off_until_it_is_over(asked: ReachHouse):
    until = asked.now + timedelta(days=2)
    asked.database.run(lambda session: session.execute(update(Person).values(paused_until=until)))

    assert claim(asked) == 0

    [card] = asked.rows(Delivery)
    assert (card.due_at, card.note) == (until, "paused")


def test_a_break_that_lasts_too_long_lets_the_card_expire_with_its_reason(asked: ReachHouse):
    asked.database.run(
        lambda session: session.execute(
            update(Person).values(paused_until=asked.now + timedelta(days=20))
        )
    )
    claim(asked)

    asked.later(days=6)
    claim(asked)

    [card] = asked.rows(Delivery)
    assert (card.state, card.note) == ("expired", "paused")


def test_what_was_late_does_not_arrive_at_night(asked: ReachHouse):
    """Due at 10:00, the bot was down until 22:00 in Berlin: it comes at 08:00, 07:00 UTC."""
    asked.now = datetime(2026, 3, 4, 21, 0, tzinfo=UTC)

    assert claim(asked) == 0

    [card] = asked.rows(Delivery)
    assert card.due_at == datetime(2026, 3, 5, 7, 0, tzinfo=UTC)


def test_what_was_sent_at_once_goes_out_even_at_night(house: ReachHouse):
    house.add(ANA)
    house.now = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
    house.send(at_once=True)

    assert claim(house) == 1


def test_answers_and_digests_never_wait(asked: ReachHouse):
    asked.database.run(
        lambda session: session.execute(
            update(Delivery).where(col(Delivery.id) == 1).values(lane=int(outbox.Lane.ALERT))
        )
    )
    asked.database.run(lambda session: asking.ask(session, 1, topic="words", now=asked.now))

    assert claim(asked) == 1
