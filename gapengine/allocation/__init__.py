"""Which items and vantage points to ask next.

A run asks a few items of the many (planned missingness), because nobody answers 44 questions in a
chat. Two rules choose them: ``form_for`` needs nothing but a seed and a number and is even over
rounds; ``adaptive_form`` also looks at what was answered so far.
"""

from gapengine.allocation.adaptive import RULE, Draw, adaptive_draw, adaptive_form
from gapengine.allocation.balanced import form_for, round_length
from gapengine.allocation.blueprint import AGREEMENT, Blueprint, Form, asked_in_rotation
from gapengine.allocation.standing import Standing, standing_of

__all__ = [
    "AGREEMENT",
    "RULE",
    "Blueprint",
    "Draw",
    "Form",
    "Standing",
    "adaptive_draw",
    "adaptive_form",
    "asked_in_rotation",
    "form_for",
    "round_length",
    "standing_of",
]
