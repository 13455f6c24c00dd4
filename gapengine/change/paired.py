"""Two weeks told by the same named people: each of them is compared with themselves.

Anonymous answers cannot be joined over weeks. Where they may be, fold both weeks into one, the
items of the later week under keys of their own; a person is then one cluster across both, and what
the two weeks have in common drops out of the error.
"""

from collections.abc import Mapping

import numpy as np
from scipy.special import stdtr

from gapengine.change.weekly import Change, Movement, change_of, said_of
from gapengine.change.windows import (
    COMPARED,
    Contrast,
    WeekMoments,
    Weeks,
    added_up,
    common_weights,
    nothing_told,
    people_of,
    side_of,
    stack_weeks,
)
from gapengine.correction import around_level
from gapengine.disclosure import Floors
from gapengine.errors import SettingsError
from gapengine.levels import OVERALL, FloatArray, Levels


def paired_change(
    both: WeekMoments,
    later_of: Mapping[str, str],
    *,
    floors: Floors | None = None,
    confidence: float = 0.95,
) -> list[Change]:
    """Compare two weeks of one unit, told by partly the same people, gap by gap overall.

    Parameters
    ----------
    both
        Moments by group, folded over both weeks with one respondent number per person.
    later_of
        Key of an item in the earlier week to its key in the later one; both must lie in the same
        dimension. Items that are not named are not used.
    floors
        Fewest respondents that each side must have in each week.
    confidence
        Two-sided level of the intervals.

    Returns
    -------
    list of Change
        As ``weekly_change``. Someone who told one week only counts for that week.

    Notes
    -----
    With z_i a person's linearised contribution to the later less that to the earlier mean, the
    variance is that of ``gapengine.correction.around_level`` for a paired difference.

    Raises
    ------
    SettingsError
        If a key stands for both weeks, or an item changes its dimension.
    """
    weeks = stack_weeks([[both]])
    for stacked in weeks.values():
        _check(stacked.levels, later_of)
    keep = floors or Floors()
    found = []
    for gap in COMPARED:
        seen = _contrast(weeks, gap, later_of, floors=keep) if weeks else nothing_told()
        p = 2 * stdtr(seen.df, -np.abs(seen.estimate) / seen.se)
        known = bool(p.size) and bool(np.isfinite(p[0, 0]))
        found.append(
            change_of(gap, seen, p, confidence=confidence)
            if known
            else Change(gap, OVERALL, OVERALL, None, None, None, None, None, Movement.TOO_FEW)
        )
    return said_of(found, confidence=confidence)


def _contrast(weeks: Weeks, gap: str, later_of: Mapping[str, str], *, floors: Floors) -> Contrast:
    own = [(weeks[group], column) for group, column in COMPARED[gap]]
    masks = [_masks(stacked.levels, later_of) for stacked, _ in own]
    counts = [
        np.stack([(stacked.answers[column] * used) @ stacked.levels.member.T for used in pair])
        for (stacked, column), pair in zip(own, masks, strict=True)
    ]
    weights = common_weights(counts)
    sides = [
        tuple(side_of(stacked, column, weights, used=used) for used in pair)
        for (stacked, column), pair in zip(own, masks, strict=True)
    ]
    flat = [side for pair in sides for side in pair]
    people = [people_of(side) for side in flat]
    enough = [
        many >= floors.of(side.stacked.group) for side, many in zip(flat, people, strict=True)
    ]
    parts = [around_level(later, earlier) for earlier, later in sides]
    signs = (1, -1)[: len(sides)]
    estimate = sum(
        (
            sign * (later.mean - earlier.mean)
            for sign, (earlier, later) in zip(signs, sides, strict=True)
        ),
        start=np.zeros(()),
    )
    return added_up(estimate, parts, np.all(enough, axis=0), n=np.min(people, axis=0))


def _masks(levels: Levels, later_of: Mapping[str, str]) -> tuple[FloatArray, FloatArray]:
    """1 for the items of the earlier and of the later week, shape (items,) each."""
    earlier = np.array([float(item in later_of) for item in levels.items])
    names = set(later_of.values())
    return earlier, np.array([float(item in names) for item in levels.items])


def _check(levels: Levels, later_of: Mapping[str, str]) -> None:
    twice = sorted(set(later_of) & set(later_of.values()))
    if twice:
        raise SettingsError(f"items {twice} stand for both weeks; give the later ones other keys")
    dimension = dict(zip(levels.items, levels.dimension_of, strict=True))
    for one, other in later_of.items():
        if one in dimension and other in dimension and dimension[one] != dimension[other]:
            raise SettingsError(f"{one!r} and {other!r} lie in different dimensions; pair others")
