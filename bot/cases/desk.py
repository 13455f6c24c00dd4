"""What the handlers and ticks of cases share: the threshold, the times, quiet hours."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.settings import Settings
from bot.surveys.planning import QuietHours


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """When contact is offered, how soon somebody must answer, how long a case is kept.

    ``threshold``: the highest rating of what was experienced at which contact is offered.
    """

    quiet: QuietHours = field(default_factory=QuietHours)
    threshold: int = 2
    answer_within: timedelta = timedelta(hours=48)
    kept: timedelta = timedelta(days=180)
    ask_after: timedelta = timedelta(days=7)


def case_desk(settings: Settings) -> CaseDesk:
    """Make the desk that the settings describe."""
    return CaseDesk(
        quiet=QuietHours(settings.quiet_from, settings.quiet_until),
        threshold=settings.case_threshold,
        answer_within=timedelta(hours=settings.case_hours),
        kept=timedelta(days=settings.case_days_kept),
    )
