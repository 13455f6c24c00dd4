"""Before and after of all units, and which of them are comparable with one that took a fix."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from gapengine.change.series import BoolArray, WeekPoints
from gapengine.effect.outcome import Rules
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class BeforeAfter:
    """Before and after of all units, shape (units,); NaN where a window has no week."""

    points: WeekPoints
    used: tuple[BoolArray, BoolArray]
    level: tuple[FloatArray, FloatArray]
    variance: tuple[FloatArray, FloatArray]
    df: tuple[FloatArray, FloatArray]

    @classmethod
    def of(
        cls, points: WeekPoints, places: tuple[int, int | None], *, treated: int, longest: int
    ) -> "BeforeAfter":
        """Take the weeks next to the start, none beyond a break of wording.

        ``places`` are the first week after and the trigger week. Each unit loses one week before.
        """
        first, trigger = places
        week = np.arange(len(points.weeks))
        wording = np.cumsum(points.breaks, axis=1)
        told = points.known & (wording == wording[:, [first]])
        after = told & (week >= first) & (week < first + longest)
        before = told & (week < first)
        reach = longest if trigger is None else longest + 1
        before &= np.cumsum(before[:, ::-1], axis=1)[:, ::-1] <= reach
        if trigger is not None and before[treated, trigger]:
            before &= ~_like_trigger(points.estimate, before, treated=treated, trigger=trigger)
        means = [_window(points, used) for used in (before, after)]
        level, variance, df = zip(*means, strict=True)
        return cls(points, (before, after), level=level, variance=variance, df=df)

    @property
    def change(self) -> FloatArray:
        return self.level[1] - self.level[0]

    @property
    def sampling(self) -> FloatArray:
        return self.variance[0] + self.variance[1]

    def freedom(self, unit: int) -> float:
        """Satterthwaite's degrees of freedom of a unit's own change."""
        below = sum(
            float(v[unit] ** 2 / d[unit]) for v, d in zip(self.variance, self.df, strict=True)
        )
        return float(self.sampling[unit] ** 2 / below) if below > 0 else float("inf")

    def weeks(self, side: int) -> IntArray:
        counted: IntArray = self.used[side].sum(axis=1)
        return counted

    def people(self, unit: int) -> int:
        told = np.nan_to_num(self.points.n[unit], nan=0.0, posinf=1e9)
        return int(told[self.used[1][unit]].sum())


def _like_trigger(
    estimate: FloatArray, before: BoolArray, *, treated: int, trigger: int
) -> BoolArray:
    """The week of each unit that ranks among its own as the trigger week does: the worst, mostly.

    Leaving out a week because it was bad lifts the mean of the others. Where every unit loses the
    week of the same rank, all are lifted alike, however the trigger was chosen.
    """
    own = before[treated] & (np.arange(before.shape[1]) != trigger)
    below = float((estimate[treated, own] < estimate[treated, trigger]).sum())
    many = before.sum(axis=1)
    rank = np.rint(below / max(int(own.sum()), 1) * (many - 1)).astype(np.int64)
    order = np.argsort(np.where(before, estimate, np.inf), axis=1, kind="stable")
    place = np.take_along_axis(order, np.clip(rank, 0, None)[:, None], axis=1)
    place[treated] = trigger
    left_out = np.zeros_like(before)
    np.put_along_axis(left_out, place, True, axis=1)
    return left_out


def _window(points: WeekPoints, used: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean level, its sampling variance and degrees of freedom, over the weeks used."""
    many = used.sum(axis=1)

    def total(values: FloatArray) -> FloatArray:
        summed: FloatArray = np.where(used, values, 0.0).sum(axis=1)
        return summed

    def over(above: FloatArray, below: FloatArray) -> FloatArray:
        return np.divide(above, below, out=np.full(many.shape, np.nan), where=below > 0)

    size = many.astype(np.float64)
    squares = total(points.se**2)
    fourth = total(points.se**4 / np.where(used, points.df, 1.0))
    freedom = np.where(fourth > 0, over(squares**2, fourth), np.where(many > 0, np.inf, np.nan))
    return over(total(points.estimate), size), over(squares, size**2), freedom


def comparable(
    windows: BeforeAfter, treated: int, *, untouched: BoolArray | None, rules: Rules
) -> IntArray:
    """Rows of the comparisons, nearest first."""
    fit = (windows.weeks(0) >= rules.weeks_before) & (windows.weeks(1) >= rules.weeks_after)
    if untouched is not None:
        if untouched.shape != fit.shape:
            raise SettingsError(
                f"untouched has shape {untouched.shape}, there are {len(fit)} units; align them"
            )
        fit &= untouched
    fit[treated] = False
    level, error = windows.level[0], windows.variance[0]
    true_variance = 0.0
    if fit.sum() > 1:
        true_variance = max(0.0, float(np.var(level[fit], ddof=1) - error[fit].mean()))
    reach = max(rules.caliper, sqrt(true_variance))
    distance = np.where(fit, np.abs(level - level[treated]), np.inf)
    near = np.argsort(distance, kind="stable")[: rules.most]
    chosen: IntArray = near[distance[near] <= reach]
    return chosen
