"""What moved between the latest weeks of a unit and those before, as far as answers can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

from gapengine.change.claims import FALSE_DISCOVERIES, GATE, Candidate, claimed
from gapengine.change.windows import (
    COMPARED,
    Contrast,
    Overlap,
    WeekMoments,
    Weeks,
    contrast,
    stack_weeks,
    windows,
)
from gapengine.disclosure import Floors
from gapengine.errors import SettingsError
from gapengine.levels import DIMENSION, OVERALL, FloatArray
from gapengine.vantage import Group

FALSE_CLAIMS = GATE
"""So many digests claim a change where nothing has changed."""

LOOKS = (1, 3)
"""How many of the latest weeks are taken together: a jump shows in one, a slide in three."""

EARLIER = 8
"""Weeks that the latest ones are compared with, at most."""

IMPORTANCE: Mapping[str, float] = {"G5": 3.0}
"""What customers live less what they expect is looked at first; the others weigh 1."""

_AT_ONCE = 32


class Movement(StrEnum):
    """What may be said about a change; a gap that goes up is a shortfall that shrinks."""

    UP = "up"
    DOWN = "down"
    NO_EVIDENCE = "no evidence"
    TOO_FEW = "too few"


@dataclass(frozen=True)
class Change:
    """Later less earlier estimate of one gap, in points; None where it cannot be known.

    ``p`` is the two-sided probability of a difference as large if nothing had changed. ``weeks``
    is how many latest weeks were taken together, ``against`` how many weeks before them.
    """

    gap: str
    level: str
    key: str
    estimate: float | None
    se: float | None
    df: float | None
    low: float | None
    high: float | None
    verdict: Movement
    p: float | None = None
    weeks: int = 1
    against: int = 1

    def to_plain(self) -> dict[str, Any]:
        """Plain values, as a digest takes them."""
        return asdict(self) | {"verdict": self.verdict.value}


@dataclass(frozen=True)
class Comparison:
    """How weeks are compared.

    Attributes
    ----------
    floors
        Fewest respondents that each side must have in the latest week and in each window.
    confidence
        Two-sided level of the intervals, one gap at a time and over all ``looks`` at it.
    overlap
        Which people tell several weeks, by group; absent is ``gapengine.change.APART``.
    looks
        Numbers of latest weeks to take together.
    earlier
        Weeks to compare with, at most.
    """

    floors: Floors = field(default_factory=Floors)
    confidence: float = 0.95
    overlap: Mapping[Group, Overlap] = field(default_factory=dict)
    looks: tuple[int, ...] = LOOKS
    earlier: int = EARLIER

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise SettingsError(f"confidence is {self.confidence}; give a share such as 0.95")
        if not self.looks or min(self.looks) < 1 or self.earlier < 1:
            raise SettingsError(
                f"looks are {self.looks} against {self.earlier} weeks; give 1 or more of each"
            )


def weekly_change(
    earlier: WeekMoments,
    later: WeekMoments,
    *,
    floors: Floors | None = None,
    confidence: float = 0.95,
) -> list[Change]:
    """Compare two weeks of one unit, told by different people, in P-E, P-D, D-E and D-C overall.

    The same as ``recent_change`` of these two weeks.
    """
    settings = Comparison(floors=floors or Floors(), confidence=confidence)
    return recent_change([earlier, later], comparison=settings)


def recent_change(
    weeks: Sequence[WeekMoments], *, comparison: Comparison | None = None
) -> list[Change]:
    """Compare the latest weeks of one unit with those before, in P-E, P-D, D-E and D-C.

    Parameters
    ----------
    weeks
        Moments by group of each week, oldest first; a week without answers is empty. Weeks before
        a change of wording must be left out. Managers' moments are not used.

    Returns
    -------
    list of Change
        One per gap, overall: the look with the strongest evidence. Below a gap that is claimed,
        the same look for each dimension both windows tell of. The verdict is up or down only of
        what may be claimed beside everything else in this list (``gapengine.change.claimed``), and
        where the interval leaves out zero.

    Notes
    -----
    Each gap is looked at once per ``Comparison.looks``; its probability is multiplied, and its
    interval widened, by the number of looks (Bonferroni). Where the latest week alone has too few
    people there is nothing new to tell: too few. P-E is taken over complete pairs of one person
    and item. See ``gapengine.change.windows`` for the estimate and its error.
    """
    return recent_changes([weeks], comparison=comparison)[0]


def recent_changes(
    units: Sequence[Sequence[WeekMoments]], *, comparison: Comparison | None = None
) -> list[list[Change]]:
    """``recent_change`` of many units at once; all of them over the same weeks.

    Raises
    ------
    SettingsError
        If units differ in their number of weeks.
    """
    settings = comparison or Comparison()
    if len({len(unit) for unit in units}) > 1:
        raise SettingsError("units differ in their number of weeks; give an empty week for a gap")
    found: list[list[Change]] = []
    for start in range(0, len(units), _AT_ONCE):
        found += _compared(units[start : start + _AT_ONCE], settings)
    return found


@dataclass(frozen=True)
class _Looked:
    """One look at one gap, of all units."""

    weeks: int
    against: int
    seen: Contrast
    p: FloatArray


def _compared(units: Sequence[Sequence[WeekMoments]], settings: Comparison) -> list[list[Change]]:
    many, span = len(units[0]), settings.earlier + max(settings.looks)
    recent = [unit[max(0, many - span) :] for unit in units]
    stacked = stack_weeks(recent)
    looked = _looks(stacked, len(recent[0]), settings)
    dimensions = next(iter(stacked.values())).levels.dimensions if stacked else ()
    return [_of_unit(k, looked, dimensions, settings) for k in range(len(units))]


def _looks(weeks: Weeks, many: int, settings: Comparison) -> dict[str, list[_Looked]]:
    """Every possible look at each gap, the latest week alone first."""
    looked: dict[str, list[_Looked]] = {gap: [] for gap in COMPARED}
    for length in sorted({1, *settings.looks}) if weeks else ():
        against = min(settings.earlier, many - length)
        if against < 1:
            continue
        middle = many - length
        both = windows(
            weeks, many, earlier=slice(middle - against, middle), later=slice(middle, many)
        )
        for gap, own in looked.items():
            seen = contrast(
                both,
                gap,
                floors=settings.floors,
                weeks=(against, length),
                overlap=settings.overlap,
            )
            p = 2 * stdtr(seen.df, -np.abs(seen.estimate) / seen.se)
            own.append(_Looked(length, against, seen, p))
    return looked


def _of_unit(
    unit: int,
    looked: Mapping[str, list[_Looked]],
    dimensions: Sequence[str],
    settings: Comparison,
) -> list[Change]:
    chosen = {gap: _strongest(unit, looks, settings) for gap, looks in looked.items()}
    top = (OVERALL, OVERALL)
    overall = [_change(gap, top, chosen[gap], at=(unit, 0), settings=settings) for gap in looked]
    told = said_of(overall, confidence=settings.confidence)
    below = [
        _change(one.gap, (DIMENSION, name), chosen[one.gap], at=(unit, place), settings=settings)
        for one in told
        if one.verdict in _MOVED
        for place, name in enumerate(dimensions, start=1)
    ]
    below = [one for one in below if one.estimate is not None]
    return said_of([*overall, *below], confidence=settings.confidence) if below else told


def _strongest(
    unit: int, looks: Sequence[_Looked], settings: Comparison
) -> tuple[_Looked, int] | None:
    """The look with the smallest probability, and how many there were; None where none counts."""
    if not looks or not looks[0].p.size or not np.isfinite(looks[0].p[unit, 0]):
        return None
    made = [one for one in looks if one.weeks in settings.looks and np.isfinite(one.p[unit, 0])]
    return (min(made, key=lambda one: float(one.p[unit, 0])), len(made)) if made else None


def _change(
    gap: str,
    key: tuple[str, str],
    chosen: tuple[_Looked, int] | None,
    *,
    at: tuple[int, int],
    settings: Comparison,
) -> Change:
    if chosen is None or not np.isfinite(chosen[0].p[at]):
        return Change(gap, *key, None, None, None, None, None, Movement.TOO_FEW)
    one, looks = chosen
    told = change_of(
        gap,
        one.seen,
        one.p,
        at=at,
        key=key,
        looks=looks if key[0] == OVERALL else 1,
        confidence=settings.confidence,
    )
    return replace(told, weeks=one.weeks, against=one.against)


def change_of(
    gap: str,
    seen: Contrast,
    p: FloatArray,
    *,
    confidence: float,
    at: tuple[int, int] = (0, 0),
    key: tuple[str, str] = (OVERALL, OVERALL),
    looks: int = 1,
) -> Change:
    """One known contrast with its interval, not yet judged; ``looks`` widen it (Bonferroni)."""
    estimate, se, df = (float(one[at]) for one in (seen.estimate, seen.se, seen.df))
    sure = 1 - (1 - confidence) / looks
    reach = float(stdtrit(df, (1 + sure) / 2)) * se
    return Change(
        gap,
        *key,
        estimate=estimate,
        se=se,
        df=df,
        low=estimate - reach,
        high=estimate + reach,
        verdict=Movement.NO_EVIDENCE,
        p=min(1.0, looks * float(p[at])),
    )


def said_of(changes: Sequence[Change], *, confidence: float) -> list[Change]:
    """The same changes with up or down where it may be claimed."""
    candidates = [
        Candidate(
            _name(one),
            one.p,
            parent=None if one.level == OVERALL else f"{one.gap}/{OVERALL}/{OVERALL}",
            weight=IMPORTANCE.get(one.gap, 1.0) if one.level == OVERALL else 1.0,
        )
        for one in changes
    ]
    strict = 1 - confidence
    rate = min(FALSE_DISCOVERIES, max(strict, GATE))
    said = claimed(candidates, gate=min(GATE, strict), rate=rate)
    return [replace(one, verdict=_direction(one)) if _name(one) in said else one for one in changes]


def _name(change: Change) -> str:
    return f"{change.gap}/{change.level}/{change.key}"


_MOVED = frozenset({Movement.UP, Movement.DOWN})


def _direction(change: Change) -> Movement:
    if change.low is None or change.high is None or change.low <= 0 <= change.high:
        return Movement.NO_EVIDENCE
    return Movement.UP if change.low > 0 else Movement.DOWN
