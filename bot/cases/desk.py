"""What the handlers and ticks of cases share: the threshold, the times, the rules of contact."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.reach.desk import ReachDesk, reach_desk
from bot.reach.moments import QuietHours
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """When contact is offered, how soon somebody must answer, how long a case is kept.

    ``threshold``: the highest rating of what was experienced at which contact is offered.
    """

    reach: ReachDesk = field(default_factory=ReachDesk)
    threshold: int = 2
    answer_within: timedelta = timedelta(hours=48)
    kept: timedelta = timedelta(days=180)
    ask_after: timedelta = timedelta(days=7)

    @property
    def quiet(self) -> QuietHours:
        """The hours in which nothing is sent that is not urgent."""
        return self.reach.quiet


def case_desk(settings: Settings, reach: ReachDesk | None = None) -> CaseDesk:
    """Make the desk that the settings describe."""
    return CaseDesk(
        reach=reach or reach_desk(settings),
        threshold=settings.case_threshold,
        answer_within=timedelta(hours=settings.case_hours),
        kept=timedelta(days=settings.case_days_kept),
    )
