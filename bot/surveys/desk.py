"""What planning and showing questionnaires needs besides the database, built once by the wiring."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from bot.core.dialogue import Section, Turn
from bot.reach.desk import ReachDesk, reach_desk
from bot.reach.moments import QuietHours
from bot.settings import Settings
from bot.surveys.versions import Library

Scores = Mapping[tuple[str, str], int | None]
AfterThanks = Callable[[Turn, Scores, int], Section | None]
"""What another feature adds to the thanks, from the scores by (item, vantage) and the unit's id."""

Promised = Callable[[Session, int, date], Collection[str]]
"""Tells which items a unit's customers are promised something about on a day."""


def _nothing_promised(
    session: Session,  # noqa: ARG001
    unit_id: int,  # noqa: ARG001
    day: date,  # noqa: ARG001
) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class SurveyDesk:
    """The questionnaires, everybody's quiet hours, and what other features add.

    They add to the thanks, and tell which items are ``promised``, so that C is asked of them.
    """

    library: Library = field(default_factory=Library)
    reach: ReachDesk = field(default_factory=ReachDesk)
    after_thanks: tuple[AfterThanks, ...] = ()
    promised: Promised = _nothing_promised

    @property
    def quiet(self) -> QuietHours:
        """The hours in which nothing is sent unasked."""
        return self.reach.quiet


def survey_desk(
    settings: Settings,
    *,
    reach: ReachDesk | None = None,
    after_thanks: tuple[AfterThanks, ...] = (),
    promised: Promised = _nothing_promised,
) -> SurveyDesk:
    """Build the desk that the settings describe."""
    return SurveyDesk(
        library=Library(settings.questionnaires),
        reach=reach or reach_desk(settings),
        after_thanks=after_thanks,
        promised=promised,
    )
