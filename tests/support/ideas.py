"""A house in which people suggest things, and chats that keep what a message says."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from telegram import Update

from bot.core import callbacks
from bot.core.dialogue import Call
from bot.core.notices import NoticeComposer
from bot.core.router import Router
from bot.core.tables import AuditEntry, Delivery
from bot.demo.markup import parse_html
from bot.ideas import chat, ticks
from bot.ideas.desk import IdeaDesk
from bot.ideas.tables import Idea, IdeaVote
from bot.improvement import chat as actions_chat
from bot.improvement.desk import ActionDesk
from bot.people.door import PeopleDoor
from bot.people.tables import Person
from tests.support.surveys import House
from tests.support.updates import Chat, User, press, pressable

ANA, LI, SAM, GUEST, BO, CY, OTHER, OWNER, STRANGER = 11, 12, 13, 14, 15, 16, 17, 18, 99
IDEA = "Please put a bench at the door."


def plain(text: str) -> str:
    """Return a text without marks of direction and without what keeps links from forming."""
    return text.replace("\u2068", "").replace("\u2069", "").replace("\u2060", "")


@dataclass
class IdeaChat(Chat):
    """A chat whose presses carry the message they stand under, as Telegram's do."""

    def press(self, label: str) -> str:
        """Press a button of the last answer, under the text that is shown there."""
        under = next(call for call in reversed(self.last) if call.get("reply_markup"))
        shown = parse_html(under.get("text", ""))
        update = press(self.user, pressable(self.last, label)).to_dict()
        content = update["callback_query"]["message"]
        content |= {"text": shown.text, "entities": [dict(one) for one in shown.entities]}
        content["reply_markup"] = under["reply_markup"]
        return self.take(Update.de_json(update, None))

    def take(self, update: Update) -> str:
        """Handle an update; what is said comes back without marks."""
        return plain(super().take(update))


@dataclass
class IdeaHouse(House):
    """Riverside: managers Ana and Li, staff Sam, customers Guest, Bo and Cy. Other: Old Town."""

    ideas: IdeaDesk = field(default_factory=IdeaDesk)

    def fill(self) -> "IdeaHouse":
        """Open it, and let everybody in."""
        self.open(units=("Riverside", "Old Town"))
        roles = {ANA: "manager", LI: "manager", SAM: "staff", OWNER: "owner"}
        roles |= {GUEST: "customer", BO: "customer", CY: "customer"}
        for telegram_id, role in roles.items():
            self.add(telegram_id, role)
        self.add(OTHER, "manager", unit="Old Town")
        return self

    @cached_property
    def router(self) -> Router:
        """The router with the handlers of ideas and actions."""
        actions = actions_chat.routes(ActionDesk(lambda: ()))
        return Router(PeopleDoor(), [chat.routes(self.ideas), actions], self.texts)

    def chat(self, telegram_id: int) -> IdeaChat:
        """Return a person's chat with the bot."""
        user = User(telegram_id)
        return IdeaChat(self.database, self.router, user, lambda: self.now, secret=self.secret)

    def pressed(self, telegram_id: int, action: str) -> IdeaChat:
        """Return the chat of somebody who pressed a button."""
        one = self.chat(telegram_id)
        one.take(press(User(telegram_id), callbacks.sign(self.secret, telegram_id, action)))
        return one

    def sent(self, by: int = GUEST, text: str = IDEA, how: str = "Send without my name") -> int:
        """Let somebody send an idea; return its number."""
        one = self.chat(by)
        one.send(f"/idea {text}")
        one.press(how)
        return max(int(idea.id) for idea in self.rows(Idea))

    def published(self, by: int = GUEST, text: str = IDEA) -> int:
        """Let somebody send an idea, and Ana publish it; return its number."""
        number = self.sent(by, text)
        self.pressed(ANA, f"idp:{number}:-")
        return number

    def idea(self, number: int = 1) -> Idea:
        """Return an idea as it is stored."""
        (found,) = [one for one in self.rows(Idea) if one.id == number]
        return found  # type: ignore[no-any-return]

    def voters(self, number: int = 1) -> set[int]:
        """Return who is for an idea, by Telegram's ids."""
        people = {one.id: one.telegram_id for one in self.rows(Person)}
        votes: list[Any] = self.rows(IdeaVote)
        return {people[one.person_id] for one in votes if one.idea_id == number and one.wanted}

    def audited(self) -> list[tuple[str, int | None]]:
        """Return what was recorded, and of whom."""
        entries: list[Any] = self.rows(AuditEntry)
        return [(one.what, one.person_id) for one in entries]

    def tick(self) -> int:
        """Let the clock do its work; return how many notes were promised."""

        def work(session: Session) -> int:
            ticks.follow_actions(session, self.now)
            return ticks.tell_news(session, self.now, self.ideas)

        return self.database.run(work)

    def told(self, telegram_id: int) -> list[str]:
        """Return the notes that are promised to somebody and stand, oldest first."""
        return [plain(str(call["text"])) for call in self._notes(telegram_id)]

    def _notes(self, telegram_id: int) -> list[Call]:
        def work(session: Session) -> list[Call]:
            who = PeopleDoor().recognise(session, telegram_id)
            person_id = who.person_id if who else 0
            to = PeopleDoor().recipient(session, person_id)
            rows = session.scalars(
                select(Delivery)
                .where(col(Delivery.person_id) == person_id, col(Delivery.state) == "queued")
                .order_by(col(Delivery.id))
            )
            composer = NoticeComposer(self.texts)
            made: list[Call] = []
            for one in rows:
                made += (composer.compose(session, one, to, self.now) or []) if to else []
            return made

        return self.database.run(work)
