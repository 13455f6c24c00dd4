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
from telegram.error import Conflict

from bot.core import inbox
from bot.core.clock import Clock
from bot.core.database import Database, T, Work, WriteLane
from bot.core.dialogue import Call, message_call, toast_call
from bot.core.errors import StorageError
from bot.core.failures import Meaning, classify
from bot.core.logs import Events
from bot.core.sender import Replies
from bot.core.telegram_api import POLL_SECONDS, Telegram

_log = Events("gapbot.receiver")

WATCH_SECONDS = 5.0
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
        is_light: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """``handle`` turns an update into calls; ``sorry`` is said when it fails for good.

        ``is_light`` tells of a button's data that no handler reads the message it stands under.
        """
        self._telegram = telegram
        self._database = database
        self._lane = lane
        self._clock = clock
        self._replies = replies
        self._handle = handle
        self._sorry = sorry
        self._is_light = is_light
        self._lines: dict[int, deque[_Waiting]] = {}
        self._busy: set[asyncio.Task[None]] = set()
        self._answered: list[int] = []
        self._last_good = 0.0
        self._last_sign = 0.0

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
        loop = asyncio.get_running_loop()
        self._last_good = self._last_sign = loop.time()
        flushing = asyncio.create_task(self._flush_for_ever())
        fetching = asyncio.create_task(self._fetch_for_ever(is_start=True))
        try:
            while True:
                await asyncio.sleep(WATCH_SECONDS)
                stuck_seconds = loop.time() - self._last_sign
                if stuck_seconds > RESTART_SECONDS or fetching.done():
                    _log.error("fetch.restarted", stuck_seconds=round(stuck_seconds))
                    fetching.cancel()
                    self._last_sign = loop.time()
                    fetching = asyncio.create_task(self._fetch_for_ever())
        finally:
            fetching.cancel()
            flushing.cancel()

    async def finish(self, seconds: float) -> None:
        """Let what is being handled come to its end, at most so long; then note it.

        What is not finished then lies in the inbox, and is taken up at the next start.
        """
        if self._busy:
            _, unfinished = await asyncio.wait(self._busy, timeout=seconds)
            for task in unfinished:
                task.cancel()
        try:
            await self._flush()
        except StorageError as error:
            _log.error("inbox.trouble", why=error)

    async def settled(self) -> None:
        """Wait until everything that was fetched is handled; for tests and the demo."""
        while self._busy:
            await asyncio.wait(set(self._busy))

    async def _resume(self) -> None:
        rows = await self._kept(inbox.left_over)
        for update_id, sender, raw, calls in inbox.without_outdated_edits(rows):
            self._submit(_Waiting(update_id, sender, raw, calls=calls))
        if rows:
            _log.info("inbox.resumed", updates=len(rows))

    async def _fetch_for_ever(self, *, is_start: bool = False) -> None:
        if is_start:
            await self._resume()
        offset: int | None = None
        trouble = 0
        while True:
            started = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(POLL_SECONDS + 15):
                    updates = await self._telegram.fetch(offset)
                are_new = await self._store(updates)
            except Exception as error:  # noqa: BLE001 - fetching goes on whatever happens
                trouble += 1
                await self._wait_out(error, trouble)
                continue
            trouble = 0
            self._last_good = self._last_sign = asyncio.get_running_loop().time()
            for update in updates:
                self._submit(
                    _Waiting(update["update_id"], inbox.sender_of(update), update, is_new=are_new)
                )
            if updates:
                offset = max(update["update_id"] for update in updates) + 1
            elif self._last_good - started < 1:  # a server that does not wait for updates
                await asyncio.sleep(0.5)

    async def _store(self, updates: list[dict[str, Any]]) -> bool:
        if not updates:
            return True
        day = self._clock.now().date()
        return await self._lane.run(lambda session: inbox.store(session, updates, day))

    async def _wait_out(self, error: Exception, trouble: int) -> None:
        wait = min(2.0 ** min(trouble, 10) / 4, 5.0)
        if isinstance(error, StorageError):
            _log.error("inbox.trouble", why=error)
        else:
            failure = classify(error)
            if trouble in {1, 5} or trouble % 20 == 0:
                _log.warning("fetch.failed", meaning=failure.meaning, why=error, in_a_row=trouble)
            if failure.meaning in {Meaning.SHUT_OUT, Meaning.REFUSED}:
                wait = min(wait * 3, 15.0)
            wait = failure.wait_seconds or wait
        self._last_sign = asyncio.get_running_loop().time() + wait
        await asyncio.sleep(wait)
        if isinstance(error, Conflict) and "webhook" in str(error).lower():
            await self._replies.make_all(0, [{"method": "deleteWebhook"}])

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
                try:
                    await self._take(line[0])
                except Exception as error:  # noqa: BLE001 - those behind it must not wait for ever
                    _log.error("handle.broken", error, update=line[0].update_id)
                line.popleft()
        finally:
            del self._lines[sender]

    async def _take(self, waiting: "_Waiting") -> None:
        calls = waiting.calls
        if calls is None:
            calls = await self._handled(waiting)
        if calls:
            await self._replies.make_all(waiting.sender, calls)
        if calls or waiting.calls is not None:
            self._answered.append(waiting.update_id)

    async def _handled(self, waiting: "_Waiting") -> list[Call]:
        try:
            raw = waiting.parsed()
            is_light = self._is_light(raw.get("callback_query", {}).get("data") or "")
            update = Update.de_json(_bare(raw) if is_light else raw, None)
            return await self._kept(
                lambda session: self._work(session, update, is_new=waiting.is_new)
            )
        except inbox.AlreadyHandled:
            return []
        except Exception as error:  # noqa: BLE001 - one bad update must not stop the others
            _log.error("handle.failed", error, update=waiting.update_id)
            await self._kept(lambda session: inbox.put_aside(session, waiting.update_id))
            return self._apology(waiting)

    def _work(self, session: Session, update: Update, *, is_new: bool) -> list[Call]:
        if not is_new and not inbox.is_fresh(session, update.update_id):
            return []
        calls = self._handle(session, update)
        inbox.mark_handled(session, update.update_id, calls)
        return calls

    async def _kept(self, work: Work[T]) -> T:
        """Run in the lane; a database in trouble is waited for: the update lies in the inbox."""
        while True:
            try:
                return await self._lane.run(work)
            except StorageError as error:
                _log.error("inbox.waits", why=error)
                await asyncio.sleep(1)

    def _apology(self, waiting: "_Waiting") -> list[Call]:
        update = waiting.parsed()
        if not waiting.sender or "my_chat_member" in update:
            return []
        query = update.get("callback_query", {}).get("id")
        beside = [toast_call(str(query))] if query else []
        return [*beside, message_call(waiting.sender, self._sorry(update))]

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


def _bare(update: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a press on a card carries along: the text and the keyboard.

    Making objects of a dozen buttons would take longer than handling the press.
    """
    query = update.get("callback_query")
    if not query or not query.get("message"):
        return update
    message = {
        name: part
        for name, part in query["message"].items()
        if name in {"message_id", "date", "chat"}
    }
    return update | {"callback_query": query | {"message": message}}


class _Waiting:
    """An update in a person's line: its raw form, or the replies that are still to be made.

    ``is_new`` when it was stored just now: nobody else can have handled it before.
    """

    __slots__ = ("_raw", "calls", "is_new", "sender", "update_id")

    def __init__(
        self,
        update_id: int,
        sender: int,
        raw: dict[str, Any] | str,
        *,
        is_new: bool = False,
        calls: list[Call] | None = None,
    ) -> None:
        self.update_id = update_id
        self.sender = sender
        self.is_new = is_new
        self.calls = calls
        self._raw = raw

    def parsed(self) -> dict[str, Any]:
        """Return the update as Telegram sent it."""
        if isinstance(self._raw, str):
            loaded: dict[str, Any] = json.loads(self._raw)
            return loaded
        return self._raw
