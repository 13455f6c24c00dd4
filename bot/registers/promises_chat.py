"""``/promises``: what customers are told to count on; changed as new versions, ended, handed over.

/promises ─> list ─┬─> promise ─> level, wording, until when, who answers for it, end
    ^              ├─> add, check  (``adding_chat``)
    └──── back ────┘
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from bot.core import notices
from bot.core.dialogue import MANAGER, Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.people import roster
from bot.people.places import around, chosen_unit, stale
from bot.registers import promises
from bot.registers.desk import RegisterDesk, today_in
from bot.registers.items import known_items, named
from bot.registers.places import (
    CHECK,
    READERS,
    UNIT,
    PromiseSpot,
    level_buttons,
    level_said,
    may_change,
    promise_spot,
    whole,
)
from bot.registers.promise_cards import show_promise, shown
from bot.registers.promises import Pledge, Standing
from bot.registers.standards import CHAT, LONGEST_WORDING
from bot.surveys.scales import main_points

WORDING_TOPIC = "pr_word"
PER_PAGE = 8
_SPANS = {"m": timedelta(days=30), "q": timedelta(days=91), "o": None}

Finder = Callable[[Turn], bool]
"""Takes ``/promises check ...``; tells whether it was that."""


class PromiseHandlers:
    """Handlers of the promise register."""

    def __init__(self, desk: RegisterDesk, check: Finder) -> None:
        """Work with the questionnaires and figures of this desk."""
        self._desk = desk
        self._check = check

    def routes(self) -> Routes:
        """Return what the register answers to."""
        presses = (
            ("promises", self.listed),
            ("prv", self.card),
            ("pre", self.edit),
            ("prl", self.level),
            ("prw", self.wording),
            ("prt", self.until),
            ("pro", self.owner),
            ("prx", self.end),
        )
        menu = N_("What we promise customers")
        return Routes(
            commands=(Command("promises", self.listed, READERS, menu),),
            presses=tuple(Press(verb, handler, READERS) for verb, handler in presses),
            replies=(Reply(WORDING_TOPIC, self.wording_written, READERS),),
        )

    def listed(self, turn: Turn) -> None:
        """List the promises of a unit, those above what it delivers marked; or check a new one."""
        if turn.update.callback_query is None and self._check(turn):
            return
        unit_id = chosen_unit(turn, "promises")
        if unit_id is None:
            return
        today = today_in(turn.session, unit_id, turn.now)
        found = promises.live_promises(turn.session, unit_id, today)
        known = self._desk.delivered(turn.session, unit_id, turn.now)
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min((whole((*turn.arguments, "", "")[1]) or 0) if turn.message_id else 0, pages - 1)
        first = page * PER_PAGE
        here = found[first : first + PER_PAGE]
        numbered = [
            Button(str(number), f"prv:{unit_id}:{one.id}")
            for number, one in enumerate(here, first + 1)
        ]
        turn.edit(
            "registers/promises.html",
            rows=[
                numbered,
                around(f"promises:{unit_id}", page, pages),
                [
                    Button(turn.label("Check a promise"), f"pra:{unit_id}:{CHECK}"),
                    Button(turn.label("Add one"), f"pra:{unit_id}:{UNIT}"),
                ],
            ],
            unit=roster.unit_name(turn.session, unit_id),
            promises=[
                shown(turn, self._desk, one, known.get(one.item), today=today) for one in here
            ],
            first=first + 1,
        )

    def card(self, turn: Turn) -> None:
        """Show one promise."""
        spot = promise_spot(turn)
        if spot is not None:
            show_promise(turn, self._desk, spot)

    def edit(self, turn: Turn) -> None:
        """Offer the levels."""
        spot = self._own(turn)
        if spot is None:
            return
        seen = spot.promise.number
        levels = level_buttons(turn, lambda level: spot.action("prl", seen, level))
        self._choose(turn, spot, "level", [levels])

    def level(self, turn: Turn) -> None:
        """Set the level that was pressed."""
        spot = self._own(turn)
        level = level_said(turn, (*spot.rest, "", "")[1]) if spot else None
        if spot is None:
            return
        if level is None:
            stale(turn)
            return
        points = main_points(turn.session)
        self._save(turn, spot, replace(self._from_today(turn, spot), level=level, points=points))

    def wording(self, turn: Turn) -> None:
        """Ask for another wording."""
        spot = self._own(turn)
        if spot is not None:
            self._ask_wording(turn, spot)

    def wording_written(self, turn: Turn) -> None:
        """Take the words of a promise; ask again where there are none, or too many."""
        spot = self._own(turn)
        if spot is None:
            return
        wording = " ".join(turn.text.split())
        if not wording or len(wording) > LONGEST_WORDING:
            self._ask_wording(turn, spot)
            return
        self._save(turn, spot, replace(self._from_today(turn, spot), wording=wording))

    def until(self, turn: Turn) -> None:
        """Offer until when a promise is made, or set it."""
        spot = self._own(turn)
        if spot is None:
            return
        seen, choice = (*spot.rest, "", "")[:2]
        if choice in _SPANS:
            span, pledge = _SPANS[choice], self._from_today(turn, spot)
            last = None if span is None else max(pledge.valid_from, self._today(turn, spot)) + span
            self._save(turn, spot, replace(pledge, valid_to=last))
            return
        rows = [
            [Button(turn.label("For a month"), spot.action("prt", seen, "m"))],
            [Button(turn.label("For three months"), spot.action("prt", seen, "q"))],
            [Button(turn.label("Until it is ended"), spot.action("prt", seen, "o"))],
        ]
        self._choose(turn, spot, "until", rows)

    def owner(self, turn: Turn) -> None:
        """Offer who may answer for a promise, or note it and tell that person."""
        spot = self._own(turn)
        if spot is None:
            return
        people = {one.id: one.name for one in roster.owners(turn.session)}
        people |= {
            one.id: one.name for one in roster.people_of(turn.session, spot.unit_id, MANAGER)
        }
        wanted = whole((*spot.rest, "")[0])
        if wanted is not None and wanted in people:
            self._give(turn, spot, wanted)
            return
        rows = [[Button(name, spot.action("pro", number))] for number, name in people.items()]
        self._choose(turn, spot, "owner", rows[:40])

    def end(self, turn: Turn) -> None:
        """End a promise from today on."""
        spot = self._own(turn)
        if spot is None:
            return
        by, today = turn.known.person_id, self._today(turn, spot)
        if promises.end_promise(turn.session, spot.promise, today, by=by, now=turn.now):
            turn.toast("Ended.")
        self._show_again(turn, spot)

    def _give(self, turn: Turn, spot: PromiseSpot, owner_id: int) -> None:
        by = turn.known.person_id
        if promises.give_promise(turn.session, spot.promise, owner_id, by=by, now=turn.now):
            turn.toast("Noted.")
            if owner_id != by:
                self._tell(turn, spot, owner_id)
        self._show_again(turn, spot)

    def _tell(self, turn: Turn, spot: PromiseSpot, owner_id: int) -> None:
        notices.notify(
            turn.session,
            owner_id,
            "registers/promise_given.html",
            key=f"promise:{spot.promise.id}:owner:{owner_id}:{turn.now:%Y%m%d%H%M%S}",
            now=turn.now,
            values={
                "by": roster.person_name(turn.session, turn.known.person_id),
                "wording": spot.promise.pledge.wording,
                "unit": roster.unit_name(turn.session, spot.unit_id),
            },
            offers=[[(N_("Open it"), spot.action("prv"))]],
        )

    def _own(self, turn: Turn) -> PromiseSpot | None:
        """Return a promise that this person may change; one that has ended is shown as it is."""
        spot = promise_spot(turn)
        if spot is None:
            return None
        if not may_change(turn, spot.promise):
            turn.toast("Only an owner can change what holds for all units.", alert=True)
            return None
        if not spot.promise.is_live(self._today(turn, spot)):
            turn.toast("This promise has ended.", alert=True)
            show_promise(turn, self._desk, spot)
            return None
        return spot

    def _save(self, turn: Turn, spot: PromiseSpot, pledge: Pledge) -> None:
        """Write the next version, unless somebody else did since the button was shown."""
        is_seen = (*spot.rest, "")[0] == str(spot.promise.number)
        by = turn.known.person_id
        saved = is_seen and promises.change_promise(
            turn.session, spot.promise, pledge, source=CHAT, author_id=by, now=turn.now
        )
        if saved:
            turn.toast("Noted.")
        else:
            turn.toast(
                "Somebody has changed this promise meanwhile. Please look again.", alert=True
            )
        self._show_again(turn, spot, overtaken=not saved)

    def _show_again(self, turn: Turn, spot: PromiseSpot, *, overtaken: bool = False) -> None:
        turn.session.expire_all()
        fresh: Standing | None = promises.promise_of(turn.session, spot.promise.id)
        if fresh is not None:
            show_promise(turn, self._desk, spot._replace(promise=fresh), overtaken=overtaken)

    def _ask_wording(self, turn: Turn, spot: PromiseSpot) -> None:
        turn.ask(WORDING_TOPIC, spot.unit_id, spot.promise.id, spot.promise.number)
        self._choose(turn, spot, "wording", [])

    def _choose(self, turn: Turn, spot: PromiseSpot, what: str, rows: list[list[Button]]) -> None:
        items = known_items(turn.session, self._desk.library)
        turn.edit(
            "registers/promise_edit.html",
            rows=[*rows, [Button(turn.label("← Back"), spot.action("prv"))]],
            what=what,
            item=named(items, spot.promise.item, turn.language),
            wording=spot.promise.pledge.wording,
            level=spot.promise.pledge.level,
            points=main_points(turn.session),
            longest=LONGEST_WORDING,
        )

    def _from_today(self, turn: Turn, spot: PromiseSpot) -> Pledge:
        """Return the promise as from today on; one that is still to come keeps its day."""
        pledge = spot.promise.pledge
        return replace(pledge, valid_from=max(pledge.valid_from, self._today(turn, spot)))

    def _today(self, turn: Turn, spot: PromiseSpot) -> date:
        return today_in(turn.session, spot.unit_id, turn.now)
