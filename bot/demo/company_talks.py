"""What the demo's people said to each other: staff's reports, a customer's case, ideas."""

from dataclasses import dataclass
from datetime import datetime

from bot.cases import cases
from bot.cases.telling import tell_unit
from bot.demo.company_story import RIVERSIDE, Stage, ask_to_take_over
from bot.ideas import keeping, voting
from bot.ideas import ticks as ideas_ticks
from bot.ideas.keeping import Author
from bot.ideas.rules import new_token as idea_token
from bot.ideas.tables import Idea
from bot.improvement import actions
from bot.improvement.tables import Action
from bot.issues import filing, handling, ticks
from bot.issues.filing import Content, Reporter
from bot.issues.rules import ANONYMOUS, BY_NAME, Draft
from bot.issues.tables import Issue
from bot.people import roster

_TOOL, _TOOL_AGAIN, _PROMISE, _UNTOLD = "wqdc", "wqwa", "prsc", "utoa"
"""Kind, dimension, how often, how grave: the letters that the report's buttons carry."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter holds: the token in its buttons, which nothing else knows."""

    token: str
    issue_id: int
    sent_at: datetime


def let_staff_report(stage: Stage) -> Receipt:
    """File reports by name and without, ask back, answer, join what is the same, resolve."""
    session, days, said = stage.session, stage.days, stage.company.words.issues
    colleagues = stage.company.crowd[RIVERSIDE, "staff"]
    kept = _report(stage, _PROMISE, said.promise, days.ago(30), by=colleagues[2])
    handling.acknowledge(session, kept, by=stage.manager, now=days.ago(29))
    handling.resolve(session, kept, said.promise_outcome, by=stage.manager, now=days.ago(26))

    receipt = Receipt(filing.new_token(), 0, days.ago(12, 17))
    issue = _report(stage, _TOOL, said.tool, receipt.sent_at, token=receipt.token)
    handling.ask_back(session, issue, said.tool_question, by=stage.manager, now=days.ago(11))
    report = filing.report_of(session, Reporter(token=receipt.token), None)
    if report is not None:
        filing.add_to_thread(session, report, Content(said.tool_answer), now=days.ago(10))
    for colleague in (3, 4):
        filing.join(session, issue, Reporter(colleagues[colleague]), now=days.ago(9 - colleague))
    again = _report(stage, _TOOL_AGAIN, said.tool_again, days.ago(4), token=filing.new_token())
    handling.merge(session, again, issue, by=stage.manager, now=days.ago(3))

    ticks.tell_daily(session, days.ago(2, 17), stage.parts.issues)
    _report(stage, _UNTOLD, said.untold, days.ago(1, 17), token=filing.new_token())
    return Receipt(receipt.token, issue.id, receipt.sent_at)


def let_a_customer_write(stage: Stage) -> None:
    """Open a case, write back and forth; close another one to its customer's content."""
    session, days, said = stage.session, stage.days, stage.company.words.case
    desk, people = stage.parts.cases, stage.company.crowd[RIVERSIDE, "customer"]
    for person_id, back in ((stage.company.first("customer"), 25), (people[1], 3)):
        one = cases.open_case(
            session,
            person_id=person_id,
            unit_id=stage.riverside,
            now=days.ago(back),
            within=desk.answer_within,
        )
        if one is None:
            continue
        name, at = roster.person_name(session, person_id), days.ago(back)
        tell_unit(
            session,
            desk,
            one,
            "cases/new.html",
            occasion="new",
            now=at,
            name=name,
            hours=round(desk.answer_within.total_seconds() / 3600),
        )
        cases.write_as_customer(session, one, said.asks, now=at, within=desk.answer_within)
        cases.take(session, one, by=stage.manager, from_whom=None, now=days.ago(back, 12))
        at = days.ago(back, 13)
        cases.write_to_customer(session, one, said.answers, by=stage.manager, now=at)
        at = days.ago(back - 2, 9)
        cases.write_as_customer(session, one, said.adds, now=at, within=desk.answer_within)
        if back > 7:
            cases.close(session, one, "apology", by=stage.manager, now=days.ago(back - 3))
            words, at = said.outcome, days.ago(back - 3)
            cases.explain_outcome(session, one, words, by=stage.manager, now=at)
            cases.settle(session, one, now=days.ago(back - 10))


def let_people_suggest(stage: Stage) -> None:
    """Collect ideas and votes: one becomes an action, one is done, one joined, one declined."""
    session, days, said = stage.session, stage.days, stage.company.words.ideas
    people, by = stage.company.crowd[RIVERSIDE, "customer"], stage.manager
    sign = _idea(stage, said.wait_sign, stage.company.first("customer"), 40)
    again = _idea(stage, said.wait_sign_again, people[3], 33)
    oat = _idea(stage, said.oat, people[4], 46)
    cups = _idea(stage, said.cups, people[5], 41)
    night = _idea(stage, said.night, people[6], 45)
    for idea in (sign, again, oat, cups, night):
        keeping.publish(session, idea, by=by, now=days.ago(32))
    for idea, first, last in ((sign, 7, 18), (again, 16, 20), (oat, 8, 15), (cups, 9, 14)):
        for voter in people[first:last]:
            voting.vote(session, idea, voter, wanted=True, today=days.ago(20).date())
    at = days.ago(19)
    keeping.merge(session, again, sign, by=by, now=at, today=at.date())
    keeping.decline(session, night, "fit", by=by, now=at, today=at.date())
    _make_it_happen(stage, oat, sign)
    _idea(stage, said.music, people[7], 1)


def _make_it_happen(stage: Stage, done: Idea, planned: Idea) -> None:
    """Make actions of two ideas: one was done since, the other is offered to the staff's player."""
    session, days, desk, by = stage.session, stage.days, stage.parts.ideas, stage.manager
    action = keeping.act(session, done, desk.make_action, by=by, now=days.ago(18))
    if action is not None:
        actions.finish(session, session.get_one(Action, action), by=by, now=days.ago(6))
        ideas_ticks.follow_actions(session, days.ago(6, 11))
    action = keeping.act(session, planned, desk.make_action, by=by, now=days.ago(3))
    ideas_ticks.tell_news(session, days.ago(2, 11), desk)
    if action is not None:
        ask_to_take_over(stage, action, to=stage.company.first("staff"), at=days.ago(1, 15))


def _report(
    stage: Stage, letters: str, text: str, at: datetime, *, by: int | None = None, token: str = ""
) -> Issue:
    draft = Draft(BY_NAME if by else ANONYMOUS, stage.riverside, tuple(letters))
    reporter = Reporter(by, token)
    return filing.file_report(stage.session, draft, reporter, Content(text), now=at)


def _idea(stage: Stage, text: str, author: int, days_ago: int) -> Idea:
    at = stage.days.ago(days_ago)
    idea, _ = keeping.send(
        stage.session,
        Author(author),
        unit_id=stage.riverside,
        text=text,
        language=stage.company.language,
        token=idea_token(),
        now=at,
        today=at.date(),
    )
    return idea
