"""What issues say about the gaps: how often what was reported, above the floor.

One issue is read by its managers. How often a kind of thing is reported goes further, into digests
and beside the gaps; so below five reports there is no number.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.issues import rules
from bot.issues.card import is_late
from bot.issues.desk import IssueDesk, unit_day
from bot.issues.rules import GAPS_OF, shown_number
from bot.issues.tables import Issue, IssueReport


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was reported; ``reports`` is None for fewer than five."""

    kind: str
    dimension: str
    reports: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """How the issues of a unit stand: what is new, open, late, and what was resolved since."""

    new: int
    open: int
    late: int
    resolved: int


def counts(session: Session, unit_id: int, since: datetime, now: datetime) -> list[Count]:
    """Return how often each kind of thing was reported of each side of the service, most first."""
    found = _numbers(session, unit_id, since, now)
    return [
        Count(kind, dimension, shown_number(number))
        for (kind, dimension), number in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]


def evidence(
    session: Session, unit_id: int, since: datetime, now: datetime
) -> dict[str, int | None]:
    """Return how many reports speak of each gap, of both sets; None for fewer than five."""
    by_gap: Counter[str] = Counter()
    for (kind, _), number in _numbers(session, unit_id, since, now).items():
        by_gap.update(dict.fromkeys(GAPS_OF[kind], number))
    return {gap: shown_number(number) for gap, number in by_gap.items()}


def themes(session: Session, unit_id: int, since: datetime, now: datetime) -> list[Count]:
    """Return what is reported often enough to be told, most first."""
    return [one for one in counts(session, unit_id, since, now) if one.reports is not None]


def summary(
    session: Session, desk: IssueDesk, unit_id: int, *, since: datetime, now: datetime
) -> Summary:
    """Return how the issues of a unit stand."""
    today = unit_day(session, unit_id, now)
    standing = session.scalars(
        select(Issue).where(col(Issue.unit_id) == unit_id, col(Issue.state).in_(rules.OPEN))
    ).all()
    resolved = session.scalar(
        select(func.count()).where(
            col(Issue.unit_id) == unit_id,
            col(Issue.state) == rules.RESOLVED,
            col(Issue.closed_on) >= unit_day(session, unit_id, since),
        )
    )
    return Summary(
        new=sum(one.state == rules.NEW for one in standing),
        open=len(standing),
        late=sum(is_late(desk, one, today) for one in standing),
        resolved=resolved or 0,
    )


def _numbers(
    session: Session, unit_id: int, since: datetime, now: datetime
) -> dict[tuple[str, str], int]:
    """Count reports by kind and dimension, of the days from ``since`` until ``now``."""
    rows = session.execute(
        select(col(Issue.kind), col(Issue.dimension), func.count())
        .join(IssueReport, col(IssueReport.issue_id) == col(Issue.id))
        .where(
            col(Issue.unit_id) == unit_id,
            col(IssueReport.reported_on) >= unit_day(session, unit_id, since),
            col(IssueReport.reported_on) <= unit_day(session, unit_id, now),
        )
        .group_by(col(Issue.kind), col(Issue.dimension))
    )
    return {(row[0], row[1]): row[2] for row in rows}
