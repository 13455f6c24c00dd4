"""Cards and forecasts in the database, and who has seen which figures.

not asked ──card made──> open ──four taps──> answered
                          └── the figures were seen, or the digest is due: closed
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlmodel import Session, col

from bot.analysis.refresh import item_dimensions
from bot.analysis.tables import StoredReport
from bot.core.database import insert_into
from bot.forecasts.rules import Slot, closes_at, next_dimensions, slots_of
from bot.forecasts.tables import FiguresSeen, Forecast, ForecastCard
from bot.improvement.desk import zone_for
from bot.reach.desk import ReachDesk, reach_desk
from bot.settings import Settings
from bot.surveys.scales import main_points

SEEN_KEPT = timedelta(weeks=8)
WEEKDAYS = {"thu": 3, "fri": 4, "sat": 5, "sun": 6}


@dataclass(frozen=True, slots=True)
class ForecastDesk:
    """When managers are asked (``weekday`` None: never by itself), and when the digest comes."""

    weekday: int | None = 4
    hour: int = 15
    digest_hour: int = 8
    reach: ReachDesk = field(default_factory=ReachDesk)


def forecast_desk(settings: Settings, reach: ReachDesk | None = None) -> ForecastDesk:
    """Make the desk that the settings describe."""
    return ForecastDesk(
        weekday=WEEKDAYS.get(settings.forecast_day),
        hour=settings.forecast_hour,
        digest_hour=settings.digest_hour,
        reach=reach or reach_desk(settings),
    )


def make_card(
    session: Session, *, person_id: int, unit_id: int, week: date, now: datetime
) -> ForecastCard | None:
    """Return the card of a person, unit and week, made now if need be; None with nothing to ask."""
    points = main_points(session)
    known = list(dict.fromkeys(item_dimensions(session, points).values()))
    if not known:
        return None
    session.execute(
        insert_into(session, ForecastCard)
        .values(
            person_id=person_id,
            unit_id=unit_id,
            week=week,
            dimensions=next_dimensions(known, _asked(session, person_id, unit_id)),
            made_at=now,
            points=points,
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(ForecastCard).where(
            col(ForecastCard.person_id) == person_id,
            col(ForecastCard.unit_id) == unit_id,
            col(ForecastCard.week) == week,
        )
    ).one()


def levels_of(card: ForecastCard) -> list[str]:
    """Return the levels that may be forecast on a card."""
    return [str(level) for level in range(1, card.points + 1)]


def said(session: Session, card: ForecastCard) -> dict[Slot, int]:
    """Return what was forecast on a card so far."""
    rows = session.scalars(select(Forecast).where(col(Forecast.card_id) == card.id))
    levels = {Slot(one.dimension, one.vantage): one.level for one in rows}
    return {slot: levels[slot] for slot in slots_of(card.dimensions) if slot in levels}


def say(session: Session, card: ForecastCard, slot: Slot, *, level: int, now: datetime) -> None:
    """Keep one forecast; saying it again corrects it."""
    values = {"level": level, "said_at": now}
    session.execute(
        insert_into(session, Forecast)
        .values(card_id=card.id, dimension=slot.dimension, vantage=slot.vantage, **values)
        .on_conflict_do_update(index_elements=["card_id", "dimension", "vantage"], set_=values)
    )


def is_open(
    session: Session, *, person_id: int, unit_id: int, week: date, now: datetime, digest_hour: int
) -> bool:
    """Tell whether somebody may still forecast a week: it is not over, and not seen by them."""
    zone = zone_for(session, person_id, unit_id)
    if now >= closes_at(week, zone, digest_hour=digest_hour):
        return False
    return not has_seen(session, person_id=person_id, unit_id=unit_id, week=week)


def has_seen(session: Session, *, person_id: int, unit_id: int, week: date) -> bool:
    """Tell whether somebody has seen figures that hold this week."""
    seen = exists().where(
        col(FiguresSeen.person_id) == person_id,
        col(FiguresSeen.unit_id) == unit_id,
        col(FiguresSeen.week) >= week,
    )
    return bool(session.scalar(select(seen)))


def note_seen(
    session: Session, *, person_id: int, unit_id: int, report_id: int, now: datetime
) -> None:
    """Note that somebody sees a unit's figures as a stored report gives them."""
    report = session.get_one(StoredReport, report_id)
    session.execute(
        insert_into(session, FiguresSeen)
        .values(person_id=person_id, unit_id=unit_id, week=report.last_week, seen_at=now)
        .on_conflict_do_nothing()
    )


def forget_seen(session: Session, now: datetime) -> None:
    """Forget who saw what long ago: those weeks are closed anyway. For the hourly tick."""
    old = (now - SEEN_KEPT).date()
    session.execute(delete(FiguresSeen).where(col(FiguresSeen.week) < old))


def _asked(session: Session, person_id: int, unit_id: int) -> Mapping[str, Sequence[date]]:
    """Return the weeks in which somebody was asked about each dimension."""
    cards = session.scalars(
        select(ForecastCard).where(
            col(ForecastCard.person_id) == person_id, col(ForecastCard.unit_id) == unit_id
        )
    )
    found: dict[str, list[date]] = defaultdict(list)
    for card in cards:
        for dimension in card.dimensions:
            found[dimension].append(card.week)
    return found
