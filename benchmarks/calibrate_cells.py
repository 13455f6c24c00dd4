"""The cells of the calibration: populations and sizes, and how samples of them are drawn.

``calibrate.py`` draws from them until their coverage is known well enough.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator

from gapengine.estimate import figures
from gapengine.histogram import bootstrap_limits
from gapengine.intervals import Bounds, Errors, Method, Part, Spread, added
from gapengine.levels import FloatArray, Levels
from gapengine.limits import Limits, Steadied, Told, gap_limits, mean_limits, plain_limits, steadied
from gapengine.populations import (
    SCORES,
    chances,
    draw_scores,
    joint_chances,
    leave_out,
    stacked_scores,
    true_mean,
)
from gapengine.vantage import GROUPS, Group, Vantage, group_of

PEOPLE = (5, 6, 8, 10, 15, 25, 50, 100, 200)
MANAGERS, CUSTOMERS = (3, 5, 9), (10, 40, 200)
STAFF_AND_CUSTOMERS = ((6, 12), (12, 25), (20, 60), (40, 200))
SHAPES = ("uniform", "mild skew", "skewed", "ceiling", "strong ceiling", "bimodal")
EXPECTED = ("uniform", "mild skew", "ceiling", "strong ceiling", "bimodal")
PERCEIVED = ("skewed", "mild skew", "bimodal", "ceiling")
BELIEFS = ("agreeing", "spread", "ceiling", "bimodal")
CORRELATIONS = (0.0, 0.4, 0.8)
CHECKED = Method()
DIFFERENCES = np.arange(-6.0, 7.0)
DIMENSIONS = (
    ("ceiling", "skewed", "agreeing", "spread"),
    ("strong ceiling", "mild skew", "agreeing", "spread"),
    ("mild skew", "bimodal", "agreeing", "spread"),
    ("strong ceiling", "mild skew", "ceiling", "bimodal"),
)
"""Populations of E, P, M and S."""

DESIGNS = ((2, 2), (4, 4), (5, 2), (22, 2))
"""Items of a level, and how many of them each customer is asked."""

LEVEL_SIZES = ((3, 10), (5, 25), (9, 50), (12, 200))
LEVEL_POINTS = (Vantage.EXPECTED, Vantage.PERCEIVED, Vantage.BELIEVED, Vantage.SPECIFIED)
LEVEL_PAIRS = (
    (Vantage.PERCEIVED, Vantage.EXPECTED),
    (Vantage.BELIEVED, Vantage.EXPECTED),
    (Vantage.SPECIFIED, Vantage.BELIEVED),
)
MOST_ITEM, MOST_LEVEL = 40_000, 10_000
"""Samples after which a cell is left undecided."""

ANSWERS_AT_ONCE = 1_000_000

BOOTSTRAPPED = 500
"""Samples of a portion whose bootstrap is computed."""

Intervals = dict[str, tuple[FloatArray, FloatArray, FloatArray]]
"""Method to estimate, low and high of each sample."""


@dataclass(frozen=True)
class Design:
    """One population and size: its truth, and how samples are drawn from it."""

    name: str
    people: tuple[int, ...]
    truth: float
    draw: Callable[[Generator, int], Intervals]
    most: int = MOST_ITEM


def told_of(histogram: FloatArray) -> Told:
    """Samples of one item, shape (samples, 7), as one level."""
    people = histogram.sum(axis=1)
    mean = histogram @ SCORES / people
    squares = (histogram * (SCORES - mean[:, None]) ** 2).sum(axis=1)
    variance = squares / (people * (people - 1))
    mean, variance, people = mean[:, None], variance[:, None], people[:, None]
    several = np.zeros(mean.shape, dtype=np.bool_)
    return Told(mean, variance, people - 1, people, several)


def _sided(told: Told) -> tuple[Told, Steadied]:
    return told, steadied(told, confidence=CHECKED.confidence)


def _unless_none(spread: Spread) -> Spread:
    """A sample without any spread has no t interval."""
    return Spread(np.where(spread.se > 1e-9, spread.se, np.nan), spread.df)


def _named(estimate: FloatArray, **limits: Limits) -> Intervals:
    return {name: (estimate[:, 0], own.low[:, 0], own.high[:, 0]) for name, own in limits.items()}


def _bootstrap(
    estimate: FloatArray, histogram: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Exact percentile bootstrap of the first samples: it costs a hundred times the others."""
    low, high = bootstrap_limits(histogram[:BOOTSTRAPPED], values)
    return estimate[:BOOTSTRAPPED, 0], low, high


def mean_designs(people: tuple[int, ...]) -> Iterator[Design]:
    """One vantage point of one item."""
    for name in SHAPES:
        for many in people:
            yield mean_design(name, chances(name), many)


def mean_design(name: str, chance: FloatArray, many: int) -> Design:
    """So many people asked one point of one item."""
    return Design(name, (many,), float(chance @ SCORES), partial(_draw_mean, chance, many))


def _draw_mean(chance: FloatArray, many: int, rng: Generator, samples: int) -> Intervals:
    drawn = rng.multinomial(many, chance, size=samples).astype(np.float64)
    told = told_of(drawn)
    spread = _unless_none(Spread(np.sqrt(told.variance), told.df))
    t = plain_limits(told.mean, spread, confidence=CHECKED.confidence)
    found = _named(told.mean, t=t, checked=mean_limits(told, method=CHECKED))
    return found | {"bootstrap": _bootstrap(told.mean, drawn, SCORES)}


def paired_designs(people: tuple[int, ...]) -> Iterator[Design]:
    """P-E of one item, told by the same people."""
    for first, second in ((e, p) for e in EXPECTED for p in PERCEIVED):
        for correlation in CORRELATIONS:
            chance = joint_chances(first, second, correlation)
            for many in people:
                yield paired_design(f"E {first}, P {second}, r {correlation}", chance, many)


def paired_design(name: str, chance: FloatArray, many: int) -> Design:
    """So many people asked E and P of one item; ``chance`` has shape (7 of E, 7 of P)."""
    truth = float(chance.sum(axis=0) @ SCORES - chance.sum(axis=1) @ SCORES)
    return Design(name, (many,), truth, partial(_draw_paired, chance, many))


def _draw_paired(chance: FloatArray, many: int, rng: Generator, samples: int) -> Intervals:
    table = rng.multinomial(many, chance.ravel(), size=samples).reshape(samples, 7, 7)
    return paired_intervals(table.astype(np.float64))


def paired_intervals(table: FloatArray) -> Intervals:
    """Intervals of P-E for samples of pairs, shape (samples, 7 scores of E, 7 of P)."""
    mean, differences, limits = paired_limits(table)
    return _named(mean, **limits) | {"bootstrap": _bootstrap(mean, differences, DIFFERENCES)}


def paired_limits(table: FloatArray) -> tuple[FloatArray, FloatArray, dict[str, Limits]]:
    """P-E of samples of pairs, the histogram of their differences, and limits of each method."""
    apart = (SCORES[None, :] - SCORES[:, None]).astype(np.int64) + 6
    differences = np.stack([table[:, apart == k].sum(axis=1) for k in range(13)], axis=1)
    perceived, expected = told_of(table.sum(axis=1)), told_of(table.sum(axis=2))
    people, mean = perceived.people, perceived.mean - expected.mean
    squares = (differences * (DIFFERENCES - mean) ** 2).sum(axis=1, keepdims=True)
    spread = Spread(np.sqrt(squares / (people * (people - 1))), people - 1)
    t = plain_limits(mean, _unless_none(spread), confidence=CHECKED.confidence)
    sides = _sided(perceived), _sided(expected)
    chosen = gap_limits(*sides, spread, together=True, method=CHECKED)
    return mean, differences, {"t": t, "checked": chosen}


def group_designs(sizes: list[tuple[int, int]], *, smaller: str = "M") -> Iterator[Design]:
    """M-E (or D-E) of one item: two groups of people."""
    for first, expected in ((m, e) for m in BELIEFS for e in EXPECTED):
        for size in sizes:
            name = f"{smaller} {first}, E {expected}"
            yield group_design(name, (chances(first), chances(expected)), size)


def group_design(name: str, pair: tuple[FloatArray, FloatArray], sizes: tuple[int, int]) -> Design:
    """Two groups of people asked one point each."""
    truth = float(pair[0] @ SCORES - pair[1] @ SCORES)
    return Design(name, sizes, truth, partial(_draw_groups, pair, sizes))


def _draw_groups(
    pair: tuple[FloatArray, FloatArray], sizes: tuple[int, int], rng: Generator, samples: int
) -> Intervals:
    one, two = (
        rng.multinomial(many, chance, size=samples).astype(np.float64)
        for chance, many in zip(pair, sizes, strict=True)
    )
    mean, limits = group_limits(one, two)
    return _named(mean, **limits)


def group_limits(one: FloatArray, two: FloatArray) -> tuple[FloatArray, dict[str, Limits]]:
    """Gaps between two groups of given histograms, shape (samples, 7), with their limits."""
    left, right = _sided(told_of(one)), _sided(told_of(two))
    spread = added(Part(left[0].variance, left[0].df), Part(right[0].variance, right[0].df))
    mean = left[0].mean - right[0].mean
    t = plain_limits(mean, _unless_none(spread), confidence=CHECKED.confidence)
    return mean, {
        "t": t,
        "checked": gap_limits(left, right, spread, together=False, method=CHECKED),
    }


@dataclass(frozen=True)
class LevelDraw:
    """A gap over several items; customers are asked some of them, managers all."""

    shapes: dict[Vantage, str]
    size: dict[Group, int]
    items: int
    asked: int
    pair: tuple[Vantage, Vantage]

    def __call__(self, rng: Generator, samples: int) -> Intervals:
        """Draw in portions that fit into memory."""
        at_once = max(1, ANSWERS_AT_ONCE // (max(self.size.values()) * self.items))
        portions = [min(at_once, samples - start) for start in range(0, samples, at_once)]
        parts = [self._some(rng, many) for many in portions]
        found = {}
        for name in parts[0]:
            estimate, low, high = (
                np.concatenate(own) for own in zip(*(part[name] for part in parts), strict=True)
            )
            found[name] = estimate, low, high
        return found

    def _some(self, rng: Generator, samples: int) -> Intervals:
        """With complete answers errors are those of textbooks, with missing ones corrected."""
        levels = Levels.of({f"item{k}": "dimension" for k in range(self.items)})
        errors = Errors.LINEARISED if self.asked == self.items else Errors.CORRECTED
        groups = {
            group: stacked_scores(group, levels, self._answers(rng, group, samples))
            for group in Group
        }
        found = {}
        for bounds in Bounds:
            raw = figures(groups, method=Method(errors=errors, bounds=bounds)).gaps[self.pair]
            found[bounds.value] = raw.estimate[:, 1], raw.low[:, 1], raw.high[:, 1]
        return found

    def _answers(self, rng: Generator, group: Group, samples: int) -> dict[Vantage, FloatArray]:
        """Answers of those of the group's points that the gap needs; nobody's elsewhere."""
        own = [v for v in self.pair if group_of(v) is group]
        size = samples, self.size.get(group, 1), self.items
        if not own:
            return {GROUPS[group][0]: np.full(size, np.nan)}
        together = 0.4 if group is Group.CUSTOMER else 0.0
        told = draw_scores(rng, [self.shapes[v] for v in own], size=size, correlation=together)
        if group is Group.CUSTOMER and self.asked < self.items:
            told = leave_out(rng, told, asked=self.asked)
        return {v: told[:, :, k] for k, v in enumerate(own)}


def level_designs(*, items: int, asked: int, quick: bool) -> Iterator[Design]:
    """A dimension of some items of which each customer is asked a few; managers are asked all."""
    for shapes in DIMENSIONS[: 1 if quick else None]:
        names = dict(zip(LEVEL_POINTS, shapes, strict=True))
        for managers, customers in LEVEL_SIZES[: 2 if quick else None]:
            size = {Group.MANAGER: managers, Group.CUSTOMER: customers}
            for a, b in LEVEL_PAIRS:
                yield Design(
                    f"{a} {names[a]}, {b} {names[b]}",
                    tuple(size[group] for group in dict.fromkeys((group_of(a), group_of(b)))),
                    true_mean(names[a]) - true_mean(names[b]),
                    LevelDraw(names, size, items=items, asked=asked, pair=(a, b)),
                    most=MOST_LEVEL,
                )
