"""What the handlers and ticks of actions share: the catalogue, quiet hours, how long to wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol

from sqlmodel import Session

from bot.core.dialogue import Section
from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.core.schedule import local_day, next_allowed
from bot.improvement.catalogue import Fix
from bot.improvement.decisions import CHECK_AFTER
from bot.improvement.tables import Action
from bot.improvement.words import spelled
from bot.people.registry import find_organisation
from bot.people.tables import Person, Unit
from bot.people.zones import zone_of
from bot.settings import Settings
from bot.surveys.planning import QuietHours


class Beside(Protocol):
    """What stands on the card of an action beside its own lines, such as its effect."""

    def __call__(
        self,
        session: Session,
        texts: Texts,
        *,
        action: Action,
        language: str,
        now: datetime,
        steers: bool,
    ) -> Section | None:
        """Write the lines in this language; None where there is nothing to say.

        ``steers``: the reader is in charge of the unit, so buttons for that are wanted.
        """


@dataclass(frozen=True, slots=True)
class ActionDesk:
    """The catalogue of fixes (called when first needed), and the rules of time."""

    fixes: Callable[[], Sequence[Fix]]
    quiet: QuietHours = field(default_factory=QuietHours)
    check_after: timedelta = CHECK_AFTER
    beside: Sequence[Beside] = ()

    def fix_of(self, action: Action) -> Fix | None:
        """Return the fix an action came of; None for own words, and where the fix is gone."""
        return next((fix for fix in self.fixes() if fix.code == action.fix), None)

    def title_of(self, action: Action, language: str) -> str:
        """Return what an action is called to a reader of this language."""
        fix = self.fix_of(action)
        if fix is not None:
            return fix.in_language(language).title
        return action.title or spelled(action.fix)

    def titles_of(self, action: Action) -> dict[str, str]:
        """Return the title in every language, for messages that are written when they are sent."""
        return {language: self.title_of(action, language) for language in LANGUAGES}


def action_desk(
    settings: Settings, fixes: Callable[[], Sequence[Fix]], beside: Sequence[Beside] = ()
) -> ActionDesk:
    """Make the desk that the settings describe."""
    return ActionDesk(
        fixes=fixes,
        quiet=QuietHours(settings.quiet_from, settings.quiet_until),
        check_after=timedelta(weeks=settings.check_weeks),
        beside=beside,
    )


def zone_for(session: Session, person_id: int | None, unit_id: int) -> str:
    """Return the zone by which somebody counts days in a unit."""
    person = session.get(Person, person_id) if person_id is not None else None
    return zone_of(person, session.get(Unit, unit_id), find_organisation(session))


def today_for(session: Session, person_id: int | None, unit_id: int, *, now: datetime) -> date:
    """Return the date on this person's calendar."""
    return local_day(now, zone_for(session, person_id, unit_id))


def kind_moment(now: datetime, zone: str, quiet: QuietHours) -> datetime:
    """Return the first moment, this one or later, that is not in the quiet hours of a zone."""
    return next_allowed(
        now,
        zone,
        window_from=time(),
        window_to=time(),
        quiet_from=quiet.start,
        quiet_until=quiet.end,
    )
