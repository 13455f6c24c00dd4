"""The report on an analyst's own table: the engine's figures, what to look at, and importance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from bot.analysis.long_table import LongTable
from bot.analysis.week_sections import week_sections
from bot.analysis.weights_table import WeightsTable
from bot.analysis.wording import Plain, customer_gap
from gapengine.advice import Advice, counsel
from gapengine.disclosure import MINIMUM
from gapengine.importance import (
    Measured,
    Quadrant,
    Stated,
    Weights,
    chosen_weights,
    prior_weights,
    quadrants,
)
from gapengine.intervals import Errors
from gapengine.report import analyse, analyse_own_table
from gapengine.scale import SEVEN, Scale
from gapengine.vantage import Group


@dataclass(frozen=True)
class Wishes:
    """What the analyst asks of the report."""

    hide_nothing: bool = False
    confidence: float = 0.95
    errors: Errors = Errors.LINEARISED
    scale: Scale = SEVEN


def own_report(
    table: LongTable,
    wishes: Wishes,
    *,
    weights: WeightsTable | None = None,
    regions: Mapping[str, Sequence[str]] | None = None,
) -> Plain:
    """Analyse a table; the result is ``gapbot.report/1`` as plain values.

    With ``weights`` the weighted figures stand beside the plain ones, and each unit has its
    importance and performance side by side.
    """
    dimensions = tuple(dict.fromkeys(table.dimension_by_item.values()))
    stated = _stated(weights, wishes)
    used = chosen_weights(stated, dimensions) if weights else prior_weights(dimensions)
    analysed = analyse_own_table if wishes.hide_nothing else analyse
    plain = analysed(
        table.units,
        table.dimension_by_item,
        regions=regions,
        confidence=wishes.confidence,
        weights=used.shares if weights else None,
        weights_source=used.source,
        errors=wishes.errors,
        scale=wishes.scale,
    ).to_plain()
    if weights:
        plain["importance_stated"] = used.to_plain() | {"others": _others(weights, wishes)}
    for name, sections in week_sections(table, confidence=wishes.confidence).items():
        plain["units"][name] |= sections
    for unit in (*plain["units"].values(), *plain["regions"].values()):
        found = counsel(unit, (), (), weights=used, scale=wishes.scale)
        unit.setdefault("advice", advice_plain(found.advice))
        if weights:
            unit.setdefault("importance", importance_plain(unit, used))
    return plain


def _stated(weights: WeightsTable | None, wishes: Wishes) -> Stated | None:
    if weights is None:
        return None
    return weights.stated(Group.CUSTOMER, confidence=wishes.confidence)


def _others(weights: WeightsTable, wishes: Wishes) -> Plain:
    """What managers and staff say about importance, from the floor of their group on."""
    told = {
        group: weights.stated(group, confidence=wishes.confidence)
        for group in (Group.MANAGER, Group.STAFF)
    }
    return {
        group.value: {
            "n": own.n,
            "shares": dict(zip(own.dimensions, own.shares.tolist(), strict=True)),
        }
        for group, own in told.items()
        if own.n >= (1 if wishes.hide_nothing else MINIMUM[group])
    }


def advice_plain(advice: Sequence[Advice]) -> list[Plain]:
    """Advice as plain values, most urgent first."""
    return [
        {
            "gap": one.gap,
            "dimension": one.dimension,
            "found": one.found,
            "segment": one.segment,
            "priority": one.priority,
            "evidence": _evidence(one),
            "why": [step.to_plain() for step in one.why],
            "passed_over": [other.to_plain() for other in one.passed_over],
        }
        for one in advice
    ]


def _evidence(one: Advice) -> dict[str, Any]:
    names = ("estimate", "low", "high", "n_minuend", "n_subtrahend", "probability", "weight")
    plain = {name: getattr(one.evidence, name) for name in names}
    return plain | {
        "weight_source": one.evidence.weight_source,
        "share_of_customer_gap": one.evidence.share_of_customer_gap,
        "why": one.evidence.why,
    }


def importance_plain(unit: Plain, weights: Weights) -> list[Plain]:
    """Each dimension's weight beside its customer gap, and what follows.

    Importance is cut at the mean weight, performance (P-E) at zero: a dimension is worked on where
    it matters more than most and falls short of what is expected. Weights without an interval (the
    published ones) leave every verdict undecided.
    """
    names = list(unit["chain_by_dimension"])
    importance = Measured.of(
        *([known.get(name, np.nan) for name in names] for known in _shares(weights))
    )
    gaps = [customer_gap(unit, "dimension", name) for name in names]
    performance = Measured.of(
        *([_number(gap[part]) for gap in gaps] for part in ("estimate", "low", "high"))
    )
    verdicts = quadrants(importance, performance, performance_line=0.0).verdict.tolist()
    return [
        {
            "dimension": name,
            "weight": weights.shares[name],
            "low": _known(importance.low[k]),
            "high": _known(importance.high[k]),
            "gap": gaps[k]["estimate"],
            "quadrant": Quadrant(verdict).words,
        }
        for k, (name, verdict) in enumerate(zip(names, verdicts, strict=True))
    ]


def _shares(weights: Weights) -> tuple[Mapping[str, float], ...]:
    return weights.shares, weights.low, weights.high


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _known(value: float) -> float | None:
    return float(value) if isfinite(value) else None
