"""The six vantage points, the two sets of five gaps, and the chain between them.

A gap is plain data: (name, minuend, subtrahend). Its value is the mean of the minuend less the
mean of the subtrahend on one 1..7 scale; negative means the minuend falls short.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


class Vantage(StrEnum):
    """From where a level of service is seen."""

    EXPECTED = "E"
    BELIEVED = "M"
    SPECIFIED = "S"
    DELIVERED = "D"
    COMMUNICATED = "C"
    PERCEIVED = "P"


class Group(StrEnum):
    """Respondents who are asked the same vantage points, so that their answers may be paired."""

    CUSTOMER = "customer"
    MANAGER = "manager"
    STAFF = "staff"


class Harm(StrEnum):
    """On which side of zero a gap does harm."""

    BELOW = "below"
    BOTH = "both"


E, M, S, D, C, P = Vantage

GROUPS: Mapping[Group, tuple[Vantage, ...]] = {
    Group.CUSTOMER: (E, P, C),
    Group.MANAGER: (M, S),
    Group.STAFF: (D,),
}

_GROUP_OF = {vantage: group for group, vantages in GROUPS.items() for vantage in vantages}


def group_of(vantage: Vantage) -> Group:
    """Name the respondents who are asked this vantage point."""
    return _GROUP_OF[vantage]


@dataclass(frozen=True, slots=True)
class Gap:
    """A named difference of two vantage points: mean(minuend) - mean(subtrahend)."""

    name: str
    minuend: Vantage
    subtrahend: Vantage

    @property
    def label(self) -> str:
        """The difference as written, such as ``P-D``."""
        return f"{self.minuend}-{self.subtrahend}"

    @property
    def pair(self) -> tuple[Vantage, Vantage]:
        """Minuend and subtrahend."""
        return self.minuend, self.subtrahend

    @property
    def harm(self) -> Harm:
        """M-E harms both ways (missed needs, wasted effort); every other gap harms below zero."""
        return Harm.BOTH if self.pair == (M, E) else Harm.BELOW


def _unnamed(minuend: Vantage, subtrahend: Vantage) -> Gap:
    return Gap(f"{minuend}-{subtrahend}", minuend, subtrahend)


SEED_GAPS = (
    Gap("expectation", M, E),
    Gap("perception", P, D),
    Gap("specification", D, S),
    Gap("delivery", D, E),
    Gap("communication", D, C),
)
"""The five gaps as the Service Quality Gap Model's seed text words them."""

CLASSIC_GAPS = (
    Gap("G1", M, E),
    Gap("G2", S, M),
    Gap("G3", D, S),
    Gap("G4", D, C),
    Gap("G5", P, E),
)
"""The five gaps of Parasuraman, Zeithaml and Berry (1985), J. Marketing 49(4), 41-50."""

GAP_SETS: Mapping[str, tuple[Gap, ...]] = {"seed": SEED_GAPS, "classic": CLASSIC_GAPS}

CHAIN_ORDER = (P, D, S, M, E)
"""The chain's points, from what customers live back to what they expect."""

CHAIN = (_unnamed(P, D), _unnamed(D, S), _unnamed(S, M), _unnamed(M, E))
"""P-E = (P-D) + (D-S) + (S-M) + (M-E), exactly."""

LIVED_PROMISE = _unnamed(P, C)
"""What was promised against what was lived: both told by the same customers."""


def chain_over(available: Collection[Vantage]) -> tuple[Gap, ...]:
    """Link the available points of the chain; a missing one joins its neighbours.

    With D missing the result is P-S, S-M, M-E. The links always add up to first minus last.
    """
    points = [point for point in CHAIN_ORDER if point in available]
    return tuple(_unnamed(left, right) for left, right in pairwise(points))


def names_of(pair: tuple[Vantage, Vantage]) -> tuple[str, ...]:
    """All names of a difference: the seed's, the classic code, the label; in that order."""
    named = [gap.name for gaps in GAP_SETS.values() for gap in gaps if gap.pair == pair]
    return (*named, f"{pair[0]}-{pair[1]}")


def incidence(gaps: Sequence[Gap]) -> NDArray[np.int64]:
    """Write gaps as rows over E, M, S, D, C, P: +1 at the minuend, -1 at the subtrahend."""
    order = list(Vantage)
    matrix = np.zeros((len(gaps), len(order)), dtype=np.int64)
    for row, gap in enumerate(gaps):
        matrix[row, order.index(gap.minuend)] = 1
        matrix[row, order.index(gap.subtrahend)] = -1
    return matrix


def conversion(source: Sequence[Gap], target: Sequence[Gap]) -> NDArray[np.int64]:
    """Integer matrix that turns the values of ``source`` gaps into those of ``target`` gaps.

    Both must be spanning trees over the six points, as both sets of five are.
    """
    solved = np.linalg.pinv(incidence(source).T.astype(np.float64)) @ incidence(target).T
    return np.rint(solved.T).astype(np.int64)


def gap_values(means: Mapping[Vantage, float], gaps: Sequence[Gap]) -> dict[str, float]:
    """Subtract vantage means: the value of each gap whose two points are known."""
    return {
        gap.name: means[gap.minuend] - means[gap.subtrahend]
        for gap in gaps
        if gap.minuend in means and gap.subtrahend in means
    }
