"""Advice: which gap to work on, where it arises, why this one, and which fixes fit."""

from gapengine.advice.choosing import advise, counsel
from gapengine.advice.entries import (
    Advice,
    Antecedent,
    Choice,
    Counsel,
    Evidence,
    Fix,
    PassedOver,
    Reason,
    Step,
)
from gapengine.advice.gaps import NOTABLE, Size, priorities_of

__all__ = [
    "NOTABLE",
    "Advice",
    "Antecedent",
    "Choice",
    "Counsel",
    "Evidence",
    "Fix",
    "PassedOver",
    "Reason",
    "Size",
    "Step",
    "advise",
    "counsel",
    "priorities_of",
]
