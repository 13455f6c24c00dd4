"""Small groups stay hidden: the only way from raw figures to figures that may be shown.

A cell told by fewer people than its group's floor loses every number that belongs to it, counts
included. ``Released`` is the only thing a report is built from, and only this module makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from gapengine.errors import SettingsError
from gapengine.estimate import Cells, Differences, Figures, Pair
from gapengine.levels import FloatArray, Levels
from gapengine.vantage import Group, Vantage, group_of

MINIMUM: Mapping[Group, int] = {Group.CUSTOMER: 5, Group.MANAGER: 3, Group.STAFF: 5}
"""Floors nobody can go below. Managers rate as officials, and the question tells them so."""


class Verdict(IntEnum):
    """Whether a cell may be shown; of a gap's two sides the greater counts.

    WITHHELD cells have people enough, but together with what else is shown they would give away
    others that have not.
    """

    SHOWN = 0
    WITHHELD = 1
    TOO_FEW = 2
    NOT_ASKED = 3

    @property
    def reason(self) -> str:
        """The reason as a report gives it."""
        return ("", "protects others", "too few", "not asked")[self]


VerdictArray = NDArray[np.int8]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Floors:
    """Fewest respondents a cell may have, per group; may be raised, never lowered.

    Raises
    ------
    SettingsError
        If a floor is below ``MINIMUM``.
    """

    customer: int = MINIMUM[Group.CUSTOMER]
    manager: int = MINIMUM[Group.MANAGER]
    staff: int = MINIMUM[Group.STAFF]

    def __post_init__(self) -> None:
        for group, least in MINIMUM.items():
            if self.of(group) < least:
                raise SettingsError(
                    f"floor of {group} is {self.of(group)}; give {least} or more, "
                    "so that nobody can be recognised"
                )

    def of(self, group: Group) -> int:
        """The floor of one group."""
        return {
            Group.CUSTOMER: self.customer,
            Group.MANAGER: self.manager,
            Group.STAFF: self.staff,
        }[group]


@dataclass(frozen=True)
class Released:
    """Figures that may be shown, each beside its verdict; hidden numbers are NaN."""

    levels: Levels
    floors: Floors | None
    cells: Mapping[Vantage, Cells]
    cell_verdicts: Mapping[Vantage, VerdictArray]
    gaps: Mapping[Pair, Differences]
    gap_verdicts: Mapping[Pair, VerdictArray]
    like_for_like: Mapping[Pair, Differences]
    like_verdicts: Mapping[Pair, VerdictArray]
    common_items: Mapping[Pair, FloatArray]
    paired: Differences


@dataclass(frozen=True)
class Hidden:
    """What to hide beyond the floors, True where hidden, shape (units, levels); absent is nothing.

    ``gapengine.disclosure.withheld`` makes it for a whole organisation at once.
    """

    cells: Mapping[Vantage, BoolArray] = field(default_factory=dict)
    shares: Mapping[Vantage, BoolArray] = field(default_factory=dict)
    alike: Mapping[Pair, BoolArray] = field(default_factory=dict)
    paired: BoolArray | None = None

    def some(self, units: slice) -> "Hidden":
        """The same for some of the units."""
        return Hidden(
            cells={v: mask[units] for v, mask in self.cells.items()},
            shares={v: mask[units] for v, mask in self.shares.items()},
            alike={pair: mask[units] for pair, mask in self.alike.items()},
            paired=None if self.paired is None else self.paired[units],
        )


_NOTHING = Hidden()


def release(figures: Figures, floors: Floors | None, *, hidden: Hidden = _NOTHING) -> Released:
    """Hide what fewer people than the floors told, and what is withheld to protect it.

    ``floors=None`` hides nothing: for an analyst's own table only.
    """
    cell_verdicts = {
        vantage: _verdict(cells.respondents, _floor(floors, vantage), hidden.cells.get(vantage))
        for vantage, cells in figures.cells.items()
    }
    gap_verdicts = {
        (a, b): np.maximum(cell_verdicts[a], cell_verdicts[b]).astype(np.int8)
        for a, b in figures.gaps
    }
    like_verdicts = {
        pair: _of_gap(like, pair, floors, also=hidden.alike.get(pair))
        for pair, like in figures.like_for_like.items()
    }
    paired_floor = _floor(floors, Vantage.PERCEIVED)
    return Released(
        levels=figures.levels,
        floors=floors,
        cells={
            vantage: _hide_cells(
                cells,
                cell_verdicts[vantage],
                sharing=_verdict(
                    cells.sharers, _floor(floors, vantage), hidden.shares.get(vantage)
                ),
            )
            for vantage, cells in figures.cells.items()
        },
        cell_verdicts=cell_verdicts,
        gaps={pair: _hide(gap, gap_verdicts[pair]) for pair, gap in figures.gaps.items()},
        gap_verdicts=gap_verdicts,
        like_for_like={
            pair: _hide(like, like_verdicts[pair]) for pair, like in figures.like_for_like.items()
        },
        like_verdicts=like_verdicts,
        common_items=figures.common_items,
        paired=_hide(
            figures.paired, _verdict(figures.paired.n_minuend, paired_floor, hidden.paired)
        ),
    )


def rounded(released: Released) -> Released:
    """Round what is published again and again: means, gaps and bounds to 0.1, errors to 0.01.

    A bound just off zero is rounded away from it: an interval without zero keeps that.
    Shares are rounded to 0.01. Rounded links of a chain add up within 0.1 per link.
    """
    return replace(
        released,
        cells={
            vantage: replace(
                own,
                mean=own.mean.round(1),
                share=own.share.round(2),
                se=own.se.round(2),
                df=own.df.round(0),
                low=own.low.round(1),
                high=own.high.round(1),
            )
            for vantage, own in released.cells.items()
        },
        gaps={pair: _rounded(gap) for pair, gap in released.gaps.items()},
        like_for_like={pair: _rounded(gap) for pair, gap in released.like_for_like.items()},
        paired=_rounded(released.paired),
    )


def _rounded(gap: Differences) -> Differences:
    """Adding 0 makes the -0.0 of a rounded small shortfall a plain 0."""
    return replace(
        gap,
        estimate=gap.estimate.round(1) + 0.0,
        se=gap.se.round(2),
        df=gap.df.round(0),
        low=_rounded_bound(gap.low),
        high=_rounded_bound(gap.high),
    )


def _rounded_bound(bound: FloatArray) -> FloatArray:
    """To 0.1, but never to 0 what is not; dust of the arithmetic counts as nothing."""
    near = bound.round(1) + 0.0
    return np.where((near == 0) & (np.abs(bound) > 1e-9), np.copysign(0.1, bound), near)


def _floor(floors: Floors | None, vantage: Vantage) -> int:
    return 1 if floors is None else floors.of(group_of(vantage))


def _verdict(respondents: FloatArray, floor: int, also: BoolArray | None = None) -> VerdictArray:
    enough = Verdict.SHOWN if also is None else np.where(also, Verdict.WITHHELD, Verdict.SHOWN)
    verdict = np.where(respondents < floor, Verdict.TOO_FEW, enough)
    return np.where(respondents == 0, Verdict.NOT_ASKED, verdict).astype(np.int8)


def _of_gap(
    gap: Differences, pair: Pair, floors: Floors | None, *, also: BoolArray | None
) -> VerdictArray:
    """The stricter verdict of the two sides: not asked goes before too few."""
    sides = (_verdict(n, _floor(floors, v), also) for n, v in zip(_counts(gap), pair, strict=True))
    return np.maximum(*sides).astype(np.int8)


def _counts(gap: Differences) -> tuple[FloatArray, FloatArray]:
    return gap.n_minuend, gap.n_subtrahend


def _mask(verdict: VerdictArray) -> FloatArray:
    """1 where a cell is shown, else NaN: a number times this is itself or hidden."""
    return np.where(verdict == Verdict.SHOWN, 1.0, np.nan)


def _hide(gap: Differences, verdict: VerdictArray) -> Differences:
    if (verdict == Verdict.SHOWN).all():
        return gap
    mask = _mask(verdict)
    return Differences(
        estimate=gap.estimate * mask,
        se=gap.se * mask,
        df=gap.df * mask,
        low=gap.low * mask,
        high=gap.high * mask,
        n_minuend=gap.n_minuend * mask,
        n_subtrahend=gap.n_subtrahend * mask,
        way=gap.way * mask,
    )


def _hide_cells(cells: Cells, verdict: VerdictArray, *, sharing: VerdictArray) -> Cells:
    mask, of_share = _mask(verdict), _mask(sharing)
    nobody = verdict == Verdict.NOT_ASKED
    return Cells(
        mean=cells.mean * mask,
        respondents=np.where(nobody, 0.0, cells.respondents * mask),
        answers=np.where(nobody, 0.0, cells.answers * mask),
        share=cells.share * of_share,
        sharers=cells.sharers * of_share,
        se=cells.se * mask,
        df=cells.df * mask,
        low=cells.low * mask,
        high=cells.high * mask,
        way=cells.way * mask,
    )
