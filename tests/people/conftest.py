"""An organisation with two units, a router with the people feature, and chats with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, SQLModel, col

from bot.core.database import Database
from bot.core.dialogue import MANAGER, Command, Routes, Turn
from bot.core.render import Texts
from bot.core.router import Router
from bot.people import chat
from bot.people.door import PeopleDoor
from bot.people.invitations import invite, usual_uses
from bot.people.registry import set_up, unit_named
from bot.people.tables import Person
from tests.support.updates import Chat, User


@dataclass
class House:
    """The organisation under test. ``under_way`` is what a person is in the middle of."""

    database: Database
    router: Router
    now: datetime
    secret: str
    under_way: list[str] = field(default_factory=list)

    def chat(self, user: User) -> Chat:
        """Open a chat between somebody and the bot."""
        return Chat(self.database, self.router, user, lambda: self.now, self.secret)

    def unit(self, name: str) -> int:
        """Return the id of a unit."""
        return self.database.run(lambda session: unit_named(session, name).id or 0)

    def payload(self, role: str, unit: str | None = "Riverside", **changes: Any) -> str:
        """Make an invitation, valid for a week."""
        wanted = {
            "role": role,
            "unit_id": self.unit(unit) if unit else None,
            "max_uses": usual_uses(role),
            "expires_at": self.now + timedelta(days=7),
        }
        return self.database.run(lambda session: invite(session, **(wanted | changes)))

    def joined(self, user: User, role: str, unit: str | None = "Riverside") -> Chat:
        """Open a chat with somebody who has agreed to take part."""
        one = self.chat(user)
        one.send(f"/start {self.payload(role, unit)}")
        one.press(AGREE[user.language_code or "en"])
        return one

    def person(self, telegram_id: int) -> Person | None:
        """Read what is stored about somebody."""
        statement = select(Person).where(col(Person.telegram_id) == telegram_id)
        return self.database.run(lambda session: session.scalars(statement).one_or_none())

    def roles(self, telegram_id: int) -> tuple[tuple[str, int | None], ...]:
        """Read what somebody is."""
        who = self.database.run(lambda session: PeopleDoor().recognise(session, telegram_id))
        return who.roles if who else ()

    def rows(self) -> dict[str, int]:
        """Count the rows of every table."""

        def count(session: Session) -> dict[str, int]:
            tables = SQLModel.metadata.sorted_tables
            return {
                table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables
            }

        return self.database.run(count)


AGREE = {"en": "I agree", "es": "Acepto", "ar": "أوافق", "zh-TW": "我同意"}


@pytest.fixture
def house(database: Database, texts: Texts, now: datetime) -> House:
    """Blue Cup with Riverside and Old Town, in Berlin."""
    organisation = database.run(
        lambda session: set_up(
            session,
            name="Blue Cup",
            units=["Riverside", "Old Town"],
            zone="Europe/Berlin",
            language="en",
            now=now,
        )
    )
    under_way: list[str] = []

    def leave(turn: Turn) -> bool:
        was_there = bool(under_way)
        if "something that speaks" in under_way:
            turn.say("core/sorry.html")
        under_way.clear()
        return was_there

    def taken(turn: Turn) -> None:
        turn.toast("The five gaps")

    other = Routes(commands=(Command("gaps", taken, roles=(MANAGER,), menu="The five gaps"),))
    people = chat.routes(
        others=[other], cancellers=[leave, lambda turn: False], username=lambda: "bluecup_bot"
    )
    router = Router(PeopleDoor(), [people, other], texts)
    return House(database, router, now, organisation.secret, under_way)


@pytest.fixture
def ana() -> User:
    """A customer to be, who reads English."""
    return User(1001, "Ana")


@pytest.fixture
def counted(house: House) -> Callable[[], dict[str, int]]:
    """The rows of every table, to be compared before and after."""
    return house.rows
