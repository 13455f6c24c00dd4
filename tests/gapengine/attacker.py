"""An attacker with linear algebra, and the random organisations he is let loose on.

He holds every report of half a year: which cells it shows, each to the last digit, who belonged to
which unit and region, and even how many answers stand behind every hidden cell. Each shown figure
is an equation in the unknown item means of (unit, weeks, item); shares of answers are a second
system of the same kind. A combination of answers is recovered when some combination of equations
leaves nothing else; it is a breach when fewer people than the floor gave these answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gapengine.disclosure import Edition, next_edition
from gapengine.disclosure.remainder import Settled, settle
from gapengine.disclosure.within import Column
from gapengine.levels import Levels
from gapengine.moments import Moments
from gapengine.vantage import Group

FLOOR = 5
WINDOW = 4
START = date(2026, 1, 5)
TOLERANCE = 1e-8
GUESSES = 40

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Organisation:
    """Who answered what: per (week, unit) one boolean array (runs, items)."""

    levels: Levels
    member: BoolArray
    answered: Sequence[Sequence[BoolArray]]

    @property
    def weeks(self) -> int:
        """How many weeks there are."""
        return len(self.answered)

    def runs(self, weeks: Sequence[int]) -> list[BoolArray]:
        """All runs of some weeks, by unit."""
        return [
            np.concatenate([self.answered[week][unit] for week in weeks])
            for unit in range(self.member.shape[1])
        ]


def organisation(rng: Generator, *, weeks: int = 26, smallest: float = 1.0) -> Organisation:
    """Draw 3 to 20 units of 1 to 40 runs a week, up to 4 regions; some join, leave, are erased.

    ``smallest`` raises the fewest runs a week; regions then do not overlap.
    """
    sizes = rng.integers(1, 6, rng.integers(2, 6))
    items = {f"d{d}i{j}": f"d{d}" for d, size in enumerate(sizes) for j in range(size)}
    weights = {f"d{d}": float(rng.uniform(0.2, 2)) for d in range(len(sizes))}
    levels = Levels.of(items, weights=weights if rng.random() < 0.5 else None)
    units = int(rng.integers(3, 21))
    size = np.exp(rng.uniform(np.log(smallest), np.log(40), units))
    first = np.where(rng.random(units) < 0.2, rng.integers(1, weeks, units), 0)
    last = np.where(rng.random(units) < 0.2, rng.integers(1, weeks, units), weeks)
    asked = int(rng.integers(1, min(len(items), 8) + 1))
    member = np.vstack([np.ones(units, dtype=bool), _regions(rng, units, apart=smallest > 1)])
    answered = [
        [
            _runs(rng, int(rng.poisson(size[u])) if first[u] <= week < last[u] else 0, asked, items)
            for u in range(units)
        ]
        for week in range(weeks)
    ]
    return Organisation(levels, member, answered)


def _regions(rng: Generator, units: int, *, apart: bool) -> BoolArray:
    """Up to four regions; sometimes nested or overlapping, sometimes leaving units out."""
    many = int(rng.integers(1, 5))
    if rng.random() < 0.7 or apart:
        return np.asarray(rng.integers(0, many, units)[None] == np.arange(many)[:, None])
    return np.asarray(rng.random((many, units)) < rng.uniform(0.2, 0.8))


def _runs(rng: Generator, many: int, asked: int, items: dict[str, str]) -> BoolArray:
    """Each run asks some items at random; one in ten is skipped, one run in fifty erased."""
    runs = np.zeros((many, len(items)), dtype=bool)
    drawn = rng.random((many, len(items))).argsort(axis=1)[:, :asked]
    np.put_along_axis(runs, drawn, rng.random((many, asked)) < 0.9, axis=1)
    return runs[runs.any(axis=1) & (rng.random(many) < 0.98)]


def column_of(levels: Levels, runs: Sequence[BoolArray], *, shares: bool = False) -> Column:
    """People and answers behind every cell of every unit."""
    items = np.array([own.sum(axis=0) for own in runs], dtype=np.float64)
    reach = levels.reach > 0
    above = [[(own @ row).sum() for row in reach] for own in runs]
    people = np.concatenate([np.array(above, dtype=np.float64), items], axis=1)
    answers = np.concatenate([items @ levels.reach.T, items], axis=1)
    return Column(people, answers, FLOOR, has_means=not shares, has_shares=shares)


@dataclass(frozen=True)
class Report:
    """One released report: the weeks it tells of, and the cells it shows."""

    weeks: tuple[int, ...]
    shown: BoolArray
    shown_sums: BoolArray

    @classmethod
    def both(cls, org: Organisation, weeks: Sequence[int]) -> "tuple[Report, Report]":
        """The means and the shares the engine releases."""
        means, shares = (settled_of(org, weeks, shares=chosen) for chosen in (False, True))
        return (
            cls.of(means, weeks, opened=means.opened, sums=means.opened_sums()),
            cls.of(shares, weeks, opened=shares.shares(), sums=shares.share_sums()),
        )

    @classmethod
    def floors_alone(cls, org: Organisation, weeks: Sequence[int]) -> "Report":
        """With every cell under the floor hidden, and no other."""
        column = column_of(org.levels, org.runs(weeks))
        people, sums = column.people, org.member.astype(np.float64) @ column.people
        return cls(tuple(weeks), people >= FLOOR, sums >= FLOOR)

    @classmethod
    def of(
        cls, settled: Settled, weeks: Sequence[int], *, opened: BoolArray, sums: BoolArray
    ) -> "Report":
        """A report that hides the given cells."""
        people = settled.column.people
        return cls(tuple(weeks), ~opened & (people > 0), ~sums & (settled.member @ people > 0))


def settled_of(org: Organisation, weeks: Sequence[int], *, shares: bool = False) -> Settled:
    """The engine's own decision about the means, or the shares, of some weeks' answers."""
    column = column_of(org.levels, org.runs(weeks), shares=shares)
    return settle(column, org.levels, org.member)


def editions(org: Organisation, *, longest: int = WINDOW) -> Iterator[Edition]:
    """The editions the engine's clock allows, week by week."""
    blocks = {
        f"u{unit}": {
            START + week * timedelta(days=7): _block(org.levels, org.answered[week][unit])
            for week in range(org.weeks)
            if len(org.answered[week][unit])
        }
        for unit in range(org.member.shape[1])
    }
    told = None
    for week in range(WINDOW - 1, org.weeks):
        monday = START + week * timedelta(days=7)
        edition = next_edition(Group.STAFF, blocks, told=told, week=monday, longest=longest)
        if edition is not None:
            told = edition
            yield edition


def weeks_of(edition: Edition) -> tuple[int, ...]:
    """The numbers of an edition's weeks."""
    return tuple((monday - START).days // 7 for monday in edition.weeks)


def _block(levels: Levels, runs: BoolArray) -> Moments:
    """Staff's moments as far as the clock looks at them: who answered at each level."""
    dimension_of = dict(zip(levels.items, levels.dimension_of, strict=True))
    moments = Moments.empty(Group.STAFF, dimension_of)
    reach = (levels.reach > 0)[levels.top :]
    moments.respondents[:, 0] = [
        len(runs),
        *((runs @ row).sum() for row in reach),
        *runs.sum(axis=0),
    ]
    return moments


@dataclass(frozen=True)
class Secret:
    """One unknown: an item of a unit in weeks that are always told together, and who answered."""

    unit: int
    item: int
    weeks: tuple[int, ...]
    people: frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Attack:
    """How many sets of fewer than FLOOR people's answers were tried, and how many given away."""

    tried: int
    won: int


def attack(
    org: Organisation, reports: Sequence[Report], *, rng: Generator, shares: bool = False
) -> Attack:
    """Try to recover combinations of the answers of fewer than FLOOR people."""
    return solved(*equations_of(org, reports, shares=shares), rng=rng)


def solved(secrets: list[Secret], equations: FloatArray, *, rng: Generator) -> Attack:
    """Look for combinations of few people's answers that the equations leave no freedom."""
    secrets, equations = _unsolved(secrets, equations)
    if not secrets:
        return Attack(0, 0)
    free = _null_space(equations, len(secrets))
    won = [_determined(free[list(some)]) for some in _suspects(secrets, rng)]
    return Attack(len(won), sum(won))


def equations_of(
    org: Organisation, reports: Sequence[Report], *, shares: bool
) -> tuple[list[Secret], FloatArray]:
    """Unknown means of (unit, item, weeks), and what every shown figure says of them."""
    atoms = _atoms(org, reports)
    runs = {atom: org.runs(atom) for atom in atoms}
    secrets = [
        Secret(unit, int(item), atom, _who(own[:, item], unit, atom))
        for atom in atoms
        for unit, own in enumerate(runs[atom])
        for item in np.flatnonzero(own.any(axis=0))
    ]
    rows = [row for report in reports for row in _rows(org, report, secrets, shares=shares)]
    return secrets, np.array(rows, dtype=np.float64).reshape(len(rows), len(secrets))


def _atoms(org: Organisation, reports: Sequence[Report]) -> list[tuple[int, ...]]:
    """Weeks that are in the same reports can never be told apart."""
    told: dict[tuple[bool, ...], list[int]] = {}
    for week in range(org.weeks):
        told.setdefault(tuple(week in report.weeks for report in reports), []).append(week)
    return [tuple(weeks) for key, weeks in told.items() if any(key)]


def _who(answered: BoolArray, unit: int, atom: tuple[int, ...]) -> frozenset[tuple[int, int]]:
    return frozenset((unit * 1000 + atom[0], int(run)) for run in np.flatnonzero(answered))


def _rows(
    org: Organisation, report: Report, secrets: Sequence[Secret], *, shares: bool
) -> Iterator[FloatArray]:
    """One equation per shown figure; the unknowns are means, or shares, of the secrets."""
    levels = org.levels
    inside = np.array([set(s.weeks) <= set(report.weeks) for s in secrets])
    unit, item = np.array([(s.unit, s.item) for s in secrets], dtype=np.int64).reshape(-1, 2).T
    many = np.array([len(s.people) for s in secrets], dtype=np.float64) * inside
    wholes = [(np.eye(org.member.shape[1], dtype=bool), report.shown)]
    wholes.append((org.member, report.shown_sums))
    for member, shown in wholes:
        for row, told in zip(member, shown, strict=True):
            yield from said_of(levels, told, item, row[unit] * many, shares=shares)


def said_of(
    levels: Levels, told: BoolArray, item: NDArray[np.int64], mine: FloatArray, *, shares: bool
) -> Iterator[FloatArray]:
    """What the shown cells of one unit or sum say; ``mine`` counts each secret's people in it."""
    per_item = np.bincount(item, mine, minlength=len(levels.items))
    cells = _news(told, per_item > 0, levels)
    if shares:
        weight = np.vstack([levels.reach, np.eye(len(levels.items))])
        yield from (weight[at, item] * mine for at in np.flatnonzero(cells))
        return
    item_shares = levels.shares((per_item > 0)[None])[0]
    weight = np.vstack([item_shares, np.eye(len(levels.items))])
    each = np.divide(mine, per_item[item], out=np.zeros_like(mine), where=mine > 0)
    yield from (weight[at, item] * each for at in np.flatnonzero(cells))


def _news(cells: BoolArray, asked: BoolArray, levels: Levels) -> BoolArray:
    """Leave out figures that follow from those below them: a dimension with all its items shown."""
    news, upper = cells.copy(), levels.upper
    for at, own in enumerate(levels.member > 0):
        news[levels.top + at] &= not (cells[upper:] | ~asked)[own].all()
    dimensions = (levels.member @ asked > 0) & ~cells[levels.top : upper]
    news[: levels.top] &= dimensions.any()
    return news


def _unsolved(secrets: list[Secret], equations: FloatArray) -> tuple[list[Secret], FloatArray]:
    """Leave out what a shown figure tells outright."""
    plain = equations[(equations != 0).sum(axis=1) == 1]
    left = ~(plain != 0).any(axis=0)
    small = [s for s, known in zip(secrets, ~left, strict=True) if known and len(s.people) < FLOOR]
    if small:
        return secrets, equations
    return [s for s, unknown in zip(secrets, left, strict=True) if unknown], equations[:, left]


def _null_space(equations: FloatArray, many: int) -> FloatArray:
    """Directions in which the secrets may still vary, shape (secrets, directions).

    Secrets that no chain of equations connects vary by themselves.
    """
    linked = csr_matrix(equations != 0)
    parts, part_of = connected_components(linked.T @ linked, directed=False)
    blocks = []
    for number in range(parts):
        own = np.flatnonzero(part_of == number)
        inside = equations[np.any(equations[:, own] != 0, axis=1)][:, own]
        free = _free(inside) if len(inside) else np.ones((len(own), 1))
        block = np.zeros((many, free.shape[1]))
        block[own] = free
        blocks.append(block)
    return np.concatenate(blocks, axis=1)


def _free(equations: FloatArray) -> FloatArray:
    scaled = equations / np.abs(equations).max(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    return vectors[:, values < TOLERANCE * max(values.max(), 1)]


def _determined(rows: FloatArray) -> bool:
    """Whether some combination of these secrets does not vary at all."""
    if rows.shape[1] < len(rows):
        return True
    return bool(np.linalg.svd(rows, compute_uv=False)[-1] < 1e-5)


def _suspects(secrets: Sequence[Secret], rng: Generator) -> Iterator[tuple[int, ...]]:
    """Sets of secrets of fewer than FLOOR people: each small one with all it can take along.

    What is determined of a set is determined of every larger one, so the largest are tried.
    """
    small = [k for k, one in enumerate(secrets) if len(one.people) < FLOOR]
    for start in small:
        own = [k for k in small if secrets[k].unit == secrets[start].unit]
        yield _grown(secrets, start, own)
        yield _grown(secrets, start, rng.permutation(own).tolist())
    for start in rng.permutation(small)[:GUESSES]:
        yield _grown(secrets, int(start), rng.permutation(small).tolist())


def _grown(secrets: Sequence[Secret], start: int, others: Sequence[int]) -> tuple[int, ...]:
    people, chosen = secrets[start].people, [start]
    for other in others:
        together = people | secrets[other].people
        if other != start and len(together) < FLOOR:
            people, chosen = together, [*chosen, other]
    return tuple(chosen)
