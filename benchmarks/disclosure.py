"""What is hidden, what is hidden needlessly, and what an attacker gets: random organisations.

    .venv/bin/python -m benchmarks.disclosure [--organisations 1000] [--seed 1] [--smallest 1]
    .venv/bin/python -m benchmarks.disclosure --moving [--organisations 200] [--seed 1]

Draws organisations of half a year with units that join and leave, regions that nest or overlap,
and erased people; releases every edition the engine's clock allows; and lets the attacker of
``tests/gapengine/attacker.py`` loose on all of it. Beside it the same attacker on reports with
floors alone, and on sliding windows, where he must succeed: otherwise he would prove nothing.

``--moving`` draws organisations of twelve weeks whose units move, merge and close, tells them again
at every change, and compares figures that go by the tree of the day with those that count answers
where they were given (``tests/gapengine/movers.py``): what he wins, and what each of them hides.
"""

import argparse
from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from gapengine.levels import Levels
from tests.gapengine import movers
from tests.gapengine.attacker import (
    FLOOR,
    WINDOW,
    Organisation,
    Report,
    attack,
    column_of,
    editions,
    organisation,
    weeks_of,
)

RIVALS_EVERY = 10
PROBES = 3
"""Withheld cells of a first report shown again, one at a time, to see whether that would leak."""


def main() -> None:
    """Print what was hidden and what was recovered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organisations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smallest", type=float, default=1, help="fewest runs of a unit a week")
    parser.add_argument("--moving", action="store_true", help="units move, merge and close")
    wanted = parser.parse_args()
    if wanted.moving:
        _moving(wanted.organisations, wanted.seed)
        return
    tally: Counter[str] = Counter()
    for number in range(wanted.organisations):
        rng = np.random.default_rng([wanted.seed, number])
        _one(organisation(rng, smallest=wanted.smallest), rng, tally)
    _print(tally)


def _one(org: Organisation, rng: Generator, tally: Counter[str]) -> None:
    tally["organisations"] += 1
    told = [weeks_of(edition) for edition in editions(org)]
    tally["weeks"] += org.weeks - WINDOW + 1
    tally["editions"] += len(told)
    for weeks in told:
        means, shares = Report.both(org, weeks)
        for report, of_shares in ((means, False), (shares, True)):
            found = attack(org, [report], rng=rng, shares=of_shares)
            tally["tried"] += found.tried
            tally["recovered"] += found.won
        _count(org, means, tally)
    _probe(org, Report.both(org, told[0])[0], rng, tally)
    if tally["organisations"] % RIVALS_EVERY == 1:
        _rivals(org, told[0], rng, tally)


def _moving(organisations: int, seed: int) -> None:
    """Print what is won of organisations whose units move, and how many cells are not told."""
    ways = {"by the tree of the day": movers.by_tree, "where it was answered": movers.by_leaf}
    tally: Counter[tuple[str, str]] = Counter()
    for number in range(organisations):
        case = movers.moving(np.random.default_rng([seed, number]))
        for name, way in ways.items():
            rng = np.random.default_rng([seed, number, 1])
            for shares in (False, True):
                told = way(case, shares=shares)
                found = movers.attack(case, told, rng=rng, shares=shares)
                tally[name, "tried"] += found.tried
                tally[name, "recovered"] += found.won
                tally[name, f"lost {shares}"] += found.won > 0
                if not shares:
                    tally.update({(name, kind): many for kind, many in told[-1].hidden().items()})
    print(f"{organisations} organisations of {movers.WEEKS} weeks, one to four changes in each")
    for name in ways:
        own = {kind: many for (way, kind), many in tally.items() if way == name}
        print(
            f"\n{name}: {own['recovered']} of {own['tried']} sets of fewer than {FLOOR} recovered"
        )
        print(f"  organisations lost: {own['lost False']} by means, {own['lost True']} by shares")
        for kind in ("units", "regions", "whole"):
            could, kept = own[f"{kind} could"], own[f"{kind} withheld"]
            print(f"  last report, {kind}: {kept} of {could} withheld ({100 * kept / could:.1f} %)")


def _rivals(org: Organisation, weeks: tuple[int, ...], rng: Generator, tally: Counter[str]) -> None:
    """The same attacker where a rule is missing; one report, or two of windows a week apart."""
    alone = Report.floors_alone(org, weeks)
    later = tuple(week + 1 for week in range(WINDOW))
    sliding = [Report.both(org, span)[0] for span in (tuple(range(WINDOW)), later)]
    tally["rivals"] += 1
    tally["floors alone"] += attack(org, [alone], rng=rng).won > 0
    tally["sliding"] += attack(org, sliding, rng=rng).won > 0


def _kinds(levels: Levels) -> list[str]:
    return (
        ["overall"] * levels.top
        + ["dimension"] * len(levels.dimensions)
        + ["item"] * len(levels.items)
    )


def _count(org: Organisation, report: Report, tally: Counter[str]) -> None:
    """Cells the floors let through, and those of them that are withheld all the same."""
    floors = Report.floors_alone(org, report.weeks)
    people = column_of(org.levels, org.runs(report.weeks)).people
    several = (org.member & (people[:, 0] > 0)).sum(axis=1) > 1
    pairs = (
        ("unit", floors.shown, report.shown),
        ("region", floors.shown_sums[1:][several[1:]], report.shown_sums[1:][several[1:]]),
        ("whole", floors.shown_sums[:1], report.shown_sums[:1]),
    )
    for name, could, does in pairs:
        for at, kind in enumerate(_kinds(org.levels)):
            tally[f"{name} {kind} could"] += int(could[:, at].sum())
            tally[f"{name} {kind} withheld"] += int((could[:, at] & ~does[:, at]).sum())
    asked = people > 0
    tally["cells asked"] += int(asked.sum())
    tally["cells small"] += int((asked & ~floors.shown).sum())


def _probe(org: Organisation, report: Report, rng: Generator, tally: Counter[str]) -> None:
    """Show some withheld cell again: hidden needlessly if the attacker still gets nothing."""
    floors = Report.floors_alone(org, report.weeks)
    places = np.argwhere(floors.shown & ~report.shown)
    for unit, at in rng.permutation(places)[:PROBES]:
        shown = report.shown.copy()
        shown[unit, at] = True
        tally["probed"] += 1
        again = replace(report, shown=shown)
        tally["needless"] += attack(org, [again], rng=rng).won == 0


def _print(tally: Counter[str]) -> None:
    many = tally["organisations"]
    print(
        f"{many} organisations, {tally['weeks']} weekly reports due, {tally['editions']} editions"
    )
    print(f"cells asked {tally['cells asked']}, under the floor {tally['cells small']}")
    print(f"\n{'cells':16}{'floors let through':>20}{'withheld':>10}{'share':>8}")
    for name in ("unit", "region", "whole"):
        for kind in ("overall", "dimension", "item"):
            could, kept = tally[f"{name} {kind} could"], tally[f"{name} {kind} withheld"]
            share = 100 * kept / max(could, 1)
            print(f"{name + ' ' + kind:16}{could:20}{kept:10}{share:7.1f}%")
    share = 100 * tally["needless"] / max(tally["probed"], 1)
    print(f"\nwithheld cells shown again one at a time: {tally['probed']}")
    print(f"of these no attack came of {tally['needless']} ({share:.1f} %): hidden needlessly")
    print(f"\nsets of fewer than {FLOOR} people tried: {tally['tried']}")
    print(f"recovered: {tally['recovered']}")
    print("organisations where the same attacker succeeds")
    print(f"  floors alone, first report: {tally['floors alone']} of {tally['rivals']}")
    print(
        f"  two sliding windows, each protected by itself: {tally['sliding']} of {tally['rivals']}"
    )


if __name__ == "__main__":
    main()
