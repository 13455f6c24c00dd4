"""What planning and showing questionnaires needs besides the database, built once by the wiring."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from bot.core.dialogue import Section, Turn
from bot.reach.desk import ReachDesk, reach_desk
from bot.reach.moments import QuietHours
from bot.settings import Settings
from bot.surveys.definition import POINTS
from bot.surveys.segments import Kind
from bot.surveys.versions import Library
from gapengine.allocation import Blueprint, Standing
from gapengine.levels import OPTIONAL

Scores = Mapping[tuple[str, str], int | None]
AfterThanks = Callable[[Turn, Scores, int], Section | None]
"""What another feature adds to the thanks, from the scores by (item, vantage) and the unit's id."""

Promised = Callable[[Session, int, date], Collection[str]]
"""Tells which items a unit's customers are promised something about on a day."""


Kinds = Callable[[Session, int, Sequence[int]], Mapping[int, Kind]]
"""Tells what kind of customers of a unit some people are; nothing of those who are not known."""


def _no_kinds(
    session: Session,  # noqa: ARG001
    unit_id: int,  # noqa: ARG001
    people: Sequence[int],  # noqa: ARG001
) -> Mapping[int, Kind]:
    return {}


def _nothing_promised(
    session: Session,  # noqa: ARG001
    unit_id: int,  # noqa: ARG001
    day: date,  # noqa: ARG001
) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Place:
    """For whom forms are drawn: an audience of a unit, on the unit's day, on so many levels."""

    unit_id: int
    audience: str
    today: date
    points: int = POINTS


StandingOf = Callable[[Session, Blueprint, Place], Standing | None]
"""What is known of a place's answers and what matters there; None where nothing can be said."""


@dataclass(frozen=True, slots=True)
class SurveyDesk:
    """The questionnaires, everybody's quiet hours, and what other features add.

    They add to the thanks, and tell which items are ``promised``, so that C is asked of them, and
    of which ``kinds`` customers are. ``writes_voices_out``: a service puts recordings into words.
    Without ``standing_of`` forms are drawn by the balanced rule,
    with it by the adaptive one.
    """

    library: Library = field(default_factory=Library)
    reach: ReachDesk = field(default_factory=ReachDesk)
    after_thanks: tuple[AfterThanks, ...] = ()
    promised: Promised = _nothing_promised
    standing_of: StandingOf | None = None
    kinds: Kinds = _no_kinds
    writes_voices_out: bool = False

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
    standing_of: StandingOf | None = None,
    kinds: Kinds = _no_kinds,
) -> SurveyDesk:
    """Build the desk that the settings describe."""
    return SurveyDesk(
        library=Library(
            settings.questionnaires,
            left_out=frozenset() if settings.social_responsibility else OPTIONAL,
        ),
        reach=reach or reach_desk(settings),
        after_thanks=after_thanks,
        promised=promised,
        standing_of=standing_of if settings.allocation == "adaptive" else None,
        kinds=kinds,
        writes_voices_out=bool(settings.transcribe),
    )
