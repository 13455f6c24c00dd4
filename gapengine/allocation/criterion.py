"""What one more answer is worth: the variance of the gaps as a function of who was asked what.

With n_j answers to item j and n_jk persons who answered both j and k, the mean of a level with
item shares w has the variance

    sum_j w_j^2 s_j^2 / n_j  +  sum_{j != k} w_j w_k r_jk s_j s_k n_jk / (n_j n_k).

The first sum falls with every answer, the second rises when two answers come from one person. A
*cell* is this variance for one column (a vantage point, or a difference told by the same people)
at one level (overall or a dimension). Source: linearised variance of a sum of means; the formula
is that of ``gapengine.estimate`` with the expected products in place of the observed ones.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from gapengine.allocation.blueprint import Blueprint
from gapengine.allocation.spreads import Column, Outlook, dimensions_of
from gapengine.allocation.standing import Standing
from gapengine.levels import FloatArray, Levels

BoolArray = NDArray[np.bool_]

_HALF = 0.5
"""Added to every count, so that what nobody answered yet has a large variance, not an endless."""


@dataclass(frozen=True, eq=False)
class Criterion:
    """The cells of a blueprint under an outlook; computed once, used for every form.

    Attributes
    ----------
    kernels
        Shape (cells, items, items): w_j w_k r_jk s_j s_k, for columns asked of every item.
    total
        Shape (items, items): the kernels added up by weight.
    extra_kernels, extra_total
        Shape (cells, extra asks) and (extra asks,): the same for asks of one more vantage point.
        One form asks few of them, so what two have in common is left out.
    reach, extra_reach
        Shapes (cells, items): 1 where asking the item helps the cell.
    extra_item
        Shape (extra asks,): the item's place.
    dimension
        Shape (items,): which dimension an item belongs to.
    meeting_chance, extra_rate
        At random: chance that a second item is asked along with a given one; asks of one more
        vantage point per form.
    """

    kernels: FloatArray
    total: FloatArray
    extra_kernels: FloatArray
    extra_total: FloatArray
    reach: BoolArray
    extra_reach: BoolArray
    extra_item: NDArray[np.int64]
    dimension: NDArray[np.int64]
    meeting_chance: float
    extra_rate: float


@lru_cache(maxsize=128)
def criterion_of(blueprint: Blueprint, outlook: Outlook) -> Criterion:
    """Lay out the cells once per blueprint and outlook."""
    levels = Levels.of(
        blueprint.dimension_of,
        weights=None
        if outlook.importance is None
        else dict(zip(dimensions_of(blueprint), outlook.importance, strict=True)),
    )
    names = np.array(levels.dimension_of)
    item_at = {item: k for k, item in enumerate(levels.items)}
    together = [c for c in outlook.columns if set(c) <= set(blueprint.together)]
    kernels, total = _kernels(levels, outlook, together)
    extra_kernels, extra_total = _extra_kernels(blueprint, levels, outlook)
    extra_item = np.array([item_at[item] for item, _ in blueprint.extra], dtype=np.int64)
    many, slots = len(levels.items), blueprint.items_per_form
    extra_reach = np.zeros((len(extra_kernels), many), dtype=bool)
    rows, asks = np.nonzero(extra_kernels)
    extra_reach[rows, extra_item[asks]] = True
    return Criterion(
        kernels=kernels,
        total=total,
        extra_kernels=extra_kernels,
        extra_total=extra_total,
        reach=np.diagonal(kernels, axis1=1, axis2=2) > 0,
        extra_reach=extra_reach,
        extra_item=extra_item,
        dimension=np.unique(names, return_inverse=True)[1].astype(np.int64),
        meeting_chance=(slots - 1) / (many - 1) if many > 1 else 0.0,
        extra_rate=_extra_rate(blueprint),
    )


def _kernels(
    levels: Levels, outlook: Outlook, columns: list[Column]
) -> tuple[FloatArray, FloatArray]:
    """Cells column by column, overall before dimensions, and their weighted sum."""
    many = len(levels.items)
    shares = _shares(levels, np.ones(many, dtype=bool))
    alike = np.where(levels.member.T @ levels.member > 0, outlook.within, outlook.across)
    np.fill_diagonal(alike, 1.0)
    found, total = [], np.zeros((many, many))
    for column, variance, weights in _rows(outlook):
        if column in columns:
            spread = np.sqrt(np.array(variance))
            own = shares[:, :, None] * shares[:, None, :] * np.outer(spread, spread) * alike
            found.append(own)
            total += np.tensordot(np.array(weights), own, axes=1)
    return (np.concatenate(found) if found else np.zeros((0, many, many))), total


def _extra_kernels(
    blueprint: Blueprint, levels: Levels, outlook: Outlook
) -> tuple[FloatArray, FloatArray]:
    """w_j^2 s_j^2 of every extra ask in the cells of its column, and weighted sums."""
    asks = len(blueprint.extra)
    found, total = [np.zeros((0, asks))], np.zeros(asks)
    for column, variance, weights in _rows(outlook):
        own = [column == (vantage,) for _, vantage in blueprint.extra]
        if any(own):
            places = [levels.items.index(item) for item, _ in blueprint.extra]
            wanted = np.zeros(len(levels.items), dtype=bool)
            wanted[np.array(places)[own]] = True
            shares = _shares(levels, wanted)
            cells = (shares**2 * np.array(variance))[:, places] * own
            found.append(cells)
            total += np.array(weights) @ cells
    return np.concatenate(found), total


def _shares(levels: Levels, asked: BoolArray) -> FloatArray:
    """Weights of the items overall (by importance, if the levels say so) and in each dimension."""
    shares: FloatArray = levels.shares(asked[None])[0][-1 - len(levels.dimensions) :]
    return shares


def _rows(
    outlook: Outlook,
) -> list[tuple[Column, tuple[float, ...], tuple[float, ...]]]:
    return list(zip(outlook.columns, outlook.variance, outlook.weights, strict=True))


def _extra_rate(blueprint: Blueprint) -> float:
    """Extra asks per form if items were drawn at random: the mean of a hypergeometric, capped."""
    slots = blueprint.items_per_form
    left = blueprint.taps - slots * len(blueprint.together) - blueprint.cause_slots
    items, marked = len(blueprint.items), len(blueprint.extra)
    marked_items = len({item for item, _ in blueprint.extra})
    if not marked or left < 1:
        return 0.0
    each = marked / marked_items
    return sum(
        min(left, hits * each)
        * comb(marked_items, hits)
        * comb(items - marked_items, slots - hits)
        / comb(items, slots)
        for hits in range(min(slots, marked_items) + 1)
    )


class Tally:
    """The counts of a standing as arrays, moved on as a form fills up.

    ``inverse`` is 1 / (n + 1/2) per item, ``met`` the persons who answered two items, with n + 1/2
    on the diagonal, ``answer_rate`` how many of those asked answer.
    """

    def __init__(self, criterion: Criterion, standing: Standing, slots: int) -> None:
        self._criterion = criterion
        answered = np.array(standing.answered, dtype=np.float64)
        self.asked = np.array(standing.asked, dtype=np.float64)
        self.answer_rate: FloatArray = np.minimum((answered + 1) / (self.asked + 1), 1.0)
        self.pairs = np.array(standing.met, dtype=np.float64)
        self.inverse: FloatArray = 1 / (answered + _HALF)
        self.met = self.pairs.copy()
        np.fill_diagonal(self.met, answered + _HALF)
        self.extra_answered = np.array(standing.extra_answered, dtype=np.float64)
        self._even = self._even_cells(slots)

    def add(self, place: int, chosen: list[int]) -> None:
        """Count an answer to one more item, by a person who also answers those chosen before."""
        self.inverse[place] = 1 / (1 / self.inverse[place] + 1)
        self.met[place, place] += 1
        for other in chosen:
            self.met[place, other] += 1
            self.met[other, place] += 1

    def gains(self, kernel: FloatArray, chosen: list[int]) -> FloatArray:
        """By how much asking each item lowers the variance of a kernel, shape (items,).

        Exact for the formula above: the item's own part falls, its meetings so far weigh less,
        and new meetings with the items chosen before add some.
        """
        now = self.inverse
        then = now / (1 + now)
        step = then - now
        weighed = kernel * self.met
        own = np.diagonal(kernel)
        change = 2 * step * (weighed @ now) + step**2 * np.diagonal(weighed) + own * then**2
        if chosen:
            change = change + 2 * then * (kernel[:, chosen] @ now[chosen])
        gains: FloatArray = -change * self.answer_rate
        return gains

    def extra_gains(self, kernel: FloatArray) -> FloatArray:
        """By how much each extra ask lowers the variance of a kernel, shape (extra asks,)."""
        inverse = 1 / (self.extra_answered + _HALF)
        gains: FloatArray = kernel * (inverse - inverse / (1 + inverse))
        return gains

    def ratios(self) -> FloatArray:
        """Variance of every cell, over what random forms would have come to; shape (cells,).

        Cells of columns asked of every item come first. 0 where a cell has no variance.
        """
        even = self._even
        own = _forms(self._criterion.kernels, self.met, self.inverse)
        extra = self._criterion.extra_kernels @ (1 / (self.extra_answered + _HALF))
        now = np.concatenate([own, extra])
        ratios: FloatArray = np.divide(now, even, out=np.zeros_like(now), where=even > 0)
        return ratios

    def _even_cells(self, slots: int) -> FloatArray:
        """Variances to expect if as many forms had asked items at random.

        Counts then differ by chance, so that 1/n is on average 1/n (1 + 1/n) at the mean count.
        """
        criterion = self._criterion
        even = float(self.asked.mean()) * self.answer_rate
        met = criterion.meeting_chance * np.minimum.outer(even, even)
        np.fill_diagonal(met, (even + _HALF) * (1 + 1 / (even + 1)))
        own = _forms(criterion.kernels, met, 1 / (even + _HALF))
        runs = float(self.asked.sum()) / slots
        each = runs * criterion.extra_rate / max(1, len(self.extra_answered))
        extra = (1 + 1 / (each + 1)) / (each + _HALF)
        return np.concatenate([own, criterion.extra_kernels.sum(axis=1) * extra])


def _forms(kernels: FloatArray, met: FloatArray, inverse: FloatArray) -> FloatArray:
    """Quadratic forms q'(A * N)q of many kernels at once, shape (cells,)."""
    weighed = (met * np.outer(inverse, inverse)).ravel()
    forms: FloatArray = kernels.reshape(len(kernels), -1) @ weighed
    return forms
