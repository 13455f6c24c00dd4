"""An organisation with every feature, and somebody who has left traces in all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from bot.cases.tables import Case, CaseNote
from bot.core import audit, inbox, notices
from bot.core.database import Database
from bot.core.render import Texts
from bot.core.router import Router
from bot.core.tables import AwaitedReply
from bot.crm.tables import Customer, CustomerInvitation, Visit
from bot.digests.tables import Digest
from bot.forecasts.tables import FiguresSeen, Forecast, ForecastCard
from bot.ideas.tables import Idea, IdeaVote
from bot.improvement.own_tables import OwnFix
from bot.improvement.tables import Action, FixDecision
from bot.improvement.told_tables import ToldNote, ToldText
from bot.issues.tables import Issue, IssuePost, IssueReport
from bot.parts import Parts
from bot.people.door import PeopleDoor
from bot.people.invitations import invite
from bot.people.tables import Person
from bot.reach.tables import Contact, ContactSkipped, Wish
from bot.registers.tables import (
    Promise,
    PromiseVersion,
    Standard,
    StandardAsked,
    StandardVersion,
)
from bot.settings import Settings
from bot.surveys.tables import Answer, Comment, Invitee, Run, RunSegment, Schedule
from bot.ways.keeping import Spot, came_in, open_way
from bot.ways.orders import order_poster
from tests.support.surveys import House
from tests.support.updates import Chat, User

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)
DAY = date(2026, 3, 4)
MONDAY = date(2026, 3, 2)
OWNER, ANA, BEN = 11, 12, 13
WORDS = "My own words, 4711"


@dataclass
class Whole(House):
    """An organisation whose chats know every command."""

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the whole bot."""
        parts = Parts(Settings(_env_file=None), self.texts, username=lambda: "a_bot")
        router = Router(PeopleDoor(), parts.routes(), self.texts)
        return Chat(self.database, router, User(telegram_id), lambda: self.now, self.secret)

    def number(self, telegram_id: int) -> int:
        """Return a person's number, or 0."""
        query = select(col(Person.id)).where(col(Person.telegram_id) == telegram_id)
        return self.database.run(lambda session: session.scalar(query)) or 0

    def holds(self, telegram_id: int) -> bool:
        """Tell whether somebody is in the table of people."""
        return self.number(telegram_id) != 0

    def lived_in(self, telegram_id: int) -> int:
        """Let somebody leave a trace in every table that can hold one; return their number."""
        number = self.number(telegram_id)
        self.send("managers")
        self.database.run(lambda session: _traces(session, number, telegram_id))
        return number


@pytest.fixture
def whole(database: Database, texts: Texts) -> Whole:
    """An owner, Ana who is manager, staff and customer, and Ben, a customer."""
    house = Whole(database, texts=texts, now=AT)
    house.open()
    house.add(OWNER, "owner")
    for role in ("manager", "staff", "customer"):
        house.add(ANA, role)
    house.add(BEN, "customer")
    return house


def _traces(session: Session, me: int, telegram_id: int) -> None:
    run = session.scalars(
        select(Run)
        .join(Invitee, col(Invitee.id) == col(Run.invitee_id))
        .where(col(Invitee.person_id) == me)
    ).one()
    item, vantage = run.form[0]
    session.add(
        Answer(
            run_key=run.key,
            item=item,
            vantage=vantage,
            score=5,
            unit_id=run.unit_id,
            week=run.week,
            version_id=run.version_id,
            language="en",
            answered_on=DAY,
        )
    )
    session.add(
        Comment(run_key=run.key, text=WORDS, language="en", unit_id=run.unit_id, week=run.week)
    )
    session.add(RunSegment(run_key=run.key, tenure="new", channel="web"))
    session.flush()
    run.state = "finished"
    for one in _rows(me):
        session.add(one)
        session.flush()
    notices.notify(session, me, "x.html", key="n", now=AT, values={"words": WORDS})
    invite(
        session,
        role="customer",
        unit_id=1,
        max_uses=None,
        expires_at=AT + timedelta(days=1),
        created_by=me,
    )
    session.add(CustomerInvitation(invitation_id=1, customer_id=1))
    way = open_way(session, 1, Spot(), now=AT)
    came_in(session, way, me, AT)
    order_poster(session, way, person_id=me, size="a4")
    audit.record(session, "action.done", now=AT, subject="action 1", person_id=me, unit_id=1)
    update = {"update_id": 77, "message": {"from": {"id": telegram_id}, "text": WORDS}}
    inbox.store(session, [update], DAY)
    inbox.put_aside(session, 77)


def _rows(me: int) -> list[SQLModel]:
    return [
        Case(unit_id=1, person_id=me, opened_at=AT, due_at=AT + timedelta(days=2)),
        CaseNote(case_id=1, author_id=me, from_customer=True, written_at=AT, words=WORDS),
        Action(
            unit_id=1,
            title="Ours",
            source="own",
            state="open",
            owner_id=me,
            before_first=MONDAY,
            before_last=MONDAY,
            trigger_week=MONDAY,
            compared=[],
            taken_at=AT,
        ),
        FixDecision(unit_id=1, fix="f", gap="G5", state="taken", person_id=me, decided_at=AT),
        OwnFix(language="en", written_by=me, made_at=AT, changed_at=AT),
        ToldNote(
            unit_id=1,
            audience="customer",
            written_by=me,
            state="draft",
            language="en",
            asked_from=DAY,
            made_at=AT,
        ),
        ToldText(note_id=1, language="en", words=WORDS),
        Issue(id=5, unit_id=1, kind="tool", often="once", severity="annoying", opened_on=DAY),
        IssueReport(key="k", issue_id=5, anonymous=False, person_id=me, reported_on=DAY),
        IssuePost(issue_id=5, place=1, report_key="k", text=WORDS, posted_on=DAY),
        Issue(
            id=6,
            unit_id=1,
            kind="tool",
            often="once",
            severity="annoying",
            opened_on=DAY,
            assignee_id=me,
        ),
        IssueReport(key="hash", issue_id=6, anonymous=True, reported_on=DAY),
        IssuePost(issue_id=6, place=1, report_key="hash", text="Not mine", posted_on=DAY),
        Customer(
            reference_print="p",
            reference="K-1",
            name="Ana",
            person_id=me,
            linked_at=AT,
            changed_at=AT,
        ),
        Visit(
            customer_id=1,
            unit_id=1,
            reference_print="v",
            reference="V-1",
            at=AT,
            tenure="new",
            reason="no_rule",
        ),
        Idea(
            unit_id=1,
            text="A bench",
            language="en",
            person_id=me,
            by_name=True,
            token="t",
            state="open",
            sent_on=DAY,
        ),
        IdeaVote(idea_id=1, person_id=me, wanted=True, said_on=DAY),
        ForecastCard(person_id=me, unit_id=1, week=MONDAY, dimensions=["a"], made_at=AT),
        Forecast(card_id=1, dimension="a", vantage="P", level=5, said_at=AT),
        FiguresSeen(person_id=me, unit_id=1, week=MONDAY, seen_at=AT),
        Standard(item="prompt", unit_id=1),
        StandardVersion(
            standard_id=1,
            number=1,
            valid_from=DAY,
            level=5,
            wording="Ten minutes",
            source="chat",
            author_id=me,
            written_at=AT,
        ),
        StandardAsked(person_id=me, month=date(2026, 3, 1)),
        Promise(item="prompt", unit_id=1, channel="site", owner_id=me),
        PromiseVersion(
            promise_id=1,
            number=1,
            valid_from=DAY,
            level=5,
            wording="Ten minutes",
            source="chat",
            author_id=me,
            written_at=AT,
        ),
        Digest(unit_id=1, person_id=me, occasion="x", planned_at=AT, retry_at=AT),
        Schedule(questionnaire="x", unit_id=1, next_due=DAY, started_by=me),
        AwaitedReply(person_id=me, topic="t", until=AT + timedelta(hours=1)),
        Wish(person_id=me, days_apart=9),
        Contact(person_id=me, on_day=date(2026, 3, 1), what="x"),
        ContactSkipped(person_id=me, what="x", unit_id=1, week=MONDAY, reason="busy"),
    ]


@pytest.fixture
def count(whole: Whole) -> Callable[[str], int]:
    """Counts the rows of a table."""

    def rows(table: str) -> int:
        found = SQLModel.metadata.tables[table]
        return len(whole.database.run(lambda session: session.execute(select(found)).all()))

    return rows
