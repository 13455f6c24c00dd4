"""Which gap to work on, where it arises, why, and which fixes fit. Deterministic.

Only cells that are released and whose interval leaves out zero on the harmful side are considered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.special import stdtr

from gapengine.importance import Weights, prior_weights
from gapengine.vantage import CHAIN, CHAIN_ORDER, Vantage, names_of

Plain = Mapping[str, Any]

NOTABLE = -0.25
"""A gap worth acting on: P(gap < NOTABLE) enters the priority."""

_COMPOSITE = frozenset({"P-E", "D-E"})


@dataclass(frozen=True)
class Antecedent:
    """A cause staff and managers rated: mean score 1..7, high = healthy, and how many rated it.

    ``gap`` is any name of the gap it belongs to (seed's, classic code, or label).
    """

    code: str
    gap: str
    score: float
    n_respondents: int


@dataclass(frozen=True)
class Fix:
    """A catalogue entry as plain values.

    Empty ``dimensions`` or ``causes`` fit all. ``record`` is what it did in this organisation:
    above 0 it helped, below 0 it did not, 0 unknown.
    """

    code: str
    gaps: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    record: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """Why this was chosen.

    ``estimate`` to ``n_subtrahend`` are the segment's; ``probability`` is that of the gap found.
    """

    estimate: float
    low: float
    high: float
    n_minuend: int
    n_subtrahend: int
    probability: float
    weight: float
    weight_source: str
    share_of_customer_gap: float | None
    cause_score: float | None
    cause_respondents: int | None
    why: str


@dataclass(frozen=True)
class Advice:
    """One gap to work on.

    ``found`` is the difference that set the priority, ``segment`` the step of the chain where it
    arises (the same, unless it is a composite), ``gap`` the segment's name.
    """

    gap: str
    dimension: str | None
    found: str
    segment: str
    cause: str | None
    fixes: tuple[str, ...]
    priority: float
    evidence: Evidence


def advise(
    report_unit: Plain,
    antecedents: Sequence[Antecedent],
    fixes: Sequence[Fix],
    *,
    weights: Weights | None = None,
) -> list[Advice]:
    """Rank what to work on in one unit of a report, most urgent first.

    priority = weight * max(0, -gap) * P(gap < -0.25). A composite gap (P-E, D-E) is traced to the
    step of its chain that loses most and is itself established; if there is none it stays as it
    is. A gap that no dimension establishes may still be advised on overall (dimension None).
    """
    used = weights or prior_weights(tuple(report_unit["chain_by_dimension"]) or ("overall",))
    best: dict[tuple[str, str | None], Advice] = {}
    for entry in _candidates(report_unit["gaps"]):
        advice = _advice(report_unit, entry, antecedents, fixes=fixes, weights=used)
        place = advice.segment, advice.dimension
        if place not in best or advice.priority > best[place].priority:
            best[place] = advice
    within = {segment for segment, dimension in best if dimension is not None}
    kept = [a for a in best.values() if a.dimension is not None or a.segment not in within]
    return sorted(kept, key=lambda a: (-a.priority, a.segment, a.dimension or ""))


def _candidates(gaps: Sequence[Plain]) -> Iterator[Plain]:
    """Established shortfalls above item level, each difference once."""
    for entry in gaps:
        pair = Vantage(entry["minuend"]), Vantage(entry["subtrahend"])
        first = names_of(pair)[0] == entry["name"]
        if first and entry["level"] != "item" and _is_shortfall(entry):
            yield entry


def _is_shortfall(entry: Plain) -> bool:
    return not entry.get("suppressed") and entry["high"] is not None and entry["high"] < 0


def _advice(
    report_unit: Plain,
    entry: Plain,
    antecedents: Sequence[Antecedent],
    *,
    fixes: Sequence[Fix],
    weights: Weights,
) -> Advice:
    dimension = entry["key"] if entry["level"] == "dimension" else None
    source = _segment(report_unit, entry, dimension)
    pair = Vantage(source["minuend"]), Vantage(source["subtrahend"])
    names = _names_within(pair)
    cause = _weakest(antecedents, names)
    evidence = _evidence(
        entry,
        source,
        cause,
        weight=1.0 if dimension is None else weights.shares.get(dimension, 0.0),
        weight_source="whole" if dimension is None else weights.source,
        share=_share(report_unit, source, dimension),
    )
    return Advice(
        gap=names[0],
        dimension=dimension,
        found=_label(entry),
        segment=_label(source),
        cause=None if cause is None else cause.code,
        fixes=_fitting(fixes, names, dimension, cause=None if cause is None else cause.code),
        priority=evidence.weight * max(0.0, -entry["estimate"]) * evidence.probability,
        evidence=evidence,
    )


def _evidence(
    entry: Plain,
    source: Plain,
    cause: Antecedent | None,
    *,
    weight: float,
    weight_source: str,
    share: float | None,
) -> Evidence:
    return Evidence(
        estimate=source["estimate"],
        low=source["low"],
        high=source["high"],
        n_minuend=source["n_minuend"],
        n_subtrahend=source["n_subtrahend"],
        probability=_probability(entry),
        weight=weight,
        weight_source=weight_source,
        share_of_customer_gap=share,
        cause_score=None if cause is None else cause.score,
        cause_respondents=None if cause is None else cause.n_respondents,
        why=_why(_label(entry), _label(source), share, cause=cause),
    )


def _label(entry: Plain) -> str:
    return f"{entry['minuend']}-{entry['subtrahend']}"


def _segment(report_unit: Plain, entry: Plain, dimension: str | None) -> Plain:
    """The established link that loses most inside a composite gap; else the gap itself."""
    if _label(entry) not in _COMPOSITE:
        return entry
    links = list(_chain(report_unit, dimension))
    if entry["minuend"] == Vantage.DELIVERED:
        links = [link for link in links if link["minuend"] != Vantage.PERCEIVED]
    losing = [link for link in links if _is_shortfall(link)]
    return min(losing, key=lambda link: (link["estimate"], link["label"]), default=entry)


def _names_within(pair: tuple[Vantage, Vantage]) -> tuple[str, ...]:
    """The names of a difference and, where it is a joined link, of the links it runs across."""
    names = names_of(pair)
    if len(names) > 1:
        return names
    start, end = CHAIN_ORDER.index(pair[0]), CHAIN_ORDER.index(pair[1])
    return names + tuple(name for link in CHAIN[start:end] for name in names_of(link.pair))


def _chain(report_unit: Plain, dimension: str | None) -> Sequence[Plain]:
    if dimension is None:
        whole: Sequence[Plain] = report_unit["chain"]
        return whole
    own: Sequence[Plain] = report_unit["chain_by_dimension"].get(dimension, [])
    return own


def _share(report_unit: Plain, source: Plain, dimension: str | None) -> float | None:
    """Share of P-E that arises in a link of the chain; None for gaps off the chain."""
    links = _chain(report_unit, dimension)
    total = sum(link["estimate"] for link in links)
    ends = links and (links[0]["minuend"], links[-1]["subtrahend"])
    pair = source["minuend"], source["subtrahend"]
    on_chain = any((link["minuend"], link["subtrahend"]) == pair for link in links)
    if ends != (Vantage.PERCEIVED, Vantage.EXPECTED) or total >= 0 or not on_chain:
        return None
    return float(source["estimate"] / total)


def _probability(entry: Plain) -> float:
    """P(gap < NOTABLE) from the t distribution around the estimate."""
    distance = NOTABLE - entry["estimate"]
    if entry["se"] == 0:
        return 1.0 if distance > 0 else 0.0
    return float(stdtr(entry["df"], distance / entry["se"]))


def _weakest(antecedents: Sequence[Antecedent], names: Sequence[str]) -> Antecedent | None:
    own = [cause for cause in antecedents if cause.gap in names]
    return min(own, key=lambda cause: (cause.score, cause.code), default=None)


def _fitting(
    fixes: Sequence[Fix], names: Sequence[str], dimension: str | None, *, cause: str | None
) -> tuple[str, ...]:
    """Codes of the fixes for a gap: those aimed at the cause first, then by record."""
    fit = [
        fix
        for fix in fixes
        if set(fix.gaps) & set(names)
        and (not fix.dimensions or dimension in fix.dimensions)
        and (not fix.causes or cause is None or cause in fix.causes)
    ]
    fit.sort(key=lambda fix: (cause not in fix.causes, not fix.dimensions, -fix.record, fix.code))
    return tuple(fix.code for fix in fit)


def _why(found: str, segment: str, share: float | None, *, cause: Antecedent | None) -> str:
    parts = [f"{found} is established below zero"]
    if segment != found:
        parts.append(f"most of it arises in {segment}")
    if share is not None:
        parts.append(f"{share:.0%} of P-E")
    if cause is not None:
        parts.append(f"weakest cause {cause.code} at {cause.score:.1f} of 7")
    return "; ".join(parts)
