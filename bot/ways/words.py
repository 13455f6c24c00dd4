"""The kinds of ways in, what they are called, and how those who come by them reach a unit."""

import re
from collections.abc import Mapping

from bot.core.i18n import N_
from bot.people.registry import clean

UNIT, TOUCHPOINT, COUNTER, SHIFT = "unit", "touchpoint", "counter", "shift"
KINDS: Mapping[str, str] = {
    UNIT: N_("The whole unit"),
    TOUCHPOINT: N_("Touchpoint"),
    COUNTER: N_("Counter"),
    SHIFT: N_("Shift"),
}
LABELLED = (TOUCHPOINT, COUNTER, SHIFT)
PLACES = (TOUCHPOINT, COUNTER)
LABEL_LENGTH = 40
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What payloads of posters are made of: whoever cannot scan types them, so that none looks like
another one."""

FORM = re.compile(rf"[{LETTERS}]{{4}}(-[{LETTERS}]{{4}}){{4}}")


def plain_label(text: str) -> str:
    """Return the name of a touchpoint, counter or shift as it is kept; empty for none.

    Raises
    ------
    ValueError
        When it is too long; says what is wrong.
    """
    plain = clean(text)
    if len(plain) > LABEL_LENGTH:
        raise ValueError(f"it has {len(plain)} characters, wanted at most {LABEL_LENGTH}")
    return plain
