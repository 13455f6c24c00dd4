"""Released figures as columns of numbers, for a program that wants all units at once."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapengine.disclosure import Released, Verdict
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray
from gapengine.limits import Way
from gapengine.sheets import NUMBERS
from gapengine.vantage import GAP_SETS, Vantage

SHOWN = "shown"

Columns = dict[str, NDArray[Any]]
Portions = Sequence[tuple[Sequence[str], Released]]

_COUNTS = ("n_minuend", "n_subtrahend")
_OF_MEANS = ("mean", "se", "low", "high", "df")
_PEOPLE = {"respondents": "n_respondents", "answers": "n_answers"}
_NAMED = tuple((name, gap) for name, gaps in GAP_SETS.items() for gap in gaps)


def gap_columns(portions: Portions, level: str) -> Columns:
    """Every gap of every unit at one level: rows by unit, then by gap, then by key.

    Raises
    ------
    SettingsError
        If the figures are not given at that level.
    """
    return _joined(portions, level, _gaps)


def mean_columns(portions: Portions, level: str) -> Columns:
    """Every vantage point's mean of every unit at one level: rows by unit, point, key.

    Raises
    ------
    SettingsError
        If the figures are not given at that level.
    """
    return _joined(portions, level, _means)


def _joined(
    portions: Portions,
    level: str,
    columns_of: Callable[[Sequence[str], Released, Sequence[int]], Columns],
) -> Columns:
    parts = [columns_of(names, own, _places(own, level)) for names, own in portions]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _places(released: Released, level: str) -> list[int]:
    keys = released.levels.keys
    at = [k for k, (own, _) in enumerate(keys) if own == level]
    if not at:
        known = list(dict.fromkeys(own for own, _ in keys))
        raise SettingsError(f"the report has no level {level!r}; choose one of {known}")
    return at


def _gaps(names: Sequence[str], released: Released, at: Sequence[int]) -> Columns:
    shape = len(names), len(_NAMED), len(at)
    figures = [released.gaps[gap.pair] for _, gap in _NAMED]
    verdicts = [released.gap_verdicts[gap.pair] for _, gap in _NAMED]
    return {
        "unit": _spread(names, shape, axis=0),
        "set": _spread([name for name, _ in _NAMED], shape, axis=1),
        "gap": _spread([gap.name for _, gap in _NAMED], shape, axis=1),
        **_level(released, at, shape),
        **{name: _numbers(figures, name, at) for name in (*NUMBERS, *_COUNTS)},
        "interval": _ways(_numbers(figures, "way", at)),
        "verdict": _reasons(verdicts, at),
    }


def _means(names: Sequence[str], released: Released, at: Sequence[int]) -> Columns:
    shape = len(names), len(Vantage), len(at)
    figures = [released.cells[vantage] for vantage in Vantage]
    verdicts = [released.cell_verdicts[vantage] for vantage in Vantage]
    return {
        "unit": _spread(names, shape, axis=0),
        "vantage": _spread([vantage.value for vantage in Vantage], shape, axis=1),
        **_level(released, at, shape),
        **{name: _numbers(figures, name, at) for name in _OF_MEANS},
        **{told: _numbers(figures, name, at) for name, told in _PEOPLE.items()},
        "interval": _ways(_numbers(figures, "way", at)),
        "verdict": _reasons(verdicts, at),
    }


def _level(released: Released, at: Sequence[int], shape: tuple[int, int, int]) -> Columns:
    keys = [released.levels.keys[k] for k in at]
    return {
        "level": _spread([level for level, _ in keys], shape, axis=2),
        "key": _spread([key for _, key in keys], shape, axis=2),
    }


def _spread(values: Sequence[str], shape: tuple[int, int, int], *, axis: int) -> NDArray[Any]:
    one = [1, 1, 1]
    one[axis] = -1
    return np.broadcast_to(np.array(values).reshape(one), shape).ravel()


def _numbers(figures: Sequence[object], name: str, at: Sequence[int]) -> FloatArray:
    return np.stack([getattr(own, name)[:, at] for own in figures], axis=1).ravel()


def _ways(numbers: FloatArray) -> NDArray[Any]:
    labels = np.array([way.label or "" for way in Way])
    return labels[np.nan_to_num(numbers).astype(np.int64)]


def _reasons(verdicts: Sequence[NDArray[np.int8]], at: Sequence[int]) -> NDArray[Any]:
    reasons = np.array([SHOWN if v is Verdict.SHOWN else v.reason for v in Verdict])
    return reasons[np.stack([own[:, at] for own in verdicts], axis=1).ravel()]
