"""Both sets of gaps from moments, against the loop an analyst would write; see engine.py."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pingouin
from numpy.typing import NDArray
from scipy import stats

from benchmarks.stopwatch import timed
from gapengine.folding import AnswerColumns, fold_blocks
from gapengine.intervals import Bounds, Errors
from gapengine.moments import Moments
from gapengine.report import WHOLE, Report, analyse, analyse_own_table
from gapengine.vantage import CLASSIC_GAPS, GROUPS, SEED_GAPS, Group, Vantage, group_of

SIZES = {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}
DIMENSION_OF = {f"{name} {k}": name for name, many in SIZES.items() for k in range(many)}
PEOPLE = {Group.CUSTOMER: 40, Group.MANAGER: 6, Group.STAFF: 12}
PAIRS = tuple(dict.fromkeys(gap.pair for gap in (*SEED_GAPS, *CLASSIC_GAPS)))
PAIRED = (Vantage.PERCEIVED, Vantage.EXPECTED)
TOLERANCE = 1e-9
ASKED = 4
"""Items a person is asked in the short forms."""

UnitMoments = dict[str, dict[Group, Moments]]


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
    report = print_reports("everybody asked everything", moments)
    print_plain(report)
    few: UnitMoments = {name: {} for name in moments}
    fold_all([thinned(rows, rng=rng) for rows in told], few)
    print_reports(f"everybody asked {ASKED} items", few)
    print()


def print_reports(label: str, moments: UnitMoments) -> Report:
    """Print what the full report costs with either kind of errors, the better of two runs."""
    print(f"  full report, {label}")
    for errors in Errors:
        work = partial(analyse, moments, DIMENSION_OF, errors=errors)
        (first, _), (second, report) = timed(work), timed(work)
        print(f"    {errors.value:<33}{min(first, second):9.2f} s")
    return report


def thinned(rows: Rows, *, rng: np.random.Generator) -> Rows:
    """Keep a few random items of each person: planned missingness, other items in every unit."""
    answers = rows.answers
    people = int(answers.respondent.max()) + 1
    asked = rng.random((people, len(DIMENSION_OF))).argsort(axis=1) < ASKED
    own = np.flatnonzero(asked[answers.respondent, answers.item])
    return Rows(rows.group, rows.unit[own], answers.taken(own))


def print_plain(report: Report) -> None:
    """Print what writing out one unit costs."""
    names = [name for name in report.units if name != WHOLE][:256]

    def write() -> int:
        return sum(len(report.units[name]["gaps"]) for name in names)

    seconds, _ = timed(write)
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
