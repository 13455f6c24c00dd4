"""The card of an issue, as those see it who work on it: what, since when, the thread, buttons."""

from datetime import date, timedelta

from bot.core.audit import looked
from bot.core.dialogue import MANAGER, STAFF, Button, Rows, Turn
from bot.issues import rules, words
from bot.issues.desk import IssueDesk, unit_day
from bot.issues.listing import Post, has_names, names_of, reports_by_issue, thread_of
from bot.issues.tables import Issue
from bot.people import roster
from bot.people.places import id_in, stale
from bot.people.rights import who_may

WORKERS = who_may("issues")
SHOWN, CUT = 4, 400


def issue_of(turn: Turn) -> Issue | None:
    """Return the issue that is meant, where this person works on it; else say so."""
    number = id_in(turn.arguments[0] if turn.arguments else "")
    issue = turn.session.get(Issue, number) if number else None
    if issue is None:
        stale(turn)
        return None
    if not may_work_on(turn, issue):
        turn.toast("This is not open to you.", alert=True)
        return None
    return issue


def may_work_on(turn: Turn, issue: Issue) -> bool:
    """Tell whether somebody is in charge of the unit, or was given this issue and works there."""
    who = turn.known
    was_given = issue.assignee_id == who.person_id
    return who.may_see(issue.unit_id) or (was_given and issue.unit_id in who.units(STAFF, MANAGER))


def note_look(turn: Turn, issue: Issue) -> None:
    """Record that somebody reads a report with a name."""
    if has_names(turn.session, issue):
        looked(turn, "issue.seen", subject=f"issue {issue.id}", unit_id=issue.unit_id)


def show_card(turn: Turn, desk: IssueDesk, issue: Issue) -> None:
    """Show the card in place of the message whose button was pressed."""
    session = turn.session
    note_look(turn, issue)
    posts = thread_of(session, issue)
    named = names_of(session, issue)
    reports = reports_by_issue(session, [issue.id]).get(issue.id, 0)
    shown = posts[-SHOWN:]
    turn.edit(
        "issues/card.html",
        rows=_buttons(turn, desk, issue, pages=len(posts) if _needs_pages(posts) else 0),
        issue=issue,
        unit=roster.unit_name(session, issue.unit_id),
        about=words.subject_of(turn.texts, turn.language, issue.kind, issue.dimension),
        sign=words.SIGNS[issue.severity],
        severity=words.SEVERITIES[issue.severity],
        often=words.OFTEN[issue.often],
        mark=words.MARKS[issue.state],
        state=words.STATES[issue.state],
        assignee=roster.person_name(session, issue.assignee_id),
        due=due_day(desk, issue),
        overdue=is_late(desk, issue, unit_day(session, issue.unit_id, turn.now)),
        names=named,
        hidden=reports - len(named),
        reports=reports,
        posts=shown,
        earlier=len(posts) - len(shown),
        cut=CUT,
    )


def due_day(desk: IssueDesk, issue: Issue) -> date | None:
    """Return the day until which the next step is due; None once an issue is closed."""
    within = _allowed(desk, issue)
    return issue.opened_on + within if within is not None else None


def is_late(desk: IssueDesk, issue: Issue, today: date) -> bool:
    """Tell whether the next step is overdue."""
    within = _allowed(desk, issue)
    return within is not None and rules.is_overdue(issue.opened_on, today, within=within)


def _allowed(desk: IssueDesk, issue: Issue) -> timedelta | None:
    if issue.state == rules.NEW:
        return desk.acknowledge_within
    return desk.resolve_within if issue.state in rules.OPEN else None


def _needs_pages(posts: list[Post]) -> bool:
    """Tell whether the card shows less than the thread holds."""
    more = len(posts) > SHOWN
    return more or any(one.photo or one.voice or len(one.text) > CUT for one in posts)


def _buttons(turn: Turn, desk: IssueDesk, issue: Issue, *, pages: int) -> Rows:
    """Return what this person may do with an issue in its state."""
    number, steers = issue.id, turn.known.may_see(issue.unit_id)
    rows: list[list[Button]] = []
    if pages:
        rows.append([Button(turn.label("Read the thread"), f"isk:{number}:{pages}")])
    if issue.state == rules.MERGED:
        rows.append([Button(f"→ #{issue.merged_into}", f"iso:{issue.merged_into}")])
    if issue.state in rules.OPEN:
        seen = [Button(turn.label("👁 Seen"), f"isa:{number}")] if issue.state == rules.NEW else []
        rows += [
            [*seen, Button(turn.label("Ask back"), f"isb:{number}")],
            [Button(turn.label("✅ Resolved …"), f"isr:{number}")],
        ]
        if steers:
            rows[-1].insert(0, Button(turn.label("Give to …"), f"isg:{number}:0"))
            rows.append([Button(turn.label("Join with …"), f"ism:{number}")])
            if desk.make_action is not None and issue.action_id is None:
                rows[-1].append(Button(turn.label("Make an action"), f"isx:{number}"))
    if issue.action_id is not None:
        rows.append([Button(turn.label("The action"), f"ac:{issue.action_id}:-")])
    return [*rows, [Button(turn.label("← Reports"), f"issues:{issue.unit_id}")]]
