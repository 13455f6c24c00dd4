"""``/time``: what time is it for you? One tap on a likely one, or the name of a place.

likely times ──another──> all times ──> cities of that time ──> kept
     └── or a place (or a time) typed ──> kept, or chosen among a few
"""

from datetime import timedelta

from bot.core.dialogue import Button, Command, Press, Reply, Routes, Turn
from bot.core.errors import InputError
from bot.core.i18n import N_
from bot.people.places import stale
from bot.people.tables import Person
from bot.people.zones import known_zone
from bot.reach import places, wishes
from bot.reach.days import read_time

TIME = "rt"
_PLACE = "place"
_PER_ROW = 4


def routes() -> Routes:
    """Return what this page answers to."""
    return Routes(
        commands=(Command("time", ask, menu=N_("Set your clock")),),
        presses=(Press(TIME, pressed),),
        replies=(Reply(_PLACE, take_place),),
    )


def ask(turn: Turn) -> None:
    """``/time``, with a place behind it or without."""
    if turn.who is None:
        turn.say("core/not_open.html", stranger=True)
    elif turn.arguments and turn.update.callback_query is None:
        take_place(turn, " ".join(turn.arguments))
    else:
        _offer(turn)


def ask_newcomer(turn: Turn) -> None:
    """Ask whoever has just joined, unless their clock is known."""
    person = turn.session.get(Person, turn.known.person_id)
    if person is not None and not person.zone:
        _offer(turn, is_new=True)


def pressed(turn: Turn) -> None:
    """Take a press: a zone, an offset in minutes, or the wish to see more."""
    if turn.who is None:
        stale(turn)
        return
    word, *rest = turn.arguments or ("",)
    if word == "z" and rest:
        _keep(turn, rest[0])
    elif word == "all":
        _offer_all(turn)
    elif word == "o" and rest and rest[0].lstrip("-").isdigit():
        _offer_cities(turn, timedelta(minutes=int(rest[0])))
    elif word == "type":
        turn.ask(_PLACE)
        turn.edit("reach/time_type.html")
    else:
        _offer(turn)


def take_place(turn: Turn, written: str = "") -> None:
    """Take the name of a place, or what the clock there shows."""
    text = written or turn.text
    at = read_time(text)
    offset = places.offset_at(turn.now, at) if at else None
    if offset is not None:
        _offer_cities(turn, offset)
        return
    zones = places.named(text, turn.language)
    if len(zones) == 1:
        _keep(turn, zones[0])
    elif zones:
        turn.say("reach/time_which.html", rows=_city_rows(turn, zones))
    else:
        turn.ask(_PLACE)
        turn.say("reach/time_unknown.html")


def _offer(turn: Turn, *, is_new: bool = False) -> None:
    zones = places.likely(turn.now, wishes.zone_for(turn))
    likely = [Button(places.shown_time(zone, turn.now), f"{TIME}:z:{zone}") for zone in zones]
    other = [
        Button(turn.label("Another time"), f"{TIME}:all"),
        Button(turn.label("Name a place"), f"{TIME}:type"),
    ]
    show = turn.say if is_new else turn.edit
    show("reach/time.html", rows=[likely, other], is_new=is_new)


def _offer_all(turn: Turn) -> None:
    buttons = []
    for offset in places.all_offsets(turn.now):
        minutes = int(offset / timedelta(minutes=1))
        buttons.append(Button(f"{turn.now + offset:%H:%M}", f"{TIME}:o:{minutes}"))
    buttons.sort(key=lambda one: one.label)
    rows = [buttons[start : start + _PER_ROW] for start in range(0, len(buttons), _PER_ROW)]
    turn.edit("reach/time.html", rows=rows, is_new=False)


def _offer_cities(turn: Turn, offset: timedelta) -> None:
    zones = places.zones_at(turn.now, offset, wishes.zone_for(turn))[: places.MOST]
    if not zones:
        stale(turn)
        return
    turn.edit("reach/time_which.html", rows=_city_rows(turn, zones))


def _city_rows(turn: Turn, zones: list[str]) -> list[list[Button]]:
    rows = [
        [
            Button(
                f"{places.city(zone, turn.language)} · {places.shown_time(zone, turn.now)}",
                f"{TIME}:z:{zone}",
            )
        ]
        for zone in zones
    ]
    return [*rows, [Button(turn.label("Name a place"), f"{TIME}:type")]]


def _keep(turn: Turn, zone: str) -> None:
    try:
        known = known_zone(zone, "zone")
    except InputError:
        stale(turn)
        return
    wishes.set_zone(turn, known)
    turn.edit(
        "reach/time_kept.html",
        rows=[[Button(turn.label("Change it"), f"{TIME}:ask")]],
        city=places.city(known, turn.language),
        time=places.shown_time(known, turn.now),
    )
