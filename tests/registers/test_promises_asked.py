"""C follows the promise register: what is promised in a unit is asked of its customers there."""

from datetime import date

import pytest
from sqlmodel import Session

from bot.core.database import Database
from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.parts import Parts
from bot.people.registry import unit_named
from bot.registers.promises import (
    Pledge,
    add_promise,
    end_promise,
    promise_of,
    promised_items,
)
from bot.settings import Settings
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import Run
from bot.surveys.versions import asks_of
from gapengine.vantage import Vantage
from tests.support.surveys import House

TIDY = "tangibles.staff_appearance"
"""An item of which the shipped questionnaire does not ask C."""
SOON, AGO = date(2026, 4, 1), date(2026, 1, 1)


def opened(database: Database) -> House:
    """Two units with forty customers each, enough for every item to be drawn several times."""
    house = House(database, desk=SurveyDesk(promised=promised_items))
    house.open(units=("Riverside", "Harbour"))
    for number in range(40):
        house.add(100 + number)
        house.add(200 + number, unit="Harbour")
    return house


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return opened(sqlite_database)


def promised(
    house: House, *, unit: str | None = "Riverside", since: date = AGO, until: date | None = None
) -> int:
    def work(session: Session) -> int:
        return add_promise(
            session,
            Pledge(6, "Always neat and tidy.", since, until),
            item=TIDY,
            unit_id=unit_named(session, unit).id if unit else None,
            channel="advert",
            owner_id=None,
            source="chat",
            author_id=None,
            now=house.now,
        )

    return house.database.run(work)


def asked_as_c(house: House) -> set[str]:
    """Return of which items C is asked in any run there is."""
    return {item for run in house.rows(Run) for item, vantage in run.form if vantage == "C"}


def test_what_is_promised_in_a_unit_is_asked_of_its_customers_and_of_no_others(
    database: Database,
) -> None:
    house = opened(database)
    promised(house)

    house.send("customers", unit="Harbour")
    elsewhere = asked_as_c(house)
    house.send("customers")

    assert elsewhere
    assert TIDY not in elsewhere
    assert TIDY in asked_as_c(house)


def test_without_a_promise_c_stays_as_the_questionnaire_says(house: House) -> None:
    content = house.desk.library.read("customers")
    marked = {item.id for item in content.items if "C" in item.text}

    house.send("customers")

    assert asked_as_c(house) <= marked
    assert content.blueprint() == content.blueprint(promised=marked)


def test_a_promise_to_all_units_is_asked_everywhere(house: House) -> None:
    promised(house, unit=None)

    house.send("customers", unit="Harbour")

    assert TIDY in asked_as_c(house)


@pytest.mark.parametrize(
    ("since", "until"), [(SOON, None), (AGO, date(2026, 2, 1))], ids=["to come", "over"]
)
def test_a_promise_that_does_not_hold_today_is_not_asked_about(
    house: House, since: date, until: date | None
) -> None:
    promised(house, since=since, until=until)

    house.send("customers")

    assert TIDY not in asked_as_c(house)


def test_a_promise_that_was_ended_is_not_asked_about(house: House) -> None:
    promise_id = promised(house)

    def end(session: Session) -> None:
        promise = promise_of(session, promise_id)
        assert promise is not None
        end_promise(session, promise, house.now.date(), by=None, now=house.now)

    house.database.run(end)
    house.send("customers")

    assert TIDY not in asked_as_c(house)


def test_no_more_is_asked_for_the_sake_of_a_promise(house: House) -> None:
    promised(house)

    house.send("customers")

    assert {len(run.form) for run in house.rows(Run)} <= {4, 5}


def test_its_card_has_the_stem_of_c_and_the_words_of_any_good_place(house: House) -> None:
    content = house.desk.library.read("customers")
    item = next(one for one in content.items if one.id == TIDY)

    ask = asks_of(content)[TIDY, "C"]

    assert ask.stem == content.vantage_points[Vantage.COMMUNICATED].stem
    assert ask.text == item.text[Vantage.EXPECTED]
    assert set(LANGUAGES) <= set(ask.text)


def test_staff_and_managers_are_never_asked_about_promises(house: House) -> None:
    promised(house)
    house.add(301, "staff")
    house.add(302, "manager")

    house.send("staff")
    house.send("managers")

    assert asked_as_c(house) == set()


def test_the_running_bot_and_the_command_line_know_the_register() -> None:
    assert Parts(Settings(), Texts(), username=str).surveys.promised is promised_items
