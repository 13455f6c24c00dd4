"""Likert populations of known truth and realistic shape: what the intervals are calibrated on.

Each population gives the chances of the scores 1 to 7. Answers of one person hang together by a
Gaussian copula, so every shape keeps its exact mean whatever the correlation.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.random import Generator
from scipy.special import ndtr, ndtri

from gapengine.errors import SettingsError
from gapengine.levels import FloatArray, Levels
from gapengine.moments import (
    COUNT_SUM,
    DIFFERENCES,
    PAIR,
    PRODUCT,
    RULED,
    SHAPES,
    SUM_COUNT,
    TOGETHER,
)
from gapengine.stacking import Stacked
from gapengine.vantage import Group, Vantage

SCORES = np.arange(1.0, 8.0)

POPULATIONS: Mapping[str, tuple[float, ...]] = {
    "uniform": (0.12, 0.13, 0.14, 0.15, 0.16, 0.15, 0.15),
    "mild skew": (0.02, 0.04, 0.08, 0.16, 0.26, 0.28, 0.16),
    "skewed": (0.04, 0.06, 0.10, 0.15, 0.22, 0.25, 0.18),
    "ceiling": (0.005, 0.01, 0.025, 0.06, 0.13, 0.27, 0.50),
    "strong ceiling": (0.01, 0.01, 0.02, 0.03, 0.06, 0.17, 0.70),
    "bimodal": (0.20, 0.14, 0.05, 0.02, 0.06, 0.18, 0.35),
    "agreeing": (0.0, 0.0, 0.0, 0.02, 0.20, 0.50, 0.28),
    "spread": (0.02, 0.05, 0.12, 0.22, 0.28, 0.21, 0.10),
}
"""Chances of the scores 1 to 7; the names say the shape. Chosen, not fitted to a data set."""

SHARED = 0.4
"""Correlation of one person's answers to two items, before they are cut into scores."""

_STEPS = 2000


def chances(name: str) -> FloatArray:
    """The chances of the scores 1 to 7 in a named population.

    Raises
    ------
    SettingsError
        If there is no such population.
    """
    if name not in POPULATIONS:
        raise SettingsError(f"no population {name!r}; choose one of {', '.join(POPULATIONS)}")
    weights: FloatArray = np.array(POPULATIONS[name])
    shares: FloatArray = weights / weights.sum()
    return shares


def true_mean(name: str) -> float:
    """Mean score of a named population."""
    return float(chances(name) @ SCORES)


def joint_chances(first: str, second: str, correlation: float) -> FloatArray:
    """Chances of two scores of one person from two named populations, shape (7, 7)."""
    return joined(chances(first), chances(second), correlation)


def joined(first: FloatArray, second: FloatArray, correlation: float) -> FloatArray:
    """Chances of two scores of one person, shape (7, 7), joined by a Gaussian copula.

    Both margins are exact to 1/2000. ``correlation`` is that of the copula: above -1, below 1.
    """
    if not -1 < correlation < 1:
        raise SettingsError(f"correlation is {correlation}; give one between -1 and 1")
    rank = (np.arange(_STEPS) + 0.5) / _STEPS
    own = np.searchsorted(np.cumsum(first)[:-1], rank)
    cut = ndtri(np.minimum(np.cumsum(second)[:-1], 1.0))
    below = ndtr((cut - correlation * ndtri(rank)[:, None]) / np.sqrt(1 - correlation**2))
    given = np.diff(below, axis=1, prepend=0.0, append=1.0) / _STEPS
    joint = np.zeros((7, 7))
    np.add.at(joint, own, given)
    return joint


def draw_scores(
    rng: Generator,
    names: Sequence[str],
    *,
    size: tuple[int, int, int],
    correlation: float = 0.0,
) -> FloatArray:
    """Draw the scores of people who answer some items from one or two vantage points.

    Parameters
    ----------
    names
        The population of each vantage point; the same for all items.
    size
        Units, people per unit, items.
    correlation
        Of one person's answers to one item from the two vantage points, before they are cut.

    Returns
    -------
    FloatArray
        Shape (units, people, vantage points, items), 1 to 7.
    """
    person = rng.standard_normal((*size[:2], len(names), 1)) * np.sqrt(SHARED)
    latent = person + rng.standard_normal((*size[:2], len(names), size[2])) * np.sqrt(1 - SHARED)
    if len(names) > 1:
        own = np.sqrt(1 - correlation**2) * latent[:, :, 1]
        latent[:, :, 1] = correlation * latent[:, :, 0] + own
    cuts = [ndtri(np.clip(np.cumsum(chances(name))[:-1], 1e-12, 1 - 1e-12)) for name in names]
    cut = [np.searchsorted(own, latent[:, :, k]) for k, own in enumerate(cuts)]
    return 1.0 + np.stack(cut, axis=2)


def leave_out(rng: Generator, scores: FloatArray, *, asked: int) -> FloatArray:
    """Keep ``asked`` items of each person, the same from every vantage point; NaN elsewhere."""
    units, people, _, items = scores.shape
    chosen = rng.random((units, people, items)).argsort(axis=2) < asked
    return np.where(chosen[:, :, None, :], scores, np.nan)


def stacked_scores(group: Group, levels: Levels, scores: Mapping[Vantage, FloatArray]) -> Stacked:
    """The moments of tables of scores, one table per unit, without folding row by row.

    ``scores`` maps each vantage point of the group that was asked to shape (units, people, items)
    with NaN where it was not; vantage points left out were not asked at all. An answer "no rule"
    cannot be given.
    """
    shape = SHAPES[group]
    blank = np.full_like(next(iter(scores.values())), np.nan)
    asked = {v: scores.get(v, blank) for v in shape.vantages}
    count = {str(v): np.isfinite(own).astype(np.float64) for v, own in asked.items()}
    total = {str(v): np.nan_to_num(own) for v, own in asked.items()}
    pairs = np.zeros((len(blank), len(levels.items), shape.differences))
    if PAIR in shape.columns:
        expected, perceived = (asked[v] for v in (Vantage.EXPECTED, Vantage.PERCEIVED))
        difference = perceived - expected
        count[PAIR] = np.isfinite(difference).astype(np.float64)
        total[PAIR] = np.nan_to_num(difference)
        pairs = np.stack([(difference == k).sum(axis=1) for k in DIFFERENCES], axis=2).astype(float)
    cross = np.zeros((len(blank), len(shape.blocks), 4, *(2 * [len(levels.items)])))
    for k, (a, b) in enumerate(shape.blocks):
        kinds = {
            TOGETHER: (count[a], count[b]),
            SUM_COUNT: (total[a], count[b]),
            COUNT_SUM: (count[a], total[b]),
            PRODUCT: (total[a], total[b]),
        }
        for kind, (left, right) in kinds.items():
            cross[:, k, kind] = left.transpose(0, 2, 1) @ right
    return Stacked(
        group=group,
        levels=levels,
        cross=cross,
        respondents=_respondents(levels, shape.subsets, count),
        histogram=np.stack(
            [np.stack([(own == k).sum(axis=1) for k in SCORES], axis=2) for own in asked.values()],
            axis=1,
        ).astype(np.float64),
        no_rule=np.zeros((len(blank), len(levels.items))),
        pairs=pairs,
    )


def _respondents(
    levels: Levels, subsets: Sequence[frozenset[str]], count: Mapping[str, FloatArray]
) -> FloatArray:
    """People with an answer to any point of a subset, shape (units, levels, subsets)."""
    told = []
    for subset in subsets:
        names = {Vantage.SPECIFIED} if subset == {RULED} else subset
        some = np.sum([count[str(name)] for name in names], axis=0) > 0
        upper = (some.astype(np.float64) @ levels.reach.T > 0).sum(axis=1)
        told.append(np.concatenate([upper, some.sum(axis=1)], axis=1))
    return np.stack(told, axis=2).astype(np.float64)
