"""What is said of a fix, and what saying it needs."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from gapengine.errors import SettingsError


class Outcome(StrEnum):
    """What may be said of a fix."""

    IMPROVED = "improved"
    NO_EVIDENCE = "no evidence"
    WORSE = "worse"
    TOO_EARLY = "too early"
    """Too few weeks or people since."""
    NO_BASELINE = "no baseline"
    """Too few weeks before: it will never be known."""


@dataclass(frozen=True)
class Rules:
    """What an effect needs.

    Attributes
    ----------
    confidence
        Two-sided level of the interval; a verdict needs it to leave out zero.
    weeks_before, weeks_after
        Known weeks that each window must have.
    longest
        Weeks either window reaches from the start, at most.
    people_after
        People the treated unit must have had since, all weeks together.
    caliper
        Points that a comparison's level before may differ at least.
    fewest, most
        How many comparisons are used.
    """

    confidence: float = 0.95
    weeks_before: int = 3
    weeks_after: int = 3
    longest: int = 8
    people_after: int = 15
    caliper: float = 0.5
    fewest: int = 3
    most: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise SettingsError(f"confidence is {self.confidence}; give a share such as 0.95")
        if min(self.weeks_before, self.weeks_after) < 2 or self.longest < 2:
            raise SettingsError("a window has fewer than 2 weeks; give 2 or more")
        if not 3 <= self.fewest <= self.most or not self.caliper >= 0:
            raise SettingsError(
                f"comparisons are {self.fewest} to {self.most}, caliper {self.caliper}; "
                "give 3 or more, most no less than fewest, and a caliper of 0 or more"
            )


@dataclass(frozen=True)
class Rebound:
    """What the trigger week was, and what was to be expected after it without any fix."""

    trigger: float
    usual: float
    reliability: float
    expected: float
    """Change from the trigger week to be expected by itself, in points."""
    seen: float
    """Change from the trigger week to the weeks after."""


@dataclass(frozen=True)
class Effect:
    """What a fix did to one gap of one unit, in points; None where it cannot be known.

    ``estimate`` is corrected for the comparisons where there are any, ``change`` is the unit's own.
    ``placebo`` is the probability of the rank among placebos, ``least_placebo`` its least possible
    value.
    """

    verdict: Outcome
    estimate: float | None = None
    se: float | None = None
    df: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    before: float | None = None
    after: float | None = None
    change: float | None = None
    weeks_before: int = 0
    weeks_after: int = 0
    people_after: int = 0
    comparisons: tuple[int, ...] = ()
    comparison_change: float | None = None
    placebo: float | None = None
    least_placebo: float | None = None
    rebound: Rebound | None = None
    notes: tuple[str, ...] = field(default=())

    def to_plain(self) -> dict[str, Any]:
        """Plain values, as a digest takes them."""
        return asdict(self) | {
            "verdict": self.verdict.value,
            "comparisons": list(self.comparisons),
            "notes": list(self.notes),
        }
