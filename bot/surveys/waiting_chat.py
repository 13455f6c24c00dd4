"""What somebody sends while a questionnaire waits for something else: they hear what it waits for.

Asked after everything that takes a message, so that nobody is told that nothing is asked.
"""

from bot.core.dialogue import Routes, Turn
from bot.surveys import runs


def routes() -> Routes:
    """Return what this part answers to."""
    return Routes(texts=(say_what_is_wanted,))


def say_what_is_wanted(turn: Turn) -> bool:
    """Say how the open card is answered, by a tap or in words; nothing of the message is kept."""
    if turn.who is None:
        return False
    run = runs.oldest_open(turn.session, turn.who.person_id, turn.now)
    if run is None:
        return False
    turn.say("surveys/other_wanted.html", in_words=run.is_asked_through)
    return True
