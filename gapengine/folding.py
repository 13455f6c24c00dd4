"""Folding columns of answers into moments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gapengine.batches import Batch, batch_edges
from gapengine.errors import AnswersError
from gapengine.moments import SCORES, SHAPES, IntArray, Moments
from gapengine.vantage import Group, Vantage

NO_RULE = 0
"""The score that stands for "there is no rule", an answer of its own to S."""

_ANSWERS_AT_ONCE = 2**17
"""Answers sorted into batches at once: what is held beside the columns stays small."""


@dataclass(frozen=True)
class AnswerColumns:
    """Answers of one group as columns of equal length.

    Attributes
    ----------
    respondent
        Who answered: any integer; equal numbers are one person.
    item
        Index into the caller's list of items.
    vantage
        Index into ``GROUPS[group]``.
    score
        1 to 7, or NO_RULE for S.
    """

    respondent: IntArray
    item: IntArray
    vantage: IntArray
    score: IntArray

    @classmethod
    def of(
        cls, respondent: ArrayLike, item: ArrayLike, *, vantage: ArrayLike, score: ArrayLike
    ) -> "AnswerColumns":
        """Take anything array-like as columns of integers.

        Raises
        ------
        AnswersError
            If the columns differ in length or are not one-dimensional.
        """
        columns = [np.asarray(part, dtype=np.int64) for part in (respondent, item, vantage, score)]
        if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
            raise AnswersError("the columns of answers differ in length; give one value per answer")
        return cls(*columns)

    def __len__(self) -> int:
        return len(self.score)

    def taken(self, chosen: NDArray[np.intp] | slice) -> "AnswerColumns":
        """The chosen rows."""
        return AnswerColumns(
            self.respondent[chosen], self.item[chosen], self.vantage[chosen], self.score[chosen]
        )


def fold(group: Group, dimension_by_item: Mapping[str, str], answers: AnswerColumns) -> Moments:
    """Moments of one block of answers.

    ``dimension_by_item`` names the items in the order the column ``item`` counts them.

    Raises
    ------
    AnswersError
        If an item, vantage point or score is out of range.
    """
    whole = np.zeros(len(answers), dtype=np.int64)
    blocks = each_block(group, dimension_by_item, answers, block=whole)
    return next((moments for _, moments in blocks), Moments.empty(group))


def fold_blocks(
    group: Group, dimension_by_item: Mapping[str, str], answers: AnswerColumns, *, block: ArrayLike
) -> dict[int, Moments]:
    """Moments of many blocks (units, or units x weeks) from one set of columns.

    ``block`` numbers the block of each answer. A respondent is one cluster within a block.
    """
    return dict(each_block(group, dimension_by_item, answers, block=block))


def each_block(
    group: Group, dimension_by_item: Mapping[str, str], answers: AnswerColumns, *, block: ArrayLike
) -> Iterator[tuple[int, Moments]]:
    """As ``fold_blocks``, one block after the other by number, for more than memory could hold.

    A block's arrays are views into those of some hundred others: who keeps one alone, copies it.

    Raises
    ------
    AnswersError
        If an item, vantage point or score is out of range, or the columns differ in length.
    """
    number = np.asarray(block, dtype=np.int64)
    if number.shape != answers.score.shape:
        raise AnswersError("the column of blocks differs in length from the answers")
    _check(group, len(dimension_by_item), answers)
    layout = _Layout.of(group, dimension_by_item)
    return (found for part in _stretches(answers, number) for found in layout.folded(*part))


@dataclass(frozen=True)
class _Layout:
    """The items in the order moments keep them, and where the caller's items lie in it."""

    group: Group
    names: tuple[str, ...]
    dimension_of: tuple[str, ...]
    rank: IntArray
    dimension: IntArray

    @classmethod
    def of(cls, group: Group, dimension_by_item: Mapping[str, str]) -> "_Layout":
        names = sorted(dimension_by_item)
        place = {name: k for k, name in enumerate(names)}
        dimension_of = tuple(dimension_by_item[name] for name in names)
        dimensions = sorted(set(dimension_of))
        return cls(
            group,
            names=tuple(names),
            dimension_of=dimension_of,
            rank=np.array([place[name] for name in dimension_by_item], dtype=np.int64),
            dimension=np.array([dimensions.index(d) for d in dimension_of], dtype=np.int64),
        )

    def folded(self, answers: AnswerColumns, number: IntArray) -> list[tuple[int, Moments]]:
        """Moments of some blocks; the answers are sorted by block, then by respondent."""
        names, starts, block = _numbered(number)
        person, many_people = _people(answers.respondent, starts, block)
        item = self.rank[answers.item]
        present = np.zeros((len(names), len(self.names)), dtype=np.bool_)
        present[block, item] = True
        many_items = present.sum(axis=1)
        order = np.lexsort((many_people, many_items))
        place = np.argsort(order)
        rows = np.argsort(place[block], kind="stable")
        edges = batch_edges(many_people[order], many_items[order], self.group)
        cuts = np.searchsorted(place[block[rows]], edges)
        local = (np.cumsum(present, axis=1) - 1)[block, item]
        result: list[tuple[int, Moments]] = []
        for (low, high), (start, end) in zip(pairwise(edges), pairwise(cuts.tolist()), strict=True):
            own, blocks = rows[start:end], order[low:high]
            items = np.nonzero(present[blocks])[1].reshape(len(blocks), -1)
            batch = Batch(
                self.group,
                block=place[block[own]] - low,
                person=person[own],
                item=local[own],
                vantage=answers.vantage[own],
                score=answers.score[own],
                people=int(many_people[blocks].max()),
                dimension=self.dimension[items],
                dimensions=len(set(self.dimension_of)),
            )
            result += zip(names[blocks].tolist(), self._moments(batch, items), strict=True)
        return sorted(result, key=lambda one: one[0])

    def _moments(self, batch: Batch, items: IntArray) -> Iterator[Moments]:
        """Cut a batch into the moments of its blocks; ``items`` has shape (blocks, items)."""
        parts = [
            (own.cross(), own.respondents(), own.histogram(), own.no_rule(), own.pairs())
            for own in batch.portions()
        ]
        cross, respondents, histogram, no_rule, pairs = (
            sum(part[1:], start=part[0]) for part in zip(*parts, strict=True)
        )
        for k, own in enumerate(items.tolist()):
            dimensions = sorted({int(n) for n in batch.dimension[k]})
            levels = [0, *(1 + n for n in dimensions)]
            below = range(1 + batch.dimensions, respondents.shape[1])
            yield Moments(
                group=self.group,
                items=tuple(self.names[n] for n in own),
                dimension_of=tuple(self.dimension_of[n] for n in own),
                cross=cross[k],
                respondents=respondents[k][[*levels, *below]],
                histogram=histogram[k],
                no_rule=no_rule[k],
                pairs=pairs[k],
            )


def _numbered(number: IntArray) -> tuple[IntArray, NDArray[np.intp], IntArray]:
    """Names of the blocks, where each starts, and the running number of each row's block."""
    starts = np.flatnonzero(np.diff(number, prepend=number[:1] - 1))
    block = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(number)))
    return number[starts], starts, block


def _people(
    respondent: IntArray, starts: NDArray[np.intp], block: IntArray
) -> tuple[IntArray, IntArray]:
    """Number the people of each block from 0; and how many a block has."""
    change = np.diff(respondent, prepend=respondent[:1]) != 0
    change[starts] = True
    running = np.cumsum(change) - 1
    first = running[starts]
    return running - first[block], np.diff(first, append=running[-1] + 1)


def _stretches(
    answers: AnswerColumns, number: IntArray
) -> Iterator[tuple[AnswerColumns, IntArray]]:
    """Cut the answers between blocks, sorted by block and respondent."""
    if not len(answers):
        return
    order = _order(number, answers.respondent)
    sorted_number = number if order is None else number[order]
    starts = np.flatnonzero(np.diff(sorted_number, prepend=sorted_number[0] - 1))
    cuts = starts[np.flatnonzero(np.diff(starts // _ANSWERS_AT_ONCE, prepend=-1))]
    for low, high in pairwise([*cuts.tolist(), len(answers)]):
        own = slice(low, high) if order is None else order[low:high]
        yield answers.taken(own), sorted_number[low:high]


def _order(number: IntArray, respondent: IntArray) -> NDArray[np.intp] | None:
    """What sorts rows by block and respondent; None where they are sorted already."""
    lowest, low = int(number.min()), int(respondent.min())
    span = int(respondent.max()) - low + 1
    if (int(number.max()) - lowest + 1) * span >= 2**62:
        return np.lexsort((respondent, number))
    key = (number - lowest) * span + (respondent - low)
    return None if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")


def _check(group: Group, items: int, answers: AnswerColumns) -> None:
    if not len(answers):
        return
    vantages = SHAPES[group].vantages
    ranges = (
        ("item", answers.item, 0, items - 1),
        ("vantage", answers.vantage, 0, len(vantages) - 1),
        ("score", answers.score, NO_RULE, int(SCORES[-1])),
    )
    for name, column, low, high in ranges:
        if column.min() < low or column.max() > high:
            raise AnswersError(f"column {name!r} leaves {low}..{high}; correct or drop the rows")
    unruled = answers.vantage[answers.score == NO_RULE]
    specified = vantages.index(Vantage.SPECIFIED) if Vantage.SPECIFIED in vantages else -1
    if (unruled != specified).any():
        raise AnswersError("only S can be answered with no rule; other scores are 1..7")
