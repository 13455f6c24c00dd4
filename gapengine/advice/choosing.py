"""Which gap to work on, where it arises, why, and which fixes fit. Deterministic.

Only gaps that are shown and whose interval leaves out zero on the harmful side are considered.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gapengine.advice.causes import causes_passed_over, fitting, fixes_passed_over, weakest
from gapengine.advice.entries import (
    Advice,
    Antecedent,
    Choice,
    Counsel,
    Evidence,
    Fix,
    PassedOver,
    Plain,
    Reason,
    Step,
)
from gapengine.advice.gaps import (
    candidates,
    dimension_of,
    label,
    names_within,
    objection,
    segment_of,
    segments_passed_over,
    share_of_customer_gap,
    size_of,
)
from gapengine.importance import Weights, prior_weights
from gapengine.scale import SEVEN, Scale

_EQUAL_DIGITS = 9
"""Priorities that agree to this many decimals are equal."""


@dataclass(frozen=True)
class _Ground:
    """What a unit's gaps are judged by."""

    antecedents: Sequence[Antecedent]
    fixes: Sequence[Fix]
    weights: Weights
    scale: Scale


def advise(
    report_unit: Plain,
    antecedents: Sequence[Antecedent],
    fixes: Sequence[Fix],
    *,
    weights: Weights | None = None,
    scale: Scale = SEVEN,
) -> list[Advice]:
    """Rank what to work on in one unit of a report, most urgent first: ``counsel``'s advice."""
    return list(counsel(report_unit, antecedents, fixes, weights=weights, scale=scale).advice)


def counsel(
    report_unit: Plain,
    antecedents: Sequence[Antecedent],
    fixes: Sequence[Fix],
    *,
    weights: Weights | None = None,
    scale: Scale = SEVEN,
) -> Counsel:
    """Rank what to work on in one unit, and say of every other gap why it is not among it.

    priority = weight * max(0, -gap) * P(gap < -0.25), with the gap shrunken towards sibling units
    where the report has that ("shrunken" in a gap's entry), else the raw one; ``basis`` says
    which. A composite gap (P-E, D-E) is traced to the step of its chain that loses most and is
    itself established; if there is none it stays as it is. Then follow the step's weakest cause
    and the fixes. A gap that no dimension establishes may still be advised on overall (dimension
    None).

    Parameters
    ----------
    report_unit
        One unit of a report's plain form.
    antecedents, fixes
        Causes rated in this unit, and the fixes there are to choose from.
    weights
        Importance of the dimensions; None is the published prior.
    scale
        On which the report's answers and the causes' ratings were given; -0.25 is of seven.
    """
    used = weights or prior_weights(tuple(report_unit["chain_by_dimension"]) or ("overall",))
    ground = _Ground(antecedents, fixes, used, scale)
    refused, found = [], []
    for entry in candidates(report_unit):
        reason = objection(entry)
        if reason is None:
            found.append(_advice(report_unit, entry, ground))
        else:
            refused.append(PassedOver(Choice.GAP, label(entry), dimension_of(entry), reason))
    kept, merged = _distinct(found)
    losers = (*refused, *merged)
    return Counsel(
        tuple(_with_runners_up(one, kept[place + 1 :], losers) for place, one in enumerate(kept)),
        losers,
    )


def _distinct(found: Iterable[Advice]) -> tuple[list[Advice], list[PassedOver]]:
    """One advice per step and dimension, in order of priority, and what it stands for."""
    kept: dict[tuple[str, str | None], Advice] = {}
    merged: list[PassedOver] = []
    order = sorted(found, key=_rank)
    within = {one.segment for one in order if one.dimension is not None}
    for one in order:
        if one.dimension is None and one.segment in within:
            merged.append(_passed(one, Reason.SHOWN_BY_DIMENSION))
        elif (one.segment, one.dimension) in kept:
            merged.append(_passed(one, Reason.SAME_STEP))
        else:
            kept[one.segment, one.dimension] = one
    return list(kept.values()), merged


def _rank(one: Advice) -> tuple[float, str, str, bool, str]:
    """Larger priority first; where two are equal but for rounding, names decide.

    Of gaps that lead to the same step, the one customers live (P-E) speaks for it.
    """
    level = round(one.priority, _EQUAL_DIGITS)
    return -level, one.segment, one.dimension or "", one.found != "P-E", one.found


def _passed(one: Advice, reason: Reason) -> PassedOver:
    return PassedOver(Choice.GAP, one.found, one.dimension, reason, one.priority)


def _with_runners_up(one: Advice, later: Sequence[Advice], losers: Sequence[PassedOver]) -> Advice:
    """Add the gaps that stand behind this advice to the steps, causes and fixes that do."""
    behind = [_passed(other, Reason.SMALLER_PRIORITY) for other in later]
    beside = [loser for loser in losers if loser.dimension == one.dimension]
    return replace(one, passed_over=(*behind, *beside, *one.passed_over))


def _advice(report_unit: Plain, entry: Plain, ground: _Ground) -> Advice:
    antecedents, fixes = ground.antecedents, ground.fixes
    dimension, source = dimension_of(entry), segment_of(report_unit, entry)
    names = names_within(source)
    cause = weakest(antecedents, names)
    code = None if cause is None else cause.code
    fit = fitting(fixes, names, dimension, cause=code)
    evidence = _evidence(
        entry,
        source,
        cause,
        share=share_of_customer_gap(report_unit, source, entry),
        ground=ground,
    )
    size = -evidence.found_estimate
    priority = evidence.weight * max(0.0, size) * evidence.probability
    return Advice(
        gap=names[0],
        dimension=dimension,
        found=label(entry),
        segment=label(source),
        cause=code,
        fixes=tuple(fix.code for fix in fit),
        priority=priority,
        evidence=evidence,
        why=tuple(_steps(entry, source, evidence, cause=cause, fix=fit[0] if fit else None)),
        passed_over=(
            *segments_passed_over(report_unit, entry, source),
            *causes_passed_over(antecedents, names, cause, dimension=dimension),
            *fixes_passed_over(fixes, names, dimension, cause=code),
        ),
    )


def _evidence(
    entry: Plain,
    source: Plain,
    cause: Antecedent | None,
    *,
    share: float | None,
    ground: _Ground,
) -> Evidence:
    dimension, size, weights = dimension_of(entry), size_of(entry, ground.scale), ground.weights
    return Evidence(
        estimate=source["estimate"],
        low=source["low"],
        high=source["high"],
        n_minuend=source["n_minuend"],
        n_subtrahend=source["n_subtrahend"],
        probability=size.probability,
        weight=1.0 if dimension is None else weights.shares.get(dimension, 0.0),
        weight_source="whole" if dimension is None else weights.source,
        share_of_customer_gap=share,
        cause_score=None if cause is None else cause.score,
        cause_respondents=None if cause is None else cause.n_respondents,
        why=_why(label(entry), label(source), share, cause=cause, scale=ground.scale),
        found_estimate=size.estimate,
        basis=size.basis,
    )


def _steps(
    entry: Plain,
    source: Plain,
    evidence: Evidence,
    *,
    cause: Antecedent | None,
    fix: Fix | None,
) -> Iterator[Step]:
    """The choices in order, each with the numbers that decided it."""
    size = {
        "estimate": evidence.found_estimate,
        "basis": evidence.basis,
        "probability": evidence.probability,
        "weight": evidence.weight,
        "weight_source": evidence.weight_source,
    }
    yield Step(Choice.GAP, label(entry), size | {"low": entry["low"], "high": entry["high"]})
    where = {part: source[part] for part in ("estimate", "low", "high")}
    share = {"share_of_customer_gap": evidence.share_of_customer_gap}
    yield Step(Choice.SEGMENT, label(source), where | share)
    if cause is not None:
        rated = {"score": cause.score, "n_respondents": cause.n_respondents}
        yield Step(Choice.CAUSE, cause.code, rated)
    if fix is not None:
        aimed = cause is not None and cause.code in fix.causes
        yield Step(Choice.FIX, fix.code, {"aimed_at_cause": aimed, "record": fix.record})


def _why(
    found: str, segment: str, share: float | None, *, cause: Antecedent | None, scale: Scale
) -> str:
    parts = [f"{found} is established below zero"]
    if segment != found:
        parts.append(f"most of it arises in {segment}")
    if share is not None:
        parts.append(f"{share:.0%} of P-E")
    if cause is not None:
        parts.append(f"weakest cause {cause.code} at {cause.score:.1f} of {scale.points}")
    return "; ".join(parts)
