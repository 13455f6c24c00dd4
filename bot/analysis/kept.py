"""Kept reports, read back as what they say of one unit."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from bot.analysis.findings import Span
from bot.analysis.tables import StoredReport, StoredUnitReport
from bot.surveys.definition import POINTS
from bot.surveys.scales import main_points
from gapengine.advice import Advice, Antecedent, Fix, advise
from gapengine.scale import Scale
from gapengine.vantage import Group


@dataclass(frozen=True)
class UnitFindings:
    """All that one report says of one unit, as plain values; ``*`` is the organisation."""

    report_id: int
    unit: str
    last_week: date
    span: Span
    report: dict[str, Any]
    points: int = POINTS
    """How many levels the main scale has: report, changes, causes and sources stand on it."""
    changes: list[dict[str, Any]] = field(default_factory=list)
    causes: list[dict[str, Any]] = field(default_factory=list)
    response: dict[str, int] = field(default_factory=dict)
    weeks_of_history: int = 0
    sources: dict[str, Any] = field(default_factory=dict)
    segments: dict[str, Any] = field(default_factory=dict)
    partners: dict[str, Any] = field(default_factory=dict)
    """What partners say, of the form of ``report``: E and P of working together, D as seen."""
    partners_points: int = POINTS
    other_scales: dict[str, Any] = field(default_factory=dict)
    """What is answered on other scales, by number of levels: of the form of ``report``."""
    apart: list[str] = field(default_factory=list)
    """Audiences that are asked on another scale than the main one."""

    @property
    def scale(self) -> Scale:
        """The main scale."""
        return Scale(self.points)

    def advice(self, fixes: Sequence[Fix]) -> list[Advice]:
        """Rank what to work on, with these fixes to choose from."""
        antecedents = [
            Antecedent(one["cause"], one["gap"], one["score"], one["n"]) for one in self.causes
        ]
        return advise(self.report, antecedents, fixes, scale=self.scale)


def newest_report(session: Session) -> int | None:
    """Return the id of the report that looks at the latest weeks, None before the first."""
    return session.scalar(
        select(col(StoredReport.id))
        .order_by(col(StoredReport.last_week).desc(), col(StoredReport.id).desc())
        .limit(1)
    )


def points_of(session: Session, report_id: int | None) -> int:
    """Return how many levels a report's scale has; without a report, the main scale of now."""
    report = None if report_id is None else session.get(StoredReport, report_id)
    return main_points(session) if report is None else report.points


def read_findings(session: Session, report_id: int, unit: str) -> UnitFindings:
    """Read back what a stored report says of a unit, by name; ``*`` is the organisation."""
    stored = session.get_one(StoredReport, report_id)
    kept = session.get_one(StoredUnitReport, (report_id, unit))
    plain = json.loads(zlib.decompress(kept.plain))
    known = {one.name for one in fields(UnitFindings)}
    return UnitFindings(
        report_id=report_id,
        last_week=stored.last_week,
        span=Span.ending(stored.last_week, stored.window[Group.CUSTOMER.value]),
        **{name: value for name, value in plain.items() if name in known},
    )
