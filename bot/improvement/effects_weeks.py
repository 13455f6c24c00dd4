"""The gap of an action's unit and of the units beside it, from the stored moments, week by week.

P-E, P-D, D-E and D-C are comparable from week to week. Managers are asked too seldom for that: a
gap that needs their answers is told in parts of a window instead, several weeks taken together.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis.tables import MomentBlock
from bot.improvement.effects_wording import GAP_POINTS, breaks_between
from gapengine.change import WeekPoints, week_points
from gapengine.disclosure import Floors
from gapengine.intervals import Errors
from gapengine.moments import Moments, merge
from gapengine.packing import from_bytes
from gapengine.report import analyse
from gapengine.scale import SEVEN, Scale
from gapengine.vantage import Group

WEEKLY = frozenset({"G5", "perception", "delivery", "communication"})
LONGEST = 8
"""How many weeks after an action are looked at, at most: as many as before."""
PARTS = 2
"""In how many parts a window is taken where weeks tell too little."""
_AT_ONCE = 16
"""Units whose moments are in memory together."""
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Course:
    """The weeks of a comparison, as Mondays: before, the one that gave rise to it, after."""

    before: tuple[date, ...]
    trigger: date
    after: tuple[date, ...]

    @classmethod
    def of(cls, first: date, last: date, *, trigger: date, started: date, newest: date) -> "Course":
        """Take the weeks before as they were fixed, and those after up to the newest full one."""
        return cls(
            tuple(week for week in _mondays(first, last) if week < trigger),
            trigger,
            tuple(_mondays(started, newest))[:LONGEST],
        )

    @property
    def weeks(self) -> tuple[date, ...]:
        """All weeks, oldest first."""
        return (*self.before, self.trigger, *self.after)


class Story(NamedTuple):
    """The points of all units, the first of them the treated one's; where the time after begins.

    ``spans`` are the weeks that each point stands for, as Mondays.
    """

    points: WeekPoints
    trigger: str
    started: str
    fingerprint: str
    spans: tuple[tuple[date, ...], ...]


def story_of(
    session: Session,
    units: Sequence[int],
    course: Course,
    *,
    gap: str,
    dimension: str,
    scale: Scale = SEVEN,
) -> Story:
    """Read what was answered on this scale in these units and weeks; only reads."""
    by_week = gap in WEEKLY
    spans: list[tuple[date, ...]] = (
        [(week,) for week in course.weeks] if by_week else _parts(course)
    )
    keys = [span[0].isoformat() for span in spans]
    seen = hashlib.sha256()
    found: list[WeekPoints] = []
    for start in range(0, len(units), _AT_ONCE):
        some = units[start : start + _AT_ONCE]
        blocks = _blocks(session, some, course.weeks, gap=gap, points=scale.points)
        for block in blocks:
            seen.update(f"{block.unit_id} {block.week} {block.fingerprint}".encode())
        own = _by_unit(blocks, some, spans)
        if by_week:
            narrowed = [[_narrowed(one, dimension) for one in unit] for unit in own]
            found.append(week_points(narrowed, keys, gap=gap))
        else:
            found.append(_part_points(own, keys, gap=gap, dimension=dimension, scale=scale))
    marks = breaks_between(session, units, [span[0] for span in spans], gap=gap)
    return Story(
        _joined(found, keys, marks),
        trigger=course.trigger.isoformat(),
        started=course.after[0].isoformat(),
        fingerprint=seen.hexdigest(),
        spans=tuple(spans),
    )


def _mondays(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _WEEK


def _parts(course: Course) -> list[tuple[date, ...]]:
    return [*_halves(course.before), (course.trigger,), *_halves(course.after)]


def _halves(weeks: tuple[date, ...]) -> list[tuple[date, ...]]:
    middle = (len(weeks) + 1) // PARTS
    return [part for part in (weeks[:middle], weeks[middle:]) if part]


def _blocks(
    session: Session, units: Sequence[int], weeks: Sequence[date], *, gap: str, points: int
) -> Sequence[MomentBlock]:
    audiences = {group.value for group, points in _ASKED.items() if points & set(GAP_POINTS[gap])}
    return session.scalars(
        select(MomentBlock)
        .where(
            col(MomentBlock.unit_id).in_(units),
            col(MomentBlock.week).in_(weeks),
            col(MomentBlock.audience).in_(audiences),
            col(MomentBlock.points) == points,
        )
        .order_by(col(MomentBlock.unit_id), col(MomentBlock.week), col(MomentBlock.audience))
    ).all()


_ASKED: Mapping[Group, set[str]] = {
    Group.CUSTOMER: {"E", "P", "C"},
    Group.STAFF: {"D"},
    Group.MANAGER: {"M", "S"},
}


def _by_unit(
    blocks: Sequence[MomentBlock], units: Sequence[int], spans: Sequence[tuple[date, ...]]
) -> list[list[dict[Group, Moments]]]:
    """Add up the blocks of each unit, span and audience.

    Left out is an audience of which no wave had as many runs as the floor, as in reports.
    """
    span_of = {week: place for place, span in enumerate(spans) for week in span}
    row_of = {unit: row for row, unit in enumerate(units)}
    listed: list[list[dict[Group, list[MomentBlock]]]] = [[{} for _ in spans] for _ in units]
    for block in blocks:
        own = listed[row_of[block.unit_id]][span_of[block.week]]
        own.setdefault(Group(block.audience), []).append(block)
    floors = Floors()
    return [
        [
            {
                group: merge(group, (from_bytes(one.payload) for one in some))
                for group, some in groups.items()
                if max(one.largest_wave for one in some) >= floors.of(group)
            }
            for groups in unit
        ]
        for unit in listed
    ]


def _narrowed(week: Mapping[Group, Moments], dimension: str) -> dict[Group, Moments]:
    if not dimension:
        return dict(week)
    parts = {group: only_dimension(moments, dimension) for group, moments in week.items()}
    return {group: moments for group, moments in parts.items() if moments.items}


def only_dimension(moments: Moments, dimension: str) -> Moments:
    """Return what was answered to the items of one dimension, as if nothing else had been asked."""
    at = [k for k, name in enumerate(moments.dimension_of) if name == dimension]
    if not at:
        return Moments.empty(moments.group)
    spot = np.array(at, dtype=np.int64)
    row = 1 + moments.dimensions.index(dimension)
    levels = np.concatenate([[row, row], 1 + len(moments.dimensions) + spot])
    return Moments(
        moments.group,
        tuple(moments.items[k] for k in at),
        (dimension,) * len(at),
        cross=moments.cross[:, :, spot[:, None], spot],
        respondents=moments.respondents[levels],
        histogram=moments.histogram[:, spot],
        no_rule=moments.no_rule[spot],
        pairs=moments.pairs[spot],
    )


def _part_points(
    units: Sequence[Sequence[dict[Group, Moments]]],
    keys: Sequence[str],
    *,
    gap: str,
    dimension: str,
    scale: Scale,
) -> WeekPoints:
    """Describe each part of the windows by the figure that a report would show of it."""
    dimensions = _items_of(units)
    if not dimensions:
        nothing = np.full((len(units), len(keys)), np.nan)
        return WeekPoints(tuple(keys), nothing, nothing, nothing, nothing)
    level, key = ("dimension", dimension) if dimension else ("overall", "overall")
    columns: list[list[NDArray[np.float64]]] = []
    for place in range(len(keys)):
        moments = {str(row): unit[place] for row, unit in enumerate(units)}
        report = analyse(moments, dimensions, errors=Errors.CORRECTED, scale=scale)
        table = report.table(level)
        mine = (table["gap"] == gap) & (table["key"] == key) & (table["unit"] != "*")
        people = np.minimum(table["n_minuend"], table["n_subtrahend"])
        told = (table["estimate"], table["se"], table["df"], people)
        columns.append([_in_rows(table["unit"][mine], one[mine], len(units)) for one in told])
    estimate, se, df, n = (np.stack(one, axis=1) for one in zip(*columns, strict=True))
    return WeekPoints(tuple(keys), estimate, se, df, n)


def _items_of(units: Sequence[Sequence[Mapping[Group, Moments]]]) -> dict[str, str]:
    every = (moments for unit in units for part in unit for moments in part.values())
    known: dict[str, str] = {}
    for moments in every:
        known |= dict(zip(moments.items, moments.dimension_of, strict=True))
    return dict(sorted(known.items()))


def _in_rows(
    names: NDArray[np.str_], values: NDArray[np.float64], many: int
) -> NDArray[np.float64]:
    row = np.full(many, np.nan)
    row[[int(name) for name in names]] = values
    return row


def _joined(
    found: Sequence[WeekPoints], keys: Sequence[str], marks: NDArray[np.bool_]
) -> WeekPoints:
    parts = [(one.estimate, one.se, one.df, one.n) for one in found]
    estimate, se, df, n = (np.concatenate(column) for column in zip(*parts, strict=True))
    return WeekPoints(tuple(keys), estimate, se, df, n, breaks=marks)
