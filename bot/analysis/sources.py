"""The second sources: S from the register of standards, D from operational measurements.

They stand beside what managers and staff say, each with its own number of values; nothing is mixed
into the answers. Where measured and rated delivery lie more than a point apart, that is a finding.
Staff's ratings are taken from a kept report, so they are hidden here where they are hidden there.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from bot.analysis.findings import Span
from bot.analysis.kept import newest_report, read_findings
from bot.analysis.tables import MomentBlock, StoredReport, StoredUnitReport
from bot.people.tables import Unit
from bot.registers import measurements, opinions
from bot.registers.desk import Delivered, Disagreement, today_in
from bot.registers.measurements import ENOUGH, Measured
from bot.registers.standards import in_force
from bot.registers.tables import Measurement, StandardOpinion, StandardVersion
from bot.surveys.definition import POINTS
from bot.surveys.scales import main_points
from gapengine.moments import SCORES
from gapengine.packing import from_bytes
from gapengine.report import WHOLE
from gapengine.scale import Scale
from gapengine.vantage import GROUPS, Group, Vantage

APART = 1.0
"""Points of seven by which two sources must differ to be told of."""

PROMISED_SHARE = 0.8
"""A promise may go up to the level that this share of staff's ratings does not exceed."""

_WEEKS_WITHOUT_REPORT = 4
_DIGITS = 2

Plain = dict[str, Any]


def second_sources(
    session: Session,
    unit_id: int,
    spans: Mapping[str, Span],
    *,
    report: Mapping[str, Any] | None = None,
    dimension_of: Mapping[str, str] | None = None,
    points: int = POINTS,
) -> Plain:
    """Return what register and measurements say of a unit, as plain values.

    Parameters
    ----------
    spans
        The weeks looked at, by audience, as ``Windows.spans`` gives them; staff's are used for D,
        and rules are those in force at their end.
    report
        What the report of the same weeks says of this unit; without it the newest kept one.
    dimension_of
        The dimension of each item.
    points
        How many levels the main scale has: rules on another one are left out.

    Returns
    -------
    dict
        ``S``: by item level, scope (``unit`` or ``all``) and version; ``D``: by item level, n, se
        (of the measured mean, days being clusters), first and last day, weeks; ``beside``: the
        gaps that follow, each with the sources of its two sides; ``disagreements``: items whose
        measured delivery is more than a point from what staff rate; ``dimensions``: of these items.
    """
    span = spans[Group.STAFF.value]
    said = _report_of(session, unit_id, points) if report is None else report
    rules = in_force(session, unit_id, span.last_day, points)
    found = _measured(session, unit_id, span, points)
    return {
        "S": {
            item: {
                "level": one.content.level,
                "scope": "all" if one.unit_id is None else "unit",
                "version": one.number,
            }
            for item, one in sorted(rules.items())
        },
        "D": {item: _plain(one) for item, one in sorted(found.items())},
        "beside": _beside(said, {item: one.content.level for item, one in rules.items()}, found),
        "disagreements": [
            {"item": one.item, "rated": one.rated, "measured": round(one.measured, _DIGITS)}
            for one in _apart(said, found, points)
        ],
        "dimensions": {
            item: dimension
            for item, dimension in (dimension_of or {}).items()
            if item in rules or item in found
        },
    }


def state_of_registers(session: Session) -> str:
    """Return a text that changes whenever rules, measurements or opinions of rules do."""
    counted = (
        select(func.count(), func.max(col(StandardVersion.id))),
        select(
            func.count(),
            func.sum(col(Measurement.value)),
            func.sum(col(Measurement.value) * col(Measurement.n)),
        ),
        select(func.count(), func.sum(col(StandardOpinion.times))),
    )
    return " ".join(str(tuple(session.execute(query).one())) for query in counted)


def delivered(session: Session, unit_id: int | None, now: datetime) -> dict[str, Delivered]:
    """Return what may be told of the delivery of each item, in a unit or (None) in all of them."""
    stored, points = _kept(session, unit_id), main_points(session)
    if stored is None:
        today = today_in(session, unit_id, now)
        span = Span.ending(today - timedelta(days=today.weekday()), _WEEKS_WITHOUT_REPORT)
        cells: Mapping[str, Plain] = {}
    else:
        span = Span.ending(stored.last_week, stored.window[Group.STAFF.value])
        cells = _shown(_report_of(session, unit_id, points), Vantage.DELIVERED)
    histograms = _histograms(session, unit_id, span, points) if cells else {}
    found = _measured(session, unit_id, span, points)
    told = {}
    for item in sorted({*cells, *found}):
        cell, measured = cells.get(item, {}), found.get(item)
        counts = histograms.get(item, [])
        is_same = bool(counts) and sum(counts) == cell.get("n_answers")
        told[item] = Delivered(
            reached=reached_by(counts) if is_same else None,
            rated=cell.get("mean"),
            raters=cell.get("n_answers", 0),
            measured=measured.level if measured else None,
            measurements=measured.n if measured else 0,
            points=points,
        )
    return told


def disagreements(
    session: Session,
    unit_id: int,
    now: datetime,  # noqa: ARG001 - the shape that the registers' desk asks for
) -> list[Disagreement]:
    """Return where staff rate the delivery otherwise than it was measured in the same weeks."""
    stored, points = _kept(session, unit_id), main_points(session)
    if stored is None:
        return []
    span = Span.ending(stored.last_week, stored.window[Group.STAFF.value])
    found = _measured(session, unit_id, span, points)
    return _apart(_report_of(session, unit_id, points), found, points)


def with_opinions(causes: Iterable[Plain], rated: Iterable[Mapping[str, Any]]) -> list[Plain]:
    """Join what questionnaires say of causes with what staff say of single rules, by their n."""
    joined: dict[str, Plain] = {one["cause"]: dict(one) for one in causes}
    for one in rated:
        known = joined.get(one["cause"])
        if known is None:
            joined[one["cause"]] = dict(one)
            continue
        n = known["n"] + one["n"]
        score = (known["score"] * known["n"] + one["score"] * one["n"]) / n
        joined[one["cause"]] = known | {"score": score, "n": n}
    return [joined[cause] for cause in sorted(joined)]


def rated_standards(session: Session, unit_id: int, day: date, points: int = POINTS) -> list[Plain]:
    """Return what staff's answers about single rules say of causes, as far as it is released."""
    return [dict(one) for one in opinions.antecedents(session, unit_id, day, points)]


def reached_by(counts: Sequence[int], share: float = PROMISED_SHARE) -> int | None:
    """Return the lowest level that this share of the ratings does not exceed; None without any.

    >>> reached_by([0, 0, 1, 2, 5, 2, 0])
    5
    """
    total, below = sum(counts), 0
    for level, times in zip(SCORES.tolist(), counts, strict=False):
        below += times
        if total and below >= share * total:
            return int(level)
    return None


def _kept(session: Session, unit_id: int | None) -> StoredReport | None:
    report_id = newest_report(session)
    if (
        report_id is None
        or session.get(StoredUnitReport, (report_id, _name(session, unit_id))) is None
    ):
        return None
    return session.get_one(StoredReport, report_id)


def _report_of(session: Session, unit_id: int | None, points: int) -> Mapping[str, Any]:
    """Return what the newest report says of a unit; nothing where that is on another scale."""
    stored = _kept(session, unit_id)
    if stored is None:
        return {}
    found = read_findings(session, stored.id or 0, _name(session, unit_id))
    return found.report if found.points == points else {}


def _name(session: Session, unit_id: int | None) -> str:
    return WHOLE if unit_id is None else session.get_one(Unit, unit_id).name


def _shown(report: Mapping[str, Any], vantage: Vantage) -> dict[str, Plain]:
    """Return the items' cells of a vantage point that are not hidden, means to a tenth."""
    cells = report.get("vantage", {}).get(vantage.value, {}).get("items", {})
    return {
        item: cell | {"mean": round(cell["mean"], 1)}
        for item, cell in cells.items()
        if not cell.get("suppressed") and cell.get("mean") is not None
    }


def _measured(
    session: Session, unit_id: int | None, span: Span, points: int
) -> dict[str, Measured]:
    """Return what was measured, without items that were measured too seldom."""
    units = [unit_id] if unit_id is not None else _with_measurements(session)
    rows: dict[str, list[measurements.Level]] = {}
    for one in units:
        own = measurements.levels(session, one, span.first, span.last_day, points=points)
        for item, levels in own.items():
            rows.setdefault(item, []).extend(levels)
    found = {item: measurements.summary(own) for item, own in rows.items()}
    return {item: one for item, one in found.items() if one.n >= ENOUGH}


def _with_measurements(session: Session) -> list[int]:
    """Return the units of which anything was ever measured: mostly few of many."""
    measured = exists().where(col(Measurement.unit_id) == col(Unit.id))
    found = session.scalars(select(col(Unit.id)).where(measured).order_by(col(Unit.id)))
    return [one for one in found if one is not None]


def _histograms(
    session: Session, unit_id: int | None, span: Span, points: int
) -> dict[str, list[int]]:
    """Return staff's ratings by level of each item."""
    query = select(col(MomentBlock.payload)).where(
        col(MomentBlock.audience) == Group.STAFF.value,
        col(MomentBlock.points) == points,
        col(MomentBlock.week).between(span.first, span.last),
    )
    if unit_id is not None:
        query = query.where(col(MomentBlock.unit_id) == unit_id)
    row = GROUPS[Group.STAFF].index(Vantage.DELIVERED)
    found: dict[str, list[int]] = {}
    for payload in session.scalars(query):
        moments = from_bytes(payload)
        for item, counts in zip(moments.items, moments.histogram[row].tolist(), strict=True):
            known = found.get(item, [0] * len(counts))
            found[item] = [one + more for one, more in zip(known, counts, strict=True)]
    return found


def _apart(
    report: Mapping[str, Any], found: Mapping[str, Measured], points: int
) -> list[Disagreement]:
    rated = {item: cell["mean"] for item, cell in _shown(report, Vantage.DELIVERED).items()}
    both = [
        Disagreement(item, rated[item], one.level)
        for item, one in sorted(found.items())
        if item in rated
    ]
    apart = Scale(points).of_seven(APART)
    return [one for one in both if abs(one.rated - one.measured) > apart]


def _beside(
    report: Mapping[str, Any], rules: Mapping[str, int], found: Mapping[str, Measured]
) -> list[Plain]:
    """Return the gaps that a second source takes part in; ``se`` only of what was measured."""
    staff = _shown(report, Vantage.DELIVERED)
    customers = _shown(report, Vantage.EXPECTED)
    gaps: list[Plain] = []
    for item in sorted({*rules, *found}):
        sides: list[tuple[str, float, Measured | None]] = []
        if item in found:
            sides.append(("measured", found[item].level, found[item]))
        if item in staff:
            sides.append(("staff", staff[item]["mean"], None))
        for source, level, one in sides:
            if item in rules:
                gaps.append(
                    _gap(item, "specification", (source, "register"), level - rules[item], one)
                )
            if item in customers and one is not None:
                short = level - customers[item]["mean"]
                gaps.append(_gap(item, "delivery", (source, "customers"), short, one))
    return gaps


def _gap(  # noqa: PLR0917
    item: str, name: str, sources: tuple[str, str], estimate: float, measured: Measured | None
) -> Plain:
    se = measured.se if measured else None
    return {
        "item": item,
        "gap": name,
        "sources": list(sources),
        "estimate": round(estimate, _DIGITS),
        "se": None if se is None else round(se, 3),
        "n": measured.n if measured else None,
    }


def _plain(one: Measured) -> Plain:
    return {
        "level": round(one.level, _DIGITS),
        "n": one.n,
        "se": None if one.se is None else round(one.se, 3),
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "weeks": {
            week.isoformat(): {"level": round(level, _DIGITS), "n": n}
            for week, (level, n) in sorted(one.weeks.items())
        },
    }
