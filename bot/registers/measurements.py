"""Operational measurements as levels: a second source of what is delivered."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.clock import monday_of
from bot.core.database import insert_into
from bot.core.schedule import local_day, local_to_utc
from bot.registers.desk import zone_for
from bot.registers.levels import level_of
from bot.registers.standards import Ruling, ruling_on, rulings
from bot.registers.tables import Measurement
from bot.surveys.definition import POINTS

ENOUGH = 5
"""Fewest measurements of which a mean is used: one bad morning is no finding."""


class Level(NamedTuple):
    """One measurement as a level: the unit's day, the level, and how many values it stands for."""

    day: date
    level: float
    n: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurements of an item over some days.

    ``se`` is the standard error of the mean level, days being clusters; None with a single day.
    ``weeks`` holds mean level and count by Monday.
    """

    level: float
    n: int
    se: float | None
    first: date
    last: date
    weeks: dict[date, tuple[float, int]]


def measured(
    session: Session, unit_id: int, first: date, last: date, *, points: int = POINTS
) -> dict[str, Measured]:
    """Return what was measured of each item of a unit between two days, both included.

    A measurement is converted by the rule that held on its day; without one, or where its levels
    are on another scale than that of so many ``points``, it is left out.
    """
    found = levels(session, unit_id, first, last, points=points)
    return {item: summary(own) for item, own in found.items()}


def levels(
    session: Session, unit_id: int, first: date, last: date, *, points: int = POINTS
) -> dict[str, list[Level]]:
    """Return each measurement between two days as a level of the scale, by item."""
    zone = zone_for(session, unit_id)
    rows = session.execute(
        select(
            col(Measurement.item), col(Measurement.at), col(Measurement.value), col(Measurement.n)
        )
        .where(
            col(Measurement.unit_id) == unit_id,
            col(Measurement.at) >= local_to_utc(first, time(), zone),
            col(Measurement.at) < local_to_utc(last + timedelta(days=1), time(), zone),
        )
        .order_by(col(Measurement.at))
    ).all()
    rule_on = _rules_by_day(rulings(session, unit_id) if rows else [])
    found: dict[str, list[Level]] = defaultdict(list)
    for item, at, value, n in rows:
        day = local_day(at, zone)
        ruling = rule_on(day).get(item)
        if ruling is not None and ruling.content.rule and ruling.content.points == points:
            found[item].append(Level(day, level_of(ruling.content.rule, value), n))
    return dict(found)


def summary(rows: Sequence[Level]) -> Measured:
    """Return mean, count and standard error of some levels; a value of many counts so often."""
    total = sum(one.n for one in rows)
    mean = _mean(rows)
    by_day: dict[date, list[Level]] = defaultdict(list)
    by_week: dict[date, list[Level]] = defaultdict(list)
    for one in rows:
        by_day[one.day].append(one)
        by_week[monday_of(one.day)].append(one)
    shares = [sum(one.n * (one.level - mean) for one in own) / total for own in by_day.values()]
    many = len(shares)
    variance = many / (many - 1) * sum(share**2 for share in shares) if many > 1 else None
    return Measured(
        level=mean,
        n=total,
        se=None if variance is None else variance**0.5,
        first=min(by_day),
        last=max(by_day),
        weeks={week: (_mean(own), sum(one.n for one in own)) for week, own in by_week.items()},
    )


def stored_of(session: Session, unit_id: int) -> dict[tuple[str, datetime], tuple[float, int]]:
    """Return value and count of every measurement of a unit, by item and moment."""
    rows = session.execute(
        select(
            col(Measurement.item), col(Measurement.at), col(Measurement.value), col(Measurement.n)
        ).where(col(Measurement.unit_id) == unit_id)
    )
    return {(item, at): (value, n) for item, at, value, n in rows}


def store(session: Session, *, unit_id: int, item: str, at: datetime, value: float, n: int) -> None:
    """Store a measurement; a moment that held another value holds this one now."""
    session.execute(
        insert_into(session, Measurement)
        .values(unit_id=unit_id, item=item, at=at, value=value, n=n)
        .on_conflict_do_update(
            index_elements=["unit_id", "item", "at"], set_={"value": value, "n": n}
        )
    )


def _mean(rows: Sequence[Level]) -> float:
    return sum(one.n * one.level for one in rows) / sum(one.n for one in rows)


def _rules_by_day(versions: Sequence[Ruling]) -> Callable[[date], dict[str, Ruling]]:
    kept: dict[date, dict[str, Ruling]] = {}

    def rule_on(day: date) -> dict[str, Ruling]:
        if day not in kept:
            kept[day] = ruling_on(versions, day)
        return kept[day]

    return rule_on
