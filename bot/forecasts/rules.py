"""When a forecast is asked and open, which dimensions it is about, how far off it was. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from bot.core.clock import monday_of
from bot.core.schedule import local_day, local_to_utc
from bot.surveys.definition import POINTS
from gapengine.scale import Scale

WEEK = timedelta(days=7)
PER_CARD = 2
PERCEIVED, EXPECTED = "P", "E"
WEEKS_OF_TREND = 8
FEWEST_WEEKS = 4
CLEAR = 0.3
"""By how many points of seven the error must have changed to be called so."""
ASKED_FOR = timedelta(hours=6)
"""How long after its hour the question may still go out on its day."""


class Slot(NamedTuple):
    """One question of a card."""

    dimension: str
    vantage: str


class Trend(NamedTuple):
    """How far off forecasts were, in points: over all weeks, in their earlier and later half."""

    weeks: int
    mean: float
    earlier: float
    later: float
    points: int = POINTS
    """How many levels the scale has."""

    @property
    def verdict(self) -> str:
        """Say whether the forecasts came closer, went further off, or neither clearly."""
        change = self.later - self.earlier
        if abs(change) < Scale(self.points).of_seven(CLEAR):
            return "steady"
        return "closer" if change < 0 else "further"


def slots_of(dimensions: Sequence[str]) -> list[Slot]:
    """Return the questions of a card: of each dimension first P, then E."""
    return [Slot(one, vantage) for one in dimensions for vantage in (PERCEIVED, EXPECTED)]


def next_dimensions(known: Sequence[str], asked: Mapping[str, Sequence[date]]) -> list[str]:
    """Return the dimensions to ask about: those asked longest ago, of these those asked least.

    ``asked`` holds the weeks in which each was on a card.
    """

    def turn(one: str) -> tuple[date, int, int]:
        weeks = asked.get(one, ())
        return max(weeks, default=date.min), len(weeks), known.index(one)

    return sorted(known, key=turn)[:PER_CARD]


def week_of(now: datetime, zone: str) -> date:
    """Return the Monday of the week whose figures are still to come."""
    return monday_of(local_day(now, zone))


def closes_at(week: date, zone: str, *, digest_hour: int) -> datetime:
    """Return when a week's forecasts close: when the digest of that week is due."""
    return local_to_utc(week + WEEK, time(digest_hour), zone)


def is_asked(now: datetime, zone: str, *, weekday: int, hour: int) -> bool:
    """Tell whether it is the day and the time of asking in a zone."""
    today = local_day(now, zone)
    begins = local_to_utc(today, time(hour), zone)
    return today.weekday() == weekday and begins <= now < begins + ASKED_FOR


def trend_of(errors_by_week: Mapping[date, Sequence[float]], points: int = POINTS) -> Trend | None:
    """Return how far off the latest weeks were, None while there are too few to tell.

    All forecasts are on a scale of so many ``points``.
    """
    weeks = sorted(week for week, errors in errors_by_week.items() if errors)[-WEEKS_OF_TREND:]
    if len(weeks) < FEWEST_WEEKS:
        return None
    means = [sum(errors_by_week[week]) / len(errors_by_week[week]) for week in weeks]
    half = len(means) // 2
    return Trend(len(means), _mean(means), _mean(means[:half]), _mean(means[half:]), points)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
