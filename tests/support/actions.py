"""A house whose managers and staff work on actions; made by hand, without answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bot.core import callbacks
from bot.core.database import Database
from bot.core.dialogue import Call
from bot.core.notices import NoticeComposer
from bot.core.router import Router
from bot.core.tables import AuditEntry, Delivery
from bot.improvement import actions, chat, ticks
from bot.improvement.catalogue import Fix, load_fixes
from bot.improvement.desk import ActionDesk
from bot.improvement.tables import Action
from bot.people.door import PeopleDoor
from bot.people.tables import Role
from tests.support.surveys import House
from tests.support.updates import Chat, User, press

FIXES = load_fixes()
FIX = "specification.clear-rules"
ANA, LI, SAM, KIM, OTHER, OWNER = 11, 12, 13, 14, 15, 16


@dataclass
class ActionHouse(House):
    """Riverside has two managers (Ana, Li) and two of staff (Sam, Kim); Old Town has Other."""

    fixes: Sequence[Fix] = FIXES

    @cached_property
    def actions(self) -> ActionDesk:
        """The rules by which actions are worked on."""
        return ActionDesk(lambda: self.fixes)

    @cached_property
    def router(self) -> Router:
        """The router with the handlers of actions."""
        return Router(PeopleDoor(), [chat.routes(self.actions)], self.texts)

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the bot."""
        user = User(telegram_id)
        return Chat(self.database, self.router, user, lambda: self.now, secret=self.secret)

    def pressed(self, telegram_id: int, action: str) -> Chat:
        """Return the chat of somebody who pressed a button."""
        one = self.chat(telegram_id)
        one.take(press(User(telegram_id), callbacks.sign(self.secret, telegram_id, action)))
        return one

    def taken(self, by: int = ANA, **changes: Any) -> int:
        """Let somebody take a fix in Riverside; return the action's id."""
        wanted: dict[str, Any] = {"unit_id": 1, "source": "digest", "fix": FIX, "now": self.now}

        def work(session: Session) -> int:
            taken_by = self.person_id(session, by)
            made = actions.create_action(session, taken_by=taken_by, **(wanted | changes))
            return (made.id or 0) if made else 0

        return self.database.run(work)

    def person_id(self, session: Session, telegram_id: int) -> int:
        """Return the id of a person."""
        who = PeopleDoor().recognise(session, telegram_id)
        return who.person_id if who else 0

    def action(self, action_id: int = 1) -> Action:
        """Return an action as it is stored."""
        found: list[Action] = [one for one in self.rows(Action) if one.id == action_id]
        return found[0]

    def tick(self) -> tuple[int, int]:
        """Let the clock do its work; return how many were reminded, and told of late actions."""

        def work(session: Session) -> tuple[int, int]:
            reminded = ticks.remind_owners(session, self.now, self.actions)
            return reminded, ticks.tell_of_late(session, self.now, self.actions)

        return self.database.run(work)

    def told(self, telegram_id: int) -> list[Call]:
        """Return the notices promised to somebody, oldest first, as they would be sent now."""

        def work(session: Session) -> list[Call]:
            person_id = self.person_id(session, telegram_id)
            to = PeopleDoor().recipient(session, person_id)
            rows = session.scalars(
                select(Delivery)
                .where(col(Delivery.person_id) == person_id)
                .order_by(col(Delivery.id))
            )
            composer = NoticeComposer(self.texts)
            made = [
                composer.compose(session, one, to, self.now)
                for one in rows
                if to and one.due_at <= self.now
            ]
            return [call for calls in made for call in calls or []]

        return self.database.run(work)

    def leaves(self, telegram_id: int) -> None:
        """Take all roles from somebody."""

        def work(session: Session) -> None:
            mine = col(Role.person_id) == self.person_id(session, telegram_id)
            session.execute(delete(Role).where(mine))

        self.database.run(work)

    def recorded(self) -> list[str]:
        """Return what was recorded of changes, oldest first."""
        entries = sorted(self.rows(AuditEntry), key=lambda one: one.id or 0)
        return [f"{one.what} {one.subject}" for one in entries]


def opened(database: Database, zone: str = "UTC") -> ActionHouse:
    """Open the house and let its people in."""
    house = ActionHouse(database)
    house.open(units=("Riverside", "Old Town"), zone=zone)
    house.add(ANA, "manager")
    house.add(LI, "manager")
    house.add(SAM, "staff")
    house.add(KIM, "staff")
    house.add(OTHER, "manager", unit="Old Town")
    house.add(OWNER, "owner")
    return house
