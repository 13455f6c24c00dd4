"""One unit's released figures as plain values: dicts, lists, floats, ints, None."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from gapengine.disclosure import Released, Verdict, VerdictArray
from gapengine.estimate import CUSTOMER_GAP, Differences, Pair
from gapengine.levels import OVERALL, FloatArray
from gapengine.vantage import (
    CHAIN_ORDER,
    GAP_SETS,
    LIVED_PROMISE,
    Gap,
    Harm,
    Vantage,
    chain_over,
    group_of,
)

Plain = dict[str, Any]

PAIRED_DIFFERS = 0.05
"""Points by which the paired P-E must differ from the difference of means to be shown too."""

NO_SPREAD = "spread cannot be estimated"
"""Why an estimate has no interval: too few answers repeat, or they do not differ at all."""

_SHARES = {
    Vantage.EXPECTED: "share_7",
    Vantage.PERCEIVED: "share_6_7",
    Vantage.SPECIFIED: "share_no_rule",
}


def unit_plain(released: Released, unit: int) -> Plain:
    """Everything a report says about one unit."""
    levels = released.levels
    chains = {
        (level, key): _chain(released, unit, at)
        for at, (level, key) in enumerate(levels.keys[: levels.upper])
    }
    return {
        "vantage": {vantage.value: _vantage(released, vantage, unit) for vantage in Vantage},
        "gaps": [
            {"set": name} | _gap_entry(released, gap, unit, at)
            for name, gaps in GAP_SETS.items()
            for at in range(levels.count)
            for gap in gaps
        ],
        "chain": chains.pop((OVERALL, OVERALL)),
        "chain_by_dimension": {key: links for (_, key), links in chains.items()},
    }


def _vantage(released: Released, vantage: Vantage, unit: int) -> Plain:
    levels = released.levels
    cells = [_cell(released, vantage, unit, at) for at in range(levels.count)]
    return {
        "overall": cells[0],
        "dimensions": dict(zip(levels.dimensions, cells[1 : levels.upper], strict=True)),
        "items": dict(zip(levels.items, cells[levels.upper :], strict=True)),
    }


def _cell(released: Released, vantage: Vantage, unit: int, at: int) -> Plain:
    cells = released.cells[vantage]
    verdict = Verdict(int(released.cell_verdicts[vantage][unit, at]))
    plain: Plain = {
        "mean": _number(cells.mean, unit, at),
        "n_respondents": _whole(cells.respondents, unit, at),
        "n_answers": _whole(cells.answers, unit, at),
    }
    if vantage in _SHARES:
        plain[_SHARES[vantage]] = _number(cells.share, unit, at)
    if verdict is not Verdict.SHOWN:
        plain |= _hidden(released, {vantage: verdict}, verdict)
    return plain


def _hidden(released: Released, causes: Mapping[Vantage, Verdict], verdict: Verdict) -> Plain:
    """Why a figure is missing: the reason, and the points it is missing for."""
    because: list[Plain] = []
    for vantage, own in causes.items():
        if own is Verdict.SHOWN:
            continue
        entry: Plain = {"vantage": vantage.value, "reason": own.reason}
        if own is Verdict.TOO_FEW and released.floors is not None:
            entry["floor"] = released.floors.of(group_of(vantage))
        because.append(entry)
    return {"suppressed": True, "reason": verdict.reason, "because": because}


def _gap_entry(released: Released, gap: Gap, unit: int, at: int) -> Plain:
    level, key = released.levels.keys[at]
    plain: Plain = {
        "name": gap.name,
        "minuend": gap.minuend.value,
        "subtrahend": gap.subtrahend.value,
        "level": level,
        "key": key,
        "harm": gap.harm.value,
    }
    plain |= _difference(released, gap.pair, unit, at)
    if plain.get("suppressed"):
        return plain
    estimate, low, high = plain["estimate"], plain["low"], plain["high"]
    plain["harmful"] = estimate < 0 or (gap.harm is Harm.BOTH and estimate > 0)
    plain["established"] = low is not None and (high < 0 or low > 0)
    return plain | _beside(released, gap, unit, at)


def _beside(released: Released, gap: Gap, unit: int, at: int) -> Plain:
    """What stands beside a gap's own estimate where it says something else."""
    beside: Plain = {}
    common = int(released.common_items[gap.pair][unit, at])
    verdict = Verdict(int(released.like_verdicts[gap.pair][unit, at]))
    if verdict is Verdict.SHOWN:
        like = _numbers(released.like_for_like[gap.pair], unit, at)
        beside["like_for_like"] = like | {"items": common}
    elif verdict is Verdict.TOO_FEW:
        beside["like_for_like"] = {"suppressed": True, "reason": verdict.reason, "items": common}
    if gap.pair == CUSTOMER_GAP:
        paired = _numbers(released.paired, unit, at)
        pairs, own = paired["estimate"], _number(released.gaps[gap.pair].estimate, unit, at)
        if pairs is not None and own is not None and abs(pairs - own) > PAIRED_DIFFERS:
            beside["paired"] = paired
    if gap.name == "communication":
        beside["lived_promise"] = {
            "minuend": LIVED_PROMISE.minuend.value,
            "subtrahend": LIVED_PROMISE.subtrahend.value,
        } | _difference(released, LIVED_PROMISE.pair, unit, at)
    return beside


def _difference(released: Released, pair: Pair, unit: int, at: int) -> Plain:
    plain = _numbers(released.gaps[pair], unit, at)
    verdict = Verdict(int(released.gap_verdicts[pair][unit, at]))
    if verdict is Verdict.SHOWN:
        return plain
    causes = {v: Verdict(int(released.cell_verdicts[v][unit, at])) for v in pair}
    return plain | _hidden(released, causes, verdict)


def _chain(released: Released, unit: int, at: int) -> list[Plain]:
    """The links between the points that may be shown, from P back to E."""
    shown = [v for v in CHAIN_ORDER if _is_shown(released.cell_verdicts[v], unit, at)]
    return [
        {
            "from": link.minuend.value,
            "to": link.subtrahend.value,
            "minuend": link.minuend.value,
            "subtrahend": link.subtrahend.value,
            "label": link.label,
            "joins": _skipped(link.pair),
        }
        | _numbers(released.gaps[link.pair], unit, at)
        for link in chain_over(shown)
    ]


def _skipped(pair: Pair) -> list[str]:
    """The missing points a joined link runs across."""
    start, end = (CHAIN_ORDER.index(v) for v in pair)
    return [v.value for v in CHAIN_ORDER[start + 1 : end]]


def _is_shown(verdicts: VerdictArray, unit: int, at: int) -> bool:
    return bool(verdicts[unit, at] == Verdict.SHOWN)


def _numbers(gap: Differences, unit: int, at: int) -> Plain:
    """The figures of a gap; one without an interval says why."""
    plain: Plain = {
        "estimate": _number(gap.estimate, unit, at),
        "se": _number(gap.se, unit, at),
        "low": _number(gap.low, unit, at),
        "high": _number(gap.high, unit, at),
        "df": _number(gap.df, unit, at),
        "n_minuend": _whole(gap.n_minuend, unit, at),
        "n_subtrahend": _whole(gap.n_subtrahend, unit, at),
    }
    if plain["estimate"] is not None and plain["se"] is None:
        plain["no_interval"] = NO_SPREAD
    return plain


def _number(numbers: FloatArray, unit: int, at: int) -> float | None:
    value = float(numbers[unit, at])
    return value if isfinite(value) else None


def _whole(numbers: FloatArray, unit: int, at: int) -> int | None:
    value = float(numbers[unit, at])
    return int(value) if isfinite(value) else None
