"""What managers ask for and press: the digest, all gaps, all fixes.

/digest ─> promised, made by the desk, sent
/gaps   ─> all gaps ─> one gap by dimension ─> one dimension by item     (edited in place,
/fixes  ─> list ─> one fix: see ``deciding``                              "back" = the digest)

A button names its unit and its report, so that what lies behind a digest goes on showing that
digest's figures. A report that is gone is replaced by the newest.
"""

from collections.abc import Callable, Sequence

from bot.analysis.refresh import item_dimensions
from bot.analysis.tables import StoredReport
from bot.core.dialogue import ANALYST, MANAGER, Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.digests import pages
from bot.digests.deciding import DecidingHandlers
from bot.digests.message import compose
from bot.digests.places import decides, place_of, rest_of, show_page, stale, view_at
from bot.digests.planning import promise
from bot.digests.reading import item_names
from bot.digests.segments_page import VERB as KINDS
from bot.digests.segments_page import show_kinds, way_to_kinds
from bot.digests.sending import rows_of
from bot.forecasts.chat import guess_rows
from bot.improvement.catalogue import Fix
from bot.improvement.desk import ActionDesk
from bot.improvement.own_fixes_chat import way_to_own_fixes
from bot.improvement.words import GAPS
from bot.people.places import chosen_unit
from bot.people.rights import who_may


class DigestHandlers:
    """The handlers; they share the catalogue of fixes, which is read when first needed."""

    def __init__(self, fixes: Callable[[], Sequence[Fix]]) -> None:
        """``fixes`` is called when first needed."""
        self._fixes = fixes

    def routes(self) -> Routes:
        """Return what this feature answers to."""
        digest, figures, fixes = who_may("digest"), who_may("figures"), who_may("fixes")
        return Routes(
            commands=(
                Command("digest", self.digest, digest, N_("Your digest, now")),
                Command("gaps", self.gaps, figures, N_("The five gaps in figures")),
                Command("fixes", self.fixes, fixes, N_("What you could do")),
            ),
            presses=(
                Press("digest", self.digest, digest),
                Press("gaps", self.gaps, figures),
                Press(KINDS, show_kinds, figures),
                Press("gap", self.gap, figures),
                Press("dim", self.dimension, figures),
                Press("fixes", self.fixes, fixes),
                Press("back", self.back, digest),
            ),
        )

    def digest(self, turn: Turn) -> None:
        """Promise a digest of a unit at once; asking again within the minute makes no second."""
        unit_id = chosen_unit(turn, "digest", MANAGER, ANALYST, figures=True)
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
        place = place_of(turn, "gaps", ANALYST)
        if place is not None:
            view = view_at(turn, place, self._fixes())
            page = pages.gaps_page(turn.texts, view, turn.language)
            guess = guess_rows(turn, place.unit_id) if decides(turn, place.unit_id) else ()
            show_page(turn, place, page, more=[*way_to_kinds(turn, place), *guess])

    def gap(self, turn: Turn) -> None:
        """Show one gap by dimension."""
        place, (gap, *_) = place_of(turn, "gaps", ANALYST), rest_of(turn)
        if place is None:
            return
        if gap not in GAPS:
            stale(turn)
            return
        page = pages.gap_page(
            turn.texts, view_at(turn, place, self._fixes()), turn.language, gap=gap
        )
        show_page(turn, place, page)

    def dimension(self, turn: Turn) -> None:
        """Show one gap of one dimension by item."""
        place, (gap, dimension) = place_of(turn, "gaps", ANALYST), rest_of(turn)
        if place is None:
            return
        items: dict[str, list[str]] = {}
        points = turn.session.get_one(StoredReport, place.report_id).points
        for item, own in item_dimensions(turn.session, points).items():
            items.setdefault(own, []).append(item)
        if gap not in GAPS or dimension not in items:
            stale(turn)
            return
        page = pages.dimension_page(
            turn.texts,
            view_at(turn, place, self._fixes()),
            turn.language,
            gap=gap,
            dimension=dimension,
            items=items,
            item_names=item_names(turn.session, turn.language),
        )
        show_page(turn, place, page)

    def fixes(self, turn: Turn) -> None:
        """List the fixes that fit, and those under way."""
        place = place_of(turn, "fixes")
        if place is not None:
            view = view_at(turn, place, self._fixes())
            page = pages.fixes_page(turn.texts, view, turn.language, fixes=self._fixes())
            show_page(turn, place, page, more=way_to_own_fixes(turn, place.unit_id))

    def back(self, turn: Turn) -> None:
        """Show the digest's text again where a page was."""
        place = place_of(turn, "gaps", ANALYST)
        if place is not None:
            view = view_at(turn, place, self._fixes())
            page = compose(turn.texts, view, turn.language, fixes=self._fixes()).pages[-1]
            decided = decides(turn, place.unit_id)
            turn.put(page.text, rows_of(page, *place, decides=decided))


def routes(fixes: Callable[[], Sequence[Fix]], desk: ActionDesk | None = None) -> Routes:
    """Return what digests answer to; without a desk, by the usual rules of actions."""
    reading = DigestHandlers(fixes).routes()
    deciding = DecidingHandlers(desk or ActionDesk(fixes)).routes(who_may("fixes"))
    return Routes(commands=reading.commands, presses=reading.presses + deciding.presses)
