"""A house whose staff report what goes wrong, and chats that keep what a message says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col
from telegram import Update

from bot.core import callbacks
from bot.core.database import Database
from bot.core.dialogue import Call
from bot.core.notices import NoticeComposer
from bot.core.router import Router
from bot.core.tables import AuditEntry, Delivery
from bot.demo.markup import parse_html
from bot.issues import chat, ticks
from bot.issues.desk import IssueDesk
from bot.issues.tables import Issue, IssuePost, IssueReport
from bot.people.door import PeopleDoor
from bot.people.registry import unit_named
from bot.people.tables import Role
from tests.support.surveys import House
from tests.support.updates import Chat, User, message, press, pressable, said

ANA, LI, SAM, KIM, LOU, OTHER, OWNER, GUEST = 11, 12, 13, 14, 15, 16, 17, 18


@dataclass
class IssueChat(Chat):
    """A chat whose presses carry the message they stand under, as Telegram's do."""

    def press(self, label: str) -> str:
        """Press a button of the last answer, under the text that is shown there."""
        under = next(call for call in reversed(self.last) if call.get("reply_markup"))
        shown = parse_html(under.get("text", ""))
        update = press(self.user, pressable(self.last, label)).to_dict()
        content = update["callback_query"]["message"]
        content |= {"text": shown.text, "entities": [dict(one) for one in shown.entities]}
        return self.take(Update.de_json(update, None))

    def take(self, update: Update) -> str:
        """Handle an update; names and numbers come back without marks of direction."""
        return plain(super().take(update))


@dataclass
class IssueHouse(House):
    """Riverside: managers Ana and Li, staff Sam, Kim and Lou. Other manages Old Town."""

    issues: IssueDesk = field(default_factory=IssueDesk)

    @cached_property
    def router(self) -> Router:
        """The router with the handlers of issues."""
        return Router(PeopleDoor(), [chat.routes(self.issues)], self.texts)

    def chat(self, telegram_id: int, language: str = "en") -> IssueChat:
        """Return a person's chat with the bot."""
        user = User(telegram_id, language_code=language)
        return IssueChat(self.database, self.router, user, lambda: self.now, secret=self.secret)

    def pressed(self, telegram_id: int, action: str) -> IssueChat:
        """Return the chat of somebody who pressed a button."""
        one = self.chat(telegram_id)
        one.take(press(User(telegram_id), callbacks.sign(self.secret, telegram_id, action)))
        return one

    def reported(
        self, by: int, *choices: str, words: str = "", how: str = "Anonymously", anew: bool = True
    ) -> IssueChat:
        """Let somebody report in the guided way; return the chat with the receipt."""
        one = self.chat(by)
        one.send("/report")
        one.press(how)
        for choice in choices or (
            "A rule is unclear",
            "Keeping our word",
            "Every week",
            "Annoying",
        ):
            one.press(choice)
        if anew and "Is it one of these?" in said(one.last):
            one.press("Mine is different")
        if words:
            one.send(words)
        else:
            one.press("Send without words")
        return one

    def issue(self) -> Issue:
        """Return the only issue."""
        (found,) = self.rows(Issue)
        return found  # type: ignore[no-any-return]

    def posts(self) -> list[IssuePost]:
        """Return the messages of all threads, in order."""
        return sorted(self.rows(IssuePost), key=lambda one: (one.issue_id, one.place))

    def reports(self) -> list[IssueReport]:
        """Return all reports."""
        return self.rows(IssueReport)

    def tick(self) -> None:
        """Let the clock do its work."""

        def work(session: Session) -> None:
            ticks.escalate(session, self.now, self.issues)
            ticks.tell_daily(session, self.now, self.issues)

        self.database.run(work)

    def told(self, telegram_id: int) -> list[Call]:
        """Return the notices promised to somebody that are due, oldest first."""

        def work(session: Session) -> list[Call]:
            who = PeopleDoor().recognise(session, telegram_id)
            to = PeopleDoor().recipient(session, who.person_id) if who else None
            rows = session.scalars(
                select(Delivery)
                .where(col(Delivery.person_id) == (who.person_id if who else 0))
                .order_by(col(Delivery.id))
            ).all()
            composer = NoticeComposer(self.texts)
            made = [
                composer.compose(session, one, to, self.now)
                for one in rows
                if to and one.due_at <= self.now
            ]
            return [call for calls in made for call in calls or []]

        return self.database.run(work)

    def heard(self, telegram_id: int) -> str:
        """Return what the notices to somebody say."""
        return plain(said(self.told(telegram_id)))

    def leaves(self, telegram_id: int, unit: str) -> None:
        """Take somebody's roles in a unit away."""

        def work(session: Session) -> None:
            who = PeopleDoor().recognise(session, telegram_id)
            place = unit_named(session, unit).id
            gone = delete(Role).where(
                col(Role.person_id) == (who.person_id if who else 0), col(Role.unit_id) == place
            )
            session.execute(gone)

        self.database.run(work)

    def recorded(self) -> list[str]:
        """Return what was recorded of changes, oldest first."""
        entries = sorted(self.rows(AuditEntry), key=lambda one: one.id or 0)
        return [one.what for one in entries]


def opened(
    database: Database, *, zone: str = "UTC", staff: Sequence[int] = (SAM, KIM, LOU)
) -> IssueHouse:
    """Open the house and let its people in."""
    house = IssueHouse(database)
    house.open(units=("Riverside", "Old Town"), zone=zone)
    house.add(ANA, "manager")
    house.add(LI, "manager")
    for one in staff:
        house.add(one, "staff")
    house.add(OTHER, "manager", unit="Old Town")
    house.add(OWNER, "owner")
    house.add(GUEST, "customer")
    return house


def plain(text: str) -> str:
    """Return a text without the marks of direction around names and numbers."""
    return text.replace("\u2068", "").replace("\u2069", "")


def voice(user: User) -> Update:
    """Return an update with a voice message."""
    return message(user, voice={"file_id": "v1", "file_unique_id": "w", "duration": 3})


def picture(user: User, caption: str = "") -> Update:
    """Return an update with a photo in two sizes."""
    sizes: list[dict[str, Any]] = [
        {"file_id": f"p{width}", "file_unique_id": f"u{width}", "width": width, "height": width}
        for width in (90, 800)
    ]
    return message(user, photo=sizes, **({"caption": caption} if caption else {}))


def file(user: User) -> Update:
    """Return an update with a picture that was sent as a file."""
    about = {"file_id": "d1", "file_unique_id": "e", "mime_type": "image/jpeg"}
    return message(user, document=about)
