"""A slower pace for those who do not react, without remembering who answered anonymously.

Of a questionnaire under names it is known who reacted, and each silence counts. Of an anonymous
one a count for each person would tell who had answered: where few did, whose the answers are. So
when an anonymous wave closes, nothing changes unless nobody reacted or at least ``FLOOR`` people
did; and of the silent, one in ``SPARED`` (drawn by lot, at least one) is treated as if they had
reacted. Whoever reads the database afterwards sees two sets: some of those who were silent, and
all others, who are at least ``FLOOR`` that reacted and, unseen among them, some that did not.
"""

from collections.abc import Collection, Sequence
from random import Random

FLOOR = 5
"""Fewest people who must have reacted to an anonymous wave before anybody's pace changes."""

SPARED = 4
"""Of the silent, one in so many counts as if they had reacted."""

SLOW, SLOWER = 2, 4
"""After so many silences in a row every second sending is left out, then three of four."""


def factor(unheard: int) -> int:
    """Return how many times the usual distance lies between two sendings."""
    if unheard >= SLOWER:
        return 4
    return 2 if unheard >= SLOW else 1


def counted_silent(
    *, reacted: Collection[int], silent: Sequence[int], anonymous: bool, lot: Random
) -> set[int] | None:
    """Return whose silence counts; everybody else of the wave starts anew. None: nothing changes.

    ``silent`` are those whose card arrived and who pressed nothing until the end.
    """
    if not anonymous:
        return set(silent)
    if 0 < len(reacted) < FLOOR:
        return None
    spared = -(-len(silent) // SPARED)
    return set(lot.sample(sorted(silent), len(silent) - spared))
