"""What an action's effect will be measured against, fixed at the moment when it is taken."""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.kept import points_of
from bot.analysis.tables import StoredReport, StoredUnitReport
from bot.core.clock import monday_of
from bot.improvement.tables import Action
from bot.people.tables import Unit

WEEKS_BEFORE = 8
MOST_READ = 200
"""How many other units' figures are looked at; more would keep whoever presses *take* waiting."""

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The weeks before, the week that gave rise to it, the gap as it was, the units beside it.

    The gap is in points of a scale of so many levels: ``points``.
    """

    first: date
    last: date
    trigger: date
    estimate: float | None
    compared: tuple[int, ...]
    points: int


def baseline_of(
    session: Session,
    *,
    unit_id: int,
    gap: str,
    dimension: str,
    report_id: int | None,
    now: datetime,
) -> Baseline:
    """Fix what to compare with. The newest week a decision was made on is left out.

    Compared with are the units of the same report whose figure for this gap was shown and that
    have no action of their own on it; those under the same roof come first.
    """
    report = session.get(StoredReport, report_id) if report_id is not None else None
    trigger = report.last_week if report else monday_of(now.date())
    estimate: float | None = None
    compared: tuple[int, ...] = ()
    if report is not None and gap:
        unit = session.get_one(Unit, unit_id)
        estimate = _own_estimate(session, report.id, unit.name, gap=gap, dimension=dimension)
        compared = tuple(_beside(session, unit, report.id, gap=gap, dimension=dimension))
    return Baseline(
        first=trigger - timedelta(weeks=WEEKS_BEFORE),
        last=trigger - timedelta(weeks=1),
        trigger=trigger,
        estimate=estimate,
        compared=compared,
        points=points_of(session, report_id),
    )


def figure(report_unit: Plain, *, gap: str, dimension: str) -> Plain | None:
    """Return what a unit's report says of a gap, over all or of one dimension; None if hidden."""
    level, key = ("dimension", dimension) if dimension else ("overall", "overall")
    for one in report_unit.get("gaps", ()):
        if (one["name"], one["level"], one["key"]) == (gap, level, key):
            return one if one.get("estimate") is not None else None
    return None


def _own_estimate(
    session: Session, report_id: int | None, name: str, *, gap: str, dimension: str
) -> float | None:
    kept = session.get(StoredUnitReport, (report_id, name))
    shown = figure(_unpacked(kept.plain), gap=gap, dimension=dimension) if kept else None
    return float(shown["estimate"]) if shown else None


def _beside(
    session: Session, unit: Unit, report_id: int | None, *, gap: str, dimension: str
) -> Iterator[int]:
    busy = _with_an_action(session, gap, dimension)
    rows = session.execute(
        select(col(Unit.id), col(StoredUnitReport.plain))
        .join(StoredUnitReport, col(StoredUnitReport.unit) == col(Unit.name))
        .where(
            col(StoredUnitReport.report_id) == report_id,
            col(Unit.id) != unit.id,
            col(Unit.id).not_in(busy),
        )
        .order_by((col(Unit.parent_id).is_not_distinct_from(unit.parent_id)).desc(), col(Unit.id))
        .limit(MOST_READ)
    )
    for other_id, plain in rows:
        if figure(_unpacked(plain), gap=gap, dimension=dimension):
            yield other_id


def _with_an_action(session: Session, gap: str, dimension: str) -> set[int]:
    """Units that work on the same gap: in the same dimension, or one of the two in all of it."""
    query = select(col(Action.unit_id)).where(
        col(Action.state).in_(("open", "proposed")), col(Action.gap) == gap
    )
    if dimension:
        query = query.where(col(Action.dimension).in_(("", dimension)))
    return set(session.scalars(query))


def _unpacked(plain: bytes) -> Plain:
    report: Plain = json.loads(zlib.decompress(plain))["report"]
    return report
