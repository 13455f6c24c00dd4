"""Which unit a command or a button is about: chosen by its manager, checked before all else."""

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import SQLModel, and_, col, select

from bot.core.dialogue import MANAGER, Button, Turn
from bot.people.registry import name_key, open_units
from bot.people.tables import OPEN, REGION, UNIT, Unit

Row = TypeVar("Row", bound=SQLModel)

MOST_OFFERED = 40
_LARGEST_ID = 2**31 - 1


def chosen_unit(turn: Turn, verb: str, *roles: str, figures: bool = False) -> int | None:
    """Return the unit that is meant; ask, where there are several, and return None.

    ``verb`` is what the buttons mean by which somebody with several units chooses one; a press
    names the unit as its first argument. ``roles`` are those whose units count, managers' unless
    it is said otherwise; an owner has all units. ``figures`` lets regions be chosen too, and what
    was closed: they have figures, though nobody works there.
    """
    kinds = roles or (MANAGER,)
    if turn.update.callback_query is not None:
        return _pressed_unit(turn, kinds, figures=figures)
    own = own_places(turn, *kinds) if figures else own_units(turn, *kinds)
    wanted = name_key(" ".join(turn.arguments))
    named = [unit for unit in own if unit.name_key == wanted]
    alike = named or [unit for unit in own if wanted in unit.name_key] or own
    if len(alike) == 1:
        return alike[0].id
    turn.say(
        "people/choose_unit.html",
        rows=[[Button(unit.name, f"{verb}:{unit.id}")] for unit in alike[:MOST_OFFERED]],
        more=len(alike) > MOST_OFFERED,
        command=f"/{verb}",
    )
    return None


def own_units(turn: Turn, *roles: str) -> list[Unit]:
    """Return the open units where a person holds one of these roles, by name; an owner's are all.

    What an analyst sees of all units counts where analysts are asked for.
    """
    query = open_units()
    if not turn.known.has_all(*roles):
        query = query.where(col(Unit.id).in_(turn.known.units(*roles)))
    return list(turn.session.exec(query))


def own_places(turn: Turn, *roles: str) -> list[Unit]:
    """Return what has figures that a person may look at: regions, open units, closed ones.

    Regions at the top, which hold the others, come first.
    """
    inside = and_(col(Unit.kind) == REGION, col(Unit.parent_id).is_not(None))
    everything = select(Unit).order_by(
        col(Unit.state) != OPEN, col(Unit.kind) != REGION, inside, col(Unit.name_key)
    )
    if not turn.known.has_all(*roles):
        everything = everything.where(col(Unit.id).in_(turn.known.units(*roles)))
    return list(turn.session.exec(everything))


def number_at(turn: Turn, place: int) -> int | None:
    """Return a number from a button; None for a command, or where there is none at this place."""
    if turn.update.callback_query is None or len(turn.arguments) <= place:
        return None
    return id_in(turn.arguments[place])


def id_in(text: str) -> int | None:
    """Return the id that a button names; None where it names none."""
    is_id = text.isascii() and text.isdigit() and int(text) <= _LARGEST_ID
    return int(text) if is_id else None


def row_named(turn: Turn, table: type[Row], may: Callable[[Row], bool]) -> Row | None:
    """Return the row that a button or an awaited reply names first, where it is open to somebody.

    Where there is none any more, or it is not open, a press is told so; None is returned.
    """
    row_id = id_in(turn.arguments[0] if turn.arguments else "")
    row = turn.session.get(table, row_id) if row_id else None
    if row is None:
        stale(turn)
        return None
    if not may(row):
        turn.toast("This is not open to you.", alert=True)
        return None
    return row


def around(action: str, page: int, pages: int) -> list[Button]:
    """Return the buttons to the pages before and after; each says ``action`` and its page."""
    near = ((page - 1, "‹"), (page + 1, "›"))
    return [Button(label, f"{action}:{number}") for number, label in near if 0 <= number < pages]


def stale(turn: Turn) -> None:
    """Say that a button means nothing any more."""
    turn.toast("This button is no longer in use. Please send /start.", alert=True)


def _pressed_unit(turn: Turn, kinds: tuple[str, ...], *, figures: bool) -> int | None:
    unit_id = number_at(turn, 0)
    unit = turn.session.get(Unit, unit_id) if unit_id is not None else None
    if unit_id is None or unit is None or not (figures or unit.kind == UNIT):
        stale(turn)
        return None
    if not (turn.known.has_all(*kinds) or unit_id in turn.known.units(*kinds)):
        turn.toast("This is not open to you.", alert=True)
        return None
    return unit_id
