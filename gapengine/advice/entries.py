"""What advice is made of: causes and fixes that go in, choices with their reasons that come out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Plain = Mapping[str, Any]


@dataclass(frozen=True)
class Antecedent:
    """A cause staff and managers rated: mean score, high = healthy, and how many rated it.

    ``gap`` is any name of the gap it belongs to (seed's, classic code, or label).
    """

    code: str
    gap: str
    score: float
    n_respondents: int


@dataclass(frozen=True)
class Fix:
    """A catalogue entry as plain values.

    Empty ``dimensions`` or ``causes`` fit all. ``record`` is what it did in this organisation:
    above 0 it helped, below 0 it did not, 0 unknown.
    """

    code: str
    gaps: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    record: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """Why this was chosen.

    ``estimate`` to ``n_subtrahend`` are the segment's own; ``probability`` is that of the gap
    found, ``found_estimate`` its size in the priority, and ``basis`` says whether that is shrunken
    towards sibling units or raw.
    """

    estimate: float
    low: float
    high: float
    n_minuend: int
    n_subtrahend: int
    probability: float
    weight: float
    weight_source: str
    share_of_customer_gap: float | None
    cause_score: float | None
    cause_respondents: int | None
    why: str
    found_estimate: float = 0.0
    basis: str = "raw"


class Choice(StrEnum):
    """What is chosen, one after the other."""

    GAP = "gap"
    SEGMENT = "segment"
    CAUSE = "cause"
    FIX = "fix"


class Reason(StrEnum):
    """Why something was not chosen."""

    NOT_ASKED = "not asked"
    SUPPRESSED = "too few answered to show it"
    NO_INTERVAL = "its spread cannot be estimated"
    COVERS_ZERO = "its interval covers 0"
    SHRUNKEN_COVERS_ZERO = "drawn towards sibling units, its interval covers 0"
    NO_SHORTFALL = "it is above 0, no shortfall"
    SMALLER_PRIORITY = "its priority is smaller"
    SAME_STEP = "it comes from the same step as a gap of higher priority"
    SHOWN_BY_DIMENSION = "a dimension shows more exactly where it arises"
    TRACED = "it is the sum of several steps and was traced to one of them"
    LOSES_LESS = "less is lost in this step"
    HEALTHIER = "it is rated healthier"
    FEW_RATINGS = "too few rated it"
    OTHER_CAUSE = "it is aimed at another cause"
    OTHER_DIMENSION = "it is meant for another dimension"
    DID_NOT_HELP = "it did not help here before"
    LESS_SPECIFIC = "it is aimed less closely at this cause or dimension"
    WORSE_RECORD = "its record here is worse"
    SAME_MERIT = "nothing known tells it from the one chosen; the name decides"


@dataclass(frozen=True)
class Step:
    """One choice: what was chosen and the numbers that decided, as plain values."""

    choice: Choice
    chosen: str
    because: Plain

    def to_plain(self) -> dict[str, Any]:
        """Everything as dicts, strings, floats, ints, booleans and None."""
        return {"choice": self.choice.value, "chosen": self.chosen, "because": dict(self.because)}


@dataclass(frozen=True)
class PassedOver:
    """A runner-up with the reason it was not chosen.

    ``value`` is what was compared: a gap's priority, a step's estimate, a cause's score, a fix's
    record. It is None where the number may not be shown or is not known.
    """

    choice: Choice
    name: str
    dimension: str | None
    reason: Reason
    value: float | None = None

    def to_plain(self) -> dict[str, Any]:
        """Everything as strings, floats and None."""
        return {
            "choice": self.choice.value,
            "name": self.name,
            "dimension": self.dimension,
            "reason": self.reason.name.lower(),
            "words": self.reason.value,
            "value": self.value,
        }


@dataclass(frozen=True)
class Advice:
    """One gap to work on.

    ``found`` is the difference that set the priority, ``segment`` the step of the chain where it
    arises (the same, unless it is a composite), ``gap`` the segment's name. ``why`` are the
    choices in order; ``passed_over`` what else there was: gaps of this dimension, later advice,
    steps, causes and fixes.
    """

    gap: str
    dimension: str | None
    found: str
    segment: str
    cause: str | None
    fixes: tuple[str, ...]
    priority: float
    evidence: Evidence
    why: tuple[Step, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True)
class Counsel:
    """All advice for one unit, and every gap that led to none, with the reason."""

    advice: tuple[Advice, ...]
    passed_over: tuple[PassedOver, ...]
