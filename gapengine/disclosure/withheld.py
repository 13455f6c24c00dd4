"""What is withheld of a whole organisation's figures: units, regions and the whole together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from gapengine.disclosure.remainder import Settled, settle
from gapengine.disclosure.threshold import Floors, Hidden
from gapengine.disclosure.within import BoolArray, Column, computable_common
from gapengine.estimate import CUSTOMER_GAP, Cells, Figures
from gapengine.levels import FloatArray, Levels
from gapengine.vantage import Group, Vantage, group_of

_SHARED = (Vantage.EXPECTED, Vantage.PERCEIVED)
"""Vantage points whose share is one of the scores the mean is made of."""


@dataclass(frozen=True)
class Withheld:
    """What to hide beyond the floors: of the units, and of the sums over them, in their order."""

    units: Hidden
    sums: Hidden

    @classmethod
    def nothing(cls) -> Self:
        """For an analyst's own table."""
        return cls(Hidden(), Hidden())


def withhold(parts: Sequence[Figures], member: FloatArray, *, floors: Floors) -> Withheld:
    """Find the cells whose release would give away a smaller one by subtraction.

    Parameters
    ----------
    parts
        Raw figures of all units, portion by portion.
    member
        Shape (sums, units): 1 where a unit belongs to a sum. The first sum is the whole.
    floors
        Fewest respondents anything told may speak of, per group.

    Returns
    -------
    Withheld
        For units and sums. Deterministic; it depends on counts of people and answers alone, never
        on a score.

    Notes
    -----
    The attacker meant knows every released figure, to the last digit, who belongs to which sum, and
    even how many answers stand behind each hidden cell. The proof is in docs/decisions/0012.
    """
    levels, rows = parts[0].levels, member > 0
    columns = {v: _column(parts, v, floors.of(group_of(v))) for v in Vantage}
    settled = {v: settle(column, levels, rows) for v, column in columns.items()}
    counted = {v: replace(columns[v], has_means=False, has_shares=True) for v in _SHARED}
    counted[Vantage.SPECIFIED] = _ruled(parts, floors)
    shares = {v: settle(column, levels, rows) for v, column in counted.items()}
    pairs_shown = _paired_units(parts, settled, levels, floor=floors.customer)
    units = Hidden(
        cells={v: own.opened for v, own in settled.items()},
        shares={v: own.shares() for v, own in shares.items()},
        alike=_alike(parts, settled, levels),
        paired=~pairs_shown,
    )
    sums = {v: own.opened_sums() for v, own in settled.items()}
    return Withheld(
        units=units,
        sums=Hidden(
            cells=sums,
            shares={v: own.share_sums() for v, own in shares.items()},
            alike={
                (a, b): _mirrored(sums[a] | sums[b], hidden, settled[a], settled[b])
                for (a, b), hidden in units.alike.items()
            },
            paired=~_paired_sums(parts, settled, levels, shown=pairs_shown, floor=floors.customer),
        ),
    )


def _joined(parts: Sequence[FloatArray]) -> FloatArray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _column(parts: Sequence[Figures], vantage: Vantage, floor: int) -> Column:
    cells = [part.cells[vantage] for part in parts]
    return Column(
        people=_joined([own.respondents for own in cells]),
        answers=_joined([own.answers for own in cells]),
        floor=floor,
    )


def _ruled(parts: Sequence[Figures], floors: Floors) -> Column:
    """Managers who rated S or said that there is no rule: what the share of "no rule" is of."""
    cells: list[Cells] = [part.cells[Vantage.SPECIFIED] for part in parts]
    people = _joined([own.sharers for own in cells])
    return Column(people, people, floors.of(Group.MANAGER), has_means=False, has_shares=True)


def _alike(
    parts: Sequence[Figures], settled: Mapping[Vantage, Settled], levels: Levels
) -> dict[tuple[Vantage, Vantage], BoolArray]:
    """Where a gap over common items would tell of some open items and not of others."""
    common = {
        pair: _joined([part.common_items[pair] for part in parts])[:, levels.upper :]
        for pair in parts[0].common_items
    }
    return {
        (a, b): ~(
            computable_common(settled[a].opened, both, levels)
            & computable_common(settled[b].opened, both, levels)
        )
        for (a, b), both in common.items()
    }


def _mirrored(hidden: BoolArray, units: BoolArray, left: Settled, right: Settled) -> BoolArray:
    """A sum of one unit hides what the unit hides."""
    result = hidden.copy()
    for own in (left, right):
        alone = own.mirror >= 0
        result[alone] |= units[own.mirror[alone]]
    return result


@dataclass(frozen=True)
class _Pairs:
    """People with a complete pair, and those who answered E or P of an item without the other."""

    complete: FloatArray
    single: FloatArray

    @classmethod
    def of(cls, parts: Sequence[Figures], settled: Mapping[Vantage, Settled]) -> Self:
        complete = _joined([part.paired.n_minuend for part in parts])
        both = sum(settled[v].column.people for v in CUSTOMER_GAP)
        return cls(complete, both - 2 * complete)


def _paired_units(
    parts: Sequence[Figures], settled: Mapping[Vantage, Settled], levels: Levels, *, floor: int
) -> BoolArray:
    """Where the paired P-E leaves out nobody, or at least the floor, of both shown means."""
    pairs = _Pairs.of(parts, settled)
    opened = np.logical_or.reduce([settled[v].opened for v in CUSTOMER_GAP])[:, levels.upper :]
    left_out = pairs.single[:, levels.upper :]
    large = (left_out >= floor) & (pairs.complete[:, levels.upper :] >= floor)
    return _all_items((~opened & ((left_out == 0) | large)), pairs.complete, levels)


def _paired_sums(
    parts: Sequence[Figures],
    settled: Mapping[Vantage, Settled],
    levels: Levels,
    *,
    shown: BoolArray,
    floor: int,
) -> BoolArray:
    """The same of sums: those left out in units that do not tell it themselves count together."""
    pairs, one = _Pairs.of(parts, settled), settled[Vantage.PERCEIVED]
    fewer = np.minimum(pairs.complete, pairs.single)[:, levels.upper :]
    untold = np.where(shown[:, levels.upper :], 0.0, fewer)
    unsure = ~shown[:, levels.upper :] & (pairs.single[:, levels.upper :] > 0)
    fine = np.ones((len(one.member), len(levels.items)), dtype=bool)
    classes = np.unique(one.member, axis=1, return_inverse=True)[1].ravel()
    for number in range(int(classes.max(initial=-1)) + 1):
        units = classes == number
        leaks = unsure[units].any(axis=0) & (untold[units].sum(axis=0) < floor)
        fine[one.member[:, units].any(axis=1)] &= ~leaks
    complete = one.member.astype(np.float64) @ pairs.complete
    sums = np.logical_or.reduce([settled[v].opened_sums() for v in CUSTOMER_GAP])
    allowed = _all_items(fine & ~sums[:, levels.upper :], complete, levels)
    for own in (settled[v] for v in CUSTOMER_GAP):
        alone = own.mirror >= 0
        allowed[alone] &= shown[own.mirror[alone]]
    return allowed


def _all_items(items: BoolArray, complete: FloatArray, levels: Levels) -> BoolArray:
    """Add the upper levels: told where every item below with complete pairs is."""
    asked = complete[:, levels.upper :] > 0
    missing = (asked & ~items).astype(np.float64) @ levels.reach.T
    return np.concatenate([missing == 0, items], axis=1)
