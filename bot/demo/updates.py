"""The queue of updates that wait for the bot: offsets confirm, one poller at a time."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.demo.errors import ApiError

PRESS_LIFETIME = timedelta(seconds=150)
UPDATE_LIFETIME = timedelta(hours=24)
MAX_POLL_SECONDS = 50
_LEFT_OUT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_CONFLICT = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


class UpdateQueue:
    """Updates in order of their ids. What is not fetched in time is gone, as with Telegram."""

    def __init__(self, now: Callable[[], datetime], *, first_id: int) -> None:
        """Count ids from ``first_id``."""
        self._now = now
        self._next_id = first_id
        self._pending: dict[int, tuple[datetime, dict[str, Any]]] = {}
        self._allowed: frozenset[str] = frozenset()
        self._waiting: asyncio.Future[bool] | None = None
        self.webhook_url = ""

    def __len__(self) -> int:
        """Count what waits."""
        return len(self._pending)

    @property
    def allowed(self) -> list[str]:
        """The kinds of updates asked for last; empty means the default."""
        return sorted(self._allowed)

    def add(self, kind: str, content: dict[str, Any]) -> int | None:
        """Queue an update and return its id, or None when the bot does not want this kind."""
        wanted = kind in self._allowed if self._allowed else kind not in _LEFT_OUT_BY_DEFAULT
        if not wanted:
            return None
        update_id = self._next_id
        self._next_id += 1
        self._pending[update_id] = (self._now(), {"update_id": update_id, kind: content})
        self._wake(is_conflict=False)
        return update_id

    def allow(self, kinds: list[str]) -> None:
        """Remember which kinds the bot wants from now on."""
        self._allowed = frozenset(kinds)

    def drop_all(self) -> None:
        """Forget everything that waits."""
        self._pending.clear()

    async def fetch(self, offset: int, *, limit: int, timeout_seconds: float) -> list[Any]:
        """Confirm what lies before ``offset`` and return what follows, waiting for it if asked.

        Raises
        ------
        ApiError
            409 when another poller comes, or a webhook is set.
        """
        if self.webhook_url:
            raise ApiError(409, _WEBHOOK_ACTIVE)
        self._wake(is_conflict=True)
        self._confirm(offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(timeout_seconds, MAX_POLL_SECONDS)
        while not self._fresh() and loop.time() < deadline:
            waiting = self._waiting = loop.create_future()
            try:
                async with asyncio.timeout_at(deadline):
                    is_conflict = await waiting
            except TimeoutError:
                break
            finally:
                if self._waiting is waiting:
                    self._waiting = None
            if is_conflict:
                raise ApiError(409, _CONFLICT)
        return self._fresh()[:limit]

    def interrupt(self) -> None:
        """End a waiting poll, as setting a webhook does."""
        self._wake(is_conflict=True)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            offset = ([*self._pending][offset:] or [0])[0]
        for update_id in [known for known in self._pending if known < offset]:
            del self._pending[update_id]

    def _fresh(self) -> list[dict[str, Any]]:
        now = self._now()
        for update_id, (at, update) in list(self._pending.items()):
            lifetime = PRESS_LIFETIME if "callback_query" in update else UPDATE_LIFETIME
            if now - at > lifetime:
                del self._pending[update_id]
        return [update for _, update in self._pending.values()]

    def _wake(self, *, is_conflict: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(is_conflict)
