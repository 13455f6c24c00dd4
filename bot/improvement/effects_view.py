"""An effect as plain values for its message: numbers, bars, and what they are called."""

from typing import Any

from bot.improvement.effects_tables import ActionEffect
from bot.improvement.words import DIMENSIONS, GAPS, spelled
from bot.surveys.definition import POINTS
from gapengine.scale import Scale

CELLS = 10
FULL, EMPTY = "▰", "▱"
LEAST_SCALE = 1.0
"""A bar that is full stands for one point of seven at least, so that small gaps look small."""

MARKS = {
    "improved": "✅",
    "no evidence": "◌",
    "worse": "⚠",
    "too early": "⏳",
    "no baseline": "◌",
}
"""The sign of a verdict, so that it needs no colour."""


def view_of_effect(effect: ActionEffect) -> dict[str, Any]:
    """Return what the message shows of an effect; the words are msgids, the days ISO dates.

    ``size`` is positive where it helped. ``without`` is where the gap would be, to judge by the
    units beside it; None without such units.
    """
    content, told = effect.content, effect.content["effect"]
    dimension = content["dimension"]
    shown: dict[str, Any] = {
        "verdict": effect.verdict,
        "mark": MARKS[effect.verdict],
        "gap": GAPS.get(content["gap"], ""),
        "dimension": DIMENSIONS.get(dimension, spelled(dimension)) if dimension else "",
        "again_on": effect.again_on,
        "by_weeks": content["by"] == "weeks",
        "weeks_before": told["weeks_before"],
        "weeks_after": told["weeks_after"],
        "comparisons": len(told["comparisons"]),
        "points": content.get("points", POINTS),
        "rescaled": content.get("rescaled", False),
        "bars": [],
    }
    if told["estimate"] is None:
        return shown
    least = Scale(shown["points"]).of_seven(LEAST_SCALE)
    return shown | _figures(told, upwards=content["upwards"], least=least)


def bar(value: float, scale: float) -> str:
    """Draw the size of a gap."""
    filled = min(CELLS, round(abs(value) / scale * CELLS))
    return FULL * filled + EMPTY * (CELLS - filled)


def _figures(told: dict[str, Any], *, upwards: bool, least: float) -> dict[str, Any]:
    sign = 1 if upwards else -1
    low, high = sorted((sign * told["low"], sign * told["high"]))
    levels = [("before", told["before"]), ("after", told["after"])]
    if told["comparison_change"] is not None:
        levels.append(("without", told["before"] + told["comparison_change"]))
    scale = max(least, *(abs(value) for _, value in levels))
    rebound = told["rebound"]
    return {
        "size": sign * told["estimate"],
        "low": low,
        "high": high,
        "bars": [
            {"name": name, "value": value, "bar": bar(value, scale)} for name, value in levels
        ],
        "rebound": rebound
        and {"expected": sign * rebound["expected"], "seen": sign * rebound["seen"]},
    }
