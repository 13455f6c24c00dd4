"""The way in: ``/start``, consent and its buttons.

/start PAYLOAD ──> consent ──"I agree"──> joined        language buttons re-render the consent;
     │                └────"No, thanks"──> declined     they carry invitation and language, for
closed or unknown ──> refused                           nothing is stored before somebody agrees
/start ──> known (stopped: "write to me again"), or a stranger is told how one gets in
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from telegram import User

from bot.core import asking
from bot.core.dialogue import Button, Identity, Turn
from bot.core.i18n import NAMES
from bot.people.companions import Companion
from bot.people.door import PeopleDoor
from bot.people.guesses import Guesses
from bot.people.invitations import Closed, opened, why_not_for
from bot.people.joining import Newcomer, has_role, join, shown_name
from bot.people.languages import language_rows
from bot.people.menu import Menu
from bot.people.registry import find_organisation, lock_organisation
from bot.people.tables import Invitation, Person, Unit

Canceller = Callable[[Turn], bool]
"""Puts aside what a person is in the middle of; tells whether there was anything. What was saved
stays. It may say what it left; otherwise that is said for it."""

Promise = Callable[[Turn, str], str]
"""Says how often somebody is asked at most, in a role or (none named) in all of theirs."""


class Entrance:
    """Lets people in. It keeps nothing of them: the buttons carry all that is needed."""

    def __init__(
        self,
        menu: Menu,
        cancellers: Sequence[Canceller],
        *,
        promise: Promise,
        newcomers: Sequence[Callable[[Turn], None]] = (),
        companions: Sequence[Companion] = (),
    ) -> None:
        """Know the menu to set, what ``/start`` is a way out of, and what is asked at the end.

        ``newcomers`` may ask whoever has just come in one thing more; ``companions`` know what
        some invitations carry.
        """
        self._menu = menu
        self._cancellers = cancellers
        self._promise = promise
        self._newcomers = newcomers
        self._companions = companions
        self._guesses = Guesses()

    def start(self, turn: Turn) -> None:
        """``/start``, with the payload of an invitation or without."""
        if turn.who is not None:
            leave_all(turn, self._cancellers)
        if turn.arguments:
            self._open(turn, turn.arguments[0])
        elif turn.who is None:
            greet_stranger(turn)
        else:
            self._greet(turn)

    def reread(self, turn: Turn) -> None:
        """Show the consent in another language, in place."""
        invitation = self._carried(turn)
        if invitation is not None:
            self._ask(turn, invitation)

    def accept(self, turn: Turn) -> None:
        """Somebody agrees: they are stored, their menu is set, and they hear what comes next."""
        lock_organisation(turn.session)  # so that no unit is merged before they have come in
        invitation = self._carried(turn)
        if invitation is None:
            return
        if self._is_nothing_new(turn, invitation):
            self._say_known(turn, edit=True, already=True)
            return
        closed = why_not_for(turn.session, invitation, turn.who, turn.now)
        if closed is not None:
            _refuse(turn, closed)
            return
        more = self._more(turn, invitation)
        newcomer = Newcomer(turn.telegram_id, _first_name(turn), turn.language)
        if not join(turn.session, invitation, newcomer, who=turn.who, now=turn.now):
            _refuse(turn, Closed.USED_UP)
            return
        turn.who = PeopleDoor().recognise(turn.session, turn.telegram_id)
        consent = self._consent(turn, invitation) | {"more": more}
        turn.edit("people/consent.html", **consent, agreed=True)
        self._menu.show(turn)
        turn.say("people/joined.html", role=invitation.role, name=_first_name(turn))
        for companion in self._companions:
            companion.agreed(turn, invitation)
        for newcomer_asked in self._newcomers:
            newcomer_asked(turn)

    def decline(self, turn: Turn) -> None:
        """Somebody does not agree: nothing is stored, and they hear so."""
        invitation = self._carried(turn)
        if invitation is None:
            return
        if self._is_nothing_new(turn, invitation):
            self._say_known(turn, edit=True, already=True)
        else:
            turn.edit("people/declined.html", known=turn.who is not None)

    def return_again(self, turn: Turn) -> None:
        """Somebody who had said stop wants to be written to again."""
        if turn.who is None:
            greet_stranger(turn)
            return
        turn.session.execute(
            update(Person)
            .where(col(Person.id) == turn.who.person_id, col(Person.state) == "stopped")
            .values(state="active")
        )
        turn.who = PeopleDoor().recognise(turn.session, turn.telegram_id)
        self._say_known(turn, edit=True)
        self._menu.show(turn)

    def _open(self, turn: Turn, payload: str) -> None:
        invitation = self._looked_up(turn, payload)
        if invitation is None:
            _refuse(turn, Closed.UNKNOWN)
        elif self._is_nothing_new(turn, invitation):
            self._welcome_again(turn, invitation)
        else:
            closed = why_not_for(turn.session, invitation, turn.who, turn.now)
            if closed is not None:
                _refuse(turn, closed)
            else:
                self._ask(turn, invitation)

    def _looked_up(self, turn: Turn, payload: str) -> Invitation | None:
        """Find an invitation; of whoever has guessed too often nothing is looked up."""
        if self._guesses.are_too_many(turn.telegram_id, turn.now):
            return None
        invitation = opened(turn.session, payload)
        if invitation is None:
            self._guesses.note(turn.telegram_id, turn.now)
        return invitation

    def _welcome_again(self, turn: Turn, invitation: Invitation) -> None:
        greeted = [one.came_again(turn, invitation) for one in self._companions]
        if not any(greeted):
            self._say_known(turn, already=True)
        self._menu.show(turn)

    def _greet(self, turn: Turn) -> None:
        self._say_known(turn)
        self._menu.show(turn)

    def _carried(self, turn: Turn) -> Invitation | None:
        """Return the invitation that a button carries, and speak the language it carries."""
        number, _, language = ":".join(turn.arguments).partition(":")
        if language in NAMES:
            turn.language = language
        invitation = turn.session.get(Invitation, int(number)) if number.isdecimal() else None
        if invitation is None:
            _refuse(turn, Closed.UNKNOWN)
        return invitation

    def _ask(self, turn: Turn, invitation: Invitation) -> None:
        carried = f"{invitation.id}"
        rows = [
            [Button(turn.label("I agree"), f"join:{carried}:{turn.language}")],
            [Button(turn.label("No, thanks"), f"nojoin:{carried}:{turn.language}")],
            *language_rows(turn, f"reread:{carried}"),
        ]
        turn.edit("people/consent.html", rows=rows, **self._consent(turn, invitation), agreed=False)

    def _consent(self, turn: Turn, invitation: Invitation) -> dict[str, Any]:
        organisation = find_organisation(turn.session)
        unit = turn.session.get(Unit, invitation.unit_id) if invitation.unit_id else None
        return {
            "name": _first_name(turn),
            "organisation": organisation.name if organisation else "",
            "unit": unit.name if unit else "",
            "role": invitation.role,
            "known": turn.who is not None,
            "today": turn.now.date(),
            "promise": self._promise(turn, invitation.role),
            "more": self._more(turn, invitation),
        }

    def _is_nothing_new(self, turn: Turn, invitation: Invitation) -> bool:
        """Tell whether somebody is already all that an invitation would make them."""
        return has_role(turn.who, invitation) and not self._more(turn, invitation)

    def _more(self, turn: Turn, invitation: Invitation) -> str:
        """Return what other features ask by an invitation; mostly nothing."""
        return "\n\n".join(filter(None, (one.asks(turn, invitation) for one in self._companions)))

    def _say_known(self, turn: Turn, *, edit: bool = False, already: bool = False) -> None:
        who = turn.known
        stopped = who.state == "stopped"
        rows = [[Button(turn.label("Yes, write to me again"), "again")]] if stopped else []
        show = turn.edit if edit else turn.say
        show(
            "people/known.html",
            rows=rows,
            name=_first_name(turn),
            roles=_role_lines(turn, who),
            already=already,
            stopped=stopped,
            promise=self._promise(turn, ""),
        )


def leave_all(turn: Turn, cancellers: Sequence[Canceller]) -> bool:
    """Put aside everything that is under way; tell whether there was anything."""
    asked = asking.put_aside(turn.session, turn.known.person_id)
    left = [canceller(turn) for canceller in cancellers]  # each of them, not up to the first
    return asked or any(left)


def greet_stranger(turn: Turn) -> None:
    """Say how one gets in, and that nothing was stored."""
    organisation = find_organisation(turn.session)
    turn.say("people/stranger.html", organisation=organisation.name if organisation else "")


def _refuse(turn: Turn, closed: Closed) -> None:
    turn.edit("people/refused.html", why=str(closed))


def _role_lines(turn: Turn, who: Identity) -> list[tuple[str, str]]:
    """Return the kind and the unit's name of each role; an owner's unit is empty."""
    ids = [unit_id for _, unit_id in who.roles if unit_id is not None]
    found = turn.session.exec(select(Unit).where(col(Unit.id).in_(ids)))
    names = {unit.id: unit.name for unit in found}
    return [(kind, names.get(unit_id, "")) for kind, unit_id in who.roles]


def _first_name(turn: Turn) -> str:
    user: User | None = turn.update.effective_user
    return shown_name(user.first_name) if user else ""
