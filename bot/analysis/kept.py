"""Kept reports, read back as what they say of one unit."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from bot.analysis.findings import Span
from bot.analysis.tables import StoredReport, StoredUnitReport
from gapengine.advice import Advice, Antecedent, Fix, advise
from gapengine.vantage import Group


@dataclass(frozen=True)
class UnitFindings:
    """All that one report says of one unit, as plain values; ``*`` is the organisation."""

    report_id: int
    unit: str
    last_week: date
    span: Span
    report: dict[str, Any]
    changes: list[dict[str, Any]] = field(default_factory=list)
    causes: list[dict[str, Any]] = field(default_factory=list)
    response: dict[str, int] = field(default_factory=dict)
    weeks_of_history: int = 0
    sources: dict[str, Any] = field(default_factory=dict)
    segments: dict[str, Any] = field(default_factory=dict)
    partners: dict[str, Any] = field(default_factory=dict)
    """What partners say, of the form of ``report``: E and P of working together, D as seen."""
    on_five: dict[str, Any] = field(default_factory=dict)
    """What is answered on five levels, of the form of ``report``, in points of that scale."""

    def advice(self, fixes: Sequence[Fix]) -> list[Advice]:
        """Rank what to work on, with these fixes to choose from."""
        antecedents = [
            Antecedent(one["cause"], one["gap"], one["score"], one["n"]) for one in self.causes
        ]
        return advise(self.report, antecedents, fixes)


def newest_report(session: Session) -> int | None:
    """Return the id of the report that looks at the latest weeks, None before the first."""
    return session.scalar(
        select(col(StoredReport.id))
        .order_by(col(StoredReport.last_week).desc(), col(StoredReport.id).desc())
        .limit(1)
    )


def read_findings(session: Session, report_id: int, unit: str) -> UnitFindings:
    """Read back what a stored report says of a unit, by name; ``*`` is the organisation."""
    stored = session.get_one(StoredReport, report_id)
    kept = session.get_one(StoredUnitReport, (report_id, unit))
    plain = json.loads(zlib.decompress(kept.plain))
    return UnitFindings(
        report_id=report_id,
        last_week=stored.last_week,
        span=Span.ending(stored.last_week, stored.window[Group.CUSTOMER.value]),
        **plain,
    )
