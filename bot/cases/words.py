"""The names of what came of a case, and of its states, as texts to translate."""

from collections.abc import Mapping

from bot.core.i18n import N_

OUTCOMES: Mapping[str, str] = {
    "apology": N_("We apologised"),
    "redone": N_("We did it again"),
    "refunded": N_("We gave the money back"),
    "explained": N_("We explained it"),
    "no_help": N_("We could not help"),
}
"""What came of a case, by the word in the button and in the table."""

STATES: Mapping[str, str] = {
    "new": N_("nobody has taken it yet"),
    "taken": N_("taken, the customer waits for us"),
    "waiting": N_("we wait for the customer"),
    "closed": N_("closed"),
    "withdrawn": N_("withdrawn by the customer"),
}
"""A state as those in charge read it."""

MARKS: Mapping[str, str] = {
    "new": "🔴",
    "taken": "🟠",
    "waiting": "🔵",
    "closed": "✅",
    "withdrawn": "✖",
}
"""The sign of a state, so that a list needs few words."""
