"""The names of gaps, dimensions, states and reasons, as texts to translate."""

from collections.abc import Mapping

from bot.core.i18n import N_
from bot.core.render import Texts

GAPS: Mapping[str, str] = {
    "expectation": N_("Expectation gap"),
    "perception": N_("Perception gap"),
    "specification": N_("Specification gap"),
    "delivery": N_("Delivery gap"),
    "communication": N_("Communication gap"),
    "G1": N_("Expectation gap"),
    "G2": N_("Standards gap"),
    "G3": N_("Specification gap"),
    "G4": N_("Communication gap"),
    "G5": N_("Customer gap"),
}

DIMENSIONS: Mapping[str, str] = {
    "tangibles": N_("Rooms and appearance"),
    "reliability": N_("Reliability"),
    "responsiveness": N_("Quick help"),
    "assurance": N_("Trust"),
    "empathy": N_("Personal care"),
    "social_responsibility": N_("Social responsibility"),
}

NOT_OURS_REASONS: Mapping[str, str] = {
    "f": N_("Does not fit us"),
    "a": N_("We do it already"),
    "c": N_("Cannot afford it"),
    "m": N_("Not my call"),
    "o": N_("Another reason"),
}
"""Why a fix is not a unit's, by the letter in the button and in the table."""

DROP_REASONS: Mapping[str, str] = {
    "no_time": N_("No time"),
    "does_not_fit": N_("Does not fit"),
    "too_costly": N_("Too costly"),
    "solved": N_("Solved otherwise"),
    "other": N_("Another reason"),
}
"""Why an action was given up."""

MARKS: Mapping[str, str] = {"proposed": "◔", "open": "▢", "done": "✅", "dropped": "✖"}
"""The sign of a state, so that a list needs no colour."""


def gap_name(texts: Texts, language: str, gap: str, dimension: str = "") -> str:
    """Name a gap, and the dimension where it is one of a single dimension; empty without a gap."""
    if gap not in GAPS:
        return ""
    name = texts.label(language, GAPS[gap])
    if not dimension:
        return name
    return f"{name} · {dimension_name(texts, language, dimension)}"


def dimension_name(texts: Texts, language: str, key: str) -> str:
    """Name a dimension; one that is not shipped is shown as its key."""
    return texts.label(language, DIMENSIONS[key]) if key in DIMENSIONS else spelled(key)


def spelled(key: str) -> str:
    """Write a key as words."""
    return key.rsplit(".", 1)[-1].replace("_", " ").replace("-", " ").capitalize()


def reason_label(texts: Texts, language: str, reason: str) -> str:
    """Say why a fix is not ours, or an action was given up; empty where nobody said."""
    known = {**NOT_OURS_REASONS, **DROP_REASONS}
    return texts.label(language, known[reason]) if reason in known else ""
