"""What managers do with issues. Each change is one conditional UPDATE and is recorded.

new ─┬─> acknowledged ─┬─> assigned ─┬─> resolved
     └─────────────────┴─────────────┴─> merged into another

A function returns False where the issue was no longer in a state that it needs: of two who press at
once the first wins, and the other is shown what happened.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.rows import change_row
from bot.issues import rules
from bot.issues.desk import unit_day
from bot.issues.filing import Content, write_post
from bot.issues.tables import Issue, IssuePost, IssueReport

MOST_OFFERED = 8


def acknowledge(session: Session, issue: Issue, *, by: int, now: datetime) -> bool:
    """Note that a manager has seen it."""
    changed = _change(session, issue, (rules.NEW,), state=rules.ACKNOWLEDGED, for_staff=True)
    return changed and _record(session, issue, "issue.acknowledged", by=by, now=now)


def ask_back(session: Session, issue: Issue, text: str, *, by: int, now: datetime) -> bool:
    """Write to the reporters; who asks has seen it."""
    if not _change(session, issue, rules.OPEN, for_staff=True):
        return False
    _change(session, issue, (rules.NEW,), state=rules.ACKNOWLEDGED)
    today = unit_day(session, issue.unit_id, now)
    write_post(session, issue, Content(text=text), person_id=by, today=today)
    return _record(session, issue, "issue.asked", by=by, now=now)


def assign(session: Session, issue: Issue, person_id: int, *, by: int, now: datetime) -> bool:
    """Give an issue to somebody, who hears of it; whoever had it before has it no more."""
    had = issue.assignee_id
    changed = _change(
        session,
        issue,
        rules.OPEN,
        assignee=had,
        state=rules.ASSIGNED,
        assignee_id=person_id,
        for_staff=True,
    )
    detail = f"to person {person_id}"
    return changed and _record(session, issue, "issue.assigned", by=by, now=now, detail=detail)


def resolve(session: Session, issue: Issue, outcome: str, *, by: int, now: datetime) -> bool:
    """Close an issue with what became of it."""
    changed = _change(
        session,
        issue,
        rules.OPEN,
        state=rules.RESOLVED,
        outcome=outcome[: rules.LONGEST_WORD],
        closed_on=unit_day(session, issue.unit_id, now),
        for_staff=True,
    )
    return changed and _record(session, issue, "issue.resolved", by=by, now=now)


def merge(session: Session, issue: Issue, into: Issue, *, by: int, now: datetime) -> bool:
    """Join an issue with another of its unit: reports and messages move there."""
    if into.id == issue.id or into.unit_id != issue.unit_id:
        return False
    for one in sorted((issue, into), key=lambda row: row.id):  # one order, so that none waits
        session.refresh(one, with_for_update=True)
    if into.state not in rules.OPEN or not _change(
        session,
        issue,
        rules.OPEN,
        state=rules.MERGED,
        merged_into=into.id,
        closed_on=unit_day(session, issue.unit_id, now),
    ):
        return False
    _change(
        session,
        into,
        rules.OPEN,
        severity=rules.worse(issue.severity, into.severity),
        often=rules.more_often(issue.often, into.often),
        for_managers=into.for_managers or issue.for_managers,
        for_staff=True,
    )
    _move(session, issue, into)
    session.execute(
        update(Issue).where(col(Issue.merged_into) == issue.id).values(merged_into=into.id)
    )
    detail = f"into issue {into.id}"
    return _record(session, issue, "issue.merged", by=by, now=now, detail=detail)


def note_action(session: Session, issue: Issue, action_id: int, *, by: int, now: datetime) -> bool:
    """Note that an action came of an issue; False where it has one already."""
    result = session.execute(
        update(Issue)
        .where(
            col(Issue.id) == issue.id,
            col(Issue.action_id).is_(None),
            col(Issue.state).in_(rules.OPEN),
        )
        .values(action_id=action_id, for_staff=True)
        .execution_options(synchronize_session=False)
    )
    session.refresh(issue)
    if result.rowcount != 1:  # type: ignore[attr-defined]
        return False
    detail = f"action {action_id}"
    return _record(session, issue, "issue.action", by=by, now=now, detail=detail)


def others_to_merge(session: Session, issue: Issue) -> Sequence[Issue]:
    """Return the open issues that one may be joined with: those of its kind first."""
    found = session.scalars(
        select(Issue)
        .where(
            col(Issue.unit_id) == issue.unit_id,
            col(Issue.state).in_(rules.OPEN),
            col(Issue.id) != issue.id,
        )
        .order_by(
            (col(Issue.kind) == issue.kind).desc(),
            (col(Issue.dimension) == issue.dimension).desc(),
            col(Issue.opened_on).desc(),
            col(Issue.id),
        )
        .limit(MOST_OFFERED)
    )
    return found.all()


def _move(session: Session, issue: Issue, into: Issue) -> None:
    """Take reports and messages over; who reported both by name keeps one report."""
    there = {
        one.person_id: one.key
        for one in session.scalars(select(IssueReport).where(col(IssueReport.issue_id) == into.id))
        if one.person_id is not None
    }
    kept: dict[str, str] = {}
    own = list(session.scalars(select(IssueReport).where(col(IssueReport.issue_id) == issue.id)))
    for report in own:
        twin = there.get(report.person_id) if report.person_id is not None else None
        kept[report.key] = twin or report.key
        if twin is None:
            report.issue_id = into.id
    session.flush()
    _move_posts(session, issue, into, kept)
    doubled = [key for key, to in kept.items() if key != to]
    session.execute(delete(IssueReport).where(col(IssueReport.key).in_(doubled)))


def _move_posts(session: Session, issue: Issue, into: Issue, kept: dict[str, str]) -> None:
    posts = session.scalars(
        select(IssuePost).where(col(IssuePost.issue_id) == issue.id).order_by(col(IssuePost.place))
    ).all()
    for post in posts:
        write_post(
            session,
            into,
            Content(post.text, post.photo, post.voice),
            report_key=kept.get(post.report_key or "", post.report_key),
            person_id=post.person_id,
            today=post.posted_on,
        )
    session.execute(delete(IssuePost).where(col(IssuePost.issue_id) == issue.id))
    session.expire_all()


def _change(
    session: Session, issue: Issue, states: Sequence[str], *, assignee: Any = ..., **values: Any
) -> bool:
    """Change an issue that is in one of these states, and still assigned as it was read."""
    conditions: list[Any] = [col(Issue.state).in_(states)]
    if assignee is not ...:
        conditions.append(col(Issue.assignee_id).is_not_distinct_from(assignee))
    return change_row(session, issue, *conditions, **values)


def _record(
    session: Session, issue: Issue, what: str, *, by: int, now: datetime, detail: str = ""
) -> bool:
    audit.record(
        session,
        what,
        now=now,
        subject=f"issue {issue.id}",
        person_id=by,
        unit_id=issue.unit_id,
        detail=detail,
    )
    return True
