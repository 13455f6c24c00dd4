"""What is known of a unit when its next forms are drawn: answers so far, and which gaps press.

It is read from the sums of the same weeks a report would look at, and the priorities from the
newest kept report. Nothing in it says who answered what: it holds counts and spreads of items.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from bot.analysis.findings import Span
from bot.analysis.kept import newest_report, read_findings
from bot.analysis.reports import Windows
from bot.analysis.tables import MomentBlock, StoredUnitReport
from bot.core.clock import monday_of
from bot.people.tables import Unit
from bot.surveys.desk import Place, StandingOf
from bot.surveys.tables import QuestionnaireVersion, Run
from gapengine.advice import priorities_of
from gapengine.allocation import Blueprint, Standing, standing_of
from gapengine.moments import Moments, merge
from gapengine.packing import from_bytes
from gapengine.scale import Scale
from gapengine.vantage import CLASSIC_GAPS, GROUPS, SEED_GAPS, Group

GAPS = (*SEED_GAPS, CLASSIC_GAPS[-1])
"""Those the forms are to tell of: the seed's five, and what customers live (P-E)."""

MOST = 10.0
"""Weight of the variance of the gap that presses most; of one that does not press it is 1."""


def standings(windows: Windows) -> StandingOf:
    """Return what says how far a place's answers have come, within these windows."""

    def known(session: Session, blueprint: Blueprint, place: Place) -> Standing | None:
        groups = {group.value: group for group in Group}
        group = groups.get(place.audience)
        if (
            group is None
            or not blueprint.items
            or not set(blueprint.together) <= set(GROUPS[group])
        ):
            return None
        span = windows.spans(monday_of(place.today))[group.value]
        return standing_of(
            blueprint,
            _moments(session, place, group, span=span),
            asked=_asked(session, place, blueprint, span=span),
            gaps=GAPS,
            priorities=_weights(session, place, blueprint),
            scale=Scale(place.points),
        )

    return known


def weights_of(priorities: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Turn priorities into weights of variances, from 1 to ``MOST``.

    >>> weights_of({("P-E", "overall"): 0.0, ("P-E", "empathy"): 0.5, ("D-S", "overall"): 0.25})
    {('P-E', 'overall'): 1.0, ('P-E', 'empathy'): 10.0, ('D-S', 'overall'): 5.5}
    """
    most = max(priorities.values(), default=0.0)
    if most <= 0:
        return {}
    return {key: 1.0 + (MOST - 1.0) * one / most for key, one in priorities.items()}


def _moments(session: Session, place: Place, group: Group, *, span: Span) -> Moments | None:
    payloads = session.exec(
        select(MomentBlock.payload).where(
            col(MomentBlock.unit_id) == place.unit_id,
            col(MomentBlock.audience) == group.value,
            col(MomentBlock.points) == place.points,
            col(MomentBlock.week).between(span.first, span.last),
        )
    ).all()
    return merge(group, map(from_bytes, payloads)) if payloads else None


def _asked(
    session: Session, place: Place, blueprint: Blueprint, *, span: Span
) -> Mapping[str, int]:
    """Count how often each item was asked, answered or not."""
    forms = session.exec(
        select(Run.form)
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Run.version_id))
        .where(
            col(Run.unit_id) == place.unit_id,
            col(Run.week).between(span.first, span.last),
            col(QuestionnaireVersion.audience) == place.audience,
            col(QuestionnaireVersion.points) == place.points,
        )
    )
    first = str(blueprint.together[0])
    return Counter(item for form in forms for item, vantage in form if vantage == first)


def _weights(session: Session, place: Place, blueprint: Blueprint) -> dict[tuple[str, str], float]:
    """Weigh the gaps by what the newest report says of the unit; all alike before there is one."""
    unit = session.get_one(Unit, place.unit_id).name
    report_id = newest_report(session)
    if report_id is None or session.get(StoredUnitReport, (report_id, unit)) is None:
        return {}
    found = read_findings(session, report_id, unit)
    report: Mapping[str, Any] = found.report if found.points == place.points else {}
    levels = {"overall", *(name for name, _ in blueprint.items_by_dimension)}
    labels = {gap.label for gap in GAPS}
    return weights_of(
        {
            (label, level): one
            for (label, level), one in (
                priorities_of(report, scale=found.scale) if report else {}
            ).items()
            if label in labels and level in levels
        }
    )
