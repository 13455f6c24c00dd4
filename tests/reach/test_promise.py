"""The budget is promised where people come in; newcomers are asked for their clock."""

import pytest

from bot.core.database import Database
from bot.core.render import Texts
from bot.core.router import Router
from bot.people import chat as people_chat
from bot.people.door import PeopleDoor
from bot.people.invitations import invite
from bot.people.registry import unit_named
from bot.people.tables import Person
from bot.reach import chat as reach_chat
from bot.reach import time_chat
from bot.reach.desk import ReachDesk
from bot.reach.settings_chat import SettingsChat
from tests.support.surveys import House
from tests.support.updates import Chat, User

ANA = 1
UNASKED = "you are sent no questions"
USUAL, MANAGERS = "At most 2 questions", "At most 6 questions"


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database).open(zone="Europe/Berlin")


def entrance(house: House) -> Chat:
    desk = ReachDesk()
    reach = reach_chat.routes(desk)
    people = people_chat.routes(
        others=[reach],
        promise=SettingsChat(desk).promise,
        newcomers=(time_chat.ask_newcomer,),
        username=lambda: "gap_bot",
    )
    router = Router(PeopleDoor(), [people, reach], Texts())
    return Chat(house.database, router, User(ANA), lambda: house.now, secret=house.secret)


def payload(house: House, role: str) -> str:
    return house.database.run(
        lambda session: invite(
            session,
            role=role,
            unit_id=unit_named(session, "Riverside").id,
            max_uses=1,
            expires_at=house.now.replace(year=2027),
        )
    )


@pytest.mark.parametrize(("role", "promise"), [("customer", USUAL), ("manager", MANAGERS)])
def test_consent_help_and_start_say_how_often_at_most(house: House, role: str, promise: str):
    talk = entrance(house)

    consent = talk.send(f"/start {payload(house, role)}")
    talk.press("I agree")

    assert promise in consent
    assert promise in talk.send("/help")
    assert promise in talk.send("/start")


@pytest.mark.parametrize("role", ["owner", "regional", "analyst"])
def test_whoever_only_looks_after_units_reads_that_nobody_asks_them(house: House, role: str):
    talk = entrance(house)
    house.add(ANA, role)

    assert UNASKED in talk.send("/help")
    assert "At most" not in talk.send("/settings")
    house.add(ANA, "customer")
    assert "At most" in talk.send("/help")


def test_a_newcomer_is_asked_once_for_the_clock(house: House):
    talk = entrance(house)
    talk.send(f"/start {payload(house, 'customer')}")

    said = talk.press("I agree")
    talk.press("11:00")
    again = talk.send(f"/start {payload(house, 'staff')}")
    second = talk.press("I agree")

    assert "What time is it for you?" in said
    assert [one.zone for one in house.rows(Person)] == ["Europe/Berlin"]
    assert again
    assert "What time is it for you?" not in second
