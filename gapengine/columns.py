"""Released gaps as columns of numbers, for a program that wants all units at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapengine.disclosure import Released, Verdict
from gapengine.errors import SettingsError
from gapengine.estimate import Pair
from gapengine.limits import Way
from gapengine.sheets import NUMBERS
from gapengine.vantage import GAP_SETS

SHOWN = "shown"

Columns = dict[str, NDArray[Any]]

_COUNTS = ("n_minuend", "n_subtrahend")
_NAMED = tuple((name, gap) for name, gaps in GAP_SETS.items() for gap in gaps)


def gap_columns(portions: Sequence[tuple[Sequence[str], Released]], level: str) -> Columns:
    """Every gap of every unit at one level: rows by unit, then by gap, then by key.

    Raises
    ------
    SettingsError
        If the figures are not given at that level.
    """
    parts = [_portion(names, released, level) for names, released in portions]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _portion(names: Sequence[str], released: Released, level: str) -> Columns:
    keys = released.levels.keys
    at = [k for k, (own, _) in enumerate(keys) if own == level]
    if not at:
        known = list(dict.fromkeys(own for own, _ in keys))
        raise SettingsError(f"the report has no level {level!r}; choose one of {known}")
    shape = len(names), len(_NAMED), len(at)
    pairs = [gap.pair for _, gap in _NAMED]

    def spread(values: Sequence[str], axis: int) -> NDArray[Any]:
        one = [1, 1, 1]
        one[axis] = -1
        return np.broadcast_to(np.array(values).reshape(one), shape).ravel()

    reasons = np.array([SHOWN if v is Verdict.SHOWN else v.reason for v in Verdict])
    ways = np.array([way.label or "" for way in Way])
    verdicts = np.stack([released.gap_verdicts[pair][:, at] for pair in pairs], axis=1)
    return {
        "unit": spread(names, 0),
        "set": spread([name for name, _ in _NAMED], 1),
        "gap": spread([gap.name for _, gap in _NAMED], 1),
        "level": np.full(np.prod(shape), level),
        "key": spread([keys[k][1] for k in at], 2),
        **{name: _numbers(released, pairs, name, at) for name in (*NUMBERS, *_COUNTS)},
        "interval": ways[np.nan_to_num(_numbers(released, pairs, "way", at)).astype(np.int64)],
        "verdict": reasons[verdicts.ravel()],
    }


def _numbers(
    released: Released, pairs: Sequence[Pair], name: str, at: Sequence[int]
) -> NDArray[np.float64]:
    return np.stack([getattr(released.gaps[p], name)[:, at] for p in pairs], axis=1).ravel()
