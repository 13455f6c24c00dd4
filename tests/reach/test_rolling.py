"""Questionnaires that follow from something that happened: within the budget, in a shared wave."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from bot.core.tables import Delivery
from bot.people.registry import unit_named
from bot.reach.tables import Contact
from bot.surveys import ticks
from bot.surveys.rolling import ask_some
from bot.surveys.tables import Invitee, Run, Wave
from tests.reach.conftest import ReachHouse


def visit(house: ReachHouse, *people: int, hours: int = 0) -> list[str]:
    """Ask these people after a visit; return why they are not asked, empty for those who are."""

    def work(session: Session) -> list[str]:
        library = house.desk.library
        plan = ask_some(
            session,
            house.desk,
            paper=library.keep(session, library.read("customers")),
            unit=unit_named(session, "Riverside"),
            people=people,
            now=house.now,
            not_before=house.now + timedelta(hours=hours),
        )
        return [one.reason for one in plan.contacts]

    return house.database.run(work)


def test_visitors_of_a_week_share_one_wave(house: ReachHouse):
    """Else the one run of an anonymous wave would be known to be its one person's."""
    ana, ben = house.add(1), house.add(2)

    assert visit(house, ana) == [""]
    house.later(days=2)
    assert visit(house, ben) == [""]

    [wave] = house.rows(Wave)
    assert wave.rolling
    assert {one.wave_id for one in house.rows(Invitee)} == {wave.id}
    assert len(house.rows(Run)) == 2
    house.later(days=7)
    house.add(3)
    visit(house, 3)
    assert len(house.rows(Wave)) == 2


def test_the_card_comes_after_the_delay_and_inside_the_window(house: ReachHouse):
    """Visited at 10:00 UTC, asked four hours later; customers' window is open until 18:00 UTC."""
    ana = house.add(1)

    visit(house, ana, hours=4)

    card = next(one for one in house.rows(Delivery) if one.kind == "card")
    assert card.due_at == datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


def test_a_second_visit_in_the_week_asks_nothing_and_one_after_it_keeps_the_budget(
    house: ReachHouse,
):
    ana = house.add(1)
    visit(house, ana)

    assert visit(house, ana) == []
    house.later(days=6)
    assert visit(house, ana) == ["busy"]
    assert len(house.rows(Contact)) == 1


def test_who_was_passed_over_is_asked_when_it_fits_in_the_same_week(house: ReachHouse):
    ana = house.add(1)
    house.later(days=-2)
    talk = house.chat(1)
    talk.send("/pause 2026-03-03")
    assert visit(house, ana) == ["paused"]
    house.later(days=2)

    assert visit(house, ana) == [""]

    [invitee] = house.rows(Invitee)
    assert (invitee.state, invitee.reason) == ("asked", "")


def test_only_who_holds_the_role_there_is_asked(house: ReachHouse):
    ana, bob = house.add(1), house.add(2, "staff")

    assert visit(house, ana, bob, 999) == [""]


def test_a_visitor_is_reminded_and_the_wave_closes_without_a_trace(house: ReachHouse):
    """Asked on Wednesday; the wave takes people until Sunday and is open five days more."""
    ana = house.add(1)
    visit(house, ana)
    house.deliver()
    house.later(days=2)

    assert len(house.deliver()) == 1
    house.later(days=9)
    house.database.run(lambda session: ticks.expire_due(session, house.now))

    assert house.rows(Delivery) == []
    assert [run.state for run in house.rows(Run)] == ["expired"]
