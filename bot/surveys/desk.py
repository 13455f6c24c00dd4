"""What planning and showing questionnaires needs besides the database, built once by the wiring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.core.dialogue import Section, Turn
from bot.settings import Settings
from bot.surveys.planning import QuietHours
from bot.surveys.versions import Library

Scores = Mapping[tuple[str, str], int | None]
AfterThanks = Callable[[Turn, Scores, int], Section | None]
"""What another feature adds to the thanks, from the scores by (item, vantage) and the unit's id."""


@dataclass(frozen=True, slots=True)
class SurveyDesk:
    """The questionnaires, everybody's quiet hours, and what other features add to the thanks."""

    library: Library = field(default_factory=Library)
    quiet: QuietHours = field(default_factory=QuietHours)
    after_thanks: tuple[AfterThanks, ...] = ()


def survey_desk(settings: Settings, *, after_thanks: tuple[AfterThanks, ...] = ()) -> SurveyDesk:
    """Build the desk that the settings describe."""
    return SurveyDesk(
        after_thanks=after_thanks,
        library=Library(settings.questionnaires),
        quiet=QuietHours(settings.quiet_from, settings.quiet_until),
    )
