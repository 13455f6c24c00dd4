"""Giving an action to somebody: chosen by name, and theirs once they accept in chat."""

from sqlmodel import Session

from bot.core.dialogue import MANAGER, PARTNER, STAFF, Button, Press, Routes, Turn
from bot.core.i18n import N_
from bot.improvement import actions
from bot.improvement.cards import show_card, to_card
from bot.improvement.desk import ActionDesk
from bot.improvement.places import WORKERS, Spot, spot_of
from bot.improvement.tables import Action
from bot.improvement.telling import tell
from bot.people import roster
from bot.people.places import id_in
from bot.people.rights import who_may
from bot.people.tables import Person

PER_PAGE = 8
STEERS = who_may("assign")


class AssigningHandlers:
    """Handlers of giving away, accepting and declining."""

    def __init__(self, desk: ActionDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what this part answers to."""
        return Routes(
            presses=(
                Press("aca", self.people, STEERS),
                Press("acp", self.propose, STEERS),
                Press("acy", self.accept, WORKERS),
                Press("acz", self.decline, WORKERS),
            )
        )

    def people(self, turn: Turn) -> None:
        """List who may be asked, by name."""
        spot = self._steered(turn)
        if spot is None:
            return
        found = candidates(turn.session, spot.action)
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min(id_in(spot.rest[0] if spot.rest else "") or 0, pages - 1)
        rows = [
            [Button(self._name(turn, one), spot.verb("acp", one.id))]
            for one in found[page * PER_PAGE : (page + 1) * PER_PAGE]
        ]
        near = [(page - 1, "‹"), (page + 1, "›")]
        around = [
            Button(label, spot.verb("aca", number)) for number, label in near if 0 <= number < pages
        ]
        turn.edit(
            "improvement/assign.html",
            rows=[*rows, around, to_card(turn, spot)],
            title=self._desk.title_of(spot.action, turn.language),
            nobody=not found,
        )

    def propose(self, turn: Turn) -> None:
        """Ask somebody to take an action over; oneself takes it over at once."""
        spot = self._steered(turn)
        if spot is None:
            return
        action, me = spot.action, turn.known.person_id
        chosen = id_in(spot.rest[0] if spot.rest else "")
        if chosen not in {one.id for one in candidates(turn.session, action)} or chosen is None:
            turn.toast("This person can no longer be asked.", alert=True)
            self.people(turn)
            return
        before = action.owner_id
        if chosen == me:
            if actions.assume(turn.session, action, by=me, now=turn.now):
                self._tell(turn, action, "improvement/taken_over.html", to=(before,))
        elif actions.propose(turn.session, action, chosen, by=me, now=turn.now):
            self._ask(turn, action, chosen)
        show_card(turn, self._desk, spot)

    def accept(self, turn: Turn) -> None:
        """Take over what one was asked to take over."""
        spot = spot_of(turn)
        if spot is None:
            return
        action = spot.action
        waiting = (action.owner_id, action.asked_by)
        if actions.accept(turn.session, action, by=turn.known.person_id, now=turn.now):
            turn.toast("It is yours now. Thank you!")
            self._tell(turn, action, "improvement/taken_over.html", to=waiting)
        else:
            turn.toast("You are no longer asked about this.", alert=True)
        show_card(turn, self._desk, spot)

    def decline(self, turn: Turn) -> None:
        """Leave an action with its owner, who hears of it."""
        spot = spot_of(turn)
        if spot is None:
            return
        action = spot.action
        waiting = (action.owner_id, action.asked_by)
        if actions.decline(turn.session, action, by=turn.known.person_id, now=turn.now):
            self._tell(turn, action, "improvement/not_taken_over.html", to=waiting)
            turn.edit("improvement/left.html", title=self._desk.title_of(action, turn.language))
        else:
            turn.toast("You are no longer asked about this.", alert=True)

    def _steered(self, turn: Turn) -> Spot | None:
        """Return the action where this person may give it away: those in charge of its unit."""
        spot = spot_of(turn)
        if spot is None:
            return None
        if not turn.known.may_see(spot.action.unit_id):
            turn.toast("This is not open to you.", alert=True)
            return None
        if spot.action.state not in actions.LIVE:
            turn.toast("This action was closed meanwhile.", alert=True)
            show_card(turn, self._desk, spot)
            return None
        return spot

    def _name(self, turn: Turn, person: Person) -> str:
        return turn.label("Myself") if person.id == turn.known.person_id else person.name

    def _ask(self, turn: Turn, action: Action, person_id: int) -> None:
        key = f"{action.id}:-"
        tell(
            turn.session,
            self._desk,
            action,
            "improvement/asked.html",
            to=[person_id],
            occasion=f"asked:{turn.now:%Y%m%d%H%M%S}",
            now=turn.now,
            offers=[
                [(N_("I take it over"), f"acy:{key}"), (N_("Not me"), f"acz:{key}")],
                [(N_("Open it"), f"ac:{key}")],
            ],
            by=roster.person_name(turn.session, turn.known.person_id),
            due_on=action.due_on,
            note=action.note,
        )

    def _tell(
        self, turn: Turn, action: Action, template: str, *, to: tuple[int | None, ...]
    ) -> None:
        me = turn.known.person_id
        tell(
            turn.session,
            self._desk,
            action,
            template,
            to=[one for one in to if one != me],
            occasion=f"answered:{turn.now:%Y%m%d%H%M%S}",
            now=turn.now,
            offers=[[(N_("Open it"), f"ac:{action.id}:-")]],
            by=roster.person_name(turn.session, me),
        )


def candidates(session: Session, action: Action) -> list[Person]:
    """Return who may be asked: staff, managers and partners of the unit who can be reached."""
    people = roster.people_of(session, action.unit_id, MANAGER, STAFF, PARTNER)
    return [one for one in people if one.state == "active" and one.id != action.owner_id]


def routes(desk: ActionDesk) -> Routes:
    """Return what giving an action to somebody answers to."""
    return AssigningHandlers(desk).routes()
