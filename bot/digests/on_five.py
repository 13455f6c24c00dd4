"""What is answered on five levels: a section of the digest that stands apart from all else.

A mean on five levels and one on seven are not the same quantity, so the figures here are in points
of five, enter no other figure, advise nothing and are compared with nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.kept import newest_report, read_findings
from bot.analysis.tables import StoredUnitReport
from bot.core.dialogue import Section
from bot.core.render import Texts
from bot.digests.measured import OVERALL, WITHHELD, Measured, Plain, read_gaps, read_levels
from bot.digests.words import Words
from bot.people.tables import Unit

SHOWN = ("G5", "expectation", "perception", "specification", "delivery", "communication")
"""The gap customers live, and the seed's five."""


@dataclass(frozen=True)
class OnFive:
    """Means and gaps of a unit in points of five, without what is hidden."""

    perceived: float | None
    expected: float | None
    gaps: tuple[Measured, ...]


def on_five(report: Plain) -> OnFive | None:
    """Read the figures from a unit's report; None where nothing may be shown."""
    means = {one.vantage: one.mean for one in read_levels(report)}
    found = {
        gap.name: gap
        for gap in read_gaps(report)
        if gap.level == OVERALL and gap.tone not in WITHHELD
    }
    gaps = tuple(found[name] for name in SHOWN if name in found)
    if not gaps and means.get("P") is None:
        return None
    return OnFive(means.get("P"), means.get("E"), gaps)


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    language: str,
    since: datetime,  # noqa: ARG001 - the sections' common shape
    now: datetime,  # noqa: ARG001
) -> Section | None:
    """Write the figures on five levels of a unit; None where there are none."""
    report_id = newest_report(session)
    name = session.scalar(select(col(Unit.name)).where(col(Unit.id) == unit_id))
    if report_id is None or session.get(StoredUnitReport, (report_id, name)) is None:
        return None
    view = on_five(read_findings(session, report_id, name or "").on_five)
    if view is None:
        return None
    words = Words(texts, language)
    return Section(texts.render("digests/on_five.html", language, view=view, words=words))
