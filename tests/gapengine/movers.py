"""The attacker on organisations whose units move, merge and close while reports are told.

Two ways of telling are let loose on him. ``by_tree``: every report adds up what the tree of its day
does. ``by_leaf``: what was answered counts where it was answered (``gapengine.disclosure.ground``).
In both a report is told again when the tree changes between two editions.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from gapengine.disclosure import Leaf, sums_over
from gapengine.disclosure.remainder import Settled, settle
from tests.gapengine import attacker
from tests.gapengine.attacker import (
    FLOOR,
    Attack,
    BoolArray,
    FloatArray,
    Organisation,
    Secret,
    column_of,
    editions,
    organisation,
    weeks_of,
)

Cell = tuple[int, int]
"""A unit and a week."""

WEEKS = 12


@dataclass(frozen=True)
class Tree:
    """Where each unit lies: its region (-1: none), and the unit its figures count in."""

    region: tuple[int, ...]
    owner: tuple[int, ...]


@dataclass(frozen=True)
class Moving:
    """An organisation, and its tree in each week."""

    org: Organisation
    trees: tuple[Tree, ...]

    def leaf_at(self, unit: int, week: int) -> tuple[int, int, int]:
        """Return where it was answered: the unit as it was then, its region, since which week."""
        tree = self.trees[week]
        home = tree.owner[unit]
        place = tree.region[home]
        since = week
        while since > 0 and self.trees[since - 1].region[home] == place:
            since -= 1
        return home, place, since


@dataclass(frozen=True)
class Told:
    """One report: the cells of answers in each leaf, the sums over leaves, and what is shown.

    Leaves that are no unit's figures by themselves are not told, nor are units that were merged.
    """

    leaves: tuple[tuple[Cell, ...], ...]
    member: BoolArray
    shown: BoolArray
    shown_sums: BoolArray
    people: FloatArray
    names: tuple[str, ...]
    by_itself: BoolArray

    def hidden(self) -> dict[str, int]:
        """Count the cells the floor lets through of what is told, and those withheld of them."""
        sums = self.member.astype(np.float64) @ self.people
        found: Counter[str] = Counter()
        rows = [("units", own, shown) for own, shown in zip(self.people, self.shown, strict=True)]
        for name, own, shown in zip(self.names, sums, self.shown_sums, strict=True):
            kind = "whole" if name == "*" else "units" if name.startswith("u") else "regions"
            rows.append((kind, own, shown))
        for number, (kind, own, shown) in enumerate(rows):
            if number < len(self.people) and not self.by_itself[number]:
                continue
            found[f"{kind} could"] += int((own >= FLOOR).sum())
            found[f"{kind} withheld"] += int(((own >= FLOOR) & ~shown).sum())
        return dict(found)

    def rows(self) -> Iterator[tuple[frozenset[Cell], BoolArray]]:
        """Yield each told sum of answers, with the cells shown of it."""
        for leaf, shown in zip(self.leaves, self.shown, strict=True):
            yield frozenset(leaf), shown
        for row, shown in zip(self.member, self.shown_sums, strict=True):
            inner = [leaf for leaf, inside in zip(self.leaves, row, strict=True) if inside]
            yield frozenset(cell for leaf in inner for cell in leaf), shown


def moving(rng: Generator) -> Moving:
    """Draw an organisation in which one to four units move, merge or close."""
    org = organisation(rng, weeks=WEEKS, smallest=1.0)
    units, regions = org.member.shape[1], int(rng.integers(2, 5))
    many = int(rng.integers(1, 5))
    places = [int(one) for one in np.asarray(rng.integers(-1, regions, size=units))]
    tree = Tree(tuple(places), tuple(range(units)))
    changes = sorted(int(one) for one in np.asarray(rng.integers(2, WEEKS, size=many)))
    answered = [list(week) for week in org.answered]
    trees = []
    for week in range(WEEKS):
        for _ in range(changes.count(week)):
            tree = _changed(rng, tree, answered, week=week, regions=regions)
        trees.append(tree)
    return Moving(replace(org, answered=answered), tuple(trees))


def _changed(
    rng: Generator, tree: Tree, answered: list[list[BoolArray]], *, week: int, regions: int
) -> Tree:
    own = [u for u, owner in enumerate(tree.owner) if u == owner]
    unit, other = (int(one) for one in rng.choice(own, 2, replace=len(own) < 2))
    kind = rng.integers(3)
    if kind == 0:  # closed: nobody is asked there any more
        for later in answered[week:]:
            later[unit] = later[unit][:0]
    elif kind == 1 and unit != other:
        return replace(tree, owner=tuple(other if one == unit else one for one in tree.owner))
    else:
        place = int(rng.integers(-1, regions))
        return replace(
            tree, region=tuple(place if u == unit else one for u, one in enumerate(tree.region))
        )
    return tree


def by_tree(case: Moving, *, shares: bool = False) -> list[Told]:
    """Tell every edition by the tree of its day, and again when the tree changes."""
    return [
        _told(case, _leaves_by_tree(case, weeks, tree), tree, shares=shares)
        for weeks, tree in _tellings(case)
    ]


def by_leaf(case: Moving, *, shares: bool = False) -> list[Told]:
    """Tell every edition by where it was answered."""
    return [
        _told(case, _leaves_by_place(case, weeks), tree, shares=shares)
        for weeks, tree in _tellings(case)
    ]


def _tellings(case: Moving) -> Iterator[tuple[tuple[int, ...], Tree]]:
    """Yield the weeks of each edition, with each tree that there is until the next one."""
    told = [weeks_of(edition) for edition in editions(case.org)]
    ends = [*(weeks[-1] for weeks in told[1:]), WEEKS]
    for weeks, until in zip(told, ends, strict=True):
        for tree in dict.fromkeys(case.trees[weeks[-1] : until]):
            yield weeks, tree


Leaves = tuple[dict[str, list[Cell]], dict[str, Leaf]]


def _leaves_by_tree(case: Moving, weeks: Sequence[int], tree: Tree) -> Leaves:
    cells: dict[str, list[Cell]] = {}
    for unit, owner in enumerate(tree.owner):
        cells.setdefault(f"u{owner}", []).extend((unit, week) for week in weeks)
    leaves = {name: Leaf(name, _regions(tree.region[int(name[1:])])) for name in cells}
    return cells, leaves


def _leaves_by_place(case: Moving, weeks: Sequence[int]) -> Leaves:
    grounds: dict[tuple[int, int, int], list[Cell]] = {}
    for unit in range(case.org.member.shape[1]):
        for week in weeks:
            grounds.setdefault(case.leaf_at(unit, week), []).append((unit, week))
    homes = [home for home, _, _ in grounds]
    cells, leaves = {}, {}
    for (home, region, since), own in grounds.items():
        label = f"u{home}" if homes.count(home) == 1 else f"u{home} since {since}"
        cells[label] = own
        leaves[label] = Leaf(f"u{home}", _regions(region))
    return cells, leaves


def _regions(place: int) -> frozenset[str]:
    return frozenset() if place < 0 else frozenset({f"region {place}"})


def _runs(case: Moving, cells: Sequence[Cell]) -> BoolArray:
    return np.concatenate([case.org.answered[week][unit] for unit, week in cells])


def _told(case: Moving, laid: Leaves, tree: Tree, *, shares: bool) -> Told:
    cells, leaves = laid
    labels, sums = list(cells), sums_over(leaves)
    member = np.array(
        [[True] * len(labels), *([one in own for one in labels] for own in sums.values())]
    )
    column = column_of(case.org.levels, [_runs(case, own) for own in cells.values()], shares=shares)
    settled = settle(column, case.org.levels, member)
    opened, hidden = _opened(settled, shares=shares)
    people = column.people
    gone = {f"u{unit}" for unit, owner in enumerate(tree.owner) if unit != owner}
    by_itself = np.array([leaves[one].unit == one and one not in gone for one in labels])
    is_told = np.array([True, *(name not in gone for name in sums)])
    return Told(
        tuple(tuple(own) for own in cells.values()),
        member,
        ~opened & (people > 0) & by_itself[:, None],
        ~hidden & (member.astype(np.float64) @ people > 0) & is_told[:, None],
        people,
        ("*", *sums),
        by_itself,
    )


def _opened(settled: Settled, *, shares: bool) -> tuple[BoolArray, BoolArray]:
    if shares:
        return settled.shares(), settled.share_sums()
    return settled.opened, settled.opened_sums()


def attack(case: Moving, told: Sequence[Told], *, rng: Generator, shares: bool = False) -> Attack:
    """Try to recover combinations of the answers of fewer than FLOOR people from all reports."""
    secrets = _secrets(case, told)
    rows = [row for one in told for row in _equations(case, one, secrets, shares=shares)]
    equations = np.array(rows, dtype=np.float64).reshape(len(rows), len(secrets))
    return attacker.solved(secrets, equations, rng=rng)


def _secrets(case: Moving, told: Sequence[Told]) -> list[Secret]:
    """Weeks of a unit that are in the same leaf of every report can never be told apart."""
    where = [
        {cell: number for number, own in enumerate(one.leaves) for cell in own} for one in told
    ]
    atoms: dict[tuple[int, ...], list[int]] = {}
    for unit in range(case.org.member.shape[1]):
        for week in range(WEEKS):
            key = (unit, *(one.get((unit, week), -1) for one in where))
            if set(key[1:]) != {-1}:
                atoms.setdefault(key, []).append(week)
    found = []
    for (unit, *_), weeks in atoms.items():
        runs = _runs(case, [(unit, week) for week in weeks])
        for item in np.flatnonzero(runs.any(axis=0)):
            who = frozenset((unit * 1000 + weeks[0], int(k)) for k in np.flatnonzero(runs[:, item]))
            found.append(Secret(unit, int(item), tuple(weeks), who))
    return found


def _equations(
    case: Moving, told: Told, secrets: Sequence[Secret], *, shares: bool
) -> Iterator[FloatArray]:
    item = np.array([one.item for one in secrets], dtype=np.int64)
    for cells, shown in told.rows():
        many = np.array(
            [len(s.people) if (s.unit, s.weeks[0]) in cells else 0 for s in secrets],
            dtype=np.float64,
        )
        yield from attacker.said_of(case.org.levels, shown, item, many, shares=shares)
