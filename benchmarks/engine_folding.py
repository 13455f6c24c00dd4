"""Folding many answers, and folding few into what is there, against pandas; see engine.py."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.engine_gaps import DIMENSION_OF
from benchmarks.stopwatch import Peak, timed
from gapengine.folding import AnswerColumns, each_block, fold_blocks
from gapengine.moments import PRODUCT, Moments
from gapengine.vantage import Group, Vantage

WEEKS = 52


def compare_folding(units: int, answers: int, *, rng: np.random.Generator) -> None:
    """Print time and peak memory of folding, each way in a process of its own."""
    print(f"FOLDING {answers} answers of {units} units' customers")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.npy"
        np.save(file, scattered(answers, units, rng=rng))
        took = {}
        for how, label in LABELS.items():
            command = [sys.executable, "-m", "benchmarks.engine_folding", how, str(file)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds, megabytes, scale = (float(part) for part in done.stdout.split())
            took[how] = seconds * scale
            note = "" if scale == 1 else "  (a sample, scaled)"
            print(f"  {label:<44}{took[how]:9.2f} s {megabytes:8.0f} MB{note}")
    print(f"  ratio to pandas' groupby {took['groupby'] / took['units']:.1f}, ", end="")
    print(f"to the same sums from pandas {took['pivot'] / took['units']:.0f}\n")


def scattered(answers: int, units: int, *, rng: np.random.Generator) -> NDArray[np.int32]:
    """Runs of 4 items x E and P: rows of units, weeks, runs, items, vantage points and scores.

    The units come in random order, as answers do in a table of a year.
    """
    runs = answers // 8
    item = rng.permuted(np.tile(np.arange(len(DIMENSION_OF), dtype=np.int32), (runs, 1)), axis=1)
    shape = runs, 4, 2
    result = np.empty((6, runs * 8), dtype=np.int32)
    for row, part in enumerate(
        (
            rng.integers(0, units, (runs, 1, 1)),
            rng.integers(0, WEEKS, (runs, 1, 1)),
            np.arange(runs).reshape(-1, 1, 1),
            item[:, :4, None],
            np.arange(2).reshape(1, 1, 2),
            rng.integers(1, 8, shape),
        )
    ):
        result[row] = np.broadcast_to(part, shape).ravel()
    return result


def _columns(rows: NDArray[np.int32]) -> AnswerColumns:
    return AnswerColumns.of(rows[2], rows[3], vantage=rows[4], score=rows[5])


def fold_units(file: Path) -> tuple[float, float, float]:
    """Fold into the moments of every unit."""
    rows = np.load(file)
    answers, unit = _columns(rows), rows[0].astype(np.int64)
    peak = Peak()
    seconds, folded = timed(lambda: fold_blocks(Group.CUSTOMER, DIMENSION_OF, answers, block=unit))
    total = sum(own.answers for own in folded.values())
    return seconds, peak.megabytes(), rows.shape[1] / total


def fold_weeks(file: Path) -> tuple[float, float, float]:
    """Fold into the moments of every unit and week, one after the other."""
    rows = np.load(file)
    answers, block = _columns(rows), rows[0].astype(np.int64) * WEEKS + rows[1]
    peak = Peak()
    seconds, total = timed(
        lambda: sum(
            int(own.histogram.sum())
            for _, own in each_block(Group.CUSTOMER, DIMENSION_OF, answers, block=block)
        )
    )
    return seconds, peak.megabytes(), rows.shape[1] / total


def group_by(file: Path) -> tuple[float, float, float]:
    """Count, add and square by unit, item and vantage point in pandas."""
    rows = np.load(file)
    names = ("unit", "week", "run", "item", "vantage", "score")
    table = pd.DataFrame({name: rows[k].astype(np.int64) for k, name in enumerate(names)})
    peak = Peak()

    def work() -> pd.DataFrame:
        table["square"] = table["score"] ** 2
        grouped = table.groupby(["unit", "item", "vantage"])
        return grouped.agg(n=("score", "size"), total=("score", "sum"), square=("square", "sum"))

    seconds, summed = timed(work)
    return seconds, peak.megabytes(), rows.shape[1] / int(summed["n"].sum())


def pivot_units(file: Path) -> tuple[float, float, float]:
    """Multiply a pivot of every unit in pandas: the sums of moments, checked against them."""
    rows = np.load(file)
    sample = 50
    chosen = rows[0] < sample
    names = ("unit", "week", "run", "item", "vantage", "score")
    table = pd.DataFrame({name: rows[k, chosen].astype(np.int64) for k, name in enumerate(names)})
    peak = Peak()

    def work() -> dict[int, pd.DataFrame]:
        products = {}
        for unit, own in table.groupby("unit"):
            wide = own.pivot(index="run", columns=["vantage", "item"], values="score")
            total, count = wide.fillna(0.0), wide.notna().astype(float)
            both = pd.concat([count, total], axis=1, keys=["count", "total"])
            products[int(unit)] = both.T @ both
        return products

    seconds, products = timed(work)
    megabytes = peak.megabytes()
    folded = fold_blocks(
        Group.CUSTOMER, DIMENSION_OF, _columns(rows[:, chosen]), block=rows[0, chosen]
    )
    place = {name: k for k, name in enumerate(DIMENSION_OF)}
    for unit, product in products.items():
        order = [place[name] for name in folded[unit].items]
        left = [("total", 0, k) for k in order]
        right = [("total", 1, k) for k in order]
        both = folded[unit].shape.blocks.index((Vantage.EXPECTED, Vantage.PERCEIVED))
        theirs = product.loc[left, right].to_numpy()
        np.testing.assert_array_equal(folded[unit].cross[both, PRODUCT], theirs)
    return seconds, megabytes, rows.shape[1] / int(chosen.sum())


LABELS = {
    "units": "engine, moments of every unit",
    "weeks": "engine, moments of every unit and week",
    "groupby": "pandas groupby: counts, sums, squares only",
    "pivot": "pandas, a pivot's product per unit",
}
CHILDREN: dict[str, Callable[[Path], tuple[float, float, float]]] = {
    "units": fold_units,
    "weeks": fold_weeks,
    "groupby": group_by,
    "pivot": pivot_units,
}


def compare_news(units: int, answers: int, *, rng: np.random.Generator) -> None:
    """Print what 1 % new answers cost, with a short and a tenfold history."""
    short = answers // 10
    print(f"NEWS: {short // 100} answers into histories of {short} and {short * 10}")
    fresh = scattered(short // 100, units, rng=rng)
    histories = [scattered(many, units, rng=rng) for many in (short, short * 10)]
    kept, full = [], []
    for rows in histories:
        seconds, folded = timed(partial(_by_unit, rows))
        kept.append(folded)
        full.append(seconds)
    costs = [min(own) for own in zip(*_rounds(fresh, kept), strict=True)]
    for label, cost, whole in zip(("history", "ten times"), costs, full, strict=True):
        print(f"  {label:<10} new answers {cost * 1e3:8.1f} ms, everything {whole * 1e3:9.1f} ms")
    print(f"  ten times the history costs {costs[1] / costs[0]:.2f} times as much")


def _by_unit(rows: NDArray[np.int32]) -> dict[int, Moments]:
    return fold_blocks(Group.CUSTOMER, DIMENSION_OF, _columns(rows), block=rows[0])


def _rounds(fresh: NDArray[np.int32], histories: list[dict[int, Moments]]) -> Iterator[list[float]]:
    """Time folding and merging the news for each history, in turns."""
    for _ in range(7):
        costs = []
        for history in histories:

            def work(history: dict[int, Moments] = history) -> list[Moments]:
                return [history[unit] + own for unit, own in _by_unit(fresh).items()]

            costs.append(timed(work)[0])
        yield costs


if __name__ == "__main__":
    print(*CHILDREN[sys.argv[1]](Path(sys.argv[2])))
