"""What those in charge do with staff's reports: list them, open one, see it through.

/issues ─> list ─> card ─┬─> seen · ask back · resolved (with what became of it)
   ^          ^          ├─> give to somebody · join with another · make an action
   └── back ──┴──────────┴─> the thread, message by message

All of it in one message, edited in place. Whoever was given an issue reaches its card too.
"""

from sqlalchemy import update
from sqlmodel import col

from bot.core.dialogue import MANAGER, STAFF, Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.issues import handling, report_chat, telling, words
from bot.issues.card import WORKERS, is_late, issue_of, note_look, show_card
from bot.issues.desk import IssueDesk, unit_day
from bot.issues.listing import issues_of, reports_by_issue, thread_of
from bot.issues.receipt_chat import ReceiptHandlers
from bot.issues.rules import LONGEST_WORD, OPEN
from bot.issues.steering_chat import SteeringHandlers
from bot.issues.tables import Issue
from bot.people import roster
from bot.people.places import chosen_unit, id_in

BACK_TOPIC, OUTCOME_TOPIC = "is_back", "is_out"
PER_PAGE = 6
OPEN_ONES, CLOSED_ONES = "o", "c"


class IssueHandlers:
    """Handlers of the list, the card and the thread."""

    def __init__(self, desk: IssueDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what the list and the card answer to."""
        presses = (
            ("issues", self.listed),
            ("iso", self.card),
            ("isk", self.thread),
            ("isa", self.seen),
            ("isb", self.ask),
            ("isr", self.resolve),
        )
        return Routes(
            commands=(Command("issues", self.listed, WORKERS, N_("What staff report")),),
            presses=tuple(Press(verb, handler, WORKERS) for verb, handler in presses),
            replies=(
                Reply(BACK_TOPIC, self.asked, WORKERS),
                Reply(OUTCOME_TOPIC, self.resolved, WORKERS),
            ),
        )

    def listed(self, turn: Turn) -> None:
        """List the issues of a unit; staff see those that were given to them."""
        unit_id = chosen_unit(turn, "issues", MANAGER, STAFF)
        if unit_id is None:
            return
        pressed = turn.arguments if turn.update.callback_query is not None else ()
        which = pressed[1] if len(pressed) > 1 else OPEN_ONES
        steers = turn.known.may_see(unit_id)
        today = unit_day(turn.session, unit_id, turn.now)
        found = issues_of(
            turn.session,
            unit_id,
            closed=which == CLOSED_ONES,
            today=today,
            only_of=None if steers else turn.known.person_id,
        )
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min((id_in(pressed[2]) if len(pressed) > 2 else 0) or 0, pages - 1)
        shown = found[page * PER_PAGE : (page + 1) * PER_PAGE]
        reports = reports_by_issue(turn.session, [one.id for one in shown])
        turn.edit(
            "issues/list.html",
            rows=[
                *([Button(self._line(turn, one), f"iso:{one.id}")] for one in shown),
                _around(unit_id, which, page, pages),
                [_other_list(turn, unit_id, which)],
            ],
            unit=roster.unit_name(turn.session, unit_id),
            found=[
                (
                    one,
                    reports.get(one.id, 0),
                    words.STATES[one.state],
                    is_late(self._desk, one, today),
                )
                for one in shown
            ],
            marks=words.MARKS,
            signs=words.SIGNS,
            total=len(found),
            closed=which == CLOSED_ONES,
            steers=steers,
        )

    def card(self, turn: Turn) -> None:
        """Show one issue; whoever is in charge and opens it needs no reminder of it."""
        issue = issue_of(turn)
        if issue is None:
            return
        if issue.for_managers and turn.known.may_see(issue.unit_id):
            turn.session.execute(
                update(Issue).where(col(Issue.id) == issue.id).values(for_managers=False)
            )
        show_card(turn, self._desk, issue)

    def thread(self, turn: Turn) -> None:
        """Show one message of the thread in full; its photo or voice is sent after it."""
        issue = issue_of(turn)
        if issue is None:
            return
        posts = thread_of(turn.session, issue)
        place = (id_in(turn.arguments[1]) if len(turn.arguments) > 1 else 0) or 1
        if not posts:
            show_card(turn, self._desk, issue)
            return
        note_look(turn, issue)
        place = min(place, len(posts))
        near = [(place - 1, "‹"), (place + 1, "›")]
        around = [
            Button(label, f"isk:{issue.id}:{one}") for one, label in near if 1 <= one <= len(posts)
        ]
        post = posts[place - 1]
        turn.edit(
            "issues/post.html",
            rows=[around, [Button(turn.label("← Back"), f"iso:{issue.id}")]],
            number=issue.id,
            post=post,
            place=place,
            places=len(posts),
        )
        if post.photo:
            turn.call("sendPhoto", chat_id=turn.chat_id, photo=post.photo, protect_content=True)
        if post.voice:
            turn.call("sendVoice", chat_id=turn.chat_id, voice=post.voice, protect_content=True)

    def seen(self, turn: Turn) -> None:
        """Note that it was seen, and let the reporters know."""
        issue = issue_of(turn)
        if issue is None:
            return
        me = turn.known.person_id
        if handling.acknowledge(turn.session, issue, by=me, now=turn.now):
            turn.toast("Noted. Those who reported it can see that you have read it.")
            self._tell(turn, issue, "seen")
        else:
            turn.toast("Somebody was faster: this is how it stands now.", alert=True)
        show_card(turn, self._desk, issue)

    def ask(self, turn: Turn) -> None:
        """Wait for a question to the reporters."""
        issue = self._open_one(turn)
        if issue is not None:
            turn.ask(BACK_TOPIC, issue.id)
            turn.edit("issues/ask.html", rows=[_to_card(turn, issue)], number=issue.id)

    def asked(self, turn: Turn) -> None:
        """Put a question into the thread."""
        issue = self._open_one(turn)
        if issue is None:
            return
        if not self._is_text(turn, BACK_TOPIC, issue):
            return
        me = turn.known.person_id
        if handling.ask_back(turn.session, issue, turn.text, by=me, now=turn.now):
            self._tell(turn, issue, f"asked:{turn.now:%Y%m%d%H%M%S}", asked=turn.text)
        show_card(turn, self._desk, issue)

    def resolve(self, turn: Turn) -> None:
        """Wait for what became of it; without that nothing is resolved."""
        issue = self._open_one(turn)
        if issue is not None:
            turn.ask(OUTCOME_TOPIC, issue.id)
            turn.edit("issues/outcome.html", rows=[_to_card(turn, issue)], number=issue.id)

    def resolved(self, turn: Turn) -> None:
        """Close an issue with what became of it."""
        issue = self._open_one(turn)
        if issue is None or not self._is_text(turn, OUTCOME_TOPIC, issue):
            return
        outcome = " ".join(turn.text.split())
        me = turn.known.person_id
        if handling.resolve(turn.session, issue, outcome, by=me, now=turn.now):
            self._tell(turn, issue, "resolved")
        show_card(turn, self._desk, issue)

    def _open_one(self, turn: Turn) -> Issue | None:
        """Return an issue that can still be worked on; show one that was closed meanwhile."""
        issue = issue_of(turn)
        if issue is None:
            if turn.update.callback_query is None:
                turn.say("issues/gone.html")
            return None
        if issue.state not in OPEN:
            turn.toast("Somebody was faster: this is how it stands now.", alert=True)
            show_card(turn, self._desk, issue)
            return None
        return issue

    def _is_text(self, turn: Turn, topic: str, issue: Issue) -> bool:
        """Tell whether a text of the right length came; else ask again."""
        if turn.text and len(turn.text) <= LONGEST_WORD:
            return True
        turn.ask(topic, issue.id)
        turn.say("issues/text_wanted.html", most=LONGEST_WORD)
        return False

    def _tell(self, turn: Turn, issue: Issue, occasion: str, *, asked: str = "") -> None:
        telling.tell_reporters(
            turn.session,
            self._desk,
            issue,
            occasion=occasion,
            but=turn.known.person_id,
            now=turn.now,
            asked=asked,
        )

    def _line(self, turn: Turn, issue: Issue) -> str:
        about = turn.label(words.KINDS[issue.kind])
        return f"{words.SIGNS[issue.severity]}{words.MARKS[issue.state]} {about}"


def _to_card(turn: Turn, issue: Issue) -> list[Button]:
    return [Button(turn.label("← Back"), f"iso:{issue.id}")]


def _other_list(turn: Turn, unit_id: int, which: str) -> Button:
    if which == CLOSED_ONES:
        return Button(turn.label("What is open"), f"issues:{unit_id}:{OPEN_ONES}")
    return Button(turn.label("What was resolved"), f"issues:{unit_id}:{CLOSED_ONES}")


def _around(unit_id: int, which: str, page: int, pages: int) -> list[Button]:
    near = [(page - 1, "‹"), (page + 1, "›")]
    return [
        Button(label, f"issues:{unit_id}:{which}:{number}")
        for number, label in near
        if 0 <= number < pages
    ]


def routes(desk: IssueDesk) -> Routes:
    """Return what issues answer to."""
    parts = [
        report_chat.routes(),
        ReceiptHandlers(desk).routes(),
        IssueHandlers(desk).routes(),
        SteeringHandlers(desk).routes(),
    ]
    return Routes(
        commands=tuple(one for part in parts for one in part.commands),
        presses=tuple(one for part in parts for one in part.presses),
        replies=tuple(one for part in parts for one in part.replies),
    )
