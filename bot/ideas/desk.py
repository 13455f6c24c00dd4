"""What the handlers and ticks of ideas share: quiet hours, and how an idea becomes an action."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from bot.improvement.actions import IDEA, create_action
from bot.settings import Settings
from bot.surveys.planning import QuietHours


class MakeAction(Protocol):
    """Makes an action of own words; None where it cannot be made."""

    def __call__(
        self,
        session: Session,
        *,
        unit_id: int,
        title: str,
        source: str,
        person_id: int,
        now: datetime,
    ) -> int | None:
        """Return the action's id. ``source`` says where it comes from, such as ``idea 12``."""


def make_action(
    session: Session, *, unit_id: int, title: str, source: str, person_id: int, now: datetime
) -> int | None:
    """Make an action that comes of an idea, owned by whoever presses."""
    made = create_action(
        session,
        unit_id=unit_id,
        source=source.partition(" ")[0] or IDEA,
        taken_by=person_id,
        now=now,
        title=title,
    )
    return made.id if made else None


@dataclass(frozen=True, slots=True)
class IdeaDesk:
    """Quiet hours of the notes, and the maker of actions."""

    quiet: QuietHours = field(default_factory=QuietHours)
    make_action: Callable[..., int | None] = make_action


def idea_desk(settings: Settings, make: MakeAction = make_action) -> IdeaDesk:
    """Make the desk that the settings describe."""
    return IdeaDesk(quiet=QuietHours(settings.quiet_from, settings.quiet_until), make_action=make)
