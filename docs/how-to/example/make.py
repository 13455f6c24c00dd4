"""Make the tables of the page "The engine on your own data".

Run from the project's root: ``python docs/how-to/example/make.py``. Four bakeries, six weeks; the
same numbers every time.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from gapengine.simulate import simulate_answers
from gapengine.vantage import Group, Vantage

HERE = Path(__file__).parent
Row = Sequence[object]
E, M, S, D, C, P = Vantage

ITEMS = {
    "bread_ready_on_time": "reliability",
    "order_complete": "reliability",
    "prompt_at_the_counter": "responsiveness",
    "told_how_long": "responsiveness",
    "knows_your_wishes": "empathy",
    "hours_that_suit": "empathy",
}
TRUTH = {
    E: {"reliability": 6.4, "responsiveness": 6.0, "empathy": 5.4},
    M: {"reliability": 6.1, "responsiveness": 5.9, "empathy": 5.6},
    S: {"reliability": 5.9, "responsiveness": 4.8, "empathy": 5.2},
    D: {"reliability": 5.8, "responsiveness": 4.7, "empathy": 5.3},
    C: {"reliability": 6.2, "responsiveness": 5.6, "empathy": 5.1},
    P: {"reliability": 5.6, "responsiveness": 4.6, "empathy": 5.2},
}
SHIFT = {"Harbour": 0.3, "Hill": 0.0, "Market": -0.3, "Station": -0.9}
"""How much better or worse than TRUTH each bakery does (D and P)."""

PEOPLE = {
    "Harbour": {Group.CUSTOMER: 20, Group.MANAGER: 3, Group.STAFF: 6},
    "Hill": {Group.CUSTOMER: 18, Group.MANAGER: 3, Group.STAFF: 5},
    "Market": {Group.CUSTOMER: 24, Group.MANAGER: 4, Group.STAFF: 7},
    "Station": {Group.CUSTOMER: 16, Group.MANAGER: 3, Group.STAFF: 4},
}
ASKED = {Group.CUSTOMER: 3, Group.MANAGER: 6, Group.STAFF: 6}
POINTS = {"reliability": 48.0, "responsiveness": 30.0, "empathy": 22.0}


def main() -> None:
    """Write the three tables beside this file."""
    rng = np.random.default_rng(20260209)
    header: Row = ["respondent", "role", "unit", "week", "vantage", "dimension", "item", "score"]
    _write("answers.csv", [header, *_answers(rng)])
    _write("weights.csv", [["respondent", "role", *POINTS], *_points(rng)])
    regions = {"Harbour": "Waterside", "Hill": "Uptown", "Market": "Waterside", "Station": "Uptown"}
    _write("regions.csv", [("unit", "region"), *regions.items()])


def _answers(rng: np.random.Generator) -> Iterator[Row]:
    for unit, shift in SHIFT.items():
        truth = {
            point: {name: level + shift * (point in (D, P)) for name, level in own.items()}
            for point, own in TRUTH.items()
        }
        found = simulate_answers(
            rng, truth=truth, items=ITEMS, runs=PEOPLE[unit], items_per_run=ASKED
        )
        for group, simulated in found.items():
            told = simulated.answers
            for who, item, point, score in zip(
                told.respondent, told.item, told.vantage, told.score, strict=True
            ):
                name = simulated.items[item]
                yield [
                    f"{unit[:2].lower()}-{group.value[0]}{who + 1:02d}",
                    group.value,
                    unit,
                    f"2026-W{2 + who % 6:02d}",
                    simulated.vantages[point].value,
                    ITEMS[name],
                    name,
                    score,
                ]


def _points(rng: np.random.Generator) -> Iterator[Row]:
    """Thirty-six customers and four managers share out 100 points."""
    for role, many in (("customer", 36), ("manager", 4)):
        drawn = rng.dirichlet([points / 6 for points in POINTS.values()], many)
        for who, shares in enumerate(drawn, start=1):
            points = np.rint(shares[:-1] * 20).astype(int) * 5
            yield [f"{role[0]}{who:02d}", role, *points, 100 - points.sum()]


def _write(name: str, rows: Iterable[Row]) -> None:
    with (HERE / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
