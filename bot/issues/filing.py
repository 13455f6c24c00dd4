"""What reporters do: report, join a report that is there already, add to the thread.

An anonymous report is kept under the hash of a token. The token itself is nowhere but in the
buttons of the receipt, in the reporter's own chat; so nobody else can tell whose report it is, and
the reporter can still come back to it.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.database import insert_into
from bot.issues import rules
from bot.issues.desk import unit_day
from bot.issues.rules import Draft
from bot.issues.tables import Issue, IssuePost, IssueReport

_TOKEN_BYTES = 12
_FIRST_NUMBER, _NUMBERS = 100_000, 900_000


@dataclass(frozen=True, slots=True)
class Content:
    """What somebody writes or sends; empty for a report without words."""

    text: str = ""
    photo: str = ""
    voice: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing in it."""
        return not (self.text or self.photo or self.voice)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: a person, or the holder of a token."""

    person_id: int | None = None
    token: str = ""

    @property
    def key(self) -> str:
        """Return the key of a report: the hash of the token, or something random."""
        return hashed(self.token) if self.token else secrets.token_hex(16)


def new_token() -> str:
    """Return a token for a receipt: 96 bits, made of letters that fit into a button."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hashed(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def file_report(
    session: Session, draft: Draft, reporter: Reporter, content: Content, *, now: datetime
) -> Issue:
    """Open an issue with its first report."""
    today = unit_day(session, draft.unit_id, now)
    issue = Issue(
        id=_free_number(session),
        unit_id=draft.unit_id,
        kind=draft.value("kind"),
        dimension=draft.value("dimension"),
        often=draft.value("often"),
        severity=draft.value("severity"),
        opened_on=today,
    )
    session.add(issue)
    session.flush()
    key = _add_report(session, issue, reporter, now=now, today=today)
    if key and not content.is_empty:
        write_post(session, issue, content, report_key=key, today=today)
    return issue


def join(session: Session, issue: Issue, reporter: Reporter, *, now: datetime) -> bool:
    """Add a report to an issue that is open; False where this reporter is in it already."""
    today = unit_day(session, issue.unit_id, now)
    key = _add_report(session, issue, reporter, now=now, today=today)
    if key:
        _tell_managers_later(session, issue)
    return bool(key)


def graver(session: Session, issue: Issue, draft: Draft) -> bool:
    """Let an issue be as grave, and as frequent, as its gravest report; tell whether it is graver.

    Called when a report joins it.
    """
    before = issue.severity
    severity = rules.worse(before, draft.value("severity"))
    often = rules.more_often(issue.often, draft.value("often"))
    session.execute(
        update(Issue).where(col(Issue.id) == issue.id).values(severity=severity, often=often)
    )
    session.refresh(issue)
    return severity != before


def alike(session: Session, draft: Draft, *, now: datetime) -> Sequence[Issue]:
    """Return open issues that the same may have been reported in, the newest first."""
    today = unit_day(session, draft.unit_id, now)
    return session.scalars(
        select(Issue)
        .where(
            col(Issue.unit_id) == draft.unit_id,
            col(Issue.kind) == draft.value("kind"),
            col(Issue.dimension) == draft.value("dimension"),
            col(Issue.state).in_(rules.OPEN),
            col(Issue.opened_on) >= today - rules.ALIKE_DAYS,
        )
        .order_by(col(Issue.opened_on).desc(), col(Issue.id))
        .limit(3)
    ).all()


def add_to_thread(session: Session, report: IssueReport, content: Content, *, now: datetime) -> int:
    """Let a reporter add to the thread of their issue; return the place of the message."""
    issue = session.get_one(Issue, report.issue_id)
    today = unit_day(session, issue.unit_id, now)
    _tell_managers_later(session, issue)
    return write_post(session, issue, content, report_key=report.key, today=today)


def write_post(
    session: Session,
    issue: Issue,
    content: Content,
    *,
    today: date,
    report_key: str | None = None,
    person_id: int | None = None,
) -> int:
    """Write a message at the end of a thread; return its place."""
    session.execute(select(col(Issue.id)).where(col(Issue.id) == issue.id).with_for_update())
    last = session.scalar(
        select(func.max(col(IssuePost.place))).where(col(IssuePost.issue_id) == issue.id)
    )
    post = IssuePost(
        issue_id=issue.id,
        place=(last or 0) + 1,
        report_key=report_key,
        person_id=person_id,
        text=content.text,
        photo=content.photo,
        voice=content.voice,
        posted_on=today,
    )
    session.add(post)
    session.flush()
    return post.place


def report_with(session: Session, reporter: Reporter) -> IssueReport | None:
    """Return the report that bears the key of this reporter's token, if it was filed already."""
    return session.get(IssueReport, reporter.key)


def report_of(session: Session, reporter: Reporter, issue_id: int | None) -> IssueReport | None:
    """Return the report of a token, or of a person about an issue; None where there is none."""
    if reporter.token:
        return session.get(IssueReport, hashed(reporter.token))
    return session.scalars(
        select(IssueReport).where(
            col(IssueReport.issue_id) == issue_id,
            col(IssueReport.person_id) == reporter.person_id,
        )
    ).first()


def _add_report(
    session: Session, issue: Issue, reporter: Reporter, *, now: datetime, today: date
) -> str:
    """Add a report and return its key; empty where it was there already."""
    is_anonymous = reporter.person_id is None
    key = session.scalar(
        insert_into(session, IssueReport)
        .values(
            key=reporter.key,
            issue_id=issue.id,
            anonymous=is_anonymous,
            person_id=reporter.person_id,
            reported_on=today,
            recorded=not is_anonymous,
        )
        .on_conflict_do_nothing()
        .returning(col(IssueReport.key))
    )
    if key and not is_anonymous:
        audit.record(
            session,
            "issue.reported",
            now=now,
            subject=f"issue {issue.id}",
            person_id=reporter.person_id,
            unit_id=issue.unit_id,
        )
    return key or ""


def _tell_managers_later(session: Session, issue: Issue) -> None:
    session.execute(update(Issue).where(col(Issue.id) == issue.id).values(for_managers=True))


def _free_number(session: Session) -> int:
    """Draw a number that is not taken; numbers in a row would tell which report came first."""
    longer = 1
    while True:
        number = (_FIRST_NUMBER + secrets.randbelow(_NUMBERS)) * longer
        if session.get(Issue, number) is None:
            return number
        longer = 1000  # so full that a longer number is needed: 100 000 000 and more
