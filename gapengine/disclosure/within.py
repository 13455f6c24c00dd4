"""One unit by itself: which of its cells stay open so that no other gives them away.

A cell is *open* when it holds answers but is not shown. A dimension is the mean of its items, and
overall the mean of its dimensions, so one open cell among shown ones could be solved for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gapengine.levels import FloatArray, Levels

BoolArray = NDArray[np.bool_]

_FAR = np.inf


@dataclass(frozen=True)
class Column:
    """How many people stand behind one vantage point's cells.

    ``people`` and ``answers`` have shape (units, levels). ``has_means`` says that means are shown,
    each item weighing alike; ``has_shares`` that shares are, each answer weighing alike.
    """

    people: FloatArray
    answers: FloatArray
    floor: int
    has_means: bool = True
    has_shares: bool = False


def open_cells(column: Column, levels: Levels) -> BoolArray:
    """Open the cells under the floor, and the smallest others that would give them away.

    Shape (units, levels). Afterwards the open items of a shown dimension, and the open dimensions
    of a shown overall figure, are told by at least ``floor`` people together; with a weighted
    overall figure beside it, also when any one of those dimensions is known.
    """
    people = column.people
    return completed((people > 0) & (people < column.floor), column, levels)


def completed(opened: BoolArray, column: Column, levels: Levels) -> BoolArray:
    """Open what else a unit's open cells need; nothing is closed again."""
    people, opened = column.people, opened | opened[:, :1]
    for at in range(len(levels.dimensions)):
        _open_items(opened, people, levels, dimension=at, floor=column.floor)
    for _ in range(levels.top):
        _open_dimensions(opened, people, levels, floor=column.floor)
    if levels.top > 1:
        few = _rest(opened, people, levels, without_largest=True) < column.floor
        opened[:, 1] |= few & (people[:, 0] > 0)
    return opened & (people > 0)


def open_shares(opened: BoolArray, levels: Levels) -> BoolArray:
    """Open cells of the shares: an overall share is told where no dimension is open."""
    result = opened.copy()
    result[:, : levels.top] |= opened[:, levels.top : levels.upper].any(axis=1, keepdims=True)
    return result


def items_of(levels: Levels, dimension: int) -> NDArray[np.intp]:
    """Places of a dimension's items on the level axis."""
    return levels.upper + np.flatnonzero(levels.member[dimension])


def _open_items(
    opened: BoolArray, people: FloatArray, levels: Levels, *, dimension: int, floor: int
) -> None:
    """Open one more item where a shown dimension's open items come from too few people."""
    place, own = levels.top + dimension, items_of(levels, dimension)
    opened[:, own] |= opened[:, [place]]
    hidden = opened[:, own] & (people[:, own] > 0)
    known = ~hidden & (people[:, own] > 0)
    told = np.where(known, people[:, own], 0.0).sum(axis=1)
    most = np.where(hidden, people[:, own], 0.0).max(axis=1)
    bound = np.maximum(most, people[:, place] - told)
    wanting = hidden.any(axis=1) & ~opened[:, place] & (bound < floor) & known.any(axis=1)
    _open_smallest(opened, np.where(known, people[:, own], _FAR), own, where=wanting)


def _open_dimensions(opened: BoolArray, people: FloatArray, levels: Levels, *, floor: int) -> None:
    """Open one more dimension, with its items, where the open ones come from too few people."""
    places = np.arange(levels.top, levels.upper)
    hidden = opened[:, places] & (people[:, places] > 0)
    known = ~hidden & (people[:, places] > 0)
    bound = _rest(opened, people, levels, without_largest=levels.top > 1)
    wanting = hidden.any(axis=1) & ~opened[:, 0] & (bound < floor) & known.any(axis=1)
    _open_smallest(opened, np.where(known, people[:, places], _FAR), places, where=wanting)
    for at, place in enumerate(places):
        opened[:, items_of(levels, at)] |= opened[:, [place]]


def _rest(
    opened: BoolArray, people: FloatArray, levels: Levels, *, without_largest: bool
) -> FloatArray:
    """Fewest people who may stand behind the open dimensions, shape (units,)."""
    places = slice(levels.top, levels.upper)
    hidden = np.where(opened[:, places], people[:, places], 0.0)
    shown = np.where(opened[:, places], 0.0, people[:, places]).sum(axis=1)
    descending = -np.sort(-hidden, axis=1)
    if not without_largest:
        return np.asarray(np.maximum(descending[:, 0], people[:, 0] - shown))
    second = descending[:, 1] if hidden.shape[1] > 1 else np.zeros(len(hidden))
    nothing = descending[:, 0] == 0
    return np.where(nothing, _FAR, np.maximum(second, people[:, 0] - shown - descending[:, 0]))


def _open_smallest(
    opened: BoolArray, sizes: FloatArray, places: NDArray[np.intp], *, where: BoolArray
) -> None:
    rows = np.flatnonzero(where)
    opened[rows, places[sizes[rows].argmin(axis=1)]] = True


def computable_common(opened: BoolArray, common: FloatArray, levels: Levels) -> BoolArray:
    """Where a level over the common items alone follows from what is shown of all its items.

    ``opened`` are one side's open cells that hold answers, ``common`` is 1 at items both sides
    cover, shape (units, items). The result has shape (units, levels); items count as computable.
    """
    hidden = opened[:, levels.upper :]
    inside = (hidden & (common > 0)).astype(np.float64) @ levels.member.T
    all_open = hidden.astype(np.float64) @ levels.member.T
    shown = ~opened[:, levels.top : levels.upper]
    whole = (inside == 0) | ((inside == all_open) & shown)
    top = (whole & (shown | (all_open == 0))).all(axis=1, keepdims=True)
    return np.concatenate(
        [np.repeat(top, levels.top, axis=1), whole, np.ones(hidden.shape, dtype=bool)], axis=1
    )
