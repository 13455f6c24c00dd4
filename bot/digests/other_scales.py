"""What is answered on another scale than the main one: a section that stands apart from all else.

A mean on five levels and one on seven are not the same quantity, so the figures here are in points
of their own scale, enter no other figure, advise nothing and are compared with nothing. Where an
audience is asked on another scale now, the section says which gaps that costs, and the cure.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.kept import UnitFindings, newest_report, read_findings
from bot.analysis.tables import StoredUnitReport
from bot.core.dialogue import Section
from bot.core.render import Texts
from bot.digests.measured import OVERALL, WITHHELD, Measured, Plain, read_gaps, read_levels
from bot.digests.words import Words
from bot.people.tables import Unit
from gapengine.scale import Scale

SHOWN = ("G5", "expectation", "perception", "specification", "delivery", "communication")
"""The gap customers live, and the seed's five."""


@dataclass(frozen=True)
class OnScale:
    """Means and gaps of a unit in points of a scale, without what is hidden."""

    points: int
    perceived: float | None
    expected: float | None
    gaps: tuple[Measured, ...]


def on_scale(report: Plain, points: int) -> OnScale | None:
    """Read the figures from a unit's report; None where nothing may be shown."""
    means = {one.vantage: one.mean for one in read_levels(report)}
    found = {
        gap.name: gap
        for gap in read_gaps(report, Scale(points))
        if gap.level == OVERALL and gap.tone not in WITHHELD
    }
    gaps = tuple(found[name] for name in SHOWN if name in found)
    if not gaps and means.get("P") is None:
        return None
    return OnScale(points, means.get("P"), means.get("E"), gaps)


def others_of(found: UnitFindings) -> list[OnScale]:
    """Return what a report says of a unit on other scales than the main one."""
    views = (on_scale(report, int(points)) for points, report in found.other_scales.items())
    return [view for view in views if view is not None]


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    language: str,
    since: datetime,  # noqa: ARG001 - the sections' common shape
    now: datetime,  # noqa: ARG001
) -> Section | None:
    """Write what was answered on other scales; None where all is on one."""
    report_id = newest_report(session)
    name = session.scalar(select(col(Unit.name)).where(col(Unit.id) == unit_id))
    if report_id is None or session.get(StoredUnitReport, (report_id, name)) is None:
        return None
    found = read_findings(session, report_id, name or "")
    views = others_of(found)
    if not views and not found.apart:
        return None
    return Section(
        texts.render(
            "digests/other_scales.html",
            language,
            views=views,
            points=found.points,
            apart=found.apart,
            words=Words(texts, language),
        )
    )
