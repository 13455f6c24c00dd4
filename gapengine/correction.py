"""Variances that stay honest where an item was answered by few people.

The linearised variance measures each answer from its item's own mean. That mean moves with the
answer, so the residuals of n answers are too small by (n-1)/n, and vanish for a single one: where
runs ask two items of twenty-two, the sum over persons is far too small. Three remedies, all from
moments; with complete answers each of them equals the linearised variance.

1. *Own items.* Two answers to items j and k, given together by K of n_j and n_k people, have
   residuals whose product is expected to be the covariance times f_jk = 1 - 1/n_j - 1/n_k +
   K/(n_j n_k). Each item's part (j = k) is divided by its f. An item with f = 0 was answered once
   and takes the covariance pooled over the unit's other items.
2. *Between items.* The parts with j != k are too few to be corrected one by one. Their sum is
   corrected once, by the ratio of sum w K / (n_j n_k) to sum w K f_jk / (n_j n_k), and by scaling
   every residual by sqrt(n/(n-1)), which keeps a variance positive; the larger one is used.
3. *Thin levels.* Below THIN answers per item the residuals left over are too few to tell how much
   persons differ. They are measured from the level's own mean instead, which adds the spread
   between the items: wider than needed, never narrower (collapsed strata; Cochran 1977, Sampling
   Techniques, 5A.12). Persons weigh h_i, sum 1, so 1/(1 - sum h_i^2) takes the place of n/(n-1).

Answers that do not differ at all say nothing about their spread: the variance is then unknown.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from gapengine.intervals import Part
from gapengine.levels import FloatArray
from gapengine.moments import COUNT_SUM, PRODUCT, SUM_COUNT, TOGETHER
from gapengine.sides import Side
from gapengine.stacking import Stacked

THIN = 2.0
"""Answers per item below which a level's spread is measured around the level's own mean."""

_NOTHING = 1e-10

Block = tuple[Side, Side, float]


def side_part(side: Side) -> Part:
    """Variance and degrees of freedom of one side at every level, NaN where unknown."""
    if "part" not in side.kept:
        side.kept["part"] = _part((side,), side.people)
    part: Part = side.kept["part"]
    return part


def paired_part(left: Side, right: Side, people: FloatArray) -> Part:
    """The same for a difference told by the same people; ``people`` tell either side."""
    return _part((left, right), people)


def _part(sides: Sequence[Side], people: FloatArray) -> Part:
    variance = _around_items(_blocks(*sides))
    df = np.minimum(np.minimum.reduce([_freedom(side) for side in sides]), people - 1)
    thin = np.minimum.reduce([_answers_per_item(side) for side in sides]) < THIN
    if thin.any():
        upper = sides[0].levels.upper
        wide = around_level(*sides)
        variance[:, :upper] = np.where(thin, wide.variance, variance[:, :upper])
        df[:, :upper] = np.where(thin, wide.df, df[:, :upper])
    known = (variance > _NOTHING) & (df > _NOTHING)
    return Part(np.where(known, variance, np.nan), np.where(known, df, np.nan))


def around_level(left: Side, right: Side | None = None) -> Part:
    """Variance of one side or of a paired difference, around the means of the upper levels.

    z_i = sum over items of w_j (t_ij - m c_ij) / n_j with m the level's mean; the variance is
    sum z_i^2 / (1 - sum h_i^2), h_i = sum w_j c_ij / n_j, with 1 / sum h_i^2 - 1 degrees of
    freedom. Shape (units, upper levels); NaN where it is unknown.
    """
    squares, load = np.zeros(()), np.zeros(())
    for a, b, sign in _blocks(left, right):
        centred, together = _once("centred", a, b, make=_centred)
        squares = squares + sign * centred
        if a is b:
            load = np.maximum(load, together)
    known = (load > 0) & (load < 1 - _NOTHING) & (squares > _NOTHING)
    nothing = np.full(squares.shape, np.nan)
    variance = np.divide(squares, 1 - load, out=nothing.copy(), where=known)
    return Part(variance, np.divide(1, load, out=nothing, where=known) - 1)


def _blocks(left: Side, right: Side | None = None) -> Sequence[Block]:
    if right is None:
        return ((left, left, 1.0),)
    return ((left, left, 1.0), (right, right, 1.0), (left, right, -2.0))


def _centred(a: Side, b: Side) -> tuple[FloatArray, FloatArray]:
    """Sums over persons of z_a z_b and of h_a h_b at the upper levels."""
    upper = a.levels.upper
    means = [np.nan_to_num(side.mean[:, : side.shares.shape[1]]) for side in (a, b)]
    forms = [
        _form(a.loads, a.stacked.block(a.column, b.column, kind), b.loads)
        for kind in (TOGETHER, SUM_COUNT, COUNT_SUM, PRODUCT)
    ]
    total = forms[PRODUCT] - means[1] * forms[SUM_COUNT] - means[0] * forms[COUNT_SUM]
    total += means[0] * means[1] * forms[TOGETHER]
    return total[:, :upper], forms[TOGETHER][:, :upper]


def _around_items(blocks: Sequence[Block]) -> FloatArray:
    """Variance at every level with residuals from item means: remedies 1 and 2."""
    own: FloatArray = np.zeros(())
    scaled: FloatArray = np.zeros(())
    rated: FloatArray = np.zeros(())
    for a, b, sign in blocks:
        items, by_scale, by_ratio = _once("corrected", a, b, make=_corrected)
        own = own + sign * items
        scaled = scaled + sign * by_scale
        rated = rated + sign * by_ratio
    upper = scaled.shape[1]
    own[:, :upper] += np.maximum(scaled, rated)
    return own


def _once(
    name: str, a: Side, b: Side, *, make: Callable[[Side, Side], tuple[FloatArray, ...]]
) -> tuple[FloatArray, ...]:
    """What a side has with itself serves all its gaps; what two have together is needed once."""
    if a is not b:
        return make(a, b)
    if name not in a.kept:
        a.kept[name] = make(a, a)
    kept: tuple[FloatArray, ...] = a.kept[name]
    return kept


def _corrected(a: Side, b: Side) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The items' own part at the side's levels; what lies between items, corrected in both ways."""
    stacked = a.stacked
    raw = stacked.deviations(a.column, b.column)
    together = stacked.block(a.column, b.column, TOGETHER)
    expected = stacked.kept("expected", a.column, b.column, make=partial(_expected, stacked))
    items = _own_items(a, b, raw, expected)
    within = np.vecdot(a.shares * b.shares, items[:, None, :])
    plain, by_scale = np.split(_between(_both_loads(a), raw, _both_loads(b)), 2, axis=1)
    kept = _between(a.loads, expected, b.loads)
    by_ratio = plain * _ratio(_between(a.loads, together, b.loads), kept)
    return a.at_levels(within, items), by_scale, by_ratio


def _expected(stacked: Stacked, a: str, b: str) -> FloatArray:
    """``together`` times the part f of a covariance that residuals from item means keep."""
    together = stacked.block(a, b, TOGETHER)
    part = together * stacked.load[a][:, :, None]
    part *= stacked.load[b][:, None, :]
    part -= stacked.leverage(a)[:, :, None]
    part -= stacked.leverage(b)[:, None, :]
    part += 1
    np.maximum(part, 0.0, out=part)
    part *= together
    return part


def _own_items(a: Side, b: Side, raw: FloatArray, expected_sums: FloatArray) -> FloatArray:
    """Covariance of the item means themselves, shape (units, items)."""
    stacked, columns = a.stacked, (a.column, b.column)
    sums = raw, stacked.block(*columns, TOGETHER), expected_sums
    residual, together, expected = (stacked.of_items(own, *columns) for own in sums)
    size = stacked.answers[a.column] * stacked.answers[b.column]
    known = expected > _NOTHING
    below = (expected * size).sum(axis=1)
    unknown = np.full(below.shape, np.nan)
    pooled = np.divide((residual * size).sum(axis=1), below, out=unknown, where=below > _NOTHING)
    own = np.divide(residual * together, expected, out=np.zeros_like(residual), where=known)
    borrowed = np.where(together > 0, together * pooled[:, None], 0.0)
    return np.where(known, own, borrowed)


def _freedom(side: Side) -> FloatArray:
    """The design's degrees of freedom, worked out once per side."""
    if "freedom" not in side.kept:
        side.kept["freedom"] = _freedom_of(side)
    freedom: FloatArray = side.kept["freedom"]
    return freedom


def _freedom_of(side: Side) -> FloatArray:
    """Satterthwaite's degrees of freedom from the design alone, shape (units, levels).

    An item answered n times has n - 1; pooled variances have the sum of all items' n - 1. The
    level's variance is a sum of these with weights g = w^2 / n, so with G the weight of the items
    answered once: (sum g)^2 / (sum g^2/(n-1) + (2 G sum g + G^2) / sum (n-1)), g over the others.
    """
    leverage = side.stacked.leverage(side.column)
    many = _ratio(np.ones_like(leverage), leverage)
    spare = np.where(many > 1 + _NOTHING, many - 1, 0.0)
    squares = side.shares**2
    whole = np.vecdot(squares, leverage[:, None, :])
    own = np.vecdot(squares, np.where(spare > 0, leverage, 0.0)[:, None, :])
    once, pool = whole - own, spare.sum(axis=1)[:, None]
    below = np.vecdot(squares**2, _ratio(leverage**2, spare)[:, None, :])
    below += _ratio(2 * once * own + once**2, np.broadcast_to(pool, once.shape))
    return side.at_levels(_ratio(whole**2, below), spare)


def _answers_per_item(side: Side) -> FloatArray:
    """Mean number of answers to the items of each upper level, shape (units, upper levels)."""
    counted = (side.shares > 0).astype(np.float64)
    answers = np.vecdot(counted, side.stacked.answers[side.column][:, None, :])
    return _ratio(answers, counted.sum(axis=2))


def _between(left: FloatArray, matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Weighted sum over pairs of different items, shape (units, upper levels)."""
    own: FloatArray = np.vecdot(left * right, _diagonal(matrix)[:, None, :])
    return _form(left, matrix, right) - own


def _form(left: FloatArray, matrix: FloatArray, right: FloatArray) -> FloatArray:
    form: FloatArray = np.vecdot(left @ matrix, right)
    return form


def _both_loads(side: Side) -> FloatArray:
    """The loads, then the loads grown by sqrt(n/(n-1)) per item, 1 where residuals vanish anyway.

    Shape (units, 2 * upper levels, items).
    """
    leverage = side.stacked.leverage(side.column)
    grown = 1 / np.sqrt(np.where(leverage < 1 - _NOTHING, 1 - leverage, 1.0))
    return np.concatenate([side.loads, side.loads * grown[:, None, :]], axis=1)


def _diagonal(square: FloatArray) -> FloatArray:
    return np.diagonal(square, axis1=1, axis2=2)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    known = below > _NOTHING
    return np.where(known, above / np.where(known, below, 1.0), 0.0)
