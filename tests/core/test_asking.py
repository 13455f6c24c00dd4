"""A question whose answer is the next message."""

from datetime import timedelta

from sqlmodel import Session

from bot.core import asking
from bot.core.database import Database
from bot.people.tables import Person
from tests.conftest import NOW


def _person(session: Session) -> int:
    person = Person(telegram_id=7, name="Ana", language="en", consented_at=NOW)
    session.add(person)
    session.flush()
    return person.id or 0


def test_the_answer_is_taken_once(database: Database):
    with Session(database.engine) as session, session.begin():
        ana = _person(session)
        asking.ask(session, ana, topic="note", subject="3:4", now=NOW)

        first = asking.take(session, ana, NOW + timedelta(minutes=59))
        second = asking.take(session, ana, NOW + timedelta(minutes=59))

        assert first == ("note", "3:4")
        assert second is None


def test_a_new_question_replaces_the_older_one(database: Database):
    with Session(database.engine) as session, session.begin():
        ana = _person(session)
        asking.ask(session, ana, topic="note", now=NOW)
        asking.ask(session, ana, topic="date", subject="9", now=NOW)

        assert asking.take(session, ana, NOW) == ("date", "9")


def test_after_an_hour_a_message_is_no_answer_any_more(database: Database):
    with Session(database.engine) as session, session.begin():
        ana = _person(session)
        asking.ask(session, ana, topic="note", now=NOW)

        assert asking.take(session, ana, NOW + timedelta(hours=1)) is None


def test_what_nobody_answered_is_forgotten_and_what_waits_is_kept(database: Database):
    with Session(database.engine) as session, session.begin():
        ana = _person(session)
        asking.ask(session, ana, topic="note", now=NOW)

        asking.purge(session, NOW)
        waits = asking.put_aside(session, ana)
        asking.ask(session, ana, topic="note", now=NOW - timedelta(hours=2))
        asking.purge(session, NOW)

        assert waits
        assert not asking.put_aside(session, ana)
