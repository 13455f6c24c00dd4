"""Keeping the moments true: rebuild the blocks whose answers changed, and nothing else.

Triggers mark a (unit, week) when one of its answers is written, corrected or erased. A refresh
takes the marks away first and reads the answers after, in one transaction, so that whatever is
written meanwhile marks the week again.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
from sqlalchemy import Row, delete, select
from sqlmodel import Session, col

from bot.analysis.tables import MomentBlock
from bot.surveys.definition import Questionnaire
from bot.surveys.tables import Answer, DirtyWeek, QuestionnaireVersion
from gapengine.folding import NO_RULE, AnswerColumns, fold
from gapengine.moments import Moments
from gapengine.packing import to_bytes
from gapengine.vantage import GROUPS, Group

AT_ONCE = 50


def refresh(session: Session, *, most: int = AT_ONCE) -> int:
    """Rebuild the moments of up to ``most`` changed weeks; return how many were rebuilt."""
    marked = session.execute(
        select(col(DirtyWeek.unit_id), col(DirtyWeek.week))
        .order_by(col(DirtyWeek.unit_id), col(DirtyWeek.week))
        .limit(most)
    ).all()
    dimension_by_item = item_dimensions(session) if marked else {}
    for unit_id, week in marked:
        session.execute(
            delete(DirtyWeek).where(col(DirtyWeek.unit_id) == unit_id, col(DirtyWeek.week) == week)
        )
        _rebuild(session, unit_id, week, dimension_by_item=dimension_by_item)
    return len(marked)


def recompute_everything(session: Session) -> int:
    """Forget all moments and build them from the answers; return the number of blocks."""
    session.execute(delete(MomentBlock))
    session.execute(delete(DirtyWeek))
    weeks = session.execute(
        select(col(Answer.unit_id), col(Answer.week))
        .distinct()
        .order_by(col(Answer.unit_id), col(Answer.week))
    ).all()
    dimension_by_item = item_dimensions(session)
    for unit_id, week in weeks:
        _rebuild(session, unit_id, week, dimension_by_item=dimension_by_item)
    return len(weeks)


def item_dimensions(session: Session) -> dict[str, str]:
    """Return the dimension of every item that was ever asked; the newest version decides."""
    contents = session.scalars(
        select(col(QuestionnaireVersion.content)).order_by(col(QuestionnaireVersion.id))
    )
    merged: dict[str, str] = {}
    for content in contents:
        merged |= Questionnaire.from_canonical(content).dimensions
    return merged


def _rebuild(
    session: Session, unit_id: int, week: date, *, dimension_by_item: Mapping[str, str]
) -> None:
    rows = session.execute(
        select(col(Answer.run_key), col(Answer.item), col(Answer.vantage), col(Answer.score)).where(
            col(Answer.unit_id) == unit_id, col(Answer.week) == week, col(Answer.vantage) != "A"
        )
    ).all()
    session.execute(
        delete(MomentBlock).where(
            col(MomentBlock.unit_id) == unit_id, col(MomentBlock.week) == week
        )
    )
    for group in Group:
        own = [row for row in rows if row.vantage in GROUPS[group]]
        if own:
            moments = fold_rows(group, own, dimension_by_item)
            payload = to_bytes(moments)
            session.add(
                MomentBlock(
                    unit_id=unit_id,
                    week=week,
                    audience=group.value,
                    payload=payload,
                    runs=len({row.run_key for row in own}),
                    fingerprint=hashlib.sha256(payload).hexdigest(),
                )
            )


def fold_rows(
    group: Group,
    rows: Iterable[Row[tuple[str, str, str, int | None]]],
    dimension_by_item: Mapping[str, str],
) -> Moments:
    """Fold rows of (run key, item, vantage, score) of one group; a run is one respondent."""
    listed = list(rows)
    items = {item: number for number, item in enumerate(dimension_by_item)}
    vantages = {vantage.value: number for number, vantage in enumerate(GROUPS[group])}
    _, runs = np.unique([row.run_key for row in listed], return_inverse=True)
    columns = AnswerColumns.of(
        runs,
        [items[row.item] for row in listed],
        vantage=[vantages[row.vantage] for row in listed],
        score=[NO_RULE if row.score is None else row.score for row in listed],
    )
    return fold(group, dimension_by_item, columns)
