"""Flood limits: about thirty messages a second over all chats, about one a second in one chat."""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.demo.errors import ApiError


@dataclass(slots=True)
class FloodLimits:
    """Counts the messages a bot sends. Off until ``enabled``; edits and answers are free.

    Messages to somebody who acted within ``reply_grace`` are no broadcast and do not count over
    all chats, though they count in their own.
    """

    enabled: bool = False
    per_second: int = 30
    per_chat_interval: timedelta = timedelta(seconds=1)
    burst: int = 4
    reply_grace: timedelta = timedelta(seconds=5)
    refusals: int = 0
    _recent: deque[datetime] = field(default_factory=deque)
    _next_in_chat: dict[int, datetime] = field(default_factory=dict)

    def admit(self, chat_id: int, now: datetime, *, acted_at: datetime | None) -> None:
        """Count one message to this chat.

        Raises
        ------
        ApiError
            429 with ``retry_after``, when the message comes too early. It is not counted then.
        """
        if not self.enabled:
            return
        due = max(self._next_in_chat.get(chat_id, now), now)
        self._refuse_before(due - self.per_chat_interval * (self.burst - 1), now)
        if acted_at is None or now - acted_at > self.reply_grace:
            second = timedelta(seconds=1)
            while self._recent and self._recent[0] <= now - second:
                self._recent.popleft()
            if len(self._recent) >= self.per_second:
                self._refuse_before(self._recent[0] + second, now)
            self._recent.append(now)
        self._next_in_chat[chat_id] = due + self.per_chat_interval

    def _refuse_before(self, moment: datetime, now: datetime) -> None:
        wait = (moment - now).total_seconds()
        if wait > 0:
            self.refusals += 1
            seconds = math.ceil(wait)
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
