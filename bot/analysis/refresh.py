"""Keeping the moments true: rebuild the blocks whose answers changed, and nothing else.

Triggers mark a (unit, week) when one of its answers is written, corrected or erased. A refresh
takes the mark away first and reads the answers after, in one transaction, so that whatever is
written meanwhile marks the week again. The mark is the lock as well: of two processes only the
one that takes it rebuilds the week.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import delete, select
from sqlmodel import Session, col

from bot.analysis.tables import (
    CAUSES,
    CHANNEL,
    GROUP_OF,
    PARTNERS_VIEW,
    RELATION,
    TENURE,
    TOUCHPOINT,
    MomentBlock,
    rest_code,
    segment_code,
)
from bot.core.database import insert_into
from bot.core.dialogue import PARTNER
from bot.surveys.definition import POINTS, Questionnaire
from bot.surveys.tables import (
    Answer,
    DirtyWeek,
    Invitee,
    QuestionnaireVersion,
    Run,
    RunSegment,
)
from gapengine.folding import NO_RULE, AnswerColumns, fold
from gapengine.moments import Moments
from gapengine.packing import to_bytes
from gapengine.vantage import GROUPS, Group

AT_ONCE = 50
MARKS_AT_ONCE = 1000
AGREEMENT = "A"


class AnswerRow(NamedTuple):
    """One answer as it is folded; ``score`` is None for "no rule".

    ``person_id`` only of named runs: of an anonymous one it is not looked at, open or closed.
    ``tenure``, ``channel`` and ``touchpoint`` say what kind of customer the run was made for, where
    that is known.
    """

    run_key: str
    item: str
    vantage: str
    score: int | None
    version_id: int
    wave_id: int = 0
    person_id: int | None = None
    tenure: str | None = None
    channel: str | None = None
    touchpoint: str | None = None

    @property
    def respondent(self) -> str:
        """Whose answer it is, as far as that is known."""
        return self.run_key if self.person_id is None else f"person {self.person_id}"


class _Papers:
    """What the versions ask, by whom and on how many levels; read once for all weeks."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(
            select(
                col(QuestionnaireVersion.id),
                col(QuestionnaireVersion.audience),
                col(QuestionnaireVersion.points),
            )
        ).all()
        self.points = {version_id: points for version_id, _, points in rows}
        self.partners = frozenset(one for one, audience, _ in rows if audience == PARTNER)
        self._dimensions = {
            (points, of_partners): item_dimensions(session, points, of_partners=of_partners)
            for points in set(self.points.values())
            for of_partners in (False, True)
        }

    def dimensions(self, points: int, *, of_partners: bool = False) -> Mapping[str, str]:
        """Return the dimension of each item on this scale."""
        return self._dimensions[points, of_partners]


class CauseSum(NamedTuple):
    """How often a statement about a cause was rated in one version's words, and the sum."""

    version_id: int
    cause: str
    times: int
    total: int


def refresh(session: Session, *, most: int = AT_ONCE) -> int:
    """Rebuild the moments of up to ``most`` changed weeks; return how many marks there were."""
    marked = session.execute(
        select(col(DirtyWeek.unit_id), col(DirtyWeek.week))
        .order_by(col(DirtyWeek.unit_id), col(DirtyWeek.week))
        .limit(most)
    ).all()
    papers = _Papers(session) if marked else None
    for unit_id, week in marked:
        if papers is not None and _take_mark(session, unit_id, week):
            _rebuild(session, unit_id, week, papers=papers)
    return len(marked)


def recompute_everything(session: Session) -> int:
    """Rebuild all moments from the answers, in this one transaction; return how many weeks."""
    weeks = mark_everything(session)
    while refresh(session):
        pass
    return weeks


def mark_everything(session: Session) -> int:
    """Mark every week that has answers or moments, so that refreshes rebuild it; count them."""
    weeks = session.execute(
        select(col(Answer.unit_id), col(Answer.week))
        .union(select(col(MomentBlock.unit_id), col(MomentBlock.week)))
        .order_by("unit_id", "week")
    ).all()
    for start in range(0, len(weeks), MARKS_AT_ONCE):
        rows = [
            {"unit_id": unit_id, "week": week}
            for unit_id, week in weeks[start : start + MARKS_AT_ONCE]
        ]
        session.execute(insert_into(session, DirtyWeek).values(rows).on_conflict_do_nothing())
    return len(weeks)


def item_dimensions(
    session: Session, points: int = POINTS, *, of_partners: bool = False
) -> dict[str, str]:
    """Return the dimension of every item ever asked on so many levels; the newest version decides.

    ``of_partners``: the items that partners are asked about, instead of everybody else's.
    """
    is_partners = col(QuestionnaireVersion.audience) == PARTNER
    contents = session.scalars(
        select(col(QuestionnaireVersion.content))
        .where(
            is_partners if of_partners else ~is_partners,
            col(QuestionnaireVersion.points) == points,
        )
        .order_by(col(QuestionnaireVersion.id))
    )
    merged: dict[str, str] = {}
    for content in contents:
        merged |= Questionnaire.from_canonical(content).dimensions
    return merged


def fold_rows(
    group: Group, rows: Sequence[AnswerRow], dimension_by_item: Mapping[str, str]
) -> Moments:
    """Fold answers of one group. A run is one respondent; of named runs, a person is."""
    items = {item: number for number, item in enumerate(dimension_by_item)}
    vantages = {vantage.value: number for number, vantage in enumerate(GROUPS[group])}
    _, respondents = np.unique([row.respondent for row in rows], return_inverse=True)
    columns = AnswerColumns.of(
        respondents,
        [items[row.item] for row in rows],
        vantage=[vantages[row.vantage] for row in rows],
        score=[NO_RULE if row.score is None else row.score for row in rows],
    )
    return fold(group, dimension_by_item, columns)


def pack_causes(rows: Sequence[AnswerRow]) -> bytes:
    """Add up the ratings of causes; equal answers give equal bytes, whatever their order."""
    times: Counter[tuple[int, str]] = Counter()
    totals: Counter[tuple[int, str]] = Counter()
    for row in rows:
        times[row.version_id, row.item] += 1
        totals[row.version_id, row.item] += row.score or 0
    sums = [CauseSum(*key, times[key], totals[key]) for key in sorted(times)]
    return json.dumps(sums, separators=(",", ":")).encode()


def unpack_causes(payload: bytes) -> list[CauseSum]:
    """Read back what ``pack_causes`` gave."""
    return [CauseSum(*one) for one in json.loads(payload)]


def _take_mark(session: Session, unit_id: int, week: date) -> bool:
    """Take a mark away; False when another process did. Waits for answers not yet committed."""
    taken = session.execute(
        delete(DirtyWeek).where(col(DirtyWeek.unit_id) == unit_id, col(DirtyWeek.week) == week)
    )
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def _answers_of(unit_id: int, week: date) -> Any:
    answers = select(
        col(Answer.run_key),
        col(Answer.item),
        col(Answer.vantage),
        col(Answer.score),
        col(Answer.version_id),
        col(Run.wave_id),
        col(Invitee.person_id),  # of a run by name: an anonymous one has no invitee
        col(RunSegment.tenure),
        col(RunSegment.channel),
        col(RunSegment.touchpoint),
    )
    named = (
        answers.join(Run, col(Run.key) == col(Answer.run_key))
        .outerjoin(Invitee, col(Invitee.id) == col(Run.invitee_id))
        .outerjoin(RunSegment, col(RunSegment.run_key) == col(Answer.run_key))
    )
    return named.where(col(Answer.unit_id) == unit_id, col(Answer.week) == week)


def _rebuild(session: Session, unit_id: int, week: date, *, papers: _Papers) -> None:
    by_scale: dict[int, list[AnswerRow]] = defaultdict(list)
    for one in session.execute(_answers_of(unit_id, week)):
        row = AnswerRow(*one)
        by_scale[papers.points[row.version_id]].append(row)
    session.execute(
        delete(MomentBlock).where(
            col(MomentBlock.unit_id) == unit_id, col(MomentBlock.week) == week
        )
    )
    for points, rows in by_scale.items():
        session.add_all(
            MomentBlock(
                unit_id=unit_id,
                week=week,
                audience=audience,
                points=points,
                payload=payload,
                runs=len({row.run_key for row in own}),
                largest_wave=_largest_wave(own),
                fingerprint=hashlib.sha256(payload).hexdigest(),
            )
            for audience, own, payload in _folded(rows, points, papers)
        )
    session.flush()


def _folded(
    everything: Sequence[AnswerRow], points: int, papers: _Papers
) -> Iterator[tuple[str, Sequence[AnswerRow], bytes]]:
    """Give the blocks of a week's answers on one scale: audience, rows and packed sums."""
    rows = [row for row in everything if row.version_id not in papers.partners]
    partners = [row for row in everything if row.version_id in papers.partners]
    for audience, group in GROUP_OF.items():
        of_partners = audience in {RELATION, PARTNERS_VIEW}
        told = partners if of_partners else rows
        own = [row for row in told if row.vantage in GROUPS[group]]
        if own:
            dimensions = papers.dimensions(points, of_partners=of_partners)
            yield audience, own, to_bytes(fold_rows(group, own, dimensions))
    customers = [row for row in rows if row.vantage in GROUPS[Group.CUSTOMER]]
    for segment, own in _by_segment(customers).items():
        yield segment, own, to_bytes(fold_rows(Group.CUSTOMER, own, papers.dimensions(points)))
    own = [row for row in rows if row.vantage == AGREEMENT]
    if own:
        yield CAUSES, own, pack_causes(own)


def _by_segment(rows: Sequence[AnswerRow]) -> dict[str, list[AnswerRow]]:
    """Sort customers' answers by kind of customer: by tenure, by channel, and by touchpoint.

    In each of the three every answer is in one part; nothing where no kind is known at all.
    """
    found: dict[str, list[AnswerRow]] = defaultdict(list)
    for slicing, kinds in (
        (TENURE, [row.tenure for row in rows]),
        (CHANNEL, [row.channel for row in rows]),
        (TOUCHPOINT, [row.touchpoint for row in rows]),
    ):
        if any(kinds):
            for row, kind in zip(rows, kinds, strict=True):
                code = segment_code(slicing, kind) if kind else rest_code(slicing)
                found[code].append(row)
    return dict(found)


def _largest_wave(rows: Sequence[AnswerRow]) -> int:
    """Return from how many different people the answers come at least.

    That is the number of runs of the anonymous wave that had most, since a wave holds each person
    at most once; or the number of people who answered by name, if that is more.
    """
    anonymous = {(row.wave_id, row.run_key) for row in rows if row.person_id is None}
    waves = Counter(wave for wave, _ in anonymous)
    named = {row.person_id for row in rows if row.person_id is not None}
    return max(len(named), *waves.values(), 0)
