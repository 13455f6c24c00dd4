"""What partners say, beside what staff say: a section of the digest, and a page with every figure.

Partners are asked two things: how it is to work with us (what they expect of that, and what they
live), and how often they see customers served as they should be. Both stand apart from the five
gaps; the second one beside staff's own view of the same features.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.kept import UnitFindings, newest_report, read_findings
from bot.analysis.tables import StoredUnitReport
from bot.core.dialogue import ANALYST, Button, Press, Routes, Section, Turn
from bot.core.render import Texts
from bot.digests.measured import OVERALL, WITHHELD, Measured, read_gaps
from bot.digests.places import place_of
from bot.digests.reading import item_names
from bot.digests.words import Words
from bot.people.rights import who_may
from bot.people.tables import Unit
from bot.surveys.definition import POINTS
from gapengine.report import WHOLE
from gapengine.scale import Scale

RELATION_GAP = "G5"
"""P-E, here of working together."""

Plain = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """A feature of the service: how often it is delivered, as partners and as staff see it."""

    item: str
    partners: float
    staff: float | None


@dataclass(frozen=True)
class PartnersView:
    """What partners say of a unit; of the whole organisation where the unit has too few.

    ``relation`` is withheld where too few spoke of it; ``dimensions`` and ``items`` are those
    that are not.
    """

    relation: Measured
    dimensions: tuple[Measured, ...]
    items: tuple[Measured, ...]
    seen: tuple[Seen, ...]
    of_all_units: bool
    points: int = POINTS

    @property
    def worst(self) -> Measured | None:
        """The dimension in which working together falls short most, if any does."""
        short = [one for one in self.dimensions if one.tone == "short"]
        return min(short, key=lambda one: one.estimate or 0.0, default=None)

    @property
    def both(self) -> tuple[float, float] | None:
        """Partners' and staff's mean over the features that both speak of."""
        pairs = [(one.partners, one.staff) for one in self.seen if one.staff is not None]
        if not pairs:
            return None
        return fmean(theirs for theirs, _ in pairs), fmean(ours for _, ours in pairs)


def partners_view(own: UnitFindings, whole: UnitFindings) -> PartnersView | None:
    """Read what partners say from a report; None where nothing may be shown."""
    for found, of_all in ((own, False), (whole, True)):
        view = _view(found, of_all=of_all) if found.partners else None
        if view is not None:
            return view
    return None


def _view(found: UnitFindings, *, of_all: bool) -> PartnersView | None:
    scale = Scale(found.partners_points)
    gaps = [gap for gap in read_gaps(found.partners, scale) if gap.name == RELATION_GAP]
    shown = [gap for gap in gaps if gap.tone not in WITHHELD]
    is_comparable = found.partners_points == found.points
    theirs = _delivered(found.partners)
    ours = _delivered(found.report) if is_comparable else {}
    seen = tuple(Seen(item, mean, ours.get(item)) for item, mean in theirs.items())
    if not shown and not seen:
        return None
    return PartnersView(
        relation=next(gap for gap in gaps if gap.level == OVERALL),
        dimensions=tuple(gap for gap in shown if gap.level == "dimension"),
        items=tuple(gap for gap in shown if gap.level == "item"),
        seen=seen,
        of_all_units=of_all,
        points=found.partners_points,
    )


def _delivered(report: Plain) -> dict[str, float]:
    cells = report.get("vantage", {}).get("D", {}).get("items", {})
    return {item: cell["mean"] for item, cell in cells.items() if cell.get("mean") is not None}


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    language: str,
    since: datetime,  # noqa: ARG001 - the sections' common shape
    now: datetime,  # noqa: ARG001
) -> Section | None:
    """Write what partners say of a unit; None where nothing may be shown."""
    report_id = newest_report(session)
    view = _view_of(session, unit_id, report_id)
    if view is None or report_id is None:
        return None
    text = texts.render(
        "digests/partners_section.html", language, view=view, words=Words(texts, language)
    )
    more = Button(texts.label(language, "What partners say"), f"ptn:{unit_id}:{report_id}")
    return Section(text, [[more]])


def _view_of(session: Session, unit_id: int, report_id: int | None) -> PartnersView | None:
    name = session.scalar(select(col(Unit.name)).where(col(Unit.id) == unit_id))
    if report_id is None or session.get(StoredUnitReport, (report_id, name)) is None:
        return None  # a unit that is younger than the report
    own = read_findings(session, report_id, name or "")
    return partners_view(own, read_findings(session, report_id, WHOLE))


def show_page(turn: Turn) -> None:
    """Show everything partners say, feature by feature, where the section was."""
    place = place_of(turn, "ptn", ANALYST)
    if place is None:
        return
    view = _view_of(turn.session, *place)
    if view is None:
        turn.toast("Too few partners have answered yet.", alert=True)
        return
    turn.put(
        turn.texts.render(
            "digests/partners.html",
            turn.language,
            view=view,
            words=Words(turn.texts, turn.language),
            names=item_names(turn.session, turn.language),
        ),
        [[Button(turn.label("← The digest"), f"back:{place.unit_id}:{place.report_id}")]],
    )


def routes() -> Routes:
    """Return what this part answers to."""
    return Routes(presses=(Press("ptn", show_page, who_may("figures")),))
