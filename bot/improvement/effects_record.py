"""What each fix did in this organisation so far: tried, helped, no evidence, worse."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.render import Texts
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.tables import Action

FAIR = 2
"""From so many tries on, having shown no effect speaks against a fix, a little."""
_KNOWN = ("improved", "no evidence", "worse")


@dataclass(frozen=True, slots=True)
class FixRecord:
    """In how many units a fix was tried with a known end, and what the newest look there said."""

    improved: int = 0
    no_evidence: int = 0
    worse: int = 0

    @property
    def tried(self) -> int:
        """In how many units it was tried."""
        return self.improved + self.no_evidence + self.worse

    @property
    def score(self) -> float:
        """Return the record for the ranking: above 0 it helped, below 0 it did not, 0 is unknown.

        Two tries that never were weigh in, so that one success counts less than three of four.
        """
        doubts = 0.25 * self.no_evidence if self.tried >= FAIR else 0.0
        return (self.improved - self.worse - doubts) / (self.tried + 2)


def records(session: Session) -> dict[str, FixRecord]:
    """Return the record of every fix that was tried; in each unit its newest known end counts."""
    rows = session.execute(
        select(col(Action.fix), col(Action.unit_id), col(ActionEffect.verdict))
        .join(Action, col(Action.id) == col(ActionEffect.action_id))
        .where(col(Action.fix) != "", col(ActionEffect.verdict).in_(_KNOWN))
        .order_by(col(ActionEffect.computed_at), col(ActionEffect.id))
    )
    newest = {(fix, unit_id): verdict for fix, unit_id, verdict in rows}
    counted: dict[str, dict[str, int]] = {}
    for (fix, _), verdict in newest.items():
        own = counted.setdefault(fix, dict.fromkeys(_KNOWN, 0))
        own[verdict] += 1
    return {
        fix: FixRecord(own["improved"], own["no evidence"], own["worse"])
        for fix, own in counted.items()
    }


def scores(session: Session) -> Mapping[str, float]:
    """Return the record of every fix that was tried, for the engine's ranking."""
    return {fix: record.score for fix, record in records(session).items()}


def record_line(session: Session, texts: Texts, fix: str, *, language: str) -> str:
    """Say what a fix did here so far, naming no unit; empty where it was never tried."""
    record = records(session).get(fix)
    if record is None:
        return ""
    return texts.render("improvement/effect_record.html", language, record=record)
