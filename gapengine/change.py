"""What moved between two reports of the same unit over different people (two separate weeks)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import sqrt
from typing import Any

from scipy.special import stdtrit

from gapengine.vantage import names_of

Plain = Mapping[str, Any]


class Movement(StrEnum):
    """What may be said about a change; a gap that goes up is a shortfall that shrinks."""

    UP = "up"
    DOWN = "down"
    NO_EVIDENCE = "no evidence"
    TOO_FEW = "too few"


@dataclass(frozen=True)
class Change:
    """Later less earlier estimate of one gap, in points; None where it cannot be known."""

    gap: str
    level: str
    key: str
    estimate: float | None
    se: float | None
    df: float | None
    low: float | None
    high: float | None
    verdict: Movement

    def to_plain(self) -> dict[str, Any]:
        """Plain values, as a digest takes them."""
        return asdict(self) | {"verdict": self.verdict.value}


def change_between(earlier: Plain, later: Plain, *, confidence: float = 0.95) -> Change:
    """Compare two entries of a report's ``gaps`` that name the same gap, level and key.

    The two must come from different people's answers: their variances add. The interval is t with
    Satterthwaite's degrees of freedom; the verdict is up or down only where it leaves out zero.
    """
    name, level, key = later["name"], later["level"], later["key"]
    numbers = [entry.get(part) for entry in (earlier, later) for part in ("estimate", "se", "df")]
    if any(number is None for number in numbers):
        return Change(name, level, key, None, None, None, None, None, Movement.TOO_FEW)
    estimate = later["estimate"] - earlier["estimate"]
    variances = [entry["se"] ** 2 for entry in (earlier, later)]
    se = sqrt(sum(variances))
    below = sum(v**2 / entry["df"] for v, entry in zip(variances, (earlier, later), strict=True))
    df = sum(variances) ** 2 / below if below > 0 else earlier["df"] + later["df"]
    reach = float(stdtrit(df, (1 + confidence) / 2)) * se
    low, high = estimate - reach, estimate + reach
    return Change(name, level, key, estimate, se, df, low, high, _verdict(low, high))


def _verdict(low: float, high: float) -> Movement:
    if low > 0:
        return Movement.UP
    return Movement.DOWN if high < 0 else Movement.NO_EVIDENCE


def changes(earlier_unit: Plain, later_unit: Plain, *, level: str = "overall") -> list[Change]:
    """Compare all gaps of a unit at one level; each difference once, by the seed's name if any."""
    before = {_place(entry): entry for entry in earlier_unit["gaps"]}
    return [
        change_between(before[_place(entry)], entry)
        for entry in later_unit["gaps"]
        if entry["level"] == level
        and _place(entry) in before
        and names_of((entry["minuend"], entry["subtrahend"]))[0] == entry["name"]
    ]


def _place(entry: Plain) -> tuple[str, str, str]:
    return entry["name"], entry["level"], entry["key"]
