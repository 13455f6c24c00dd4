"""The time, as something that is handed in: tests and the demo set it, nothing else reads it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta


class Clock:
    """Aware UTC time. ``advance`` is for tests and the demo, where a week passes at a tap."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        """Read the machine's clock, or the function that is given."""
        self._read = now or (lambda: datetime.now(UTC))
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return self._read() + self._offset

    def advance(self, by: timedelta) -> None:
        """Move this clock forward."""
        self._offset += by


def monday_of(day: date) -> date:
    """Return the Monday of the ISO week that holds this day: the key of a week everywhere."""
    return day - timedelta(days=day.weekday())
