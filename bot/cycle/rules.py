"""Where a unit's circle of improvement stands, and where it is stuck. No database, no chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.core.i18n import N_

PERIOD = timedelta(weeks=13)
"""How far back the circle looks: a quarter."""


class Stand(StrEnum):
    """Where a circle stands; the first of these that is true."""

    LATE = "late"
    UNTOLD = "untold"
    IDLE = "idle"
    TURNING = "turning"


SIGNS: Mapping[Stand, str] = {
    Stand.LATE: "⏰",
    Stand.UNTOLD: "🔇",
    Stand.IDLE: "⏸",
    Stand.TURNING: "🔄",
}
"""A sign for each, so that a list needs few words."""

MEANINGS: Mapping[Stand, str] = {
    Stand.LATE: N_("something is overdue"),
    Stand.UNTOLD: N_("done, but nobody was told"),
    Stand.IDLE: N_("nothing is under way"),
    Stand.TURNING: N_("it goes round"),
}


@dataclass(frozen=True, slots=True)
class Circle:
    """One unit's circle in numbers: what is under way now, and what came of it in the period.

    ``late`` are those of ``live`` whose day has passed. ``next_look`` is when one looks next
    whether something worked; ``told_on`` the day of the last note, which ``heard`` people got.
    """

    unit_id: int
    live: int = 0
    late: int = 0
    done: int = 0
    dropped: int = 0
    improved: int = 0
    no_evidence: int = 0
    worse: int = 0
    unknown: int = 0
    next_look: date | None = None
    notes: int = 0
    heard: int = 0
    told_on: date | None = None
    untold: int = 0

    @property
    def looked(self) -> int:
        """How many actions were looked at, with whatever end."""
        return self.improved + self.no_evidence + self.worse + self.unknown

    @property
    def stand(self) -> Stand:
        """Where the circle stands.

        Lateness comes first, for somebody has promised it. Silence about what was done comes next:
        it is why people stop answering. Only then that nothing is under way.
        """
        if self.late:
            return Stand.LATE
        if self.untold:
            return Stand.UNTOLD
        return Stand.TURNING if self.live else Stand.IDLE


def is_monthly(day: date) -> bool:
    """Tell whether the digest of this day is the first of its month; it may come on Tuesday."""
    monday = day - timedelta(days=day.weekday())
    return day.weekday() <= 1 and monday.day <= 7


def stuck_first(circles: Mapping[int, Circle], names: Mapping[int, str]) -> list[Circle]:
    """Return the circles, the stuck ones first, each kind by name."""
    order = list(Stand)
    return sorted(
        circles.values(), key=lambda one: (order.index(one.stand), names[one.unit_id].casefold())
    )
