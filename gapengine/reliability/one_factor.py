"""One common factor behind the items of a dimension, fitted by maximum likelihood, many at once.

The model: a correlation matrix R is l l' off the diagonal and 1 on it, so that an item's own part
is 1 - l_j^2. Maximum likelihood reproduces the diagonal exactly, so fixing it loses nothing and
leaves one loading per item; Fisher scoring on the loadings takes about ten steps for all cells
together. Source: Jöreskog (1967), Psychometrika 32, 443-482; Lawley and Maxwell (1971), Factor
Analysis as a Statistical Method, chapters 2 and 7.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gapengine.levels import FloatArray

BoolArray = NDArray[np.bool_]

LEAST_OWN_PART = 0.005
"""An item whose own variance falls to this share has none left: a Heywood case."""

GROSS_MISFIT = 0.15
"""Root mean square residual correlation beyond which there is not one factor but several.

Hu and Bentler (1999), Structural Equation Modeling 6, 1-55, call a fit good up to 0.08.
"""

_STEPS = 200
_SETTLED = 1e-8
_RIDGE = 1e-10
_LARGEST = float(np.sqrt(1 - LEAST_OWN_PART))


@dataclass(frozen=True)
class OneFactor:
    """Loadings of shape (cells, items), whether a cell's fit may be used, and how far it is off.

    ``usable`` is False where the steps did not settle, an item's own part vanished (Heywood), or
    the misfit is gross.
    ``misfit`` is the root mean square of the residual correlations off the diagonal (SRMR); it is
    0 up to rounding for three items, which one factor always reproduces if it can at all.
    """

    loadings: FloatArray
    usable: BoolArray
    misfit: FloatArray


def fit_one_factor(correlation: FloatArray, asked: BoolArray) -> OneFactor:
    """Fit one factor to each correlation matrix.

    Parameters
    ----------
    correlation
        Shape (cells, items, items), symmetric, finite, 1 on the diagonal. It need not be positive
        definite, as matrices of pairwise correlations sometimes are not.
    asked
        Shape (cells, items): False for an item to leave out. Its loading is 0.

    Returns
    -------
    OneFactor
        With the sign that makes the loadings of a cell add up to something positive.
    """
    both = asked[:, :, None] & asked[:, None, :]
    own = np.eye(correlation.shape[1])
    target = np.where(both, correlation, own)
    loadings, settled = _scored(target, _first_guess(target, asked))
    loadings = loadings * np.where(loadings.sum(axis=1) < 0, -1.0, 1.0)[:, None]
    residual = np.where(both, target - _implied(loadings), 0.0)
    pairs = np.maximum(both.sum(axis=(1, 2)) - asked.sum(axis=1), 1)
    misfit = np.sqrt((residual**2).sum(axis=(1, 2)) / pairs)
    heywood = (np.abs(loadings) >= _LARGEST).any(axis=1)
    return OneFactor(loadings, settled & ~heywood & (misfit <= GROSS_MISFIT), misfit)


def omega(loadings: FloatArray, spread: FloatArray) -> FloatArray:
    """Omega total of the sum of items, shape (cells,): the factor's share in its variance.

    ``spread`` has shape (cells, items): the items' standard deviations; 1 for standardised items,
    0 for an item to leave out. Source: McDonald (1999), Test Theory, chapter 6.
    """
    common: FloatArray = (spread * loadings).sum(axis=1) ** 2
    own: FloatArray = (spread**2 * (1 - loadings**2)).sum(axis=1)
    return np.divide(common, common + own, out=np.full_like(own, np.nan), where=common + own > 0)


def _first_guess(target: FloatArray, asked: BoolArray) -> FloatArray:
    """Centroid loadings: an item's correlations with the others over the root of their sum."""
    sums = target.sum(axis=2) - 1
    total = np.maximum(sums.sum(axis=1, keepdims=True), 0.1)
    return np.where(asked, np.clip(sums / np.sqrt(total), 0.1, 0.9), 0.0)


def _scored(target: FloatArray, start: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Fisher scoring with a step length per cell; cells that have settled are left alone."""
    loadings, settled = start.copy(), np.zeros(len(start), dtype=bool)
    length, badness = np.ones(len(start)), _badness(start, target)
    for _ in range(_STEPS):
        at = np.flatnonzero(~settled)
        if not at.size:
            break
        now, wanted = loadings[at], target[at]
        step = _step(now, wanted)
        new = np.clip(now + length[at, None] * step, -_LARGEST, _LARGEST)
        worth = _badness(new, wanted)
        better = worth <= badness[at] + _RIDGE
        badness[at] = np.where(better, worth, badness[at])
        loadings[at] = np.where(better[:, None], new, now)
        settled[at] = better & (np.abs(new - now).max(axis=1) < _SETTLED)
        length[at] = np.where(better, np.minimum(2 * length[at], 1.0), length[at] / 2)
        settled[at] |= ~better & (np.abs(step).max(axis=1) < _SETTLED)
    return loadings, settled


def _step(loadings: FloatArray, target: FloatArray) -> FloatArray:
    """The scoring step: the information matrix solved for the gradient.

    A loading l_j enters the matrix through e_j v_j' + v_j e_j', v_j = l with l_j taken out.
    """
    inverse = _inverse(loadings)
    weighed = np.einsum("cij,cj->ci", inverse, loadings)
    spread = weighed[:, :, None] - inverse * loadings[:, None, :]
    residual = inverse @ (target - _implied(loadings)) @ inverse
    diagonal = np.diagonal(residual, axis1=1, axis2=2)
    slope = np.einsum("cij,cj->ci", residual, loadings) - diagonal * loadings
    within = np.einsum("ci,cij->cj", loadings, spread)[:, None, :] - loadings[:, :, None] * spread
    information = inverse * within + spread * spread.transpose(0, 2, 1)
    information += _RIDGE * np.eye(loadings.shape[1])
    step: FloatArray = np.linalg.solve(information, slope[:, :, None])[:, :, 0]
    return step


def _badness(loadings: FloatArray, target: FloatArray) -> FloatArray:
    """log det of the implied matrix plus the trace of its inverse times the target."""
    own = 1 - loadings**2
    ray = loadings / own
    common = 1 + (loadings * ray).sum(axis=1)
    trace = (1 / own).sum(axis=1) - np.einsum("ci,cij,cj->c", ray, target, ray) / common
    total: FloatArray = np.log(own).sum(axis=1) + np.log(common) + trace
    return total


def _implied(loadings: FloatArray) -> FloatArray:
    """Correlations that the loadings imply, 1 on the diagonal."""
    off = 1 - np.eye(loadings.shape[1])
    return loadings[:, :, None] * loadings[:, None, :] * off + np.eye(loadings.shape[1])


def _inverse(loadings: FloatArray) -> FloatArray:
    """Inverse of the implied matrix, by the rule for a diagonal plus one product."""
    own = 1 - loadings**2
    ray = loadings / own
    common = 1 + (loadings * ray).sum(axis=1)
    inverse: FloatArray = -ray[:, :, None] * ray[:, None, :] / common[:, None, None]
    inverse += np.eye(loadings.shape[1]) / own[:, None, :]
    return inverse
