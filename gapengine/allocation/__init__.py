"""Which items and vantage points to ask next.

A run asks a few items of the many (planned missingness), because nobody answers 44 questions in a
chat. Two rules choose them: ``balanced`` needs nothing but a seed and a number; ``adaptive`` also
looks at what was answered so far.
"""

from gapengine.allocation.balanced import form_for, round_length
from gapengine.allocation.blueprint import AGREEMENT, Blueprint, Form, asked_in_rotation

__all__ = ["AGREEMENT", "Blueprint", "Form", "asked_in_rotation", "form_for", "round_length"]
