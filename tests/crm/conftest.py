"""An organisation with a CRM: customers, visits, links, and the clock that asks after them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pytest
from sqlmodel import Session

from bot.cases.of_person import cases_of
from bot.core.database import Database
from bot.core.router import Router
from bot.crm import chat, keeping
from bot.crm.asking import ask_due
from bot.crm.desk import CustomerDesk
from bot.crm.keeping import CustomerFacts, VisitFacts, kinds_of_people
from bot.crm.linking import CustomerLink, invite_customer
from bot.people import chat as people_chat
from bot.people.door import PeopleDoor
from bot.people.registry import unit_named
from bot.surveys import chat as surveys_chat
from bot.surveys.desk import SurveyDesk
from tests.support.surveys import House
from tests.support.updates import Chat, User

ANA, BEN, MANAGER, OTHER, OWNER = 11, 12, 13, 14, 15


@dataclass
class CustomerHouse(House):
    """A house whose router also answers for customers and lets people in."""

    @cached_property
    def customers(self) -> CustomerDesk:
        """The desk, with cases from above."""
        return CustomerDesk(surveys=self.desk, cases_of=cases_of, username=lambda: "gap_bot")

    @cached_property
    def router(self) -> Router:
        """The router with the handlers of people, questionnaires and customers."""
        features = [surveys_chat.routes(self.desk), chat.routes(self.customers)]
        people = people_chat.routes(
            others=features, username=lambda: "gap_bot", companions=(CustomerLink(),)
        )
        return Router(PeopleDoor(), [people, *features], self.texts)

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the bot."""
        return Chat(
            self.database, self.router, User(telegram_id), lambda: self.now, secret=self.secret
        )

    def customer(self, reference: str = "C-1", **facts: Any) -> int:
        """Write a customer down; return their number."""

        def work(session: Session) -> int:
            one, _ = keeping.upsert(session, CustomerFacts(reference, **facts), now=self.now)
            return one.id or 0

        return self.database.run(work)

    def visit(
        self,
        reference: str = "V-1",
        customer: str = "C-1",
        *,
        unit: str = "Riverside",
        at: datetime | None = None,
        **facts: Any,
    ) -> str:
        """Write a visit down; return whether it is new."""

        def work(session: Session) -> str:
            said = VisitFacts(
                reference,
                customer,
                unit_named(session, unit).id or 0,
                at or self.now - timedelta(hours=1),
                **facts,
            )
            return keeping.record_visit(session, said, now=self.now)[1]

        return self.database.run(work)

    def link_for(self, reference: str = "C-1", unit: str = "Riverside") -> str:
        """Make a link for a customer; return its payload."""

        def work(session: Session) -> str:
            one = keeping.customer_of(session, reference)
            assert one is not None
            unit_id = unit_named(session, unit).id or 0
            return invite_customer(session, one, unit_id=unit_id, now=self.now)

        return self.database.run(work)

    def linked(self, telegram_id: int, reference: str = "C-1") -> Chat:
        """Let a customer open their link and agree; return their chat."""
        self.customer(reference)
        talk = self.chat(telegram_id)
        talk.send(f"/start {self.link_for(reference)}")
        talk.press("I agree")
        return talk

    def ask(self) -> int:
        """Let the clock ask about the visits that are due."""
        return self.database.run(lambda session: ask_due(session, self.now, self.desk))


def opened(database: Database) -> CustomerHouse:
    """Riverside and Old Town with a manager each, and an owner."""
    house = CustomerHouse(database, SurveyDesk(kinds=kinds_of_people))
    house.open(units=("Riverside", "Old Town"))
    house.add(MANAGER, "manager")
    house.add(OTHER, "manager", unit="Old Town")
    house.add(OWNER, "owner")
    return house


@pytest.fixture
def house(database: Database) -> CustomerHouse:
    """The organisation, on both kinds of database."""
    return opened(database)


@pytest.fixture
def one_house(sqlite_database: Database) -> CustomerHouse:
    """The organisation, where the database does not matter."""
    return opened(sqlite_database)
