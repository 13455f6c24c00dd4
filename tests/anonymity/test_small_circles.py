"""Where few are asked the card says so; comments need eight; the proof says what is there."""

from functools import partial

import pytest
from sqlmodel import Session, select

from bot.analysis import findings
from bot.core.database import Database
from bot.privacy import proof
from bot.surveys import run_writing
from bot.surveys.tables import ANONYMOUS, FEW, Answer, Comment, Run
from tests.support.surveys import House
from tests.support.updates import buttons, said

HINT = "Fewer than five people are asked this time"


@pytest.fixture
def house(database: Database) -> House:
    """An organisation with one unit."""
    return House(database).open()


def asked(house: House, people: int) -> str:
    """Ask so many customers; return what the first of them reads."""
    for one in range(people):
        house.add(100 + one)
    house.send()
    return said([call for call in house.deliver() if call["chat_id"] == 100])


@pytest.mark.parametrize(("people", "promise"), [(1, FEW), (4, FEW), (5, ANONYMOUS)])
def test_fewer_than_five_are_told_that_one_could_guess(
    house: House, people: int, promise: str
) -> None:
    read = asked(house, people)

    runs = house.database.run(lambda session: session.exec(select(Run)).all())
    assert (HINT in read) == (promise == FEW)
    assert {one.promise for one in runs} == {promise}
    assert "Anonymous: nobody sees who answered what." in read


def test_who_was_skipped_hides_nobody(house: House) -> None:
    """Five of the audience, one of whom has said stop: four are asked."""
    house.add(200, state="stopped")

    assert HINT in asked(house, 4)


def test_the_proof_can_be_reached_from_the_first_question_and_from_no_named_card(
    house: House,
) -> None:
    anonymous = house.asked(301)
    named = house.asked(302, "managers")

    assert "How this stays anonymous" in buttons(anonymous.last)
    assert "How this stays anonymous" not in buttons(named.last)
    anonymous.press("5")
    assert "How this stays anonymous" not in buttons(anonymous.last)


def test_an_anonymous_answer_holds_neither_day_nor_language_and_a_named_one_both(
    house: House,
) -> None:
    house.later(days=1)
    house.asked(301).press("5")
    house.asked(302, "managers").press("5")

    answers = house.database.run(lambda session: session.exec(select(Answer)).all())
    by_language = {one.language: one for one in answers}
    assert by_language[""].answered_on == by_language[""].week
    assert str(by_language["en"].answered_on) == "2026-03-05"


def test_the_proof_shows_every_column_of_the_tables_and_what_a_run_really_holds(
    house: House,
) -> None:
    """A column that is added without a word here makes the card fail."""
    shown = {row.table: dict(row.columns) for row in proof.rows()}

    assert set(shown["answer"]) == set(Answer.__table__.columns.keys())  # type: ignore[attr-defined]
    assert shown["run"]["invitee_id"] == ""
    assert shown["answer"]["language"] == ""
    assert "person_id" not in {name for columns in shown.values() for name in columns}


def test_questions_of_anonymous_people_are_not_chosen_by_what_they_were_asked_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which items come next would tell which run was whose."""
    looked: list[object] = []

    def note(session: Session, people: object) -> dict[int, list[str]]:
        looked.append(people)
        return {}

    monkeypatch.setattr(run_writing, "_asked_before", note)

    house.asked(301)
    assert looked == []
    house.asked(302, "managers")
    assert len(looked) == 1


def test_seven_comments_are_hidden_and_none_is_shown_with_a_time(house: House) -> None:
    for one in range(8):
        house.add(100 + one)
    house.send()
    runs = house.database.run(lambda session: session.exec(select(Run)).all())
    week = runs[0].week

    def commented(session: Session, number: int) -> list[dict[str, str]]:
        run = runs[number]
        words = f"Words {number}"
        session.add(
            Comment(run_key=run.key, text=words, language="en", unit_id=run.unit_id, week=week)
        )
        session.flush()
        return findings.comments(session, None, findings.Span(week, week))

    shown = [house.database.run(partial(commented, number=number)) for number in range(8)]
    assert shown[:7] == [[]] * 7
    assert len(shown[7]) == 8
    assert {key for one in shown[7] for key in one} == {"text", "language"}
    by_key = [f"Words {runs.index(run)}" for run in sorted(runs, key=lambda run: run.key)]
    assert [one["text"] for one in shown[7]] == by_key
