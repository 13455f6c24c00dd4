"""The tree of units: what lies in a region, and what adds up to a unit's figures."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.people.tables import MERGED, OPEN, REGION, UNIT, Unit


@dataclass(frozen=True)
class Tree:
    """All units as they lie at one moment; read with one statement."""

    units: Mapping[int, Unit]
    children: Mapping[int | None, tuple[int, ...]]

    @classmethod
    def of(cls, units: Iterable[Unit]) -> "Tree":
        """Lay out units that were read."""
        by_id = {one.id or 0: one for one in units}
        children: dict[int | None, list[int]] = defaultdict(list)
        for number, one in by_id.items():
            children[one.parent_id].append(number)
        return cls(by_id, {parent: tuple(own) for parent, own in children.items()})

    def below(self, unit_id: int) -> Iterator[int]:
        """Yield a unit and all that lies under it, regions and merged units too."""
        yield unit_id
        for child in self.children.get(unit_id, ()):
            yield from self.below(child)

    def above(self, unit_id: int) -> Iterator[int]:
        """Yield the regions a unit lies in, the nearest first."""
        parent = self.units[unit_id].parent_id
        while parent is not None:
            yield parent
            parent = self.units[parent].parent_id

    def goes_on_in(self, unit_id: int) -> int:
        """Return the unit whose history holds that of this one: itself, unless it was merged."""
        one = self.units[unit_id]
        while one.state == MERGED and one.parent_id is not None:
            one = self.units[one.parent_id]
        return one.id or 0

    def regions(self) -> dict[int, tuple[int, ...]]:
        """Return for each region the units in it that tell figures of their own."""
        return {
            number: tuple(below for below in self.below(number) if self._tells(below))
            for number, one in self.units.items()
            if one.kind == REGION
        }

    def whole(self) -> int | None:
        """Return the region in which all that is open lies; None where there is none."""
        top = [one for one in self.children.get(None, ()) if self.units[one].state == OPEN]
        return top[0] if len(top) == 1 and self.units[top[0]].kind == REGION else None

    def telling(self) -> dict[int, str]:
        """Return the names of the units that tell figures: all but regions and merged ones."""
        return {number: one.name for number, one in self.units.items() if self._tells(number)}

    def _tells(self, number: int) -> bool:
        one = self.units[number]
        return one.kind == UNIT and one.state != MERGED


def read_tree(session: Session) -> Tree:
    """Read all units."""
    return Tree.of(session.exec(select(Unit).order_by(col(Unit.id))))
