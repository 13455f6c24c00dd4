"""Where the wording of questions changed: figures before and after are not to be compared."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session, col

from bot.surveys.definition import Questionnaire
from bot.surveys.tables import QuestionnaireVersion, Run

GAP_POINTS: Mapping[str, str] = {
    "G5": "PE",
    "perception": "PD",
    "delivery": "DE",
    "communication": "DC",
    "expectation": "ME",
    "specification": "DS",
    "G2": "SM",
}
"""The vantage points of each gap that an action may be about."""

CLASSIC: Mapping[str, str] = {"G1": "expectation", "G3": "specification", "G4": "communication"}
"""Classic names of gaps that have a name of their own here."""

MEASURED = (*GAP_POINTS, *CLASSIC)

Wording = dict[tuple[str, str, str], str]


def breaks_between(
    session: Session, units: Sequence[int], starts: Sequence[date], *, gap: str
) -> NDArray[np.bool_]:
    """Mark, by unit and span, where a question of this gap was asked in other words than before.

    ``starts`` are the first weeks of the spans. What changed between two spans is marked at the
    later one. A question that is new, or put in another language, is no change of wording.
    """
    marks = np.zeros((len(units), len(starts)), dtype=np.bool_)
    used = _versions_used(session, units, starts[0])
    wordings = _wordings(session, {one for asked in used.values() for one in asked.values()}, gap)
    for row, unit in enumerate(units):
        known: Wording = {}
        for (week, _), version in sorted(used[unit].items()):
            place = next((k for k, start in enumerate(starts) if start >= week), None)
            last = len(starts) - 1 if place is None else place
            asked = wordings[version]
            if any(known.get(key, text) != text for key, text in asked.items()):
                marks[row, last] = True
            known |= asked
    return marks


def _versions_used(
    session: Session, units: Sequence[int], first: date
) -> Mapping[int, dict[tuple[date, int], int]]:
    """Return the versions in use by unit, week and number, from a week on."""
    rows = session.execute(
        select(col(Run.unit_id), col(Run.week), col(Run.version_id))
        .where(col(Run.unit_id).in_(units), col(Run.week) >= first)
        .distinct()
    )
    used: dict[int, dict[tuple[date, int], int]] = defaultdict(dict)
    for unit_id, week, version_id in rows:
        used[unit_id][week, version_id] = version_id
    return used


def _wordings(session: Session, versions: set[int], gap: str) -> dict[int, Wording]:
    rows = session.execute(
        select(col(QuestionnaireVersion.id), col(QuestionnaireVersion.content)).where(
            col(QuestionnaireVersion.id).in_(versions)
        )
    )
    return {version: _wording(content, GAP_POINTS[gap]) for version, content in rows}


def _wording(content: str, points: str) -> Wording:
    return {
        (item.id, point.value, language): text
        for item in Questionnaire.from_canonical(content).items
        for point, texts in item.text.items()
        if point.value in points
        for language, text in texts.items()
    }
