"""The names of states and reasons, as texts to translate."""

from collections.abc import Mapping

from bot.core.i18n import N_

STATES: Mapping[str, str] = {
    "new": N_("waits to be looked at"),
    "open": N_("open for votes"),
    "planned": N_("planned"),
    "done": N_("done"),
    "declined": N_("not taken up"),
    "merged": N_("joined with another idea"),
}

MARKS: Mapping[str, str] = {
    "new": "🆕",
    "open": "💡",
    "planned": "🗓",
    "done": "✅",
    "declined": "✖",
    "merged": "🔗",
}

TABS: Mapping[str, str] = {
    "n": N_("New"),
    "o": N_("Open"),
    "p": N_("Planned"),
    "d": N_("Carried out"),
    "x": N_("Not taken up"),
    "m": N_("Mine"),
}

REASONS: Mapping[str, str] = {
    "cost": N_("It costs more than it would bring"),
    "already": N_("We do it already"),
    "rules": N_("Laws or rules do not allow it"),
    "others": N_("It is not for us to decide"),
    "fit": N_("It does not fit what we do"),
    "unclear": N_("We could not make out what is meant"),
}
"""Why an idea is not taken up, as its author reads it too."""
