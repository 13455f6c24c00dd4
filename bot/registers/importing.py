"""What would come of a table, row by row, before anything is written."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from sqlmodel import Session

from bot.core.csv_file import Problem
from bot.people.tables import Unit
from bot.registers.table_file import Good

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
    notes: Sequence[str] = ()

    def counts(self) -> str:
        """Return how many rows are of each kind, as in ``2 new, 0 changed, 5 as before``."""
        found = Counter(one.kind for one in self.rows)
        return ", ".join(f"{found[kind]} {kind}" for kind in (NEW, CHANGED, SAME))

    def write(self, session: Session) -> int:
        """Write what is new or changed; return how many rows somebody else was quicker with."""
        return sum(not one.write(session) for one in self.rows if one.kind != SAME)


T_contra = TypeVar("T_contra", contravariant=True)


class OfUnit(Protocol):
    """A row of a table that is about one unit, or (None) about all of them."""

    @property
    def unit_id(self) -> int | None:
        """Return the unit's id."""


T = TypeVar("T", bound=OfUnit)


class PlanRow(Protocol[T_contra]):
    """Says what would come of one row."""

    def __call__(self, line: int, row: T_contra, *, where: str) -> Planned:
        """``where`` names the unit in words."""


def plan_of(good: Good[T], units: Sequence[Unit], plan_row: PlanRow[T]) -> Plan:
    """Say what would come of the good rows of a table."""
    names = {unit.id: unit.name for unit in units}
    return Plan(
        [plan_row(line, row, where=names.get(row.unit_id, "all units")) for line, row in good.rows],
        good.problems,
        good.notes,
    )
