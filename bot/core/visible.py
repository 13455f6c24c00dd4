"""Whether a text shows anything: Telegram passes on what consists of invisible signs alone."""

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
"""Categories of Unicode: controls, marks of format, halves of signs, private ones."""

_ALONE = UNSEEN | {"Zs", "Zl", "Zp", "Mn"}
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def shows(text: str) -> bool:
    """Tell whether there is anything to see; letters and signs that are drawn blank are not.

    >>> shows("\\u200b\\u3164"), shows("\U0001f642")
    (False, True)
    """
    return any(one not in _BLANK and unicodedata.category(one) not in _ALONE for one in text)
