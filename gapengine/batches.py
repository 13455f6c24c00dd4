"""The sums over respondents of many small blocks of answers at once.

Blocks (a unit, or a unit's week) that hold equally many items are laid side by side as one array
(blocks, people, columns, items), padded with people who said nothing, and multiplied in one go.
So folding costs the same whether ten million answers are one block or a hundred thousand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gapengine.moments import (
    DIFFERENCES,
    PAIR,
    RULED,
    SCORES,
    SHAPES,
    IntArray,
    Shape,
)
from gapengine.vantage import Group, Vantage

FloatArray = NDArray[np.float64]

_CELLS_AT_ONCE = 2**20
"""Numbers in the largest array of a batch: 8 MB."""


@dataclass(frozen=True)
class Batch:
    """Answers of blocks that hold equally many items, one row per answer, sorted by block.

    ``block`` and ``item`` count within the batch and within the block, ``person`` within the
    block; ``unruled`` marks the answers "there is no rule", whose score is 0. ``dimension`` has
    shape (blocks, items) and numbers the dimension of each block's items.
    """

    group: Group
    block: IntArray
    person: IntArray
    item: IntArray
    vantage: IntArray
    score: IntArray
    people: int
    dimension: IntArray
    dimensions: int

    @property
    def shape(self) -> Shape:
        """Columns, blocks and subsets of the group."""
        return SHAPES[self.group]

    def portions(self) -> Iterator["Batch"]:
        """Cut the batch between people, where it has more of them than fit at once."""
        blocks, items = self.dimension.shape
        most = max(1, _CELLS_AT_ONCE // (2 * blocks * items * len(self.shape.columns)))
        if self.people <= most:
            yield self
            return
        order = np.argsort(self.person, kind="stable")
        edges = np.searchsorted(self.person[order], np.arange(0, self.people + most, most))
        for k, (start, end) in enumerate(pairwise(edges)):
            own = order[start:end]
            yield Batch(
                self.group,
                block=self.block[own],
                person=self.person[own] - k * most,
                item=self.item[own],
                vantage=self.vantage[own],
                score=self.score[own],
                people=min(most, self.people - k * most),
                dimension=self.dimension,
                dimensions=self.dimensions,
            )

    @cached_property
    def columns(self) -> FloatArray:
        """Shape (blocks, people, columns, 2, items): number of answers, and sum of scores."""
        blocks, items = self.dimension.shape
        vantages, many = len(self.shape.vantages), len(self.shape.columns)
        result = np.zeros((blocks, self.people, many, 2, items))
        row = self.block * self.people + self.person
        cell = (row * vantages + self.vantage) * items + self.item
        size = blocks * self.people * vantages * items
        ruled = np.minimum(self.score, 1)
        for kind, weights in enumerate((ruled, self.score)):
            told = np.bincount(cell, weights, minlength=size)
            result[:, :, :vantages, kind] = told.reshape(blocks, self.people, vantages, items)
        if PAIR in self.shape.columns:
            expected, perceived = (result[:, :, self._at(v)] for v in _PAIRED)
            result[:, :, -1, 0] = expected[:, :, 0] * perceived[:, :, 0]
            result[:, :, -1, 1] = perceived[:, :, 1] * expected[:, :, 0]
            result[:, :, -1, 1] -= expected[:, :, 1] * perceived[:, :, 0]
        return result

    def _at(self, vantage: Vantage) -> int:
        return self.shape.vantages.index(vantage)

    def cross(self) -> IntArray:
        """Shape (blocks, blocks of columns, 4, items, items), as ``Moments.cross``.

        Floats hold these integers exactly: all sums stay far below 2**53.
        """
        blocks, items = self.dimension.shape
        vantages = len(self.shape.vantages)
        parts = []
        for first in range(len(self.shape.columns)):
            last = vantages if first < vantages else first + 1
            left = self.columns[:, :, first].reshape(blocks, self.people, 2 * items)
            right = self.columns[:, :, first:last].reshape(blocks, self.people, -1)
            product = left.transpose(0, 2, 1) @ right
            shaped = product.reshape(blocks, 2, items, last - first, 2, items)
            parts.append(
                shaped.transpose(0, 3, 4, 1, 2, 5).reshape(blocks, last - first, 4, items, items)
            )
        return np.rint(np.concatenate(parts, axis=1)).astype(np.int64)

    def respondents(self) -> IntArray:
        """Shape (blocks, 1 + dimensions + items, subsets): people with an answer to any of each.

        Each person and level has a bit per vantage point; the counts of every combination of bits
        give those of every subset.
        """
        blocks, items = self.dimension.shape
        told = self._told()
        bits = told.shape[2]
        above = np.zeros((blocks, items, 1 + self.dimensions), dtype=np.float32)
        above[:, :, 0] = 1.0
        above[np.arange(blocks)[:, None], np.arange(items), 1 + self.dimension] = 1.0
        flat = told.reshape(blocks, self.people * bits, items).astype(np.float32) @ above > 0
        every = np.concatenate([flat.reshape(blocks, self.people, bits, -1), told], axis=3)
        code = np.packbits(every, axis=2, bitorder="little")[:, :, 0]
        levels = every.shape[3]
        spot = np.arange(blocks)[:, None, None] * levels + np.arange(levels)
        slot = (spot * 2**bits + code).ravel()
        counted = np.bincount(slot, minlength=blocks * levels * 2**bits)
        subsets: IntArray = counted.reshape(blocks, levels, 2**bits) @ self._subsets(bits)
        return subsets

    def _told(self) -> NDArray[np.bool_]:
        """Shape (blocks, people, bits, items): answered at all, per vantage point and extra."""
        told: NDArray[np.bool_] = self.columns[:, :, :, 0] > 0
        if self.group is not Group.MANAGER:
            return told
        ruled = told[:, :, self._at(Vantage.SPECIFIED)].copy()
        unruled = self.score == 0
        ruled[self.block[unruled], self.person[unruled], self.item[unruled]] = True
        return np.concatenate([told, ruled[:, :, None]], axis=2)

    def _subsets(self, bits: int) -> IntArray:
        """Shape (combinations of bits, subsets): 1 where the combination meets the subset."""
        names = [*self.shape.vantages, PAIR if self.group is Group.CUSTOMER else RULED][:bits]
        masks = [
            sum(1 << k for k, name in enumerate(names) if name in subset)
            for subset in self.shape.subsets
        ]
        meets: NDArray[np.bool_] = np.arange(2**bits)[:, None] & np.array(masks) > 0
        return meets.astype(np.int64)

    def histogram(self) -> IntArray:
        """Shape (blocks, vantage points, items, 7): answers by score."""
        blocks, items = self.dimension.shape
        vantages, scores = len(self.shape.vantages), len(SCORES)
        ruled = self.score > 0
        row = (self.block * vantages + self.vantage) * items + self.item
        slot = (row * scores + self.score - 1)[ruled]
        counted = np.bincount(slot, minlength=blocks * vantages * items * scores)
        return counted.reshape(blocks, vantages, items, scores)

    def no_rule(self) -> IntArray:
        """Shape (blocks, items): answers that there is no rule."""
        blocks, items = self.dimension.shape
        slot = (self.block * items + self.item)[self.score == 0]
        return np.bincount(slot, minlength=blocks * items).reshape(blocks, items)

    def pairs(self) -> IntArray:
        """Shape (blocks, items, 13): complete pairs by P - E, every combination counted."""
        blocks, items = self.dimension.shape
        if PAIR not in self.shape.columns:
            return np.zeros((blocks, items, 0), dtype=np.int64)
        many = self.columns[:, :, -1, 0]
        once = many == 1
        block, _, item = np.nonzero(once)
        slot = (block * items + item) * len(DIFFERENCES) - DIFFERENCES[0]
        slot += self.columns[:, :, -1, 1][once].astype(np.int64)
        counted = np.bincount(slot, minlength=blocks * items * len(DIFFERENCES))
        result = counted.reshape(blocks, items, len(DIFFERENCES))
        if (many > 1).any():
            self._count_again(result, many > 1)
        return result

    def _count_again(self, result: IntArray, again: NDArray[np.bool_]) -> None:
        """Add the pairs of people who answered E or P of an item more than once."""
        block, _, item = np.nonzero(again)
        number = np.full(again.shape, -1)
        number[again] = np.arange(len(block))
        cell = number[self.block, self.person, self.item]
        by_score = []
        for vantage in _PAIRED:
            own = (cell >= 0) & (self.vantage == self._at(vantage))
            slot = cell[own] * len(SCORES) + self.score[own] - 1
            counted = np.bincount(slot, minlength=len(block) * len(SCORES))
            by_score.append(counted.reshape(-1, len(SCORES)))
        joint = by_score[0][:, :, None] * by_score[1][:, None, :]
        for k, difference in enumerate(DIFFERENCES.tolist()):
            np.add.at(result[:, :, k], (block, item), np.trace(joint, difference, 1, 2))


_PAIRED = (Vantage.EXPECTED, Vantage.PERCEIVED)


def batch_edges(many_people: IntArray, many_items: IntArray, group: Group) -> list[int]:
    """Cut blocks into batches: where each starts, and the end.

    The blocks come with rising numbers of items, and of people among equals. Blocks of a batch
    hold equally many items, and their largest array at most about 8 MB.
    """
    columns, products = len(SHAPES[group].columns), len(SHAPES[group].blocks)
    weight = np.maximum(2 * columns * many_people * many_items, 4 * products * many_items**2)
    items = many_items.tolist()
    edges = [0]
    for k, own in enumerate(weight.tolist()):
        many = k - edges[-1] + 1
        if items[k] != items[edges[-1]] or (many > 1 and own * many > _CELLS_AT_ONCE):
            edges.append(k)
    return [*edges, len(items)]
