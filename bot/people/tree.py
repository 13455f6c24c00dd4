"""The tree of units: what lies in a region, and what adds up to a unit's figures.

What was answered counts where its unit lay in that week, and in the unit as it was then. So the
tree of each week can be had, from what was noted whenever a unit was moved or merged.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from bot.core.clock import monday_of
from bot.core.database import insert_into
from bot.people.tables import MERGED, OPEN, REGION, UNIT, FormerPlace, Unit

ALWAYS = date.min
"""Since when a place holds that was never another."""


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

    def names(self) -> dict[int, str]:
        """Return the names of all units, merged ones too, without regions."""
        return {number: one.name for number, one in self.units.items() if one.kind == UNIT}

    def _tells(self, number: int) -> bool:
        one = self.units[number]
        return one.kind == UNIT and one.state != MERGED


class Past:
    """The tree as it is, and as it was in every week; weeks are named by their Mondays."""

    def __init__(self, now: Tree, former: Collection[FormerPlace]) -> None:
        """Lay out what was noted at changes."""
        self.now = now
        self.changed = sorted({one.until for one in former})
        """The Mondays since which the tree is another than before."""
        trees = [now]
        for monday in reversed(self.changed):
            before = {one.unit_id: one.parent_id for one in former if one.until == monday}
            trees.append(_as_before(trees[-1], before))
        self._trees = trees[::-1]
        self._since: dict[tuple[int, int], date] = {}

    def at(self, week: date) -> Tree:
        """Return the tree of a week."""
        return self._trees[bisect_right(self.changed, week)]

    def since(self, unit_id: int, week: date) -> date:
        """Return the Monday since which a unit lay where it did in a week; ``ALWAYS`` at first."""
        before = bisect_right(self.changed, week)
        if (unit_id, before) not in self._since:
            self._since[unit_id, before] = self._lay_since(unit_id, before)
        return self._since[unit_id, before]

    def _lay_since(self, unit_id: int, before: int) -> date:
        """Look back through the changes before a week, of which there are so many."""
        place = list(self._trees[before].above(unit_id))
        for number in reversed(range(before)):
            if list(self._trees[number].above(unit_id)) != place:
                return self.changed[number]
        return ALWAYS

    def steady_since(self, place: int, week: date) -> date:
        """Return the Monday since which the same units add up to a unit or region."""
        units = self._adding_up(self.at(week), place)
        for monday in reversed(self.changed[: bisect_right(self.changed, week)]):
            if self._adding_up(self.at(monday - timedelta(days=1)), place) != units:
                return monday
        return ALWAYS

    def ever_below(self, place: int) -> set[int]:
        """Return a unit or region and all that ever lay under it."""
        return {one for tree in self._trees for one in tree.below(place)}

    @staticmethod
    def _adding_up(tree: Tree, place: int) -> set[int]:
        return {one for one in tree.below(place) if tree.units[one].kind == UNIT}


def read_tree(session: Session) -> Tree:
    """Read all units."""
    return Tree.of(session.exec(select(Unit).order_by(col(Unit.id))))


def read_past(session: Session) -> Past:
    """Read all units, and where they lay before."""
    return Past(read_tree(session), session.exec(select(FormerPlace)).all())


def note_place(session: Session, unit: Unit, today: date) -> None:
    """Note where a unit lies before it is moved or merged: that holds to the end of this week.

    Of several changes in a week the place before the first of them counts.
    """
    until = monday_of(today) + timedelta(days=7)
    session.execute(
        insert_into(session, FormerPlace)
        .values(unit_id=unit.id, until=until, parent_id=unit.parent_id)
        .on_conflict_do_nothing()
    )


def _as_before(tree: Tree, parents: Mapping[int, int | None]) -> Tree:
    """Return a tree with some units where they lay before: whoever was merged was not yet."""
    return Tree.of(
        Unit(
            id=number,
            name=one.name,
            name_key=one.name_key,
            kind=one.kind,
            state=OPEN if one.state == MERGED else one.state,
            parent_id=parents[number],
        )
        if number in parents
        else one
        for number, one in tree.units.items()
    )
