"""Reports: the engine run on the stored moments, kept so that any number can be replayed."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

import gapengine
from bot.analysis import findings, holding, sources
from bot.analysis.findings import Span
from bot.analysis.layout import laid_out
from bot.analysis.refresh import item_dimensions
from bot.analysis.segments import carried_segments, keep_segments, span_of, told_segments
from bot.analysis.tables import (
    GROUP_OF,
    PARTNERS_VIEW,
    RELATION,
    TOUCHPOINT,
    MomentBlock,
    StoredReport,
    StoredUnitReport,
    ToldMoments,
    ToldSegment,
)
from bot.core.clock import monday_of
from bot.people.tree import Past, read_past
from bot.surveys.scales import Scales
from bot.surveys.scales import scales as scales_in_use
from bot.surveys.tables import QuestionnaireVersion
from gapengine.change import Change, Comparison, recent_changes
from gapengine.disclosure import Floors
from gapengine.intervals import Errors
from gapengine.moments import Moments, merge
from gapengine.packing import from_bytes
from gapengine.report import WHOLE, Report, analyse
from gapengine.scale import Scale
from gapengine.vantage import Group

_WEEKS_COMPARED = Comparison().earlier + max(Comparison().looks)
"""How many weeks changes are judged by, the last one included."""


@dataclass(frozen=True, slots=True)
class Windows:
    """How many weeks of each audience's answers a report looks at."""

    customer: int = 4
    staff: int = 4
    manager: int = 13

    def spans(self, last_week: date) -> dict[str, Span]:
        """Return the span of each audience, ending with this week; partners' is as managers'."""
        spans = {group.value: Span.ending(last_week, getattr(self, group.value)) for group in Group}
        few = spans[Group.MANAGER.value]
        return spans | {RELATION: few, PARTNERS_VIEW: few}


def latest_week(session: Session, today: date) -> date:
    """Return the Monday of the latest week with answers, not after today's."""
    this_week = monday_of(today)
    found = session.scalar(
        select(func.max(col(MomentBlock.week))).where(col(MomentBlock.week) <= this_week)
    )
    return found or this_week


@dataclass(frozen=True)
class PreparedReport:
    """A report that was computed and is not yet kept; ``known_id`` when it was kept before."""

    stored: StoredReport
    parts: tuple[tuple[str, bytes], ...] = ()
    told: tuple[ToldMoments, ...] = ()
    told_kinds: tuple[ToldSegment, ...] = ()
    known_id: int | None = None


def prepare_report(
    session: Session, now: datetime, windows: Windows, *, last_week: date | None = None
) -> PreparedReport:
    """Analyse the whole organisation up to a week; only reads.

    When neither inputs nor engine changed since an earlier report, nothing is computed again.
    """
    last = last_week or latest_week(session, now.date())
    past, scales = read_past(session), scales_in_use(session)
    blocks = _blocks(session, windows, last)
    fingerprint = _fingerprint(session, blocks, windows, last=last, past=past, scales=scales)
    stored = StoredReport(
        made_at=now,
        engine_version=gapengine.__version__,
        last_week=last,
        points=scales.main,
        window={group.value: getattr(windows, group.value) for group in Group},
        questionnaires=_versions(session),
        fingerprint=fingerprint,
    )
    known = _id_of(session, fingerprint)
    if known is not None:
        return PreparedReport(stored, known_id=known)
    spans, main = windows.spans(last), _on(blocks, scales.main)
    told = {
        points: holding.carried(session, _by_place(_on(blocks, points), spans, past), points)
        for points in sorted({scales.main, scales.partners, *(one.points for one in blocks)})
    }
    kinds = carried_segments(session, main, spans[Group.CUSTOMER.value], past, points=scales.main)
    by_kind = told_segments(
        kinds.moments,
        past.now.names(),
        item_dimensions(session, scales.main),
        Scale(scales.main),
    )
    series = {points: one.moments for points, one in told.items()}
    analysed = _analysed(
        session, main, series, windows=windows, last=last, past=past, scales=scales
    )
    parts = tuple(
        (part["unit"], zlib.compress(json.dumps(part, ensure_ascii=False).encode(), 6))
        for plain in analysed
        for part in [plain | {"segments": by_kind.get(plain["unit"], {})}]
    )
    anew = tuple(row for one in told.values() for row in one.anew)
    return PreparedReport(stored, parts, anew, kinds.anew)


def keep_report(session: Session, prepared: PreparedReport) -> int:
    """Store a prepared report, unless another process was quicker; return its id."""
    known = prepared.known_id or _id_of(session, prepared.stored.fingerprint)
    if known is not None:
        return known
    session.add(prepared.stored)
    session.flush()
    report_id = prepared.stored.id or 0
    session.add_all(
        StoredUnitReport(report_id=report_id, unit=unit, plain=plain)
        for unit, plain in prepared.parts
    )
    holding.keep(session, prepared.told)
    keep_segments(session, prepared.told_kinds)
    session.flush()
    return report_id


def make_report(
    session: Session, now: datetime, windows: Windows, *, last_week: date | None = None
) -> int:
    """Prepare and keep a report in one transaction; return its id."""
    return keep_report(session, prepare_report(session, now, windows, last_week=last_week))


def _id_of(session: Session, fingerprint: str) -> int | None:
    return session.scalar(
        select(col(StoredReport.id)).where(col(StoredReport.fingerprint) == fingerprint)
    )


def _analysed(
    session: Session,
    blocks: list[MomentBlock],
    told: Mapping[int, Mapping[holding.Place, Moments]],
    *,
    windows: Windows,
    last: date,
    past: Past,
    scales: Scales,
) -> list[dict[str, Any]]:
    """Return what the report says of each unit; ``blocks`` and most figures are on the main scale.

    ``told`` holds the moments by scale.
    """
    tree, points = past.now, scales.main
    names = tree.telling()
    dimension_by_item = item_dimensions(session, points)
    spans = windows.spans(last)
    whole = _report(session, _spoken(told[points]), points, past=past)
    partners = _spoken(told[scales.partners], by_partners=True)
    apart = None
    if partners:
        apart = _report(session, partners, scales.partners, past=past, of_partners=True)
    others = {
        one: _report(session, spoken, one, past=past)
        for one, own in told.items()
        if one != points and (spoken := _spoken(own))
    }
    changes = _changes(session, blocks, past, last=last)
    causes = findings.causes(session, spans[Group.MANAGER.value], past, points)
    responses = findings.responses(session, spans[Group.CUSTOMER.value], past, points)
    history = findings.weeks_of_history(session, last, past, points)
    today = last + timedelta(days=7)
    parts = []
    regions = {number: tree.units[number].name for number in tree.regions()}
    places: list[tuple[int | None, str]] = [(None, WHOLE), *regions.items(), *names.items()]
    for unit_id, name in places:
        part: dict[str, Any] = {
            "unit": name,
            "points": points,
            "report": _unit_of(whole, name) or {},
            "changes": [one.to_plain() for one in changes[name]],
            "causes": causes[unit_id],
            "response": responses[unit_id],
            "weeks_of_history": history[unit_id],
            "partners": _unit_of(apart, name) or {},
            "partners_points": scales.partners,
            "other_scales": {
                str(one): _unit_of(found, name) or {} for one, found in others.items()
            },
            "apart": list(scales.others),
        }
        if unit_id in names:
            rated = sources.rated_standards(session, unit_id, today, points)
            part["causes"] = sources.with_opinions(causes[unit_id], rated)
            part["sources"] = sources.second_sources(
                session,
                unit_id,
                spans,
                report=part["report"],
                dimension_of=dimension_by_item,
                points=points,
            )
        parts.append(part)
    return parts


def _report(
    session: Session,
    told: Mapping[holding.Place, Moments],
    points: int,
    *,
    past: Past,
    of_partners: bool = False,
) -> Report | None:
    """Analyse what was told on one scale: by customers, staff and managers, or by partners."""
    layout = laid_out(told, past)
    dimension_by_item = item_dimensions(session, points, of_partners=of_partners)
    if not layout.units or not dimension_by_item:
        return None
    return analyse(
        layout.units,
        dimension_by_item,
        regions=layout.sums,
        errors=Errors.CORRECTED,
        scale=Scale(points),
    )


def _spoken(
    told: Mapping[holding.Place, Moments], *, by_partners: bool = False
) -> dict[holding.Place, Moments]:
    """Return what customers, staff and managers told, or what partners did."""
    return {
        place: moments
        for place, moments in told.items()
        if (place.audience in {RELATION, PARTNERS_VIEW}) is by_partners
    }


def _changes(
    session: Session, blocks: list[MomentBlock], past: Past, *, last: date
) -> dict[str, list[Change]]:
    """Return what moved in each unit, in each region and in the whole, in the latest weeks.

    A week of an audience counts only where its waves reached the floor, as in the report itself.
    No line is drawn across a change of wording, nor across one of the units that add up to a unit
    or region: weeks before it are left out.
    """
    since = findings.wording_since(session, last)
    back = (last - timedelta(days=7 * ago) for ago in range(_WEEKS_COMPARED - 1, -1, -1))
    weeks = [(week, _of_week(blocks, past, week) if week >= since else {}) for week in back]
    places = [*past.now.regions(), *past.now.telling()]
    steady = {place: past.steady_since(place, last) for place in places}
    series = [
        [
            _together([week.get(one, {}) for one in past.at(monday).below(place)])
            if monday >= steady[place]
            else {}
            for monday, week in weeks
        ]
        for place in places
    ]
    whole = [_together(list(week.values())) for _, week in weeks]
    names = [WHOLE, *(past.now.units[place].name for place in places)]
    return dict(zip(names, recent_changes([whole, *series]), strict=True))


def _together(parts: Sequence[Mapping[Group, Moments]]) -> dict[Group, Moments]:
    """Return the moments of several units as one."""
    groups = {group for part in parts for group in part}
    return {
        group: merge(group, (part[group] for part in parts if group in part)) for group in groups
    }


def _unit_of(report: Report | None, name: str) -> dict[str, Any] | None:
    if report is None:
        return None
    found = report.units if name in report.units else report.regions
    return dict(found[name]) if name in found else None


def _blocks(session: Session, windows: Windows, last: date) -> list[MomentBlock]:
    compared = last - timedelta(days=7 * (_WEEKS_COMPARED - 1))
    spans = windows.spans(last)
    first = min(compared, *(span.first for span in spans.values()))
    longer = span_of(TOUCHPOINT, spans[Group.CUSTOMER.value])
    audience = col(MomentBlock.audience)
    of_touchpoints = or_(audience == Group.CUSTOMER.value, audience.startswith(f"{TOUCHPOINT}:"))
    return list(
        session.scalars(
            select(MomentBlock)
            .where(
                col(MomentBlock.week).between(min(first, longer.first), last),
                or_(col(MomentBlock.week) >= first, of_touchpoints),
            )
            .order_by(
                col(MomentBlock.unit_id),
                col(MomentBlock.week),
                col(MomentBlock.audience),
                col(MomentBlock.points),
            )
        )
    )


def _on(blocks: list[MomentBlock], points: int) -> list[MomentBlock]:
    """Return the blocks of one scale."""
    return [one for one in blocks if one.points == points]


def _by_place(
    blocks: list[MomentBlock], spans: Mapping[str, Span], past: Past
) -> dict[holding.Place, list[MomentBlock]]:
    """Sort one scale's blocks within the spans by where they were answered, and by audience; those
    of a unit that was merged before count where its history goes on.

    Left out is an audience of which no wave had as many runs as the floor: a person has one run in
    a wave, so its answers may come from fewer people, however many they are.
    """
    places: dict[holding.Place, list[MomentBlock]] = {}
    for block in blocks:
        span = spans.get(block.audience)
        if span is not None and span.first <= block.week <= span.last:
            home = past.at(block.week).goes_on_in(block.unit_id)
            place = holding.Place(home, block.audience, past.since(home, block.week))
            places.setdefault(place, []).append(block)
    floors = Floors()
    return {
        place: own
        for place, own in places.items()
        if max(one.largest_wave for one in own) >= floors.of(GROUP_OF[place.audience])
    }


def _of_week(blocks: list[MomentBlock], past: Past, week: date) -> dict[int, dict[Group, Moments]]:
    """Return what customers and staff said in one week alone: different people each week."""
    only = Span(week, week)
    spans = {Group.CUSTOMER.value: only, Group.STAFF.value: only}
    units: dict[int, dict[Group, Moments]] = {}
    for place, own in _by_place(blocks, spans, past).items():
        group = GROUP_OF[place.audience]
        moments = merge(group, (from_bytes(one.payload) for one in own))
        units.setdefault(place.unit_id, {})[group] = moments
    return units


def _fingerprint(
    session: Session,
    blocks: list[MomentBlock],
    windows: Windows,
    *,
    last: date,
    past: Past,
    scales: Scales,
) -> str:
    digest = hashlib.sha256(f"{gapengine.__version__} {windows} {last}".encode())
    digest.update(str(sorted(scales.points.items())).encode())
    for block in blocks:
        place = f"{block.unit_id} {block.week} {block.audience} {block.points}"
        digest.update(f"{place} {block.fingerprint}".encode())
    for monday in (None, *past.changed):
        tree = past.now if monday is None else past.at(monday - timedelta(days=1))
        for number, unit in tree.units.items():
            digest.update(f"{number} {unit.parent_id} {unit.kind} {unit.state}".encode())
    digest.update(sources.state_of_registers(session).encode())
    return digest.hexdigest()


def _versions(session: Session) -> list[str]:
    rows = session.execute(
        select(col(QuestionnaireVersion.name), col(QuestionnaireVersion.version)).order_by(
            col(QuestionnaireVersion.id)
        )
    )
    return [f"{name}/{version}" for name, version in rows]
