"""Which idea a button is about, whether it is open to this person, and the way back.

A button says ``verb:idea:where...``; ``where`` is a tab and a page of the list, such as ``o0``.
"""

import re
from datetime import date
from typing import NamedTuple

from bot.core.audit import looked
from bot.core.dialogue import Button, Rows, Turn
from bot.ideas import rules, words
from bot.ideas.listing import may_read, standing, tabs_for, views_of
from bot.ideas.rules import DECLINED, DONE, NEW, OPEN, PLANNED, VOTABLE
from bot.ideas.tables import Idea
from bot.improvement.desk import today_for
from bot.improvement.words import DIMENSIONS
from bot.people.places import id_in, stale

_WHERE = re.compile(r"[nopdxm]\d{1,4}")
_NOWHERE = "-"


class Spot(NamedTuple):
    """An idea that this person may see, where its card came from, and what else a button says."""

    idea: Idea
    where: str
    rest: tuple[str, ...]

    def verb(self, verb: str, *rest: object) -> str:
        """Return what a button under this card means."""
        return ":".join([verb, str(self.idea.id), self.where, *(str(one) for one in rest)])


def spot_of(turn: Turn, *, steers: bool = False) -> Spot | None:
    """Return the idea that is meant; where there is none or it is not open, say so.

    ``steers``: only for those in charge of its unit.
    """
    number, where, *rest = (*turn.arguments, "", "")[: max(2, len(turn.arguments))]
    idea = standing(turn.session, id_in(number))
    if idea is None:
        stale(turn)
        return None
    who = turn.known
    if not (who.may_see(idea.unit_id) if steers else may_read(who, idea)):
        turn.toast("This is not open to you.", alert=True)
        return None
    return Spot(idea, where if _WHERE.fullmatch(where) else _NOWHERE, tuple(rest))


def show_card(turn: Turn, spot: Spot) -> None:
    """Show one idea, with what this person may do about it.

    Whoever is in charge and reads the name of its author is recorded.
    """
    (view,) = views_of(turn.session, turn.known, [spot.idea])
    if view.author and not view.is_own and turn.known.may_see(spot.idea.unit_id):
        looked(turn, "idea.seen", subject=f"idea {view.number}", unit_id=spot.idea.unit_id)
    turn.edit(
        "ideas/card.html",
        rows=rows_of(turn, spot, is_voted=view.is_voted),
        idea=view,
        mark=words.MARKS[view.state],
        state=turn.label(words.STATES[view.state]),
        reason=turn.label(words.REASONS[view.reason]) if view.reason in words.REASONS else "",
        dimension=turn.label(DIMENSIONS[view.dimension]) if view.dimension in DIMENSIONS else "",
        steers=turn.known.may_see(spot.idea.unit_id),
    )


def rows_of(turn: Turn, spot: Spot, *, is_voted: bool) -> Rows:
    """Return the buttons under a card."""
    rows = []
    idea, who = spot.idea, turn.known
    if idea.state in VOTABLE and idea.person_id != who.person_id:
        label = turn.label("Take my vote back") if is_voted else turn.label("👍 I want this too")
        rows.append([Button(label, spot.verb("idv", 0 if is_voted else 1))])
    if who.may_see(idea.unit_id):
        rows += _steering(turn, spot)
    page = spot.where[1:] if spot.where != _NOWHERE else "0"
    tab = spot.where[0] if spot.where != _NOWHERE else _tab_of(turn, idea)
    return [*rows, [Button(turn.label("← Ideas"), f"ideas:{idea.unit_id}:{page}:{tab}")]]


def to_card(turn: Turn, spot: Spot) -> list[Button]:
    """Return the row that leads back to the card."""
    return [Button(turn.label("← Back"), spot.verb("idc"))]


def today_of(turn: Turn, idea: Idea) -> date:
    """Return the date in the unit of an idea."""
    return today_for(turn.session, None, idea.unit_id, now=turn.now)


def _steering(turn: Turn, spot: Spot) -> list[list[Button]]:
    publish = Button(turn.label("Publish"), spot.verb("idp"))
    planned = Button(turn.label("Mark as planned"), spot.verb("idl"))
    act = Button(turn.label("Make an action of it"), spot.verb("ida"))
    done = Button(turn.label("Mark as done"), spot.verb("idf"))
    decline = Button(turn.label("Decline"), spot.verb("idd"))
    merge = Button(turn.label("Join with another"), spot.verb("idm"))
    again = Button(turn.label("Open it again"), spot.verb("ido"))
    acted = spot.idea.action_id is not None
    to_action = Button(turn.label("See the action"), f"ac:{spot.idea.action_id}:-")
    by_state: dict[str, list[list[Button]]] = {
        NEW: [[publish, decline], [merge, act]],
        OPEN: [[act], [planned, done], [merge, decline]],
        PLANNED: [[to_action if acted else act], [done, again, decline]],
        DONE: [*([[to_action]] if acted else []), [again]],
        DECLINED: [[again]],
    }
    return by_state.get(spot.idea.state, [])


def _tab_of(turn: Turn, idea: Idea) -> str:
    wanted = next((tab for tab, state in rules.TABS.items() if state == idea.state), rules.MINE)
    return wanted if wanted in tabs_for(turn.known, idea.unit_id) else rules.MINE
