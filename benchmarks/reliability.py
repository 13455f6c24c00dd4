"""Measure Feldt's interval of alpha where everyone answers all items, and where each answers some.

    python -m benchmarks.reliability [--seed N]

Answers are one-factor normal scores cut to a 1..7 scale with a mean of 6: a ceiling, as in real
ratings. Everything goes through moments. Printed are the mean of alpha and the share of nominal
95 % intervals that hold the true alpha, with mean width: n taken as the persons per pair of items
(the harmonic mean, what the engine uses), and as all persons.
"""

import argparse

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gapengine.folding import AnswerColumns, fold_blocks
from gapengine.levels import Levels
from gapengine.reliability import alpha_of, feldt_interval, reliability
from gapengine.stacking import stack
from gapengine.vantage import GROUPS, Group, Vantage

DESIGNS = ((20, 4, 4), (100, 4, 4), (60, 4, 2), (150, 5, 2), (400, 5, 2), (200, 5, 3))
CORRELATIONS = (0.2, 0.5)
REPEATS = 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    rng = np.random.default_rng(parser.parse_args().seed)
    print("| people | items | asked | true alpha | mean alpha | per pair: covers (width) | all |")
    print("|---|---|---|---|---|---|---|")
    for people, items, asked in DESIGNS:
        for correlation in CORRELATIONS:
            print(_line(rng, (people, items, asked), correlation))


def _line(rng: Generator, design: tuple[int, int, int], correlation: float) -> str:
    people, items, asked = design
    truth = alpha_of(np.cov(_scores(rng, 200_000, items, correlation=correlation).T))
    scores = _scores(rng, REPEATS * people, items, correlation=correlation)
    item = rng.random(scores.shape).argsort(axis=1)[:, :asked].ravel()
    who = np.repeat(np.arange(len(scores)), asked)
    names = {f"i{k}": "d" for k in range(items)}
    vantage = np.full(len(who), GROUPS[Group.CUSTOMER].index(Vantage.PERCEIVED))
    answers = AnswerColumns.of(who, item, vantage=vantage, score=scores[who, item])
    blocks = fold_blocks(Group.CUSTOMER, names, answers, block=who // people)
    stacked = stack(Group.CUSTOMER, list(blocks.values()), Levels.of(names))
    found = reliability(stacked, Vantage.PERCEIVED)
    wide = feldt_interval(found.alpha, items=items, people=people)
    cells = (
        *design,
        f"{truth:.2f}",
        f"{np.nanmean(found.alpha):.2f}",
        _coverage(found.low, found.high, truth),
        _coverage(*wide, truth),
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _scores(rng: Generator, people: int, items: int, *, correlation: float) -> NDArray[np.float64]:
    person = np.sqrt(correlation) * rng.standard_normal((people, 1))
    own = np.sqrt(1 - correlation) * rng.standard_normal((people, items))
    return np.asarray(np.clip(np.rint(6 + 1.4 * (person + own)), 1, 7))


def _coverage(low: NDArray[np.float64], high: NDArray[np.float64], truth: float) -> str:
    known = np.isfinite(low)
    held = (low[known] <= truth) & (truth <= high[known])
    return f"{100 * held.mean():.1f} % ({(high - low)[known].mean():.2f})"


if __name__ == "__main__":
    main()
