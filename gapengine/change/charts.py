"""Watching a weekly series: which of its weeks say that the level is no longer what it was.

A unit's first ``LEARNING`` weeks give its baseline b, their plain mean. Every later week is
standardised by its own error, u = (x - b) / se, and brought from Student's t to the normal scale,
z. Then two charts look for small lasting shifts:

* EWMA: E = lambda z + (1 - lambda) E, from 0; a signal where |E| > L s, with the exact variance
  s^2 = lambda/(2-lambda) (1 - (1-lambda)^(2t)) + var(b) A^2 after t weeks. The second part is the
  error of the baseline itself, shared by all weeks, with A = lambda sum (1-lambda)^(t-i) / se_i.
  With a known baseline (var(b) = 0) these are the limits of the textbooks.
* CUSUM, tabular: C+ = max(0, C+ + z - k) and C- = max(0, C- - z - k); a signal above h. It has no
  exact correction, so z is taken with the error of one week less the baseline,
  sqrt(se^2 + var(b)).

A missing week changes nothing. After a change of wording, and after a signal, everything starts
anew: the week of the break, or the week after the signal, is the first of another ``LEARNING``
weeks. So a lasting shift is reported once, and then becomes the level that later weeks are held
against.

Sources: Roberts (1959), Technometrics 1, 239-250; Page (1954), Biometrika 41, 100-115; Lucas and
Saccucci (1990), Technometrics 32, 1-12; Jones, Champ and Rigdon (2001), Technometrics 43, 156-167,
on estimated baselines.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr

from gapengine.change.series import BoolArray, WeekPoints
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray

LEARNING = 8

_MANY = 1e9
"""Degrees of freedom that count as infinitely many."""

_LEAST = 1e-300

IntArray = NDArray[np.int64]


class Kind(StrEnum):
    """Which chart."""

    EWMA = "ewma"
    CUSUM = "cusum"


class Phase(IntEnum):
    """What a week is to its chart."""

    MISSING = 0
    LEARNING = 1
    WATCHING = 2


@dataclass(frozen=True)
class Ewma:
    """Weight of the latest week, and how many standard errors wide the limits are."""

    weight: float = 0.2
    width: float = 2.7

    def __post_init__(self) -> None:
        if not 0 < self.weight <= 1 or not self.width > 0:
            raise SettingsError(
                f"EWMA has weight {self.weight} and width {self.width}; give 0.2 and 2.7, say"
            )


@dataclass(frozen=True)
class Cusum:
    """Allowance k and decision limit h, in standard errors of a week."""

    allowance: float = 0.5
    limit: float = 5.0

    def __post_init__(self) -> None:
        if not self.allowance >= 0 or not self.limit > 0:
            raise SettingsError(
                f"CUSUM has allowance {self.allowance} and limit {self.limit}; give 0.5 and 5, say"
            )


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart of some units; arrays of shape (units, weeks), NaN where a week is not watched.

    ``value`` is E, or of CUSUM the larger of C+ and C- with the sign of its side. ``signal`` is 1
    where the gap has gone up, -1 down, 0 elsewhere. ``learned`` counts the weeks learned up to and
    with this one, ``centre`` is the baseline.
    """

    kind: Kind
    points: WeekPoints
    phase: IntArray
    learned: IntArray
    centre: FloatArray
    z: FloatArray
    value: FloatArray
    limit: FloatArray
    signal: IntArray
    learning: int = LEARNING

    def to_plain(self, unit: int = 0) -> dict[str, Any]:
        """One unit's chart as plain values, None where a number is not known."""
        weeks = [dict(self._week(unit, k)) for k in range(len(self.points.weeks))]
        known = [k for k, week in enumerate(weeks) if week["phase"] != Phase.MISSING.name.lower()]
        status = "no weeks"
        if known:
            learned = int(self.learned[unit, known[-1]])
            watching = self.phase[unit, known[-1]] == Phase.WATCHING
            status = "watching" if watching else f"still learning ({learned} of {self.learning})"
        return {"chart": self.kind.value, "status": status, "weeks": weeks}

    def _week(self, unit: int, k: int) -> Iterator[tuple[str, Any]]:
        points = self.points
        yield "week", points.weeks[k]
        yield "break", bool(points.breaks[unit, k])
        yield "phase", Phase(int(self.phase[unit, k])).name.lower()
        yield "learned", int(self.learned[unit, k])
        for name in ("estimate", "se"):
            yield name, _plain(getattr(points, name)[unit, k])
        for name in ("centre", "z", "value", "limit"):
            yield name, _plain(getattr(self, name)[unit, k])
        yield "signal", {1: "up", -1: "down", 0: None}[int(self.signal[unit, k])]


def ewma(points: WeekPoints, rule: Ewma | None = None, *, learning: int = LEARNING) -> Chart:
    """Watch each unit's series by an exponentially weighted moving average.

    Parameters
    ----------
    points
        Weekly estimates of some units.
    rule
        None is weight 0.2 and limits of 2.7 standard errors.
    learning
        Weeks that give the baseline.

    Raises
    ------
    SettingsError
        If ``learning`` is less than 2.
    """
    own = rule or Ewma()
    keep = 1 - own.weight

    def step(memory: FloatArray, week: "_Week") -> tuple[FloatArray, FloatArray, FloatArray]:
        average, own_error, exposure = memory
        average = keep * average + own.weight * week.z
        own_error = keep**2 * own_error + own.weight**2
        exposure = keep * exposure + own.weight / week.se
        spread = np.sqrt(own_error + week.baseline * exposure**2)
        return np.stack([average, own_error, exposure]), average, own.width * spread

    return _watch(points, step, kind=Kind.EWMA, learning=learning, widened=False)


def cusum(points: WeekPoints, rule: Cusum | None = None, *, learning: int = LEARNING) -> Chart:
    """Watch each unit's series by two cumulative sums; parameters as for ``ewma``.

    None is an allowance of 0.5 and a limit of 5 standard errors.
    """
    own = rule or Cusum()

    def step(memory: FloatArray, week: "_Week") -> tuple[FloatArray, FloatArray, FloatArray]:
        above = np.maximum(0.0, memory[0] + week.z - own.allowance)
        below = np.maximum(0.0, memory[1] - week.z - own.allowance)
        larger = np.where(above >= below, above, -below)
        return np.stack([above, below, memory[2]]), larger, np.full_like(larger, own.limit)

    return _watch(points, step, kind=Kind.CUSUM, learning=learning, widened=True)


def tabular_cusum(
    deviations: FloatArray, *, allowance: float, limit: float
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """The two sums and the signals of deviations from a known target, along the last axis.

    In the deviations' own unit; the sums are not restarted after a signal. NaN is a missing one
    and leaves the sums as they are.
    """
    upper, lower = np.zeros_like(deviations), np.zeros_like(deviations)
    above, below = np.zeros(deviations.shape[:-1]), np.zeros(deviations.shape[:-1])
    for k in range(deviations.shape[-1]):
        known = np.isfinite(deviations[..., k])
        step = np.where(known, deviations[..., k], 0.0)
        above = np.where(known, np.maximum(0.0, above + step - allowance), above)
        below = np.where(known, np.maximum(0.0, below - step - allowance), below)
        upper[..., k], lower[..., k] = above, below
    return upper, lower, (upper > limit) | (lower > limit)


@dataclass(frozen=True, eq=False)
class _Week:
    """One week of all units: standardised value, own error, variance of the baseline."""

    z: FloatArray
    se: FloatArray
    baseline: FloatArray


_Step = Callable[[FloatArray, _Week], tuple[FloatArray, FloatArray, FloatArray]]
"""What is remembered, and a week, to what is remembered then, the chart's value, its limit."""


def _watch(points: WeekPoints, step: _Step, *, kind: Kind, learning: int, widened: bool) -> Chart:
    """Walk through the weeks, all units side by side."""
    if learning < 2:
        raise SettingsError(f"learning takes {learning} weeks; give 2 or more, usually {LEARNING}")
    shape, known = points.estimate.shape, points.known
    chart = _empty(points, kind, learning)
    learned, memory = np.zeros((3, shape[0])), np.zeros((3, shape[0]))
    for k in range(shape[1]):
        learned[:, points.breaks[:, k]] = memory[:, points.breaks[:, k]] = 0.0
        told = known[:, k]
        watching = told & (learned[0] >= learning)
        teaching = told & ~watching
        x, se = points.estimate[:, k], np.where(told, points.se[:, k], 1.0)
        count = np.maximum(learned[0], 1)
        centre, baseline = learned[1] / count, learned[2] / count**2
        z = _standardised(x - centre, se, df=points.df[:, k], extra=baseline * widened)
        week = _Week(np.where(watching, z, 0.0), se, baseline)
        remembered, value, limit = step(memory, week)
        memory = np.where(watching, remembered, memory)
        signal = np.where(watching & (np.abs(value) > limit), np.sign(value), 0.0)
        learned += np.where(teaching, np.stack([np.ones(shape[0]), x, se**2]), 0.0)
        chart.phase[:, k] = np.where(watching, Phase.WATCHING, np.where(told, Phase.LEARNING, 0))
        chart.learned[:, k], chart.signal[:, k] = learned[0], signal
        for name, one in (("centre", centre), ("z", z), ("value", value), ("limit", limit)):
            getattr(chart, name)[:, k] = np.where(watching, one, np.nan)
        learned[:, signal != 0] = memory[:, signal != 0] = 0.0
    return chart


def _empty(points: WeekPoints, kind: Kind, learning: int) -> Chart:
    shape = points.estimate.shape
    whole = [np.zeros(shape, dtype=np.int64) for _ in range(3)]
    real = [np.full(shape, np.nan) for _ in range(4)]
    return Chart(
        kind,
        points,
        phase=whole[0],
        learned=whole[1],
        signal=whole[2],
        centre=real[0],
        z=real[1],
        value=real[2],
        limit=real[3],
        learning=learning,
    )


def _standardised(
    difference: FloatArray, se: FloatArray, *, df: FloatArray, extra: FloatArray
) -> FloatArray:
    """Normal score of a difference: as improbable under the normal law as it is under t."""
    u = difference / np.sqrt(se**2 + extra)
    tail = np.maximum(stdtr(np.minimum(df, _MANY), -np.abs(u)), _LEAST)
    score: FloatArray = -np.sign(u) * ndtri(tail)
    return score


def _plain(number: float) -> float | None:
    return float(number) if isfinite(number) else None
