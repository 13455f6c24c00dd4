"""``/units``: the tree of units, for owners.

/units ─> the top ─> a region ─> a unit        (one message, edited in place)
             │           └─────────┴─> rename, move, close, open again; units also: merge
             └─> a new unit or region, here or in a region: its name is asked for
"""

from collections.abc import Callable

from sqlmodel import col, select

from bot.core import audit
from bot.core.dialogue import Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.core.notices import notify
from bot.organisation import structure
from bot.organisation.merging import merge
from bot.organisation.places import page_of, unit_at
from bot.organisation.structure import Refused
from bot.people.places import number_at, stale
from bot.people.registry import the_organisation
from bot.people.rights import who_may
from bot.people.tables import CLOSED, MERGED, OPEN, REGION, UNIT, Person, Role, Unit
from bot.people.tree import Tree, read_tree

NEW, NAME = "un_new", "un_name"
TOP = 0


def routes() -> Routes:
    """Return what the tree of units answers to."""
    owners = who_may("structure")
    presses: dict[str, Callable[[Turn], None]] = {
        "un": show,
        "unn": ask_new,
        "una": gathered,
        "unr": ask_name,
        "unm": choose_region,
        "unmt": moved,
        "unj": choose_target,
        "unjt": ask_merge,
        "unjy": merged,
        "unc": ask_close,
        "uncy": closed,
        "uno": reopened,
        "unt": tell,
    }
    return Routes(
        commands=(Command("units", show, owners, N_("Units and regions")),),
        presses=tuple(Press(verb, handler, owners) for verb, handler in presses.items()),
        replies=(Reply(NEW, made, owners), Reply(NAME, renamed, owners)),
    )


def show(turn: Turn) -> None:
    """Show the top of the tree, a region with what lies in it, or a unit."""
    unit = unit_at(turn.session, number_at(turn, 0))
    _show(turn, unit, page=number_at(turn, 1) or 0)


def ask_new(turn: Turn) -> None:
    """Ask for the name of a new unit or region."""
    parent, kind = number_at(turn, 0) or TOP, (*turn.arguments, "", "")[1]
    if kind not in {UNIT, REGION}:
        stale(turn)
        return
    turn.ask(NEW, parent, kind)
    turn.say("organisation/ask_name.html", kind=kind, name="")


def made(turn: Turn) -> None:
    """A name was written for a new unit or region."""
    parent, kind = int(turn.arguments[0]), (*turn.arguments, UNIT)[1]
    found = structure.add(turn.session, turn.text, kind=kind, parent_id=parent or None)
    if isinstance(found, Refused):
        if found == Refused.NAME:
            turn.ask(NEW, parent, kind)
        turn.say("organisation/refused.html", why=str(found))
        return
    _record(turn, "unit.added", found.id or 0, detail=kind)
    _show(turn, found)


def gathered(turn: Turn) -> None:
    """Make one region over all that stands at the top, with the organisation's name."""
    found = structure.gather(turn.session, the_organisation(turn.session).name)
    if isinstance(found, Refused):
        turn.edit("organisation/refused.html", why=str(found))
        return
    _record(turn, "unit.added", found.id or 0, detail=REGION)
    _show(turn, found)


def ask_name(turn: Turn) -> None:
    """Ask for another name."""
    unit = _unit(turn)
    if unit is not None:
        turn.ask(NAME, unit.id)
        turn.say("organisation/ask_name.html", kind=unit.kind, name=unit.name)


def renamed(turn: Turn) -> None:
    """Another name was written."""
    unit_id = int(turn.arguments[0])
    refused = structure.rename(turn.session, unit_id, turn.text)
    if refused == Refused.NAME:
        turn.ask(NAME, unit_id)
    _answer(turn, refused, "unit.renamed", unit_id)


def choose_region(turn: Turn) -> None:
    """Offer where a unit or region may lie."""
    unit = _unit(turn)
    if unit is None:
        return
    tree = read_tree(turn.session)
    inside = set(tree.below(unit.id or 0))
    fitting = [
        one
        for number, one in tree.units.items()
        if one.kind == REGION and one.state == OPEN and number not in inside
    ]
    fitting.sort(key=lambda one: one.name_key)
    page = page_of(turn, fitting, f"unm:{unit.id}", number_at(turn, 1) or 0)
    rows = [[Button(one.name, f"unmt:{unit.id}:{one.id}")] for one in page.shown]
    top = [Button(turn.label("In no region"), f"unmt:{unit.id}:{TOP}")]
    turn.edit(
        "organisation/choose.html",
        what="region",
        name=unit.name,
        rows=[top, *rows, *page.turning, _back(turn, unit)],
    )


def moved(turn: Turn) -> None:
    """A region was chosen, or none."""
    unit, region = _unit(turn), number_at(turn, 1)
    if unit is None or region is None:
        return
    refused = structure.move(turn.session, unit.id or 0, region or None, today=turn.now.date())
    _answer(turn, refused, "unit.moved", unit.id or 0)


def choose_target(turn: Turn) -> None:
    """Offer the units with which a unit may become one."""
    unit = _unit(turn)
    if unit is None:
        return
    others = select(Unit).where(Unit.kind == UNIT, Unit.state == OPEN, Unit.id != unit.id)
    fitting = list(turn.session.exec(others.order_by(col(Unit.name_key))))
    page = page_of(turn, fitting, f"unj:{unit.id}", number_at(turn, 1) or 0)
    rows = [[Button(one.name, f"unjt:{unit.id}:{one.id}")] for one in page.shown]
    turn.edit(
        "organisation/choose.html",
        what="target",
        name=unit.name,
        rows=[*rows, *page.turning, _back(turn, unit)],
    )


def ask_merge(turn: Turn) -> None:
    """Say what merging does, and ask whether it is meant."""
    unit, into = _unit(turn), unit_at(turn.session, number_at(turn, 1))
    if unit is None or into is None:
        return
    yes = Button(turn.label("Yes, merge them"), f"unjy:{unit.id}:{into.id}")
    rows = [[yes], _back(turn, unit)]
    turn.edit("organisation/ask_merge.html", name=unit.name, into=into.name, rows=rows)


def merged(turn: Turn) -> None:
    """Two units become one."""
    unit, into = _unit(turn), unit_at(turn.session, number_at(turn, 1))
    if unit is None or into is None:
        return
    refused = merge(turn.session, unit.id or 0, into.id or 0, today=turn.now.date())
    _answer(turn, refused, "unit.merged", into.id or 0, detail=f"unit {unit.id}")


def ask_close(turn: Turn) -> None:
    """Say what closing does, and ask whether it is meant."""
    unit = _unit(turn)
    if unit is not None:
        yes = Button(turn.label("Yes, close it"), f"uncy:{unit.id}")
        rows = [[yes], _back(turn, unit)]
        turn.edit("organisation/ask_close.html", name=unit.name, kind=unit.kind, rows=rows)


def closed(turn: Turn) -> None:
    """A unit is closed; its people may be told."""
    unit = _unit(turn)
    if unit is not None:
        refused = structure.close(turn.session, unit.id or 0, today=turn.now.date())
        _answer(turn, refused, "unit.closed", unit.id or 0)


def reopened(turn: Turn) -> None:
    """A closed unit is taken up again."""
    unit = _unit(turn)
    if unit is not None:
        refused = structure.reopen(turn.session, unit.id or 0, today=turn.now.date())
        _answer(turn, refused, "unit.reopened", unit.id or 0)


def tell(turn: Turn) -> None:
    """Tell everybody of a closed unit that it is closed, once."""
    unit = _unit(turn)
    if unit is None or unit.state != CLOSED or unit.closed_on is None:
        stale(turn)
        return
    of_unit = select(Role.person_id).where(Role.unit_id == unit.id)
    people = select(Person.id).where(col(Person.id).in_(of_unit), Person.state == "active")
    organisation = the_organisation(turn.session).name
    told = sum(
        notify(
            turn.session,
            person_id or 0,
            "organisation/unit_closed.html",
            key=f"closed:{unit.id}:{unit.closed_on:%Y%m%d}:{person_id}",
            now=turn.now,
            values={"unit": unit.name, "organisation": organisation},
        )
        for person_id in turn.session.exec(people).all()
    )
    if told:
        _record(turn, "unit.told", unit.id or 0)
    turn.edit("organisation/told.html", name=unit.name, many=told, rows=[_back(turn, unit)])


def _answer(
    turn: Turn, refused: Refused | None, what: str, unit_id: int, *, detail: str = ""
) -> None:
    """Record what was done and show the unit; or say why nothing was."""
    if refused is not None:
        turn.edit("organisation/refused.html", why=str(refused))
        return
    _record(turn, what, unit_id, detail=detail)
    _show(turn, turn.session.get(Unit, unit_id))


def _record(turn: Turn, what: str, unit_id: int, *, detail: str = "") -> None:
    audit.record_turn(turn, what, subject=f"unit {unit_id}", unit_id=unit_id, detail=detail)


def _unit(turn: Turn) -> Unit | None:
    """Return the unit that a button is about; where it cannot be changed, say so."""
    unit = unit_at(turn.session, number_at(turn, 0))
    if unit is None or unit.state == MERGED:
        stale(turn)
        return None
    return unit


def _show(turn: Turn, unit: Unit | None, *, page: int = 0) -> None:
    tree = read_tree(turn.session)
    here = unit.id if unit else None
    inside = [tree.units[one] for one in tree.children.get(here, ())]
    inside.sort(key=lambda one: (one.state != OPEN, one.kind != REGION, one.name_key))
    listed = page_of(turn, inside, f"un:{here or TOP}", page)
    shown = [[Button(_label(turn, one), f"un:{one.id}")] for one in listed.shown]
    deeds = [*_over_all(turn, tree, unit), *_deeds(turn, unit), *_way_up(turn, unit)]
    over = tree.units.get(unit.parent_id) if unit and unit.parent_id else None
    turn.edit(
        "organisation/units.html",
        unit=unit.name if unit else "",
        kind=unit.kind if unit else "",
        state=unit.state if unit else OPEN,
        closed_on=unit.closed_on if unit else None,
        over=over.name if over else "",
        inside=len(inside),
        rows=[*shown, *listed.turning, *deeds],
    )


def _over_all(turn: Turn, tree: Tree, unit: Unit | None) -> list[list[Button]]:
    """Offer one region over all that stands at the top: it tells the figures of the whole."""
    if unit is not None or not structure.can_gather(tree):
        return []
    return [[Button(turn.label("➕ One region over all"), "una")]]


def _deeds(turn: Turn, unit: Unit | None) -> list[list[Button]]:
    """Return what can be done here."""
    here = unit.id if unit else TOP
    new = [
        Button(turn.label("➕ Unit"), f"unn:{here}:{UNIT}"),
        Button(turn.label("➕ Region"), f"unn:{here}:{REGION}"),
    ]
    if unit is None:
        return [new]
    if unit.state == MERGED:
        return []
    change = [
        Button(turn.label("Rename"), f"unr:{here}"),
        Button(turn.label("Move"), f"unm:{here}"),
    ]
    if unit.state == CLOSED:
        again = Button(turn.label("Open again"), f"uno:{here}")
        return [[again, Button(turn.label("Tell its people"), f"unt:{here}")], change]
    if unit.kind == UNIT:
        change.append(Button(turn.label("Merge"), f"unj:{here}"))
    change.append(Button(turn.label("Close it"), f"unc:{here}"))
    return [new, change] if unit.kind == REGION else [change]


def _way_up(turn: Turn, unit: Unit | None) -> list[list[Button]]:
    return [[Button(turn.label("↑ Up"), f"un:{unit.parent_id or TOP}")]] if unit else []


def _back(turn: Turn, unit: Unit) -> list[Button]:
    return [Button(turn.label("‹ Back"), f"un:{unit.id}")]


def _label(turn: Turn, unit: Unit) -> str:
    if unit.state == CLOSED:
        return turn.label("%(name)s (closed)", name=unit.name)
    if unit.state == MERGED:
        return turn.label("%(name)s (merged)", name=unit.name)
    return f"▸ {unit.name}" if unit.kind == REGION else unit.name
