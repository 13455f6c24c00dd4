"""What a report says of a unit beside its gaps: siblings, reliability, likeness, shares.

Everything is computed from released figures, or passed through their verdicts, and only for the
units that are written out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapengine.disclosure import Released, Verdict
from gapengine.estimate import Differences, Pair
from gapengine.intervals import FloatArray
from gapengine.levels import DIMENSION, ITEM
from gapengine.moments import TOGETHER, IntArray
from gapengine.pooling import THRESHOLD, Pooled, Pooling, Ranks, pool_gaps, ranks
from gapengine.profile import Likeness, rank_correlation
from gapengine.reliability import (
    DifferenceReliability,
    Reliability,
    difference_reliability,
    reliability,
    reliability_plain,
)
from gapengine.shares import wilson
from gapengine.stacking import Stacked
from gapengine.vantage import GAP_SETS, Vantage

Plain = dict[str, Any]
Customers = Callable[[int], Stacked]
"""The customers' moments of a portion of units, by its number."""

E, M, P = Vantage.EXPECTED, Vantage.BELIEVED, Vantage.PERCEIVED
POOLED_PAIRS: tuple[Pair, ...] = tuple(
    dict.fromkeys(gap.pair for gaps in GAP_SETS.values() for gap in gaps)
)


class AmongSiblings:
    """Every named gap of units among those of the same parent, above the items.

    ``parent`` labels each unit's siblings; the figures of a difference are pooled when the first
    of them is written.
    """

    def __init__(
        self, portions: Sequence[Released], parent: IntArray, *, confidence: float
    ) -> None:
        self._portions = portions
        self._parent = parent
        self._confidence = confidence
        self._pooled: dict[Pair, tuple[Pooled, Ranks]] = {}

    def plain(self, pair: Pair, unit: int, at: int) -> Plain | None:
        """The shrunken figure of a unit with its rank; None where nothing is pooled."""
        if pair not in self._pooled:
            self._pooled[pair] = self._pool(pair)
        pooled, ranked = self._pooled[pair]
        if pooled.verdict[unit, at] != Pooling.POOLED:
            return None
        return {
            "estimate": float(pooled.shrunken[unit, at]),
            "low": float(pooled.low[unit, at]),
            "high": float(pooled.high[unit, at]),
            "p_below": float(pooled.below[unit, at]),
            "threshold": float(pooled.threshold),
            "own_weight": float(pooled.own[unit, at]),
            "siblings": int(pooled.siblings[unit, at]),
        } | ({} if pair == (M, E) else _rank(ranked, unit, at))

    def _pool(self, pair: Pair) -> tuple[Pooled, Ranks]:
        levels = self._portions[0].levels
        parts = [one.gaps[pair] for one in self._portions]
        columns = {
            name: np.concatenate([getattr(part, name)[:, : levels.upper] for part in parts])
            for name in Differences.__dataclass_fields__
        }
        pooled = pool_gaps(
            Differences(**columns),
            parent=self._parent,
            threshold=levels.scale.of_seven(THRESHOLD),
            confidence=self._confidence,
        )
        return pooled, ranks(pooled)


def _rank(ranked: Ranks, unit: int, at: int) -> Plain:
    """1 is the largest shortfall; there is none for M-E, which harms on both sides."""
    return {
        "rank": float(ranked.expected[unit, at]),
        "rank_low": int(ranked.low[unit, at]),
        "rank_high": int(ranked.high[unit, at]),
        "p_worst": float(ranked.worst[unit, at]),
    }


def parents(names: Sequence[str], regions: Mapping[str, Sequence[str]]) -> IntArray:
    """Label the siblings of each unit: those of the smallest region it lies in, else the others.

    Units in no region are siblings of each other.
    """
    label = np.zeros(len(names), dtype=np.int64)
    size = np.full(len(names), np.inf)
    place = {name: k for k, name in enumerate(names)}
    for number, own in enumerate(regions.values(), start=1):
        for name in own:
            if len(own) < size[place[name]]:
                label[place[name]], size[place[name]] = number, len(own)
    return label


@dataclass(frozen=True)
class _Scales:
    """Reliability of one portion of units, hidden where its dimension is."""

    points: tuple[Reliability, ...]
    difference: DifferenceReliability


class Beside:
    """Completes the plain form of one kind of units: single ones, or sums of them."""

    def __init__(
        self,
        portions: Sequence[Released],
        customers: Customers,
        *,
        confidence: float,
        siblings: AmongSiblings | None = None,
    ) -> None:
        self._portions = portions
        self._customers = customers
        self._confidence = confidence
        self._siblings = siblings
        self._scales: tuple[int, _Scales, FloatArray] | None = None

    def complete(self, plain: Plain, number: int, unit: int) -> None:
        """Add to a unit's plain form what stands beside its gaps."""
        released = self._portions[number]
        scales, effective = self._of_portion(number)
        plain["reliability"] = reliability_plain(scales.points, unit, difference=scales.difference)
        plain["profile"] = self._likeness(released, unit)
        self._add_share_limits(plain["vantage"][P.value], released, effective[unit], unit)
        if self._siblings is not None:
            before = sum(len(one.cells[P].mean) for one in self._portions[:number])
            self._add_siblings(plain["gaps"], self._siblings, released, before + unit)

    def _of_portion(self, number: int) -> tuple[_Scales, FloatArray]:
        if self._scales is None or self._scales[0] != number:
            customers, released = self._customers(number), self._portions[number]
            scales = _scales(customers, released, confidence=self._confidence)
            self._scales = number, scales, _effective(customers)
        return self._scales[1], self._scales[2]

    def _likeness(self, released: Released, unit: int) -> Plain:
        levels = released.levels
        dimensions = [k for k, (level, _) in enumerate(levels.keys) if level == DIMENSION]
        believed, expected = (released.cells[v].mean[[unit]][:, dimensions] for v in (M, E))
        found = rank_correlation(believed, expected)
        rho = float(found.rho[0])
        return {
            "rank_correlation": None if np.isnan(rho) else rho,
            "verdict": Likeness(int(found.verdict[0])).words,
            "points": int(found.points[0]),
        }

    def _add_share_limits(
        self, cells: Plain, released: Released, effective: FloatArray, unit: int
    ) -> None:
        share, content = released.cells[P].share[unit], released.levels.scale.content
        limits = wilson(np.nan_to_num(share) * effective, effective, confidence=self._confidence)
        rows = zip(
            released.levels.keys,
            share.tolist(),
            limits.low.tolist(),
            limits.high.tolist(),
            strict=True,
        )
        for (level, key), told, low, high in rows:
            place = {DIMENSION: "dimensions", ITEM: "items"}.get(level)
            cell = cells[place][key] if place else cells[level]
            known = isfinite(told) and isfinite(low)
            cell[f"{content}_low"] = low if known else None
            cell[f"{content}_high"] = high if known else None

    def _add_siblings(
        self, gaps: Sequence[Plain], siblings: AmongSiblings, released: Released, unit: int
    ) -> None:
        at = {place: k for k, place in enumerate(released.levels.keys[: released.levels.upper])}
        for entry in gaps:
            place = at.get((entry["level"], entry["key"]))
            if place is None or entry.get("suppressed"):
                continue
            pair = Vantage(entry["minuend"]), Vantage(entry["subtrahend"])
            drawn = siblings.plain(pair, unit, place)
            if drawn is not None:
                entry["shrunken"] = drawn


def _scales(customers: Stacked, released: Released, *, confidence: float) -> _Scales:
    dimensions = [k for k, (level, _) in enumerate(released.levels.keys) if level == DIMENSION]
    hidden: dict[Vantage, NDArray[np.bool_]] = {
        v: released.cell_verdicts[v][:, dimensions] != Verdict.SHOWN for v in (P, E)
    }
    points = tuple(
        reliability(customers, v, confidence=confidence).without(hidden[v]) for v in (P, E)
    )
    difference = difference_reliability(customers).without(hidden[P] | hidden[E])
    return _Scales(points, difference)


def _effective(customers: Stacked) -> FloatArray:
    """Effective number of answers to P at every level, shape (units, levels).

    Kish: (sum c_i)^2 / sum c_i^2 with c_i the answers of person i, as if one person's answers
    were all alike; hence limits rather too wide than too narrow.
    """
    levels = customers.levels
    together = customers.block(P, P, TOGETHER)
    answers = customers.answers[P]
    upper = answers @ levels.reach.T
    squares = ((levels.reach @ together) * levels.reach).sum(axis=2)
    whole = np.divide(upper**2, squares, out=np.zeros_like(upper), where=squares > 0)
    return np.concatenate([whole, answers], axis=1)
