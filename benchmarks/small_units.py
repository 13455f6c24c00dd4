"""Measure shrinkage: error and coverage of raw and shrunken figures of small units.

    python -m benchmarks.small_units [--seed N]

Units of one parent have true gaps spread normally around -0.5; each asks between 5 and 40 people,
whose differences have a standard deviation of 1.2. The variance of a unit's mean is estimated from
its own people, as in a report. Printed are the root mean square error of the raw and the shrunken
gap (Paule-Mandel, DerSimonian-Laird), the share of nominal 95 % intervals that hold the truth,
their mean width, and how often the unit called worst by its raw gap is the worst.
"""

import argparse

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gapengine.pooling import Pooled, Rule, pool, ranks

SPREADS = (0.0, 0.15, 0.3, 0.6, 1.2)
UNITS = (3, 5, 10, 30)
REPEATS = 4000
PERSON = 1.2
CENTRE = -0.5


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    rng = np.random.default_rng(parser.parse_args().seed)
    print("| units | true spread | error raw | PM | DL | raw covers (width) | PM | DL "
          "| raw worst is worst | P(worst) said |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|")
    for units in UNITS:
        for spread in SPREADS:
            print(_line(rng, units, spread))


def _line(rng: Generator, units: int, spread: float) -> str:
    truth = CENTRE + spread * rng.standard_normal((units, REPEATS))
    people = rng.integers(5, 41, (units, REPEATS)).astype(np.float64)
    mean = truth + PERSON * rng.standard_normal(truth.shape) / np.sqrt(people)
    variance = PERSON**2 * rng.chisquare(people - 1) / (people - 1) / people
    parent = np.zeros(units, dtype=np.int64)
    df = people - 1
    shrunk = [pool(mean, variance, parent=parent, df=df, rule=rule) for rule in Rule]
    raw = pool(mean, variance, parent=np.full(units, -1), df=df)
    cells = [str(units), str(spread)]
    cells += [f"{np.sqrt(np.mean((one.shrunken - truth) ** 2)):.2f}" for one in (raw, *shrunk)]
    cells += [_coverage(one, truth) for one in (raw, *shrunk)]
    first = mean.argmin(axis=0)
    right = "-" if spread == 0 else f"{100 * np.mean(first == truth.argmin(axis=0)):.0f} %"
    said = ranks(shrunk[0]).worst[first, np.arange(REPEATS)].mean()
    return "| " + " | ".join((*cells, right, f"{100 * said:.0f} %")) + " |"


def _coverage(one: Pooled, truth: NDArray[np.float64]) -> str:
    held = np.mean((one.low <= truth) & (truth <= one.high))
    return f"{100 * held:.1f} % ({np.mean(one.high - one.low):.2f})"


if __name__ == "__main__":
    main()
