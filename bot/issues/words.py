"""The names of kinds, dimensions and states of issues, as texts to translate."""

from collections.abc import Mapping

from bot.core.i18n import N_
from bot.core.render import Texts

KINDS: Mapping[str, str] = {
    "promise": N_("We promise one thing and do another"),
    "untold": N_("A customer was not told"),
    "teams": N_("Teams did not tell each other"),
    "rule": N_("A rule is unclear or missing"),
    "tool": N_("A tool or system fails"),
    "other": N_("Something else"),
}

DIMENSIONS: Mapping[str, str] = {
    "reliability": N_("Keeping our word"),
    "responsiveness": N_("Helping quickly"),
    "assurance": N_("Knowing our job"),
    "empathy": N_("Caring about the person"),
    "tangibles": N_("Rooms, equipment, papers"),
    "": N_("Not sure"),
}

OFTEN: Mapping[str, str] = {
    "once": N_("Once"),
    "sometimes": N_("Now and then"),
    "weekly": N_("Every week"),
    "daily": N_("Every day"),
}

SEVERITIES: Mapping[str, str] = {
    "annoying": N_("Annoying"),
    "costly": N_("Costs us customers"),
    "danger": N_("Dangerous or against the law"),
}

STATES: Mapping[str, str] = {
    "new": N_("New"),
    "acknowledged": N_("Seen by a manager"),
    "assigned": N_("Somebody is working on it"),
    "resolved": N_("Resolved"),
    "merged": N_("Joined with another report"),
}

MARKS: Mapping[str, str] = {
    "new": "🆕",
    "acknowledged": "👁",
    "assigned": "👤",
    "resolved": "✅",
    "merged": "🔗",
}
"""The sign of a state, so that a list needs no colour."""

SIGNS: Mapping[str, str] = {"annoying": "▫️", "costly": "🔸", "danger": "🔴"}
"""The sign of a severity; the card says it in words too."""

BY_STEP: Mapping[str, Mapping[str, str]] = {
    "kind": KINDS,
    "dimension": DIMENSIONS,
    "often": OFTEN,
    "severity": SEVERITIES,
}


def subject_of(texts: Texts, language: str, kind: str, dimension: str) -> str:
    """Say in a few words what an issue is about."""
    about = texts.label(language, KINDS[kind])
    if not dimension:
        return about
    return f"{about} · {texts.label(language, DIMENSIONS.get(dimension, dimension))}"
