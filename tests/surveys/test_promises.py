"""The promises of the tables: each test tries to break one, on both kinds of database."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, insert, inspect, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, SQLModel, col

from bot.core.tables import Delivery
from bot.people.registry import unit_named
from bot.people.tables import Person
from bot.surveys import ticks
from bot.surveys.rolling import ask_some
from bot.surveys.tables import (
    Answer,
    Comment,
    DirtyWeek,
    Invitee,
    QuestionnaireVersion,
    Run,
    Schedule,
    Wave,
)
from bot.surveys.waves import plan_for, write_wave
from gapengine.allocation import form_for
from tests.support.surveys import House
from tests.support.updates import Chat


def attempt(house: House, statement: Any) -> None:
    house.database.run(lambda session: session.execute(statement))


def refused(house: House, statement: Any) -> str:
    with pytest.raises(DBAPIError) as caught:
        attempt(house, statement)
    return str(caught.value)


def answered(house: House, *labels: str, questionnaire: str = "customers") -> Chat:
    talk = house.asked(7, questionnaire)
    for label in labels:
        talk.press(label)
    return talk


def answer_row(house: House, **other: Any) -> dict[str, Any]:
    [run] = house.rows(Run)
    row = {
        "run_key": run.key,
        "item": "reliability.on_time",
        "vantage": "P",
        "score": 4,
        "no_rule": False,
        "unit_id": run.unit_id,
        "week": run.week,
        "version_id": run.version_id,
        "language": "en",
        "answered_on": run.week,
    }
    return row | other


def finish(talk: Chat) -> None:
    for _ in range(6):
        if "One last" in talk.press("Skip"):
            break
    talk.press("Finish")


def test_when_an_anonymous_run_closes_no_way_leads_back_to_the_person(house: House) -> None:
    talk = answered(house, "6", "5")
    assert list(house.runs()) == [1]

    finish(talk)

    [run] = house.rows(Run)
    assert (run.state, run.invitee_id, run.ticket, run.card) == ("finished", None, None, "")
    assert house.runs() == {}
    assert len(house.rows(Answer)) == 2


@pytest.mark.parametrize("ending", ["finished", "stopped", "expired"])
def test_no_row_holds_both_the_key_of_a_closed_anonymous_run_and_a_person(
    house: House, ending: str
) -> None:
    """Every text of every table is searched: where the run's key is, no person's number is."""
    talk = answered(house, "6")
    if ending == "finished":
        finish(talk)
    elif ending == "stopped":
        talk.press("Stop")
    house.later(days=6)
    house.database.run(lambda session: ticks.expire_due(session, house.now))

    [run] = house.rows(Run)
    assert run.state == ending
    for table in SQLModel.metadata.sorted_tables:
        names = {column.name for column in table.columns}
        with house.database.reading() as session:
            rows = session.execute(table.select()).all()
        if any(run.key in map(str, row) for row in rows):
            assert not names & {"person_id", "telegram_id", "message_id", "due_at"}
            assert all(row.invitee_id is None for row in rows if "invitee_id" in names)


def test_a_closed_wave_does_not_tell_who_had_answered(house: House) -> None:
    """One finishes, one is reminded and never answers; afterwards their rows are alike."""
    talk = answered(house)
    house.add(8)
    house.send()
    finish(talk)
    house.later(days=2, minutes=1)
    house.database.run(lambda session: ticks.remind_due(session, house.now, house.desk))
    house.deliver()
    house.later(days=4)

    house.database.run(lambda session: ticks.expire_due(session, house.now))

    facts = {(row.state, row.reason, row.message_id, row.due_at) for row in house.rows(Invitee)}
    assert facts == {("closed", "", None, None)}
    assert house.rows(Delivery) == []


def test_no_table_of_answers_keeps_a_time_of_day(house: House) -> None:
    kinds = {
        (table.__tablename__, name): str(column.type)
        for table in (Answer, Comment, Run)
        for name, column in inspect(table).columns.items()
    }

    assert not [place for place, kind in kinds.items() if "TIME" in kind.upper()]


def test_an_anonymous_run_cannot_close_and_keep_its_ticket(house: House) -> None:
    answered(house, "6")

    said = refused(house, update(Run).values(state="finished"))

    assert "run_ticket_goes" in said


def test_an_anonymous_run_never_leads_to_an_invitee_and_a_named_one_has_no_ticket(
    house: House,
) -> None:
    """Not even for a moment: rows that are written so are refused."""
    anonymous, named = house.asked(7), house.asked(8, "managers")
    assert anonymous.last
    assert named.last
    by_promise = {run.anonymous: run.model_dump() for run in house.rows(Run)}
    attempt(house, delete(Run))

    said = refused(house, insert(Run).values(by_promise[True] | {"invitee_id": 1}))
    other = refused(house, insert(Run).values(by_promise[False] | {"ticket": "a"}))

    assert "run_link_cut" in said
    assert "run_ticket_goes" in other


def test_a_wave_cannot_close_and_keep_its_secret(house: House) -> None:
    answered(house)

    assert "wave_secret_gone" in refused(house, update(Wave).values(closed=True))


def test_a_link_that_was_cut_cannot_be_made_again(house: House) -> None:
    talk = answered(house, "6")
    finish(talk)
    [invitee] = house.rows(Invitee)

    said = refused(house, update(Run).values(invitee_id=invitee.id))

    assert "cannot be made again" in said or "run_link_cut" in said


def test_a_link_cannot_be_made_again_even_on_an_open_run(house: House) -> None:
    answered(house, "6")
    [invitee] = house.rows(Invitee)
    [run] = house.rows(Run)
    attempt(house, update(Run).values(ticket=None))

    assert "cannot be made again" in refused(house, update(Run).values(ticket=run.ticket))
    assert "cannot be made again" in refused(house, update(Run).values(invitee_id=invitee.id))


@pytest.mark.parametrize("change", [{"anonymous": False}, {"promise": "named-1"}])
def test_the_promise_of_a_run_cannot_be_changed(house: House, change: dict[str, Any]) -> None:
    answered(house)

    assert "cannot be changed" in refused(house, update(Run).values(**change))


def test_a_named_run_keeps_its_link(house: House) -> None:
    talk = answered(house, "6", questionnaire="managers")

    finish(talk)

    [run] = house.rows(Run)
    assert (run.state, run.invitee_id) == ("finished", house.rows(Invitee)[0].id)


@pytest.mark.parametrize(
    "change", [{"content": "{}"}, {"fingerprint": "0"}, {"anonymous": False}, {"version": 2}]
)
def test_a_questionnaire_that_was_used_cannot_be_changed(
    house: House, change: dict[str, Any]
) -> None:
    answered(house)

    said = refused(house, update(QuestionnaireVersion).values(**change))

    assert "cannot be changed" in said


def test_a_questionnaire_that_was_used_cannot_be_deleted(house: House) -> None:
    answered(house)

    refused(house, delete(QuestionnaireVersion))

    assert len(house.rows(QuestionnaireVersion)) == 1


def test_an_answer_is_unique_by_run_item_and_vantage_point(house: House) -> None:
    answered(house)
    attempt(house, insert(Answer).values(answer_row(house)))

    with pytest.raises(IntegrityError):
        attempt(house, insert(Answer).values(answer_row(house, score=2)))


@pytest.mark.parametrize(
    ("other", "constraint"),
    [
        ({"score": 0}, "answer_score_range"),
        ({"score": 8}, "answer_score_range"),
        ({"score": None}, "answer_score_or_no_rule"),
        ({"no_rule": True}, "answer_"),
        ({"score": None, "no_rule": True}, "answer_no_rule_is_s"),
        ({"vantage": "X"}, "answer_vantage"),
    ],
)
def test_an_answer_off_the_scale_is_refused(
    house: House, other: dict[str, Any], constraint: str
) -> None:
    answered(house)

    assert constraint in refused(house, insert(Answer).values(answer_row(house, **other)))


def test_an_answer_needs_its_run(house: House) -> None:
    answered(house)

    with pytest.raises(IntegrityError):
        attempt(house, insert(Answer).values(answer_row(house, run_key="0" * 32)))


def test_a_wave_is_unique_by_schedule_and_day(house: House) -> None:
    answered(house)
    [wave] = house.rows(Wave)
    attempt(
        house,
        insert(Schedule).values(
            questionnaire="customers", unit_id=wave.unit_id, active=True, next_due=wave.due_on
        ),
    )
    [schedule] = house.rows(Schedule)
    values = wave.model_dump(exclude={"id"}) | {"schedule_id": schedule.id}
    attempt(house, insert(Wave).values(values))

    with pytest.raises(IntegrityError):
        attempt(house, insert(Wave).values(values))


def test_a_run_is_unique_by_wave_and_person(house: House) -> None:
    answered(house)
    [invitee] = house.rows(Invitee)
    [run] = house.rows(Run)

    with pytest.raises(IntegrityError):
        attempt(house, insert(Invitee).values(invitee.model_dump(exclude={"id"})))
    with pytest.raises(IntegrityError):
        attempt(house, insert(Run).values(run.model_dump() | {"key": "0" * 32}))


def test_whoever_is_skipped_has_a_reason_and_only_they(house: House) -> None:
    answered(house)

    assert "invitee_reason" in refused(house, update(Invitee).values(state="skipped"))
    assert "invitee_reason" in refused(house, update(Invitee).values(reason="budget"))


@pytest.mark.parametrize(
    ("table", "values", "constraint"),
    [
        (Run, {"state": "lost", "ticket": None}, "run_state"),
        (Invitee, {"state": "lost"}, "invitee_state"),
    ],
)
def test_a_state_is_one_of_the_known(
    house: House, table: type[Any], values: dict[str, Any], constraint: str
) -> None:
    answered(house)

    assert constraint in refused(house, update(table).values(**values))


def test_a_card_is_promised_in_the_transaction_that_plans_it(house: House) -> None:
    house.add(1)

    def fails(session: Session) -> None:
        library = house.desk.library
        paper = library.keep(session, library.read("customers"))
        unit = unit_named(session, "Riverside")
        plan = plan_for(session, house.desk, paper=paper, unit=unit, now=house.now, at_once=True)
        write_wave(session, plan, paper=paper, unit=unit, now=house.now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.database.run(fails)

    assert [house.rows(table) for table in (Wave, Invitee, Run, Delivery)] == [[], [], [], []]


def test_erasing_a_person_leaves_nothing_that_names_them(house: House) -> None:
    talk = answered(house, "6")
    finish(talk)

    attempt(house, delete(Person))

    assert [house.rows(table) for table in (Invitee, Delivery)] == [[], []]
    assert len(house.rows(Answer)) == 1


def test_every_way_an_answer_changes_marks_its_week(house: House) -> None:
    talk = house.asked(7)

    def forget(session: Session) -> None:
        session.execute(delete(DirtyWeek))

    def marked() -> bool:
        found = bool(house.rows(DirtyWeek))
        house.database.run(forget)
        return found

    talk.press("6")
    assert marked()
    talk.press("Back")
    assert not marked()
    talk.press("2")
    assert marked()
    attempt(house, update(Answer).values(score=3))
    assert marked()
    attempt(house, delete(Answer).where(col(Answer.score) == 3))
    assert marked()


def test_forms_of_a_wave_that_people_join_one_by_one_do_not_follow_their_order(
    small_house: House,
) -> None:
    """There invitees lie in the order in which they came, so a form that went by it would tell.

    A form by lot is that of its place in one of 38 cases; six of twelve are once in 3 million.
    """
    house = small_house
    people = [house.add(telegram_id) for telegram_id in range(1, 13)]

    def join(session: Session, person: int) -> None:
        paper = house.desk.library.keep(session, house.desk.library.read("customers"))
        unit = unit_named(session, "Riverside")
        ask_some(session, house.desk, paper=paper, unit=unit, people=[person], now=house.now)

    for person in people:
        house.database.run(partial(join, person=person))

    [wave] = house.rows(Wave)
    blueprint = house.desk.library.read("customers").blueprint()
    by_place = [form_for(blueprint, seed=wave.seed, sequence=n).questions for n in range(12)]
    forms = [tuple(map(tuple, run.form)) for _, run in sorted(house.runs().items())]
    assert len(forms) == 12
    assert sum(form == place for form, place in zip(forms, by_place, strict=True)) < 6
    assert wave.drawing is None


def test_forms_and_rows_of_a_wave_do_not_follow_the_order_of_its_people(house: House) -> None:
    """Else the form of a closed run, or its place in the table, would lead back to a person.

    Of 12 people all get the form of their place by chance once in 479,001,600 waves.
    """
    for telegram_id in range(1, 13):
        house.add(telegram_id)
    house.send()

    [wave] = house.rows(Wave)
    blueprint = house.desk.library.read("customers").blueprint()
    by_place = [form_for(blueprint, seed=wave.seed, sequence=n).questions for n in range(12)]
    runs = [run for _, run in sorted(house.runs().items())]
    assert len(runs) == 12
    assert [tuple(map(tuple, run.form)) for run in runs] != by_place
    with house.database.reading() as session:
        stored = [row.key for row in session.execute(text("SELECT key FROM run"))]
    assert stored == sorted(stored)
