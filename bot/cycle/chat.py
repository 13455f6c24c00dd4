"""``/cycle``: what was found, done, achieved and told; in one unit, and over all that one steers.

/cycle ─┬─> units, the stuck ones first ─> one unit ─> gaps · actions · notes
        └─> one unit, where there is only one          (edited in place)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.dialogue import MANAGER, Button, Command, Press, Routes, Rows, Turn
from bot.core.i18n import N_
from bot.cycle.counting import circle, circles
from bot.cycle.pages import findings, in_charge_names, standing, unit_values
from bot.cycle.rules import MEANINGS, SIGNS, Stand, stuck_first
from bot.digests.places import Place, view_at
from bot.digests.reading import report_of
from bot.digests.view import DigestView
from bot.digests.words import Words
from bot.improvement.catalogue import Fix
from bot.improvement.desk import ActionDesk
from bot.people.places import around, chosen_unit, number_at, own_units
from bot.people.registry import name_key
from bot.people.rights import who_may

PER_PAGE = 6


@dataclass(frozen=True, slots=True)
class CycleHandlers:
    """The handlers; they share the rules of actions and the catalogue of fixes."""

    desk: ActionDesk
    fixes: Callable[[], Sequence[Fix]]

    def routes(self) -> Routes:
        """Return what this feature answers to."""
        roles = who_may("cycle")
        menu = N_("Improvement at a glance")
        return Routes(
            commands=(Command("cycle", self.command, roles, menu),),
            presses=(Press("cycle", self.units, roles), Press("cyu", self.unit, roles)),
        )

    def command(self, turn: Turn) -> None:
        """Show the unit that is named, or the only one; else all of them."""
        own = own_units(turn, MANAGER)
        wanted = name_key(" ".join(turn.arguments))
        named = [one for one in own if wanted and one.name_key == wanted]
        if len(own) == 1 or named:
            self._show(turn, (named or own)[0].id or 0, many=len(own) > 1)
        else:
            self.units(turn)

    def units(self, turn: Turn) -> None:
        """List the units that somebody steers, the stuck ones first."""
        own = own_units(turn, MANAGER)
        names = {one.id or 0: one.name for one in own}
        found = stuck_first(circles(turn.session, list(names), turn.now), names)
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min(number_at(turn, 0) or 0, pages - 1)
        here = found[page * PER_PAGE : (page + 1) * PER_PAGE]
        first = page * PER_PAGE + 1
        counts = [(SIGNS[kind], sum(one.stand is kind for one in found)) for kind in Stand]
        turn.edit(
            "cycle/units.html",
            rows=[
                [
                    Button(str(number), f"cyu:{one.unit_id}")
                    for number, one in enumerate(here, first)
                ],
                around("cycle", page, pages),
            ],
            many=len(found),
            counts=[(sign, many) for sign, many in counts if many],
            legend=[(SIGNS[kind], turn.label(MEANINGS[kind])) for kind in Stand],
            first=first,
            lines=[
                standing(one)
                | {"unit": names[one.unit_id], "who": in_charge_names(turn.session, one.unit_id)}
                for one in here
            ],
        )

    def unit(self, turn: Turn) -> None:
        """Show one unit."""
        unit_id = chosen_unit(turn, "cyu")
        if unit_id is not None:
            self._show(turn, unit_id, many=len(own_units(turn, MANAGER)) > 1)

    def _show(self, turn: Turn, unit_id: int, *, many: bool) -> None:
        own = circle(turn.session, unit_id, turn.now)
        turn.edit(
            "cycle/unit.html",
            rows=_ways_on(turn, unit_id, many=many),
            words=Words(turn.texts, turn.language),
            **findings(self._view(turn, unit_id)),
            **unit_values(turn.session, self.desk, own, language=turn.language, now=turn.now),
        )

    def _view(self, turn: Turn, unit_id: int) -> DigestView | None:
        """Return what the newest report says; who reads it has seen the week's figures."""
        report_id = report_of(turn.session, unit_id)
        if report_id is None:
            return None
        return view_at(turn, Place(unit_id, report_id), self.fixes())


def _ways_on(turn: Turn, unit_id: int, *, many: bool) -> Rows:
    back = [Button(turn.label("← All units"), "cycle")] if many else []
    return [
        [
            Button(turn.label("The gaps"), f"gaps:{unit_id}"),
            Button(turn.label("Actions"), f"actions:{unit_id}"),
            Button(turn.label("Notes"), f"told:{unit_id}"),
        ],
        back,
    ]


def routes(desk: ActionDesk) -> Routes:
    """Return what the circle answers to."""
    return CycleHandlers(desk, desk.fixes).routes()
