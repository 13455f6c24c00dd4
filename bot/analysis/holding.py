"""Figures are told anew only when enough people stand between them and what was told before.

A report made again after one more answer would tell that answer by its difference. So the moments
of each unit and audience are kept as they were told last, and are told again only when the floor
of new questionnaires has come in, or the floor has left the window and none came. Until then the
last told moments stand in every report; also a correction waits. It limits what two reports in a
row tell; what many reports in a row tell is measured in docs/explanation/small-groups.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from bot.analysis.tables import GROUP_OF, MomentBlock, ToldMoments
from bot.core.database import insert_into
from bot.people.tree import ALWAYS
from bot.surveys.definition import POINTS
from gapengine.disclosure import Floors
from gapengine.moments import Moments, merge
from gapengine.packing import from_bytes, to_bytes


class Place(NamedTuple):
    """A unit while it lay in one place, since a Monday, and an audience: a key of ``GROUP_OF``."""

    unit_id: int
    audience: str
    since: date = ALWAYS


RunsByWeek = Mapping[date, int]


@dataclass(frozen=True)
class Carried:
    """The moments that a report may tell, and those of them that are told anew."""

    moments: Mapping[Place, Moments]
    anew: tuple[ToldMoments, ...]


def carried(
    session: Session, blocks: Mapping[Place, Sequence[MomentBlock]], points: int = POINTS
) -> Carried:
    """Return what may be told of each unit and audience on one scale: its blocks, or what was told
    last."""
    told = session.exec(select(ToldMoments).where(col(ToldMoments.points) == points)).all()
    known = {Place(one.unit_id, one.audience, one.since): one for one in told}
    moments: dict[Place, Moments] = {}
    anew: list[ToldMoments] = []
    for place, own in blocks.items():
        group = GROUP_OF[place.audience]
        before = known.get(place)
        runs: Counter[date] = Counter()
        for block in own:
            runs[block.week] += block.runs
        if before is not None and not may_be_told(_weeks(before), runs, floor=Floors().of(group)):
            moments[place] = from_bytes(before.payload)
            continue
        merged = merge(group, (from_bytes(block.payload) for block in own))
        moments[place] = merged
        anew.append(
            ToldMoments(
                **place._asdict(),
                points=points,
                weeks={week.isoformat(): many for week, many in sorted(runs.items())},
                payload=to_bytes(merged),
            )
        )
    return Carried(moments, tuple(anew))


def may_be_told(before: RunsByWeek, now: RunsByWeek, *, floor: int) -> bool:
    """Tell whether enough questionnaires stand between what was told and what would be.

    >>> week = date(2026, 3, 2)
    >>> may_be_told({week: 12}, {week: 16}, floor=5), may_be_told({week: 12}, {week: 17}, floor=5)
    (False, True)
    """
    weeks = set(before) | set(now)
    joined = sum(max(0, now.get(week, 0) - before.get(week, 0)) for week in weeks)
    left = sum(max(0, before.get(week, 0) - now.get(week, 0)) for week in weeks)
    return joined >= floor or (joined == 0 and left >= floor)


def keep(session: Session, told: Iterable[ToldMoments]) -> None:
    """Note what a report tells anew, in the transaction that keeps the report."""
    for one in told:
        values = {"weeks": one.weeks, "payload": one.payload}
        session.execute(
            insert_into(session, ToldMoments)
            .values(
                unit_id=one.unit_id,
                audience=one.audience,
                since=one.since,
                points=one.points,
                **values,
            )
            .on_conflict_do_update(
                index_elements=["unit_id", "audience", "since", "points"], set_=values
            )
        )


def _weeks(told: ToldMoments) -> dict[date, int]:
    return {date.fromisoformat(week): many for week, many in told.weeks.items()}
