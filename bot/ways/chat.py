"""``/poster``: the ways in of a unit, for those in charge: their use, posters, closing.

/poster ─> list ─┬─> a way in ─┬─> poster in a size (comes as a file)
   ▲             │             └─> close? ─> closed
   │             └─> new touchpoint, counter, shift ─> its name, written ─┐
   └──────────────────────────────────────────────────────────────────────┘
"""

from functools import partial

from bot.core.dialogue import MANAGER, Button, Command, Press, Reply, Routes, Rows, Turn
from bot.core.i18n import N_
from bot.people.invitations import link
from bot.people.places import chosen_unit, number_at, own_units, row_named, stale
from bot.people.rights import who_may
from bot.people.roster import unit_name
from bot.people.tables import OPEN, Unit
from bot.surveys.chat import CardChat
from bot.ways import groups_chat
from bot.ways.coming import NOW
from bot.ways.desk import WayDesk
from bot.ways.keeping import Spot, close_way, open_way, uses_of, ways_of
from bot.ways.layout import SIZES
from bot.ways.orders import order_poster
from bot.ways.tables import WayIn
from bot.ways.words import KINDS, LABEL_LENGTH, LABELLED, UNIT, plain_label

LIST, ANY, ONE, NEW, DRAW, ASK, CLOSE = "poster", "wyi", "wy", "wyn", "wyp", "wyx", "wyy"
LABEL = "wy_label"
MOST_SHOWN = 20
_NEW = {
    "touchpoint": N_("+ Touchpoint"),
    "counter": N_("+ Counter"),
    "shift": N_("+ Shift"),
}
_SIZES = {
    "a4": N_("Poster, A4"),
    "a5": N_("Poster, A5"),
    "a6": N_("Poster, A6"),
    "card": N_("Card"),
}


def routes(desk: WayDesk) -> Routes:
    """Return what this feature answers to."""
    steerers = who_may("ways")
    groups = groups_chat.routes(desk)
    return Routes(
        commands=(Command("poster", show_ways, steerers, N_("Posters and codes to come in by")),),
        presses=(
            Press(LIST, show_ways, steerers),
            Press(ANY, choose_place, steerers),
            Press(ONE, partial(show_way, desk=desk), steerers),
            Press(NEW, partial(make_new, desk=desk), steerers),
            Press(DRAW, want_poster, steerers),
            Press(ASK, ask_close, steerers),
            Press(CLOSE, close, steerers),
            Press(NOW, CardChat(desk.surveys).show_open),
            *groups.presses,
        ),
        replies=(Reply(LABEL, partial(take_label, desk=desk), steerers),),
        groups=groups.groups,
    )


def offered(turn: Turn) -> Rows:
    """Return what ``/invite`` offers of this feature."""
    return [[Button(turn.label("A poster or a code for customers"), ANY)]]


def show_ways(turn: Turn) -> None:
    """``/poster``: the ways in of a unit, by command or button."""
    unit_id = chosen_unit(turn, LIST)
    if unit_id is not None:
        _list(turn, unit_id)


def choose_place(turn: Turn) -> None:
    """From ``/invite``: choose the unit, where there are several."""
    units = own_units(turn, MANAGER)
    if len(units) == 1:
        _list(turn, units[0].id or 0)
        return
    rows = [[Button(one.name, f"{LIST}:{one.id}")] for one in units[:MOST_SHOWN]]
    turn.edit("ways/which_unit.html", rows=rows, more=len(units) > MOST_SHOWN)


def show_way(turn: Turn, *, desk: WayDesk) -> None:
    """Show one way in, with its link and what can be done with it."""
    way = _named(turn)
    if way is not None:
        _show(turn, way, desk)


def make_new(turn: Turn, *, desk: WayDesk) -> None:
    """Make the way in of a whole unit, or ask what the new place is called."""
    unit_id = number_at(turn, 0)
    kind = (*turn.arguments, "", "")[1]
    if unit_id is None or kind not in KINDS or not _is_open(turn, unit_id):
        stale(turn)
    elif not turn.known.may_see(unit_id):
        turn.toast("This is not open to you.", alert=True)
    elif kind == UNIT:
        _make(turn, unit_id, Spot(), desk)
    else:
        turn.ask(LABEL, unit_id, kind)
        turn.edit("ways/label_wanted.html", kind=kind, most=LABEL_LENGTH, too_long=False)


def take_label(turn: Turn, *, desk: WayDesk) -> None:
    """Take the name of a new touchpoint, counter or shift, as it was written."""
    unit_id, kind = int(turn.arguments[0]), (*turn.arguments, "")[1]
    if kind not in LABELLED or not _is_open(turn, unit_id):
        turn.say("core/not_understood.html", stranger=False)
        return
    if not turn.known.may_see(unit_id):
        turn.say("core/not_open.html", stranger=False)
        return
    try:
        label = plain_label(turn.text)
    except ValueError:
        label = ""
    if not label:
        turn.ask(LABEL, unit_id, kind)
        turn.say("ways/label_wanted.html", kind=kind, most=LABEL_LENGTH, too_long=bool(turn.text))
        return
    _make(turn, unit_id, Spot(kind, label), desk)


def want_poster(turn: Turn) -> None:
    """Order a poster: it is drawn beside the chat, and comes as a file."""
    way = _named(turn)
    size = (*turn.arguments, "", "")[1]
    if way is None:
        return
    if size not in SIZES:
        stale(turn)
        return
    order_poster(turn.session, way, person_id=turn.known.person_id, size=size)
    turn.toast("Your poster is being drawn; it comes as a file in a moment.")


def ask_close(turn: Turn) -> None:
    """Ask whether a way in is really to be closed."""
    way = _named(turn)
    if way is None:
        return
    rows = [
        [Button(turn.label("Yes, close it"), f"{CLOSE}:{way.id}")],
        [Button(turn.label("← Back"), f"{ONE}:{way.id}")],
    ]
    turn.edit("ways/ask_close.html", rows=rows, **_about(turn, way))


def close(turn: Turn) -> None:
    """Close a way in; whoever was quicker is not undone."""
    way = _named(turn)
    if way is None:
        return
    if not close_way(turn.session, way, now=turn.now, person_id=turn.known.person_id):
        stale(turn)
        return
    turn.edit("ways/closed.html", rows=[_back(turn, way)], **_about(turn, way))


def _make(turn: Turn, unit_id: int, spot: Spot, desk: WayDesk) -> None:
    way = open_way(turn.session, unit_id, spot, now=turn.now, created_by=turn.known.person_id)
    _show(turn, way, desk)


def _list(turn: Turn, unit_id: int) -> None:
    ways = ways_of(turn.session, unit_id)[:MOST_SHOWN]
    uses = uses_of(turn.session, ways, turn.now)
    rows = [[Button(_called(turn, way), f"{ONE}:{way.id}")] for way in ways]
    if not any(way.kind == UNIT for way in ways):
        rows.insert(0, [Button(turn.label("+ The whole unit"), f"{NEW}:{unit_id}:{UNIT}")])
    rows.append(
        [Button(turn.label(words), f"{NEW}:{unit_id}:{kind}") for kind, words in _NEW.items()]
    )
    turn.edit(
        "ways/ways.html",
        rows=rows,
        unit=unit_name(turn.session, unit_id),
        lines=[(_called(turn, way), uses[way.id or 0]) for way in ways],
    )


def _show(turn: Turn, way: WayIn, desk: WayDesk) -> None:
    username = desk.username()
    sizes = [Button(turn.label(words), f"{DRAW}:{way.id}:{size}") for size, words in _SIZES.items()]
    rows: list[list[Button]] = [sizes[:2], sizes[2:]] if username else []
    rows += [[Button(turn.label("Close this code"), f"{ASK}:{way.id}")], _back(turn, way)]
    turn.edit(
        "ways/way.html",
        rows=rows,
        address=link(username, way.payload) if username else "",
        payload=way.payload,
        use=uses_of(turn.session, [way], turn.now)[way.id or 0],
        **_about(turn, way),
    )


def _named(turn: Turn) -> WayIn | None:
    """Return the open way in that a button names, where it is open to somebody."""
    way = row_named(turn, WayIn, lambda one: turn.known.may_see(one.unit_id))
    if way is not None and way.closed_on is not None:
        stale(turn)
        return None
    return way


def _is_open(turn: Turn, unit_id: int) -> bool:
    unit = turn.session.get(Unit, unit_id)
    return unit is not None and unit.state == OPEN and unit.kind == UNIT


def _about(turn: Turn, way: WayIn) -> dict[str, object]:
    return {"unit": unit_name(turn.session, way.unit_id), "place": _called(turn, way)}


def _called(turn: Turn, way: WayIn) -> str:
    kind = turn.label(KINDS[way.kind])
    return f"{kind}: {way.label}" if way.label else kind


def _back(turn: Turn, way: WayIn) -> list[Button]:
    return [Button(turn.label("← All codes of this unit"), f"{LIST}:{way.unit_id}")]
