"""What planning and showing questionnaires needs besides the database, built once by the wiring."""

from dataclasses import dataclass, field

from bot.settings import Settings
from bot.surveys.planning import QuietHours
from bot.surveys.versions import Library


@dataclass(frozen=True, slots=True)
class SurveyDesk:
    """The questionnaires, and everybody's quiet hours."""

    library: Library = field(default_factory=Library)
    quiet: QuietHours = field(default_factory=QuietHours)


def survey_desk(settings: Settings) -> SurveyDesk:
    """Build the desk that the settings describe."""
    return SurveyDesk(
        library=Library(settings.questionnaires),
        quiet=QuietHours(settings.quiet_from, settings.quiet_until),
    )
