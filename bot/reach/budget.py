"""The contact budget as rules: how often somebody may be asked, counted over all that asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

REMEMBERED = timedelta(days=400)
"""How long a contact is kept: longer than any budget looks back."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` contacts in any ``within_days`` days, and ``days_apart`` between two."""

    days_apart: int = 7
    most: int = 2
    within_days: int = 30

    def tightened(self, other: "Limit | None") -> "Limit":
        """Return the limit that keeps both: what a person was promised is never loosened."""
        if other is None:
            return self
        within = max(self.within_days, other.within_days)
        return Limit(max(self.days_apart, other.days_apart), min(self.most, other.most), within)

    def spaced(self, days_apart: int | None) -> "Limit":
        """Return the limit with at least this many days between two."""
        return self.tightened(Limit(days_apart or 1, self.most, self.within_days))


def allows(limit: Limit, asked: Iterable[date], day: date) -> bool:
    """Tell whether somebody who was asked on these days may be asked on this day.

    Whole days of the person's calendar count, so that a weekly question fits although its hour
    wanders. Days that lie ahead count as well: what is promised for tomorrow was asked.
    """
    days = list(asked)
    near = any(abs((day - one).days) < limit.days_apart for one in days)
    return not near and _fits_into_every_stretch(limit, [*days, day], day)


def loosest(limits: Sequence[Limit]) -> Limit:
    """Return what somebody with several roles may be told: more than this never comes."""
    return Limit(
        min(one.days_apart for one in limits),
        max(one.most for one in limits),
        min(one.within_days for one in limits),
    )


def _fits_into_every_stretch(limit: Limit, days: list[date], day: date) -> bool:
    """Tell whether no stretch of ``within_days`` days around this one holds more than ``most``."""
    span = timedelta(days=limit.within_days)
    starts = [one for one in days if day - span < one <= day]
    return all(sum(start <= one < start + span for one in days) <= limit.most for start in starts)
