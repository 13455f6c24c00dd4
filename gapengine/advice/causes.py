"""The weakest cause under a gap, and the fixes that fit: what is chosen, and what is not."""

from collections.abc import Iterator, Sequence

from gapengine.advice.entries import Antecedent, Choice, Fix, PassedOver, Reason
from gapengine.disclosure import MINIMUM
from gapengine.vantage import Group

FEWEST_RATINGS = MINIMUM[Group.MANAGER]
"""Fewest people who must have rated a cause."""


def weakest(antecedents: Sequence[Antecedent], names: Sequence[str]) -> Antecedent | None:
    """The cause of a gap that is rated least healthy, by enough people."""
    own = [
        cause
        for cause in antecedents
        if cause.gap in names and cause.n_respondents >= FEWEST_RATINGS
    ]
    return min(own, key=lambda cause: (cause.score, cause.code), default=None)


def causes_passed_over(
    antecedents: Sequence[Antecedent],
    names: Sequence[str],
    chosen: Antecedent | None,
    *,
    dimension: str | None,
) -> Iterator[PassedOver]:
    """The other causes of the same gap; a cause rated by too few keeps its score hidden."""
    for cause in antecedents:
        if cause.gap not in names or cause is chosen:
            continue
        few = cause.n_respondents < FEWEST_RATINGS
        yield PassedOver(
            Choice.CAUSE,
            cause.code,
            dimension,
            Reason.FEW_RATINGS if few else Reason.HEALTHIER,
            None if few else cause.score,
        )


def fitting(
    fixes: Sequence[Fix], names: Sequence[str], dimension: str | None, *, cause: str | None
) -> list[Fix]:
    """Fixes for a gap, best first.

    What did not help here before comes last; then those aimed at the cause, those meant for the
    dimension, the better record, the name.
    """
    fit = [
        fix
        for fix in fixes
        if set(fix.gaps) & set(names) and _mismatch(fix, dimension, cause) is None
    ]
    fit.sort(
        key=lambda fix: (
            fix.record < 0,
            cause not in fix.causes,
            not fix.dimensions,
            -fix.record,
            fix.code,
        )
    )
    return fit


def fixes_passed_over(
    fixes: Sequence[Fix], names: Sequence[str], dimension: str | None, *, cause: str | None
) -> Iterator[PassedOver]:
    """Every fix for the gap but the first choice, with what spoke against it."""
    order = fitting(fixes, names, dimension, cause=cause)
    for fix in fixes:
        if set(fix.gaps) & set(names) and (not order or fix is not order[0]):
            reason = _mismatch(fix, dimension, cause) or _beaten(fix, order[0], cause)
            yield PassedOver(Choice.FIX, fix.code, dimension, reason, fix.record)


def _mismatch(fix: Fix, dimension: str | None, cause: str | None) -> Reason | None:
    """Why a fix does not fit at all."""
    if fix.dimensions and dimension not in fix.dimensions:
        return Reason.OTHER_DIMENSION
    if fix.causes and cause is not None and cause not in fix.causes:
        return Reason.OTHER_CAUSE
    return None


def _beaten(fix: Fix, best: Fix, cause: str | None) -> Reason:
    """Why a fix that fits stands behind the best one."""
    if fix.record < 0 <= best.record:
        return Reason.DID_NOT_HELP
    close = (cause in fix.causes, bool(fix.dimensions))
    if close != (cause in best.causes, bool(best.dimensions)):
        return Reason.LESS_SPECIFIC
    return Reason.WORSE_RECORD if fix.record < best.record else Reason.SAME_MERIT
