"""The only place that builds things: the running bot out of its parts."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session
from telegram import Update
from telegram.request import BaseRequest, HTTPXRequest

from bot.analysis.command import windows_of
from bot.core.aiohttp_request import AiohttpRequest
from bot.core.clock import Clock
from bot.core.database import Database, WriteLane
from bot.core.dialogue import Call
from bot.core.errors import StorageError, TelegramDown
from bot.core.failures import Meaning, classify
from bot.core.i18n import guess
from bot.core.logs import Events
from bot.core.migrations import upgrade
from bot.core.receiver import Receiver
from bot.core.render import Texts
from bot.core.router import Router
from bot.core.seat import Seat
from bot.core.sender import Courier, Replies
from bot.core.telegram_api import Telegram
from bot.digests.chart import draw_png, effect_svg
from bot.digests.desk import Desk
from bot.improvement.effects_looking import EffectLook
from bot.issues.traces import empty_log, sweep
from bot.parts import Parts, Tick
from bot.people.door import PeopleDoor
from bot.people.registry import all_units, the_organisation
from bot.settings import Settings
from bot.surveys.schedules import start_schedules
from bot.surveys.transcribing import Transcriber, service_of
from bot.ways.orders import PosterDrawing
from bot.web.accepting import Surroundings
from bot.web.accepting import forget_old as forget_old_events
from bot.web.app import Web
from bot.web.health import Health
from bot.web.noticing import Noticer
from bot.web.server import serve
from bot.web.telling import Teller
from bot.web.telling import purge as purge_webhooks

_log = Events("gapbot")

FINISH_SECONDS = 4.0


class Gapbot:
    """The whole bot. ``run`` starts it and works until it is told to stop.

    The demo and the tests hand in their own clock and requests; everything else is the same.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        request: Callable[[], BaseRequest] | None = None,
    ) -> None:
        """Build everything; nothing is opened or started yet."""
        self.settings = settings
        self.clock = clock or Clock()
        self.database = Database(settings.database_address(), settings.keyring())
        self.lane = WriteLane(self.database)
        self._seat = Seat(self.database)
        make = request or (lambda: _request(settings))
        self._request, self._polling = make(), make()
        self.telegram = Telegram(
            settings.token_text(),
            settings.telegram_api,
            request=self._request,
            polling=self._polling,
        )
        self._door = PeopleDoor()
        self._texts = Texts()
        self.parts = Parts(settings, self._texts, username=lambda: self._username)
        self._secret = ""
        self._username = ""
        self._sits = False
        self._drawing: ProcessPoolExecutor | None = None
        self.started = asyncio.Event()
        self._router = Router(self._door, self.parts.routes(), self._texts)
        self.replies = Replies(self.telegram, self._note_blocked)
        self.receiver = Receiver(
            telegram=self.telegram,
            database=self.database,
            lane=self.lane,
            clock=self.clock,
            replies=self.replies,
            handle=self._handle,
            sorry=self._sorry,
            is_light=self._router.is_light,
        )
        self.courier = Courier(
            telegram=self.telegram,
            lane=self.lane,
            clock=self.clock,
            rate=settings.messages_per_second,
            composers=self.parts.composers(),
            addresses=self._door,
            waits=self.parts.waits,
        )
        self.desk = Desk(
            database=self.database,
            lane=self.lane,
            clock=self.clock,
            texts=self._texts,
            windows=windows_of(settings),
            fixes=self.parts.fixes,
            draw=self._draw,
        )

        self.web = Web(
            lane=self.lane,
            clock=self.clock,
            around=Surroundings(
                self.parts.surveys.library, lambda: self._username, settings.invitation_days
            ),
            health=Health(self.database, self.clock, self._receives),
        )
        self._noticer = Noticer(self.database, self.lane, self.clock)
        self._teller = Teller(self.lane, self.clock)
        self._transcriber = Transcriber(self.lane, service_of(settings), self.telegram.download)
        self._effects = EffectLook(
            database=self.database,
            lane=self.lane,
            clock=self.clock,
            desk=self.parts.actions,
            chart=partial(effect_svg, self._texts),
            draw=self._draw,
        )
        self._posters = PosterDrawing(
            lane=self.lane,
            clock=self.clock,
            texts=self._texts,
            username=lambda: self._username,
            draw=self._draw,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Start, work until ``stop`` is set, then finish what is under way."""
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        working = asyncio.create_task(self._work())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([stopping, working], return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()  # it ended by itself, which it does only with an error
        finally:
            await self._end([stopping, working])

    async def _work(self) -> None:
        if self.database.is_sqlite:  # one process per file; a second one stands by
            await self._seat.taken()
        scheduler = self._scheduler()
        scheduler.start()
        try:
            async with asyncio.TaskGroup() as together:
                for part in (
                    self._receive(),
                    self.courier.run(),
                    self.desk.run(),
                    self._serve(),
                ):
                    together.create_task(part)
                _log.info("bot.started")
                self.started.set()
        finally:
            scheduler.shutdown(wait=False)

    async def start(self) -> None:
        """Open the database, learn who we are; a missing network does not keep it from starting."""
        upgrade(self.database)
        self._secret = self.database.run(self._prepare)
        self.lane.start()
        for part in (self._request, self._polling):
            await part.initialize()
        try:
            await asyncio.wait_for(self.introduce(), 5)
        except TelegramDown:
            raise
        except (Exception, TimeoutError) as error:  # noqa: BLE001 - the network may come later
            _log.warning("telegram.not_there_yet", why=error)

    def _prepare(self, session: Session) -> str:
        """See to it that every unit has its schedules; return the key that signs buttons."""
        organisation = the_organisation(session)
        self.parts.fixes.refresh(session)
        start_schedules(session, self.parts.surveys, units=all_units(session), now=self.clock.now())
        return organisation.secret

    async def introduce(self) -> None:
        """Ask Telegram for our name, and end any webhook that would keep updates from us."""
        try:
            me = await self.telegram.make({"method": "getMe"})
        except Exception as error:
            if classify(error).meaning is Meaning.SHUT_OUT:
                raise TelegramDown(
                    "S301",
                    "GAPBOT_TOKEN",
                    "Telegram does not know this token.",
                    "Copy it again from @BotFather, or ask there for a new one.",
                ) from None
            raise
        self._username = me.get("username", "")
        with contextlib.suppress(Exception):
            await self.telegram.make({"method": "deleteWebhook"})

    async def tick(self) -> None:
        """Do once, in order, what the clock does again and again; for the demo and the tests."""
        for work, _ in self._ticks():
            await work()

    async def stop(self) -> None:
        """Close what was opened."""
        await self.lane.stop()
        for part in (self._request, self._polling):
            await part.shutdown()
        if self._drawing is not None:
            self._drawing.shutdown(wait=False, cancel_futures=True)
        self.database.close()

    async def _receive(self) -> None:
        """Fetch updates while this process has the seat; otherwise stand by."""
        while True:
            await self._seat.taken()
            receiving = asyncio.create_task(self.receiver.run())
            self._sits = True
            lost = asyncio.create_task(self._seat.lost())
            try:
                await asyncio.wait([receiving, lost], return_when=asyncio.FIRST_COMPLETED)
                if receiving.done():
                    receiving.result()
            finally:
                self._sits = False
                receiving.cancel()
                lost.cancel()

    async def _serve(self) -> None:
        """Answer over HTTP, where a port is set."""
        if self.settings.http_port:
            await serve(self.web.app(), host=self.settings.http_host, port=self.settings.http_port)

    def _receives(self) -> bool | None:
        """Tell whether updates are fetched; None while another process does."""
        return self.receiver.is_healthy if self._sits else None

    async def _end(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=1)
        await asyncio.gather(
            self.receiver.finish(FINISH_SECONDS),
            self.courier.finish(FINISH_SECONDS),
            return_exceptions=True,
        )
        self._seat.release()
        await self.stop()
        _log.info("bot.stopped")

    def _scheduler(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for work, seconds in self._ticks():
            scheduler.add_job(work, "interval", seconds=seconds)
        return scheduler

    def _ticks(self) -> list[tuple[Callable[[], Awaitable[None]], int]]:
        return [
            *map(self._timed, self.parts.planning()),
            (self._guarded(self.desk.bring_up_to_date), 20),
            (self._guarded(self._effects.bring_up_to_date), 60),
            (self._guarded(self._posters.draw_due), 10),
            *map(self._timed, self.parts.telling()),
            (self._guarded(self._empty_log), 60),
            (self._guarded(self._notice), 20),
            (self._guarded(self._tell_others), 10),
            (self._guarded(self._write_out), 120),
            (self._in_lane(_forget_others), 3600),
            (self._guarded(self._sweep), 3600),
        ]

    async def _notice(self) -> None:
        """Look for what integrations are to be told."""
        await self._noticer.look()

    async def _tell_others(self) -> None:
        """Tell integrations what they are promised."""
        await self._teller.tell_due()

    async def _write_out(self) -> None:
        """Put recordings into words, where a service is set for it."""
        await self._transcriber.write_out()

    async def _empty_log(self) -> None:
        """Empty the database's log; outside the lane, for it needs no transaction to be open."""
        await asyncio.to_thread(empty_log, self.database)

    async def _sweep(self) -> None:
        """Take out old rows; outside the lane, for it may be in no transaction."""
        await asyncio.to_thread(sweep, self.database)

    def _timed(self, tick: Tick) -> tuple[Callable[[], Awaitable[None]], int]:
        return self._in_lane(tick.work), tick.seconds

    def _in_lane(self, work: Callable[[Session, datetime], Any]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            now = self.clock.now()
            await self.lane.run(lambda session: work(session, now))

        return self._guarded(run)

    def _guarded(self, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            try:
                await work()
            except StorageError as error:
                _log.error("tick.waits", why=error)
            except asyncio.CancelledError:
                _log.info("tick.cut_short")  # the bot ends; nothing of it was kept

        return run

    def _handle(self, session: Session, update: Update) -> list[Call]:
        return self._router.handle(session, update, now=self.clock.now(), secret=self._secret)

    def _sorry(self, update: dict[str, Any]) -> str:
        names = ("message", "callback_query")
        part: dict[str, Any] = next((update[name] for name in names if name in update), {})
        code = part.get("from", {}).get("language_code")
        return self._texts.render("core/sorry.html", guess(code))

    async def _note_blocked(self, telegram_id: int) -> None:
        await self.lane.run(lambda session: self._door.mark_telegram_blocked(session, telegram_id))

    async def _draw(self, svg: str, language: str) -> bytes:
        if self._drawing is None:
            self._drawing = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._drawing, draw_png, svg, language)
        except BrokenExecutor:  # the worker was killed; the next try gets a new one
            self._drawing.shutdown(wait=False)
            self._drawing = None
            raise


def _forget_others(session: Session, now: datetime) -> None:
    """Forget what was heard from and told to integrations, once its time is over."""
    forget_old_events(session, now)
    purge_webhooks(session, now)


def _request(settings: Settings) -> BaseRequest:
    proxy = settings.proxy or None
    if settings.http_client == "httpx":
        return HTTPXRequest(connection_pool_size=64, proxy=proxy, read_timeout=10)
    return AiohttpRequest(proxy=proxy)
