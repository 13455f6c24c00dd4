"""What managers ask for and press: the digest, all gaps, all fixes, and decisions on them.

/digest ─> promised, made by the desk, sent
/gaps   ─> all gaps ─> one gap by dimension ─> one dimension by item     (edited in place,
/fixes  ─> list ─> one fix ─> taken: its card | not ours ─> why ─> undo   "back" = the digest)

A button names its unit and its report, so that what lies behind a digest goes on showing that
digest's figures. A report that is gone is replaced by the newest.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.analysis.refresh import item_dimensions
from bot.core import audit
from bot.core.dialogue import MANAGER, OWNER, Button, Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.digests import pages
from bot.digests.message import compose
from bot.digests.places import Place, place_of, stale
from bot.digests.planning import promise
from bot.digests.reading import item_names, view_of
from bot.digests.sending import rows_of
from bot.digests.view import DigestView, Page
from bot.improvement import actions, decisions
from bot.improvement.actions import create_action, take_back
from bot.improvement.cards import TAKEN_BEFORE, TAKEN_NOW, show_card
from bot.improvement.catalogue import Fix
from bot.improvement.desk import ActionDesk
from bot.improvement.listing import newest_on
from bot.improvement.places import Spot
from bot.improvement.tables import Action
from bot.improvement.words import GAPS, NOT_OURS_REASONS, reason_label
from bot.people.places import chosen_unit

READERS = (MANAGER, OWNER)


class _Suggested(NamedTuple):
    """The gap that a decision is about, and how large it is."""

    gap: str
    dimension: str
    estimate: float | None


class DigestHandlers:
    """The handlers; they share the catalogue of fixes, which is read when first needed."""

    def __init__(self, desk: ActionDesk) -> None:
        """Decide by the rules of this desk."""
        self._desk = desk
        self._fixes = desk.fixes

    def routes(self) -> Routes:
        """Return what this feature answers to."""
        commands = (
            Command("digest", self.digest, READERS, N_("Your digest, now")),
            Command("gaps", self.gaps, READERS, N_("The five gaps in figures")),
            Command("fixes", self.fixes, READERS, N_("What you could do")),
        )
        presses = (
            ("digest", self.digest),
            ("gaps", self.gaps),
            ("gap", self.gap),
            ("dim", self.dimension),
            ("fixes", self.fixes),
            ("fix", self.fix),
            ("take", self.take),
            ("no", self.decline),
            ("nr", self.reason),
            ("yes", self.undo),
            ("back", self.back),
        )
        return Routes(
            commands=commands,
            presses=tuple(Press(verb, handler, READERS) for verb, handler in presses),
        )

    def digest(self, turn: Turn) -> None:
        """Promise a digest of a unit at once; asking again within the minute makes no second."""
        unit_id = chosen_unit(turn, "digest")
        if unit_id is None:
            return
        if turn.known.state == "stopped":  # the outbox writes to nobody who said stop
            turn.say("digests/not_sent.html", stopped=True)
            return
        promised = promise(
            turn.session,
            unit_id=unit_id,
            person_id=turn.known.person_id,
            occasion=f"asked {turn.now:%Y-%m-%dT%H:%M}",
            last_week=None,
            now=turn.now,
        )
        turn.toast("Your digest is on its way.")
        if not promised and turn.message_id is None:
            turn.say("digests/not_sent.html", stopped=False)
            return
        turn.call("sendChatAction", chat_id=turn.chat_id, action="upload_photo")

    def gaps(self, turn: Turn) -> None:
        """Show all gaps of a unit."""
        place = place_of(turn, "gaps")
        if place is not None:
            view = self._view(turn, place)
            self._show(turn, place, pages.gaps_page(turn.texts, view, turn.language))

    def gap(self, turn: Turn) -> None:
        """Show one gap by dimension."""
        place, (gap, *_) = place_of(turn, "gaps"), _rest(turn)
        if place is None:
            return
        if gap not in GAPS:
            stale(turn)
            return
        page = pages.gap_page(turn.texts, self._view(turn, place), turn.language, gap=gap)
        self._show(turn, place, page)

    def dimension(self, turn: Turn) -> None:
        """Show one gap of one dimension by item."""
        place, (gap, dimension) = place_of(turn, "gaps"), _rest(turn)
        if place is None:
            return
        items: dict[str, list[str]] = {}
        for item, own in item_dimensions(turn.session).items():
            items.setdefault(own, []).append(item)
        if gap not in GAPS or dimension not in items:
            stale(turn)
            return
        page = pages.dimension_page(
            turn.texts,
            self._view(turn, place),
            turn.language,
            gap=gap,
            dimension=dimension,
            items=items,
            item_names=item_names(turn.session, turn.language),
        )
        self._show(turn, place, page)

    def fixes(self, turn: Turn) -> None:
        """List the fixes that fit, and those under way."""
        place = place_of(turn, "fixes")
        if place is not None:
            view = self._view(turn, place)
            page = pages.fixes_page(turn.texts, view, turn.language, fixes=self._fixes())
            self._show(turn, place, page)

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

    def back(self, turn: Turn) -> None:
        """Show the digest's text again where a page was."""
        place = place_of(turn, "gaps")
        if place is not None:
            view = self._view(turn, place)
            page = compose(turn.texts, view, turn.language, fixes=self._fixes()).pages[-1]
            turn.put(page.text, rows_of(page, *place))

    def _make_way(self, turn: Turn, place: Place, fix: Fix, state: str) -> _Suggested:
        """Return the gap a fix is decided for; an earlier decision that may go is taken back.

        People may change their own mind, and what is suggested anew, because its gap has grown,
        may be decided about anew by anybody.
        """
        view = self._view(turn, place)
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
            again = fix.code in _fitting(self._view(turn, place))
            if not again:
                self._show_not_ours(turn, place, fix, standing)
                return
        elif standing and action:
            self._show_action(turn, place, fix, action)
            return
        self._show(turn, place, pages.fix_page(turn.texts, turn.language, fix=fix))

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

    def _show(self, turn: Turn, place: Place, page: Page) -> None:
        turn.put(page.text, rows_of(page, *place, back=turn.label("← The digest")))

    def _view(self, turn: Turn, place: Place) -> DigestView:
        return view_of(
            turn.session,
            unit_id=place.unit_id,
            report_id=place.report_id,
            language=turn.language,
            fixes=self._fixes(),
            today=turn.now.date(),
        )

    def _named(self, turn: Turn) -> Fix | None:
        code, _ = _rest(turn)
        found = next((fix for fix in self._fixes() if fix.code == code), None)
        if found is None:
            turn.toast("This fix is no longer in the catalogue.", alert=True)
        return found


def routes(fixes: Callable[[], Sequence[Fix]], desk: ActionDesk | None = None) -> Routes:
    """Return what digests answer to; without a desk, by the usual rules of actions."""
    return DigestHandlers(desk or ActionDesk(fixes)).routes()


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


def _rest(turn: Turn) -> tuple[str, str]:
    """Return what a button says behind unit and report: two words, empty where it says less."""
    first, second, *_ = (*turn.arguments[2:4], "", "")
    return first, second
