"""Checking a promise before it goes out, and adding it: dimension, item, level, verdict, words.

check ─┐                                 ┌─> channel ─> wording ─> its card
add  ──┴─> dimension ─> item ─> level ─> verdict
/promises check LEVEL ITEM ───────────────^
"""

from datetime import date

from bot.core.dialogue import OWNER, Button, Press, Reply, Routes, Turn
from bot.people import roster
from bot.people.places import own_units, stale
from bot.registers import promises
from bot.registers.checking import verdict_on
from bot.registers.desk import RegisterDesk, today_in
from bot.registers.items import KnownItem, items_like, known_items
from bot.registers.places import (
    ALL,
    CHECK,
    READERS,
    UNIT,
    ItemSpot,
    PromiseSpot,
    by_dimension,
    dimension_label,
    in_rows,
    item_spot,
    level_buttons,
    level_said,
    unit_of,
)
from bot.registers.promise_cards import evidence, show_promise, to_promises
from bot.registers.promises import Pledge
from bot.registers.standards import CHAT, LONGEST_WORDING
from bot.registers.words import CHANNELS
from bot.surveys.scales import main_points

NEW_TOPIC = "pr_new"
CHECK_WORD = "check"
_MOST_OFFERED = 20


class AddingHandlers:
    """Handlers of checking and adding."""

    def __init__(self, desk: RegisterDesk) -> None:
        """Work with the questionnaires and figures of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what this part answers to."""
        presses = (
            ("pra", self.dimensions),
            ("prd", self.items),
            ("pri", self.levels),
            ("prn", self.verdict),
            ("prc", self.channel),
        )
        return Routes(
            presses=tuple(Press(verb, handler, READERS) for verb, handler in presses),
            replies=(Reply(NEW_TOPIC, self.written, READERS),),
        )

    def check_command(self, turn: Turn) -> bool:
        """Take ``/promises check LEVEL ITEM``; what is left open is asked by buttons."""
        word, level, *words = (*turn.arguments, "", "")[: max(2, len(turn.arguments))]
        if word.casefold() != CHECK_WORD:
            return False
        items = known_items(turn.session, self._desk.library)
        found = items_like(items, " ".join(words), turn.language)
        units = own_units(turn, *READERS)[:_MOST_OFFERED]
        wanted = level_said(turn, level)
        if len(units) == 1 and len(found) == 1 and wanted:
            self._show_verdict(turn, ItemSpot(units[0].id or 0, found[0], CHECK, ()), wanted)
            return True
        self._offer(turn, found, wanted, words=" ".join(words).strip())
        return True

    def dimensions(self, turn: Turn) -> None:
        """Ask which dimension a promise is about."""
        unit_id = unit_of(turn)
        if unit_id is None:
            return
        mode = self._mode(turn)
        listed = by_dimension(known_items(turn.session, self._desk.library))
        rows = in_rows(
            [
                Button(dimension_label(turn, name), f"prd:{unit_id}:{mode}:{name}")
                for name in listed
            ],
            2,
        )
        if mode == UNIT and turn.known.has(OWNER):
            rows.append([Button(turn.label("It holds for all units"), f"pra:{unit_id}:{ALL}")])
        self._ask(turn, unit_id, mode, "dimension", rows)

    def items(self, turn: Turn) -> None:
        """Ask which item a promise is about."""
        unit_id = unit_of(turn)
        if unit_id is None:
            return
        mode, name = self._mode(turn), (*turn.arguments, "", "")[2]
        own = by_dimension(known_items(turn.session, self._desk.library)).get(name)
        if own is None:
            stale(turn)
            return
        numbered = [
            Button(str(number), f"pri:{unit_id}:{one.key}:{mode}")
            for number, one in enumerate(own, 1)
        ]
        names = [one.name(turn.language) for one in own]
        self._ask(turn, unit_id, mode, "item", in_rows(numbered, 7), names=names)

    def levels(self, turn: Turn) -> None:
        """Ask for the level that a promise amounts to."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        levels = level_buttons(turn, lambda level: spot.action("prn", level))
        name = spot.item.name(turn.language)
        self._ask(turn, spot.unit_id, spot.scope, "level", [levels], names=[name])

    def verdict(self, turn: Turn) -> None:
        """Say whether a promise of this level would be kept."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        level = level_said(turn, (*spot.rest, "")[0])
        if level is None:
            stale(turn)
            return
        self._show_verdict(turn, spot, level)

    def channel(self, turn: Turn) -> None:
        """Take where a promise is made, and ask for its words."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        level, channel = (*spot.rest, "", "")[:2]
        if level_said(turn, level) is None or channel not in CHANNELS or spot.scope == CHECK:
            stale(turn)
            return
        self._ask_words(turn, spot, level, channel)

    def written(self, turn: Turn) -> None:
        """Take the words of a new promise; ask again where there are none, or too many."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        level, channel = (*spot.rest, "", "")[:2]
        wording, wanted = " ".join(turn.text.split()), level_said(turn, level)
        if wanted is None or channel not in CHANNELS:
            stale(turn)
        elif not wording or len(wording) > LONGEST_WORDING:
            self._ask_words(turn, spot, level, channel)
        else:
            points = main_points(turn.session)
            pledge = Pledge(wanted, wording, self._today(turn, spot), points=points)
            self._add(turn, spot, pledge, channel)

    def _add(self, turn: Turn, spot: ItemSpot, pledge: Pledge, channel: str) -> None:
        me = turn.known.person_id
        promise_id = promises.add_promise(
            turn.session,
            pledge,
            item=spot.item.id,
            unit_id=spot.scope_id,
            channel=channel,
            owner_id=me,
            source=CHAT,
            author_id=me,
            now=turn.now,
        )
        promise = promises.promise_of(turn.session, promise_id)
        if promise is not None:
            show_promise(turn, self._desk, PromiseSpot(spot.unit_id, promise, ()))

    def _show_verdict(self, turn: Turn, spot: ItemSpot, level: int) -> None:
        known = self._desk.delivered(turn.session, spot.scope_id, turn.now).get(spot.item.id)
        if spot.scope == CHECK:
            adding = spot._replace(scope=UNIT)
            rows = [[Button(turn.label("Add it as a promise"), adding.action("prn", level))]]
        else:
            channels = [
                Button(turn.label(label), spot.action("prc", level, code))
                for code, label in CHANNELS.items()
            ]
            rows = in_rows(channels, 2)
        turn.edit(
            "registers/check.html",
            rows=[
                *rows,
                [Button(turn.label("Another level"), spot.action("pri"))],
                [to_promises(turn, spot.unit_id)],
            ],
            item=spot.item.name(turn.language),
            level=level,
            known=evidence(known),
            verdict=verdict_on(level, known, main_points(turn.session)).value,
            unit="" if spot.scope == ALL else roster.unit_name(turn.session, spot.unit_id),
            adds=spot.scope != CHECK,
        )

    def _offer(self, turn: Turn, found: list[KnownItem], level: int | None, *, words: str) -> None:
        """Offer by buttons what the words of ``/promises check`` left open."""
        units = own_units(turn, *READERS)[:_MOST_OFFERED]
        rows = []
        if len(units) == 1 and len(found) <= _MOST_OFFERED:
            for one in found:
                spot = ItemSpot(units[0].id or 0, one, CHECK, ())
                action = spot.action("prn", level) if level else spot.action("pri")
                rows.append([Button(one.name(turn.language)[:60], action)])
        elif len(found) == 1:
            for unit in units:
                spot = ItemSpot(unit.id or 0, found[0], CHECK, ())
                action = spot.action("prn", level) if level else spot.action("pri")
                rows.append([Button(unit.name, action)])
        if not rows:
            rows = [[Button(unit.name, f"pra:{unit.id}:{CHECK}")] for unit in units]
        turn.say(
            "registers/check_how.html",
            rows=rows,
            unknown="" if found else words[:60],
            points=main_points(turn.session),
        )

    def _ask_words(self, turn: Turn, spot: ItemSpot, level: str, channel: str) -> None:
        turn.ask(NEW_TOPIC, spot.unit_id, spot.item.key, spot.scope, level, channel)
        names = [spot.item.name(turn.language)]
        self._ask(turn, spot.unit_id, spot.scope, "wording", [], names=names)

    def _ask(  # noqa: PLR0917
        self,
        turn: Turn,
        unit_id: int,
        mode: str,
        what: str,
        rows: list[list[Button]],
        *,
        names: list[str] | None = None,
    ) -> None:
        turn.edit(
            "registers/adding.html",
            rows=[*rows, [to_promises(turn, unit_id)]],
            what=what,
            adds=mode != CHECK,
            for_all=mode == ALL,
            unit=roster.unit_name(turn.session, unit_id),
            names=names or [],
            longest=LONGEST_WORDING,
            points=main_points(turn.session),
        )

    def _mode(self, turn: Turn) -> str:
        mode = (*turn.arguments, "", "")[1]
        if mode == ALL and turn.known.has(OWNER):
            return ALL
        return CHECK if mode == CHECK else UNIT

    def _today(self, turn: Turn, spot: ItemSpot) -> date:
        return today_in(turn.session, spot.unit_id, turn.now)
