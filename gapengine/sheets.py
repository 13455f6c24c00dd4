"""Released figures as Python values, ready to be written: many units at once, one sheet each.

numpy scalars end here. Turning arrays into Python numbers one by one would cost far more than the
estimates themselves, so a portion of units is laid out once and each unit's numbers leave it in
one go.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapengine.disclosure import Released, Verdict
from gapengine.estimate import Differences, Pair
from gapengine.levels import FloatArray, Levels
from gapengine.limits import Way
from gapengine.vantage import Vantage

Plain = dict[str, Any]

NO_SPREAD = "spread cannot be estimated"
"""Why an estimate has no interval: too few answers repeat, or they do not differ at all."""

NUMBERS = ("estimate", "se", "low", "high", "df")
COUNTS = ("n_minuend", "n_subtrahend", "way")

VERDICTS = tuple(Verdict)
LABELS = tuple(way.label for way in Way)


@dataclass(frozen=True)
class Sheet:
    """One unit's figures; every list runs along the levels, None stands for NaN.

    ``cells`` holds (mean, respondents, answers, share); ``gaps`` and ``paired`` the figures of a
    difference by name; ``alike`` the same for like-for-like figures, None where none is shown.
    """

    levels: Levels
    cells: dict[Vantage, list[list[Any]]]
    cell_verdicts: dict[Vantage, list[Verdict]]
    gaps: dict[Pair, list[Plain]]
    gap_verdicts: dict[Pair, list[Verdict]]
    alike: dict[Pair, list[Plain | None]]
    alike_verdicts: dict[Pair, list[Verdict]]
    common_items: dict[Pair, list[int]]
    paired: list[Plain]


class Sheets:
    """The figures of some units, laid out so that each unit's sheet is one stretch of memory."""

    def __init__(self, released: Released) -> None:
        self.released = released
        self._pairs, self._named = tuple(released.gaps), tuple(released.like_for_like)
        differences = [
            *released.gaps.values(),
            *released.like_for_like.values(),
            released.paired,
        ]
        self._numbers = _laid_out(differences, NUMBERS)
        self._counts = _laid_out(differences, COUNTS)
        self._cells = np.stack(
            [
                np.stack([cells.mean, cells.share, cells.respondents, cells.answers], axis=-1)
                for cells in released.cells.values()
            ],
            axis=1,
        )
        self._verdicts = np.stack(
            [
                *released.cell_verdicts.values(),
                *(released.gap_verdicts[pair] for pair in self._pairs),
                *(released.like_verdicts[pair] for pair in self._named),
            ],
            axis=1,
        )
        self._common = np.stack([released.common_items[pair] for pair in self._named], axis=1)

    def sheet(self, unit: int) -> Sheet:
        """The figures of one unit."""
        many = len(self._pairs)
        numbers, counts = _values(self._numbers[unit]), _whole(self._counts[unit])
        told = [[VERDICTS[code] for code in row] for row in self._verdicts[unit].tolist()]
        cells = _values(self._cells[unit])
        people = _whole(self._cells[unit, :, :, 2:])
        points = tuple(self.released.cells)
        gaps, alike = told[len(points) : len(points) + many], told[len(points) + many :]
        return Sheet(
            levels=self.released.levels,
            cells={
                point: [[*own[:2], *n] for own, n in zip(cells[k], people[k], strict=True)]
                for k, point in enumerate(points)
            },
            cell_verdicts=dict(zip(points, told, strict=False)),
            gaps={pair: _named(numbers[k], counts[k]) for k, pair in enumerate(self._pairs)},
            gap_verdicts=dict(zip(self._pairs, gaps, strict=True)),
            alike={
                pair: _shown(numbers[many + k], counts[many + k], alike[k])
                for k, pair in enumerate(self._named)
            },
            alike_verdicts=dict(zip(self._named, alike, strict=True)),
            common_items=dict(
                zip(self._named, self._common[unit].astype(np.int64).tolist(), strict=True)
            ),
            paired=_named(numbers[-1], counts[-1]),
        )


def _laid_out(differences: list[Differences], names: tuple[str, ...]) -> FloatArray:
    """Shape (units, differences, levels, names)."""
    return np.stack(
        [np.stack([getattr(one, name) for name in names], axis=-1) for one in differences], axis=1
    )


def _values(numbers: FloatArray) -> list[Any]:
    """Nested lists of floats, None where not finite."""
    values = numbers.astype(object)
    values[~np.isfinite(numbers)] = None
    listed: list[Any] = values.tolist()
    return listed


def _whole(numbers: FloatArray) -> list[Any]:
    """Nested lists of whole numbers, None where not finite."""
    known = np.isfinite(numbers)
    values: NDArray[Any] = np.where(known, numbers, 0.0).astype(np.int64).astype(object)
    values[~known] = None
    listed: list[Any] = values.tolist()
    return listed


def _named(numbers: list[Any], counts: list[Any]) -> list[Plain]:
    return [_figures(own, n) for own, n in zip(numbers, counts, strict=True)]


def _shown(numbers: list[Any], counts: list[Any], verdicts: list[Verdict]) -> list[Plain | None]:
    return [
        _figures(own, n) if verdict is Verdict.SHOWN else None
        for own, n, verdict in zip(numbers, counts, verdicts, strict=True)
    ]


def _figures(numbers: list[Any], counts: list[Any]) -> Plain:
    """The figures of a difference; one without an interval says why."""
    estimate, se, low, high, df = numbers
    plain: Plain = {
        "estimate": estimate,
        "se": se,
        "low": low,
        "high": high,
        "df": df,
        "n_minuend": counts[0],
        "n_subtrahend": counts[1],
        "interval": LABELS[counts[2] or 0],
    }
    if estimate is not None and low is None:
        plain["no_interval"] = NO_SPREAD
    return plain
