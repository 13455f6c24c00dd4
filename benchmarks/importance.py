"""How often the intervals of importance hold the truth, by each way of asking; and of shares.

    .venv/bin/python -m benchmarks.importance [--samples 1000] [--seed 1]

Customers share out points, or tap the most and the least important of some dimensions; or how much
satisfaction hangs on each dimension is derived from ratings with a ceiling. Prints, per number of
people, the share of nominal 95 % intervals that hold the truth (lowest and highest over the
dimensions) and their mean width, in points of 100.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gapengine.importance import (
    PUBLISHED,
    Taps,
    derived_from_rows,
    derived_importance,
    stated_by_points,
    stated_by_taps,
)
from gapengine.importance.derived import lmg_parts
from gapengine.shares import net_promoter

FIVE = tuple(PUBLISHED)
TRUTH = np.array(list(PUBLISHED.values()))
STEEP = np.array([0.5, 0.2, 0.15, 0.1, 0.05])
FloatArray = NDArray[np.float64]


class Interval(NamedTuple):
    """Bounds of the five shares from one sample."""

    low: FloatArray
    high: FloatArray


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    print("| asked | people | coverage, lowest to highest | mean width |")
    print("|---|---|---|---|")
    for name, truth, draw in _ways(rng):
        for people in (30, 50, 100, 300):
            print(_row(name, people, _measured(truth, draw, people, samples=asked.samples)))
    print("\n| promoters, passives, detractors (%) | people | plain | adjusted |")
    print("|---|---|---|---|")
    for parts in ([70, 20, 10], [90, 8, 2], [40, 30, 30]):
        for people in (5, 10, 30, 100):
            print(_net_row(rng, parts, people))


def _ways(rng: Generator) -> Iterator[tuple[str, FloatArray, Callable[[int], Interval]]]:
    yield "points, alike", TRUTH, lambda n: _points(rng, n, spread=20)
    yield "points, of many minds", TRUTH, lambda n: _points(rng, n, spread=4)
    for truth, shape in ((TRUTH, "even"), (STEEP, "steep")):
        for shown in (5, 3):
            name = f"taps, {shown} of 5 shown, {shape}"
            yield name, truth, lambda n, t=truth, s=shown: _taps(rng, n, t, s)  # type: ignore[misc]
    rated, content = _people(rng, 300_000)
    parts = lmg_parts(np.cov(np.column_stack([rated, content]).T))
    truth = parts / parts.sum()
    yield "derived, from rows", truth, lambda n: _derived(rng, n, rows=True)
    yield "derived, from a matrix", truth, lambda n: _derived(rng, n, rows=False)


def _points(rng: Generator, n: int, *, spread: float) -> Interval:
    stated = stated_by_points(rng.dirichlet(spread * TRUTH, n), FIVE)
    return Interval(stated.low, stated.high)


def _taps(rng: Generator, n: int, truth: FloatArray, at_once: int) -> Interval:
    """Choices of the model itself: Gumbel noise on log weights, most first, then least."""
    shown = np.zeros((n, 5), bool)
    np.put_along_axis(shown, np.argsort(rng.random((n, 5)), axis=1)[:, :at_once], True, axis=1)
    most = np.where(shown, np.log(truth) + rng.gumbel(size=(n, 5)), -np.inf).argmax(axis=1)
    left = shown.copy()
    left[np.arange(n), most] = False
    least = np.where(left, rng.gumbel(size=(n, 5)) - np.log(truth), -np.inf).argmax(axis=1)
    stated = stated_by_taps(Taps.of(most, least, dimensions=5, shown=shown), FIVE)
    return Interval(stated.low, stated.high)


def _people(rng: Generator, n: int) -> tuple[FloatArray, FloatArray]:
    """Five related ratings and overall satisfaction, rounded and cut to 1..7."""
    rated = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, 5))
    content = rated @ np.array([0.5, 0.35, 0.25, 0.15, 0.05]) + 0.8 * rng.normal(size=n)
    return np.clip(np.rint(5.5 + 1.2 * rated), 1, 7), np.clip(np.rint(5.5 + content), 1, 7)


def _derived(rng: Generator, n: int, *, rows: bool) -> Interval:
    rated, content = _people(rng, n)
    if rows:
        found = derived_from_rows(rated, content, FIVE)
    else:
        found = derived_importance(np.cov(np.column_stack([rated, content]).T), FIVE, n=n)
    return Interval(found.low, found.high)


def _measured(
    truth: FloatArray, draw: Callable[[int], Interval], people: int, *, samples: int
) -> tuple[FloatArray, float]:
    drawn = [draw(people) for _ in range(samples)]
    low, high = np.array([d.low for d in drawn]), np.array([d.high for d in drawn])
    known = np.isfinite(low).all(axis=1)
    held = ((low <= truth) & (truth <= high))[known].mean(axis=0)
    return held, float((high - low)[known].mean())


def _row(name: str, people: int, found: tuple[FloatArray, float]) -> str:
    held, width = found
    return (
        f"| {name} | {people} | {100 * held.min():.1f} to {100 * held.max():.1f} % "
        f"| {100 * width:.0f} |"
    )


def _net_row(rng: Generator, parts: list[int], people: int) -> str:
    counts = rng.multinomial(people, np.array(parts) / 100, size=20_000)
    found = net_promoter(counts[:, 0], counts[:, 1], counts[:, 2])
    truth = parts[0] - parts[2]
    plain = (np.abs(found.estimate - truth) <= 1.959964 * found.se + 1e-9).mean()
    adjusted = ((found.low <= truth) & (truth <= found.high)).mean()
    words = ", ".join(str(part) for part in parts)
    return f"| {words} | {people} | {100 * plain:.1f} % | {100 * adjusted:.1f} % |"


if __name__ == "__main__":
    main()
