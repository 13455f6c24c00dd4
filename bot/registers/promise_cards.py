"""How a promise is shown, in the list and on its card, with what is delivered beside it."""

from datetime import date
from typing import Any

from bot.core.dialogue import Button, Turn
from bot.people import roster
from bot.registers.checking import Verdict, verdict_on
from bot.registers.desk import Delivered, RegisterDesk, today_in
from bot.registers.items import known_items, named
from bot.registers.places import PromiseSpot, may_change
from bot.registers.promises import Standing, versions_of
from bot.registers.words import CHANNELS
from bot.surveys.scales import main_points


def shown(
    turn: Turn, desk: RegisterDesk, promise: Standing, known: Delivered | None, *, today: date
) -> dict[str, Any]:
    """Return what a template says of a promise."""
    pledge = promise.pledge
    return {
        "item": named(known_items(turn.session, desk.library), promise.item, turn.language),
        "wording": pledge.wording,
        "level": pledge.level,
        "points": pledge.points,
        "apart": pledge.points != main_points(turn.session),
        "channel": turn.label(CHANNELS[promise.channel]),
        "owner": roster.person_name(turn.session, promise.owner_id),
        "for_all": promise.unit_id is None,
        "from": pledge.valid_from,
        "to": pledge.valid_to,
        "coming": pledge.valid_from > today,
        "live": promise.is_live(today),
        "ended_on": promise.ended_on,
        "version": promise.number,
        "too_high": verdict_on(pledge.level, known, pledge.points) is Verdict.ABOVE,
    }


def evidence(known: Delivered | None) -> dict[str, Any]:
    """Return what a template says of the delivery that a promise is held against."""
    one = known or Delivered()
    return {
        "reached": one.reached,
        "rated": one.rated,
        "raters": one.raters,
        "measured": one.measured,
        "measurements": one.measurements,
    }


def show_promise(
    turn: Turn, desk: RegisterDesk, spot: PromiseSpot, *, overtaken: bool = False
) -> None:
    """Show the card of a promise where a button was pressed, or as a new message."""
    promise = spot.promise
    today = today_in(turn.session, spot.unit_id, turn.now)
    known = desk.delivered(turn.session, spot.unit_id, turn.now).get(promise.item)
    rows = []
    if promise.is_live(today) and may_change(turn, promise):
        rows = [
            [
                Button(turn.label("Level"), spot.action("pre", promise.number)),
                Button(turn.label("Wording"), spot.action("prw", promise.number)),
            ],
            [
                Button(turn.label("Until when"), spot.action("prt", promise.number)),
                Button(turn.label("Who answers for it"), spot.action("pro")),
            ],
            [Button(turn.label("End it"), spot.action("prx"))],
        ]
    earlier = [
        {"level": one.level, "points": one.points, "wording": one.wording, "from": one.valid_from}
        for one in versions_of(turn.session, promise.id)[1:4]
    ]
    turn.edit(
        "registers/promise.html",
        rows=[*rows, [to_promises(turn, spot.unit_id)]],
        unit=roster.unit_name(turn.session, spot.unit_id),
        promise=shown(turn, desk, promise, known, today=today),
        known=evidence(known),
        verdict=verdict_on(promise.pledge.level, known, promise.pledge.points).value,
        earlier=earlier,
        overtaken=overtaken,
    )


def to_promises(turn: Turn, unit_id: int) -> Button:
    """Return the way back to the list."""
    return Button(turn.label("← All promises"), f"promises:{unit_id}")
