"""Whether a promise may go out: held against what is delivered, before it is made."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot.registers.desk import Delivered
from bot.registers.promises import Standing
from bot.surveys.definition import POINTS
from gapengine.scale import Scale

HALF_A_POINT = 0.5
"""A measured mean is no whole level: a promise may lie so far above it, in points of seven."""


class Verdict(StrEnum):
    """What may be said of a promise."""

    ABOVE = "above"
    FITS = "fits"
    UNKNOWN = "unknown"


def verdict_on(level: int, known: Delivered | None, points: int = POINTS) -> Verdict:
    """Hold a promised level against the 80th percentile of staff's ratings and the measured mean.

    Either of them is enough to say that it is above; without both nothing is said, nor of a level
    on another scale, of so many ``points``, than that of the delivery.
    """
    if known is None or known.points != points:
        return Verdict.UNKNOWN
    if known.reached is None and known.measured is None:
        return Verdict.UNKNOWN
    allowed = Scale(points).of_seven(HALF_A_POINT)
    above_rated = known.reached is not None and level > known.reached
    above_measured = known.measured is not None and level - known.measured > allowed
    return Verdict.ABOVE if above_rated or above_measured else Verdict.FITS


def too_high(promises: Sequence[Standing], known: Mapping[str, Delivered]) -> list[Standing]:
    """Return the promises above what is delivered."""
    return [
        one
        for one in promises
        if verdict_on(one.pledge.level, known.get(one.item), one.pledge.points) is Verdict.ABOVE
    ]
