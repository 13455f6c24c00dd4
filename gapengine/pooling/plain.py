"""One pooled figure as plain values: dicts, floats, ints, None."""

from math import isfinite
from typing import Any

from gapengine.levels import FloatArray
from gapengine.pooling.ranking import Ranks
from gapengine.pooling.shrinkage import Pooled, Pooling

Plain = dict[str, Any]


def pooled_plain(pooled: Pooled, unit: int, cell: int, *, ranks: Ranks | None = None) -> Plain:
    """What may be said about one unit's figure beside its siblings'.

    Returns
    -------
    dict
        ``pooled`` (bool) and, where False, ``reason``; ``raw`` and ``se`` as measured;
        ``shrunken``, ``low``, ``high`` (where nothing is pooled the raw figure and its interval);
        ``own_weight`` (0 to 1); ``siblings`` ``{"count", "mean", "mean_se", "sd"}``, ``sd`` being
        how far apart their true values lie; ``below`` ``{"threshold", "probability"}``; and, for
        a pooled figure with ``ranks`` given, ``rank`` ``{"expected", "low", "high", "of",
        "p_worst", "p_worst_quarter"}``, 1 being the largest shortfall. Unknown numbers are None.
    """
    verdict = Pooling(int(pooled.verdict[unit, cell]))
    plain: Plain = {"pooled": verdict is Pooling.POOLED}
    if verdict is not Pooling.POOLED:
        plain["reason"] = verdict.reason
    plain |= {
        "raw": _number(pooled.estimate, unit, cell),
        "se": _number(pooled.se, unit, cell),
        "shrunken": _number(pooled.shrunken, unit, cell),
        "low": _number(pooled.low, unit, cell),
        "high": _number(pooled.high, unit, cell),
        "own_weight": _number(pooled.own, unit, cell),
        "siblings": {
            "count": int(pooled.siblings[unit, cell]),
            "mean": _number(pooled.mean, unit, cell),
            "mean_se": _number(pooled.mean_se, unit, cell),
            "sd": _number(pooled.between, unit, cell),
        },
        "below": {
            "threshold": float(pooled.threshold),
            "probability": _number(pooled.below, unit, cell),
        },
    }
    if ranks is not None and verdict is Pooling.POOLED:
        plain["rank"] = _rank(ranks, unit, cell)
    return plain


def _rank(ranks: Ranks, unit: int, cell: int) -> Plain:
    return {
        "expected": _number(ranks.expected, unit, cell),
        "low": int(ranks.low[unit, cell]),
        "high": int(ranks.high[unit, cell]),
        "of": int(ranks.of[unit, cell]),
        "p_worst": _number(ranks.worst, unit, cell),
        "p_worst_quarter": _number(ranks.worst_quarter, unit, cell),
    }


def _number(numbers: FloatArray, unit: int, cell: int) -> float | None:
    value = float(numbers[unit, cell])
    return value if isfinite(value) else None
