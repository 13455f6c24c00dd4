"""What is kept of reports, and for how long."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlmodel import Session, col

from bot.analysis.tables import StoredReport
from bot.digests.tables import Digest
from bot.improvement.tables import Action, FixDecision

LOOSE_REPORTS_KEPT = timedelta(hours=1)
"""How long a report is kept that no digest, decision or action points to."""


def forget_loose_reports(session: Session, now: datetime) -> int:
    """Delete reports that were made between digests and that nothing points to; not the newest.

    What a digest showed or a decision was made on stays, so that its numbers can be replayed.
    """
    newest = (
        select(col(StoredReport.id))
        .order_by(col(StoredReport.last_week).desc(), col(StoredReport.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    result = session.execute(
        delete(StoredReport).where(
            col(StoredReport.made_at) < now - LOOSE_REPORTS_KEPT,
            col(StoredReport.id) != newest,
            ~exists().where(col(Digest.report_id) == col(StoredReport.id)),
            ~exists().where(col(FixDecision.report_id) == col(StoredReport.id)),
            ~exists().where(col(Action.report_id) == col(StoredReport.id)),
        )
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
