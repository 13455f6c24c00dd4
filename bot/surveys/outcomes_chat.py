"""``/reach``: managers and owners look up how many were asked, reached, passed over, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.core.clock import monday_of
from bot.core.dialogue import MANAGER, Button, Command, Press, Routes, Turn
from bot.core.errors import GapbotError
from bot.core.i18n import N_
from bot.core.schedule import local_day
from bot.people.places import own_units, stale
from bot.people.registry import find_organisation
from bot.people.rights import who_may
from bot.people.tables import Unit
from bot.people.zones import zone_of
from bot.reach.words import REASONS
from bot.surveys.card import number, written
from bot.surveys.desk import SurveyDesk
from bot.surveys.outcomes import FLOOR, Outcome, outcomes

REACH = "reach"
EVERYWHERE = 0
_ROLES = who_may("reach")
_MOST_WEEKS = 26
_MOST_UNITS = 40

NAMES: Mapping[str, str] = {
    "rule": N_("A question about a rule"),
    "forecast": N_("A forecast"),
    "settled": N_("Whether a case is settled"),
}
"""What is asked beside questionnaires, in words."""


@dataclass(frozen=True, slots=True)
class OutcomesChat:
    """Handlers of the page."""

    desk: SurveyDesk

    def routes(self) -> Routes:
        """Return what this page answers to."""
        return Routes(
            commands=(
                Command("reach", self.show, roles=_ROLES, menu=N_("Who was asked and who was not")),
            ),
            presses=(Press(REACH, self.show, roles=_ROLES),),
        )

    def show(self, turn: Turn) -> None:
        """Show a week of a unit, or of all units of this person together."""
        own = {unit.id or 0: unit for unit in own_units(turn, MANAGER)}
        unit_id, back = _chosen(turn, own)
        if unit_id is None:
            return
        chosen = [own[unit_id]] if unit_id else list(own.values())
        today = local_day(
            turn.now, zone_of(None, chosen[0] if chosen else None, find_organisation(turn.session))
        )
        week = monday_of(today) - timedelta(weeks=back)
        found = outcomes(turn.session, [unit.id or 0 for unit in chosen], week=week)
        turn.edit(
            "surveys/reach.html",
            rows=_ways(turn, own, unit_id=unit_id, back=back),
            unit=own[unit_id].name if unit_id else "",
            week=week,
            floor=FLOOR,
            lines=[(self._title(turn, one), one, _reasons(turn, one)) for one in found],
        )

    def _title(self, turn: Turn, one: Outcome) -> str:
        if one.name in NAMES:
            return turn.label(NAMES[one.name])
        try:
            content = self.desk.library.read(one.name)
        except GapbotError:
            return one.name
        return content.say(content.title, turn.language)


def _chosen(turn: Turn, own: Mapping[int, Unit]) -> tuple[int | None, int]:
    """Return the unit (0: all of them) and how many weeks back; None for a button gone stale."""
    if turn.update.callback_query is None:
        return (next(iter(own)) if len(own) == 1 else EVERYWHERE), 0
    try:
        unit_id, back = (number(one) for one in turn.arguments)
    except ValueError:
        stale(turn)
        return None, 0
    if unit_id and unit_id not in own:
        stale(turn)
        return None, 0
    return unit_id, min(back, _MOST_WEEKS)


def _ways(turn: Turn, own: Mapping[int, Unit], *, unit_id: int, back: int) -> list[list[Button]]:
    around = []
    if back < _MOST_WEEKS:
        around.append(Button(turn.label("Week before"), _action(unit_id, back + 1)))
    if back:
        around.append(Button(turn.label("Week after"), _action(unit_id, back - 1)))
    if len(own) == 1:
        return [around]
    if unit_id:
        return [around, [Button(turn.label("All units"), _action(EVERYWHERE, back))]]
    units = [[Button(unit.name, _action(one, back))] for one, unit in own.items()]
    return [around, *units[:_MOST_UNITS]]


def _action(unit_id: int, back: int) -> str:
    return f"{REACH}:{written(unit_id)}:{written(back)}"


def _reasons(turn: Turn, one: Outcome) -> list[tuple[str, int]]:
    return [
        (turn.label(REASONS.get(reason, REASONS["no_time"])), count)
        for reason, count in one.skipped.most_common()
    ]
