"""One estimate per week of a gap, comparable from week to week: what a chart is drawn of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gapengine.change.windows import COMPARED, WeekMoments, side_of, stack_weeks
from gapengine.correction import around_level
from gapengine.disclosure import Floors
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray

BoolArray = NDArray[np.bool_]

_AT_ONCE = 32
"""Units whose weeks are in memory together."""

_USUAL_SHARE = 0.5
"""A dimension that fewer of the weeks have is left out; a week that lacks another one is missing.

Weighing the same dimensions every week keeps another mix of questions from looking like a change.
"""


@dataclass(frozen=True, eq=False)
class WeekPoints:
    """A gap of some units, week by week.

    Attributes
    ----------
    weeks
        Keys of the weeks, oldest first.
    estimate, se, df, n
        Shape (units, weeks): in points, negative is a shortfall; people of the smallest side. NaN
        where the week tells too little.
    breaks
        Shape (units, weeks): true where the wording changed before this week.
    """

    weeks: tuple[str, ...]
    estimate: FloatArray
    se: FloatArray
    df: FloatArray
    n: FloatArray
    breaks: BoolArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))

    def __post_init__(self) -> None:
        shape = self.estimate.shape
        if len(shape) != 2 or shape[1] != len(self.weeks):
            raise SettingsError(
                f"estimates have shape {shape} for {len(self.weeks)} weeks; give units by weeks"
            )
        if not self.breaks.size:
            object.__setattr__(self, "breaks", np.zeros(shape, dtype=np.bool_))
        for name in ("se", "df", "n", "breaks"):
            if getattr(self, name).shape != shape:
                raise SettingsError(
                    f"{name} has shape {getattr(self, name).shape}, estimates {shape}; align them"
                )
        if len(set(self.weeks)) < len(self.weeks):
            raise SettingsError("a week comes twice; add up its answers first")

    @classmethod
    def of(
        cls,
        weeks: Sequence[str],
        estimate: Sequence[float | None],
        *,
        se: Sequence[float | None],
        df: Sequence[float] | float = np.inf,
        n: Sequence[float] | float = np.inf,
        breaks: Sequence[str] = (),
    ) -> Self:
        """The weeks of one unit; None is a week that tells nothing, ``breaks`` names weeks."""
        shape = (1, len(weeks))

        def row(values: Sequence[float | None] | float) -> FloatArray:
            whole = np.broadcast_to(np.array(values, dtype=np.float64), (len(weeks),))
            return whole.reshape(shape).copy()

        marked = np.array([[week in set(breaks) for week in weeks]], dtype=np.bool_)
        told = (row(estimate), row(se), row(df), row(n))
        return cls(tuple(weeks), *told, breaks=marked.reshape(shape))

    @property
    def known(self) -> BoolArray:
        """Where a week has an estimate with an error above zero."""
        known: BoolArray = np.isfinite(self.estimate) & (self.se > 0) & (self.df > 0)
        return known


def week_points(
    units: Sequence[Sequence[WeekMoments]],
    weeks: Sequence[str],
    *,
    gap: str,
    floors: Floors | None = None,
    breaks: BoolArray | None = None,
) -> WeekPoints:
    """Describe every week of every unit by one estimate of a gap.

    Parameters
    ----------
    units
        Moments by group of each week, oldest first; an empty mapping is a week without answers.
    weeks
        Keys of the weeks.
    gap
        "G5", "perception", "delivery" or "communication".
    floors
        Fewest respondents of each side; a week with fewer is missing.
    breaks
        Shape (units, weeks): true where the wording changed before this week.

    Notes
    -----
    The weights of the dimensions are the same in all weeks of a unit: harmonic means of the numbers
    of answers over weeks and sides. Variances are taken as in ``recent_change``.

    Raises
    ------
    SettingsError
        If a unit has another number of weeks than keys, or the gap is not one that weeks tell.
    """
    if gap not in COMPARED:
        raise SettingsError(f"gap {gap!r} has no weekly series; choose one of {list(COMPARED)}")
    if any(len(unit) != len(weeks) for unit in units):
        raise SettingsError(f"a unit has not {len(weeks)} weeks; give an empty week for a gap")
    shape, keys = (len(units), len(weeks)), tuple(weeks)
    marks = np.zeros(shape, dtype=np.bool_) if breaks is None else breaks
    if not units or not keys:
        nothing = np.full(shape, np.nan)
        return WeekPoints(keys, nothing, nothing, nothing, nothing, breaks=marks)
    parts = [
        _points(units[k : k + _AT_ONCE], gap, len(keys), floors=floors or Floors())
        for k in range(0, len(units), _AT_ONCE)
    ]
    estimate, se, df, n = (np.concatenate(column) for column in zip(*parts, strict=True))
    return WeekPoints(keys, estimate, se, df, n, breaks=marks)


def _points(
    units: Sequence[Sequence[WeekMoments]], gap: str, many: int, *, floors: Floors
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Estimate, standard error, degrees of freedom and people, shape (units, weeks) each."""
    shape, stacked = (len(units), many), stack_weeks(units)
    if not stacked:
        nothing = np.full(shape, np.nan)
        return nothing, nothing, nothing, nothing
    own = [(stacked[group], column) for group, column in COMPARED[gap]]
    counts = [
        (one.answers[column] @ one.levels.member.T).reshape(*shape, -1) for one, column in own
    ]
    weights, whole = _steady_weights(np.stack(counts))
    flat = np.repeat(weights, shape[1], axis=0)
    sides = [side_of(one, column, flat) for one, column in own]
    parts = [around_level(side) for side in sides]
    level = sum(sign * side.mean[:, 0] for sign, side in zip((1, -1), sides, strict=False))
    variance = sum((part.variance[:, 0] for part in parts), start=np.zeros(()))
    below = sum((part.variance[:, 0] ** 2 / part.df[:, 0] for part in parts), start=np.zeros(()))
    people = [side.people[:, 0] for side in sides]
    known = whole.reshape(-1) & np.isfinite(variance)
    for side, told_by in zip(sides, people, strict=True):
        known &= told_by >= floors.of(side.stacked.group)
    told = (level, np.sqrt(variance), variance**2 / below, np.minimum.reduce(people))
    estimate, se, df, n = (np.where(known, one, np.nan).reshape(shape) for one in told)
    return estimate, se, df, n


def _steady_weights(counts: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Weights by unit and dimension, and which weeks have every dimension that weighs.

    ``counts`` has shape (sides, units, weeks, dimensions).
    """
    told: BoolArray = np.all(counts > 0, axis=0)
    some: BoolArray = np.any(told, axis=2)
    share = np.sum(told, axis=1) / np.maximum(np.sum(some, axis=1), 1)[:, None]
    usual = share >= _USUAL_SHARE
    inverse = np.divide(1.0, counts, out=np.zeros_like(counts), where=told).sum(axis=(0, 2))
    raw = np.divide(np.sum(told, axis=1), inverse, out=np.zeros_like(inverse), where=usual)
    total = raw.sum(axis=1, keepdims=True)
    weights = np.divide(raw, total, out=np.zeros_like(raw), where=total > 0)
    whole: BoolArray = np.all(told | ~usual[:, None, :], axis=2) & some
    return weights, whole
