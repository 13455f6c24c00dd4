"""What asking unasked needs besides the database: budgets, quiet hours, who is in a talk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.dialogue import MANAGER, REGIONAL
from bot.core.tables import Delivery
from bot.reach.budget import Limit
from bot.reach.moments import QuietHours
from bot.settings import Settings

Talk = Callable[[Session, Delivery, datetime], bool]
"""Tells whether whoever gets a delivery is in the middle of something that it would disturb."""

MANAGERS = Limit(days_apart=2, most=6, within_days=30)
"""Managers guess once a week what customers will say; that is their work, not a survey."""


@dataclass(frozen=True, slots=True)
class ReachDesk:
    """The rules of contact. ``talks`` are handed in by the features that hold conversations."""

    quiet: QuietHours = field(default_factory=QuietHours)
    limit: Limit = field(default_factory=Limit)
    by_role: Mapping[str, Limit] = field(default_factory=lambda: {MANAGER: MANAGERS})
    country: str = ""
    talks: tuple[Talk, ...] = ()
    wait: timedelta = timedelta(minutes=30)

    def limit_of(self, role: str) -> Limit:
        """Return the budget of people who are asked in a role."""
        asked_as = MANAGER if role == REGIONAL else role
        return self.by_role.get(asked_as, self.limit)


def reach_desk(settings: Settings, *, talks: tuple[Talk, ...] = ()) -> ReachDesk:
    """Build the desk that the settings describe."""
    within = settings.contact_within_days
    by_role = {
        role: Limit(days, most, within) for role, (days, most) in settings.contact_roles().items()
    }
    return ReachDesk(
        quiet=QuietHours(settings.quiet_from, settings.quiet_until),
        limit=Limit(settings.contact_days_apart, settings.contact_most, within),
        by_role=by_role,
        country=settings.holidays,
        talks=talks,
    )
