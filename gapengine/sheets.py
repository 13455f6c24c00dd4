"""Released figures as Python values, ready to be written: many units at once, one sheet each.

numpy scalars end here. Turning arrays into Python numbers one by one would cost far more than the
estimates themselves, so a portion of units is laid out once and each unit's numbers leave it in
one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapengine.disclosure import Released, Verdict
from gapengine.estimate import Cells, Differences, Pair
from gapengine.levels import FloatArray, Levels
from gapengine.limits import Way
from gapengine.vantage import Vantage

Plain = dict[str, Any]

Numbers = list[list[float | None]]
"""Of one figure, shape (names, levels)."""

NO_SPREAD = "spread cannot be estimated"
"""Why an estimate has no interval: too few answers repeat, or they do not differ at all."""

NUMBERS = ("estimate", "se", "low", "high", "df")
COUNTS = ("n_minuend", "n_subtrahend", "way")
OF_CELLS = ("mean", "se", "low", "high", "df", "share")
COUNTS_OF_CELLS = ("respondents", "answers", "way")

VERDICTS = tuple(Verdict)
LABELS = tuple(way.label for way in Way)


@dataclass(frozen=True)
class Sheet:
    """One unit's figures; every list runs along the levels, None stands for NaN.

    ``cells`` holds the figures of a mean and, apart, its share; ``gaps`` and ``paired`` those of a
    difference by name; ``alike`` the same for like-for-like figures, None where none is shown.
    """

    levels: Levels
    cells: dict[Vantage, list[tuple[Plain, float | None]]]
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
        cells = list(released.cells.values())
        self._numbers = _with_estimate(_finite(_laid_out(differences, NUMBERS)))
        self._counts = _whole(_laid_out(differences, COUNTS))
        self._means = _finite(_laid_out(cells, OF_CELLS))
        self._people = _whole(_laid_out(cells, COUNTS_OF_CELLS))
        self._verdicts = np.stack(
            [
                *released.cell_verdicts.values(),
                *(released.gap_verdicts[pair] for pair in self._pairs),
                *(released.like_verdicts[pair] for pair in self._named),
            ],
            axis=1,
        )
        self._common = _whole(np.stack([released.common_items[p] for p in self._named], axis=1))

    def sheet(self, unit: int) -> Sheet:
        """The figures of one unit."""
        many = len(self._pairs)
        numbers, counts = _or_none(self._numbers[unit]), self._counts[unit].tolist()
        told = [[VERDICTS[code] for code in row] for row in self._verdicts[unit].tolist()]
        cells = zip(_or_none(self._means[unit]), self._people[unit].tolist(), strict=True)
        points = tuple(self.released.cells)
        alike = told[len(points) + many :]
        return Sheet(
            levels=self.released.levels,
            cells={
                point: _means(own, people)
                for point, (own, people) in zip(points, cells, strict=True)
            },
            cell_verdicts=dict(zip(points, told, strict=False)),
            gaps={pair: _named(numbers[k], counts[k]) for k, pair in enumerate(self._pairs)},
            gap_verdicts=dict(zip(self._pairs, told[len(points) :], strict=False)),
            alike={
                pair: _shown(numbers[many + k], counts[many + k], alike[k])
                for k, pair in enumerate(self._named)
            },
            alike_verdicts=dict(zip(self._named, alike, strict=True)),
            common_items=dict(zip(self._named, self._common[unit].tolist(), strict=True)),
            paired=_named(numbers[-1], counts[-1]),
        )


def _laid_out(figures: Sequence[Differences | Cells], names: tuple[str, ...]) -> FloatArray:
    """Shape (units, figures, names, levels)."""
    return np.stack(
        [np.stack([getattr(one, name) for name in names], axis=1) for one in figures], axis=1
    )


def _finite(numbers: FloatArray) -> FloatArray:
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _whole(numbers: FloatArray) -> NDArray[np.int64]:
    """Whole numbers, -1 where unknown."""
    return np.where(np.isfinite(numbers), numbers, -1.0).astype(np.int64)


def _with_estimate(numbers: FloatArray) -> FloatArray:
    """Nothing is known of a difference that is not known itself."""
    np.copyto(numbers, np.nan, where=np.isnan(numbers[:, :, :1]))
    return numbers


def _or_none(numbers: FloatArray) -> list[Numbers]:
    """As Python numbers, None for NaN; all at once, as one by one would cost more than all else."""
    plain = numbers.astype(object)
    plain[np.isnan(numbers)] = None
    listed: list[Numbers] = plain.tolist()
    return listed


def _means(numbers: Numbers, counts: list[list[int]]) -> list[tuple[Plain, float | None]]:
    *rows, shares = numbers
    told = zip(zip(*rows, strict=True), zip(*counts, strict=True), strict=True)
    return list(zip((_mean(own, n) for own, n in told), shares, strict=True))


def _mean(numbers: tuple[float | None, ...], counts: tuple[int, ...]) -> Plain:
    """The figures of a mean; one without an interval says why."""
    mean, se, low, high, df = numbers
    people, answers, way = counts
    plain: Plain = {
        "mean": mean,
        "se": se,
        "low": low,
        "high": high,
        "df": df,
        "interval": None if way < 0 else LABELS[way],
        "n_respondents": None if people < 0 else people,
        "n_answers": None if answers < 0 else answers,
    }
    if mean is not None and low is None:
        plain["no_interval"] = NO_SPREAD
    return plain


def _named(numbers: Numbers, counts: list[list[int]]) -> list[Plain]:
    rows = zip(zip(*numbers, strict=True), zip(*counts, strict=True), strict=True)
    return [_figures(own, n) for own, n in rows]


def _shown(
    numbers: Numbers, counts: list[list[int]], verdicts: list[Verdict]
) -> list[Plain | None]:
    rows = zip(zip(*numbers, strict=True), zip(*counts, strict=True), verdicts, strict=True)
    return [_figures(own, n) if verdict is Verdict.SHOWN else None for own, n, verdict in rows]


def _figures(numbers: tuple[float | None, ...], counts: tuple[int, ...]) -> Plain:
    """The figures of a difference; one without an interval says why."""
    estimate, se, low, high, df = numbers
    minuend, subtrahend, way = counts
    plain: Plain = {
        "estimate": estimate,
        "se": se,
        "low": low,
        "high": high,
        "df": df,
        "n_minuend": None if minuend < 0 else minuend,
        "n_subtrahend": None if subtrahend < 0 else subtrahend,
        "interval": None if way < 0 else LABELS[way],
    }
    if estimate is not None and low is None:
        plain["no_interval"] = NO_SPREAD
    return plain
