"""What a button or an answer of the registers is about, and whether it is open to this person."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from bot.core.dialogue import OWNER, Button, Turn
from bot.people.places import stale
from bot.people.rights import who_may
from bot.people.tables import Unit
from bot.registers.desk import RegisterDesk
from bot.registers.items import KnownItem, item_by_key, known_items
from bot.registers.promises import Standing, promise_of
from bot.registers.words import DIMENSIONS
from bot.surveys.scales import main_points

READERS = who_may("registers")
UNIT, ALL, CHECK = "u", "a", "c"
"""Which units something is for: this one, or all; ``c`` only looks whether a promise would fit."""

_LARGEST_ID = 2**31 - 1


class ItemSpot(NamedTuple):
    """An item in a unit that this person may see, and what else the button says."""

    unit_id: int
    item: KnownItem
    scope: str
    rest: tuple[str, ...]

    @property
    def scope_id(self) -> int | None:
        """The unit something holds for, None for all of them."""
        return None if self.scope == ALL else self.unit_id

    def action(self, verb: str, *rest: object) -> str:
        """Return what a button about this item means."""
        words = (verb, self.unit_id, self.item.key, self.scope, *rest)
        return ":".join(str(one) for one in words)


class PromiseSpot(NamedTuple):
    """A promise as seen from a unit, and what else the button says."""

    unit_id: int
    promise: Standing
    rest: tuple[str, ...]

    def action(self, verb: str, *rest: object) -> str:
        """Return what a button about this promise means."""
        words = (verb, self.unit_id, self.promise.id, *rest)
        return ":".join(str(one) for one in words)


def unit_of(turn: Turn) -> int | None:
    """Return the unit that a button or an answer names first, if it is open to this person."""
    unit_id = whole(turn.arguments[0]) if turn.arguments else None
    if unit_id is None or turn.session.get(Unit, unit_id) is None:
        stale(turn)
        return None
    if not turn.known.may_see(unit_id):
        turn.toast("This is not open to you.", alert=True)
        return None
    return unit_id


def item_spot(turn: Turn, desk: RegisterDesk) -> ItemSpot | None:
    """Return the item that is meant; only owners may mean the rule or promise for all units."""
    unit_id = unit_of(turn)
    if unit_id is None:
        return None
    key, scope, *rest = (*turn.arguments[1:], "", "")
    item = item_by_key(known_items(turn.session, desk.library), key)
    if item is None:
        stale(turn)
        return None
    if scope == ALL and not turn.known.has(OWNER):
        turn.toast("Only an owner can change what holds for all units.", alert=True)
        return None
    return ItemSpot(unit_id, item, scope if scope in {ALL, CHECK} else UNIT, tuple(rest))


def promise_spot(turn: Turn) -> PromiseSpot | None:
    """Return the promise that is meant, seen from a unit where it is made."""
    unit_id = unit_of(turn)
    if unit_id is None:
        return None
    number, *rest = (*turn.arguments[1:], "")
    promise_id = whole(number)
    promise = promise_of(turn.session, promise_id) if promise_id is not None else None
    if promise is None or promise.unit_id not in {None, unit_id}:
        stale(turn)
        return None
    return PromiseSpot(unit_id, promise, tuple(rest))


def may_change(turn: Turn, promise: Standing) -> bool:
    """Tell whether somebody may change a promise: one for all units only as an owner."""
    return turn.known.has(OWNER) or (
        promise.unit_id is not None and turn.known.may_see(promise.unit_id)
    )


def whole(text: str) -> int | None:
    """Return the number that a part of a button says; None where it says none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 10
    return int(text) if is_number and int(text) <= _LARGEST_ID else None


def level_said(turn: Turn, text: str) -> int | None:
    """Return the level that a part of a button says, if the main scale has it."""
    level = whole(text)
    return level if level is not None and 1 <= level <= main_points(turn.session) else None


def level_buttons(turn: Turn, action: Callable[[int], str]) -> list[Button]:
    """Return a button for each level of the main scale."""
    return [Button(str(one), action(one)) for one in range(1, main_points(turn.session) + 1)]


def by_dimension(items: Mapping[str, KnownItem]) -> dict[str, list[KnownItem]]:
    """Return the items of each dimension, in their order."""
    found: dict[str, list[KnownItem]] = {}
    for one in items.values():
        found.setdefault(one.dimension, []).append(one)
    return found


def dimension_label(turn: Turn, dimension: str) -> str:
    """Return what a dimension is called."""
    return turn.label(DIMENSIONS.get(dimension, dimension))


def in_rows(buttons: list[Button], wide: int) -> list[list[Button]]:
    """Lay buttons out in rows of so many."""
    return [buttons[start : start + wide] for start in range(0, len(buttons), wide)]
