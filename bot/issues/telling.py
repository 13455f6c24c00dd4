"""Notices about issues: who hears of what, and when.

Of a thread with anonymous reporters nobody is told by name: nobody knows whom. Once a day all staff
of the unit read that there is news (``ticks``).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.i18n import N_
from bot.core.notices import Offers, notify
from bot.issues.desk import IssueDesk
from bot.issues.tables import Issue, IssueReport
from bot.issues.words import DIMENSIONS, KINDS
from bot.people import roster
from bot.people.tables import Person


def tell_of_danger(session: Session, issue: Issue, *, but: int | None, now: datetime) -> int:
    """Tell those in charge at once, at night too, that something dangerous was reported."""
    return sum(
        notify(
            session,
            one.id or 0,
            "issues/danger.html",
            key=f"issue:{issue.id}:danger:{one.id}",
            now=now,
            offers=opening(issue),
            values=about(session, issue),
        )
        for one in roster.in_charge(session, issue.unit_id)
        if one.id != but
    )


def tell_reporters(
    session: Session,
    desk: IssueDesk,
    issue: Issue,
    *,
    occasion: str,
    but: int,
    now: datetime,
    **values: Any,
) -> int:
    """Tell those who reported by name what became of their report, or what they are asked."""
    named = session.scalars(
        select(col(IssueReport.person_id)).where(
            col(IssueReport.issue_id) == issue.id, col(IssueReport.person_id).is_not(None)
        )
    ).all()
    return _tell(
        session,
        desk,
        issue,
        "issues/news_of_report.html",
        to=[one for one in named if one != but],
        key=occasion,
        offers=[[(N_("Open the report"), f"isv:{issue.id}")]],
        now=now,
        values={"state": issue.state, "outcome": issue.outcome, "asked": "", **values},
    )


def tell_assignee(
    session: Session, desk: IssueDesk, issue: Issue, *, by: int, now: datetime
) -> int:
    """Tell somebody that an issue was given to them."""
    return _tell(
        session,
        desk,
        issue,
        "issues/given.html",
        to=[] if issue.assignee_id == by else [issue.assignee_id],
        key=f"given:{now:%Y%m%d%H%M%S}",
        offers=opening(issue),
        now=now,
        values={"by": roster.person_name(session, by)},
    )


def tell_of_answer(
    session: Session, desk: IssueDesk, issue: Issue, *, place: int, by: int, now: datetime
) -> int:
    """Tell whoever works on an issue that a reporter known by name has answered."""
    in_charge = [one.id for one in roster.in_charge(session, issue.unit_id)]
    to = [issue.assignee_id] if issue.assignee_id is not None else in_charge
    return _tell(
        session,
        desk,
        issue,
        "issues/answered.html",
        to=[one for one in to if one != by],
        key=f"said:{place}",
        offers=opening(issue),
        now=now,
        values={"by": roster.person_name(session, by)},
    )


def tell_owners(
    session: Session, desk: IssueDesk, issue: Issue, *, stage: str, days: int, now: datetime
) -> int:
    """Tell who is above the managers that an issue has waited for too long.

    At the first deadline these are the regional managers, where there are any; at the second the
    owners hear of it too.
    """
    above = roster.above(session, issue.unit_id)
    told = above if stage == "acknowledge" else [*above, *roster.owners(session)]
    return _tell(
        session,
        desk,
        issue,
        "issues/late.html",
        to=[one.id for one in told],
        key=f"late:{stage}",
        offers=opening(issue),
        now=now,
        values={"stage": stage, "days": days},
    )


def about(session: Session, issue: Issue) -> dict[str, Any]:
    """Return what every notice says of its issue; kind and dimension as texts to translate."""
    return {
        "number": issue.id,
        "unit": roster.unit_name(session, issue.unit_id),
        "kind": KINDS[issue.kind],
        "dimension": DIMENSIONS.get(issue.dimension, "") if issue.dimension else "",
    }


def opening(issue: Issue) -> Offers:
    """Return the button that opens an issue for whoever works on it."""
    return [[(N_("Open the report"), f"iso:{issue.id}")]]


def _tell(
    session: Session,
    desk: IssueDesk,
    issue: Issue,
    template: str,
    *,
    to: Iterable[int | None],
    key: str,
    offers: Offers,
    now: datetime,
    values: dict[str, Any],
) -> int:
    told = 0
    for person_id in dict.fromkeys(to):
        person = session.get(Person, person_id) if person_id is not None else None
        if person is None or person.id is None or person.state != "active":
            continue
        told += notify(
            session,
            person.id,
            template,
            key=f"issue:{issue.id}:{key}:{person_id}",
            now=now,
            due_at=desk.kind_moment(session, person.id, issue.unit_id, now=now),
            offers=offers,
            values=about(session, issue) | values,
        )
    return told
