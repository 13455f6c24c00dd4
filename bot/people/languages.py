"""Choosing a language by one tap."""

from sqlalchemy import update
from sqlmodel import col

from bot.core.dialogue import Button, Turn
from bot.core.i18n import NAMES
from bot.people.menu import Menu
from bot.people.tables import Person

_PER_ROW = 3


def language_rows(turn: Turn, verb: str) -> list[list[Button]]:
    """Return a button per language, named as its readers call it; the present one is marked.

    A press means ``verb:CODE``.
    """
    buttons = [
        Button(f"\u2713 {name}" if code == turn.language else name, f"{verb}:{code}")
        for code, name in NAMES.items()
    ]
    return [buttons[start : start + _PER_ROW] for start in range(0, len(buttons), _PER_ROW)]


def ask_language(turn: Turn) -> None:
    """``/language``: offer the languages, to strangers too; theirs is stored nowhere."""
    turn.say("people/language.html", rows=language_rows(turn, "lang"), chosen=False)


def speak(turn: Turn, code: str) -> None:
    """Speak this language from now on; of a stranger it is stored nowhere."""
    turn.language = code
    if turn.who is not None:
        turn.session.execute(
            update(Person).where(col(Person.id) == turn.who.person_id).values(language=code)
        )


def change_language(turn: Turn, menu: Menu) -> None:
    """Speak another language from now on; the menu follows at once."""
    code = turn.arguments[0] if turn.arguments else ""
    if code not in NAMES:
        turn.toast("This button is no longer in use. Please send /start.", alert=True)
        return
    speak(turn, code)
    turn.edit("people/language.html", rows=language_rows(turn, "lang"), chosen=turn.who is not None)
    if turn.who is not None:
        menu.show(turn)
