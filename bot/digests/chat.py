"""What managers ask for and press: the digest, all gaps, all fixes, and decisions on them.

/digest ─> promised, made by the desk, sent
/gaps   ─> all gaps ─> one gap by dimension ─> one dimension by item     (edited in place,
/fixes  ─> list ─> one fix ─> taken | not ours                            "back" = the digest)
"""

from collections.abc import Callable, Sequence

from sqlmodel import Session, col, select

from bot.analysis.refresh import item_dimensions
from bot.analysis.reports import newest_report
from bot.core.dialogue import MANAGER, OWNER, Button, Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.digests import pages
from bot.digests.message import compose
from bot.digests.planning import promise
from bot.digests.reading import item_names, view_of
from bot.digests.sending import rows_of
from bot.digests.view import DigestView, Page
from bot.improvement import decisions
from bot.improvement.catalogue import Fix
from bot.people.registry import name_key
from bot.people.tables import Unit

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
            ("yes", self.reconsider),
            ("back", self.back),
        )
        return Routes(
            commands=commands,
            presses=tuple(Press(verb, handler, READERS) for verb, handler in presses),
        )

    def digest(self, turn: Turn) -> None:
        """Promise a digest of a unit at once."""
        unit_id = _unit(turn, "digest")
        if unit_id is None:
            return
        promise(
            turn.session,
            unit_id=unit_id,
            person_id=turn.known.person_id,
            occasion=f"asked {turn.now:%Y-%m-%dT%H:%M:%S}",
            last_week=None,
            now=turn.now,
        )
        turn.toast("Your digest is on its way.")
        turn.call("sendChatAction", chat_id=turn.chat_id, action="upload_photo")

    def gaps(self, turn: Turn) -> None:
        """Show all gaps of a unit."""
        self._show(turn, "gaps", lambda view: pages.gaps_page(turn.texts, view, turn.language))

    def gap(self, turn: Turn) -> None:
        """Show one gap by dimension."""
        name = turn.arguments[2]
        self._show(
            turn, "gaps", lambda view: pages.gap_page(turn.texts, view, turn.language, gap=name)
        )

    def dimension(self, turn: Turn) -> None:
        """Show one gap of one dimension by item."""
        gap, dimension = turn.arguments[2:4]
        items: dict[str, list[str]] = {}
        for item, own in item_dimensions(turn.session).items():
            items.setdefault(own, []).append(item)
        names = item_names(turn.session, turn.language)
        self._show(
            turn,
            "gaps",
            lambda view: pages.dimension_page(
                turn.texts,
                view,
                turn.language,
                gap=gap,
                dimension=dimension,
                items=items,
                item_names=names,
            ),
        )

    def fixes(self, turn: Turn) -> None:
        """List the fixes that fit."""
        self._show(
            turn,
            "fixes",
            lambda view: pages.fixes_page(
                turn.texts, view, turn.language, fixes=self._fixes(), declined=()
            ),
        )

    def fix(self, turn: Turn) -> None:
        """Show one fix in full."""
        fix = self._named(turn)
        if fix is not None:
            self._show(turn, "fixes", lambda _: pages.fix_page(turn.texts, turn.language, fix=fix))

    def take(self, turn: Turn) -> None:
        """Note that the unit takes a fix, and say what comes next."""
        self._decide(turn, decisions.TAKEN, "improvement/taken.html")

    def decline(self, turn: Turn) -> None:
        """Note that a fix is not this unit's, with a way to undo it."""
        self._decide(turn, decisions.NOT_OURS, "improvement/not_ours.html")

    def reconsider(self, turn: Turn) -> None:
        """Take back a "not ours"."""
        place, fix = _place(turn), self._named(turn)
        if place is None or fix is None:
            return
        decisions.reconsider(turn.session, unit_id=place[0], fix=fix.code)
        turn.toast("It may be suggested again.")
        self.fix(turn)

    def back(self, turn: Turn) -> None:
        """Show the digest's text again where a page was."""
        place = _place(turn)
        if place is None:
            return
        view = self._view(turn, *place)
        page = compose(turn.texts, view, turn.language, fixes=self._fixes()).pages[-1]
        turn.put(page.text, rows_of(page, *place))

    def _decide(self, turn: Turn, state: str, template: str) -> None:
        place, fix = _place(turn), self._named(turn)
        if place is None or fix is None:
            return
        unit_id, report_id = place
        focus = self._view(turn, unit_id, report_id).focus
        new = decisions.decide(
            turn.session,
            unit_id=unit_id,
            fix=fix.code,
            gap=focus.gap if focus else fix.gaps[0],
            dimension=(focus.dimension or "") if focus else "",
            state=state,
            person_id=turn.known.person_id,
            report_id=report_id,
            now=turn.now,
        )
        standing = decisions.decision(turn.session, unit_id, fix.code)
        if not new and (standing is None or standing.state != state):
            turn.toast("Somebody has decided this meanwhile.", alert=True)
        rows = [[Button(turn.label("← All fixes"), f"fixes:{unit_id}:{report_id}")]]
        if standing is not None and standing.state == decisions.NOT_OURS:
            undo = Button(turn.label("Undo"), f"yes:{unit_id}:{report_id}:{fix.code}")
            rows.insert(0, [undo])
            template = "improvement/not_ours.html"
        else:
            template = "improvement/taken.html"
        rows.append([Button(turn.label("← The digest"), f"back:{unit_id}:{report_id}")])
        turn.edit(
            template, rows=rows, fix=fix.in_language(turn.language), standing=standing, new=new
        )

    def _show(self, turn: Turn, verb: str, page: Callable[[DigestView], Page]) -> None:
        place = _place(turn)
        if place is None:
            unit_id = _unit(turn, verb)
            report_id = newest_report(turn.session)
            if unit_id is None:
                return
            if report_id is None:
                turn.edit("digests/nothing_yet.html")
                return
            place = unit_id, report_id
        shown = page(self._view(turn, *place))
        turn.put(shown.text, rows_of(shown, *place, back=turn.label("← The digest")))

    def _view(self, turn: Turn, unit_id: int, report_id: int) -> DigestView:
        return view_of(
            turn.session,
            unit_id=unit_id,
            report_id=report_id,
            language=turn.language,
            fixes=self._fixes(),
            today=turn.now.date(),
        )

    def _named(self, turn: Turn) -> Fix | None:
        code = turn.arguments[2] if len(turn.arguments) > 2 else ""
        found = next((fix for fix in self._fixes() if fix.code == code), None)
        if found is None:
            turn.toast("This fix is no longer in the catalogue.", alert=True)
        return found


def routes(fixes: Callable[[], Sequence[Fix]]) -> Routes:
    """Return what digests answer to."""
    return DigestHandlers(fixes).routes()


def _place(turn: Turn) -> tuple[int, int] | None:
    """Read unit and report from a pressed button; refuse a unit that is not this person's."""
    if turn.update.callback_query is None or len(turn.arguments) < 2:
        return None
    unit_id, report_id = int(turn.arguments[0]), int(turn.arguments[1])
    if turn.known.may_see(unit_id):
        return unit_id, report_id
    turn.toast("This is not open to you.", alert=True)
    return None


def _unit(turn: Turn, verb: str) -> int | None:
    """Return the unit that is meant; ask, where there are several, and return None."""
    own = _units(turn.session, turn)
    if turn.update.callback_query is not None and turn.arguments:
        wanted = int(turn.arguments[0])
        return wanted if any(unit.id == wanted for unit in own) else None
    if turn.arguments:
        named = name_key(" ".join(turn.arguments))
        own = [unit for unit in own if unit.name_key == named] or own
    if len(own) == 1:
        return own[0].id
    rows = [[Button(unit.name, f"{verb}:{unit.id}")] for unit in own[:50]]
    turn.edit("digests/choose_unit.html", rows=rows)
    return None


def _units(session: Session, turn: Turn) -> list[Unit]:
    query = select(Unit).order_by(col(Unit.name_key))
    if not turn.known.has(OWNER):
        query = query.where(col(Unit.id).in_(turn.known.units(MANAGER)))
    return list(session.exec(query))
