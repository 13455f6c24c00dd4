"""The units of a region side by side, as far as the figures tell them apart."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.analysis.kept import read_findings
from bot.analysis.tables import StoredReport, StoredUnitReport
from bot.core.dialogue import Section
from bot.core.render import Texts
from bot.people.tables import REGION, Unit
from bot.people.tree import read_tree

MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """A unit's customer gap, drawn towards its siblings, and how likely it is the lowest of them.

    ``siblings`` is how many they are, itself among them; with too few it has its own gap, and 0.
    """

    name: str
    estimate: float
    low: float
    high: float
    worst: float | None
    siblings: int


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    reader_id: int,  # noqa: ARG001 - the sections' common shape
    report_id: int,
    language: str,
    since: datetime,  # noqa: ARG001 - the sections' common shape
    now: datetime,  # noqa: ARG001 - the sections' common shape
) -> Section | None:
    """Compare the units of a region; None for a unit, and for a region of one."""
    region = session.get_one(Unit, unit_id)
    if region.kind != REGION:
        return None
    tree = read_tree(session)
    names = [tree.units[one].name for one in tree.regions()[unit_id]]
    if len(names) < 2:
        return None
    found = [compared(session, report_id, name) for name in names]
    known = sorted((one for one in found if one is not None), key=lambda one: one.estimate)
    text = texts.render(
        "digests/region.html",
        language,
        region=region.name,
        units=known[:MOST_SHOWN],
        more=max(0, len(known) - MOST_SHOWN),
        hidden=len(names) - len(known),
        ranked=all(one.siblings == len(names) for one in known),
        points=session.get_one(StoredReport, report_id).points,
    )
    return Section(text)


def compared(session: Session, report_id: int, name: str) -> Compared | None:
    """Return how a unit stands among its siblings; None where that is not told of it."""
    if session.get(StoredUnitReport, (report_id, name)) is None:
        return None
    for gap in read_findings(session, report_id, name).report.get("gaps", ()):
        if (gap["minuend"], gap["subtrahend"], gap["level"]) == ("P", "E", "overall"):
            drawn = gap.get("shrunken") or gap
            if drawn.get("estimate") is None or drawn.get("low") is None:
                return None
            return Compared(
                name,
                drawn["estimate"],
                drawn["low"],
                drawn["high"],
                drawn.get("p_worst"),
                drawn.get("siblings", 0),
            )
    return None
