"""Five levels in place of seven: in the file, on the card, in the database."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from bot.core import callbacks
from bot.core.database import Database
from bot.surveys.check import check
from bot.surveys.tables import Answer, Invitee, QuestionnaireVersion
from bot.surveys.versions import SHIPPED, Library
from tests.support.on_five import desk_on_five, write_on_five
from tests.support.surveys import House
from tests.support.updates import buttons, press, pressable


@pytest.fixture
def on_five(database: Database, tmp_path: Path) -> House:
    """A house that asks its customers on five levels, on both kinds of database."""
    return House(database, desk=desk_on_five(tmp_path, "customers")).open()


def codes(path: Path) -> list[str]:
    return [problem.code for problem in check(path) if problem.severity == "error"]


def test_a_card_of_five_levels_shows_five_and_stores_what_was_given(on_five: House) -> None:
    talk = on_five.asked(7)

    [first, *_] = talk.last[0]["reply_markup"]["inline_keyboard"]
    talk.press("5")

    assert [button["text"] for button in first] == list("12345")
    assert [row.score for row in on_five.rows(Answer)] == [5]
    assert [row.points for row in on_five.rows(QuestionnaireVersion)] == [5]


def test_a_level_that_the_scale_does_not_have_is_not_taken(on_five: House) -> None:
    talk = on_five.asked(7)
    [invitee] = on_five.rows(Invitee)
    made = callbacks.sign(on_five.secret, 7, f"qa:{invitee.id}:0:6")

    talk.take(press(talk.user, made))

    assert on_five.rows(Answer) == []


@pytest.mark.parametrize("way", ["insert", "update"])
def test_the_database_refuses_a_level_that_the_scale_does_not_have(
    on_five: House, way: str
) -> None:
    talk = on_five.asked(7)
    talk.press("5")
    [answer] = on_five.rows(Answer)

    def work(session: Session) -> None:
        if way == "update":
            session.execute(update(Answer).where(col(Answer.item) == answer.item).values(score=6))
        else:
            session.execute(
                insert(Answer).values(**(answer.model_dump() | {"vantage": "C", "score": 7}))
            )

    with pytest.raises(IntegrityError, match="level that this questionnaire does not have"):
        on_five.database.run(work)


def test_what_files_say_by_default_changes_no_fingerprint() -> None:
    plain = Library().read("customers")

    said = type(plain).model_validate_json(
        plain.canonical().replace('"taps":', '"scale":7,"taps":')
    )

    assert (plain.points, said.points) == (7, 7)
    assert said.fingerprint == plain.fingerprint


def test_another_scale_is_another_questionnaire() -> None:
    plain = Library().read("customers")

    assert plain.model_copy(update={"scale": 5}).fingerprint != plain.fingerprint


def test_levels_of_five_are_read_as_of_seven_for_thresholds_going_up() -> None:
    """1, 2.5, 4, 5.5, 7 on a line; what lies between two levels counts as the higher one."""
    five = Library().read("customers").model_copy(update={"scale": 5})

    levels = [five.as_of_seven(level) for level in (1, 2, 3, 4, 5, None)]

    assert levels == [1, 3, 4, 6, 7, None]


def test_check_warns_of_two_scales_in_one_instrument(tmp_path: Path) -> None:
    write_on_five(tmp_path, "customers")
    (tmp_path / "staff.yaml").write_text((SHIPPED / "staff.yaml").read_text("utf-8"), "utf-8")

    found = [
        [(one.code, one.severity) for one in check(tmp_path / f"{name}.yaml")]
        for name in ("customers", "staff")
    ]

    assert found == [[("Q320", "warning")], [("Q320", "warning")]]


def test_check_finds_nothing_wrong_in_an_instrument_of_five_levels(tmp_path: Path) -> None:
    write_on_five(tmp_path, "customers", "staff", "managers")

    found = [codes(tmp_path / f"{name}.yaml") for name in ("customers", "staff", "managers")]

    assert found == [[], [], []]


@pytest.mark.parametrize("name", ["staff", "partners", "partners_view"])
def test_causes_and_partners_may_be_asked_on_five_levels(tmp_path: Path, name: str) -> None:
    write_on_five(tmp_path, name)

    assert codes(tmp_path / f"{name}.yaml") == []


def test_another_number_of_levels_is_refused(tmp_path: Path) -> None:
    content = (SHIPPED / "customers.yaml").read_text("utf-8")
    (tmp_path / "customers.yaml").write_text(f"{content}\nscale: 6\n", "utf-8")

    assert codes(tmp_path / "customers.yaml")


def test_who_sends_another_scale_is_told_what_that_costs(
    sqlite_database: Database, tmp_path: Path
) -> None:
    house = House(sqlite_database).open()
    house.add(7)
    house.send()
    house.desk = replace(house.desk, library=desk_on_five(tmp_path, "staff").library)
    house.add(50, "manager")
    talk = house.chat(50)

    talk.send("/send")
    preview = talk.press("Our service from the inside")

    assert "Customers are asked on a scale from 1 to 7" in preview
    assert "so no gap between the two can be told" in preview


def test_an_old_card_of_seven_levels_goes_on_after_the_change(
    sqlite_database: Database, tmp_path: Path
) -> None:
    house = House(sqlite_database).open()
    talk = house.asked(7)
    house.desk = replace(house.desk, library=desk_on_five(tmp_path, "customers").library)
    talk = replace(house.chat(7), last=talk.last)

    talk.take(press(talk.user, pressable(talk.last, "7")))

    assert [row.score for row in house.rows(Answer)] == [7]
    assert "7" in buttons(talk.last)
