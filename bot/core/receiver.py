"""Fetching and handling: an update is stored, then confirmed, then handled, then answered.

The next request for updates confirms the earlier ones, and is made only after they are committed.
Each person's updates are handled in order; people are handled side by side.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.core import inbox
from bot.core.clock import Clock
from bot.core.database import Database, WriteLane
from bot.core.dialogue import Call, message_call
from bot.core.errors import StorageError
from bot.core.failures import Meaning, classify
from bot.core.logs import Events
from bot.core.sender import Replies
from bot.core.telegram_api import POLL_SECONDS, Telegram

_log = Events("gapbot.receiver")

RESTART_SECONDS = 90.0
UNHEALTHY_SECONDS = 180.0
FLUSH_SECONDS = 0.05

Handle = Callable[[Session, Update], list[Call]]


class Receiver:
    """Takes updates from Telegram to their handlers. ``run`` works until it is cancelled."""

    def __init__(
        self,
        *,
        telegram: Telegram,
        database: Database,
        lane: WriteLane,
        clock: Clock,
        replies: Replies,
        handle: Handle,
        sorry: Callable[[dict[str, Any]], str],
    ) -> None:
        """``handle`` turns an update into calls; ``sorry`` is said when it fails for good."""
        self._telegram = telegram
        self._database = database
        self._lane = lane
        self._clock = clock
        self._replies = replies
        self._handle = handle
        self._sorry = sorry
        self._lines: dict[int, deque[_Waiting]] = {}
        self._busy: set[asyncio.Task[None]] = set()
        self._answered: list[int] = []
        self._last_good = 0.0

    @property
    def silent_seconds(self) -> float:
        """How long ago the last request for updates succeeded."""
        return asyncio.get_running_loop().time() - self._last_good

    @property
    def is_healthy(self) -> bool:
        """Tell whether updates were fetched within the last three minutes."""
        return self.silent_seconds < UNHEALTHY_SECONDS

    async def run(self) -> None:
        """Handle what an earlier process left, then fetch; a watchdog restarts a stuck fetch."""
        self._last_good = asyncio.get_running_loop().time()
        await self._resume()
        flushing = asyncio.create_task(self._flush_for_ever())
        fetching = asyncio.create_task(self._fetch_for_ever())
        try:
            while True:
                await asyncio.sleep(5)
                if self.silent_seconds > RESTART_SECONDS or fetching.done():
                    _log.error("fetch.restarted", silent_seconds=round(self.silent_seconds))
                    fetching.cancel()
                    fetching = asyncio.create_task(self._fetch_for_ever())
        finally:
            fetching.cancel()
            flushing.cancel()

    async def finish(self, seconds: float) -> None:
        """Let what is being handled come to its end, at most so long; then note it."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=seconds)
        await self._flush()

    async def settled(self) -> None:
        """Wait until everything that was fetched is handled; for tests and the demo."""
        while self._busy:
            await asyncio.wait(set(self._busy))

    async def _resume(self) -> None:
        rows = await self._database.read(inbox.left_over)
        for update_id, sender, raw, calls in rows:
            self._submit(_Waiting(update_id, sender, raw, json.loads(calls) if calls else None))
        if rows:
            _log.info("inbox.resumed", updates=len(rows))

    async def _fetch_for_ever(self) -> None:
        offset: int | None = None
        trouble = 0
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS + 15):
                    updates = await self._telegram.fetch(offset)
                await self._store(updates)
            except Exception as error:  # noqa: BLE001 - fetching goes on whatever happens
                trouble += 1
                await self._wait_out(error, trouble)
                continue
            trouble = 0
            self._last_good = asyncio.get_running_loop().time()
            if updates:
                offset = updates[-1]["update_id"] + 1
                for update in updates:
                    self._submit(_Waiting(update["update_id"], inbox.sender_of(update), update))

    async def _store(self, updates: list[dict[str, Any]]) -> None:
        if updates:
            day = self._clock.now().date()
            await self._lane.run(lambda session: inbox.store(session, updates, day))

    async def _wait_out(self, error: Exception, trouble: int) -> None:
        if isinstance(error, StorageError):
            _log.error("inbox.trouble", why=error)
            await asyncio.sleep(min(trouble, 10))
            return
        failure = classify(error)
        if trouble in {1, 5} or trouble % 20 == 0:
            _log.warning("fetch.failed", meaning=failure.meaning, why=error, in_a_row=trouble)
        patient = failure.meaning in {Meaning.SHUT_OUT, Meaning.REFUSED}
        wait = failure.wait_seconds or min(2.0**trouble / 4, 15.0 if patient else 5.0)
        await asyncio.sleep(wait)

    def _submit(self, waiting: "_Waiting") -> None:
        line = self._lines.get(waiting.sender)
        if line is not None:
            line.append(waiting)
            return
        self._lines[waiting.sender] = deque([waiting])
        task = asyncio.create_task(self._work_off(waiting.sender))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _work_off(self, sender: int) -> None:
        line = self._lines[sender]
        try:
            while line:
                await self._take(line[0])
                line.popleft()
        finally:
            del self._lines[sender]

    async def _take(self, waiting: "_Waiting") -> None:
        calls = waiting.calls
        if calls is None:
            calls = await self._handled(waiting)
        if calls:
            await self._replies.make_all(waiting.sender, calls)
            self._answered.append(waiting.update_id)

    async def _handled(self, waiting: "_Waiting") -> list[Call]:
        for _ in range(1_000):
            try:
                update = Update.de_json(waiting.parsed(), None)
                return await self._lane.run(lambda session: self._work(session, update))
            except StorageError as error:  # nothing is lost: the update lies in the inbox
                _log.error("handle.waits", why=error, update=waiting.update_id)
                await asyncio.sleep(1)
            except Exception as error:  # noqa: BLE001 - one bad update must not stop the others
                _log.error("handle.failed", error, update=waiting.update_id)
                return await self._put_aside(waiting)
        return []

    def _work(self, session: Session, update: Update) -> list[Call]:
        if not inbox.is_fresh(session, update.update_id):
            return []
        calls = self._handle(session, update)
        inbox.mark_handled(session, update.update_id, calls)
        return calls

    async def _put_aside(self, waiting: "_Waiting") -> list[Call]:
        await self._lane.run(lambda session: inbox.put_aside(session, waiting.update_id))
        if not waiting.sender:
            return []
        return [message_call(waiting.sender, self._sorry(waiting.parsed()))]

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self._flush()
            except Exception as error:  # noqa: BLE001 - tried again at the next round
                _log.error("inbox.trouble", error)

    async def _flush(self) -> None:
        if self._answered:
            done, self._answered = self._answered, []
            try:
                await self._lane.run(lambda session: inbox.mark_done(session, done))
            except BaseException:
                self._answered[:0] = done
                raise


class _Waiting:
    """An update in a person's line: its raw form, or the replies that are still to be made."""

    __slots__ = ("_raw", "calls", "sender", "update_id")

    def __init__(
        self,
        update_id: int,
        sender: int,
        raw: dict[str, Any] | str,
        calls: list[Call] | None = None,
    ) -> None:
        self.update_id = update_id
        self.sender = sender
        self.calls = calls
        self._raw = raw

    def parsed(self) -> dict[str, Any]:
        """Return the update as Telegram sent it."""
        if isinstance(self._raw, str):
            loaded: dict[str, Any] = json.loads(self._raw)
            return loaded
        return self._raw
