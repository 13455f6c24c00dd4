"""How long each kind of data is kept: what goes when, and a list of what is held since when.

Answers without a person are the statistics and have no end; all else has a clock here, or one of
its own in its feature (cases, votes, notices, questions about rules).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlmodel import Session, col

from bot.cases.tables import Case
from bot.core.inbox import KEPT as INBOX_KEPT
from bot.core.tables import AuditEntry, Delivery, InboxUpdate, Notice
from bot.crm.tables import Customer, CustomerInvitation, Visit
from bot.crm.words import WAITING
from bot.digests.tables import Digest
from bot.issues.tables import Issue, IssuePost, IssueReport
from bot.people.tables import Invitation
from bot.privacy.desk import PrivacyDesk
from bot.surveys.tables import Comment, Invitee, Run, Wave

_SETTLED = ("sent", "blocked", "expired", "failed", "uncertain", "cancelled")
_REMOVED = "–"


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of data: how much is held, since when, for how many days it is kept, by what."""

    kind: str
    rows: int
    oldest: date | None
    days: int
    setting: str

    @property
    def goes_on(self) -> date | None:
        """The day on which the oldest goes."""
        return self.oldest + timedelta(days=self.days) if self.oldest else None


def forget_old(session: Session, now: datetime, desk: PrivacyDesk) -> int:
    """Delete or cut loose what its clock says; return how many rows. For the hourly tick."""
    steps: Sequence[tuple[Callable[[Session, datetime], int], int]] = (
        (_deliveries, desk.deliveries),
        (_asked, desk.asked),
        (_named, desk.named),
        (_comments, desk.comments),
        (_issues, desk.issues),
        (_audit, desk.audit),
        (_invitations, desk.invitations),
        (_digests, desk.digests),
        (_visits, desk.visits),
        (_customers, desk.visits),
    )
    return sum(step(session, now - timedelta(days=days)) for step, days in steps)


def held(session: Session, desk: PrivacyDesk) -> list[Held]:
    """Return what is held of each kind, since when, and when the oldest of it goes."""
    named = col(Run.invitee_id).is_not(None) & ~col(Run.anonymous)
    in_wave = select(func.min(Wave.planned_at)).join(Invitee, col(Invitee.wave_id) == col(Wave.id))
    of_named = select(func.min(Run.week)).where(named)
    settled = col(Issue.closed_on).is_not(None)
    written = exists().where(col(IssuePost.issue_id) == col(Issue.id))
    rows: Sequence[tuple[str, Any, Any, int, str]] = (
        (
            "updates",
            _count(InboxUpdate),
            select(func.min(InboxUpdate.received_on)),
            INBOX_KEPT.days,
            "",
        ),
        (
            "messages",
            _count(Delivery),
            select(func.min(Delivery.due_at)),
            desk.deliveries,
            "GAPBOT_KEEP_DELIVERIES_DAYS",
        ),
        ("notices", _count(Notice), select(func.min(Notice.until)), 0, ""),
        ("asked", _count(Invitee), in_wave, desk.asked, "GAPBOT_KEEP_ASKED_DAYS"),
        ("named answers", _count(Run).where(named), of_named, desk.named, "GAPBOT_KEEP_NAMED_DAYS"),
        (
            "comments",
            _count(Comment),
            select(func.min(Comment.week)),
            desk.comments,
            "GAPBOT_KEEP_COMMENTS_DAYS",
        ),
        (
            "settled reports",
            _count(Issue).where(settled, written),
            select(func.min(Issue.closed_on)).where(settled, written),
            desk.issues,
            "GAPBOT_KEEP_ISSUES_DAYS",
        ),
        (
            "closed cases",
            _count(Case).where(col(Case.closed_at).is_not(None)),
            select(func.min(Case.closed_at)).where(col(Case.person_id).is_not(None)),
            desk.cases,
            "GAPBOT_CASE_DAYS_KEPT",
        ),
        (
            "digests",
            _count(Digest),
            select(func.min(Digest.planned_at)),
            desk.digests,
            "GAPBOT_KEEP_DIGESTS_DAYS",
        ),
        (
            "visits",
            _count(Visit),
            select(func.min(Visit.at)),
            desk.visits,
            "GAPBOT_KEEP_VISITS_DAYS",
        ),
        (
            "idle customers",
            _count(Customer).where(_is_idle()),
            select(func.min(Customer.changed_at)).where(_is_idle()),
            desk.visits,
            "GAPBOT_KEEP_VISITS_DAYS",
        ),
        (
            "record of changes",
            _count(AuditEntry),
            select(func.min(AuditEntry.at)),
            desk.audit,
            "GAPBOT_KEEP_AUDIT_DAYS",
        ),
        (
            "invitations",
            _count(Invitation),
            select(func.min(Invitation.expires_at)),
            desk.invitations,
            "GAPBOT_KEEP_INVITATIONS_DAYS",
        ),
    )
    return [
        Held(kind, session.scalar(count) or 0, _day(session.scalar(oldest)), days, setting)
        for kind, count, oldest, days, setting in rows
    ]


def _count(table: type[Any]) -> Any:
    return select(func.count()).select_from(table)


def _day(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def _deliveries(session: Session, before: datetime) -> int:
    ended = col(Delivery.state).in_(_SETTLED)
    return _gone(session, delete(Delivery).where(ended, col(Delivery.due_at) < before))


def _asked(session: Session, before: datetime) -> int:
    """Forget who was asked in closed sendings; of named ones as long as their runs lead there."""
    old = select(col(Wave.id)).where(col(Wave.closed), col(Wave.planned_at) < before)
    has_run = exists().where(col(Run.invitee_id) == col(Invitee.id))
    return _gone(session, delete(Invitee).where(col(Invitee.wave_id).in_(old), ~has_run))


def _named(session: Session, before: datetime) -> int:
    """Cut the link of named answers; they stay in the figures, without a name."""
    closed = col(Run.state) != "open"
    linked = col(Run.invitee_id).is_not(None)
    changed = update(Run).where(closed, linked, col(Run.week) < before.date())
    return _gone(session, changed.values(invitee_id=None))


def _comments(session: Session, before: datetime) -> int:
    return _gone(session, delete(Comment).where(col(Comment.week) < before.date()))


def _issues(session: Session, before: datetime) -> int:
    """Delete the words of issues settled long ago and who reported them by name.

    What stays is that there was one, of which kind, when. Receipts still lead to it.
    """
    old = select(col(Issue.id)).where(col(Issue.closed_on) < before.date())
    gone = _gone(session, delete(IssuePost).where(col(IssuePost.issue_id).in_(old)))
    _gone(
        session,
        update(IssueReport)
        .where(col(IssueReport.issue_id).in_(old), col(IssueReport.person_id).is_not(None))
        .values(person_id=None),
    )
    is_resolved = (col(Issue.state) == "resolved") & col(Issue.id).in_(old)
    if gone:
        _gone(session, update(Issue).where(is_resolved).values(outcome=_REMOVED))
    return gone


def _audit(session: Session, before: datetime) -> int:
    return _gone(session, delete(AuditEntry).where(col(AuditEntry.at) < before))


def _invitations(session: Session, before: datetime) -> int:
    return _gone(session, delete(Invitation).where(col(Invitation.expires_at) < before))


def _digests(session: Session, before: datetime) -> int:
    return _gone(session, delete(Digest).where(col(Digest.planned_at) < before))


def _visits(session: Session, before: datetime) -> int:
    settled = col(Visit.asking) != WAITING
    return _gone(session, delete(Visit).where(settled, col(Visit.at) < before))


def _customers(session: Session, before: datetime) -> int:
    return _gone(session, delete(Customer).where(_is_idle(), col(Customer.changed_at) < before))


def _is_idle() -> ColumnElement[bool]:
    """Of customers nobody is any more: no visit, no person in Telegram, no link made for them.

    Whoever said who they are stays until they take it back: that was their own wish.
    """
    return (
        col(Customer.person_id).is_(None)
        & ~exists().where(col(Visit.customer_id) == col(Customer.id))
        & ~exists().where(col(CustomerInvitation.customer_id) == col(Customer.id))
    )


def _gone(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)
