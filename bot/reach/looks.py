"""How questions are shown to a person: kept with their wishes, and offered once.

What is chosen changes buttons and text of a card and nothing that is stored of an answer; nor is it
kept with an answer in which look it was given.
"""

from collections.abc import Mapping

from sqlalchemy import text
from sqlmodel import Session

from bot.core.dialogue import Button, Rows, Turn
from bot.core.i18n import N_
from bot.reach import wishes

USUAL, LARGE, READER, FACES = "usual", "large", "reader", "faces"
NEVER_OFFERED = ""

LOOKS: Mapping[str, str] = {
    USUAL: N_("One row of numbers"),
    LARGE: N_("Large buttons"),
    READER: N_("For a screen reader"),
    FACES: N_("Faces"),
}
"""The words of each look, in the order in which they are offered."""

_OFFERED = text(
    """
    INSERT INTO wish (person_id, weekdays, shift_days, unheard, look)
    VALUES (:person, '', '', 0, :usual)
    ON CONFLICT (person_id) DO UPDATE SET look = excluded.look WHERE wish.look = ''
    """
)


def choose(turn: Turn, look: str) -> None:
    """Show this person their questions in another way from now on."""
    wishes.change(turn, look=look)


def note_offer(session: Session, person_id: int) -> None:
    """Note that somebody was offered the choice with a card that was sent, so only once.

    It is noted at the sending, never at an answer: it says nothing about who answered.
    """
    session.execute(_OFFERED, {"person": person_id, "usual": USUAL})


def ways(turn: Turn, chosen: str, *, action: str) -> Rows:
    """Return a button for each look; ``action`` goes before its name. The chosen one says so.

    In words and not by a mark, for a screen reader spells marks out.
    """
    now = chosen or USUAL
    return [[Button(_named(turn, look, is_now=look == now), f"{action}:{look}")] for look in LOOKS]


def _named(turn: Turn, look: str, *, is_now: bool) -> str:
    name = turn.label(LOOKS[look])
    return turn.label("%(name)s (as now)", name=name) if is_now else name
