"""How often nominal 95 % intervals hold the truth: plain and corrected errors, real forms.

    .venv/bin/python -m benchmarks.coverage [--units 1500] [--seed 1]

Simulates units that answer the shipped questionnaires' own forms, analyses them with both kinds of
standard errors, and prints coverage and mean width per gap, and per mean of a vantage point.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bot.surveys.check import load
from gapengine.allocation import form_for
from gapengine.disclosure import MINIMUM
from gapengine.estimate import Figures, Pair, figures
from gapengine.folding import fold_blocks
from gapengine.intervals import Errors, Method
from gapengine.levels import FloatArray, Levels
from gapengine.moments import Moments
from gapengine.simulate import Asks, simulate_forms
from gapengine.stacking import Stacked, stack
from gapengine.vantage import Group, Vantage, group_of

FILES = Path(__file__).parents[1] / "templates" / "questionnaires"
NAMES = {Group.CUSTOMER: "customers", Group.STAFF: "staff", Group.MANAGER: "managers"}
SIZES = ((15, 6, 4), (30, 12, 6), (60, 20, 8), (200, 40, 12))
ROTATION = 400
SEEDS = 6
E, M, S, D, C, P = Vantage
SHOWN: tuple[Pair, ...] = ((P, E), (D, S), (S, M), (M, E), (P, D), (D, E), (D, C))
Points = tuple[Vantage, ...]
ROWS: tuple[Points, ...] = (*SHOWN, (E,), (P,), (D,), (S,))
"""Gaps, and means of single points."""
MEANS = {E: 6.2, M: 5.9, S: 5.5, D: 5.4, C: 5.7, P: 5.0}

Truth = Mapping[Vantage, Mapping[str, float]]


class Company:
    """The shipped questionnaires as forms, and what its people truly think."""

    def __init__(self) -> None:
        papers = {group: load(FILES / f"{name}.yaml") for group, name in NAMES.items()}
        self.items = papers[Group.CUSTOMER].dimensions
        self.levels = Levels.of(self.items)
        self.forms: dict[Group, list[list[Asks]]] = {
            group: [
                [
                    form_for(paper.blueprint(), seed=seed, sequence=number).asks
                    for number in range(ROTATION)
                ]
                for seed in range(SEEDS)
            ]
            for group, paper in papers.items()
        }

    def truth(self, shift: float = 0.0) -> Truth:
        """Dimensions differ by up to half a point, for each point of view in another way."""
        dimensions = self.levels.dimensions
        return {
            vantage: {
                name: mean + 0.125 * ((k + place) % 5 - 2) * (1 if vantage is E else 2) + moved
                for k, name in enumerate(dimensions)
            }
            for place, (vantage, mean) in enumerate(MEANS.items())
            for moved in [shift if vantage is P else 0.0]
        }

    def units(
        self, rng: Generator, truth: Truth, group: Group, *, runs: int, starts: Sequence[int]
    ) -> list[Moments]:
        """Moments of one unit per start; a unit answers the next ``runs`` forms from there."""
        forms = self.forms[group]
        asked = [
            forms[k % SEEDS][(start + number) % ROTATION]
            for k, start in enumerate(starts)
            for number in range(runs)
        ]
        drawn = simulate_forms(rng, truth=truth, items=self.items, forms={group: asked})
        answers = drawn[group].answers
        blocks = fold_blocks(group, self.items, answers, block=answers.respondent // runs)
        return [blocks[k] for k in range(len(starts))]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--units", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng, company = np.random.default_rng(options.seed), Company()
    print_coverage(company, rng, options.units)


def print_coverage(company: Company, rng: Generator, units: int) -> None:
    """Print coverage and mean width, linearised and corrected, overall and by dimension."""
    print(f"Coverage of nominal 95 % intervals, {units} units per row; (mean width in points)\n")
    print("| customers, staff, managers | figure | overall: linearised | corrected |", end="")
    print(" dimension: linearised | corrected | corrected known |\n|---|---|---|---|---|---|---|")
    for sizes in SIZES:
        runs = dict(zip(NAMES, sizes, strict=True))
        stacked = {
            group: stack(
                group,
                company.units(
                    rng,
                    company.truth(),
                    group,
                    runs=many,
                    starts=rng.integers(0, ROTATION, units).tolist(),
                ),
                company.levels,
            )
            for group, many in runs.items()
        }
        both = {errors: figures(stacked, method=Method(errors=errors)) for errors in Errors}
        for points in ROWS:
            cells = [
                _cell(_limits(both[errors], points), _truth(company, stacked, points), part)
                for part in (slice(0, 1), slice(1, company.levels.upper))
                for errors in Errors
            ]
            known = f"{cells[1][1]:.0%} / {cells[3][1]:.0%}"
            row = " | ".join(cell[0] for cell in cells)
            print(f"| {', '.join(map(str, sizes))} | {'-'.join(points)} | {row} | {known} |")


def _limits(raw: Figures, points: Points) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Both ends, and where a figure has people enough to be told."""
    figure = raw.cells[points[0]] if len(points) == 1 else raw.gaps[points[0], points[1]]
    told = [raw.cells[point].respondents >= MINIMUM[group_of(point)] for point in points]
    return figure.low, figure.high, np.logical_and.reduce(told)


def _truth(company: Company, stacked: Mapping[Group, Stacked], points: Points) -> FloatArray:
    """The true mean, or difference of two, over the items each unit was asked."""
    levels, truth, true = company.levels, company.truth(), []
    for point in points:
        asked = stacked[group_of(point)].answers[point] > 0
        values = np.array([truth[point][name] for name in company.items.values()])
        true.append(levels.shares(asked) @ values)
    wanted: FloatArray = true[0] if len(true) == 1 else true[0] - true[1]
    return wanted


def _cell(
    limits: tuple[FloatArray, FloatArray, NDArray[np.bool_]], truth: FloatArray, part: slice
) -> tuple[str, float]:
    """Coverage and width in words, and the share of released figures that have an interval."""
    low, high, told = (one[:, part] for one in limits)
    true, known = truth[:, part], told & np.isfinite(low)
    if known.sum() < 100:
        return "too few", known.sum() / max(1, told.sum())
    inside = (low <= true + 1e-9) & (true - 1e-9 <= high)
    width = (high - low)[known].mean()
    return f"{inside[known].mean():.1%} ({width:.2f})", known.sum() / told.sum()


if __name__ == "__main__":
    main()
