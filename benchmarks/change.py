"""What digests claim of weeks that do not differ, and how soon they find what does.

    .venv/bin/python -m benchmarks.change [--units 300] [--seed 1]

Prints, for units that answer the shipped questionnaires' own forms: the share of digests that claim
a change over half a year in which nothing changes; how many find a fall of P by half a point within
one, two and three weeks; the same for a plain setting in which everybody answers everything and
many people come back; the signals of the two charts; and what is said of fixes that did nothing,
taken after a unit's worst week, beside what a naive look at before and after would say.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.coverage import ROTATION, Company
from gapengine.change import (
    Change,
    Chart,
    Cusum,
    Movement,
    WeekPoints,
    cusum,
    ewma,
    recent_changes,
    week_points,
)
from gapengine.effect import Effect, Outcome, effect
from gapengine.folding import AnswerColumns, fold_blocks
from gapengine.moments import Moments
from gapengine.vantage import GROUPS, Group, Vantage

RUNS = ((15, 6), (25, 8), (40, 12))
HALF_YEAR = 26
BEFORE = 11
AFTER = 3
SHIFT = -0.5
MOVED = frozenset({Movement.UP, Movement.DOWN})
BATCH = 50
ITEMS = {"a": "x", "b": "x", "c": "y", "d": "y"}
ASKED = {
    Group.CUSTOMER: (Vantage.EXPECTED, Vantage.PERCEIVED),
    Group.STAFF: (Vantage.DELIVERED,),
}
LEVEL = {Vantage.EXPECTED: 5.8, Vantage.PERCEIVED: 4.9, Vantage.DELIVERED: 5.2}

Unit = list[dict[Group, Moments]]
Draw = Callable[[int, int, float, int], list[Unit]]
"""(units, weeks, shift, first week of the shift) to moments by unit, week and group."""
FloatArray = NDArray[np.float64]


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--units", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print_digests(rng, options.units)
    print_effects(rng, 10 * options.units)


def print_digests(rng: Generator, units: int) -> None:
    """Print false claims, detections, and the signals of the charts."""
    company = Company()
    settings: list[tuple[str, Draw]] = [
        (f"{customers}, {staff}", _forms(company, rng, customers, staff))
        for customers, staff in RUNS
    ]
    settings += [
        (f"40 on 4 items, {returning:.0%} return", Plain(rng, returning=returning).draw)
        for returning in (0.0, 0.5)
    ]
    rows = [_row(name, draw, units) for name, draw in settings]
    print(f"Digests: {units} units and half a year without change (weeks 2 to {HALF_YEAR}); then ")
    print(f"{units} units in which P falls by {-SHIFT} after {BEFORE} weeks\n")
    print(
        "| customers, staff a week | digests | claim a change | largest share in any week ", end=""
    )
    print("| fall found within 1 | 2 | 3 weeks | told as a rise |\n" + "|---" * 8 + "|")
    print("\n".join(row[0] for row in rows))
    print("\nCharts of P-E: signals per watched week without change, fall found within 3 and 5\n")
    print("| customers, staff a week | EWMA | 3 | 5 | CUSUM 5 | 3 | 5 | CUSUM 4 | 3 | 5 |")
    print("|---" * 10 + "|")
    print("\n".join(row[1] for row in rows))


def _row(name: str, draw: Draw, units: int) -> tuple[str, str]:
    claims, still, fallen, found = [], [], [], []
    for many in _batches(units):
        quiet = draw(many, HALF_YEAR, 0.0, 0)
        claims.append(
            [
                [_claims(own) for own in recent_changes([unit[:week] for unit in quiet])]
                for week in range(2, HALF_YEAR + 1)
            ]
        )
        still.append(_series(quiet))
        moved = draw(many, BEFORE + AFTER + 2, SHIFT, BEFORE)
        found.append(
            [
                [own[0].verdict for own in recent_changes([unit[:week] for unit in moved])]
                for week in range(BEFORE + 1, BEFORE + AFTER + 1)
            ]
        )
        fallen.append(_series(moved))
    by_week = np.concatenate(claims, axis=1)
    seen = np.concatenate([np.array(part) for part in found], axis=1)
    down = [(seen[: k + 1] == Movement.DOWN).any(axis=0).mean() for k in range(AFTER)]
    cells = [f"{by_week.size}", f"{by_week.mean():.1%}", f"{by_week.mean(axis=1).max():.1%}"]
    cells += [f"{share:.0%}" for share in down] + [f"{(seen == Movement.UP).mean():.1%}"]
    charts = _chart_cells(still, fallen)
    return f"| {name} | {' | '.join(cells)} |", f"| {name} | {' | '.join(charts)} |"


def _batches(units: int) -> Iterator[int]:
    for start in range(0, units, BATCH):
        yield min(BATCH, units - start)


def _claims(own: Sequence[Change]) -> bool:
    return any(change.verdict in MOVED for change in own)


def _series(units: Sequence[Unit]) -> WeekPoints:
    return week_points(units, [str(k) for k in range(len(units[0]))], gap="G5")


def _chart_cells(still: Sequence[WeekPoints], fallen: Sequence[WeekPoints]) -> list[str]:
    """Signals per watched week, and falls found, of each chart."""
    cells = []
    rules: tuple[Callable[[WeekPoints], Chart], ...] = (
        ewma,
        cusum,
        lambda points: cusum(points, Cusum(limit=4.0)),
    )
    for rule in rules:
        quiet = [rule(points) for points in still]
        signals = np.concatenate([chart.signal != 0 for chart in quiet])
        watched = sum(int((chart.phase == 2).sum()) for chart in quiet)
        cells.append(f"{signals.sum() / watched:.1%}")
        down = np.concatenate([rule(points).signal for points in fallen])[:, BEFORE:] < 0
        cells += [f"{down[:, :within].any(axis=1).mean():.0%}" for within in (3, 5)]
    return cells


def _forms(company: Company, rng: Generator, customers: int, staff: int) -> Draw:
    """Units that answer the next forms of the shipped questionnaires each week."""
    runs = {Group.CUSTOMER: customers, Group.STAFF: staff}

    def draw(units: int, weeks: int, shift: float, first: int) -> list[Unit]:
        starts = rng.integers(0, ROTATION, units)
        drawn: list[Unit] = [[{} for _ in range(weeks)] for _ in range(units)]
        for week in range(weeks):
            truth = company.truth(shift if week >= first else 0.0)
            for group, many in runs.items():
                own = company.units(
                    rng, truth, group, runs=many, starts=(starts + week * many).tolist()
                )
                for k, moments in enumerate(own):
                    drawn[k][week][group] = moments
        return drawn

    return draw


@dataclass(frozen=True)
class Plain:
    """40 customers and 10 staff a week who answer four items; a share of them comes every week."""

    rng: Generator
    returning: float
    customers: int = 40
    staff: int = 10

    def draw(self, units: int, weeks: int, shift: float, first: int) -> list[Unit]:
        """Moments by unit, week and group."""
        drawn: list[Unit] = [[{} for _ in range(weeks)] for _ in range(units)]
        moved = shift * (np.arange(weeks) >= first)
        for group, people in ((Group.CUSTOMER, self.customers), (Group.STAFF, self.staff)):
            shape = (units, weeks, people)
            same = self.rng.standard_normal((units, 1, people))
            other = self.rng.standard_normal(shape)
            comes = np.arange(people) < self.returning * people
            person = np.where(comes, same, other)[..., None, None]
            vantages = ASKED[group]
            level = np.array([LEVEL[vantage] for vantage in vantages])
            latent = level[:, None] + 0.8 * person
            latent = latent + self.rng.standard_normal((*shape, len(vantages), len(ITEMS)))
            if Vantage.PERCEIVED in vantages:
                latent[..., 1, :] += moved[:, None, None]
            self._fold(group, vantages, np.clip(np.rint(latent), 1, 7), drawn=drawn)
        return drawn

    def _fold(
        self,
        group: Group,
        vantages: Sequence[Vantage],
        scores: FloatArray,
        *,
        drawn: list[Unit],
    ) -> None:
        weeks, people = scores.shape[1:3]
        place = np.indices(scores.shape).reshape(5, -1)
        who = (place[0] * weeks + place[1]) * people + place[2]
        asked = np.array([GROUPS[group].index(one) for one in vantages])
        columns = AnswerColumns.of(
            who, place[4], vantage=asked[place[3]], score=scores.reshape(-1).astype(np.int64)
        )
        blocks = fold_blocks(group, ITEMS, columns, block=columns.respondent // people)
        for k, moments in blocks.items():
            drawn[k // weeks][k % weeks][group] = moments


@dataclass(frozen=True)
class World:
    """Units' weekly estimates: what truly happens to them beside any fix."""

    name: str
    comparisons: int
    done: float = 0.0
    wander: float = 0.0
    """Standard deviation of units' own lasting changes."""
    trend: float = 0.0
    """What happens to all units alike."""


WORLDS = tuple(
    World(f"{name}, {k} others", k, **told)
    for k in (0, 4, 10, 25)
    for name, told in (
        ("nothing happens", {}),
        ("units wander", {"wander": 0.2}),
        ("all improve by 0.3", {"trend": 0.3}),
        ("the fix gives 0.5", {"done": 0.5}),
    )
)


def print_effects(rng: Generator, repeats: int) -> None:
    """Print what is said of fixes taken after the worst of nine weeks."""
    print(
        f"\nFixes, {repeats} units each: weekly standard error 0.25, true spread of weeks 0.15, of "
    )
    print(
        "units 0.3; nine weeks before, of which the worst one prompts the fix, four weeks after\n"
    )
    print("| truth | naive: improved | improved | no evidence | worse | mean effect ", end="")
    print("| expected rebound | seen |\n" + "|---" * 8 + "|")
    for world in WORLDS:
        told = [_fix(rng, world) for _ in range(repeats)]
        naive = np.mean([own[1] for own in told])
        found = [own[0] for own in told]
        said = [np.mean([one.verdict is wanted for one in found]) for wanted in list(Outcome)[:3]]
        cells = [f"{naive:.0%}", *(f"{share:.1%}" for share in said)]
        cells.append(f"{np.mean([one.estimate for one in found if one.estimate is not None]):+.2f}")
        rebounds = [one.rebound for one in found if one.rebound]
        cells += (
            [f"{np.mean([getattr(one, k) for one in rebounds]):.2f}" for k in ("expected", "seen")]
            if len(rebounds) == len(found)
            else ["", ""]
        )
        print(f"| {world.name} | {' | '.join(cells)} |")


def _fix(rng: Generator, world: World) -> tuple[Effect, bool]:
    before, after, df, sigma = 9, 4, 20, 0.25
    shape = (1 + world.comparisons, before + after)
    truth = -0.8 + 0.3 * rng.standard_normal((shape[0], 1)) + 0.15 * rng.standard_normal(shape)
    truth[:, before:] += world.trend + world.wander * rng.standard_normal((shape[0], 1))
    truth[0, before:] += world.done
    estimate = truth + sigma * rng.standard_normal(shape)
    se = sigma * np.sqrt(rng.chisquare(df, shape) / df)
    weeks = tuple(str(week) for week in range(shape[1]))
    points = WeekPoints(weeks, estimate, se, np.full(shape, float(df)), np.full(shape, 20.0))
    worst = int(estimate[0, :before].argmin())
    change = estimate[0, before:].mean() - estimate[0, worst]
    error = np.sqrt(se[0, worst] ** 2 + (se[0, before:] ** 2).sum() / after**2)
    found = effect(points, treated=0, started=str(before), trigger_week=str(worst))
    return found, bool(change > 1.96 * error)


if __name__ == "__main__":
    main()
