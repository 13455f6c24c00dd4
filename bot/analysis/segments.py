"""The gaps by kind of customer: new or returning, how they come, and where they are served.

All kinds of a slicing, and the rest, are the customers of a unit. They are handed to the engine
together, as parts whose sums (each unit, each kind) are known: it hides what could be found out by
subtraction. Figures are told anew for all parts of a unit together, and only when in none of them
too few people stand between what was told and what would be (``bot.analysis.holding``).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, exists, select

from bot.analysis.findings import Span
from bot.analysis.holding import may_be_told
from bot.analysis.tables import (
    CHANNEL,
    TENURE,
    TOUCHPOINT,
    MomentBlock,
    ToldSegment,
    rest_code,
    segment_code,
)
from bot.core.database import insert_into
from bot.people.tree import Past
from bot.surveys.tables import Answer, Invitee, QuestionnaireVersion, Run, RunSegment
from gapengine.disclosure import Floors
from gapengine.intervals import Errors
from gapengine.moments import Moments, merge
from gapengine.packing import from_bytes, to_bytes
from gapengine.report import WHOLE, analyse
from gapengine.scale import Scale
from gapengine.vantage import GROUPS, Group

SLICINGS = (TENURE, CHANNEL, TOUCHPOINT)
TOUCHPOINT_WEEKS = 16
"""So many weeks a touchpoint's figures look at; in fewer, too few people answer each item."""

PROTECTS = "protects others"
_MARK = "\x1f"

Plain = dict[str, Any]
Parts = Mapping[str, Sequence[MomentBlock]]
"""The blocks of one unit within the window, by segment."""

Named = Mapping[str, frozenset[int]]
"""Who answered by name, by segment: where few come each week, different people add up."""


@dataclass(frozen=True)
class CarriedSegments:
    """The moments that may be told, by unit and segment, and those of them that are told anew."""

    moments: Mapping[tuple[int, str], Moments]
    anew: tuple[ToldSegment, ...]


def span_of(slicing: str, usual: Span) -> Span:
    """Return the weeks that a slicing looks at: the report's usual ones, of touchpoints more."""
    if slicing != TOUCHPOINT:
        return usual
    return min(Span.ending(usual.last, TOUCHPOINT_WEEKS), usual, key=lambda one: one.first)


def carried_segments(
    session: Session, blocks: Sequence[MomentBlock], usual: Span, past: Past, *, points: int
) -> CarriedSegments:
    """Return what may be told of each kind of a unit's customers: what is there, or told last.

    What was answered in a unit before it was merged stays its own, and counts in the whole alone.
    The blocks are those of one scale, of so many ``points``.
    """
    known: dict[tuple[int, str], dict[str, ToldSegment]] = defaultdict(dict)
    for told in session.exec(select(ToldSegment).where(col(ToldSegment.points) == points)):
        known[told.unit_id, _slicing_of(told.segment)][told.segment] = told
    moments: dict[tuple[int, str], Moments] = {}
    anew: list[ToldSegment] = []
    for slicing in SLICINGS:
        span = span_of(slicing, usual)
        is_known = any(_slicing_of(one.audience) == TOUCHPOINT for one in blocks)
        by_name = slicing == TOUCHPOINT and is_known
        named = _named(session, span, past, points) if by_name else {}
        by_unit: dict[int, list[MomentBlock]] = defaultdict(list)
        for block in blocks:
            if span.first <= block.week <= span.last:
                by_unit[past.at(block.week).goes_on_in(block.unit_id)].append(block)
        for unit_id, own in by_unit.items():
            parts = parts_of(own, slicing, named.get(unit_id, {}))
            before = known.get((unit_id, slicing), {})
            fresh = _told((unit_id, points), parts, before)
            anew += fresh
            kept = fresh or list(before.values())
            moments |= {(unit_id, one.segment): from_bytes(one.payload) for one in kept}
    return CarriedSegments(moments, tuple(anew))


def parts_of(
    blocks: Sequence[MomentBlock], slicing: str, named: Named = MappingProxyType({})
) -> dict[str, list[MomentBlock]]:
    """Sort a unit's blocks into the parts of a slicing; nothing where no part is large enough.

    A week in which nothing is known of anybody belongs to the rest, and so does a kind that may
    come from fewer people than the floor. Where even the rest may, there are no parts.
    """
    floor, rest = Floors().of(Group.CUSTOMER), rest_code(slicing)
    found: dict[str, list[MomentBlock]] = defaultdict(list)
    sliced = {(one.unit_id, one.week) for one in blocks if one.audience.startswith(f"{slicing}:")}
    for one in blocks:
        if one.audience.startswith(f"{slicing}:"):
            found[one.audience].append(one)
        elif one.audience == Group.CUSTOMER.value and (one.unit_id, one.week) not in sliced:
            found[rest].append(one)
    small = {
        name
        for name, own in found.items()
        if name != rest and _people(own, named.get(name, frozenset())) < floor
    }
    merged: dict[str, list[MomentBlock]] = defaultdict(list)
    for name, own in found.items():
        merged[rest if name in small else name] += own
    others = frozenset().union(*(named.get(name, ()) for name in (rest, *small)))
    if rest in merged and _people(merged[rest], others) < floor:
        return {}
    return dict(merged) if set(merged) - {rest} else {}


def told_segments(
    moments: Mapping[tuple[int, str], Moments],
    names: Mapping[int, str],
    dimension_by_item: Mapping[str, str],
    scale: Scale,
) -> dict[str, dict[str, list[Plain]]]:
    """Return the gaps of each kind of customers as far as they may be told: by unit, by slicing.

    ``*`` is the organisation. A kind that is hidden is listed, so that nobody takes it for absent.
    """
    found: dict[str, dict[str, list[Plain]]] = {name: {} for name in (WHOLE, *names.values())}
    for slicing in SLICINGS:
        cells = {
            f"{names[unit_id]}{_MARK}{segment}": (names[unit_id], segment, one)
            for (unit_id, segment), one in moments.items()
            if segment.startswith(f"{slicing}:") and unit_id in names
        }
        if cells and dimension_by_item:
            _tell(found, slicing, cells, dimension_by_item, scale=scale)
    return found


def keep_segments(session: Session, told: Iterable[ToldSegment]) -> None:
    """Note what a report tells anew, in the transaction that keeps the report."""
    for one in told:
        values = {"weeks": one.weeks, "payload": one.payload}
        session.execute(
            insert_into(session, ToldSegment)
            .values(unit_id=one.unit_id, segment=one.segment, points=one.points, **values)
            .on_conflict_do_update(index_elements=["unit_id", "segment", "points"], set_=values)
        )


def _told(
    place: tuple[int, int], parts: Parts, before: Mapping[str, ToldSegment]
) -> list[ToldSegment]:
    """Return all parts as they are now, if they may be told anew together; else nothing.

    ``place`` is a unit and how many levels the scale has.
    """
    runs = {name: _runs(own) for name, own in parts.items()}
    was = {name: _weeks(one) for name, one in before.items()}
    floor = Floors().of(Group.CUSTOMER)
    changed = [name for name in {*runs, *was} if runs.get(name, {}) != was.get(name, {})]
    if not parts or not changed:
        return []
    if not all(may_be_told(was.get(name, {}), runs.get(name, {}), floor=floor) for name in changed):
        return []
    gone = {name: merge(Group.CUSTOMER, ()) for name in was if name not in parts}
    now = {
        name: merge(Group.CUSTOMER, (from_bytes(one.payload) for one in own))
        for name, own in parts.items()
    }
    return [
        ToldSegment(
            unit_id=place[0],
            points=place[1],
            segment=name,
            weeks={week.isoformat(): many for week, many in sorted(runs.get(name, {}).items())},
            payload=to_bytes(moments),
        )
        for name, moments in (now | gone).items()
    ]


def _tell(
    found: dict[str, dict[str, list[Plain]]],
    slicing: str,
    cells: Mapping[str, tuple[str, str, Moments]],
    dimension_by_item: Mapping[str, str],
    *,
    scale: Scale,
) -> None:
    by_unit: dict[str, list[str]] = defaultdict(list)
    by_segment: dict[str, list[str]] = defaultdict(list)
    for key, (unit, segment, _) in cells.items():
        by_unit[f"{_MARK}{unit}"].append(key)
        by_segment[segment].append(key)
    report = analyse(
        {key: {Group.CUSTOMER: moments} for key, (_, _, moments) in cells.items()},
        dimension_by_item,
        regions=by_unit | by_segment,
        errors=Errors.CORRECTED,
        scale=scale,
    )
    closed = {unit for unit in by_unit if _is_withheld(report.regions[unit])}
    for key, (unit, segment, _) in cells.items():
        hidden = f"{_MARK}{unit}" in closed
        line = _line(segment, {} if hidden else report.units[key])
        found[unit].setdefault(slicing, []).append(line)
    for segment in by_segment:
        line = _line(segment, {} if closed else report.regions[segment])
        found[WHOLE].setdefault(slicing, []).append(line)
    for slices in found.values():
        slices[slicing] = sorted(slices.get(slicing, []), key=_order)


def _is_withheld(unit: Mapping[str, Any]) -> bool:
    """Tell whether the engine would hide a unit's own figures, which the report tells anyway."""
    cells = unit.get("vantage", {})
    return any(
        cells.get(point, {}).get("overall", {}).get("reason") == PROTECTS for point in ("E", "P")
    )


def _line(segment: str, unit: Mapping[str, Any]) -> Plain:
    gaps = {
        (one["level"], one["key"]): one
        for one in unit.get("gaps", ())
        if (one["minuend"], one["subtrahend"]) == ("P", "E")
    }
    overall: Mapping[str, Any] = next(
        (one for (level, _), one in gaps.items() if level == "overall"), {}
    )
    if not overall or overall.get("suppressed") or overall.get("estimate") is None:
        return {"segment": segment, "hidden": True}
    return {
        "segment": segment,
        "hidden": False,
        "respondents": overall.get("n_minuend"),
        **_figures(overall),
        "dimensions": {
            key: _figures(one)
            for (level, key), one in gaps.items()
            if level == "dimension" and not one.get("suppressed")
        },
    }


def _figures(gap: Mapping[str, Any]) -> Plain:
    return {
        name: None if gap.get(name) is None else round(gap[name], 2)
        for name in ("estimate", "low", "high")
    }


def _order(line: Plain) -> tuple[bool, str]:
    return line["segment"] in {rest_code(one) for one in SLICINGS}, line["segment"]


def _people(blocks: Sequence[MomentBlock], named: Collection[int]) -> int:
    """Return from how many different people some blocks come at least."""
    return max(len(named), *(one.largest_wave for one in blocks), 0)


def _named(
    session: Session, span: Span, past: Past, points: int
) -> dict[int, dict[str, frozenset[int]]]:
    """Return who answered by name on this scale in these weeks, by unit and touchpoint."""
    rows = session.execute(
        select(col(Run.unit_id), col(Run.week), col(RunSegment.touchpoint), col(Invitee.person_id))
        .join(Invitee, col(Invitee.id) == col(Run.invitee_id))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Run.version_id))
        .outerjoin(RunSegment, col(RunSegment.run_key) == col(Run.key))
        .where(
            ~col(Run.anonymous),
            col(QuestionnaireVersion.audience) == Group.CUSTOMER.value,
            col(QuestionnaireVersion.points) == points,
            col(Run.week).between(span.first, span.last),
            exists().where(
                col(Answer.run_key) == col(Run.key),
                col(Answer.vantage).in_([one.value for one in GROUPS[Group.CUSTOMER]]),
            ),
        )
        .distinct()
    )
    found: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for unit_id, week, touchpoint, person_id in rows:
        code = segment_code(TOUCHPOINT, touchpoint) if touchpoint else rest_code(TOUCHPOINT)
        found[past.at(week).goes_on_in(unit_id)][code].add(person_id)
    return {
        unit_id: {code: frozenset(people) for code, people in own.items()}
        for unit_id, own in found.items()
    }


def _slicing_of(code: str) -> str:
    """Return the slicing of a segment's code; an audience's name comes back as it is."""
    return code.partition(":")[0]


def _runs(blocks: Sequence[MomentBlock]) -> dict[date, int]:
    counted: dict[date, int] = defaultdict(int)
    for one in blocks:
        counted[one.week] += one.runs
    return dict(counted)


def _weeks(told: ToldSegment) -> dict[date, int]:
    return {date.fromisoformat(week): many for week, many in told.weeks.items()}
