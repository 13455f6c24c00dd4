"""How often nominal 95 % intervals hold the truth, and how wide they are, cell by cell.

    .venv/bin/python -m benchmarks.calibrate [--replicates 4000] [--seed 1] [--quick]

Draws Likert populations of realistic shape (``gapengine.populations``) and prints one table per
kind of figure: a single mean, the paired P-E of one item, a gap of two groups, and the figures of
dimensions and everything, with complete answers, with planned missingness and few managers. Each
column is a method: coverage among the intervals given (mean width), and the share given where it
is not all of them.

Wanted are 94 to 96 % from ten people on and 93 to 97 % below (the smaller group counts). ``-`` and
``+`` mark a cell outside by more than chance explains (two standard errors of the simulation),
``~`` one outside by less.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from numpy.random import Generator

from gapengine.estimate import figures
from gapengine.histogram import bootstrap_limits
from gapengine.intervals import Bounds, Errors, Method, Part, Spread, added
from gapengine.levels import FloatArray, Levels
from gapengine.limits import Told, gap_limits, mean_limits, plain_limits, steadied
from gapengine.populations import (
    SCORES,
    chances,
    draw_scores,
    joint_chances,
    leave_out,
    stacked_scores,
    true_mean,
)
from gapengine.vantage import Group, Vantage, group_of

PEOPLE = (5, 6, 8, 10, 15, 25, 50, 100, 200)
MANAGERS, CUSTOMERS = (3, 5, 9), (10, 40, 200)
SHAPES = ("uniform", "mild skew", "skewed", "ceiling", "strong ceiling", "bimodal")
EXPECTED = ("uniform", "mild skew", "ceiling", "strong ceiling", "bimodal")
PERCEIVED = ("skewed", "mild skew", "bimodal", "ceiling")
BELIEFS = ("agreeing", "spread", "ceiling", "bimodal")
CORRELATIONS = (0.0, 0.4, 0.8)
CHECKED = Method()
DIFFERENCES = np.arange(-6.0, 7.0)
DIMENSIONS = (("ceiling", "skewed"), ("strong ceiling", "mild skew"), ("mild skew", "bimodal"))
LEVEL_SIZES = ((3, 10), (5, 25), (9, 50), (12, 200))
AT_ONCE = 4_000_000
E, M, S, D, C, P = Vantage

Interval = tuple[FloatArray, FloatArray]


@dataclass
class Cell:
    """One population and size: its truth, and the intervals each method gave."""

    name: str
    people: tuple[int, ...]
    truth: float
    intervals: dict[str, Interval]

    def coverage(self, method: str) -> tuple[float, float, float]:
        """Coverage among the intervals given, their mean width, the share given."""
        low, high = self.intervals[method]
        given = np.isfinite(low)
        held = (low[given] <= self.truth + 1e-9) & (self.truth - 1e-9 <= high[given])
        return float(held.mean()), float((high - low)[given].mean()), float(given.mean())

    def flag(self, method: str) -> str:
        """Where the coverage lies: blank inside, - or + surely outside, ~ outside by chance."""
        covered, _, given = self.coverage(method)
        low, high = wanted(min(self.people))
        noise = 2 * sqrt(0.05 * 0.95 / (given * len(self.intervals[method][0])))
        if low <= covered <= high:
            return " "
        if covered < low - noise:
            return "-"
        return "+" if covered > high + noise else "~"


@dataclass
class Tally:
    """Cells inside, below and above the target, per method."""

    flags: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, cell: Cell) -> None:
        """Count one cell."""
        for method in cell.intervals:
            self.flags.setdefault(method, Counter())[cell.flag(method)] += 1

    def lines(self) -> Iterator[str]:
        """One line per method."""
        for method, own in self.flags.items():
            yield (
                f"{method}: {own.total()} cells, {own[' ']} inside, {own['~']} outside by chance, "
                f"{own['-']} below, {own['+']} above"
            )


def wanted(people: int) -> tuple[float, float]:
    """The coverage aimed at."""
    return (0.94, 0.96) if people >= 10 else (0.93, 0.97)


def told_of(histogram: FloatArray) -> Told:
    """Samples of one item, shape (samples, 7), as one level."""
    people = histogram.sum(axis=1)
    mean = histogram @ SCORES / people
    squares = (histogram * (SCORES - mean[:, None]) ** 2).sum(axis=1)
    variance = squares / (people * (people - 1))
    return Told(*(part[:, None] for part in (mean, variance, people - 1, people)))


def mean_cells(rng: Generator, replicates: int, people: tuple[int, ...]) -> Iterator[Cell]:
    """One vantage point of one item."""
    for name in SHAPES:
        for many in people:
            drawn = rng.multinomial(many, chances(name), size=replicates).astype(np.float64)
            told = told_of(drawn)
            spread = Spread(np.sqrt(told.variance), told.df)
            t = plain_limits(told.mean, _unless_none(spread), confidence=0.95)
            chosen = mean_limits(told, upper=0, method=CHECKED)
            yield Cell(
                name,
                (many,),
                true_mean(name),
                {
                    "t": (t.low[:, 0], t.high[:, 0]),
                    "checked": (chosen.low[:, 0], chosen.high[:, 0]),
                    "bootstrap": bootstrap_limits(drawn, SCORES),
                },
            )


def paired_cells(rng: Generator, replicates: int, people: tuple[int, ...]) -> Iterator[Cell]:
    """P-E of one item, told by the same people."""
    apart = (SCORES[None, :] - SCORES[:, None]).astype(np.int64) + 6
    for first, second in ((e, p) for e in EXPECTED for p in PERCEIVED):
        for correlation in CORRELATIONS:
            chance = joint_chances(first, second, correlation)
            for many in people:
                drawn = rng.multinomial(many, chance.ravel(), size=replicates)
                table = drawn.reshape(replicates, 7, 7).astype(np.float64)
                differences = np.stack([table[:, apart == k].sum(axis=1) for k in range(13)], 1)
                truth = float(chance.sum(axis=0) @ SCORES - chance.sum(axis=1) @ SCORES)
                yield Cell(
                    f"E {first}, P {second}, r {correlation}",
                    (many,),
                    truth,
                    _paired(told_of(table.sum(axis=1)), told_of(table.sum(axis=2)), differences),
                )


def _paired(perceived: Told, expected: Told, differences: FloatArray) -> dict[str, Interval]:
    people = perceived.people
    mean = perceived.mean - expected.mean
    squares = (differences * (DIFFERENCES - mean) ** 2).sum(axis=1, keepdims=True)
    spread = Spread(np.sqrt(squares / (people * (people - 1))), people - 1)
    minuend, subtrahend = ((told, steadied(told, upper=0)) for told in (perceived, expected))
    t = plain_limits(mean, _unless_none(spread), confidence=0.95)
    chosen = gap_limits(minuend, subtrahend, spread, together=True, method=CHECKED)
    return {
        "t": (t.low[:, 0], t.high[:, 0]),
        "checked": (chosen.low[:, 0], chosen.high[:, 0]),
        "bootstrap": bootstrap_limits(differences, DIFFERENCES),
    }


def group_cells(rng: Generator, replicates: int, sizes: list[tuple[int, int]]) -> Iterator[Cell]:
    """M-E of one item: few managers against customers."""
    for belief, expected in ((m, e) for m in BELIEFS for e in EXPECTED):
        for managers, customers in sizes:
            sides = []
            for name, many in ((belief, managers), (expected, customers)):
                drawn = rng.multinomial(many, chances(name), size=replicates).astype(np.float64)
                told = told_of(drawn)
                sides.append((told, steadied(told, upper=0)))
            one, two = (told for told, _ in sides)
            spread = added(Part(one.variance, one.df), Part(two.variance, two.df))
            t = plain_limits(one.mean - two.mean, _unless_none(spread), confidence=0.95)
            chosen = gap_limits(sides[0], sides[1], spread, together=False, method=CHECKED)
            yield Cell(
                f"M {belief}, E {expected}",
                (managers, customers),
                true_mean(belief) - true_mean(expected),
                {
                    "t": (t.low[:, 0], t.high[:, 0]),
                    "checked": (chosen.low[:, 0], chosen.high[:, 0]),
                },
            )


def _unless_none(spread: Spread) -> Spread:
    """A sample without any spread has no t interval."""
    return Spread(np.where(spread.se > 1e-9, spread.se, np.nan), spread.df)


def level_cells(
    rng: Generator, replicates: int, *, items: int, asked: int, quick: bool
) -> Iterator[Cell]:
    """A dimension of some items of which each customer is asked a few; managers are asked all.

    With complete answers the errors are those of textbooks, with missing ones the corrected.
    """
    levels = Levels.of({f"item{k}": "dimension" for k in range(items)})
    errors = Errors.LINEARISED if asked == items else Errors.CORRECTED
    for expected, perceived in DIMENSIONS[: 1 if quick else 3]:
        names = dict(zip((E, P, M, S), (expected, perceived, "agreeing", "spread"), strict=True))
        for managers, customers in LEVEL_SIZES[: 2 if quick else 4]:
            many = min(replicates, AT_ONCE // (customers * items))
            told = draw_scores(
                rng, (expected, perceived), size=(many, customers, items), correlation=0.4
            )
            if asked < items:
                told = leave_out(rng, told, asked=asked)
            beliefs = draw_scores(rng, (names[M], names[S]), size=(many, managers, items))
            answers = {E: told[:, :, 0], P: told[:, :, 1], M: beliefs[:, :, 0], S: beliefs[:, :, 1]}
            groups = {
                group: stacked_scores(
                    group, levels, {v: own for v, own in answers.items() if group_of(v) is group}
                )
                for group in (Group.CUSTOMER, Group.MANAGER)
            }
            groups[Group.STAFF] = stacked_scores(Group.STAFF, levels, {D: told[:, :, 0] * np.nan})
            raw = {b: figures(groups, method=Method(errors=errors, bounds=b)) for b in Bounds}
            for (a, b), people in {
                (P, E): (customers,),
                (M, E): (managers, customers),
                (S, M): (managers,),
            }.items():
                gaps = {bounds.value: own.gaps[a, b] for bounds, own in raw.items()}
                yield Cell(
                    f"{a} {names[a]}, {b} {names[b]}",
                    people,
                    true_mean(names[a]) - true_mean(names[b]),
                    {name: (gap.low[:, 1], gap.high[:, 1]) for name, gap in gaps.items()},
                )


def report(title: str, cells: Iterator[Cell], tally: Tally) -> None:
    """Print one table."""
    print(f"\n## {title}\n")
    for number, cell in enumerate(cells):
        if number == 0:
            print(f"| population | people | {' | '.join(cell.intervals)} |")
            print("|---|---|" + "---|" * len(cell.intervals))
        tally.add(cell)
        shown = " | ".join(_words(cell, method) for method in cell.intervals)
        print(f"| {cell.name} | {', '.join(map(str, cell.people))} | {shown} |")


def _words(cell: Cell, method: str) -> str:
    covered, width, given = cell.coverage(method)
    often = "" if given > 0.9995 else f", given {given:.0%}"
    return f"{covered:.1%}{cell.flag(method)} ({width:.2f}{often})"


def tables(rng: Generator, replicates: int, *, quick: bool) -> Iterator[tuple[str, Iterator[Cell]]]:
    """All tables; ``quick`` leaves out most sizes."""
    people = (5, 10, 25) if quick else PEOPLE
    sizes = [(3, 10), (9, 40)] if quick else [(m, c) for m in MANAGERS for c in CUSTOMERS]
    yield "Mean of one item", mean_cells(rng, replicates, people)
    yield "P-E of one item, the same people", paired_cells(rng, replicates, people)
    yield "M-E of one item, managers and customers", group_cells(rng, replicates, sizes)
    for items, asked in ((4, 4), (5, 2), (22, 2)):
        title = f"Dimension of {items} items, customers asked {asked}"
        yield title, level_cells(rng, replicates, items=items, asked=asked, quick=quick)


def main() -> None:
    """Print all tables and count the cells outside."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--replicates", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="fewer sizes")
    options = parser.parse_args()
    tally = Tally()
    rng = np.random.default_rng(options.seed)
    for title, cells in tables(rng, options.replicates, quick=options.quick):
        report(title, cells, tally)
    print()
    print("\n".join(tally.lines()))


if __name__ == "__main__":
    main()
