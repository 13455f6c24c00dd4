"""Make the tables and outputs of the page "The engine on your own data".

Run from the project's root: ``python docs/how-to/example/make.py``. Four bakeries, three weeks; the
same numbers every time.
"""

import contextlib
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from bot.cli import main as main_of_gapbot
from gapengine.simulate import simulate_answers
from gapengine.vantage import Group, Vantage

HERE = Path(__file__).parent
PAGE = HERE.parent / "engine-on-your-own-data.md"
_CONSOLE = re.compile(r"(```console\n\$ (gapbot [^\n]*)\n)(?:(?!```).)*```", re.DOTALL)
_PYTHON = re.compile(
    r"(```python\n((?:(?!```).)*)```\s+It prints\s+```text\n)(?:(?!```).)*```", re.DOTALL
)
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
    """Write the three tables beside this file, and the outputs into the page."""
    for name, rows in tables().items():
        (HERE / name).write_text(as_csv(rows), encoding="utf-8")
    PAGE.write_text(with_outputs(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def tables() -> dict[str, list[Row]]:
    """The rows of each table by the name of its file, the header first."""
    rng = np.random.default_rng(20260209)
    header = ("respondent", "role", "unit", "week", "vantage", "dimension", "item", "score")
    regions = {"Harbour": "Waterside", "Hill": "Uptown", "Market": "Waterside", "Station": "Uptown"}
    return {
        "answers.csv": [header, *_answers(rng)],
        "weights.csv": [("respondent", "role", *POINTS), *_points(rng)],
        "regions.csv": [("unit", "region"), *regions.items()],
    }


def as_csv(rows: Iterable[Row]) -> str:
    """The rows as a file holds them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def with_outputs(page: str) -> str:
    """The page with what its commands and its Python print, run in this folder."""
    page = _CONSOLE.sub(lambda found: f"{found[1]}{_printed_by_command(found[2])}```", page)
    return _PYTHON.sub(lambda found: f"{found[1]}{_printed_by_python(found[2])}```", page)


def _printed_by_command(line: str) -> str:
    """What ``gapbot ... | head -N`` (or tail) prints."""
    words, _, cut = line.partition(" | ")
    with contextlib.chdir(HERE), contextlib.redirect_stdout(io.StringIO()) as out:
        main_of_gapbot(words.split()[1:])
    lines = out.getvalue().splitlines(keepends=True)
    many = int(cut.split("-")[-1]) if cut else len(lines)
    return "".join(lines[-many:] if cut.startswith("tail") else lines[:many])


def _printed_by_python(code: str) -> str:
    with contextlib.chdir(HERE), contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, PAGE.name, "exec"), {})  # noqa: S102  # our own page
    return out.getvalue()


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
                    f"2026-W{2 + who % 3:02d}",
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


if __name__ == "__main__":
    main()
