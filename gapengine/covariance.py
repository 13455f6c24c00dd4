"""How gaps that share people vary together: their full covariance, for comparing gaps.

P-D and M-E both hold customers' answers: a customer who uses the scale generously raises P and E
alike, lifts the one gap and lowers the other. Whether one step of the chain is larger than another
can therefore not be told from their two standard errors alone.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np

from gapengine.estimate import Pair
from gapengine.intervals import linear_factor
from gapengine.levels import FloatArray
from gapengine.sides import Side, own_side
from gapengine.stacking import Stacked
from gapengine.vantage import Group, Vantage, group_of


def gap_covariance(groups: Mapping[Group, Stacked], pairs: Sequence[Pair]) -> FloatArray:
    """Covariance of gaps at every level, from moments.

    Parameters
    ----------
    groups
        The stacked moments of the three groups.
    pairs
        The gaps, each minuend and subtrahend.

    Returns
    -------
    FloatArray
        Shape (units, levels, gaps, gaps), in squared points; NaN in the rows and columns of gaps
        a side of which fewer than two people told. The diagonal is the square of the linearised
        standard error of ``figures``.

    Notes
    -----
    With z_i what person i adds to a gap (docs/explanation/intervals.md), two gaps g and h have the
    covariance sum over groups of sqrt(f_g f_h) sum_i z_gi z_hi, where f is n/(n-1) of the people
    of that group who tell the gap: one group's people are independent of another's.
    """
    sides = {v: own_side(groups[group_of(v)], v) for pair in pairs for v in pair}
    factors = [_factors(sides, pair) for pair in pairs]
    first = next(iter(sides.values()))
    result = np.zeros((*first.mean.shape, len(pairs), len(pairs)))
    for one, two in combinations_with_replacement(range(len(pairs)), 2):
        total = _covariance(sides, (pairs[one], pairs[two]), (factors[one], factors[two]))
        result[..., one, two] = result[..., two, one] = total
    return result


def _factors(sides: Mapping[Vantage, Side], pair: Pair) -> dict[Group, FloatArray]:
    """sqrt(n/(n-1)) of the people of each group who tell a gap, NaN below two of them."""
    columns: dict[Group, list[Vantage]] = {}
    for vantage in pair:
        columns.setdefault(group_of(vantage), []).append(vantage)
    return {
        group: np.sqrt(linear_factor(sides[own[0]].stacked.people(*own)))
        for group, own in columns.items()
    }


def _covariance(
    sides: Mapping[Vantage, Side],
    pairs: tuple[Pair, Pair],
    factors: tuple[dict[Group, FloatArray], dict[Group, FloatArray]],
) -> FloatArray:
    known = sum(sum(own.values(), np.zeros(())) for own in factors)
    total = np.zeros(np.shape(known))
    for k, a in enumerate(pairs[0]):
        for m, b in enumerate(pairs[1]):
            group = group_of(a)
            if group is group_of(b):
                sign = 1.0 if k == m else -1.0
                shared = factors[0][group] * factors[1][group]
                total = total + sign * shared * sides[a].squares(sides[b])
    return np.where(np.isnan(known), np.nan, total)
