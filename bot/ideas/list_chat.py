"""What everybody does with ideas: read the list and the cards, vote, take a vote back.

/ideas ─> a tab of the list ─> card ─> vote        (one message, edited in place)
"""

from bot.core.dialogue import Button, Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.ideas import words
from bot.ideas.listing import (
    PER_PAGE,
    SENDERS,
    TAKERS,
    counts_of,
    ideas_on,
    tabs_for,
    views_of,
)
from bot.ideas.places import show_card, spot_of, today_of
from bot.ideas.voting import vote
from bot.people import roster
from bot.people.places import chosen_unit, number_at

_OPEN_TAB, _NEW_TAB = "o", "n"
_TABS_IN_A_ROW = 3


def routes() -> Routes:
    """Return what the list and the cards answer to."""
    return Routes(
        commands=(Command("ideas", listed, SENDERS, N_("Ideas, and voting for them")),),
        presses=(
            Press("ideas", listed, SENDERS),
            Press("idc", card, SENDERS),
            Press("idv", voted, SENDERS),
        ),
    )


def listed(turn: Turn) -> None:
    """List the ideas of a unit, tab by tab; for those in charge what waits for them comes first."""
    unit_id = chosen_unit(turn, "ideas", *TAKERS)
    if unit_id is None:
        return
    counts = counts_of(turn.session, unit_id, turn.known.person_id)
    tab = _tab(turn, unit_id, counts)
    pages = max(1, -(-counts[tab] // PER_PAGE))
    page = min(number_at(turn, 1) or 0, pages - 1)
    found = ideas_on(turn.session, unit_id, tab, person_id=turn.known.person_id, page=page)
    first = page * PER_PAGE + 1
    numbered = [
        Button(str(number), f"idc:{one.id}:{tab}{page}")
        for number, one in enumerate(found, start=first)
    ]
    turn.edit(
        "ideas/list.html",
        rows=[numbered, _around(unit_id, tab, page, pages), *_tabs(turn, unit_id, tab, counts)],
        unit=roster.unit_name(turn.session, unit_id),
        tab=tab,
        tab_name=turn.label(words.TABS[tab]),
        ideas=views_of(turn.session, turn.known, found),
        states={state: turn.label(label) for state, label in words.STATES.items()},
        marks=words.MARKS,
        first=first,
        page=page + 1,
        pages=pages,
    )


def card(turn: Turn) -> None:
    """Show one idea."""
    spot = spot_of(turn)
    if spot is not None:
        show_card(turn, spot)


def voted(turn: Turn) -> None:
    """Count a vote, or take it back; an old button says what it says, so nothing counts twice."""
    spot = spot_of(turn)
    if spot is None:
        return
    wanted = spot.rest[:1] == ("1",)
    kept = vote(
        turn.session,
        spot.idea,
        turn.known.person_id,
        wanted=wanted,
        today=today_of(turn, spot.idea),
    )
    if not kept:
        turn.toast("This idea takes no votes now.", alert=True)
    elif wanted:
        turn.toast("Your vote counts. Nobody sees who voted.")
    else:
        turn.toast("Your vote is taken back.")
    show_card(turn, spot)


def _tab(turn: Turn, unit_id: int, counts: dict[str, int]) -> str:
    """Return the tab a button names; else what waits for those in charge, else the open ones."""
    tabs = tabs_for(turn.known, unit_id)
    named = turn.arguments[2] if number_at(turn, 1) is not None and len(turn.arguments) > 2 else ""
    if named in tabs:
        return named
    waits = _NEW_TAB in tabs and counts[_NEW_TAB]
    return _NEW_TAB if waits else _OPEN_TAB


def _tabs(turn: Turn, unit_id: int, tab: str, counts: dict[str, int]) -> list[list[Button]]:
    buttons = [
        Button(
            f"{turn.label(words.TABS[one])} · {counts[one]}",
            f"ideas:{unit_id}:0:{one}",
        )
        for one in tabs_for(turn.known, unit_id)
        if one != tab
    ]
    places = range(0, len(buttons), _TABS_IN_A_ROW)
    return [buttons[place : place + _TABS_IN_A_ROW] for place in places]


def _around(unit_id: int, tab: str, page: int, pages: int) -> list[Button]:
    row = []
    if page > 0:
        row.append(Button("←", f"ideas:{unit_id}:{page - 1}:{tab}"))
    if page + 1 < pages:
        row.append(Button("→", f"ideas:{unit_id}:{page + 1}:{tab}"))
    return row
