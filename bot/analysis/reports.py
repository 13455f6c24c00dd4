"""Reports: the engine run on the stored moments, kept so that any number can be replayed."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

import gapengine
from bot.analysis import findings, holding, sources
from bot.analysis.findings import Span
from bot.analysis.refresh import item_dimensions
from bot.analysis.tables import MomentBlock, StoredReport, StoredUnitReport, ToldMoments
from bot.core.clock import monday_of
from bot.people.tables import Unit
from bot.surveys.tables import QuestionnaireVersion
from gapengine.change import Change, Comparison, recent_changes
from gapengine.disclosure import Floors
from gapengine.intervals import Errors
from gapengine.moments import Moments, merge
from gapengine.packing import from_bytes
from gapengine.report import WHOLE, Report, analyse
from gapengine.vantage import Group

UnitMoments = dict[str, dict[Group, Moments]]

_WEEKS_COMPARED = Comparison().earlier + max(Comparison().looks)
"""How many weeks changes are judged by, the last one included."""


@dataclass(frozen=True, slots=True)
class Windows:
    """How many weeks of each audience's answers a report looks at."""

    customer: int = 4
    staff: int = 4
    manager: int = 13

    def spans(self, last_week: date) -> dict[str, Span]:
        """Return the span of each audience, ending with this week."""
        return {group.value: Span.ending(last_week, getattr(self, group.value)) for group in Group}


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
    known_id: int | None = None


def prepare_report(
    session: Session, now: datetime, windows: Windows, *, last_week: date | None = None
) -> PreparedReport:
    """Analyse the whole organisation up to a week; only reads.

    When neither inputs nor engine changed since an earlier report, nothing is computed again.
    """
    last = last_week or latest_week(session, now.date())
    blocks = _blocks(session, windows, last)
    fingerprint = _fingerprint(session, blocks, windows, last=last)
    stored = StoredReport(
        made_at=now,
        engine_version=gapengine.__version__,
        last_week=last,
        window={group.value: getattr(windows, group.value) for group in Group},
        questionnaires=_versions(session),
        fingerprint=fingerprint,
    )
    known = _id_of(session, fingerprint)
    if known is not None:
        return PreparedReport(stored, known_id=known)
    told = holding.carried(session, _by_place(blocks, windows.spans(last)))
    parts = tuple(
        (part["unit"], zlib.compress(json.dumps(part, ensure_ascii=False).encode(), 6))
        for part in _analysed(session, blocks, told.moments, windows=windows, last=last)
    )
    return PreparedReport(stored, parts, told.anew)


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
    told: Mapping[holding.Place, Moments],
    *,
    windows: Windows,
    last: date,
) -> list[dict[str, Any]]:
    names: dict[int | None, str] = {unit.id: unit.name for unit in session.scalars(select(Unit))}
    dimension_by_item = item_dimensions(session)
    spans = windows.spans(last)
    units: UnitMoments = {name: {} for name in names.values()}
    for (told_of, group), moments in told.items():
        units[names[told_of]][group] = moments
    whole = _report(units, dimension_by_item)
    changes = _changes(session, blocks, names, last=last)
    causes = findings.causes(session, spans[Group.MANAGER.value])
    responses = findings.responses(session, spans[Group.CUSTOMER.value])
    history = findings.weeks_of_history(session, last)
    today = last + timedelta(days=7)
    parts = []
    places: list[tuple[int | None, str]] = [(None, WHOLE), *names.items()]
    for unit_id, name in places:
        part: dict[str, Any] = {
            "unit": name,
            "report": _unit_of(whole, name) or {},
            "changes": [one.to_plain() for one in changes[name]],
            "causes": causes[unit_id],
            "response": responses[unit_id],
            "weeks_of_history": history[unit_id],
        }
        if unit_id is not None:
            rated = sources.rated_standards(session, unit_id, today)
            part["causes"] = sources.with_opinions(causes[unit_id], rated)
            part["sources"] = sources.second_sources(
                session, unit_id, spans, report=part["report"], dimension_of=dimension_by_item
            )
        parts.append(part)
    return parts


def _report(units: UnitMoments, dimension_by_item: dict[str, str]) -> Report | None:
    if not units or not dimension_by_item:
        return None
    return analyse(units, dimension_by_item, errors=Errors.CORRECTED)


def _changes(
    session: Session, blocks: list[MomentBlock], names: dict[int | None, str], *, last: date
) -> dict[str, list[Change]]:
    """Return what moved in each unit, and in the whole, in the latest weeks.

    A week of an audience counts only where its waves reached the floor, as in the report itself.
    No line is drawn across a change of wording: weeks before it are left out.
    """
    since = findings.wording_since(session, last)
    back = (last - timedelta(days=7 * ago) for ago in range(_WEEKS_COMPARED - 1, -1, -1))
    weeks = [_of_week(blocks, names, week) if week >= since else {} for week in back]
    everything = [_whole(week) | week for week in weeks]
    units = [WHOLE, *names.values()]
    found = recent_changes([[week.get(unit, {}) for week in everything] for unit in units])
    return dict(zip(units, found, strict=True))


def _whole(week: UnitMoments) -> UnitMoments:
    groups = {group for own in week.values() for group in own}
    return {
        WHOLE: {
            group: merge(group, (own[group] for own in week.values() if group in own))
            for group in groups
        }
    }


def _unit_of(report: Report | None, name: str) -> dict[str, Any] | None:
    return dict(report.units[name]) if report is not None and name in report.units else None


def _blocks(session: Session, windows: Windows, last: date) -> list[MomentBlock]:
    compared = last - timedelta(days=7 * (_WEEKS_COMPARED - 1))
    first = min(compared, *(span.first for span in windows.spans(last).values()))
    return list(
        session.scalars(
            select(MomentBlock)
            .where(col(MomentBlock.week).between(first, last))
            .order_by(col(MomentBlock.unit_id), col(MomentBlock.week), col(MomentBlock.audience))
        )
    )


def _by_place(
    blocks: list[MomentBlock], spans: Mapping[str, Span]
) -> dict[holding.Place, list[MomentBlock]]:
    """Sort the blocks within the spans by unit and audience.

    Left out is an audience of which no wave had as many runs as the floor: a person has one run in
    a wave, so its answers may come from fewer people, however many they are.
    """
    places: dict[holding.Place, list[MomentBlock]] = {}
    for block in blocks:
        span = spans.get(block.audience)
        if span is not None and span.first <= block.week <= span.last:
            places.setdefault((block.unit_id, Group(block.audience)), []).append(block)
    floors = Floors()
    return {
        place: own
        for place, own in places.items()
        if max(one.largest_wave for one in own) >= floors.of(place[1])
    }


def _of_week(blocks: list[MomentBlock], names: dict[int | None, str], week: date) -> UnitMoments:
    """Return what customers and staff said in one week alone: different people each week."""
    only = Span(week, week)
    spans = {Group.CUSTOMER.value: only, Group.STAFF.value: only}
    units: UnitMoments = {}
    for (unit_id, group), own in _by_place(blocks, spans).items():
        moments = merge(group, (from_bytes(one.payload) for one in own))
        units.setdefault(names[unit_id], {})[group] = moments
    return units


def _fingerprint(
    session: Session, blocks: list[MomentBlock], windows: Windows, *, last: date
) -> str:
    digest = hashlib.sha256(f"{gapengine.__version__} {windows} {last}".encode())
    for block in blocks:
        digest.update(f"{block.unit_id} {block.week} {block.audience} {block.fingerprint}".encode())
    digest.update(sources.state_of_registers(session).encode())
    return digest.hexdigest()


def _versions(session: Session) -> list[str]:
    rows = session.execute(
        select(col(QuestionnaireVersion.name), col(QuestionnaireVersion.version)).order_by(
            col(QuestionnaireVersion.id)
        )
    )
    return [f"{name}/{version}" for name, version in rows]
