"""What would come of a table, row by row, before anything is written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session

from bot.core.csv_file import Problem

NEW, CHANGED, SAME = "new", "changed", "as before"


class Planned(NamedTuple):
    """One good row: what it is to what is there, in words, and how it is written.

    ``write`` tells whether it was; False when somebody else was quicker.
    """

    line: int
    kind: str
    words: str
    write: Callable[[Session], bool]


@dataclass(frozen=True, slots=True)
class Plan:
    """The good rows of a table, and what is wrong with the others."""

    rows: list[Planned]
    problems: list[Problem]

    def counts(self) -> str:
        """Return how many rows are of each kind, as in ``2 new, 0 changed, 5 as before``."""
        found = Counter(one.kind for one in self.rows)
        return ", ".join(f"{found[kind]} {kind}" for kind in (NEW, CHANGED, SAME))

    def write(self, session: Session) -> int:
        """Write what is new or changed; return how many rows somebody else was quicker with."""
        return sum(not one.write(session) for one in self.rows if one.kind != SAME)
