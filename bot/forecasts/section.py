"""What a digest says of forecasts: the reader's own against what customers said, and their trend.

It is personal: nobody reads somebody else's forecast. An owner reads the means of a unit's
managers, from three managers on. Reading it closes the week's forecast for the reader.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.analysis.kept import UnitFindings, read_findings
from bot.analysis.tables import StoredUnitReport
from bot.core.dialogue import MANAGER, Section
from bot.core.render import Texts
from bot.forecasts.forecasts import note_seen
from bot.forecasts.rules import Slot, slots_of, trend_of
from bot.forecasts.tables import Forecast, ForecastCard
from bot.improvement.words import dimension_name
from bot.people import roster

FLOOR = 3
"""Fewest managers whose mean forecast is shown to an owner."""


@dataclass(frozen=True, slots=True)
class Line:
    """A forecast beside what customers said; ``truth`` is None where that is not shown."""

    dimension: str
    vantage: str
    said: float
    truth: float | None


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    reader_id: int,
    report_id: int,
    language: str,
    since: datetime,  # noqa: ARG001 - the sections' common shape
    now: datetime,
) -> Section | None:
    """Write forecast against truth for one reader; None where nothing was forecast."""
    note_seen(session, person_id=reader_id, unit_id=unit_id, report_id=report_id, now=now)
    found = _reveal(session, unit_id, report_id)
    if found is None:
        return None
    points = found.points
    cards = _cards(unit_id, found.last_week, points)
    own = _lines(session, cards, texts=texts, language=language, only_of=reader_id)
    trend = trend_of(_errors(session, reader_id, unit_id, points), points)
    manages = roster.holds(session, reader_id, unit_id, (MANAGER,))
    team = [] if manages else _lines(session, cards, texts=texts, language=language)
    if not own and not team:
        return None
    text = texts.render(
        "forecasts/section.html", language, own=own, team=team, trend=trend, points=points
    )
    return Section(text)


def truth_of(report: Mapping[str, Any], slot: Slot) -> float | None:
    """Return what customers said, as released: rounded to a tenth; None where it is hidden."""
    cells = report.get("vantage", {}).get(slot.vantage, {}).get("dimensions", {})
    mean = cells.get(slot.dimension, {}).get("mean")
    return None if mean is None else round(float(mean), 1)


def _reveal(session: Session, unit_id: int, report_id: int) -> UnitFindings | None:
    """Put the figures of a report beside the forecasts of its week; return what it says.

    A digest that was asked for in the middle of the week is followed by a fuller one: the figures
    of the latest digest stay.
    """
    name = roster.unit_name(session, unit_id)
    if session.get(StoredUnitReport, (report_id, name)) is None:
        return None
    found = read_findings(session, report_id, name)
    cards = session.scalars(_cards(unit_id, found.last_week, found.points)).all()
    for slot in {slot for card in cards for slot in slots_of(card.dimensions)}:
        session.execute(
            update(Forecast)
            .where(
                col(Forecast.card_id).in_([card.id for card in cards]),
                col(Forecast.dimension) == slot.dimension,
                col(Forecast.vantage) == slot.vantage,
            )
            .values(truth=truth_of(found.report, slot))
            .execution_options(synchronize_session=False)
        )
    return found


def _lines(
    session: Session,
    cards: Any,
    *,
    texts: Texts,
    language: str,
    only_of: int | None = None,
) -> list[Line]:
    """Return one person's forecasts on these cards; without a person, means over enough of them."""
    if only_of is not None:
        cards = cards.where(col(ForecastCard.person_id) == only_of)
    query = (
        select(Forecast)
        .where(col(Forecast.card_id).in_(cards.with_only_columns(col(ForecastCard.id))))
        .order_by(col(Forecast.dimension), col(Forecast.vantage).desc())
    )
    by_slot: dict[Slot, list[Forecast]] = defaultdict(list)
    for one in session.scalars(query.execution_options(populate_existing=True)):
        by_slot[Slot(one.dimension, one.vantage)].append(one)
    fewest = 1 if only_of is not None else FLOOR
    return [
        Line(
            dimension_name(texts, language, slot.dimension),
            slot.vantage,
            sum(one.level for one in given) / len(given),
            given[0].truth,
        )
        for slot, given in by_slot.items()
        if len(given) >= fewest
    ]


def _errors(
    session: Session, person_id: int, unit_id: int, points: int
) -> dict[date, Sequence[float]]:
    """Return per week how far off one person's forecasts on this scale were, in its points."""
    rows = session.execute(
        select(col(ForecastCard.week), col(Forecast.level), col(Forecast.truth))
        .join(Forecast, col(Forecast.card_id) == col(ForecastCard.id))
        .where(
            col(ForecastCard.person_id) == person_id,
            col(ForecastCard.unit_id) == unit_id,
            col(ForecastCard.points) == points,
            col(Forecast.truth).is_not(None),
        )
    )
    found: dict[date, list[float]] = defaultdict(list)
    for week, level, truth in rows:
        found[week].append(abs(level - truth))
    return dict(found)


def _cards(unit_id: int, week: date, points: int) -> Any:
    """Choose the cards of a week on the report's scale; what was said on another stays apart."""
    return select(ForecastCard).where(
        col(ForecastCard.unit_id) == unit_id,
        col(ForecastCard.week) == week,
        col(ForecastCard.points) == points,
    )
