"""The monthly question about one rule: staff press twice at most, and nobody is noted down."""

from bot.core.dialogue import Button, Press, Routes, Turn
from bot.people.rights import who_may
from bot.registers.opinions import KEEP, answer, wording_of
from bot.registers.places import whole
from bot.registers.words import KEEPS


def routes() -> Routes:
    """Return what the question answers to."""
    return Routes(presses=(Press("stk", answered, who_may("judge_rules")),))


def answered(turn: Turn) -> None:
    """Count an answer, and ask whether the rule can be kept by whoever knows it."""
    key, question, choice = (*turn.arguments, "", "", "")[:3]
    following = answer(turn.session, key, question, whole(choice) or 0, now=turn.now)
    if following is None:
        turn.toast("This question is closed. Thank you!")
        turn.edit("registers/known.html", late=True)
    elif following == KEEP:
        keeps = [
            Button(turn.label(label), f"stk:{key}:{KEEP}:{code}") for code, label in KEEPS.items()
        ]
        turn.edit(
            "registers/keep.html",
            rows=[keeps[:2], keeps[2:]],
            wording=wording_of(turn.session, key),
        )
    else:
        turn.edit("registers/known.html", late=False)
