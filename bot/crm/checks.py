"""What a customer's or a visit's facts may look like, for tables and for the event API alike."""

import re

from bot.crm.keeping import NAME_LENGTH, REFERENCE_LENGTH, TOUCHPOINT_LENGTH
from bot.people.registry import clean

TOUCHPOINT = re.compile(r"[a-z0-9][a-z0-9_-]*")


def plain_reference(text: str) -> str:
    """Return a reference as it is kept.

    Raises
    ------
    ValueError
        When it is empty or too long; says what is wrong.
    """
    plain = clean(text)
    if not 1 <= len(plain) <= REFERENCE_LENGTH:
        found = f"it has {len(plain)} characters" if plain else "it is empty"
        raise ValueError(f"{found}, wanted 1 to {REFERENCE_LENGTH}")
    return plain


def plain_name(text: str) -> str:
    """Return a name as it is kept; ValueError when it is too long."""
    plain = clean(text)
    if len(plain) > NAME_LENGTH:
        raise ValueError(f"it has {len(plain)} characters, wanted at most {NAME_LENGTH}")
    return plain


def plain_touchpoint(text: str) -> str:
    """Return the key of a touchpoint, empty for none; ValueError when it does not look like one."""
    plain = text.strip().lower()
    if plain and (len(plain) > TOUCHPOINT_LENGTH or not TOUCHPOINT.fullmatch(plain)):
        raise ValueError(
            f"wanted small letters, digits, - and _, at most {TOUCHPOINT_LENGTH} of them"
        )
    return plain
