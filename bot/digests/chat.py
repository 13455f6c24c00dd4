"""What managers ask for and press: the digest, all gaps, all fixes, and decisions on them.

/digest ─> promised, made by the desk, sent
/gaps   ─> all gaps ─> one gap by dimension ─> one dimension by item     (edited in place,
/fixes  ─> list ─> one fix ─> taken | not ours ─> undo                    "back" = the digest)

A button names its unit and its report, so that what lies behind a digest goes on showing that
digest's figures. A report that is gone is replaced by the newest.
"""

from collections.abc import Callable, Sequence

from bot.analysis.refresh import item_dimensions
from bot.core.dialogue import MANAGER, OWNER, Button, Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.digests import pages
from bot.digests.message import compose
from bot.digests.places import Place, place_of, stale
from bot.digests.planning import promise
from bot.digests.reading import item_names, view_of
from bot.digests.sending import rows_of
from bot.digests.view import DigestView, Page
from bot.digests.words import GAPS
from bot.improvement import decisions
from bot.improvement.catalogue import Fix
from bot.people.places import chosen_unit

READERS = (MANAGER, OWNER)


class DigestHandlers:
    """The handlers; they share the catalogue of fixes, which is read when first needed."""

    def __init__(self, fixes: Callable[[], Sequence[Fix]]) -> None:
        """``fixes`` is called when first needed."""
        self._fixes = fixes

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
        """Note that the unit takes a fix, and say what comes next."""
        self._decide(turn, decisions.TAKEN)

    def decline(self, turn: Turn) -> None:
        """Note that a fix is not this unit's, with a way to undo it."""
        self._decide(turn, decisions.NOT_OURS)

    def undo(self, turn: Turn) -> None:
        """Take a decision back."""
        place, fix = place_of(turn, "fixes"), self._named(turn)
        if place is None or fix is None:
            return
        person_id = turn.known.person_id
        if decisions.undo(turn.session, unit_id=place.unit_id, fix=fix.code, person_id=person_id):
            turn.toast("Undone. It may be suggested again.")
        self._show_fix(turn, place, fix)

    def back(self, turn: Turn) -> None:
        """Show the digest's text again where a page was."""
        place = place_of(turn, "gaps")
        if place is not None:
            view = self._view(turn, place)
            page = compose(turn.texts, view, turn.language, fixes=self._fixes()).pages[-1]
            turn.put(page.text, rows_of(page, *place))

    def _decide(self, turn: Turn, state: str) -> None:
        place, fix = place_of(turn, "fixes"), self._named(turn)
        if place is None or fix is None:
            return
        self._drop_own(turn, place, fix, state)
        focus = self._view(turn, place).focus
        new = decisions.decide(
            turn.session,
            unit_id=place.unit_id,
            fix=fix.code,
            gap=focus.gap if focus else fix.gaps[0],
            dimension=(focus.dimension or "") if focus else "",
            state=state,
            person_id=turn.known.person_id,
            report_id=place.report_id,
            now=turn.now,
        )
        standing = self._standing(turn, place, fix)
        if not new and standing and standing.person_id != turn.known.person_id:
            turn.toast("Somebody has decided this meanwhile.", alert=True)
        self._show_fix(turn, place, fix)

    def _drop_own(self, turn: Turn, place: Place, fix: Fix, state: str) -> None:
        """Let people change their own mind: their earlier decision makes way for the new one."""
        before = self._standing(turn, place, fix)
        if before and before.state != state and before.person_id == turn.known.person_id:
            decisions.undo(
                turn.session,
                unit_id=place.unit_id,
                fix=fix.code,
                person_id=turn.known.person_id,
            )

    def _show_fix(self, turn: Turn, place: Place, fix: Fix) -> None:
        standing = self._standing(turn, place, fix)
        if standing is None:
            self._show(turn, place, pages.fix_page(turn.texts, turn.language, fix=fix))
            return
        own = standing.person_id == turn.known.person_id
        refused = standing.state == decisions.NOT_OURS
        rows = [
            [Button(turn.label("← All fixes"), f"fixes:{place.unit_id}:{place.report_id}")],
            [Button(turn.label("← The digest"), f"back:{place.unit_id}:{place.report_id}")],
        ]
        if own or refused:
            undo = f"yes:{place.unit_id}:{place.report_id}:{fix.code}"
            rows.insert(0, [Button(turn.label("Undo"), undo)])
        turn.edit(
            "improvement/not_ours.html" if refused else "improvement/taken.html",
            rows=rows,
            fix=fix.in_language(turn.language),
            standing=standing,
            new=own,
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


def routes(fixes: Callable[[], Sequence[Fix]]) -> Routes:
    """Return what digests answer to."""
    return DigestHandlers(fixes).routes()


def _rest(turn: Turn) -> tuple[str, str]:
    """Return what a button says behind unit and report: two words, empty where it says less."""
    first, second, *_ = (*turn.arguments[2:4], "", "")
    return first, second
