"""A report with every section there may be, on the example of the documentation."""

from functools import cache
from pathlib import Path
from typing import Any

from bot.analysis.long_table import read_long_table
from bot.analysis.own_report import Wishes, own_report
from bot.analysis.regions_table import read_regions_table
from bot.analysis.weights_table import read_weights_table
from gapengine.levels import Levels
from gapengine.reliability import difference_reliability, reliability, reliability_plain
from gapengine.stacking import stack
from gapengine.vantage import Group, Vantage

EXAMPLE = Path(__file__).parents[2] / "docs/how-to/example"


@cache
def example_report() -> dict[str, Any]:
    """The example's report, as the command makes it; not to be changed."""
    table = read_long_table(EXAMPLE / "answers.csv")
    weights = read_weights_table(
        EXAMPLE / "weights.csv", ("empathy", "responsiveness", "reliability")
    )
    regions = read_regions_table(EXAMPLE / "regions.csv", table.units)
    return own_report(table, Wishes(), weights=weights, regions=regions.units)


def with_every_section(plain: dict[str, Any]) -> dict[str, Any]:
    """A copy in which the whole has all optional sections and every unit a shrunken figure."""
    whole = plain["units"]["*"] | {
        "reliability": _reliability(),
        "profile": {"rank_correlation": 0.5, "verdict": "no likeness established"},
        "series": [_series("G5"), _series("perception", known=False)],
        "changes": [
            {"gap": "G5", "level": "overall", "key": "overall", "estimate": 0.31, "low": 0.02}
            | {"high": 0.6, "verdict": "up", "weeks": 2, "against": 4}
        ],
    }
    names = [name for name in plain["units"] if name != "*"]
    units = {name: _drawn(plain["units"][name], k) for k, name in enumerate(reversed(names), 1)}
    return plain | {"units": {"*": whole, **units}}


def _reliability() -> dict[str, Any]:
    table = read_long_table(EXAMPLE / "answers.csv")
    whole = sum(
        (own[Group.CUSTOMER] for own in list(table.units.values())[1:]),
        start=next(iter(table.units.values()))[Group.CUSTOMER],
    )
    stacked = stack(Group.CUSTOMER, [whole], Levels.of(table.dimension_by_item))
    points = [reliability(stacked, point) for point in (Vantage.PERCEIVED, Vantage.EXPECTED)]
    return reliability_plain(points, 0, difference=difference_reliability(stacked))


def _series(gap: str, *, known: bool = True) -> dict[str, Any]:
    points: list[dict[str, Any]] = [
        {"week": f"2026-W{week:02d}", "estimate": None, "low": None, "high": None}
        | {"n": 4, "break": week == 6}
        for week in range(2, 10)
    ]
    for k, point in enumerate(points):
        if known and k != 3:
            middle = -1.0 + 0.1 * k
            point |= {"estimate": middle, "low": middle - 0.4, "high": middle + 0.4, "n": 12}
    one = {"gap": gap, "level": "overall", "key": "overall", "points": points}
    return one | {"verdict": "still learning"}


def _drawn(unit: dict[str, Any], rank: int) -> dict[str, Any]:
    return unit | {"gaps": [_shrunken(gap, rank) for gap in unit["gaps"]]}


def _shrunken(gap: dict[str, Any], rank: int) -> dict[str, Any]:
    if gap["estimate"] is None or gap["low"] is None:
        return gap
    drawn = {name: gap[name] * 0.8 for name in ("estimate", "low", "high")}
    ranks = {"rank": rank + 0.1, "rank_low": max(rank - 1, 1), "rank_high": min(rank + 1, 4)}
    beside = {"siblings": 4, "p_below": 0.9, "p_worst": 0.7 / rank}
    return gap | {"shrunken": drawn | ranks | beside}
