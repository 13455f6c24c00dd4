"""Folding columns of answers into moments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gapengine.errors import AnswersError
from gapengine.moments import (
    COUNT_SUM,
    DIFFERENCES,
    PAIR,
    PRODUCT,
    RULED,
    SCORES,
    SHAPES,
    SUM_COUNT,
    TOGETHER,
    Moments,
)
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
    ruled = answers.score != NO_RULE
    scored, unscored = answers.taken(ruled), answers.taken(~ruled)
    people = int(answers.respondent.max()) + 1
    count = _by_person(moments, scored, people)
    total = _by_person(moments, scored, people, weights=scored.score)
    if PAIR in moments.shape.columns:
        expected, perceived = Vantage.EXPECTED, Vantage.PERCEIVED
        count[PAIR] = count[expected] * count[perceived]
        total[PAIR] = total[perceived] * count[expected] - total[expected] * count[perceived]
        moments.pairs[:] += _differences(moments, scored, people)
    for k, (a, b) in enumerate(moments.shape.blocks):
        moments.cross[k, TOGETHER] += _summed(count[a], count[b])
        moments.cross[k, SUM_COUNT] += _summed(total[a], count[b])
        moments.cross[k, COUNT_SUM] += _summed(count[a], total[b])
        moments.cross[k, PRODUCT] += _summed(total[a], total[b])
    answered = {name: counted > 0 for name, counted in count.items()}
    if moments.group is Group.MANAGER:
        unruled = _by_person(moments, unscored, people)[Vantage.SPECIFIED]
        moments.no_rule[:] += unruled.sum(axis=0).astype(np.int64)
        answered[RULED] = answered[Vantage.SPECIFIED] | (unruled > 0)
    _count_respondents(moments, answered)
    cell = scored.vantage * len(moments.items) + scored.item
    slot = cell * len(SCORES) + scored.score - 1
    tallied = np.bincount(slot, minlength=moments.histogram.size)
    moments.histogram[:] += tallied.reshape(moments.histogram.shape)


def _by_person(
    moments: Moments, answers: AnswerColumns, people: int, *, weights: IntArray | None = None
) -> dict[str, FloatArray]:
    """Answers (or their weights) per vantage point, each of shape (people, items)."""
    vantages, items = moments.shape.vantages, len(moments.items)
    cell = (answers.vantage * people + answers.respondent) * items + answers.item
    tallied = np.bincount(cell, weights, minlength=len(vantages) * people * items)
    shaped = tallied.reshape(len(vantages), people, items).astype(np.float64)
    return dict(zip(vantages, shaped, strict=True))


def _differences(moments: Moments, answers: AnswerColumns, people: int) -> IntArray:
    """Complete pairs of each item by P - E, shape (items, 13)."""
    items, scores = len(moments.items), len(SCORES)
    by_score = [
        np.bincount(
            (answers.item[own] * people + answers.respondent[own]) * scores
            + answers.score[own]
            - 1,
            minlength=items * people * scores,
        ).reshape(items, people, scores)
        for vantage in (Vantage.EXPECTED, Vantage.PERCEIVED)
        for own in [answers.vantage == moments.shape.vantages.index(vantage)]
    ]
    expected, perceived = (counted.astype(np.float64) for counted in by_score)
    joint = np.rint(expected.transpose(0, 2, 1) @ perceived).astype(np.int64)
    return np.stack([np.trace(joint, d, axis1=1, axis2=2) for d in DIFFERENCES.tolist()], axis=1)


def _summed(left: FloatArray, right: FloatArray) -> IntArray:
    """Sum over people of the products of two columns, shape (items, items)."""
    return np.rint(left.T @ right).astype(np.int64)


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
