"""What only those in charge may do with an issue: give it away, join it, make an action of it."""

from bot.core.dialogue import MANAGER, STAFF, Button, Press, Routes, Turn
from bot.issues import handling, telling, words
from bot.issues.card import issue_of, show_card
from bot.issues.desk import IssueDesk
from bot.issues.rules import OPEN
from bot.issues.tables import Issue
from bot.people import roster
from bot.people.places import id_in
from bot.people.rights import who_may
from bot.people.tables import Person

STEERS = who_may("steer_issues")
PER_PAGE = 8


class SteeringHandlers:
    """Handlers of giving away, joining, and of actions."""

    def __init__(self, desk: IssueDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what this part answers to."""
        presses = (
            ("isg", self.people),
            ("isp", self.give),
            ("ism", self.others),
            ("isi", self.merge),
            ("isx", self.make_action),
        )
        return Routes(presses=tuple(Press(verb, handler, STEERS) for verb, handler in presses))

    def people(self, turn: Turn) -> None:
        """List to whom an issue may be given, by name."""
        issue = self._steered(turn)
        if issue is None:
            return
        found = self._candidates(turn, issue)
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min(_second(turn) or 0, pages - 1)
        rows = [
            [Button(self._name(turn, one), f"isp:{issue.id}:{one.id}")]
            for one in found[page * PER_PAGE : (page + 1) * PER_PAGE]
        ]
        near = [(page - 1, "‹"), (page + 1, "›")]
        around = [Button(label, f"isg:{issue.id}:{one}") for one, label in near if 0 <= one < pages]
        turn.edit(
            "issues/give.html",
            rows=[*rows, around, [Button(turn.label("← Back"), f"iso:{issue.id}")]],
            number=issue.id,
        )

    def give(self, turn: Turn) -> None:
        """Give an issue to somebody, who hears of it."""
        issue = self._steered(turn)
        if issue is None:
            return
        chosen, me = _second(turn), turn.known.person_id
        if chosen is None or chosen not in {one.id for one in self._candidates(turn, issue)}:
            turn.toast("This person can no longer be asked.", alert=True)
            self.people(turn)
            return
        if chosen != issue.assignee_id:
            if handling.assign(turn.session, issue, chosen, by=me, now=turn.now):
                telling.tell_assignee(turn.session, self._desk, issue, by=me, now=turn.now)
                self._tell_reporters(turn, issue, "assigned")
            else:
                turn.toast("Somebody was faster: this is how it stands now.", alert=True)
        show_card(turn, self._desk, issue)

    def others(self, turn: Turn) -> None:
        """List the open issues that one may be joined with."""
        issue = self._steered(turn)
        if issue is None:
            return
        found = handling.others_to_merge(turn.session, issue)
        rows = [
            [Button(f"#{one.id} · {self._about(turn, one)}", f"isi:{issue.id}:{one.id}")]
            for one in found
        ]
        turn.edit(
            "issues/join.html",
            rows=[*rows, [Button(turn.label("← Back"), f"iso:{issue.id}")]],
            number=issue.id,
            nobody=not found,
        )

    def merge(self, turn: Turn) -> None:
        """Join an issue with another; the card of the other follows."""
        issue = self._steered(turn)
        if issue is None:
            return
        number = _second(turn)
        into = turn.session.get(Issue, number) if number else None
        me = turn.known.person_id
        if into is not None and handling.merge(turn.session, issue, into, by=me, now=turn.now):
            turn.toast("Joined. Its reports and messages are here now.")
            show_card(turn, self._desk, into)
            return
        turn.toast("Somebody was faster: this is how it stands now.", alert=True)
        show_card(turn, self._desk, issue)

    def make_action(self, turn: Turn) -> None:
        """Make an action of an issue, once."""
        issue = self._steered(turn)
        if issue is None:
            return
        make, me = self._desk.make_action, turn.known.person_id
        turn.session.refresh(issue, with_for_update=True)  # of two presses one makes the action
        if make is None or issue.action_id is not None or issue.state not in OPEN:
            show_card(turn, self._desk, issue)
            return
        action_id = make(
            turn.session,
            unit_id=issue.unit_id,
            title=f"{self._about(turn, issue)} (#{issue.id})",
            source=f"issue {issue.id}",
            person_id=me,
            now=turn.now,
        )
        if action_id is not None and handling.note_action(
            turn.session, issue, action_id, by=me, now=turn.now
        ):
            turn.toast("It is among the actions now: /actions")
        else:
            turn.toast("No action could be made of it.", alert=True)
        show_card(turn, self._desk, issue)

    def _steered(self, turn: Turn) -> Issue | None:
        """Return an open issue of a unit that this person is in charge of; else say why not."""
        issue = issue_of(turn)
        if issue is None:
            return None
        if not turn.known.may_see(issue.unit_id):
            turn.toast("This is not open to you.", alert=True)
            return None
        if issue.state not in OPEN:
            turn.toast("Somebody was faster: this is how it stands now.", alert=True)
            show_card(turn, self._desk, issue)
            return None
        return issue

    def _candidates(self, turn: Turn, issue: Issue) -> list[Person]:
        people = roster.people_of(turn.session, issue.unit_id, MANAGER, STAFF)
        active = [one for one in people if one.state == "active"]
        me = turn.known.person_id
        return sorted(active, key=lambda one: (one.id != me, one.name))

    def _name(self, turn: Turn, person: Person) -> str:
        return turn.label("Me") if person.id == turn.known.person_id else person.name

    def _about(self, turn: Turn, issue: Issue) -> str:
        return words.subject_of(turn.texts, turn.language, issue.kind, issue.dimension)

    def _tell_reporters(self, turn: Turn, issue: Issue, occasion: str) -> None:
        telling.tell_reporters(
            turn.session,
            self._desk,
            issue,
            occasion=occasion,
            but=turn.known.person_id,
            now=turn.now,
        )


def _second(turn: Turn) -> int | None:
    return id_in(turn.arguments[1]) if len(turn.arguments) > 1 else None
