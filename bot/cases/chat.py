"""What those in charge do with cases: list them, open one, take it, write, close it.

/cases ─> list ─> card ─┬─> take · write (the next message)
   ^        ^           └─> close ─> what came of it ─> in words (the next message)
   └─ back ─┴────────────────────── all in one message, edited in place
"""

from sqlalchemy import case as when
from sqlalchemy import select
from sqlmodel import col

from bot.cases import cases
from bot.cases.customer_chat import CustomerHandlers, tell_customer
from bot.cases.desk import CaseDesk
from bot.cases.offering import Offering
from bot.cases.pages import fitting_words, thread_page, view_of_case
from bot.cases.tables import Case
from bot.cases.words import OUTCOMES
from bot.core.audit import looked
from bot.core.dialogue import Button, Command, Press, Reply, Routes, Rows, Turn
from bot.core.i18n import N_
from bot.people import roster
from bot.people.places import around, chosen_unit, number_at, row_named
from bot.people.rights import who_may

IN_CHARGE = who_may("cases")
WRITE_TOPIC, OUTCOME_TOPIC = "cs_write", "cs_outcome"
PER_PAGE = 6


class CaseHandlers:
    """Handlers of the list and of the card of those in charge."""

    def __init__(self, desk: CaseDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what the unit's side answers to."""
        presses = (
            ("cases", self.listed),
            ("cso", self.card),
            ("cst", self.take),
            ("csr", self.ask_words),
            ("csc", self.close),
            ("cse", self.ask_outcome),
        )
        return Routes(
            commands=(
                Command("cases", self.listed, IN_CHARGE, N_("Customers who wish to be contacted")),
            ),
            presses=tuple(Press(verb, handler, IN_CHARGE) for verb, handler in presses),
            replies=(
                Reply(WRITE_TOPIC, self.take_words, IN_CHARGE),
                Reply(OUTCOME_TOPIC, self.take_outcome, IN_CHARGE),
            ),
        )

    def listed(self, turn: Turn) -> None:
        """List the cases of a unit: what is open by due time, then what was closed lately."""
        unit_id = chosen_unit(turn, "cases")
        if unit_id is None:
            return
        is_live = col(Case.state).in_(cases.LIVE)
        lately = col(Case.closed_at) > turn.now - self._desk.kept
        found = turn.session.scalars(
            select(Case)
            .where(col(Case.unit_id) == unit_id, is_live | lately)
            .order_by(when((is_live, 0), else_=1), col(Case.due_at), col(Case.id))
        ).all()
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min(number_at(turn, 1) or 0, pages - 1)
        shown = found[page * PER_PAGE : (page + 1) * PER_PAGE]
        views = [view_of_case(turn, one) for one in shown]
        if any(one.customer for one in views):
            looked(turn, "cases.seen", subject=f"unit {unit_id}", unit_id=unit_id)
        turn.edit(
            "cases/cases.html",
            rows=[
                [Button(str(one.id), f"cso:{one.id}") for one in shown],
                around(f"cases:{unit_id}", page, pages),
            ],
            unit=roster.unit_name(turn.session, unit_id),
            cases=views,
            page=page + 1,
            pages=pages,
        )

    def card(self, turn: Turn) -> None:
        """Show one case with a page of its thread."""
        one = self._open_to(turn)
        if one is not None:
            self._show(turn, one, page=number_at(turn, 1))

    def take(self, turn: Turn) -> None:
        """Answer for a case from now on; the button names whose it was when it was made."""
        one = self._open_to(turn)
        if one is None:
            return
        me = turn.known.person_id
        before = number_at(turn, 1) or None
        if one.owner_id == me and one.state in cases.LIVE:
            turn.toast("It is yours.")
        elif cases.take(turn.session, one, by=me, from_whom=before, now=turn.now):
            turn.toast("It is yours now.")
        else:
            turn.toast("Somebody was quicker. This is how it stands now.", alert=True)
        self._show(turn, one)

    def ask_words(self, turn: Turn) -> None:
        """Ask for a message to the customer."""
        one = self._open_to(turn)
        if one is None:
            return
        if one.state not in cases.LIVE:
            self._too_late(turn, one)
            return
        turn.ask(WRITE_TOPIC, one.id)
        turn.edit("cases/write_to.html", rows=[_to_card(turn, one)], case=view_of_case(turn, one))

    def take_words(self, turn: Turn) -> None:
        """Take a message to the customer, and pass it on."""
        one = self._open_to(turn)
        if one is None:
            turn.say("cases/gone.html")
            return
        words = fitting_words(turn, cases.MOST_LETTERS)
        if not words:
            turn.ask(WRITE_TOPIC, one.id)
            return
        me = turn.known.person_id
        if cases.write_to_customer(turn.session, one, words, by=me, now=turn.now):
            tell_customer(turn, self._desk, one, "cases/wrote.html", occasion="wrote", words=words)
            self._show(turn, one)
        else:
            turn.say("cases/gone.html")

    def close(self, turn: Turn) -> None:
        """Ask what came of it in one tap; then close the case and tell the customer."""
        one = self._open_to(turn)
        if one is None:
            return
        if one.state not in cases.LIVE:
            self._too_late(turn, one)
            return
        outcome = turn.arguments[1] if len(turn.arguments) > 1 else ""
        if outcome not in OUTCOMES:
            rows = [
                [Button(turn.label(label), f"csc:{one.id}:{code}")]
                for code, label in OUTCOMES.items()
            ]
            shown = view_of_case(turn, one)
            turn.edit("cases/close.html", rows=[*rows, _to_card(turn, one)], case=shown)
            return
        if cases.close(turn.session, one, outcome, by=turn.known.person_id, now=turn.now):
            turn.toast("Closed. The customer is told, and asked in a week.")
            tell_customer(
                turn,
                self._desk,
                one,
                "cases/closed.html",
                occasion="closed",
                outcome=OUTCOMES[outcome],
            )
        self._show(turn, one)

    def ask_outcome(self, turn: Turn) -> None:
        """Ask for some words on what came of a closed case."""
        one = self._open_to(turn)
        if one is not None:
            turn.ask(OUTCOME_TOPIC, one.id)
            turn.edit(
                "cases/outcome_words.html",
                rows=[_to_card(turn, one)],
                most=cases.MOST_LETTERS_OF_OUTCOME,
            )

    def take_outcome(self, turn: Turn) -> None:
        """Note the words on what came of a case; for those in charge alone."""
        one = self._open_to(turn)
        if one is None:
            turn.say("cases/gone.html")
            return
        words = fitting_words(turn, cases.MOST_LETTERS_OF_OUTCOME)
        if not words:
            turn.ask(OUTCOME_TOPIC, one.id)
            return
        me = turn.known.person_id
        if cases.explain_outcome(turn.session, one, words, by=me, now=turn.now):
            self._show(turn, one)
        else:
            turn.say("cases/gone.html")

    def _open_to(self, turn: Turn) -> Case | None:
        """Return the case that is meant, to those in charge of its unit."""
        return row_named(turn, Case, lambda one: turn.known.may_see(one.unit_id))

    def _too_late(self, turn: Turn, one: Case) -> None:
        turn.toast("This case was closed meanwhile.", alert=True)
        self._show(turn, one)

    def _show(self, turn: Turn, one: Case, *, page: int | None = None) -> None:
        looked(turn, "case.seen", subject=f"case {one.id}", unit_id=one.unit_id)
        notes, page, pages = thread_page(turn, one, page)
        back = [Button(turn.label("← All cases"), f"cases:{one.unit_id}")]
        turn.edit(
            "cases/card.html",
            rows=[around(f"cso:{one.id}", page, pages), *_buttons(turn, one), back],
            case=view_of_case(turn, one),
            notes=notes,
        )


def _buttons(turn: Turn, one: Case) -> Rows:
    if one.state == cases.CLOSED:
        return [[Button(turn.label("In words"), f"cse:{one.id}")]]
    if one.state not in cases.LIVE:
        return []
    own = one.owner_id == turn.known.person_id
    taking = [] if own else [Button(turn.label("I take it"), f"cst:{one.id}:{one.owner_id or 0}")]
    writing = Button(turn.label("Write to the customer"), f"csr:{one.id}")
    return [[*taking, writing], [Button(turn.label("Close"), f"csc:{one.id}")]]


def _to_card(turn: Turn, one: Case) -> list[Button]:
    return [Button(turn.label("← Back"), f"cso:{one.id}")]


def routes(desk: CaseDesk) -> Routes:
    """Return what cases answer to."""
    parts = [part(desk).routes() for part in (CaseHandlers, CustomerHandlers, Offering)]
    return Routes(
        commands=tuple(one for part in parts for one in part.commands),
        presses=tuple(one for part in parts for one in part.presses),
        replies=tuple(one for part in parts for one in part.replies),
    )
