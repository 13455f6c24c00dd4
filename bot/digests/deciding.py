"""What managers decide about a suggested fix: taken, or not ours and why; and how it is undone.

one fix ─┬─ take ─────> its action's card ─┐
         └─ not ours ─> why, in one tap ───┴─ undo ─> one fix
"""

from typing import NamedTuple

from bot.core import audit
from bot.core.dialogue import Button, Press, Routes, Turn
from bot.digests import pages
from bot.digests.places import Place, place_of, rest_of, show_page, view_at
from bot.digests.view import DigestView
from bot.improvement import actions, decisions
from bot.improvement.actions import create_action, take_back
from bot.improvement.cards import TAKEN_BEFORE, TAKEN_NOW, show_card
from bot.improvement.catalogue import Fix
from bot.improvement.desk import ActionDesk
from bot.improvement.effects_record import record_line
from bot.improvement.listing import newest_on
from bot.improvement.places import Spot
from bot.improvement.tables import Action
from bot.improvement.words import NOT_OURS_REASONS, reason_label


class _Suggested(NamedTuple):
    """The gap that a decision is about, and how large it is."""

    gap: str
    dimension: str
    estimate: float | None


class DecidingHandlers:
    """Handlers of one fix and of what is decided about it."""

    def __init__(self, desk: ActionDesk) -> None:
        """Decide by the rules of this desk."""
        self._desk = desk

    def routes(self, roles: tuple[str, ...]) -> Routes:
        """Return what decisions answer to, for people with these roles."""
        presses = (
            ("fix", self.fix),
            ("take", self.take),
            ("no", self.decline),
            ("nr", self.reason),
            ("yes", self.undo),
        )
        return Routes(presses=tuple(Press(verb, handler, roles) for verb, handler in presses))

    def fix(self, turn: Turn) -> None:
        """Show one fix in full; one that is decided already as it was decided."""
        place, fix = place_of(turn, "fixes"), self._named(turn)
        if place is not None and fix is not None:
            self._show_fix(turn, place, fix)

    def take(self, turn: Turn) -> None:
        """Make an action of a fix, and show its card."""
        place, fix = place_of(turn, "fixes"), self._named(turn)
        if place is None or fix is None:
            return
        suggested = self._make_way(turn, place, fix, decisions.TAKEN)
        action = create_action(
            turn.session,
            unit_id=place.unit_id,
            source=actions.DIGEST,
            taken_by=turn.known.person_id,
            now=turn.now,
            fix=fix.code,
            title=fix.in_language(turn.language).title,
            gap=suggested.gap,
            dimension=suggested.dimension,
            report_id=place.report_id,
            check_after=self._desk.check_after,
            shown=suggested.estimate,
        )
        self._show_decided(turn, place, fix, new=action is not None)

    def decline(self, turn: Turn) -> None:
        """Note that a fix is not this unit's; then why, in one tap, with a way to undo it."""
        place, fix = place_of(turn, "fixes"), self._named(turn)
        if place is None or fix is None:
            return
        suggested = self._make_way(turn, place, fix, decisions.NOT_OURS)
        new = decisions.decide(
            turn.session,
            unit_id=place.unit_id,
            fix=fix.code,
            gap=suggested.gap,
            dimension=suggested.dimension,
            state=decisions.NOT_OURS,
            person_id=turn.known.person_id,
            report_id=place.report_id,
            now=turn.now,
            estimate=suggested.estimate,
        )
        if new:
            self._record(turn, place, fix, "fix.not_ours")
        self._show_decided(turn, place, fix, new=new)

    def reason(self, turn: Turn) -> None:
        """Note why a fix is not this unit's."""
        place, fix = place_of(turn, "fixes"), self._named(turn)
        if place is None or fix is None:
            return
        reason = turn.arguments[3] if len(turn.arguments) > 3 else ""
        if reason in NOT_OURS_REASONS and decisions.give_reason(
            turn.session, place.unit_id, fix.code, reason=reason
        ):
            turn.toast("Thank you, noted.")
            self._record(turn, place, fix, "fix.reason", detail=reason)
        self._show_fix(turn, place, fix)

    def undo(self, turn: Turn) -> None:
        """Take a decision back."""
        place, fix = place_of(turn, "fixes"), self._named(turn)
        if place is None or fix is None:
            return
        if self._take_back(turn, place, fix):
            turn.toast("Undone. It may be suggested again.")
            self._record(turn, place, fix, "fix.undone")
        self._show_fix(turn, place, fix)

    def _make_way(self, turn: Turn, place: Place, fix: Fix, state: str) -> _Suggested:
        """Return the gap a fix is decided for; an earlier decision that may go is taken back.

        People may change their own mind, and what is suggested anew, because its gap has grown,
        may be decided about anew by anybody.
        """
        view = view_at(turn, place, self._desk.fixes())
        standing = self._standing(turn, place, fix)
        if standing and standing.state == decisions.NOT_OURS and fix.code in _fitting(view):
            decisions.set_aside(turn.session, place.unit_id, fix.code)
        elif standing and standing.state != state and standing.person_id == turn.known.person_id:
            self._take_back(turn, place, fix)
        return _suggested_for(view, fix)

    def _take_back(self, turn: Turn, place: Place, fix: Fix) -> bool:
        return take_back(
            turn.session,
            unit_id=place.unit_id,
            fix=fix.code,
            by=turn.known.person_id,
            now=turn.now,
        )

    def _show_decided(self, turn: Turn, place: Place, fix: Fix, *, new: bool) -> None:
        standing = self._standing(turn, place, fix)
        if not new and standing and standing.person_id != turn.known.person_id:
            turn.toast("Somebody has decided this meanwhile.", alert=True)
        self._show_fix(turn, place, fix)

    def _show_fix(self, turn: Turn, place: Place, fix: Fix) -> None:
        standing = self._standing(turn, place, fix)
        action = newest_on(turn.session, place.unit_id, fix.code)
        if standing and standing.state == decisions.NOT_OURS:
            again = fix.code in _fitting(view_at(turn, place, self._desk.fixes()))
            if not again:
                self._show_not_ours(turn, place, fix, standing)
                return
        elif standing and action:
            self._show_action(turn, place, fix, action)
            return
        record = record_line(turn.session, turn.texts, fix.code, language=turn.language)
        page = pages.fix_page(turn.texts, turn.language, fix=fix, record=record)
        show_page(turn, place, page)

    def _show_not_ours(
        self, turn: Turn, place: Place, fix: Fix, standing: decisions.Decided
    ) -> None:
        own = standing.person_id == turn.known.person_id
        where = f"{place.unit_id}:{place.report_id}"
        why = []
        if own and not standing.reason:
            why = [
                [Button(turn.label(label), f"nr:{where}:{fix.code}:{code}")]
                for code, label in NOT_OURS_REASONS.items()
            ]
        turn.edit(
            "improvement/not_ours.html",
            rows=[
                *why,
                [Button(turn.label("Undo"), f"yes:{where}:{fix.code}")],
                [Button(turn.label("← All fixes"), f"fixes:{where}")],
                [Button(turn.label("← The digest"), f"back:{where}")],
            ],
            fix=fix.in_language(turn.language),
            standing=standing,
            new=own,
            asks=bool(why),
            reason=reason_label(turn.texts, turn.language, standing.reason),
        )

    def _show_action(self, turn: Turn, place: Place, fix: Fix, action: Action) -> None:
        own = action.taken_by == turn.known.person_id
        undo = f"yes:{place.unit_id}:{place.report_id}:{fix.code}"
        is_live = action.state in actions.LIVE
        show_card(
            turn,
            self._desk,
            Spot(action, f"r{place.report_id}", ()),
            heading=(TAKEN_NOW if own else TAKEN_BEFORE) if is_live else "",
            more=[[Button(turn.label("Undo"), undo)]] if own and is_live else (),
        )

    def _record(self, turn: Turn, place: Place, fix: Fix, what: str, *, detail: str = "") -> None:
        audit.record_turn(
            turn, what, subject=f"fix {fix.code}", unit_id=place.unit_id, detail=detail
        )

    def _standing(self, turn: Turn, place: Place, fix: Fix) -> decisions.Decided | None:
        today = turn.now.date()
        return decisions.standing_on(turn.session, place.unit_id, fix.code, today=today)

    def _named(self, turn: Turn) -> Fix | None:
        code, _ = rest_of(turn)
        found = next((fix for fix in self._desk.fixes() if fix.code == code), None)
        if found is None:
            turn.toast("This fix is no longer in the catalogue.", alert=True)
        return found


def _fitting(view: DigestView) -> tuple[str, ...]:
    """Return the fixes that are suggested for the gap to work on."""
    return view.focus.fixes if view.focus else ()


def _suggested_for(view: DigestView, fix: Fix) -> _Suggested:
    """Return the gap to work on where the fix is one for it, else the first gap it is for."""
    focus = view.focus
    if focus is None or not (focus.gap in fix.gaps or fix.code in focus.fixes):
        return _Suggested(fix.gaps[0], "", view.gap(fix.gaps[0]).estimate)
    shown = view.focus_gap
    return _Suggested(focus.gap, focus.dimension or "", shown.estimate if shown else None)
