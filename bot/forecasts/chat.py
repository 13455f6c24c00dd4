"""The forecast in chat: four questions on one card, edited in place.

/forecast, the Friday message, "Guess first" in /gaps ─> question 1 .. 4 ─> what you said ─> change
                          the figures were seen, or the digest has come ─> closed

A button names its card, its question and the level, so it answers that question whenever it comes.
"""

from datetime import date

from bot.core import audit
from bot.core.dialogue import MANAGER, Button, Command, Press, Routes, Rows, Turn
from bot.core.i18n import N_
from bot.forecasts import forecasts
from bot.forecasts.forecasts import ForecastDesk
from bot.forecasts.rules import Slot, slots_of, week_of
from bot.forecasts.tables import ForecastCard
from bot.improvement.desk import zone_for
from bot.improvement.words import dimension_name
from bot.people import roster
from bot.people.places import chosen_unit, id_in, stale
from bot.people.rights import who_may


class ForecastHandlers:
    """Handlers of the card."""

    def __init__(self, desk: ForecastDesk) -> None:
        """Ask by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what forecasts answer to."""
        return Routes(
            commands=(
                Command(
                    "forecast", self.begin, who_may("forecast"), N_("Guess what customers will say")
                ),
            ),
            presses=(
                Press("forecast", self.begin, who_may("forecast")),
                Press("fc", self.answer, who_may("forecast")),
            ),
        )

    def begin(self, turn: Turn) -> None:
        """Show the card of the present week at its first open question."""
        unit_id = chosen_unit(turn, "forecast")
        if unit_id is None:
            return
        week = self._week(turn, unit_id)
        if not self._is_open(turn, unit_id, week):
            turn.edit("forecasts/closed.html", unit=roster.unit_name(turn.session, unit_id))
            return
        card = forecasts.make_card(
            turn.session,
            person_id=turn.known.person_id,
            unit_id=unit_id,
            week=week,
            now=turn.now,
        )
        if card is None:
            turn.edit("forecasts/nothing.html")
            return
        self._show(turn, card)

    def answer(self, turn: Turn) -> None:
        """Keep the level on the button; without one, show its question again."""
        card = self._own_card(turn)
        if card is None:
            return
        if not self._is_open(turn, card.unit_id, card.week):
            turn.toast("Forecasts for this week are closed.", alert=True)
            turn.edit("forecasts/closed.html", unit=roster.unit_name(turn.session, card.unit_id))
            return
        slots = slots_of(card.dimensions)
        place, level, *_ = (*turn.arguments[1:3], "", "")
        if place not in {str(number) for number in range(len(slots))}:
            self._show(turn, card)
        elif level not in forecasts.levels_of(card):
            self._show(turn, card, place=int(place))
        else:
            self._keep(turn, card, slots[int(place)], level=int(level))
            self._show(turn, card)

    def _keep(self, turn: Turn, card: ForecastCard, slot: Slot, *, level: int) -> None:
        before = forecasts.said(turn.session, card)
        forecasts.say(turn.session, card, slot, level=level, now=turn.now)
        is_last = len(before) + 1 == len(slots_of(card.dimensions))
        if slot not in before and is_last:
            audit.record_turn(
                turn, "forecast.given", subject=f"forecast card {card.id}", unit_id=card.unit_id
            )

    def _show(self, turn: Turn, card: ForecastCard, *, place: int | None = None) -> None:
        """Show one question: the wanted one, else the first open one; else what was said."""
        slots = slots_of(card.dimensions)
        said = forecasts.said(turn.session, card)
        open_ones = [number for number, slot in enumerate(slots) if slot not in said]
        if place is None and not open_ones:
            self._show_said(turn, card, said)
            return
        number = open_ones[0] if place is None else place
        back = [Button(turn.label("← Back"), f"fc:{card.id}:{number - 1}")] if number else []
        turn.edit(
            "forecasts/question.html",
            rows=[_levels(card, number), back],
            number=number + 1,
            most=len(slots),
            unit=roster.unit_name(turn.session, card.unit_id),
            dimension=dimension_name(turn.texts, turn.language, slots[number].dimension),
            vantage=slots[number].vantage,
            points=card.points,
        )

    def _show_said(self, turn: Turn, card: ForecastCard, said: dict[Slot, int]) -> None:
        lines = [
            (dimension_name(turn.texts, turn.language, slot.dimension), slot.vantage, level)
            for slot, level in said.items()
        ]
        turn.edit(
            "forecasts/said.html",
            rows=[[Button(turn.label("Change it"), f"fc:{card.id}:0")]],
            unit=roster.unit_name(turn.session, card.unit_id),
            lines=lines,
        )

    def _own_card(self, turn: Turn) -> ForecastCard | None:
        """Return the card that is meant; only to its person, while they manage the unit."""
        card_id = id_in(turn.arguments[0] if turn.arguments else "")
        card = turn.session.get(ForecastCard, card_id) if card_id else None
        if card is None or card.person_id != turn.known.person_id:
            stale(turn)
            return None
        if card.unit_id not in turn.known.units(MANAGER):
            turn.toast("This is not open to you.", alert=True)
            return None
        return card

    def _week(self, turn: Turn, unit_id: int) -> date:
        return week_of(turn.now, zone_for(turn.session, turn.known.person_id, unit_id))

    def _is_open(self, turn: Turn, unit_id: int, week: date) -> bool:
        return forecasts.is_open(
            turn.session,
            person_id=turn.known.person_id,
            unit_id=unit_id,
            week=week,
            now=turn.now,
            digest_hour=self._desk.digest_hour,
        )


def guess_rows(turn: Turn, unit_id: int) -> Rows:
    """Return a button for the page of gaps while this week's forecast is open to its manager."""
    person_id = turn.known.person_id
    if unit_id not in turn.known.units(MANAGER):
        return []
    week = week_of(turn.now, zone_for(turn.session, person_id, unit_id))
    if forecasts.has_seen(turn.session, person_id=person_id, unit_id=unit_id, week=week):
        return []
    return [[Button(turn.label("🎯 Guess the next figures"), f"forecast:{unit_id}")]]


def _levels(card: ForecastCard, number: int) -> list[Button]:
    return [Button(level, f"fc:{card.id}:{number}:{level}") for level in forecasts.levels_of(card)]


def routes(desk: ForecastDesk) -> Routes:
    """Return what forecasts answer to."""
    return ForecastHandlers(desk).routes()
