"""Links that still let somebody in: listed for those who may close them.

/invite ─"Links that still work"─> list ─> a link ─> closed
"""

from bot.core import audit
from bot.core.dialogue import Button, Press, Routes, Turn
from bot.people.inviting import LABELS
from bot.people.links import close_link, may_close, open_links
from bot.people.links_words import CLOSE, LIST, ONE
from bot.people.places import around, number_at, row_named, stale
from bot.people.rights import who_may
from bot.people.roster import person_name
from bot.people.tables import Invitation, Unit

_A_PAGE = 8


def routes() -> Routes:
    """Return what the list of links answers to."""
    may = who_may("invite")
    return Routes(
        presses=(
            Press(LIST, show_links, may),
            Press(ONE, show_link, may),
            Press(CLOSE, close, may),
        )
    )


def show_links(turn: Turn) -> None:
    """Show a page of the links that still work."""
    links = open_links(turn.session, turn.known, turn.now)
    pages = max(1, -(-len(links) // _A_PAGE))
    page = min(number_at(turn, 0) or 0, pages - 1)
    shown = links[page * _A_PAGE : (page + 1) * _A_PAGE]
    rows = [[Button(_label(turn, one), f"{ONE}:{one.id}")] for one in shown]
    turn.edit("people/links.html", rows=[*rows, around(LIST, page, pages)], many=len(links))


def show_link(turn: Turn) -> None:
    """Show one link: who made it, how often it was used, and the button that closes it."""
    link = _named(turn)
    if link is not None:
        rows = [
            [Button(turn.label("Close this link"), f"{CLOSE}:{link.id}")],
            [Button(turn.label("‹ Back"), LIST)],
        ]
        turn.edit(
            "people/link.html",
            rows=rows,
            link=_label(turn, link),
            maker=person_name(turn.session, link.created_by),
            until=link.expires_at.date(),
            uses=link.uses,
        )


def close(turn: Turn) -> None:
    """Let nobody in by a link any more."""
    link = _named(turn)
    if link is None:
        return
    if not close_link(turn.session, link.id or 0, turn.now):
        stale(turn)
        return
    audit.record(
        turn.session,
        "link.closed",
        now=turn.now,
        person_id=turn.known.person_id,
        unit_id=link.unit_id,
        detail=link.role,
    )
    turn.toast("It lets nobody in any more.")
    show_links(turn)


def _named(turn: Turn) -> Invitation | None:
    return row_named(turn, Invitation, lambda one: may_close(turn.known, one))


def _label(turn: Turn, link: Invitation) -> str:
    unit = turn.session.get(Unit, link.unit_id) if link.unit_id else None
    return f"{turn.label(LABELS[link.role])} · {unit.name if unit else turn.label('All units')}"
