"""An owner writes, changes and retires the organisation's own fixes in chat.

/fixes ─> our own fixes ─┬─> new ─> title, gap, side, first step, sign, effort, who ─> keep
                         └─> one ─> change a part · retire · bring back

A button says ``verb:fix:revision:unit:...``; the revision tells whether the fix is still as it was
when the button was made, the unit is the one whose fixes one came from.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlmodel import Session

from bot.core import asking
from bot.core.dialogue import Button, Press, Reply, Routes, Rows, Turn
from bot.core.i18n import N_, NAMES
from bot.improvement import own_fixes
from bot.improvement.own_fixes import DRAFT, LENGTHS, PARTS
from bot.improvement.own_tables import OwnFix
from bot.improvement.own_words import CHOICES, NAMES_OF_PARTS, said
from bot.people.places import number_at, stale
from bot.people.rights import who_may

TOPIC = "fx_text"
PER_PAGE = 8
OWNERS = who_may("own_fixes")
Refresh = Callable[[Session], None]


class _Spot(NamedTuple):
    """A fix, the revision a button was made from, and the unit whose fixes one came from."""

    fix: OwnFix
    revision: int
    unit_id: int

    def verb(self, verb: str, *rest: object) -> str:
        """Return what a button under this fix means, made from how the fix is now."""
        parts = [verb, self.fix.id, self.fix.revision, self.unit_id, *rest]
        return ":".join(str(one) for one in parts)


class OwnFixHandlers:
    """Handlers of own fixes; ``refresh`` tells the catalogue that they have changed."""

    def __init__(self, refresh: Refresh) -> None:
        """Call ``refresh`` in the transaction of every change of what is suggested."""
        self._refresh = refresh

    def routes(self) -> Routes:
        """Return what own fixes answer to; all of it is for owners."""
        presses = (
            ("fx", self.listed),
            ("fxn", self.new),
            ("fxc", self.card),
            ("fxe", self.edit),
            ("fxv", self.choose),
            ("fxk", self.keep),
            ("fxr", self.retire),
            ("fxu", self.bring_back),
            ("fxx", self.drop),
        )
        return Routes(
            presses=tuple(Press(verb, handler, OWNERS) for verb, handler in presses),
            replies=(Reply(TOPIC, self.written, OWNERS),),
        )

    def listed(self, turn: Turn) -> None:
        """List the own fixes; the button names the unit and the page."""
        unit_id, page = number_at(turn, 0) or 0, number_at(turn, 1) or 0
        found = own_fixes.kept_fixes(turn.session)
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min(page, pages - 1)
        shown = found[page * PER_PAGE : (page + 1) * PER_PAGE]
        first = page * PER_PAGE + 1
        numbered = [
            Button(str(number), _Spot(one, 0, unit_id).verb("fxc"))
            for number, one in enumerate(shown, start=first)
        ]
        near = [(page - 1, "‹"), (page + 1, "›")]
        rows = [
            numbered,
            [Button(label, f"fx:{unit_id}:{to}") for to, label in near if 0 <= to < pages],
            [Button(turn.label("Add our own"), f"fxn:{unit_id}")],
            [Button(turn.label("← All fixes"), f"fixes:{unit_id}")] if unit_id else [],
        ]
        turn.edit("improvement/own_fixes.html", rows=rows, fixes=shown, first=first)

    def new(self, turn: Turn) -> None:
        """Begin a fix, or go on with the one that was begun."""
        draft = own_fixes.start_draft(
            turn.session, turn.known.person_id, language=turn.language, now=turn.now
        )
        self._go_on(turn, _Spot(draft, draft.revision, number_at(turn, 0) or 0))

    def card(self, turn: Turn) -> None:
        """Show one fix."""
        spot = _spot(turn)
        if spot is not None:
            self._go_on(turn, spot)

    def edit(self, turn: Turn) -> None:
        """Ask for one part anew; a press without a part offers them all."""
        spot = _spot(turn)
        if spot is None:
            return
        number = number_at(turn, 3)
        if number is not None and number < len(PARTS):
            self._ask(turn, spot, PARTS[number])
            return
        buttons = [
            Button(turn.label(NAMES_OF_PARTS[part]), spot.verb("fxe", number))
            for number, part in enumerate(PARTS)
        ]
        rows = [*([button] for button in buttons), [_to_card(turn, spot)]]
        self._show(turn, spot, rows)

    def written(self, turn: Turn) -> None:
        """Take a written part; ask again where it will not do."""
        spot, number = _spot(turn), _number(turn.arguments[3:4])
        if spot is None or number is None or PARTS[number] not in LENGTHS:
            turn.say("core/not_understood.html", stranger=False)
            return
        if not own_fixes.fits(PARTS[number], turn.text):
            self._ask(turn, spot, PARTS[number], trouble=True)
            return
        self._set(turn, spot, PARTS[number], turn.text)

    def choose(self, turn: Turn) -> None:
        """Take a part that is chosen by a button."""
        spot, part, value = _spot(turn), number_at(turn, 3), number_at(turn, 4)
        if spot is None:
            return
        part_name = PARTS[part] if part is not None and part < len(PARTS) else ""
        options = list(CHOICES.get(part_name, ()))
        if value is None or value >= len(options):
            stale(turn)
            return
        self._set(turn, spot, part_name, options[value])

    def keep(self, turn: Turn) -> None:
        """Let a draft be suggested from now on."""
        self._step(turn, own_fixes.keep, N_("Kept. It may be suggested from now on."))

    def retire(self, turn: Turn) -> None:
        """Suggest a fix no more."""
        self._step(turn, own_fixes.retire, N_("Retired. Actions that came of it go on."))

    def bring_back(self, turn: Turn) -> None:
        """Suggest a retired fix again."""
        self._step(turn, own_fixes.bring_back, N_("It may be suggested again."))

    def drop(self, turn: Turn) -> None:
        """Throw one's draft away."""
        if own_fixes.drop_draft(turn.session, turn.known.person_id):
            asking.put_aside(turn.session, turn.known.person_id)
            turn.toast("The draft is gone.")
        turn.arguments = turn.arguments[2:3]
        self.listed(turn)

    def _step(self, turn: Turn, work: Callable[..., bool], done: str) -> None:
        spot = _spot(turn)
        if spot is None:
            return
        me = turn.known.person_id
        if work(turn.session, spot.fix, revision=spot.revision, by=me, now=turn.now):
            self._refresh(turn.session)
            turn.toast(done)
        else:
            turn.toast("This fix was changed meanwhile.", alert=True)
        self._go_on(turn, spot)

    def _set(self, turn: Turn, spot: _Spot, part: str, value: str) -> None:
        me = turn.known.person_id
        changed = own_fixes.set_part(
            turn.session, spot.fix, part, value, revision=spot.revision, by=me, now=turn.now
        )
        if changed:
            self._refresh(turn.session)
        else:
            turn.toast("This fix was changed meanwhile.", alert=True)
        self._go_on(turn, spot, refused=not changed)

    def _go_on(self, turn: Turn, spot: _Spot, *, refused: bool = False) -> None:
        """Ask for the next part, or show the whole."""
        part = own_fixes.next_part(spot.fix)
        if part is not None:
            self._ask(turn, spot, part)
            return
        self._show(turn, spot, _steps(turn, spot), refused=refused)

    def _ask(self, turn: Turn, spot: _Spot, part: str, *, trouble: bool = False) -> None:
        number = PARTS.index(part)
        rows = [
            [Button(turn.label(label), spot.verb("fxv", number, place))]
            for place, label in enumerate(CHOICES.get(part, {}).values())
        ]
        if part in LENGTHS:
            turn.ask(TOPIC, spot.fix.id, spot.fix.revision, spot.unit_id, number)
        if spot.fix.state == DRAFT:
            rows.append([Button(turn.label("Throw it away"), spot.verb("fxx"))])
        else:
            rows.append([_to_card(turn, spot)])
        fewest, most = LENGTHS.get(part, (0, 0))
        turn.edit(
            "improvement/own_fix_ask.html",
            rows=rows,
            part=part,
            now=said(turn.texts, turn.language, spot.fix, part),
            trouble=trouble,
            fewest=fewest,
            most=most,
        )

    def _show(self, turn: Turn, spot: _Spot, rows: Rows, *, refused: bool = False) -> None:
        fix = spot.fix
        turn.edit(
            "improvement/own_fix.html",
            rows=rows,
            fix=fix,
            said={part: said(turn.texts, turn.language, fix, part) for part in PARTS},
            tongue=NAMES.get(fix.language, fix.language),
            refused=refused,
        )


def _steps(turn: Turn, spot: _Spot) -> Rows:
    change = Button(turn.label("Change"), spot.verb("fxe"))
    if spot.fix.state == DRAFT:
        keep = Button(turn.label("Save it"), spot.verb("fxk"))
        return [[keep, change], [Button(turn.label("Throw it away"), spot.verb("fxx"))]]
    is_ready = spot.fix.state == own_fixes.READY
    label = turn.label("Retire") if is_ready else turn.label("Bring back")
    other = Button(label, spot.verb("fxr" if is_ready else "fxu"))
    return [[change, other], [Button(turn.label("← Our own fixes"), f"fx:{spot.unit_id}")]]


def _to_card(turn: Turn, spot: _Spot) -> Button:
    return Button(turn.label("← Back"), spot.verb("fxc"))


def _spot(turn: Turn) -> _Spot | None:
    """Return the fix that is meant; where there is none for this person, say so."""
    fix_id, revision, unit_id = (_number(turn.arguments[place : place + 1]) for place in range(3))
    fix = turn.session.get(OwnFix, fix_id) if fix_id else None
    if fix is None or revision is None:
        stale(turn)
        return None
    if fix.state == DRAFT and fix.written_by != turn.known.person_id:
        turn.toast("This is not open to you.", alert=True)
        return None
    return _Spot(fix, revision, unit_id or 0)


def _number(words: tuple[str, ...]) -> int | None:
    text = words[0] if words else ""
    is_small = text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if is_small else None


def way_to_own_fixes(turn: Turn, unit_id: int) -> Rows:
    """Return the button under ``/fixes`` that leads to the own fixes; owners have it."""
    if not turn.known.has(*OWNERS):
        return []
    return [[Button(turn.label("Our own fixes"), f"fx:{unit_id}")]]


def cancel_draft(turn: Turn) -> bool:
    """``/cancel``: throw a draft away; tell whether there was one."""
    return turn.who is not None and own_fixes.drop_draft(turn.session, turn.who.person_id)


def routes(refresh: Refresh) -> Routes:
    """Return what own fixes answer to; ``refresh`` is the shelf's."""
    return OwnFixHandlers(refresh).routes()
