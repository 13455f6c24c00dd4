"""The version of what people agree to, and asking again when it has changed.

The version that somebody agreed to, and when, is kept with them. While it is an older one they are
sent nothing unasked, and at their next contact they are asked; what concerns their data works.
"""

from sqlalchemy import update
from sqlmodel import col

from bot.core.dialogue import Button, Turn
from bot.people.tables import Person

VERSION = 1
"""Raised when the text of the consent changes in what it promises."""

AGREE = "reagree"
_WORKS_WITHOUT = frozenset(
    {"privacy", "mydata", "forget", "stop", "language", "lang", "pv", "pvp", "pvf", "pve", AGREE}
)
"""Commands and verbs that work before somebody has agreed again."""


def is_current(version: int) -> bool:
    """Tell whether somebody has agreed to today's text."""
    return version >= VERSION


def must_agree(turn: Turn, word: str) -> bool:
    """Ask somebody who agreed to an older text; tell whether this had to be done first."""
    if turn.who is None or turn.who.agreed or word in _WORKS_WITHOUT:
        return False
    turn.say(
        "people/agree_again.html",
        rows=[[Button(turn.label("I agree"), AGREE)]],
        done=False,
    )
    return True


def agree(turn: Turn) -> None:
    """Note that somebody agrees to today's text."""
    if turn.who is None:
        turn.toast("This button is no longer in use. Please send /start.", alert=True)
        return
    turn.session.execute(
        update(Person)
        .where(col(Person.id) == turn.who.person_id)
        .values(consent_version=VERSION, consented_at=turn.now)
    )
    turn.edit("people/agree_again.html", done=True)
