"""A company that asks on five levels, from the first card to the effect of a fix."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.database import Database
from bot.core.router import Router
from bot.improvement import effects_looking
from bot.improvement.desk import ActionDesk
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.effects_view import view_of_effect
from bot.improvement.tables import Action, FixDecision
from bot.people.door import PeopleDoor
from bot.surveys import chat as surveys_chat
from bot.surveys.tables import Answer
from tests.support.answers import MONDAY
from tests.support.digests import DigestHouse
from tests.support.on_five import desk_on_five
from tests.support.updates import Chat, User, buttons

MANAGER = 50
PEOPLE = {"customers": 8, "staff": 5, "managers": 3}
SHORT = {"E": 5, "P": 3, "C": 5, "D": 3, "M": 5, "S": 5}
BETTER = {"E": 5, "P": 5, "C": 5, "D": 5, "M": 5, "S": 5}


def plain(talk: Chat) -> str:
    text: str = talk.last[-1]["text"]
    return text.replace("\u2068", "").replace("\u2069", "")


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> DigestHouse:
    house = DigestHouse(
        sqlite_database, desk=desk_on_five(tmp_path, "customers", "staff", "managers")
    )
    house.open(units=("Riverside",))
    house.add(MANAGER, "manager")
    return house


def weeks(house: DigestHouse, first: int, last: int, levels: Mapping[str, int]) -> None:
    """Let everybody answer in weeks counted from the house's first Monday."""
    for week in range(first, last + 1):
        day = MONDAY + timedelta(weeks=week)
        house.ledger.fill(week=day, people=PEOPLE, levels=levels, causes={"teamwork": 2})


def beside(house: DigestHouse, effect: ActionEffect) -> str:
    """Return what the card of an action says of its effect."""
    shown = {"effect": view_of_effect(effect), "looked_on": effect.planned_on, "told_on": None}
    return house.texts.render("improvement/effect_beside.html", "en", **shown)


def answered_on_a_card(house: DigestHouse) -> Any:
    """Let one customer press the highest level of a real card."""
    talk = house.asked(7)
    router = Router(PeopleDoor(), [surveys_chat.routes(house.desk)], house.texts)
    card = Chat(house.database, router, User(7), lambda: house.now, secret=house.secret)
    card.last = talk.last
    levels = [text for text in buttons(card.last) if text.isdigit()]
    card.press("5")
    return levels


def test_from_the_first_card_to_the_effect_of_a_fix(house: DigestHouse) -> None:
    assert answered_on_a_card(house) == ["1", "2", "3", "4", "5"]
    assert [row.score for row in house.rows(Answer)] == [5]

    weeks(house, -7, 1, SHORT)
    house.report()
    manager = house.chat(MANAGER)
    manager.send("/gaps")
    assert "Customers experience 2.5 of 5 and expect 4.5." in plain(manager)
    assert "In points of a scale from 1 to 5." in plain(manager)
    manager.send("/fixes")
    manager.press("1")
    manager.press("Take it")

    [action], [decision] = house.rows(Action), house.rows(FixDecision)
    assert (action.points, decision.points) == (5, 5)
    assert action.estimate is not None

    weeks(house, 2, 8, BETTER)
    house.later(weeks=9)
    house.report()
    desk = ActionDesk(lambda: house.fixes)
    looked = house.database.run(
        lambda session: effects_looking.look_at_due(session, house.now, desk)
    )

    [effect] = house.rows(ActionEffect)
    assert (looked, effect.verdict, effect.content["points"]) == (1, "improved", 5)
    said = beside(house, effect)
    assert "In points of a scale from 1 to 5." in said


def test_an_effect_across_a_change_of_scale_is_not_told(house: DigestHouse) -> None:
    """Taken on five; then everybody is asked on seven, where levels are higher by themselves."""
    weeks(house, -7, 1, SHORT)
    house.report()
    manager = house.chat(MANAGER)
    manager.send("/fixes")
    manager.press("1")
    manager.press("Take it")
    house.desk = type(house.desk)()

    weeks(house, 2, 8, {"E": 7, "P": 7, "C": 7, "D": 7, "M": 7, "S": 7})
    house.later(weeks=9)
    house.report()
    desk = ActionDesk(lambda: house.fixes)
    house.database.run(lambda session: effects_looking.look_at_due(session, house.now, desk))

    [effect] = house.rows(ActionEffect)
    assert (effect.verdict, effect.again_on) == ("no baseline", None)
    said = beside(house, effect)
    assert "the questions are asked on another scale by now" in said
