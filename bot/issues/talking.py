"""Whether somebody is in touch about a report of theirs, so that nothing else is asked.

Only reports by name can tell; of an anonymous one nobody knows whose it is, and so it stays.
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlmodel import Session, col

from bot.core.tables import Delivery
from bot.issues.desk import unit_day
from bot.issues.tables import Issue, IssuePost, IssueReport


def is_talking(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Tell whether something was written today in an open report by name of the person."""
    mine = exists().where(
        col(IssueReport.issue_id) == col(Issue.id),
        col(IssueReport.person_id) == delivery.person_id,
    )
    latest = session.execute(
        select(col(Issue.unit_id), col(IssuePost.posted_on))
        .join(IssuePost, col(IssuePost.issue_id) == col(Issue.id))
        .where(mine, col(Issue.closed_on).is_(None))
        .order_by(col(IssuePost.posted_on).desc())
        .limit(1)
    ).first()
    return latest is not None and latest.posted_on >= unit_day(session, latest.unit_id, now)
