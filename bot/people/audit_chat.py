"""``/audit``: who changed what, and when; for owners all of it, for managers their units'.

/audit ─> newest entries ─┬─> older, newer      (one message, edited in place)
                          └─> choose a unit
"""

from bot.core.dialogue import MANAGER, OWNER, Button, Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.people.audit_reading import Line, entries, lines_of
from bot.people.audit_words import DETAILS, SENTENCES, SUBJECTS
from bot.people.places import MOST_OFFERED, number_at, own_units, stale
from bot.people.registry import name_key
from bot.people.rights import who_may
from bot.people.tables import Unit

READERS = who_may("audit")
_ALL = 0
_MOST_PAGES = 9999


def routes() -> Routes:
    """Return what the record answers to."""
    return Routes(
        commands=(Command("audit", first_page, READERS, N_("Who changed what, and when")),),
        presses=(Press("au", turn_page, READERS), Press("auu", choose_unit, READERS)),
    )


def first_page(turn: Turn) -> None:
    """Show the newest entries, or those of the unit whose name stands behind the command."""
    wanted = name_key(" ".join(turn.arguments))
    units = own_units(turn, MANAGER)
    alike = [one for one in units if wanted and wanted in one.name_key]
    named = [one for one in alike if one.name_key == wanted] or alike
    if wanted and len(named) != 1:
        _offer_units(turn, named or units)
        return
    _show(turn, named[0] if named else None, page=0)


def turn_page(turn: Turn) -> None:
    """Show another page, or another unit's."""
    unit_id, page = number_at(turn, 0), number_at(turn, 1)
    if unit_id is None or page is None or page > _MOST_PAGES:
        stale(turn)
        return
    unit = turn.session.get(Unit, unit_id) if unit_id != _ALL else None
    if unit_id != _ALL and unit is None:
        stale(turn)
    elif unit_id != _ALL and not turn.known.may_see(unit_id):
        turn.toast("This is not open to you.", alert=True)
    else:
        _show(turn, unit, page=page)


def choose_unit(turn: Turn) -> None:
    """Offer the units whose entries may be read."""
    _offer_units(turn, own_units(turn, MANAGER))


def _offer_units(turn: Turn, units: list[Unit]) -> None:
    rows = [[Button(one.name, f"au:{one.id}:0")] for one in units[:MOST_OFFERED]]
    turn.edit(
        "people/choose_unit.html",
        rows=[[Button(turn.label("All units"), f"au:{_ALL}:0")], *rows],
        more=len(units) > MOST_OFFERED,
        command="/audit",
    )


def _show(turn: Turn, unit: Unit | None, *, page: int) -> None:
    unit_id = unit.id if unit else None
    found, more = entries(turn.session, turn.known, unit_id=unit_id, page=page)
    here = unit_id or _ALL
    around = [Button("←", f"au:{here}:{page - 1}")] if page > 0 else []
    if more:
        around.append(Button("→", f"au:{here}:{page + 1}"))
    own, is_owner = own_units(turn, MANAGER), turn.known.has(OWNER)
    choose = [Button(turn.label("Choose a unit"), "auu")] if len(own) > 1 else []
    only = own[0] if len(own) == 1 and not is_owner else None
    heading = unit or only
    turn.edit(
        "people/audit.html",
        rows=[around, choose],
        unit=heading.name if heading else "",
        everywhere=is_owner,
        page=page + 1,
        lines=[
            (line, _what(turn, line), _subject(turn, line), _detail(turn, line))
            for line in lines_of(turn.session, turn.known, found)
        ],
    )


def _what(turn: Turn, line: Line) -> str:
    """Return what was done, in words; a name that has none is shown as it is."""
    sentence = SENTENCES.get(line.what)
    return turn.label(sentence) if sentence else line.what


def _detail(turn: Turn, line: Line) -> str:
    known = DETAILS.get(line.what, {}).get(line.detail)
    return turn.label(known) if known else line.detail


def _subject(turn: Turn, line: Line) -> str:
    kind, _, number = line.subject.rpartition(" ")
    name = SUBJECTS.get(kind)
    return turn.label(name, number=number) if name else line.subject
