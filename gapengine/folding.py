"""Folding columns of answers into moments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gapengine.errors import AnswersError
from gapengine.moments import PAIR, RULED, SCORES, SHAPES, Moments
from gapengine.vantage import Group, Vantage

NO_RULE = 0
"""The score that stands for "there is no rule", an answer of its own to S."""

_PEOPLE_AT_ONCE = 4096

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


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
    items = list(dimension_by_item.items())
    _check(group, len(items), answers)
    present = np.unique(answers.item)
    order = sorted(present.tolist(), key=lambda k: items[k][0])
    moments = Moments.empty(group, dict(items[k] for k in order))
    position = np.zeros(len(items), dtype=np.int64)
    position[order] = np.arange(len(order))
    columns = AnswerColumns(
        answers.respondent, position[answers.item], answers.vantage, answers.score
    )
    for portion in _portions(columns):
        _fold_into(moments, portion)
    return moments


def fold_blocks(
    group: Group, dimension_by_item: Mapping[str, str], answers: AnswerColumns, *, block: ArrayLike
) -> dict[int, Moments]:
    """Moments of many blocks (units, or units x weeks) from one set of columns.

    ``block`` numbers the block of each answer. A respondent is one cluster within a block.
    """
    number = np.asarray(block, dtype=np.int64)
    if number.shape != answers.score.shape:
        raise AnswersError("the column of blocks differs in length from the answers")
    order = np.argsort(number, kind="stable")
    names, starts = np.unique(number[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)][: len(names)]
    return {
        int(name): fold(group, dimension_by_item, answers.taken(order[start:end]))
        for name, start, end in zip(names, starts.tolist(), ends, strict=True)
    }


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


def _portions(answers: AnswerColumns) -> Iterator[AnswerColumns]:
    """Cut the answers between people, and number the people of each portion from 0."""
    if not len(answers):
        return
    people, number = np.unique(answers.respondent, return_inverse=True)
    renumbered = AnswerColumns(number, answers.item, answers.vantage, answers.score)
    if len(people) <= _PEOPLE_AT_ONCE:
        yield renumbered
        return
    order = np.argsort(number, kind="stable")
    edges = np.searchsorted(number[order], np.arange(0, len(people), _PEOPLE_AT_ONCE))
    for low, start, end in zip(
        range(0, len(people), _PEOPLE_AT_ONCE), edges, [*edges[1:], len(order)], strict=True
    ):
        part = renumbered.taken(order[start:end])
        yield AnswerColumns(part.respondent - low, part.item, part.vantage, part.score)


def _fold_into(moments: Moments, answers: AnswerColumns) -> None:
    """Add one portion. Floats hold these integers exactly: all sums stay far below 2**53."""
    shape, items = moments.shape, len(moments.items)
    people = int(answers.respondent.max()) + 1
    ruled = answers.score != NO_RULE
    cell = (answers.vantage * people + answers.respondent) * items + answers.item
    size = (len(shape.vantages), people, items)

    def tally(chosen: NDArray[np.bool_], weights: FloatArray | None = None) -> FloatArray:
        counted = np.bincount(cell[chosen], weights, minlength=size[0] * size[1] * size[2])
        return counted.reshape(size).astype(np.float64)

    count = dict(zip(shape.columns, tally(ruled), strict=False))
    total = dict(
        zip(shape.columns, tally(ruled, answers.score[ruled].astype(np.float64)), strict=False)
    )
    if PAIR in shape.columns:
        expected, perceived = Vantage.EXPECTED, Vantage.PERCEIVED
        count[PAIR] = count[expected] * count[perceived]
        total[PAIR] = total[perceived] * count[expected] - total[expected] * count[perceived]
    for k, (a, b) in enumerate(shape.blocks):
        for m, (left, right) in enumerate(
            ((count[a], count[b]), (total[a], count[b]), (count[a], total[b]), (total[a], total[b]))
        ):
            moments.cross[k, m] += np.rint(left.T @ right).astype(np.int64)
    answered = {name: counted > 0 for name, counted in count.items()}
    if not ruled.all():
        unruled = tally(~ruled)[shape.vantages.index(Vantage.SPECIFIED)]
        moments.no_rule[:] += unruled.sum(axis=0).astype(np.int64)
        answered["ruled"] = answered[Vantage.SPECIFIED] | (unruled > 0)
    elif RULED in shape.subsets:
        answered["ruled"] = answered[Vantage.SPECIFIED]
    _count_respondents(moments, answered)
    slot = (answers.vantage * items + answers.item) * len(SCORES) + answers.score - 1
    tallied = np.bincount(slot[ruled], minlength=moments.histogram.size)
    moments.histogram[:] += tallied.reshape(moments.histogram.shape)


def _count_respondents(moments: Moments, answered: Mapping[str, NDArray[np.bool_]]) -> None:
    """Count the people with any answer at each level, for each subset of vantage points."""
    own: Sequence[NDArray[np.bool_]] = [
        np.array([dimension == name for dimension in moments.dimension_of])
        for name in moments.dimensions
    ]
    for column, subset in enumerate(moments.shape.subsets):
        any_of = np.logical_or.reduce([answered[name] for name in subset])
        counts = [
            any_of.any(axis=1).sum(),
            *(any_of[:, mask].any(axis=1).sum() for mask in own),
            *any_of.sum(axis=0),
        ]
        moments.respondents[:, column] += np.array(counts, dtype=np.int64)
