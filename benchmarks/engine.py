"""What the engine costs: gaps of 5,000 units, 10 million answers, 1 % new answers.

    python -m benchmarks.engine [PART ...] [--units 5000] [--answers 10000000] [--sample 20]
                                [--seed 1]

Three parts (gaps, folding, news; all if none is named), each a comparison within one run on one
core, with numbers that are checked to be equal.

1. Gaps: both sets of five, in five dimensions, with standard errors and intervals, from moments;
   against the loop an analyst would write: pandas for the persons' dimension means, then one
   scipy test per unit, dimension and pair of vantage points. The loop runs over a sample of units
   and is scaled. Everybody answered everything, so that both compute the same thing; estimate,
   error, degrees of freedom and t interval are compared to 1e-9 in every cell of the sample. For
   P-E pingouin's paired test is asked as well.
2. Folding: many answers into moments of every unit, and of every unit and week; against one pandas
   groupby that counts, adds and squares (no persons, so no honest error), and against one product
   per unit of pandas' pivot (the same sums as moments, over a sample, scaled). Peak memory is that
   of a process of its own, beyond the answers themselves.
3. News: 1 % new answers folded and merged into moments, with a history and ten times the history.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import pingouin
from numpy.typing import NDArray
from scipy import stats

from gapengine.folding import AnswerColumns, each_block, fold_blocks
from gapengine.intervals import Bounds, Errors
from gapengine.moments import PRODUCT, Moments
from gapengine.report import WHOLE, Report, analyse, analyse_own_table
from gapengine.vantage import CLASSIC_GAPS, GROUPS, SEED_GAPS, Group, Vantage, group_of

SIZES = {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}
DIMENSION_OF = {f"{name} {k}": name for name, many in SIZES.items() for k in range(many)}
PEOPLE = {Group.CUSTOMER: 40, Group.MANAGER: 6, Group.STAFF: 12}
PAIRS = tuple(dict.fromkeys(gap.pair for gap in (*SEED_GAPS, *CLASSIC_GAPS)))
PAIRED = (Vantage.PERCEIVED, Vantage.EXPECTED)
TOLERANCE = 1e-9
WEEKS = 52
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

UnitMoments = dict[str, dict[Group, Moments]]
T = TypeVar("T")


@dataclass(frozen=True)
class Rows:
    """Answers of one group in all units, one row per answer."""

    group: Group
    unit: NDArray[np.int64]
    answers: AnswerColumns


def complete(group: Group, units: int, *, rng: np.random.Generator) -> Rows:
    """Draw a group of which everybody answers all 22 items from every vantage point."""
    shape = units * PEOPLE[group], len(DIMENSION_OF), len(GROUPS[group])
    person = rng.normal(0, 0.7, (shape[0], 1, 1))
    raw = 5.2 + person + rng.normal(0, 1.1, shape) - 0.3 * np.arange(shape[2])
    columns = [np.broadcast_to(part, shape).ravel() for part in np.ogrid[tuple(map(slice, shape))]]
    score = np.clip(np.rint(raw), 1, 7).astype(np.int64).ravel()
    answers = AnswerColumns.of(columns[0], columns[1], vantage=columns[2], score=score)
    return Rows(group, columns[0] // PEOPLE[group], answers)


def main() -> None:
    """Print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--answers", type=int, default=10_000_000)
    parser.add_argument("--sample", type=int, default=20, help="units in the analyst's loop")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", nargs=2, metavar=("HOW", "FILE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(*CHILDREN[args.child[0]](Path(args.child[1])))
        return
    for part in args.parts:
        many = args.sample if part == "gaps" else args.answers
        PARTS[part](args.units, many, rng=np.random.default_rng(args.seed))


def compare_gaps(units: int, sample: int, *, rng: np.random.Generator) -> None:
    """Print what the gaps of all units cost, from moments and in the loop."""
    told = [complete(group, units, rng=rng) for group in Group]
    moments: UnitMoments = {str(k): {} for k in range(units)}
    folding, _ = timed(lambda: fold_all(told, moments))
    print(f"GAPS of {units} units x 5 dimensions, {sum(len(r.answers) for r in told)} answers")
    print(f"  folding the answers into moments   {folding:9.2f} s")
    some = [of_units(rows, sample) for rows in told]
    own, report = timed(lambda: analyse_own_table(moments, DIMENSION_OF, bounds=Bounds.T))
    columns, table = timed(lambda: report.table("dimension"))
    print(f"  all ten gaps from moments          {own + columns:9.2f} s")
    looped, found = timed(lambda: loop(some, sample))
    compare(table, found)
    scaled = looped * units / sample
    print(f"  pandas and scipy, cell by cell     {scaled:9.2f} s  ({sample} units, scaled)")
    print(f"  equal to {TOLERANCE} in {len(found)} cells; ratio {scaled / (own + columns):.0f},")
    print(f"  with folding included {scaled / (own + columns + folding):.0f}")
    asked, many = timed(lambda: ask_pingouin(some, table, sample=min(sample, 5)))
    each, ours = asked / many, (own + columns) / (units * len(SIZES) * 10)
    print(
        f"  pingouin's paired test, {many} cells: {each * 1e3:.2f} ms each; ratio {each / ours:.0f}"
    )
    for errors in Errors:
        seconds, report = timed(partial(analyse, moments, DIMENSION_OF, errors=errors))
        print(f"  full report, {errors.value:<10}            {seconds:9.2f} s")
    print_plain(report)


def print_plain(report: Report) -> None:
    """Print what writing out one unit costs."""
    names = [name for name in report.units if name != WHOLE][:256]
    seconds, _ = timed(lambda: [report.units[name] for name in names])
    print(f"  plain form of a unit               {seconds / len(names) * 1e3:9.2f} ms\n")


def fold_all(told: list[Rows], moments: UnitMoments) -> None:
    """Fold every group into the moments of each unit."""
    for rows in told:
        folded = fold_blocks(rows.group, DIMENSION_OF, rows.answers, block=rows.unit)
        for unit, own in folded.items():
            moments[str(unit)][rows.group] = own


Cell = tuple[str, str, str]
Found = dict[Cell, tuple[float, float, float, float, float]]


def of_units(rows: Rows, sample: int) -> Rows:
    """Only the answers of the first units."""
    own = np.flatnonzero(rows.unit < sample)
    return Rows(rows.group, rows.unit[own], rows.answers.taken(own))


def person_means(told: list[Rows]) -> "pd.Series[float]":
    """Mean of every person's answers, by unit, vantage point, dimension and person."""
    frames = []
    for rows in told:
        dimensions = np.array(list(DIMENSION_OF.values()))
        frames.append(
            pd.DataFrame(
                {
                    "unit": rows.unit.astype(str),
                    "vantage": np.array(GROUPS[rows.group])[rows.answers.vantage],
                    "dimension": dimensions[rows.answers.item],
                    "person": rows.answers.respondent,
                    "score": rows.answers.score,
                }
            )
        )
    table = pd.concat(frames)
    return table.groupby(["unit", "vantage", "dimension", "person"])["score"].mean()


def loop(told: list[Rows], sample: int) -> Found:
    """Measure every gap as an analyst would: one test per unit, dimension and pair."""
    means = person_means(told)
    found: Found = {}
    for unit in range(sample):
        for dimension in SIZES:
            for a, b in PAIRS:
                x = means.loc[str(unit), a.value, dimension]
                y = means.loc[str(unit), b.value, dimension]
                if group_of(a) is group_of(b):
                    test, se = stats.ttest_rel(x, y), float((x - y).sem())
                else:
                    test = stats.ttest_ind(x, y, equal_var=False)
                    se = float(np.hypot(x.sem(), y.sem()))
                estimate = x.mean() - y.mean()
                low, high = test.confidence_interval(0.95)
                cell = str(unit), f"{a}-{b}", dimension
                found[cell] = (estimate, se, float(test.df), low, high)
    return found


def compare(table: dict[str, NDArray[np.generic]], found: Found) -> None:
    """Assert that every cell of the loop has the engine's numbers; both names of a gap."""
    pairs = {gap.name: gap.label for gap in (*SEED_GAPS, *CLASSIC_GAPS)}
    sampled = {unit for unit, _, _ in found}
    own = np.flatnonzero(np.isin(table["unit"], list(sampled)))
    seen = set()
    for row in own.tolist():
        cell = str(table["unit"][row]), pairs[str(table["gap"][row])], str(table["key"][row])
        figures = [float(table[name][row]) for name in ("estimate", "se", "df", "low", "high")]
        np.testing.assert_allclose(figures, found[cell], atol=TOLERANCE, rtol=0)
        seen.add(cell)
    if seen != set(found):
        raise AssertionError("the loop measured cells that the engine did not")


def ask_pingouin(told: list[Rows], table: dict[str, NDArray[np.generic]], *, sample: int) -> int:
    """Compare t and its degrees of freedom for P-E with pingouin's; return how many cells."""
    means = person_means(told)
    rows = np.flatnonzero((table["gap"] == "G5") & (table["unit"] != WHOLE))
    for row in rows[: sample * len(SIZES)].tolist():
        unit, key = str(table["unit"][row]), str(table["key"][row])
        x, y = (means.loc[unit, v.value, key].to_numpy() for v in PAIRED)
        test = pingouin.ttest(x, y, paired=True)
        ours = float(table["estimate"][row]) / float(table["se"][row])
        np.testing.assert_allclose(float(test["T"].iloc[0]), ours, atol=TOLERANCE)
        np.testing.assert_allclose(float(test["dof"].iloc[0]), float(table["df"][row]))
    return sample * len(SIZES)


def compare_folding(units: int, answers: int, *, rng: np.random.Generator) -> None:
    """Print time and peak memory of folding, each way in a process of its own."""
    print(f"FOLDING {answers} answers of {units} units' customers")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.npy"
        np.save(file, scattered(answers, units, rng=rng))
        took = {}
        for how, label in LABELS.items():
            command = [sys.executable, "-m", "benchmarks.engine", "--child", how, str(file)]
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


PARTS = {"gaps": compare_gaps, "folding": compare_folding, "news": compare_news}


class Peak:
    """How far a process's memory rises from now on."""

    def __init__(self) -> None:
        """Forget earlier peaks."""
        Path("/proc/self/clear_refs").write_text("5")
        self._before = self._status("VmRSS")

    def megabytes(self) -> float:
        """Peak since then, beyond what was held."""
        return (self._status("VmHWM") - self._before) / 1024

    def _status(self, name: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of this core, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


if __name__ == "__main__":
    if os.environ.get("OMP_NUM_THREADS") == "1":
        main()
    else:  # one core; the libraries read this when they are loaded
        again = [sys.executable, "-m", "benchmarks.engine", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, **ONE_CORE}, check=False).returncode)
