"""Erasing somebody: what leads to them goes, or leads to nobody any more.

What was named is deleted with them and taken out of the figures: the triggers mark the weeks. What
was anonymous cannot be found, so it stays.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bot.cases import cases
from bot.cases.tables import Case
from bot.cases.telling import take_back
from bot.core import audit, notices
from bot.core.dialogue import OWNER
from bot.core.tables import Delivery, InboxUpdate, Notice
from bot.crm.tables import Customer, Visit
from bot.ideas.tables import Idea
from bot.improvement.own_tables import OwnFix
from bot.improvement.told_tables import ToldNote
from bot.issues.tables import Issue, IssueReport
from bot.people.invitations import close_of_maker
from bot.people.registry import lock_organisation
from bot.people.tables import Person, Role
from bot.surveys.tables import Answer, Run
from bot.surveys.tickets import runs_of


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: questionnaires under their name with their answers, and the tie to a customer.

    ``visits`` counts what another system told of that customer; None: they were tied to none.
    """

    runs: int
    answers: int
    visits: int | None = None


def is_last_owner(session: Session, person_id: int) -> bool:
    """Tell whether without this person nobody could look after the organisation any more."""
    owners = set(session.scalars(select(col(Role.person_id)).where(col(Role.kind) == OWNER)))
    return owners == {person_id}


def linked(session: Session, person_id: int, *, named_only: bool = False) -> Erased:
    """Count what erasing would take out of the figures; of what is by name alone for others."""
    runs = runs_of(session, person_id, named_only=named_only)
    answers = select(func.count()).select_from(Answer).where(col(Answer.run_key).in_(runs))
    return Erased(len(runs), session.scalar(answers) or 0, _visits(session, person_id))


def erase(
    session: Session, person_id: int, *, now: datetime, by: int | None = None
) -> Erased | None:
    """Erase a person; None when they are gone already, or are the last owner.

    ``by`` is who does it for them, None for themselves. The record of it names the number alone,
    and it counts what was by name: what was open and anonymous goes unseen.
    """
    lock_organisation(session)
    person = session.get(Person, person_id)
    if person is None or is_last_owner(session, person_id):
        return None
    went = linked(session, person_id, named_only=True)
    _withdraw_cases(session, person_id, now)
    _forget_messages(session, person)
    notices.forget(session, person.name)
    _take_out_reports(session, person_id)
    close_of_maker(session, person_id, now)
    session.execute(delete(Run).where(col(Run.key).in_(runs_of(session, person_id))))
    session.execute(update(Idea).where(col(Idea.person_id) == person_id).values(by_name=False))
    for drafts in (ToldNote, OwnFix):
        is_draft = (col(drafts.written_by) == person_id) & (col(drafts.state) == "draft")
        session.execute(delete(drafts).where(is_draft))
    session.execute(delete(Person).where(col(Person.id) == person_id))
    session.expire_all()
    audit.record(
        session,
        "person.erased",
        now=now,
        subject=f"person {person_id}",
        person_id=by,
        detail=f"{went.runs} questionnaires, {went.answers} answers",
    )
    return went


def _visits(session: Session, person_id: int) -> int | None:
    customer = session.scalar(select(col(Customer.id)).where(col(Customer.person_id) == person_id))
    if customer is None:
        return None
    counted = select(func.count()).select_from(Visit).where(col(Visit.customer_id) == customer)
    return session.scalar(counted) or 0


def _withdraw_cases(session: Session, person_id: int, now: datetime) -> None:
    """Delete what was written in their cases; what stays is that there was a case."""
    for one in session.scalars(select(Case).where(col(Case.person_id) == person_id)).all():
        take_back(session, one)
        cases.withdraw(session, one, now=now)


def _forget_messages(session: Session, person: Person) -> None:
    """Delete what waits to be sent to them, and messages of theirs that could not be handled."""
    waiting = select(col(Delivery.subject)).where(
        col(Delivery.person_id) == person.id, col(Delivery.kind) == "notice"
    )
    notices = [int(one) for one in session.scalars(waiting)]
    session.execute(delete(Notice).where(col(Notice.id).in_(notices)))
    session.execute(
        delete(InboxUpdate).where(
            col(InboxUpdate.sender) == person.telegram_id, col(InboxUpdate.state) == "failed"
        )
    )


def _take_out_reports(session: Session, person_id: int) -> None:
    """Delete what they reported by name; an issue of which nothing else is left goes too."""
    theirs = list(
        session.scalars(
            select(col(IssueReport.issue_id)).where(col(IssueReport.person_id) == person_id)
        )
    )
    session.execute(delete(IssueReport).where(col(IssueReport.person_id) == person_id))
    merged = aliased(Issue)
    session.execute(
        delete(Issue).where(
            col(Issue.id).in_(theirs),
            col(Issue.action_id).is_(None),
            ~exists().where(col(IssueReport.issue_id) == col(Issue.id)),
            ~exists().where(col(merged.merged_into) == col(Issue.id)),
        )
    )
