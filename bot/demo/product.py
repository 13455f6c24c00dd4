"""The whole product offline: a chat on loopback, the real bot talking to it, a company at work."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.analysis.command import windows_of
from bot.core.clock import Clock, monday_of
from bot.core.dialogue import REGIONAL
from bot.core.i18n import N_
from bot.core.migrations import upgrade
from bot.core.render import Texts
from bot.core.schedule import local_day, local_to_utc
from bot.demo import company_chats
from bot.demo.chat import OfflineChat
from bot.demo.company import LARGE_UNITS, PLAYED, ZONE, crowd, played
from bot.demo.company_further import (
    CHIEF,
    EVERYBODY,
    REGIONAL_MANAGER,
    VISITOR,
    ask_about_the_visit,
    further,
)
from bot.demo.company_past import write_past
from bot.demo.model import Message, Person, Persona
from bot.demo.people_at_work import Crowd
from bot.demo.server import ChatServer
from bot.demo.words import words_in
from bot.digests.planning import promise, unprepared
from bot.people.registry import unit_named
from bot.people.tables import Person as Member
from bot.people.tables import Role, Unit
from bot.people.tree import read_tree
from bot.settings import Settings
from bot.surveys.tables import Schedule
from bot.surveys.waves import plan_for, write_wave
from bot.wiring import Gapbot

TOKEN = "1000000001:offline-demo-token-not-a-secret"  # noqa: S105 - it opens nothing
USERNAME = "gapbot_demo_bot"
_NOON, _DIGEST_TIME = time(12), time(9)
_GREETING_SECONDS = 5.0
_DIGEST_SECONDS = 30.0

Say = Callable[[str], None]


class DemoProduct:
    """Everything the demo runs, in one process and one scratch folder. Make, start, stop."""

    def __init__(
        self,
        *,
        language: str = "en",
        port: int = 0,
        with_played: bool = True,
        say: Say = lambda _: None,
    ) -> None:
        """``say`` is told what is being done; ``with_played``: the three have joined already."""
        self.language = language
        self._with_played = with_played
        self._say = say
        self.personas = [*played(language), *(further(language) if with_played else ())]
        self.folder = Path(tempfile.mkdtemp(prefix="gapbot-demo-"))
        self.clock = Clock()
        self.chat = OfflineChat(
            token=TOKEN, bot_username=USERNAME, now=self.clock.now, bot_name="Gapbot"
        )
        self.server = ChatServer(
            self.chat,
            personas=self.personas,
            on_week=self.let_a_week_pass,
            language=language,
            zone=ZONE,
            port=port,
        )
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def serve(self) -> str:
        """Open the page, which says what is being made, and return its address."""
        self._say("starting the offline chat")
        address = await self.server.start()
        self.bot = Gapbot(self._settings(address), clock=self.clock)
        return address

    async def start(self) -> None:
        """Make the company and start the bot; the page is open by then."""
        self._tell(N_("Making a company with three months behind it …"))
        await asyncio.to_thread(self._seed)
        self.crowd = Crowd(
            self.chat,
            self.bot.database,
            self.bot.parts.surveys.library,
            members=crowd(self.language),
            comments=words_in(self.language).comments,
        )
        self._let_the_crowd_in()
        self.crowd.listen()
        self._tell(N_("Starting the bot …"))
        self._running = asyncio.create_task(self.bot.run(self._stop))
        ready = asyncio.create_task(self.bot.started.wait())
        await asyncio.wait([self._running, ready], return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            self._running.result()

    async def open_chats(self) -> None:
        """Let the people who are played come in, get what is for them, and the manager a digest."""
        said = [self.chat.say(user_id, "/start") for user_id in EVERYBODY]
        await self._until(lambda: all(self._was_answered(one) for one in said))
        await self.bot.lane.run(self.ask_first_unit)
        self.server.announce("", state="done")

    async def let_a_week_pass(self) -> str:
        """Move the clock to next Monday morning; people are asked and answer on the way."""
        texts = Texts()
        before = self.crowd.taps
        await self._go_to(_NOON, days=1)
        self.server.announce(texts.label(self.language, N_("Questionnaires go out …")))
        await self.bot.lane.run(self._make_schedules_due)
        await self.bot.tick()
        await self.settle()
        self.server.announce(texts.label(self.language, N_("The digest is being drawn …")))
        await self._go_to_monday()
        await self.bot.tick()
        await self.settle()
        taps = self.crowd.taps - before
        return texts.label(
            self.language,
            N_("A week has passed: %(taps)s answers came in, the digest is out."),
            taps=taps,
        )

    async def settle(self) -> None:
        """Wait until everything that was sent is answered and everything promised is sent.

        Raises
        ------
        TimeoutError
            When a promised digest is not made in good time; the log says why.
        """
        for _ in range(2):
            async with asyncio.timeout(_DIGEST_SECONDS):
                while await self.bot.database.read(unprepared):  # noqa: ASYNC110 - no event
                    await asyncio.sleep(0.05)
            await self.bot.courier.settled()
            await self.crowd.settled()
            await self.bot.receiver.settled()

    async def stop(self) -> None:
        """End the bot and the chat; throw the scratch folder away."""
        self._stop.set()
        if self._running is not None:
            await asyncio.wait([self._running], timeout=10)
        await self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def first_unit(self) -> str:
        """Return the name of the unit the three people belong to."""
        return words_in(self.language).units[0]

    def _tell(self, msgid: str) -> None:
        """Say on the terminal and on the page what is being done."""
        self._say(Texts().label("en", msgid).removesuffix(" …"))
        self.server.announce(Texts().label(self.language, msgid))

    def _settings(self, address: str) -> Settings:
        return Settings(
            token=SecretStr(TOKEN),
            telegram_api=address,
            data=self.folder,
            proxy="",
            database_url=f"sqlite:///{self.folder / 'gapbot.sqlite'}",
            http_client="aiohttp",
            messages_per_second=200,
            questionnaires=Path(),
            quiet_from=21,
            quiet_until=8,
            digest_hour=8,
            window_weeks=4,
            managers_window_weeks=13,
        )

    def _seed(self) -> None:
        upgrade(self.bot.database)
        heard = self.bot.database.run(self._write_the_past)
        company_chats.put_into_chats(self.chat, heard)

    def _write_the_past(self, session: Session) -> list[company_chats.Heard]:
        self.bot.parts.fixes.refresh(session)
        return write_past(
            session,
            self.bot.parts,
            Texts(),
            language=self.language,
            now=self.clock.now(),
            windows=windows_of(self.bot.settings),
            with_played=self._with_played,
        )

    def _let_the_crowd_in(self) -> None:
        for one in crowd(self.language):
            persona = Persona(one.telegram_id, one.name, self.language)
            self.chat.people[one.telegram_id] = Person(persona, started=True)
            self.chat.messages[one.telegram_id] = {}

    def _was_answered(self, said: Message) -> bool:
        newest = self.chat.timeline(said.user_id)[-1]
        return newest.from_bot and newest.message_id > said.message_id

    async def _until(self, is_so: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + _GREETING_SECONDS
        while not is_so() and loop.time() < ends:  # noqa: ASYNC110 - the chat has no event for it
            await asyncio.sleep(0.02)

    def ask_first_unit(self, session: Session) -> None:
        """Send the first unit's people one questionnaire each at once, and promise digests.

        They go to the first unit's manager and to whoever steers a region.
        """
        now = self.clock.now()
        unit = unit_named(session, self.first_unit())
        library = self.bot.parts.surveys.library
        ask_about_the_visit(session, self.bot.parts.surveys, now)
        members = session.execute(select(col(Member.id), col(Member.telegram_id)))
        unasked = {number or 0 for number, telegram_id in members if telegram_id != VISITOR}
        contents = (library.read(name) for name in library.names())
        for content in (one for one in contents if not one.is_triggered):
            paper = library.keep(session, content)
            plan = plan_for(
                session,
                self.bot.parts.surveys,
                paper=paper,
                unit=unit,
                now=now,
                at_once=True,
                only=unasked,
            )
            write_wave(session, plan, paper=paper, unit=unit, now=now)
            unasked -= {person_id for person_id, _ in plan.due}
        monday = monday_of(local_day(now, ZONE))  # whoever starts on one gets no second digest
        for person_id, unit_id in self._first_readers(session, unit.id or 0):
            promise(
                session,
                unit_id=unit_id,
                person_id=person_id,
                occasion=monday.isoformat(),
                last_week=monday - timedelta(days=7),
                now=now,
            )

    def _first_readers(self, session: Session, unit_id: int) -> list[tuple[int, int]]:
        """Return who of the played reads a digest at once, and of which unit or region."""
        regional = select(col(Role.unit_id)).where(col(Role.kind) == REGIONAL)
        read_by = {
            PLAYED[2]: unit_id,
            REGIONAL_MANAGER: session.scalars(regional).first(),
            CHIEF: read_tree(session).whole(),
        }
        members = select(col(Member.id), col(Member.telegram_id))
        members = members.where(col(Member.telegram_id).in_(read_by))
        return [
            (person_id, of)
            for person_id, telegram_id in session.execute(members)
            if person_id and (of := read_by[telegram_id]) is not None
        ]

    def _make_schedules_due(self, session: Session) -> None:
        """Let the large units ask customers and staff today: in the demo each week counts."""
        today = local_day(self.clock.now(), ZONE)
        large = words_in(self.language).units[:LARGE_UNITS]
        session.execute(
            update(Schedule)
            .where(
                col(Schedule.questionnaire) != "managers",
                col(Schedule.unit_id).in_(select(col(Unit.id)).where(col(Unit.name).in_(large))),
            )
            .values(next_due=today)
        )

    async def _go_to(self, at: time, *, days: int) -> None:
        day = local_day(self.clock.now(), ZONE) + timedelta(days=days)
        self._advance_to(local_to_utc(day, at, ZONE))

    async def _go_to_monday(self) -> None:
        monday = monday_of(local_day(self.clock.now(), ZONE)) + timedelta(days=7)
        self._advance_to(local_to_utc(monday, _DIGEST_TIME, ZONE))

    def _advance_to(self, moment: datetime) -> None:
        self.clock.advance(max(timedelta(), moment - self.clock.now()))
