"""An organisation with registers: managers, an owner, answers to hold promises against."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.sources import delivered, disagreements
from bot.core.database import Database
from bot.core.notices import NoticeComposer
from bot.core.router import Router
from bot.core.tables import Delivery
from bot.people.door import PeopleDoor
from bot.people.registry import unit_named
from bot.registers import chat, standards
from bot.registers.desk import RegisterDesk
from bot.registers.standards import Content
from tests.support.digests import DigestHouse
from tests.support.updates import Chat, User

ANA, LI, OTHER, OWNER, CUSTOMER, STRANGER = 11, 12, 13, 14, 15, 99
AGREED, SHORT_WAITS = "reliability.agreed_time", "responsiveness.short_waits"
WAITING = Content(
    level=6,
    wording="We begin at the agreed time.",
    metric="waiting beyond the agreed time",
    measure="seconds",
    comparison="at_most",
    target=180.0,
    rule=((60.0, 7.0), (180.0, 6.0), (600.0, 3.0), (1800.0, 1.0)),
)


@dataclass
class RegisterHouse(DigestHouse):
    """A house whose router also answers for the registers."""

    @cached_property
    def register(self) -> RegisterDesk:
        """The desk, with the figures from above."""
        return RegisterDesk(
            library=self.desk.library, delivered=delivered, disagreements=disagreements
        )

    @cached_property
    def router(self) -> Router:
        """The router with the registers' handlers."""
        return Router(PeopleDoor(), [chat.routes(self.register)], self.texts)

    def unit(self, name: str = "Riverside") -> int:
        """Return the id of a unit."""
        return self.database.run(lambda session: unit_named(session, name).id or 0)

    def rule(
        self,
        content: Content = WAITING,
        *,
        item: str = AGREED,
        unit: str | None = None,
        since: date = date(2026, 1, 1),
    ) -> int:
        """Write a rule down, for all units where none is named; return its version."""

        def work(session: Session) -> int:
            unit_id = unit_named(session, unit).id if unit else None
            number = standards.write_version(
                session,
                content,
                item=item,
                unit_id=unit_id,
                seen=standards.newest_number(session, item, unit_id),
                valid_from=since,
                source="file",
                author_id=None,
                now=self.now,
            )
            return number or 0

        return self.database.run(work)

    def rules(self, unit: str = "Riverside") -> dict[str, Content]:
        """Return what holds in a unit today."""
        unit_id = self.unit(unit)
        found = self.database.run(
            lambda session: standards.in_force(session, unit_id, self.now.date())
        )
        return {item: one.content for item, one in found.items()}

    def delivered_to(self, telegram_id: int) -> Chat:
        """Send what is due as the courier does; return the chat of one person with it."""
        composer = NoticeComposer(self.texts)

        def work(session: Session) -> list[dict[str, Any]]:
            due = session.scalars(
                select(Delivery).where(
                    col(Delivery.state) == "queued", col(Delivery.due_at) <= self.now
                )
            ).all()
            made: list[dict[str, Any]] = []
            for one in due:
                to = PeopleDoor().recipient(session, one.person_id)
                made += (composer.compose(session, one, to, self.now) or []) if to else []
                one.state = "sent"
                session.add(one)
                composer.sent(session, one, [])
            return made

        calls = self.database.run(work)
        talk = Chat(
            self.database, self.router, User(telegram_id), lambda: self.now, secret=self.secret
        )
        talk.last = [call for call in calls if call["chat_id"] == telegram_id]
        return talk


def opened(database: Database) -> RegisterHouse:
    """Riverside with two managers, Old Town with one, and an owner."""
    house = RegisterHouse(database)
    house.open(units=("Riverside", "Old Town"))
    house.add(ANA, "manager")
    house.add(LI, "manager")
    house.add(OTHER, "manager", unit="Old Town")
    house.add(OWNER, "owner")
    house.add(CUSTOMER, "customer")
    return house


@pytest.fixture
def house(database: Database) -> RegisterHouse:
    """The organisation, on both kinds of database."""
    return opened(database)


@pytest.fixture
def one_house(sqlite_database: Database) -> RegisterHouse:
    """The organisation, where the database does not matter."""
    return opened(sqlite_database)
