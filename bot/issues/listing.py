"""What is read of issues: the list of a unit, a thread as one side of it sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from string import ascii_uppercase

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from bot.issues import rules
from bot.issues.tables import Issue, IssuePost, IssueReport
from bot.people import roster

CLOSED_FOR = timedelta(days=90)
"""How long a closed issue stays in the list."""

MANAGER, REPORTER = "manager", "reporter"


@dataclass(frozen=True, slots=True)
class Post:
    """One message of a thread. ``name`` is empty for an anonymous reporter, who has a ``letter``
    where there are several."""

    place: int
    side: str
    name: str
    letter: str
    text: str
    photo: str
    voice: str
    day: date


def issues_of(
    session: Session, unit_id: int, *, closed: bool, today: date, only_of: int | None = None
) -> Sequence[Issue]:
    """Return the issues of a unit: what is open by severity, state and day, or what was closed.

    ``only_of`` leaves those that one person works on.
    """
    query = select(Issue).where(col(Issue.unit_id) == unit_id)
    if only_of is not None:
        query = query.where(col(Issue.assignee_id) == only_of)
    if closed:
        lately = col(Issue.closed_on) >= today - CLOSED_FOR
        query = query.where(lately, col(Issue.state) == rules.RESOLVED)
        return session.scalars(query.order_by(col(Issue.closed_on).desc(), col(Issue.id))).all()
    grave = case(
        {one: place for place, one in enumerate(rules.SEVERITIES.values())},
        value=col(Issue.severity),
    )
    stage = case({one: place for place, one in enumerate(rules.OPEN)}, value=col(Issue.state))
    query = query.where(col(Issue.state).in_(rules.OPEN))
    order = (grave.desc(), stage, col(Issue.opened_on), col(Issue.id))
    return session.scalars(query.order_by(*order)).all()


def reports_by_issue(session: Session, issue_ids: Sequence[int]) -> dict[int, int]:
    """Return how often each of these issues was reported."""
    rows = session.execute(
        select(col(IssueReport.issue_id), func.count())
        .where(col(IssueReport.issue_id).in_(issue_ids))
        .group_by(col(IssueReport.issue_id))
    )
    return {row[0]: row[1] for row in rows}


def issues_by_name(session: Session, person_id: int, *, most: int = 10) -> Sequence[Issue]:
    """Return the issues that somebody reported by name, the newest first."""
    return session.scalars(
        select(Issue)
        .join(IssueReport, col(IssueReport.issue_id) == col(Issue.id))
        .where(col(IssueReport.person_id) == person_id)
        .order_by(col(Issue.opened_on).desc(), col(Issue.id))
        .limit(most)
    ).all()


def names_of(session: Session, issue: Issue) -> list[str]:
    """Return the names of those who reported by name."""
    found = session.scalars(
        select(col(IssueReport.person_id)).where(
            col(IssueReport.issue_id) == issue.id, col(IssueReport.person_id).is_not(None)
        )
    )
    return sorted(roster.person_name(session, one) for one in found)


def thread_of(session: Session, issue: Issue) -> list[Post]:
    """Return a thread as those see it who work on the issue."""
    reports = {
        one.key: one
        for one in session.scalars(select(IssueReport).where(col(IssueReport.issue_id) == issue.id))
    }
    posts = _posts(session, issue)
    hidden = list(
        dict.fromkeys(
            post.report_key
            for post in posts
            if post.report_key in reports and reports[post.report_key].anonymous
        )
    )
    seen = []
    for post in posts:
        report = reports.get(post.report_key or "")
        letter = ""
        if report is not None and report.anonymous and len(hidden) > 1:
            letter = ascii_uppercase[hidden.index(report.key) % len(ascii_uppercase)]
        author = post.person_id if report is None else report.person_id
        side = MANAGER if post.report_key is None else REPORTER
        seen.append(_seen(session, post, side=side, author=author, letter=letter))
    return seen


def own_thread(session: Session, report: IssueReport) -> list[Post]:
    """Return a thread as one reporter sees it: their own messages and the managers'."""
    issue = session.get_one(Issue, report.issue_id)
    return [
        _seen(
            session,
            post,
            side=MANAGER if post.report_key is None else REPORTER,
            author=post.person_id,
            letter="",
        )
        for post in _posts(session, issue)
        if post.report_key in {None, report.key}
    ]


def _posts(session: Session, issue: Issue) -> Sequence[IssuePost]:
    return session.scalars(
        select(IssuePost).where(col(IssuePost.issue_id) == issue.id).order_by(col(IssuePost.place))
    ).all()


def _seen(session: Session, post: IssuePost, *, side: str, author: int | None, letter: str) -> Post:
    return Post(
        place=post.place,
        side=side,
        name=roster.person_name(session, author),
        letter=letter,
        text=post.text,
        photo=post.photo,
        voice=post.voice,
        day=post.posted_on,
    )


def has_names(session: Session, issue: Issue) -> bool:
    """Tell whether somebody reported this issue by name."""
    named = select(col(IssueReport.key)).where(
        col(IssueReport.issue_id) == issue.id, col(IssueReport.person_id).is_not(None)
    )
    return session.execute(named).first() is not None
