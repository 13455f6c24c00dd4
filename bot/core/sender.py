"""Making calls: replies at once, promised messages from the outbox at Telegram's pace."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from bot.core import outbox
from bot.core.clock import Clock
from bot.core.database import WriteLane
from bot.core.dialogue import Call
from bot.core.failures import Failure, Meaning, classify
from bot.core.logs import Events
from bot.core.outbox import Addresses, Composer, Parcel
from bot.core.tables import Picture
from bot.core.telegram_api import Telegram

_log = Events("gapbot.sender")

IDLE_SECONDS = 0.25
AHEAD = timedelta(seconds=0.5)
GIVE_UP_SECONDS = 600.0
CHAT_SPACING_SECONDS = 1.05
_ONCE_ONLY = frozenset({"sendMessage", "sendPhoto", "sendDocument"})


class Replies:
    """Makes the calls an update was answered with; each is tried until it is clear how it ended."""

    def __init__(self, telegram: Telegram, blocked: Callable[[int], Any]) -> None:
        """``blocked`` is awaited with the Telegram id of whoever turned out to have blocked us."""
        self._telegram = telegram
        self._blocked = blocked

    async def make_all(self, sender: int, calls: list[Call]) -> None:
        """Make the calls of one reply: acknowledgements beside, everything else in order."""
        beside = [call for call in calls if call["method"] == "answerCallbackQuery"]
        in_order = [call for call in calls if call["method"] != "answerCallbackQuery"]
        if beside and in_order:
            await asyncio.gather(self._sequence(sender, beside), self._sequence(sender, in_order))
        else:
            await self._sequence(sender, calls)

    async def _sequence(self, sender: int, calls: list[Call]) -> None:
        for call in calls:
            if await self._one(sender, call) is Meaning.BLOCKED:
                return

    async def _one(self, sender: int, call: Call) -> Meaning | None:
        waited, attempt = 0.0, 0
        while True:
            try:
                await self._telegram.make(call)
            except Exception as error:  # noqa: BLE001 - classified below
                failure = classify(error)
                wait = _wait_before_repeat(failure, call["method"], attempt)
                if wait is None or waited + wait > GIVE_UP_SECONDS:
                    await self._ended(sender, call, failure, error)
                    return failure.meaning
                attempt, waited = attempt + 1, waited + wait
                await asyncio.sleep(wait)
            else:
                return None

    async def _ended(self, sender: int, call: Call, failure: Failure, error: Exception) -> None:
        if failure.meaning is Meaning.HARMLESS:
            return
        _log.warning("reply.failed", method=call["method"], meaning=failure.meaning, why=error)
        if failure.meaning is Meaning.BLOCKED:
            await self._blocked(sender)


def _wait_before_repeat(failure: Failure, method: str, attempt: int) -> float | None:
    """Return how long to wait before a call is repeated, None when it is not to be repeated."""
    if failure.meaning is Meaning.FLOOD:
        return failure.wait_seconds + 0.05
    if failure.meaning is Meaning.UNSENT:
        return float(min(2**attempt, 30)) / 2
    if failure.meaning is Meaning.UNCERTAIN and method not in _ONCE_ONLY and attempt < 3:
        return 0.5
    return None


class Courier:
    """Sends what the outbox promises: claims, waits for the slot, makes the calls, settles."""

    def __init__(
        self,
        *,
        telegram: Telegram,
        lane: WriteLane,
        clock: Clock,
        rate: float,
        composers: Mapping[str, Composer],
        addresses: Addresses,
    ) -> None:
        """Prepare; ``run`` works until it is cancelled."""
        self._telegram = telegram
        self._lane = lane
        self._clock = clock
        self._rate = rate
        self._composers = composers
        self._addresses = addresses
        self._wake = asyncio.Event()
        self._on_the_way: set[asyncio.Task[None]] = set()
        self._flooded: dict[int, datetime] = {}
        self._chat_free: dict[int, float] = {}

    def wake(self) -> None:
        """Look into the outbox now rather than at the next round."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; then let what is on its way arrive."""
        while True:
            try:
                parcels = await self._claim()
            except Exception as error:  # noqa: BLE001 - a database in trouble must not end sending
                _log.error("outbox.trouble", error)
                await asyncio.sleep(2)
                continue
            for parcel in parcels:
                task = asyncio.create_task(self._deliver(parcel))
                self._on_the_way.add(task)
                task.add_done_callback(self._on_the_way.discard)
            await self._rest(parcels)

    async def finish(self, seconds: float) -> None:
        """Wait for what is on its way, at most so long."""
        if self._on_the_way:
            await asyncio.wait(self._on_the_way, timeout=seconds)

    async def settled(self) -> None:
        """Wait until nothing that is due is queued or on its way; for tests and the demo."""
        while True:
            self.wake()
            await asyncio.sleep(0.02)
            if not self._on_the_way and not await self._lane.run(self._due_now):
                return

    def _due_now(self, session: Session) -> bool:
        return outbox.due(session, self._clock.now())

    async def _claim(self) -> list[Parcel]:
        now, most = self._clock.now(), max(1, int(self._rate * AHEAD.total_seconds()))

        def work(session: Session) -> list[Parcel]:
            outbox.recover(session, now, self._composers)
            return outbox.claim(
                session,
                now,
                rate=self._rate,
                most=most,
                composers=self._composers,
                addresses=self._addresses,
            )

        return await self._lane.run(work)

    async def _rest(self, parcels: list[Parcel]) -> None:
        if parcels:
            pause = (parcels[-1].slots[-1] - self._clock.now()).total_seconds() - 0.05
            await asyncio.sleep(max(0.0, pause))
            return
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
        except TimeoutError:
            return

    async def _deliver(self, parcel: Parcel) -> None:
        results: list[Any] = []
        for index in range(parcel.step, len(parcel.calls)):
            await self._wait_for(parcel.slots[index], parcel.telegram_id)
            try:
                results.append(await self._make(parcel.calls[index]))
            except Exception as error:  # noqa: BLE001 - classified and settled
                await self._failed(parcel, index, error)
                return
        done = list(results)
        await self._lane.run(
            lambda session: outbox.settle_sent(session, parcel, done, self._composers)
        )
        _log.info("delivery.sent", delivery=parcel.delivery_id, kind=parcel.kind)

    async def _wait_for(self, slot: datetime, chat: int) -> None:
        loop = asyncio.get_running_loop()
        wait = max(
            (slot - self._clock.now()).total_seconds(), self._chat_free.get(chat, 0) - loop.time()
        )
        if wait > 0:
            await asyncio.sleep(wait)
        self._chat_free[chat] = loop.time() + CHAT_SPACING_SECONDS
        if len(self._chat_free) > 10_000:
            now = loop.time()
            self._chat_free = {one: at for one, at in self._chat_free.items() if at > now}

    async def _make(self, call: Call) -> Any:
        if "picture" not in call:
            return await self._telegram.make(call)
        sha = call["picture"]
        bare = {name: value for name, value in call.items() if name != "picture"}
        file_id, png = await self._lane.run(lambda session: _picture(session, sha))
        if file_id:
            return await self._telegram.make(bare | {"photo": file_id})
        result = await self._telegram.make(bare, files={"photo": png})
        known = result["photo"][-1]["file_id"]
        await self._lane.run(
            lambda session: (
                session.execute(
                    update(Picture).where(col(Picture.sha) == sha).values(file_id=known)
                )
                and None
            )
        )
        return result

    async def _failed(self, parcel: Parcel, step: int, error: Exception) -> None:
        failure, now = classify(error), self._clock.now()
        _log.warning(
            "delivery." + failure.meaning,
            delivery=parcel.delivery_id,
            kind=parcel.kind,
            person=parcel.person_id,
            attempts=parcel.attempts,
        )

        def settle(session: Session) -> None:
            if failure.meaning is Meaning.BLOCKED:
                outbox.settle(session, parcel, "blocked", "blocked the bot")
                self._addresses.mark_blocked(session, parcel.person_id)
            elif failure.meaning is Meaning.UNCERTAIN and not parcel.repeatable:
                outbox.settle(session, parcel, "uncertain", "sent, perhaps; no answer came")
            elif failure.meaning in {Meaning.REFUSED, Meaning.HARMLESS}:
                outbox.settle(session, parcel, "failed", str(error))
            else:
                wait = _pause(failure, parcel.attempts)
                outbox.put_back(session, parcel, due_at=now + wait, step=step, note=failure.meaning)
                if self._is_widespread(failure, parcel.telegram_id, now):
                    outbox.pause_all(session, now + wait)

        await self._lane.run(settle)

    def _is_widespread(self, failure: Failure, chat: int, now: datetime) -> bool:
        """Tell whether the flood limit hit other chats too: then it is not this chat's alone."""
        if failure.meaning is not Meaning.FLOOD:
            return failure.meaning is Meaning.SHUT_OUT
        recent = now - timedelta(seconds=5)
        self._flooded = {one: at for one, at in self._flooded.items() if at > recent} | {chat: now}
        return len(self._flooded) > 1


def _pause(failure: Failure, attempts: int) -> timedelta:
    if failure.meaning is Meaning.FLOOD:
        return timedelta(seconds=failure.wait_seconds + 0.05)
    if failure.meaning is Meaning.SHUT_OUT:
        return timedelta(seconds=60)
    return timedelta(seconds=min(2**attempts, 300))


def _picture(session: Session, sha: str) -> tuple[str, bytes]:
    picture = session.get_one(Picture, sha)
    return picture.file_id, picture.png or b""
