"""What the clock does about issues: deadlines, and the daily word that there is news.

Once a day, after a fixed hour, what anonymous reporters did during the day is recorded, the
managers hear that something waits to be read, and all staff of the unit that there may be an answer
behind a receipt. So neither a record nor a message tells the hour of an anonymous report.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.i18n import N_
from bot.core.logs import Events
from bot.core.notices import notify
from bot.core.tables import Delivery
from bot.improvement.desk import zone_for
from bot.issues import rules, telling
from bot.issues.desk import IssueDesk, unit_day
from bot.issues.tables import Issue, IssueReport
from bot.people import roster
from bot.people.tables import Person

_log = Events("gapbot.issues")

NEWS_HOUR = 16
"""The local hour of the daily word: late enough for a day's work, early enough to be read."""

_Offer = tuple[str, str]


def escalate(session: Session, now: datetime, desk: IssueDesk) -> int:
    """Tell the owners, once for each deadline, of issues that wait for too long."""
    told = 0
    stages = (
        ("acknowledge", (rules.NEW,), desk.acknowledge_within),
        ("resolve", rules.OPEN, desk.resolve_within),
    )
    for stage, states, within in stages:
        waiting = session.scalars(
            select(Issue).where(
                col(Issue.state).in_(states),
                col(getattr(Issue, f"late_{stage}")).is_(False),
                col(Issue.opened_on) < now.date() + timedelta(days=1) - within,
            )
        ).all()
        for issue in waiting:
            today = unit_day(session, issue.unit_id, now)
            if rules.is_overdue(issue.opened_on, today, within=within):
                told += _escalate(session, desk, issue, stage=stage, states=states, now=now)
    return told


def tell_daily(session: Session, now: datetime, desk: IssueDesk) -> int:
    """Tell managers and staff of the units where something is new, once a day; return how many."""
    told = 0
    for unit_id in _units_with_news(session):
        shown = now.astimezone(ZoneInfo(zone_for(session, None, unit_id)))
        if shown.hour < NEWS_HOUR:
            continue
        _record_anonymous(session, unit_id, now)
        told += _tell_managers(session, desk, unit_id, day=shown.date(), now=now)
        told += _tell_staff(session, desk, unit_id, day=shown.date(), now=now)
    return told


def _escalate(
    session: Session,
    desk: IssueDesk,
    issue: Issue,
    *,
    stage: str,
    states: Sequence[str],
    now: datetime,
) -> int:
    column = col(getattr(Issue, f"late_{stage}"))
    result = session.execute(
        update(Issue)
        .where(col(Issue.id) == issue.id, col(Issue.state).in_(states), column.is_(False))
        .values({f"late_{stage}": True})
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        return 0
    session.refresh(issue)
    days = (unit_day(session, issue.unit_id, now) - issue.opened_on).days
    audit.record(
        session,
        "issue.late",
        now=now,
        subject=f"issue {issue.id}",
        unit_id=issue.unit_id,
        detail=stage,
    )
    _log.info("issue.late", issue=issue.id, stage=stage)
    return telling.tell_owners(session, desk, issue, stage=stage, days=days, now=now)


def _units_with_news(session: Session) -> Sequence[int]:
    unrecorded = exists().where(
        col(IssueReport.issue_id) == col(Issue.id), col(IssueReport.recorded).is_(False)
    )
    waits = or_(col(Issue.for_managers), col(Issue.for_staff), unrecorded)
    return session.scalars(select(col(Issue.unit_id)).where(waits).distinct()).all()


def _record_anonymous(session: Session, unit_id: int, now: datetime) -> None:
    """Record the day's anonymous reports, in an order that tells nothing."""
    of_unit = select(col(Issue.id)).where(col(Issue.unit_id) == unit_id)
    fresh = (col(IssueReport.issue_id).in_(of_unit), col(IssueReport.recorded).is_(False))
    reports = session.scalars(select(IssueReport).where(*fresh).order_by(col(IssueReport.key)))
    for report in reports.all():
        audit.record(
            session,
            "issue.reported",
            now=now,
            subject=f"issue {report.issue_id}",
            unit_id=unit_id,
            detail="anonymous",
        )
        report.recorded = True
    session.flush()


def _tell_managers(
    session: Session, desk: IssueDesk, unit_id: int, *, day: date, now: datetime
) -> int:
    waiting = session.scalars(
        select(Issue).where(
            col(Issue.unit_id) == unit_id,
            col(Issue.for_managers),
            col(Issue.state).in_(rules.OPEN),
        )
    ).all()
    if not waiting:
        _clear(session, unit_id, "for_managers")
        return 0
    told = _tell_all(
        session,
        desk,
        roster.in_charge(session, unit_id),
        "issues/waiting.html",
        unit_id=unit_id,
        key=f"issues:{unit_id}:managers:{day}",
        offer=(N_("What staff report"), f"issues:{unit_id}"),
        number=len(waiting),
        now=now,
    )
    if told:
        _clear(session, unit_id, "for_managers")
    return told


def _tell_staff(
    session: Session, desk: IssueDesk, unit_id: int, *, day: date, now: datetime
) -> int:
    """Tell everybody who may have reported: to tell one would be to know who it was."""
    hidden = exists().where(
        col(IssueReport.issue_id) == col(Issue.id), col(IssueReport.anonymous).is_(True)
    )
    has_news = (col(Issue.unit_id) == unit_id, col(Issue.for_staff), hidden)
    if session.scalar(select(col(Issue.id)).where(*has_news).limit(1)) is None:
        _clear(session, unit_id, "for_staff")
        return 0
    told = _tell_all(
        session,
        desk,
        roster.people_of(session, unit_id, "staff", "manager"),
        "issues/answer_somewhere.html",
        unit_id=unit_id,
        key=f"issues:{unit_id}:staff:{day}",
        offer=None,
        number=0,
        now=now,
    )
    if told:
        _clear(session, unit_id, "for_staff")
    return told


def _tell_all(
    session: Session,
    desk: IssueDesk,
    people: Iterable[Person],
    template: str,
    *,
    unit_id: int,
    key: str,
    offer: _Offer | None,
    number: int,
    now: datetime,
) -> int:
    """Tell people of one unit, once a day; nothing is promised twice under the key of a day."""
    listed = [one for one in people if one.state == "active" and one.id is not None]
    keys = [f"{key}:{one.id}" for one in listed]
    if (
        session.scalar(select(col(Delivery.id)).where(col(Delivery.key).in_(keys)).limit(1))
        is not None
    ):
        return 0
    return sum(
        notify(
            session,
            one.id or 0,
            template,
            key=f"{key}:{one.id}",
            now=now,
            due_at=desk.kind_moment(session, one.id or 0, unit_id, now=now),
            offers=[[offer]] if offer else [],
            values={"unit": roster.unit_name(session, unit_id), "number": number},
        )
        for one in listed
    )


def _clear(session: Session, unit_id: int, column: str) -> None:
    session.execute(
        update(Issue)
        .where(col(Issue.unit_id) == unit_id, col(getattr(Issue, column)))
        .values({column: False})
    )
    session.expire_all()
