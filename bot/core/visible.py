"""What strangers' words show, and do: nothing invisible counts as words, nothing in them is tapped.

Telegram passes on what consists of invisible signs alone, turns the direction of what follows
where a mark says so, and makes links and commands of whatever looks like one.
"""

import re
import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
"""Categories of Unicode: controls, marks of format, halves of signs, private ones."""

_ALONE = UNSEEN | {"Zs", "Zl", "Zp", "Mn"}
_KEPT = frozenset("\n\t\u200c\u200d")  # Persian and Arabic words, and emoji, need the joiners
_JOINER = "\u2060"
_LINKING = re.compile(r"(?<=[@/.:#])(?=\w)")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def shows(text: str) -> bool:
    """Tell whether there is anything to see; letters and signs that are drawn blank are not.

    >>> shows("\\u200b\\u3164"), shows("\U0001f642")
    (False, True)
    """
    return any(one not in _BLANK and unicodedata.category(one) not in _ALONE for one in text)


def harmless(text: str) -> str:
    """Return somebody else's words so that they turn no text around them and hold no link."""
    kept = (one for one in text if one in _KEPT or unicodedata.category(one) not in UNSEEN)
    return unlinked("".join(kept))


def unlinked(text: str) -> str:
    """Return a text in which Telegram finds no link, mention or command, and shows no preview.

    A word joiner takes no space and is no part of an address.
    """
    return _LINKING.sub(_JOINER, text)
