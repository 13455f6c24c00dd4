"""Populations that nobody named: cells of the calibration beyond those it always has.

Each is drawn by lot: a normal crowd cut into scores, two such crowds mixed, or beta-binomial
scores; the correlation of E and P lies between -0.3 and 0.95. They show how far the coverage
of ``calibrate.py`` holds for shapes that were not looked at.
"""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from scipy.special import ndtr
from scipy.stats import betabinom

from benchmarks.calibrate_cells import Design, group_design, mean_design, paired_design
from gapengine.levels import FloatArray
from gapengine.populations import SCORES, joined

PEOPLE = (5, 6, 8, 10, 15, 25, 50)
SIZES = ((5, 10), (5, 40), (6, 12), (8, 20), (9, 40), (12, 25), (12, 200), (20, 60))


def invented(rng: Generator) -> FloatArray:
    """Chances of the scores 1 to 7 in a population drawn by lot."""
    kind = rng.integers(3)
    if kind == 0:
        return _crowd(rng.uniform(3.5, 8.0), rng.uniform(0.6, 2.5))
    if kind == 1:
        share = rng.uniform(0.1, 0.9)
        happy = _crowd(rng.uniform(4.5, 8.0), rng.uniform(0.6, 1.5))
        angry = _crowd(rng.uniform(1.0, 5.0), rng.uniform(0.6, 2.0))
        return share * happy + (1 - share) * angry
    mean, alike = rng.uniform(0.45, 0.93), rng.uniform(0.8, 12.0)
    found: FloatArray = betabinom.pmf(np.arange(7), 6, mean * alike, (1 - mean) * alike)
    found /= found.sum()
    return found


def _crowd(mean: float, deviation: float) -> FloatArray:
    """Normal opinions told to the nearest score."""
    below = ndtr((np.arange(1.5, 7.0) - mean) / deviation)
    shares: FloatArray = np.diff(below, prepend=0.0, append=1.0)
    return shares


def invented_means(rng: Generator, many: int) -> Iterator[Design]:
    """One point of one item, each population at one size."""
    for _ in range(many):
        chance = invented(rng)
        yield mean_design(_words(chance), chance, int(rng.choice(PEOPLE)))


def invented_pairs(rng: Generator, many: int) -> Iterator[Design]:
    """P-E of one item, each population at one size."""
    for _ in range(many):
        expected, perceived = invented(rng), invented(rng)
        r = round(rng.uniform(-0.3, 0.95), 2)
        name = f"E {_words(expected)}, P {_words(perceived)}, r {r}"
        yield paired_design(name, joined(expected, perceived, r), int(rng.choice(PEOPLE)))


def invented_groups(rng: Generator, many: int) -> Iterator[Design]:
    """A gap between two groups, each pair of populations at one size."""
    for _ in range(many):
        one, two = invented(rng), invented(rng)
        sizes = SIZES[rng.integers(len(SIZES))]
        yield group_design(f"{_words(one)} less {_words(two)}", (one, two), sizes)


def _words(chance: FloatArray) -> str:
    mean = float(chance @ SCORES)
    return f"mean {mean:.1f} sd {np.sqrt(chance @ (SCORES - mean) ** 2):.1f}"
