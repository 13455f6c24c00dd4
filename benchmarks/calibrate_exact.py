"""How often the chosen intervals of the smallest groups hold the truth, with nothing drawn by lot.

    .venv/bin/python -m benchmarks.calibrate_exact

Five pairs of answers can turn out in 2,869,685 ways, ten answers in 8,008. Here every way is listed
with its chance, for the populations of ``calibrate``: the coverage told is exact, and the same in
every run. The last column says by which factor the intervals could be stretched without leaving the
target; or, where the coverage jumps over it, where it does and how far.
"""

from collections.abc import Iterator
from itertools import combinations, combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from benchmarks.calibrate import remedy, stretch, wanted
from benchmarks.calibrate_cells import (
    BELIEFS,
    CHECKED,
    CORRELATIONS,
    EXPECTED,
    PERCEIVED,
    SHAPES,
    group_limits,
    paired_limits,
    told_of,
)
from gapengine.levels import FloatArray
from gapengine.limits import Limits, mean_limits
from gapengine.populations import SCORES, chances, joint_chances, true_mean

PAIRS = 5
MEANS = (5, 6, 8, 10, 15, 25)
GROUPS = ((3, 10), (5, 10), (6, 12), (9, 10))
AT_ONCE = 100_000

Line = tuple[str, str, str, float, float, str]
"""Kind of figure, population, people, coverage by t and by the chosen limits, remedy."""


def main() -> None:
    """Print one table, and how many cells lie outside."""
    print("| kind of figure | population | people | t | chosen | inside if stretched |")
    print("|---|---|---|---|---|---|")
    outside = cells = 0
    for kind, population, people, t, chosen, factor in lines():
        low, high = wanted(min(map(int, people.split(", "))))
        inside = low <= chosen <= high
        cells, outside = cells + 1, outside + (not inside)
        shown = f"{t:.2%} | {chosen:.2%}{'' if inside else ' *'}"
        print(f"| {kind} | {population} | {people} | {shown} | {factor} |", flush=True)
    print(f"\n{outside} of {cells} cells outside the target (marked *).")


def lines() -> Iterator[Line]:
    """All cells."""
    for people in MEANS:
        yield from mean_lines(people)
    for sizes in GROUPS:
        yield from group_lines(sizes)
    yield from paired_lines()


def mean_lines(people: int) -> Iterator[Line]:
    """A single mean: t is not listed."""
    samples = histograms(people)
    told = told_of(samples)
    limits = mean_limits(told, method=CHECKED)
    for name in SHAPES:
        likely = likelihood(samples, chances(name))
        found = _told(told.mean, limits, likely, truth=true_mean(name), people=people)
        yield "mean", name, str(people), np.nan, *found


def group_lines(sizes: tuple[int, int]) -> Iterator[Line]:
    """Gaps between two groups; samples of one mean and variance count as one."""
    sides = [Side(many) for many in sizes]
    shape = tuple(len(side.samples) for side in sides)
    one, two = (place.ravel() for place in np.indices(shape))
    mean, limits = group_limits(sides[0].samples[one], sides[1].samples[two])
    for first, expected in ((m, e) for m in BELIEFS for e in EXPECTED):
        both = [side.likely(name) for side, name in zip(sides, (first, expected), strict=True)]
        likely = np.outer(*both).ravel()
        truth = true_mean(first) - true_mean(expected)
        t = held(limits["t"], truth) @ likely
        found = _told(mean, limits["checked"], likely, truth=truth, people=min(sizes))
        yield "M-E", f"M {first}, E {expected}", ", ".join(map(str, sizes)), float(t), *found


def paired_lines() -> Iterator[Line]:
    """P-E of five people."""
    ways = np.array(list(combinations_with_replacement(range(49), PAIRS)), dtype=np.int8)
    again = np.stack([ways == ways[:, [k]] for k in range(PAIRS)]).sum(axis=2)
    orders = np.round(120 / np.exp(np.sum(gammaln(again + 1.0) / again, axis=0)))
    parts = [_paired_part(ways[start : start + AT_ONCE]) for start in range(0, len(ways), AT_ONCE)]
    mean, *ends = (np.concatenate(own) for own in zip(*parts, strict=True))
    t, checked = (Limits(low, high, low) for low, high in (ends[:2], ends[2:]))
    for first, second in ((e, p) for e in EXPECTED for p in PERCEIVED):
        for correlation in CORRELATIONS:
            joint = joint_chances(first, second, correlation)
            likely = orders * np.prod(joint.ravel()[ways], axis=1)
            truth = float(joint.sum(axis=0) @ SCORES - joint.sum(axis=1) @ SCORES)
            found = _told(mean, checked, likely, truth=truth, people=PAIRS)
            name = f"E {first}, P {second}, r {correlation}"
            yield "P-E", name, str(PAIRS), float(held(t, truth) @ likely), *found


def _paired_part(ways: NDArray[np.int8]) -> tuple[FloatArray, ...]:
    table = np.zeros((len(ways), 49))
    for own in ways.T:
        table[np.arange(len(ways)), own] += 1
    mean, _, limits = paired_limits(table.reshape(-1, 7, 7))
    return mean, *(end for own in limits.values() for end in (own.low, own.high))


class Side:
    """All samples of a group, those of one mean and variance taken together."""

    def __init__(self, people: int) -> None:
        """List them."""
        self._all = histograms(people)
        moments = self._all @ np.stack([SCORES, SCORES**2], axis=1)
        _, first, self._place = np.unique(moments, axis=0, return_index=True, return_inverse=True)
        self.samples = self._all[first]

    def likely(self, name: str) -> FloatArray:
        """Chance of each in a named population."""
        likely = np.bincount(self._place.ravel(), likelihood(self._all, chances(name)))
        return likely.astype(np.float64)


def histograms(people: int) -> FloatArray:
    """All ways in which so many people may choose among seven scores, shape (ways, 7)."""
    bars = np.array(list(combinations(range(people + 6), 6)))
    ends = np.full((len(bars), 1), people + 6)
    found: FloatArray = np.diff(np.hstack([bars, ends]), axis=1, prepend=-1) - 1.0
    return found


def likelihood(samples: FloatArray, chance: FloatArray) -> FloatArray:
    """Chance of each histogram where the scores have the given chances."""
    ways = gammaln(samples.sum(axis=1) + 1) - gammaln(samples + 1).sum(axis=1)
    found: FloatArray = np.exp(ways) * np.prod(chance**samples, axis=1)
    return found


def held(limits: Limits, truth: float) -> NDArray[np.bool_]:
    """Which intervals hold the truth; one that is not given holds nothing."""
    found: NDArray[np.bool_] = (limits.low <= truth + 1e-9) & (truth - 1e-9 <= limits.high)
    return found.ravel()


def _told(
    mean: FloatArray, limits: Limits, likely: FloatArray, *, truth: float, people: int
) -> tuple[float, str]:
    """Coverage of the chosen limits, and what would bring it inside."""
    factors = stretch(mean.ravel(), limits.low.ravel(), limits.high.ravel(), truth=truth)
    return float(held(limits, truth) @ likely), remedy(factors, likely, wanted(people))


if __name__ == "__main__":
    main()
