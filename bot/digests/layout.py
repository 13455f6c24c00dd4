"""How buttons stand in rows, so that a phone shows their words whole in every language."""

import unicodedata
from collections.abc import Mapping, Sequence

from bot.digests.view import Button

ROOM: Mapping[int, int] = {1: 36, 2: 18, 3: 12, 5: 4}
"""How many narrow letters a button has room for, by the number of buttons beside each other."""


def cells(text: str) -> int:
    """Return how wide a text is: a Chinese character is two letters wide, a mark above one none."""
    return sum(
        2 if unicodedata.east_asian_width(one) in "WF" else not unicodedata.combining(one)
        for one in text
    )


def in_rows(buttons: Sequence[Button], most: int) -> tuple[tuple[Button, ...], ...]:
    """Put buttons into rows of ``most``, or of fewer where a label would be cut off."""
    widest = max((cells(button.label) for button in buttons), default=0)
    fitting = [many for many, room in ROOM.items() if many <= most and widest <= room]
    width = max(fitting, default=1)
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))
