"""A house whose managers get digests: the desk, the courier and the offline chat around it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, make_report
from bot.core.clock import Clock
from bot.core.router import Router
from bot.core.sender import Courier
from bot.core.tables import Delivery
from bot.demo.chat import OfflineChat
from bot.demo.model import Message
from bot.digests import chat
from bot.digests.around import Beside, SectionMaker
from bot.digests.desk import Desk
from bot.digests.sending import DigestComposer
from bot.digests.tables import Digest
from bot.improvement import chat as improvement_chat
from bot.improvement.catalogue import Fix, load_fixes
from bot.improvement.desk import ActionDesk
from bot.people.door import PeopleDoor
from tests.support import machinery
from tests.support.answers import Ledger
from tests.support.pictures import small_png
from tests.support.surveys import House
from tests.support.updates import Chat, User
from tests.support.virtual_time import VirtualLoop

FIXES = load_fixes()
LATE = {"P": 4, "D": 4, "C": 4}
"""Levels at which customers get two points less than they expect, and staff miss the rules."""


async def draw(svg: str, language: str) -> bytes:
    """Draw nothing, quickly: any picture that Telegram takes."""
    return small_png()


@dataclass
class DigestHouse(House):
    """An organisation with answers, managers and everything that makes a digest for them."""

    fixes: Sequence[Fix] = FIXES
    draw: Callable[[str, str], Awaitable[bytes]] = draw
    sections: Sequence[SectionMaker] = ()
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        """Let the clock show what the test says, and what passed in virtual time since."""
        self.clock = Clock(lambda: self.now + _passed())

    @cached_property
    def ledger(self) -> Ledger:
        """Writes answers."""
        return Ledger(self)

    @cached_property
    def router(self) -> Router:
        """The router with the handlers of digests and of actions."""
        desk = ActionDesk(lambda: self.fixes)
        routes = [chat.routes(desk.fixes, desk), improvement_chat.routes(desk)]
        return Router(PeopleDoor(), routes, self.texts)

    @cached_property
    def desk_of_digests(self) -> Desk:
        """The desk, without threads of its own."""
        return Desk(
            database=self.database,
            lane=machinery.InlineLane(self.database),
            clock=self.clock,
            texts=self.texts,
            windows=Windows(),
            fixes=lambda: self.fixes,
            draw=self.draw,
        )

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the bot."""
        return Chat(
            self.database, self.router, User(telegram_id), lambda: self.now, secret=self.secret
        )

    def report(self) -> int:
        """Bring the figures up to date and keep a report; return its id."""

        def work(session: Session) -> int:
            while refresh(session):
                pass
            return make_report(session, self.now, Windows())

        return self.database.run(work)

    def digests(self) -> list[Digest]:
        """Return all digests, oldest first."""
        return sorted(self.rows(Digest), key=lambda one: one.id or 0)

    def deliveries(self) -> dict[str, str]:
        """Return the state of each delivery by its key."""
        with self.database.reading() as session:
            rows = session.execute(select(col(Delivery.key), col(Delivery.state)))
            return {row[0]: row[1] for row in rows}

    def telegram(self, *people: int) -> OfflineChat:
        """Return an offline chat in which these people have written to the bot."""
        return machinery.offline_chat(self.clock, people=max(people))

    def courier(self, chat: OfflineChat, rate: float = 1000.0) -> Courier:
        """Return a courier that sends digests into an offline chat."""
        composer = DigestComposer(self.texts, lambda: self.fixes, Beside(self.texts, self.sections))
        return Courier(
            telegram=machinery.offline_telegram(chat),
            lane=machinery.InlineLane(self.database),
            clock=self.clock,
            rate=rate,
            composers={composer.kind: composer},
            addresses=PeopleDoor(),
        )

    async def send_all(self, chat: OfflineChat) -> None:
        """Send what is due and what is put off by seconds; for tests in virtual time."""
        courier = self.courier(chat)
        for _ in range(6):
            for parcel in await courier._claim():
                await courier._deliver(parcel)
            await asyncio.sleep(3)

    def received(self, chat: OfflineChat, telegram_id: int) -> list[Message]:
        """Return what the bot sent to a person, oldest first."""
        return [one for one in chat.timeline(telegram_id) if one.from_bot]


def _passed() -> timedelta:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return timedelta()
    return timedelta(seconds=loop.time()) if isinstance(loop, VirtualLoop) else timedelta()
