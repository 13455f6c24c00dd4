"""Rules of ideas that need no database: states, what a text may be, which idea is offered."""

import random
import re
import secrets
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

NEW, OPEN, PLANNED, DONE, DECLINED, MERGED = (
    "new",
    "open",
    "planned",
    "done",
    "declined",
    "merged",
)
VOTABLE = (OPEN, PLANNED)
LIVE = (NEW, OPEN, PLANNED)
VISIBLE = (OPEN, PLANNED, DONE)
"""What everybody of the unit sees; the rest is for those in charge, and for the author."""

TABS = {"n": NEW, "o": OPEN, "p": PLANNED, "d": DONE, "x": DECLINED}
MINE = "m"

WITHOUT_NAME, WITH_NAME, NO_NEWS = "w", "n", "x"
"""How an idea is sent: shown without the author's name, with it, or linked to nobody at all."""

SHORTEST, LONGEST = 5, 600
EXCERPT = 120
_KEPT_MARKS = frozenset("\u200c\u200d")  # Persian and Arabic words, and emoji, need them
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_SPACES = re.compile(r"[^\S\n]+")


class Weighed(NamedTuple):
    """An idea that may be offered, and how often it was offered already."""

    idea_id: int
    views: int


def cleaned(text: str) -> str:
    """Return a text as it is kept: no control marks, no runs of space or of empty lines."""
    kept = "".join(one for one in text if one == "\n" or one in _KEPT_MARKS or _is_shown(one))
    lines = _SPACES.sub(" ", kept)
    return _BLANK_LINES.sub("\n\n", lines).strip()


def problem_of(text: str) -> str:
    """Say why a cleaned text is not taken: ``short``, ``long``; empty when it is."""
    if sum(not one.isspace() for one in text) < SHORTEST:
        return "short"
    return "long" if len(text) > LONGEST else ""


def excerpt(text: str, most: int = EXCERPT) -> str:
    """Return the beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def likeness(one: str, other: str) -> float:
    """Return which share of their pairs of letters two texts have in common, 0 to 1.

    Pairs instead of words, so that it works where words are written without space between them.
    """
    ours, theirs = _pairs(one), _pairs(other)
    together = ours | theirs
    return len(ours & theirs) / len(together) if together else 0.0


def drawn(seed: str, candidates: Sequence[Weighed]) -> int | None:
    """Draw an idea to offer; the less often one was offered, the more likely it comes."""
    if not candidates:
        return None
    weights = [1 / (1 + one.views) for one in candidates]
    chance = random.Random(seed)
    return chance.choices([one.idea_id for one in candidates], weights)[0]


def new_token() -> str:
    """Return what makes the press of one button count once."""
    return secrets.token_hex(5)


def _is_shown(one: str) -> bool:
    return unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co"} or one == "\t"


def _pairs(text: str) -> set[str]:
    plain = "".join(one for one in text.casefold() if one.isalnum())
    return {plain[place : place + 2] for place in range(len(plain) - 1)}
