"""Which action a button or an answer is about, whether it is open to this person, and the way back.

A button says ``verb:action:where...``. ``where`` is ``-`` for nowhere, ``p3`` for the third page of
the list, ``r12`` for the digest with this report, whose message the card was put into.
"""

import re
from typing import NamedTuple

from bot.core.dialogue import MANAGER, PARTNER, STAFF, Button, Identity, Rows, Turn
from bot.improvement.tables import Action
from bot.people.places import row_named
from bot.people.rights import who_may

WORKERS = who_may("actions")
NOWHERE = "-"
_WHERE = re.compile(r"[pr]\d{1,10}")


class Spot(NamedTuple):
    """An action that this person may see, where its card came from, and what else a button says."""

    action: Action
    where: str
    rest: tuple[str, ...]

    def verb(self, verb: str, *rest: object) -> str:
        """Return what a button under this card means."""
        return ":".join([verb, str(self.action.id), self.where, *(str(one) for one in rest)])


def spot_of(turn: Turn) -> Spot | None:
    """Return the action that is meant; where there is none or it is not open, say so."""
    _, where, *rest = (*turn.arguments, "", "")[: max(2, len(turn.arguments))]
    action = row_named(turn, Action, lambda one: may_touch(turn.known, one))
    if action is None:
        return None
    return Spot(action, where if _WHERE.fullmatch(where) else NOWHERE, tuple(rest))


def may_touch(who: Identity, action: Action) -> bool:
    """Tell whether an action is open to somebody: to those in charge, its owner, who was asked."""
    if who.may_see(action.unit_id):
        return True
    concerned = who.person_id in {action.owner_id, action.asked_id}
    return concerned and action.unit_id in who.units(MANAGER, STAFF, PARTNER)


def ways_back(turn: Turn, spot: Spot) -> Rows:
    """Return the buttons that lead to where a card came from, else to the list of actions."""
    unit_id, where = spot.action.unit_id, spot.where
    if where.startswith("r") and turn.known.may_see(unit_id):  # verbs of the digests
        return [
            [
                Button(turn.label("← All fixes"), f"fixes:{unit_id}:{where[1:]}"),
                Button(turn.label("← The digest"), f"back:{unit_id}:{where[1:]}"),
            ]
        ]
    page = where[1:] if where.startswith("p") else "0"
    return [[Button(turn.label("← Actions"), f"actions:{unit_id}:{page}")]]
