"""Payloads that opened nothing: who tries many of them is no longer looked after for a while.

Kept in the memory of the one process that handles updates, not in the database: of somebody who has
not agreed to anything nothing is stored, and a guesser must not be able to fill a table. What a
restart forgives, the length of the payloads makes up for.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta

MOST_WRONG = 10
WITHIN = timedelta(hours=1)
MOST_PEOPLE = 10_000


class Guesses:
    """When each person's last wrong payloads came, of the last hour and of so many people."""

    def __init__(self) -> None:
        """Nobody has guessed yet."""
        self._wrong: dict[int, deque[datetime]] = {}

    def are_too_many(self, telegram_id: int, now: datetime) -> bool:
        """Tell whether nothing is looked up for this person any more; it is over in an hour."""
        recent = [at for at in self._of(telegram_id) if now - at < WITHIN]
        return len(recent) >= MOST_WRONG

    def note(self, telegram_id: int, now: datetime) -> None:
        """Note a wrong payload. Of too many people the one who guessed longest ago is forgotten."""
        mine = self._wrong.pop(telegram_id, None) or deque(maxlen=MOST_WRONG)
        mine.append(now)
        self._wrong[telegram_id] = mine
        if len(self._wrong) > MOST_PEOPLE:
            del self._wrong[next(iter(self._wrong))]

    def _of(self, telegram_id: int) -> Iterator[datetime]:
        return iter(self._wrong.get(telegram_id, ()))
