"""Mergeable, subtractable, exact sufficient statistics of one group of respondents.

Respondent i and a column a (a vantage point, or the pairing of P with E) of item j have
``c`` = number of answers and ``t`` = sum of scores. For every pair of columns asked of the same
people the moments keep, over all items j and k, the sums over respondents of c*c, t*c, c*t and
t*t. Means, gaps and their clustered variances follow from these sums alone.

Moments may be added when their respondents are different people (different runs): clusters never
span two blocks. All numbers are 64-bit integers, so any order of adding and subtracting agrees to
the last bit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gapengine.errors import MixedMomentsError
from gapengine.vantage import GROUPS, Group, Vantage

IntArray = NDArray[np.int64]

PAIR = "pair"
"""The column of complete pairs: count c_E * c_P, sum of all differences P - E of one person."""

RULED = "ruled"
"""Managers who rated S or said that there is no rule; counted, but no column of scores."""

SCORES = np.arange(1, 8, dtype=np.int64)
DIFFERENCES = np.arange(-6, 7, dtype=np.int64)
"""What P - E of one person and item can be: 13 values."""

TOGETHER, SUM_COUNT, COUNT_SUM, PRODUCT = range(4)


@dataclass(frozen=True)
class Shape:
    """What the moments of a group hold: its columns, their pairs, its counts of respondents."""

    vantages: tuple[Vantage, ...]
    columns: tuple[str, ...]
    blocks: tuple[tuple[str, str], ...]
    subsets: tuple[frozenset[str], ...]

    @property
    def differences(self) -> int:
        """How many values a paired difference has; 0 where nothing is paired."""
        return len(DIFFERENCES) if PAIR in self.columns else 0

    @classmethod
    def of(cls, group: Group) -> "Shape":
        """Shape for one group; customers have the extra column of pairs.

        The last subset of customers counts those with a complete pair, the last subset of
        managers those who rated S or said that there is no rule.
        """
        vantages = GROUPS[group]
        blocks = [(a, b) for k, a in enumerate(vantages) for b in vantages[k:]]
        subsets: list[frozenset[str]] = [
            frozenset(v for bit, v in enumerate(vantages) if mask >> bit & 1)
            for mask in range(1, 2 ** len(vantages))
        ]
        columns: tuple[str, ...] = vantages
        if group is Group.CUSTOMER:
            columns = (*vantages, PAIR)
            return cls(vantages, columns, (*blocks, (PAIR, PAIR)), (*subsets, frozenset({PAIR})))
        if group is Group.MANAGER:
            subsets.append(frozenset({RULED}))
        return cls(vantages, columns, tuple(blocks), tuple(subsets))


SHAPES: Mapping[Group, Shape] = {group: Shape.of(group) for group in Group}


@dataclass(frozen=True, eq=False)
class Moments:
    """The moments of one group over some block of answers.

    Attributes
    ----------
    items, dimension_of
        Item keys, sorted, and the dimension of each.
    cross
        Shape (blocks, 4, items, items): for block (a, b) the sums over respondents of
        c_a c_b, t_a c_b, c_a t_b and t_a t_b; first item index belongs to a.
    respondents
        Shape (1 + dimensions + items, subsets): people with at least one answer at a level to
        any vantage point of a subset. Dimensions in sorted order.
    histogram
        Shape (vantage points, items, 7): answers by score.
    no_rule
        Shape (items,): managers' answers "there is no rule" to S.
    pairs
        Shape (items, 13): complete pairs of one person by P - E, from -6 to +6; every combination
        counts where a person answered again. Shape (items, 0) for other groups.
    """

    group: Group
    items: tuple[str, ...]
    dimension_of: tuple[str, ...]
    cross: IntArray
    respondents: IntArray
    histogram: IntArray
    no_rule: IntArray
    pairs: IntArray

    @classmethod
    def empty(cls, group: Group, dimension_by_item: Mapping[str, str] | None = None) -> Self:
        """No answers at all, optionally with room for some items."""
        known = dict(sorted((dimension_by_item or {}).items()))
        many, shape = len(known), SHAPES[group]
        levels = 1 + len(set(known.values())) + many
        return cls(
            group=group,
            items=tuple(known),
            dimension_of=tuple(known.values()),
            cross=np.zeros((len(shape.blocks), 4, many, many), dtype=np.int64),
            respondents=np.zeros((levels, len(shape.subsets)), dtype=np.int64),
            histogram=np.zeros((len(shape.vantages), many, len(SCORES)), dtype=np.int64),
            no_rule=np.zeros(many, dtype=np.int64),
            pairs=np.zeros((many, shape.differences), dtype=np.int64),
        )

    @property
    def shape(self) -> Shape:
        """The columns, blocks and subsets of this group."""
        return SHAPES[self.group]

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions of the items, sorted."""
        return tuple(sorted(set(self.dimension_of)))

    @property
    def arrays(self) -> tuple[IntArray, ...]:
        """All numbers, in a fixed order."""
        return self.cross, self.respondents, self.histogram, self.no_rule, self.pairs

    @property
    def answers(self) -> int:
        """How many answers were folded, those saying "no rule" included."""
        return int(self.histogram.sum() + self.no_rule.sum())

    def __add__(self, other: "Moments") -> "Moments":
        return merge(self.group, (self, other))

    def __sub__(self, other: "Moments") -> "Moments":
        result = merge(self.group, (self,), room_for=other)
        _accumulate(result, other, sign=-1)
        if any((part < 0).any() for part in result.arrays[1:]):
            raise MixedMomentsError("more was taken away than was there; recompute the block")
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Moments):
            return NotImplemented
        if self.group is not other.group:
            return False
        one, two = self.trimmed(), other.trimmed()
        same_items = (one.items, one.dimension_of) == (two.items, two.dimension_of)
        return same_items and all(
            np.array_equal(a, b) for a, b in zip(one.arrays, two.arrays, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays are not hashable

    def copied(self) -> "Moments":
        """The same moments in arrays of their own."""
        return Moments(
            self.group,
            self.items,
            self.dimension_of,
            cross=self.cross.copy(),
            respondents=self.respondents.copy(),
            histogram=self.histogram.copy(),
            no_rule=self.no_rule.copy(),
            pairs=self.pairs.copy(),
        )

    def trimmed(self) -> "Moments":
        """Drop the items nobody answered: equal moments then have equal arrays."""
        used = self.histogram.any(axis=(0, 2)) | self.no_rule.astype(bool)
        if used.all():
            return self
        kept = {
            item: dimension
            for item, dimension, keep in zip(self.items, self.dimension_of, used, strict=True)
            if keep
        }
        small = Moments.empty(self.group, kept)
        spot, level = _places(small, inside=self)
        return Moments(
            group=self.group,
            items=small.items,
            dimension_of=small.dimension_of,
            cross=self.cross[:, :, spot[:, None], spot],
            respondents=self.respondents[level],
            histogram=self.histogram[:, spot],
            no_rule=self.no_rule[spot],
            pairs=self.pairs[spot],
        )


def merge(group: Group, parts: Iterable[Moments], *, room_for: Moments | None = None) -> Moments:
    """Add up moments of different people; items may differ between the parts.

    Raises
    ------
    MixedMomentsError
        If a part is of another group, or an item lies in two dimensions.
    """
    listed = list(parts)
    known: dict[str, str] = {}
    for part in (*listed, *([] if room_for is None else [room_for])):
        if part.group is not group:
            raise MixedMomentsError(f"moments of {part.group} cannot join those of {group}")
        for item, dimension in zip(part.items, part.dimension_of, strict=True):
            if known.setdefault(item, dimension) != dimension:
                raise MixedMomentsError(
                    f"item {item!r} is in dimensions {known[item]!r} and {dimension!r}; choose one"
                )
    roomy = next((k for k, part in enumerate(listed) if len(part.items) == len(known)), None)
    result = Moments.empty(group, known) if roomy is None else listed.pop(roomy).copied()
    for part in listed:
        _accumulate(result, part, sign=1)
    return result


def _accumulate(target: Moments, part: Moments, *, sign: int) -> None:
    """Add a part into a target that has room for all its items."""
    if part.items == target.items:
        for total, own in zip(target.arrays, part.arrays, strict=True):
            np.add(total, sign * own, out=total)
        return
    spot, level = _places(part, inside=target)
    target.cross[:, :, spot[:, None], spot] += sign * part.cross
    target.respondents[level] += sign * part.respondents
    target.histogram[:, spot] += sign * part.histogram
    target.no_rule[spot] += sign * part.no_rule
    target.pairs[spot] += sign * part.pairs


def _places(part: Moments, *, inside: Moments) -> tuple[IntArray, IntArray]:
    """Where the items and the levels of one moments lie in another that holds them all."""
    item_at = {item: k for k, item in enumerate(inside.items)}
    dimension_at = {name: k for k, name in enumerate(inside.dimensions)}
    spot = np.array([item_at[item] for item in part.items], dtype=np.int64)
    rows = [0, *(1 + dimension_at[name] for name in part.dimensions)]
    level = np.concatenate([np.array(rows, dtype=np.int64), 1 + len(inside.dimensions) + spot])
    return spot, level
