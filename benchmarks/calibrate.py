"""How often nominal 95 % intervals hold the truth, and how wide they are, cell by cell.

    .venv/bin/python -m benchmarks.calibrate [--samples 2500] [--seed 1] [--quick] [--only WORDS]
        [--invented 100]

Draws Likert populations of realistic shape (``gapengine.populations``) and prints one table per
kind of figure: a single mean, the paired P-E of one item, a gap of two groups, and the figures of
levels of several items, with complete answers, with planned missingness and few managers; with
``--invented``, also so many populations drawn by lot (``calibrate_invented``) for each kind. Each
column is a method: coverage among the intervals given (mean width), and the share given where it
is not all of them.

Wanted are 94 to 96 % from ten people on and 93 to 97 % below (the smaller group counts). A cell
is drawn again and again, twice as many samples each time, until its chosen intervals lie inside by
two standard errors of the simulation, or outside by six (of hundreds of cells some lie outside by
two or three by chance), or it has had as many samples as it may. ``-`` and ``+`` mark a cell
outside by more than chance explains (two standard errors), ``~`` one outside by less.

At the end stand the cells outside. Each says by which factor its chosen intervals would have to be
stretched to come inside; or, where the few different samples make coverage jump over the target,
what it is on either side of the jump. ``calibrate_exact`` tells the coverage of the smallest groups
without drawing.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from numpy.random import Generator

from benchmarks.calibrate_cells import (
    CUSTOMERS,
    DESIGNS,
    MANAGERS,
    PEOPLE,
    STAFF_AND_CUSTOMERS,
    Design,
    Intervals,
    group_designs,
    level_designs,
    mean_designs,
    paired_designs,
)
from benchmarks.calibrate_invented import invented_groups, invented_means, invented_pairs
from gapengine.levels import FloatArray

CHOSEN = "checked"
INSIDE, OUTSIDE = 2.0, 6.0
"""Standard errors between a coverage and the edge from which nothing more is drawn."""

AT_ONCE = 2500


@dataclass
class Count:
    """What one method's intervals did in one cell."""

    samples: int = 0
    given: int = 0
    held: int = 0
    width: float = 0.0


@dataclass
class Cell:
    """One population and size with the samples drawn so far."""

    name: str
    people: tuple[int, ...]
    truth: float
    counts: dict[str, Count] = field(default_factory=dict)
    factors: list[FloatArray] = field(default_factory=list)
    """By how much each chosen interval must be stretched, about its estimate, to hold the truth."""

    def add(self, intervals: Intervals) -> None:
        """Count some samples."""
        for method, (estimate, low, high) in intervals.items():
            given = np.isfinite(low)
            held = (low <= self.truth + 1e-9) & (self.truth - 1e-9 <= high)
            count = self.counts.setdefault(method, Count())
            count.samples += len(low)
            count.given += int(given.sum())
            count.held += int(held.sum())
            count.width += float((high - low)[given].sum())
            if method == CHOSEN:
                self.factors.append(stretch(estimate, low, high, truth=self.truth))

    def coverage(self, method: str) -> tuple[float, float, float]:
        """Coverage among the intervals given, their mean width, the share given."""
        count = self.counts[method]
        return count.held / count.given, count.width / count.given, count.given / count.samples

    def noise(self, method: str) -> float:
        """Standard error of the coverage."""
        return sqrt(0.05 * 0.95 / self.counts[method].given)

    def is_decided(self) -> bool:
        """Whether the chosen coverage lies far enough from either edge of the target."""
        covered, (low, high) = self.coverage(CHOSEN)[0], wanted(min(self.people))
        apart = min(covered - low, high - covered) / self.noise(CHOSEN)
        return apart > INSIDE or apart < -OUTSIDE

    def flag(self, method: str) -> str:
        """Where the coverage lies: blank inside, - or + surely outside, ~ outside by chance."""
        covered = self.coverage(method)[0]
        low, high = wanted(min(self.people))
        if low <= covered <= high:
            return " "
        if covered < low - 2 * self.noise(method):
            return "-"
        return "+" if covered > high + 2 * self.noise(method) else "~"

    def remedy(self) -> str:
        """By which factors of stretching the cell comes inside, or why by none."""
        factors = np.concatenate(self.factors)
        return remedy(factors, np.full(len(factors), 1 / len(factors)), wanted(min(self.people)))


def remedy(factors: FloatArray, chances: FloatArray, target: tuple[float, float]) -> str:
    """By which factors of stretching a coverage comes inside; else where it jumps.

    Parameters
    ----------
    factors
        Of each sample, the factor from which on its interval holds the truth.
    chances
        Of each sample.
    target
        Lowest and highest coverage wanted.
    """
    found, place = np.unique(factors, return_inverse=True)
    reached = np.round(np.cumsum(np.bincount(place, chances)), 9)
    low, high = target
    inside = found[(reached >= low) & (reached <= high)]
    if len(inside):
        return f"{inside[0]:.3f} to {inside[-1]:.3f}"
    over = int(np.searchsorted(reached, high))
    below = reached[over - 1] if over else 0.0
    return f"none: at {found[over]:.4f} from {below:.1%} to {reached[over]:.1%}"


def stretch(estimate: FloatArray, low: FloatArray, high: FloatArray, *, truth: float) -> FloatArray:
    """Factor by which an interval must grow about its estimate to just hold the truth."""
    arm = np.where(truth < estimate, estimate - low, high - estimate)
    return np.round(np.abs(truth - estimate) / np.maximum(arm, 1e-9), 9)


@dataclass
class Tally:
    """Cells inside, below and above the target, per method."""

    flags: dict[str, Counter[str]] = field(default_factory=dict)
    outside: list[tuple[str, Cell]] = field(default_factory=list)

    def add(self, title: str, cell: Cell) -> None:
        """Count one cell."""
        for method in cell.counts:
            self.flags.setdefault(f"{title} | {method}", Counter())[cell.flag(method)] += 1
        if cell.flag(CHOSEN) != " ":
            self.outside.append((title, cell))
        else:
            cell.factors.clear()

    def lines(self) -> Iterator[str]:
        """One line per kind of figure and method, then the cells outside."""
        yield "| kind of figure | method | cells | inside | by chance | below | above |"
        yield "|---|---|---|---|---|---|---|"
        for name, own in self.flags.items():
            counts = " | ".join(str(own[flag]) for flag in (" ", "~", "-", "+"))
            yield f"| {name} | {own.total()} | {counts} |"
        yield "\n## Outside\n"
        yield "| kind of figure | population | people | coverage | samples | inside if stretched |"
        yield "|---|---|---|---|---|---|"
        for title, cell in self.outside:
            covered = f"{cell.coverage(CHOSEN)[0]:.2%}{cell.flag(CHOSEN)}"
            people, samples = ", ".join(map(str, cell.people)), cell.counts[CHOSEN].samples
            yield f"| {title} | {cell.name} | {people} | {covered} | {samples} | {cell.remedy()} |"


def wanted(people: int) -> tuple[float, float]:
    """The coverage aimed at."""
    return (0.94, 0.96) if people >= 10 else (0.93, 0.97)


def measured(design: Design, rng: Generator, samples: int, *, patient: bool = True) -> Cell:
    """Draw a cell; ``patient`` goes on while it is undecided."""
    cell = Cell(design.name, design.people, design.truth)
    cell.add(design.draw(rng, samples))
    drawn = samples
    while patient and not cell.is_decided() and drawn < design.most:
        more = min(drawn, design.most - drawn)
        for start in range(0, more, AT_ONCE):
            cell.add(design.draw(rng, min(AT_ONCE, more - start)))
        drawn += more
    return cell


def report(title: str, cells: Iterator[Cell], tally: Tally) -> None:
    """Print one table."""
    print(f"\n## {title}\n")
    for number, cell in enumerate(cells):
        if number == 0:
            print(f"| population | people | {' | '.join(cell.counts)} |")
            print("|---|---|" + "---|" * len(cell.counts))
        tally.add(title, cell)
        shown = " | ".join(_words(cell, method) for method in cell.counts)
        print(f"| {cell.name} | {', '.join(map(str, cell.people))} | {shown} |", flush=True)


def _words(cell: Cell, method: str) -> str:
    covered, width, given = cell.coverage(method)
    often = "" if given > 0.9995 else f", given {given:.0%}"
    return f"{covered:.1%}{cell.flag(method)} ({width:.2f}{often})"


def tables(
    *, quick: bool, invented: int = 0, seed: int = 1
) -> Iterator[tuple[str, Iterator[Design]]]:
    """All tables; ``quick`` leaves out most sizes, ``invented`` adds so many populations."""
    people = (5, 10, 25) if quick else PEOPLE
    sizes = [(3, 10), (9, 40)] if quick else [(m, c) for m in MANAGERS for c in CUSTOMERS]
    yield "mean of one item", mean_designs(people)
    yield "P-E of one item", paired_designs(people)
    yield "M-E of one item", group_designs(sizes)
    yield "D-E of one item", group_designs(list(STAFF_AND_CUSTOMERS), smaller="D")
    for items, asked in DESIGNS:
        title = f"{items} items, customers asked {asked}"
        yield title, level_designs(items=items, asked=asked, quick=quick)
    for title, designs in {
        "mean": invented_means,
        "P-E": invented_pairs,
        "two groups": invented_groups,
    }.items():
        if invented:
            yield f"{title}, invented", designs(np.random.default_rng(seed), invented)


def main() -> None:
    """Print all tables and the cells outside."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--samples", type=int, default=2500, help="of a cell, to begin with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="fewer sizes")
    parser.add_argument("--invented", type=int, default=0, help="populations drawn by lot")
    parser.add_argument("--only", default="", help="tables whose title has this in it")
    options = parser.parse_args()
    tally = Tally()
    chosen = tables(quick=options.quick, invented=options.invented, seed=options.seed)
    for number, (title, designs) in enumerate(chosen):
        if options.only in title:
            rng = np.random.default_rng([options.seed, number])
            cells = (measured(own, rng, options.samples) for own in designs)
            report(title, cells, tally)
    print()
    print("\n".join(tally.lines()))


if __name__ == "__main__":
    main()
