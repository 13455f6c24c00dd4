"""Reliability of one unit as plain values: dicts, floats, ints, None."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from gapengine.levels import FloatArray
from gapengine.reliability.estimates import DifferenceReliability, Reliability
from gapengine.reliability.scales import Estimable

Plain = dict[str, Any]

MISFIT = 0.08
"""Residual correlation (SRMR) above which one factor fits badly.

Source: Hu and Bentler (1999), Structural Equation Modeling 6, 1-55.
"""


def reliability_plain(
    vantages: Sequence[Reliability],
    unit: int,
    *,
    difference: DifferenceReliability | None = None,
) -> Plain:
    """What may be said about the reliability of one unit's figures.

    Returns
    -------
    dict
        ``{"vantage": {"P": {dimension: entry}}, "difference": {dimension: entry}}``, the second
        key only if ``difference`` is given. An entry of a vantage point has ``items``,
        ``people_per_pair`` (harmonic mean, one decimal) and

        - ``alpha``, ``low``, ``high``, ``alpha_standardised``; or these as None with
          ``not_estimable``, the reason;
        - ``omega``: ``{"value", "misfit", "one_factor_fits"}``, or ``{"value": None,
          "not_estimable": reason}``.

        An entry of ``difference`` has ``value``, ``correlation`` and ``people_per_pair``, or
        None with ``not_estimable``. Hidden numbers are None with the reason "too few".
    """
    plain: Plain = {
        "vantage": {
            one.column: {name: _entry(one, unit, at) for at, name in enumerate(one.dimensions)}
            for one in vantages
        }
    }
    if difference is not None:
        plain["difference"] = {
            name: _difference(difference, unit, at) for at, name in enumerate(difference.dimensions)
        }
    return plain


def _entry(one: Reliability, unit: int, at: int) -> Plain:
    items = _number(one.items, unit, at)
    plain: Plain = {
        "items": None if items is None else int(items),
        "people_per_pair": _rounded(one.people, unit, at),
        "alpha": _number(one.alpha, unit, at),
        "low": _number(one.low, unit, at),
        "high": _number(one.high, unit, at),
        "alpha_standardised": _number(one.standardised, unit, at),
    }
    return plain | _obstacle(int(one.alpha_verdict[unit, at])) | {"omega": _omega(one, unit, at)}


def _omega(one: Reliability, unit: int, at: int) -> Plain:
    plain: Plain = {"value": _number(one.omega, unit, at)}
    misfit = _number(one.misfit, unit, at)
    if misfit is not None:
        plain |= {"misfit": misfit, "one_factor_fits": misfit <= MISFIT}
    return plain | _obstacle(int(one.omega_verdict[unit, at]))


def _difference(difference: DifferenceReliability, unit: int, at: int) -> Plain:
    plain: Plain = {
        "value": _number(difference.value, unit, at),
        "correlation": _number(difference.correlation, unit, at),
        "people_per_pair": _rounded(difference.people, unit, at),
    }
    return plain | _obstacle(int(difference.verdict[unit, at]))


def _obstacle(verdict: int) -> Plain:
    reason = Estimable(verdict).reason
    return {"not_estimable": reason} if reason else {}


def _rounded(numbers: FloatArray, unit: int, at: int) -> float | None:
    value = _number(numbers, unit, at)
    return None if value is None else round(value, 1)


def _number(numbers: FloatArray, unit: int, at: int) -> float | None:
    value = float(numbers[unit, at])
    return value if isfinite(value) else None
