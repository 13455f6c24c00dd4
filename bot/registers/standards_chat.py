"""``/standards``: the rules item by item, what is missing, changes as new versions, history.

/standards ─> dimension ─> item ─┬─> change ─> level, wording, no rule any more
    ^             ^              └─> history
    └──── back ───┴──────────────────── back
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.core.dialogue import OWNER, Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.people import roster
from bot.people.places import chosen_unit, stale
from bot.registers import standards
from bot.registers.desk import RegisterDesk, today_in
from bot.registers.items import KnownItem, known_items
from bot.registers.opinions import opinions_on
from bot.registers.places import (
    ALL,
    READERS,
    UNIT,
    ItemSpot,
    by_dimension,
    dimension_label,
    in_rows,
    item_spot,
    level_buttons,
    level_said,
    unit_of,
    whole,
)
from bot.registers.standards import CHAT, LONGEST_WORDING, Content, Ruling
from bot.surveys.scales import main_points

WORDING_TOPIC = "st_word"
_VERSIONS_SHOWN = 10
_MISSING_SHOWN = 5


class StandardHandlers:
    """Handlers of the standards register."""

    def __init__(self, desk: RegisterDesk) -> None:
        """Work with the questionnaires of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what the register answers to."""
        presses = (
            ("standards", self.overview),
            ("std", self.dimension),
            ("sti", self.item),
            ("ste", self.edit),
            ("stl", self.level),
            ("stw", self.wording),
            ("str", self.retire),
            ("sth", self.history),
        )
        return Routes(
            commands=(Command("standards", self.overview, READERS, N_("Our rules, item by item")),),
            presses=tuple(Press(verb, handler, READERS) for verb, handler in presses),
            replies=(Reply(WORDING_TOPIC, self.wording_written, READERS),),
        )

    def overview(self, turn: Turn) -> None:
        """Show how many items of each dimension have a rule, and which have none."""
        unit_id = chosen_unit(turn, "standards")
        if unit_id is None:
            return
        rules = self._rules(turn, unit_id)
        items = known_items(turn.session, self._desk.library)
        listed = by_dimension(items)
        missing = [one.name(turn.language) for one in items.values() if one.id not in rules]
        turn.edit(
            "registers/standards.html",
            rows=in_rows(
                [
                    Button(
                        f"{dimension_label(turn, name)} {_ruled(own, rules)}/{len(own)}",
                        f"std:{unit_id}:{name}",
                    )
                    for name, own in listed.items()
                ],
                2,
            ),
            unit=roster.unit_name(turn.session, unit_id),
            ruled=len(items) - len(missing),
            items=len(items),
            missing=missing[:_MISSING_SHOWN],
            more=max(0, len(missing) - _MISSING_SHOWN),
        )

    def dimension(self, turn: Turn) -> None:
        """List the items of a dimension with their rules."""
        unit_id = unit_of(turn)
        if unit_id is None:
            return
        name = turn.arguments[1] if len(turn.arguments) > 1 else ""
        own = by_dimension(known_items(turn.session, self._desk.library)).get(name)
        if own is None:
            stale(turn)
            return
        rules = self._rules(turn, unit_id)
        numbered = [
            Button(str(number), f"sti:{unit_id}:{one.key}") for number, one in enumerate(own, 1)
        ]
        turn.edit(
            "registers/dimension.html",
            rows=[*in_rows(numbered, 7), [_to_overview(turn, unit_id)]],
            unit=roster.unit_name(turn.session, unit_id),
            dimension=dimension_label(turn, name),
            items=[
                {"name": one.name(turn.language), "rule": self._shown(turn, rules.get(one.id))}
                for one in own
            ],
        )

    def item(self, turn: Turn) -> None:
        """Show the rule for one item."""
        spot = item_spot(turn, self._desk)
        if spot is not None:
            self._show_item(turn, spot)

    def edit(self, turn: Turn) -> None:
        """Offer levels, another wording, and the end of the rule."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        base, seen = self._base(turn, spot), self._seen(turn, spot)
        levels = level_buttons(turn, lambda level: spot.action("stl", seen, level))
        more = []
        if base is not None:
            more.append([Button(turn.label("Write it anew"), spot.action("stw", seen))])
            if base.unit_id == spot.scope_id:
                more.append([Button(turn.label("No rule any more"), spot.action("str", seen))])
        turn.edit(
            "registers/edit.html",
            rows=[levels, *more, [_to_item(turn, spot)]],
            item=spot.item.name(turn.language),
            for_all=spot.scope == ALL,
            unit=roster.unit_name(turn.session, spot.unit_id),
            rule=self._shown(turn, base),
            points=main_points(turn.session),
        )

    def level(self, turn: Turn) -> None:
        """Set the level that was pressed; an item without a rule also needs a wording."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        seen, level = (*spot.rest, "", "")[:2]
        wanted, points = level_said(turn, level), main_points(turn.session)
        if wanted is None or whole(seen) is None:
            stale(turn)
            return
        base = self._base(turn, spot)
        if base is None:
            self._ask_wording(turn, spot, seen, level)
        elif base.unit_id == spot.scope_id and base.content.is_at(wanted, points):
            turn.toast("This is the level already.")
            self._show_item(turn, spot)
        else:
            self._save(turn, spot, base.content.at(wanted, points), seen)

    def wording(self, turn: Turn) -> None:
        """Ask for another wording."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        base = self._base(turn, spot)
        seen = (*spot.rest, "")[0]
        if base is None or whole(seen) is None:
            stale(turn)
            return
        self._ask_wording(turn, spot, seen, str(base.content.level))

    def wording_written(self, turn: Turn) -> None:
        """Take the words of a rule; ask again where there are none, or too many."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        seen, level = (*spot.rest, "", "")[:2]
        wording, base = " ".join(turn.text.split()), self._base(turn, spot)
        before = base.content if base else self._new(turn, level)
        if before is None:
            stale(turn)
        elif not wording or len(wording) > LONGEST_WORDING:
            self._ask_wording(turn, spot, seen, level)
        else:
            self._save(turn, spot, replace(before, wording=wording), seen)

    def retire(self, turn: Turn) -> None:
        """End a rule; where there is one for all units, that one holds again."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        base = self._base(turn, spot)
        if base is None or base.unit_id != spot.scope_id:
            turn.toast("There is no such rule any more.", alert=True)
            self._show_item(turn, spot)
            return
        self._save(turn, spot, standards.retired(base.content), (*spot.rest, "")[0])

    def history(self, turn: Turn) -> None:
        """List the versions of an item's rules."""
        spot = item_spot(turn, self._desk)
        if spot is None:
            return
        versions = standards.history(turn.session, spot.item.id, spot.unit_id)
        turn.edit(
            "registers/history.html",
            rows=[[_to_item(turn, spot)]],
            item=spot.item.name(turn.language),
            versions=[self._shown(turn, one) for one in versions[:_VERSIONS_SHOWN]],
            more=max(0, len(versions) - _VERSIONS_SHOWN),
        )

    def _new(self, turn: Turn, level: str) -> Content | None:
        wanted = level_said(turn, level)
        return None if wanted is None else Content(wanted, "", points=main_points(turn.session))

    def _ask_wording(self, turn: Turn, spot: ItemSpot, seen: str, level: str) -> None:
        turn.ask(WORDING_TOPIC, spot.unit_id, spot.item.key, spot.scope, seen, level)
        base = self._base(turn, spot)
        turn.edit(
            "registers/wording.html",
            rows=[[_to_item(turn, spot)]],
            item=spot.item.name(turn.language),
            level=int(level),
            points=base.content.points if base else main_points(turn.session),
            longest=LONGEST_WORDING,
        )

    def _save(self, turn: Turn, spot: ItemSpot, content: Content, seen: str) -> None:
        number = standards.write_version(
            turn.session,
            content,
            item=spot.item.id,
            unit_id=spot.scope_id,
            seen=whole(seen) or 0,
            valid_from=today_in(turn.session, spot.scope_id, turn.now),
            source=CHAT,
            author_id=turn.known.person_id,
            now=turn.now,
        )
        if number is None:
            turn.toast("Somebody has changed this rule meanwhile. Please look again.", alert=True)
        else:
            turn.toast("Noted.")
        self._show_item(turn, spot, overtaken=number is None)

    def _show_item(self, turn: Turn, spot: ItemSpot, *, overtaken: bool = False) -> None:
        today = self._today(turn, spot.unit_id)
        ruling = self._rules(turn, spot.unit_id).get(spot.item.id)
        said = opinions_on(turn.session, spot.unit_id, ruling.standard_id, today) if ruling else {}
        coming = [
            one
            for one in standards.history(turn.session, spot.item.id, spot.unit_id)
            if one.valid_from > today
        ]
        turn.edit(
            "registers/item.html",
            rows=[*self._changes(turn, spot), [_to_dimension(turn, spot)]],
            item=spot.item.name(turn.language),
            unit=roster.unit_name(turn.session, spot.unit_id),
            rule=self._shown(turn, ruling),
            coming=self._shown(turn, coming[-1]) if coming else None,
            said={question: list(one.counts) for question, one in said.items()},
            overtaken=overtaken,
        )

    def _changes(self, turn: Turn, spot: ItemSpot) -> list[list[Button]]:
        """Return the buttons under an item: what this person may change, and the history."""
        here = spot._replace(scope=UNIT)
        rows = [[Button(turn.label("Change it for this unit"), here.action("ste"))]]
        if turn.known.has(OWNER):
            for_all = spot._replace(scope=ALL)
            rows.append([Button(turn.label("Change it for all units"), for_all.action("ste"))])
        return [*rows, [Button(turn.label("Earlier versions"), here.action("sth"))]]

    def _rules(self, turn: Turn, unit_id: int) -> dict[str, Ruling]:
        return standards.in_force(turn.session, unit_id, self._today(turn, unit_id))

    def _base(self, turn: Turn, spot: ItemSpot) -> Ruling | None:
        """Return what a change starts from: the rule in force in this scope or above it."""
        day = self._today(turn, spot.unit_id)
        return standards.in_force(turn.session, spot.scope_id, day).get(spot.item.id)

    def _seen(self, turn: Turn, spot: ItemSpot) -> int:
        return standards.newest_number(turn.session, spot.item.id, spot.scope_id)

    def _today(self, turn: Turn, unit_id: int) -> date:
        return today_in(turn.session, unit_id, turn.now)

    def _shown(self, turn: Turn, one: Ruling | None) -> dict[str, Any] | None:
        """Return what a template says of a version."""
        if one is None:
            return None
        content = one.content
        return {
            "number": one.standard_id,
            "version": one.number,
            "level": content.level,
            "points": content.points,
            "apart": content.points != main_points(turn.session),
            "wording": content.wording,
            "for_all": one.unit_id is None,
            "since": one.valid_from,
            "retired": content.retired,
            "by_file": one.source != CHAT,
            "by": roster.person_name(turn.session, one.author_id),
            "metric": content.metric,
            "at_most": content.comparison == "at_most",
            "target": _written(content),
        }


def _written(content: Content) -> str | None:
    """Return the target with its unit of measure, as in ``180 seconds``."""
    return None if content.target is None else f"{content.target:g} {content.measure}".strip()


def _ruled(items: Sequence[KnownItem], rules: Mapping[str, Ruling]) -> int:
    return sum(one.id in rules for one in items)


def _to_overview(turn: Turn, unit_id: int) -> Button:
    return Button(turn.label("← All rules"), f"standards:{unit_id}")


def _to_dimension(turn: Turn, spot: ItemSpot) -> Button:
    return Button(turn.label("← Back"), f"std:{spot.unit_id}:{spot.item.dimension}")


def _to_item(turn: Turn, spot: ItemSpot) -> Button:
    return Button(turn.label("← Back"), f"sti:{spot.unit_id}:{spot.item.key}")
