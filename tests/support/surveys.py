"""A small organisation that sends questionnaires: people, units, the router and the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.database import Database
from bot.core.dialogue import Call
from bot.core.outbox import Lane
from bot.core.render import Texts
from bot.core.router import Router
from bot.core.tables import Delivery
from bot.people.door import PeopleDoor
from bot.people.registry import set_up, unit_named
from bot.people.tables import Person, Role
from bot.surveys import chat, tickets
from bot.surveys.desk import SurveyDesk
from bot.surveys.sending import composers
from bot.surveys.tables import Run
from bot.surveys.waves import plan_for, write_wave
from tests.support.updates import Chat, User

START = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday


@dataclass
class House:
    """An organisation in a database, with a clock that only a test moves."""

    database: Database
    desk: SurveyDesk = field(default_factory=SurveyDesk)
    now: datetime = START
    texts: Texts = field(default_factory=Texts)
    secret: str = ""

    def open(self, *, units: Sequence[str] = ("Riverside",), zone: str = "UTC") -> "House":
        """Set the organisation up."""

        def work(session: Session) -> str:
            organisation = set_up(
                session, name="Cafés", units=units, zone=zone, language="en", now=self.now
            )
            return organisation.secret

        self.secret = self.database.run(work)
        return self

    def add(
        self,
        telegram_id: int,
        role: str = "customer",
        *,
        unit: str = "Riverside",
        language: str = "en",
        **person: Any,
    ) -> int:
        """Let somebody in, as joining does; return the person's id."""

        def work(session: Session) -> int:
            one = session.scalars(
                select(Person).where(col(Person.telegram_id) == telegram_id)
            ).one_or_none()
            if one is None:
                one = Person(
                    telegram_id=telegram_id,
                    name=f"P{telegram_id}",
                    language=language,
                    consented_at=self.now,
                    **person,
                )
                session.add(one)
                session.flush()
            unit_id = None if role == "owner" else unit_named(session, unit).id
            session.add(
                Role(person_id=one.id or 0, unit_id=unit_id, kind=role, granted_at=self.now)
            )
            session.flush()
            return one.id or 0

        return self.database.run(work)

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the bot."""
        router = Router(PeopleDoor(), [chat.routes(self.desk)], self.texts)
        return Chat(self.database, router, User(telegram_id), lambda: self.now, secret=self.secret)

    def send(
        self, questionnaire: str = "customers", *, unit: str = "Riverside", at_once: bool = True
    ) -> int:
        """Plan a wave by hand; return its id."""

        def work(session: Session) -> int:
            place = unit_named(session, unit)
            library = self.desk.library
            paper = library.keep(session, library.read(questionnaire))
            plan = plan_for(
                session, self.desk, paper=paper, unit=place, now=self.now, at_once=at_once
            )
            return write_wave(session, plan, paper=paper, unit=place, now=self.now)

        return self.database.run(work)

    def deliver(self) -> list[Call]:
        """Send what the outbox holds and what is due, as the courier does; return the calls."""

        def work(session: Session) -> list[Call]:
            by_kind = {one.kind: one for one in composers(self.texts, self.desk)}
            due = session.scalars(
                select(Delivery)
                .where(col(Delivery.state) == "queued", col(Delivery.due_at) <= self.now)
                .order_by(col(Delivery.id))
            ).all()
            made: list[Call] = []
            for delivery in due:
                made += self._deliver_one(session, delivery, by_kind)
            return made

        return self.database.run(work)

    def _deliver_one(
        self, session: Session, delivery: Delivery, by_kind: dict[str, Any]
    ) -> list[Call]:
        to = PeopleDoor().recipient(session, delivery.person_id)
        if to is None:
            delivery.state = "blocked"
            return []
        composer = by_kind[delivery.kind]
        calls: list[Call] | None = composer.compose(session, delivery, to, self.now)
        delivery.state = "cancelled" if calls is None else "sent"
        session.add(delivery)
        session.flush()
        if calls:
            composer.sent(session, delivery, [{"message_id": 1000 + (delivery.id or 0)}])
        if composer.forgotten:
            session.delete(delivery)
        return calls or []

    def asked(self, telegram_id: int, questionnaire: str = "customers") -> Chat:
        """Send a questionnaire to one person who is let in first; return the chat with the card."""
        roles = {"customers": "customer", "staff": "staff", "managers": "manager"}
        self.add(telegram_id, roles[questionnaire])
        self.send(questionnaire)
        talk = self.chat(telegram_id)
        talk.last = [call for call in self.deliver() if call["chat_id"] == telegram_id]
        return talk

    def runs(self) -> dict[int, Run]:
        """Return the run that leads to each person, as the program with its key finds it."""

        def work(session: Session) -> dict[int, Run]:
            people = session.scalars(select(col(Person.id)).order_by(col(Person.id))).all()
            links = [one for person in people for one in tickets.links_of(session, person or 0)]
            return {
                one.person_id: session.get_one(Run, key)
                for key, one in tickets.found(session, links).items()
            }

        return self.database.run(work)

    def something_for(self, person_id: int, kind: str = "card") -> Delivery:
        """Return a message that is due to a person now; it is not stored."""
        return Delivery(
            key="something",
            kind=kind,
            subject="1",
            lane=int(Lane.QUESTIONNAIRE),
            person_id=person_id,
            due_at=self.now,
            expires_at=self.now + timedelta(days=1),
        )

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def rows(self, table: type[Any]) -> list[Any]:
        """Return all rows of a table."""
        with self.database.reading() as session:
            found = list(session.scalars(select(table)))
            session.expunge_all()
            return found
