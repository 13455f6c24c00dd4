"""The estimates: against comparable units, or of the unit alone."""

from collections.abc import Mapping
from math import isfinite, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from gapengine.change.series import BoolArray, WeekPoints
from gapengine.effect.before_after import BeforeAfter, comparable
from gapengine.effect.outcome import Effect, Outcome, Rules
from gapengine.effect.rebound import rebound_of
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray

IntArray = NDArray[np.int64]

_MANY = 1e9
"""Degrees of freedom that count as infinitely many."""


def effect(
    points: WeekPoints,
    *,
    treated: int,
    started: str,
    trigger_week: str | None = None,
    untouched: BoolArray | None = None,
    upwards: bool = True,
    rules: Rules | None = None,
) -> Effect:
    """Estimate what a fix did to a gap of one unit.

    Parameters
    ----------
    points
        The gap of all units, week by week. Weeks after a break of wording that lies between the
        windows are not used: the unit is then without a baseline.
    treated
        Row of the unit that took the fix.
    started
        First week that lies wholly after the fix.
    trigger_week
        The bad week that prompted the fix, if one did; left out.
    untouched
        Shape (units,): which others took no fix in these weeks; None is all.
    upwards
        Whether more is better, as for every gap that is a shortfall.
    rules
        What is needed for a verdict; None is the usual.

    Raises
    ------
    SettingsError
        If the unit or a week is unknown, or the trigger is not before the start.
    """
    wanted = rules or Rules()
    places = _places(points, treated, started, trigger_week)
    windows = BeforeAfter.of(points, places, treated=treated, longest=wanted.longest)
    enough = _enough(windows, treated, wanted)
    if enough is not None:
        return _short(windows, treated, enough)
    chosen = comparable(windows, treated, untouched=untouched, rules=wanted)
    if len(chosen) >= wanted.fewest:
        return _against(windows, treated, chosen, upwards=upwards, rules=wanted)
    return _alone(windows, treated, trigger=places[1], upwards=upwards, rules=wanted)


def _places(
    points: WeekPoints, treated: int, started: str, trigger: str | None
) -> tuple[int, int | None]:
    """Where the first week after and the trigger week are."""
    if not 0 <= treated < len(points.estimate):
        raise SettingsError(
            f"unit {treated} of {len(points.estimate)} does not exist; count from 0"
        )
    for name, week in (("started", started), ("trigger_week", trigger)):
        if week is not None and week not in points.weeks:
            raise SettingsError(f"{name} is {week!r}, none of the weeks given; name one of these")
    first = points.weeks.index(started)
    at = None if trigger is None else points.weeks.index(trigger)
    if at is not None and at >= first:
        raise SettingsError(f"trigger week {trigger!r} is not before the start {started!r}; swap")
    return first, at


def _enough(windows: BeforeAfter, treated: int, rules: Rules) -> Outcome | None:
    if windows.weeks(0)[treated] < rules.weeks_before:
        return Outcome.NO_BASELINE
    few = windows.weeks(1)[treated] < rules.weeks_after
    return Outcome.TOO_EARLY if few or windows.people(treated) < rules.people_after else None


def _short(windows: BeforeAfter, treated: int, verdict: Outcome) -> Effect:
    return Effect(verdict, **_head(windows, treated, shown=False))


def _head(windows: BeforeAfter, treated: int, *, shown: bool = True) -> dict[str, Any]:
    """What is known of the treated unit itself."""
    told: dict[str, Any] = {
        "weeks_before": int(windows.weeks(0)[treated]),
        "weeks_after": int(windows.weeks(1)[treated]),
        "people_after": windows.people(treated),
    }
    if shown:
        told["before"], told["after"] = (float(level[treated]) for level in windows.level)
        told["change"] = float(windows.change[treated])
    return told


def _against(
    windows: BeforeAfter, treated: int, chosen: IntArray, *, upwards: bool, rules: Rules
) -> Effect:
    """Difference in differences against the chosen units."""
    many = len(chosen)
    changes, sampling = windows.change[chosen], windows.sampling[chosen]
    own, usual = float(windows.sampling[treated]), float(sampling.mean())
    spread = max(float(np.var(changes, ddof=1)), usual)
    shared, extra = spread * (1 + 1 / many), max(0.0, own - usual)
    variance = shared + extra
    below = shared**2 / (many - 1) + extra**2 / windows.freedom(treated)
    estimate = float(windows.change[treated] - changes.mean())
    placebo = _placebo(estimate / sqrt(variance), changes, sampling, spread=spread)
    least = 1 / (many + 1)
    told = _interval(estimate, sqrt(variance), variance**2 / below, rules.confidence)
    extreme = placebo <= max(1 - rules.confidence, least) + 1e-12
    verdict = _verdict(told, upwards=upwards) if extreme else Outcome.NO_EVIDENCE
    notes = []
    if not extreme and _verdict(told, upwards=upwards) is not Outcome.NO_EVIDENCE:
        notes.append("units without the fix changed as much")
    if least > 1 - rules.confidence:
        notes.append("with so few comparisons the rank alone proves nothing")
    return Effect(
        verdict,
        **told,
        **_head(windows, treated),
        comparisons=tuple(int(unit) for unit in chosen),
        comparison_change=float(changes.mean()),
        placebo=placebo,
        least_placebo=least,
        notes=tuple(notes),
    )


def _placebo(treated: float, changes: FloatArray, sampling: FloatArray, *, spread: float) -> float:
    """Probability of the treated unit's rank among the comparisons, each held against the others.

    Every effect is taken in its standard error, so that a unit with few people is not extreme for
    that alone.
    """
    many = len(changes)
    others = (changes.sum() - changes) / (many - 1)
    extra = np.maximum(0.0, sampling - sampling.mean())
    error = np.sqrt(spread * (1 + 1 / (many - 1)) + extra)
    as_large = np.abs((changes - others) / error) >= abs(treated) - 1e-12
    return float((1 + as_large.sum()) / (many + 1))


def _alone(
    windows: BeforeAfter, treated: int, *, trigger: int | None, upwards: bool, rules: Rules
) -> Effect:
    """The unit's own change, with the variance its weeks show, and the expected rebound."""
    estimate, points = float(windows.change[treated]), windows.points
    variance, below = 0.0, 0.0
    for used, own, freedom in zip(windows.used, windows.variance, windows.df, strict=True):
        weeks = points.estimate[treated, used[treated]]
        between = float(np.var(weeks, ddof=1)) / len(weeks)
        larger = between >= own[treated]
        part = between if larger else float(own[treated])
        variance += part
        below += part**2 / (len(weeks) - 1 if larger else float(freedom[treated]))
    df = variance**2 / below if below > 0 else float("inf")
    told = _interval(estimate, sqrt(variance), df, rules.confidence)
    return Effect(
        _verdict(told, upwards=upwards),
        **told,
        **_head(windows, treated),
        rebound=None if trigger is None else rebound_of(windows, treated, trigger),
        notes=("no comparable units: a general trend would look like an effect",),
    )


def _interval(estimate: float, se: float, df: float, confidence: float) -> dict[str, Any]:
    freedom = min(df, _MANY)
    reach = float(stdtrit(freedom, (1 + confidence) / 2)) * se
    return {
        "estimate": estimate,
        "se": se,
        "df": df if isfinite(df) else None,
        "low": estimate - reach,
        "high": estimate + reach,
        "p": float(2 * stdtr(freedom, -abs(estimate) / se)),
    }


def _verdict(told: Mapping[str, Any], *, upwards: bool) -> Outcome:
    if told["low"] <= 0 <= told["high"]:
        return Outcome.NO_EVIDENCE
    return Outcome.IMPROVED if (told["low"] > 0) is upwards else Outcome.WORSE
