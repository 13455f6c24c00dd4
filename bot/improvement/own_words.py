"""How the parts of an own fix are asked and shown, as texts to translate."""

from collections.abc import Mapping

from bot.core.i18n import N_
from bot.core.render import Texts
from bot.improvement.own_tables import OwnFix
from bot.improvement.words import DIMENSIONS

NAMES_OF_PARTS: Mapping[str, str] = {
    "title": N_("Title"),
    "gap": N_("What it helps against"),
    "dimension": N_("Side of the service"),
    "first_step": N_("First step"),
    "sign": N_("How one sees it"),
    "effort": N_("Effort"),
    "who": N_("Who does it"),
}
CHOICES: Mapping[str, Mapping[str, str]] = {
    "gap": {
        "expectation": N_("We misjudge what customers expect"),
        "G2": N_("Our rules ask for too little"),
        "specification": N_("We do less than our rules ask"),
        "delivery": N_("We do less than customers expect"),
        "perception": N_("Customers see less than we do"),
        "communication": N_("We promise more than we do"),
        "G5": N_("Customers get less than they expect"),
    },
    "dimension": {"": N_("All sides"), **DIMENSIONS},
    "effort": {
        "small": N_("Some hours"),
        "medium": N_("Some days"),
        "large": N_("Some weeks"),
    },
    "who": {
        "manager": N_("The manager"),
        "owner": N_("The owner"),
        "team": N_("The team"),
    },
}
"""What is chosen by a button: each value with its label. Buttons count them: add at the end."""


def said(texts: Texts, language: str, fix: OwnFix, part: str) -> str:
    """Return what a fix says in one part, to a reader of this language; empty where nothing."""
    value = getattr(fix, part)
    if value is None:
        return ""
    label = CHOICES.get(part, {}).get(value)
    return texts.label(language, label) if label else value
