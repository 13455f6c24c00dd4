"""How reporters hear back: the receipt, their side of the thread, and the list of /myreports.

receipt ─> news ─┬─> write to the manager ─> (text, photo; by name also voice)
/myreports ──────┘

The receipt of an anonymous report is the only thing that leads to it. Its buttons hold a token; the
database has the hash.
"""

from collections.abc import Sequence

from bot.core.dialogue import Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.issues import filing, telling, words
from bot.issues.arriving import content_of
from bot.issues.desk import IssueDesk
from bot.issues.filing import Reporter
from bot.issues.listing import issues_by_name, own_thread, reports_by_issue
from bot.issues.rules import OPEN
from bot.issues.tables import Issue, IssueReport
from bot.people import roster
from bot.people.places import id_in
from bot.people.rights import who_may

REPORTERS = who_may("report")
SAY_TOPIC = "is_say"
SHOWN, CUT = 6, 300


class ReceiptHandlers:
    """Handlers of what is behind a receipt."""

    def __init__(self, desk: IssueDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what reporters' threads answer to."""
        presses = (
            ("isz", self.news),
            ("isy", self.write),
            ("isv", self.own_news),
            ("isu", self.write_by_name),
        )
        return Routes(
            commands=(Command("myreports", self.mine, REPORTERS, N_("What became of my reports")),),
            presses=tuple(Press(verb, handler, REPORTERS) for verb, handler in presses),
            replies=(Reply(SAY_TOPIC, self.said, REPORTERS),),
        )

    def mine(self, turn: Turn) -> None:
        """List what a person reported by name."""
        found = issues_by_name(turn.session, turn.known.person_id)
        turn.edit(
            "issues/mine.html",
            rows=[
                [Button(f"{words.MARKS[one.state]} #{one.id}", f"isv:{one.id}")] for one in found
            ],
            found=[(one, words.STATES[one.state], self._about(turn, one)) for one in found],
        )

    def news(self, turn: Turn) -> None:
        """Show what became of an anonymous report, to whoever has its receipt."""
        token = turn.arguments[0] if turn.arguments else ""
        report = filing.report_of(turn.session, Reporter(token=token), None) if token else None
        self._show(turn, report, [f"isz:{token}", f"isy:{token}"])

    def own_news(self, turn: Turn) -> None:
        """Show what became of a report by name."""
        report = self._own_report(turn)
        number = turn.arguments[0] if turn.arguments else ""
        self._show(turn, report, [f"isv:{number}", f"isu:{number}"])

    def write(self, turn: Turn) -> None:
        """Wait for what an anonymous reporter wants to say; only the hash waits with it."""
        token = turn.arguments[0] if turn.arguments else ""
        report = filing.report_of(turn.session, Reporter(token=token), None) if token else None
        self._ask(turn, report)

    def write_by_name(self, turn: Turn) -> None:
        """Wait for what somebody wants to add to their report."""
        self._ask(turn, self._own_report(turn))

    def said(self, turn: Turn) -> None:
        """Take what a reporter says into the thread."""
        key = turn.arguments[0]
        report = turn.session.get(IssueReport, key)
        own = turn.known.person_id
        if report is None or (not report.anonymous and report.person_id != own):
            turn.say("issues/gone.html")
            return
        issue = turn.session.get_one(Issue, report.issue_id)
        if issue.state not in OPEN:
            turn.say("issues/closed.html", number=issue.id)
            return
        content = content_of(turn, anonymous=report.anonymous)
        if isinstance(content, str):
            turn.ask(SAY_TOPIC, key)
            say_not_taken(turn, content, anonymous=report.anonymous)
            return
        place = filing.add_to_thread(turn.session, report, content, now=turn.now)
        if not report.anonymous:
            telling.tell_of_answer(
                turn.session, self._desk, issue, place=place, by=own, now=turn.now
            )
        rows = [] if report.anonymous else [[Button(turn.label("News?"), f"isv:{issue.id}")]]
        turn.say("issues/said.html", rows=rows, number=issue.id, anonymous=report.anonymous)

    def _show(self, turn: Turn, report: IssueReport | None, verbs: Sequence[str]) -> None:
        if report is None:
            turn.toast("This report is no longer there.", alert=True)
            return
        issue = turn.session.get_one(Issue, report.issue_id)
        posts = own_thread(turn.session, report)[-SHOWN:]
        rows = [[Button(turn.label("News?"), verbs[0])]]
        if issue.state in OPEN:
            rows.insert(0, [Button(turn.label("Write to the manager"), verbs[1])])
        turn.edit(
            "issues/news.html",
            rows=rows,
            issue=issue,
            about=self._about(turn, issue),
            state=words.STATES[issue.state],
            mark=words.MARKS[issue.state],
            posts=posts,
            cut=CUT,
            others=reports_by_issue(turn.session, [issue.id]).get(issue.id, 1) - 1,
        )
        turn.toast("This is how it stands now.")

    def _ask(self, turn: Turn, report: IssueReport | None) -> None:
        if report is None:
            turn.toast("This report is no longer there.", alert=True)
            return
        issue = turn.session.get_one(Issue, report.issue_id)
        if issue.state not in OPEN:
            turn.toast("This report was closed meanwhile.", alert=True)
            return
        turn.ask(SAY_TOPIC, report.key)
        turn.say("issues/say_wanted.html", number=issue.id, anonymous=report.anonymous)

    def _own_report(self, turn: Turn) -> IssueReport | None:
        """Return a person's own report; what was joined with another is found there."""
        number = id_in(turn.arguments[0] if turn.arguments else "")
        issue = turn.session.get(Issue, number) if number else None
        if issue is None:
            return None
        reporter = Reporter(person_id=turn.known.person_id)
        return filing.report_of(turn.session, reporter, issue.merged_into or issue.id)

    def _about(self, turn: Turn, issue: Issue) -> str:
        return words.subject_of(turn.texts, turn.language, issue.kind, issue.dimension)


def show_receipt(turn: Turn, issue: Issue, reporter: Reporter, *, heading: str) -> None:
    """Show the receipt: ``new``, ``joined`` to others, or sent ``before``."""
    is_anonymous = reporter.person_id is None
    end = reporter.token if is_anonymous else str(issue.id)
    news, write = ("isz", "isy") if is_anonymous else ("isv", "isu")
    turn.edit(
        "issues/receipt.html",
        rows=[
            [Button(turn.label("News?"), f"{news}:{end}")],
            [Button(turn.label("Write to the manager"), f"{write}:{end}")],
        ],
        heading=heading,
        number=issue.id,
        anonymous=is_anonymous,
        danger=issue.severity == "danger",
        unit=roster.unit_name(turn.session, issue.unit_id),
    )


def say_not_taken(turn: Turn, why: str, *, anonymous: bool) -> None:
    """Say why a message is not taken, and what is."""
    turn.say("issues/not_taken.html", why=why, anonymous=anonymous)
