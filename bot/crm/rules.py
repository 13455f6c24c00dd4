"""What follows of a visit, and what a customer is at that time: rules without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.crm.words import NEW, RETURNING

EVERYWHERE = "*"
"""Stands for every touchpoint that has no rule of its own."""

QUESTIONNAIRE = "visit"
FRESH = timedelta(days=7)
"""For so long a visit is asked about; later nobody remembers it well."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is asked after a visit, and how long after; ``delay`` None: nothing is."""

    questionnaire: str
    delay: timedelta | None


USUAL = Rule(QUESTIONNAIRE, timedelta(hours=3))
"""Holds where the organisation has no rule of its own: long enough after, still the same day."""


def rule_for(touchpoint: str, rules: Mapping[str, Rule]) -> Rule:
    """Return the rule of a touchpoint: its own, else that for all others, else the usual one.

    >>> rule_for("till", {"*": Rule("short", None)}).questionnaire
    'short'
    """
    return rules.get(touchpoint) or rules.get(EVERYWHERE) or USUAL


def ask_at(at: datetime, rule: Rule, *, now: datetime) -> datetime | None:
    """Return when a visit is asked about, not before now; None when it is not, or no longer."""
    if rule.delay is None or now - at > FRESH + rule.delay:
        return None
    return max(at + rule.delay, now)


def tenure_of(stated: str, visits_before: int) -> str:
    """Return what a customer is at a visit: as the other system says, else by earlier visits.

    >>> tenure_of("", 0), tenure_of("", 2), tenure_of("new", 2)
    ('new', 'returning', 'new')
    """
    return stated or (RETURNING if visits_before else NEW)
