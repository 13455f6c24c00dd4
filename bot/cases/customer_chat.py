"""What a customer does with their cases: see them, write, say whether it is settled, withdraw.

/mycases ─> card ─┬─> write (the next message)
                  ├─> settled · not settled   (once it is closed)
                  └─> withdraw ─> really ─> deleted
"""

from sqlalchemy import select
from sqlmodel import col

from bot.cases import cases
from bot.cases.desk import CaseDesk
from bot.cases.offering import SAY_TOPIC
from bot.cases.pages import fitting_words, thread_page, view_of_case
from bot.cases.tables import Case
from bot.cases.telling import take_back, tell, tell_unit
from bot.core.dialogue import Button, Command, Press, Reply, Routes, Rows, Turn
from bot.core.i18n import N_
from bot.people import roster
from bot.people.places import around, id_in, number_at, stale

MOST_LISTED = 10
YES = "y"


class CustomerHandlers:
    """Handlers of a customer's own cases; whose case it is stands in the database."""

    def __init__(self, desk: CaseDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what a customer's side answers to."""
        presses = (
            ("mycases", self.listed),
            ("csm", self.card),
            ("csw", self.ask_words),
            ("css", self.settle),
            ("csx", self.withdraw),
        )
        return Routes(
            commands=(
                Command("mycases", self.listed, ("customer", "partner"), N_("My open matters")),
            ),
            presses=tuple(Press(verb, handler) for verb, handler in presses),
            replies=(Reply(SAY_TOPIC, self.take_words),),
        )

    def listed(self, turn: Turn) -> None:
        """List one's cases, newest first; a single one is opened at once."""
        if turn.who is None:
            stale(turn)
            return
        query = select(Case).where(col(Case.person_id) == turn.who.person_id)
        found = turn.session.scalars(query.order_by(col(Case.id).desc()).limit(MOST_LISTED)).all()
        turn.edit(
            "cases/mine.html",
            rows=[[Button(_title(turn, one), f"csm:{one.id}")] for one in found],
            none=not found,
        )

    def card(self, turn: Turn) -> None:
        """Show one case of one's own."""
        one = self._own(turn)
        if one is not None:
            self._show(turn, one)

    def ask_words(self, turn: Turn) -> None:
        """Ask for a message to the unit."""
        one = self._own(turn)
        if one is None:
            return
        if one.state not in cases.LIVE:
            turn.toast("This case was closed meanwhile.", alert=True)
            self._show(turn, one)
            return
        turn.ask(SAY_TOPIC, one.id)
        turn.say("cases/write.html", number=one.id)

    def take_words(self, turn: Turn) -> None:
        """Take what the customer writes, and pass it on."""
        one = self._own(turn)
        if one is None:
            turn.say("cases/gone.html")
            return
        words = fitting_words(turn, cases.MOST_LETTERS)
        if not words:
            turn.ask(SAY_TOPIC, one.id)
            return
        within = self._desk.answer_within
        if not cases.write_as_customer(turn.session, one, words, now=turn.now, within=within):
            turn.say("cases/gone.html")
            return
        self._tell(turn, one, "cases/said.html", occasion=_moment(turn), words=words)
        turn.say("cases/passed_on.html", rows=self._buttons(turn, one), number=one.id)

    def settle(self, turn: Turn) -> None:
        """Note whether a closed case is settled; where it is not, it opens again."""
        one = self._own(turn)
        if one is None:
            return
        said_yes = turn.arguments[1:2] == (YES,)
        if said_yes and cases.settle(turn.session, one, now=turn.now):
            turn.toast("Glad to hear it. Thank you!")
        elif not said_yes and cases.reopen(
            turn.session, one, now=turn.now, within=self._desk.answer_within
        ):
            turn.toast("It is open again, and they know.", alert=True)
            turn.ask(SAY_TOPIC, one.id)
            self._tell(turn, one, "cases/reopened.html", occasion=_moment(turn))
        else:
            turn.toast("That is noted already, or another case of yours is open there.")
        self._show(turn, one)

    def withdraw(self, turn: Turn) -> None:
        """Ask once whether it is meant; then delete all that was written."""
        one = self._own(turn)
        if one is None:
            return
        if turn.arguments[1:2] != (YES,):
            turn.edit(
                "cases/withdraw.html",
                rows=[
                    [Button(turn.label("Yes, delete it"), f"csx:{one.id}:{YES}")],
                    [Button(turn.label("← Back"), f"csm:{one.id}")],
                ],
                number=one.id,
            )
            return
        take_back(turn.session, one)
        was_open = one.state in cases.LIVE
        if cases.withdraw(turn.session, one, now=turn.now) and was_open:
            tell_unit(
                turn.session,
                self._desk,
                one,
                "cases/withdrawn.html",
                occasion="withdrawn",
                now=turn.now,
            )
        turn.edit("cases/deleted.html", number=one.id)

    def _own(self, turn: Turn) -> Case | None:
        """Return the case that is meant; only to its customer."""
        case_id = id_in(turn.arguments[0] if turn.arguments else "")
        one = turn.session.get(Case, case_id) if case_id else None
        if one is None or turn.who is None or one.person_id != turn.who.person_id:
            turn.toast("This case is no longer there.", alert=True)
            return None
        return one

    def _show(self, turn: Turn, one: Case) -> None:
        notes, page, pages = thread_page(turn, one, number_at(turn, 1))
        turn.edit(
            "cases/my_card.html",
            rows=[around(f"csm:{one.id}", page, pages), *self._buttons(turn, one)],
            case=view_of_case(turn, one),
            notes=notes,
        )

    def _buttons(self, turn: Turn, one: Case) -> Rows:
        away = [Button(turn.label("Withdraw it"), f"csx:{one.id}")]
        if one.state in cases.LIVE:
            return [[Button(turn.label("Write"), f"csw:{one.id}"), *away]]
        if one.settled is None:
            yes = Button(turn.label("It is settled"), f"css:{one.id}:{YES}")
            no = Button(turn.label("It is not settled"), f"css:{one.id}:n")
            return [[yes, no], away]
        return [away]

    def _tell(
        self, turn: Turn, one: Case, template: str, *, occasion: str, words: str = ""
    ) -> None:
        tell_unit(
            turn.session,
            self._desk,
            one,
            template,
            occasion=occasion,
            now=turn.now,
            name=roster.person_name(turn.session, one.person_id),
            words=words,
        )


def tell_customer(
    turn: Turn, desk: CaseDesk, one: Case, template: str, *, occasion: str, **values: str
) -> None:
    """Write to the customer of a case, with the buttons that fit its state."""
    offers = [[(N_("Write"), f"csw:{one.id}"), (N_("Show the case"), f"csm:{one.id}")]]
    if one.state not in cases.LIVE:
        offers = [[(N_("It is not settled"), f"css:{one.id}:n")], offers[0][1:]]
    tell(
        turn.session,
        desk,
        one,
        template,
        to=[one.person_id],
        occasion=f"{occasion}:{_moment(turn)}",
        now=turn.now,
        offers=offers,
        **values,
    )


def _title(turn: Turn, one: Case) -> str:
    shown = view_of_case(turn, one)
    return f"{shown.mark} {shown.number} · {shown.unit}"


def _moment(turn: Turn) -> str:
    return f"{turn.update.update_id}"
