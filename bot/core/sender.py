"""Making calls: replies at once, promised messages from the outbox at Telegram's pace."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import update
from sqlmodel import Session, col

from bot.core import budget, claims, outbox
from bot.core.claims import Parcel
from bot.core.clock import Clock
from bot.core.database import Work, WriteLane
from bot.core.dialogue import Call
from bot.core.errors import StorageError
from bot.core.failures import Failure, Meaning, classify
from bot.core.logs import Events
from bot.core.outbox import Addresses, Composer, Waits, nobody_waits
from bot.core.tables import Picture
from bot.core.telegram_api import Telegram

_log = Events("gapbot.sender")

IDLE_SECONDS = 0.25
GIVE_UP_SECONDS = 600.0
CHAT_SPACING_SECONDS = 1.05
UNSURE_TRIES = 3
_ONCE_ONLY = frozenset({"sendMessage", "sendPhoto", "sendDocument", "sendVoice"})
_UPLOADS = {"sendPhoto": "photo", "sendDocument": "document"}
_OF_PICTURES = frozenset({"picture", "file_name"})
_ALL = 0
_AT_ONCE_SECONDS = 0.5  # so many seconds' worth of messages are claimed together
_CATCH_UP_SECONDS = 0.1  # and so many may be caught up after a delay of our own


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
            if await self._one(sender, call) is Meaning.BLOCKED and _is_to(sender, call):
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
        if failure.meaning is Meaning.BLOCKED and _is_to(sender, call):
            try:
                await self._blocked(sender)
            except StorageError as trouble:  # the next message to them will say it again
                _log.error("reply.block_not_noted", why=trouble)


def _is_to(sender: int, call: Call) -> bool:
    """Tell whether a call is for the sender; a group that threw the bot out is nobody's block."""
    return bool(call.get("chat_id", sender) == sender)


def _wait_before_repeat(failure: Failure, method: str, attempt: int) -> float | None:
    """Return how long to wait before a call is repeated, None when it is not to be repeated."""
    if failure.meaning is Meaning.FLOOD:
        return failure.wait_seconds + 0.05
    if failure.meaning is Meaning.UNSENT:
        return min(2.0**attempt, 30.0) / 2
    if failure.meaning is Meaning.UNCERTAIN and method not in _ONCE_ONLY and attempt < UNSURE_TRIES:
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
        waits: Waits = nobody_waits,
    ) -> None:
        """Prepare; ``run`` works until it is cancelled."""
        self._telegram = telegram
        self._lane = lane
        self._clock = clock
        self._pace = _Pace(clock, rate)
        self._rate = rate
        self._composers = composers
        self._addresses = addresses
        self._waits = waits
        self._wake = asyncio.Event()
        self._on_the_way: set[asyncio.Task[None]] = set()
        self._lately: dict[int, datetime] = {}
        self._held: dict[int, datetime] = {}  # chats that must wait; _ALL for every chat
        self._uploading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def wake(self) -> None:
        """Look into the outbox now rather than at the next round."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; what is on its way then is waited for by ``finish``."""
        await self._note(
            lambda session: claims.recover(
                session, self._clock.now(), self._composers, at_start=True
            )
        )
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
        most = max(1, int(self._rate * _AT_ONCE_SECONDS))
        if len(self._on_the_way) > 40 * most:  # answers come too slowly: claims would run out
            return []
        return await self._lane.run(
            lambda session: claims.claim(
                session,
                self._clock.now(),
                rate=self._rate,
                most=most,
                composers=self._composers,
                addresses=self._addresses,
                waits=self._waits,
            )
        )

    async def _rest(self, parcels: list[Parcel]) -> None:
        slots = [slot for parcel in parcels for slot in parcel.slots]
        if slots:
            await asyncio.sleep(max(0.0, (slots[-1] - self._clock.now()).total_seconds() - 0.05))
            return
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
        except TimeoutError:
            return

    async def _deliver(self, parcel: Parcel) -> None:
        results: list[Any] = [{}] * parcel.step
        for index, slot in zip(parcel.remaining, parcel.slots, strict=True):
            await self._pace.turn(slot, parcel.telegram_id)
            if (until := self._held_until(parcel.telegram_id)) is not None:
                await self._postpone(parcel, index, until)
                return
            try:
                async with asyncio.timeout(claims.CALL.total_seconds()):
                    results.append(await self._make(parcel.calls[index]))
            except Exception as error:  # noqa: BLE001 - classified and settled
                await self._failed(parcel, index, error)
                return
        await self._note(
            lambda session: claims.settle_sent(session, parcel, results, self._composers)
        )
        if not parcel.forgotten:
            _log.info("delivery.sent", delivery=parcel.delivery_id, kind=parcel.kind)

    async def _make(self, call: Call) -> Any:
        """Make a call. A picture is uploaded once, and named by what Telegram called it then.

        It goes as a photo, or as a file called ``file_name``.
        """
        if "picture" not in call:
            return await self._telegram.make(call)
        sha, kind = call["picture"], _UPLOADS[call["method"]]
        bare = {name: value for name, value in call.items() if name not in _OF_PICTURES}
        async with self._uploading.setdefault(sha, asyncio.Lock()):
            file_id, png = await self._lane.run(lambda session: _picture(session, sha))
            if not file_id:
                name = call.get("file_name", f"{kind}.png")
                result = await self._telegram.make(bare, files={kind: (name, png)})
                known = _file_id(result[kind])
                await self._note(lambda session: _name_picture(session, sha, known))
                return result
        return await self._telegram.make(bare | {kind: file_id})

    async def _note(self, work: Work[Any]) -> None:
        """Keep what happened; a database in trouble is waited for, or it would happen twice."""
        while True:
            try:
                await self._lane.run(work)
            except StorageError as error:
                _log.error("outbox.waits", why=error)
                await asyncio.sleep(1)
            else:
                return

    async def _postpone(self, parcel: Parcel, step: int, until: datetime) -> None:
        await self._note(
            lambda session: claims.put_back(
                session, parcel, due_at=until, step=step, note="waits for others"
            )
        )

    async def _failed(self, parcel: Parcel, step: int, error: Exception) -> None:
        failure, now = classify(error), self._clock.now()
        until = now + _pause(failure, parcel.attempts)
        is_widespread = self._is_widespread(failure, parcel.telegram_id, now)
        if is_widespread or failure.meaning is Meaning.FLOOD:
            self._held[_ALL if is_widespread else parcel.telegram_id] = until
        named = {"delivery": parcel.delivery_id, "person": parcel.person_id}
        _log.warning(
            "delivery." + failure.meaning,
            kind=parcel.kind,
            attempts=parcel.attempts,
            **({} if parcel.forgotten else named),
        )

        def settle(session: Session) -> None:
            if failure.meaning is Meaning.BLOCKED:
                claims.settle_blocked(session, parcel)
                self._addresses.mark_blocked(session, parcel.person_id)
            elif failure.meaning in {Meaning.REFUSED, Meaning.HARMLESS}:
                claims.settle(session, parcel, "failed", str(error))
            elif failure.meaning is Meaning.UNCERTAIN and _is_given_up(parcel):
                claims.settle(session, parcel, "uncertain", "sent, perhaps; no answer came")
            else:
                claims.put_back(session, parcel, due_at=until, step=step, note=failure.meaning)
                if failure.meaning is Meaning.FLOOD:
                    outbox.pause_person(session, parcel.person_id, until)
                if is_widespread:
                    budget.pause(session, until)

        await self._note(settle)

    def _held_until(self, chat: int) -> datetime | None:
        """Return when a chat may be written to again, None when it may be now."""
        now = self._clock.now()
        self._held = {one: until for one, until in self._held.items() if until > now}
        return max((self._held[one] for one in (_ALL, chat) if one in self._held), default=None)

    def _is_widespread(self, failure: Failure, chat: int, now: datetime) -> bool:
        """Tell whether other chats were hit just now as well: then it is not this chat's alone."""
        if failure.meaning not in {Meaning.FLOOD, Meaning.UNSENT}:
            return failure.meaning is Meaning.SHUT_OUT
        recent = now - timedelta(seconds=5)
        self._lately = {one: at for one, at in self._lately.items() if at > recent} | {chat: now}
        return len(self._lately) > 1


class _Pace:
    """Holds back calls of this process: their slots, one chat's spacing, and delays of our own.

    Slots are shared out by the database among all processes; but when this process was held up,
    the calls that became late must not leave all at once.
    """

    def __init__(self, clock: Clock, rate: float) -> None:
        self._clock = clock
        self._interval = 1 / rate
        self._next = 0.0
        self._chat_free: dict[int, float] = {}

    async def turn(self, slot: datetime, chat: int) -> None:
        """Wait until a call to this chat may be made."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            free = max(self._next, self._chat_free.get(chat, 0.0))
            wait = max((slot - self._clock.now()).total_seconds(), free - now)
            if wait <= 0:
                break
            await asyncio.sleep(wait)
        self._next = max(self._next, now - _CATCH_UP_SECONDS) + self._interval
        self._chat_free[chat] = now + CHAT_SPACING_SECONDS
        if len(self._chat_free) > 10_000:
            self._chat_free = {one: at for one, at in self._chat_free.items() if at > now}


def _is_given_up(parcel: Parcel) -> bool:
    return not parcel.repeatable or parcel.attempts >= UNSURE_TRIES


def _pause(failure: Failure, attempts: int) -> timedelta:
    if failure.meaning is Meaning.FLOOD:
        return timedelta(seconds=failure.wait_seconds + 0.05)
    if failure.meaning is Meaning.SHUT_OUT:
        return timedelta(seconds=60)
    return timedelta(seconds=min(2**attempts, 60))


def _file_id(uploaded: Any) -> str:
    """Return what Telegram called an upload: the largest size of a photo, or a file."""
    largest = uploaded[-1] if isinstance(uploaded, list) else uploaded
    return str(largest["file_id"])


def _picture(session: Session, sha: str) -> tuple[str, bytes]:
    picture = session.get_one(Picture, sha)
    return picture.file_id, picture.png or b""


def _name_picture(session: Session, sha: str, file_id: str) -> None:
    session.execute(update(Picture).where(col(Picture.sha) == sha).values(file_id=file_id))
