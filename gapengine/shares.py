"""Shares of answers with Wilson's interval, the net promoter score, and the ceiling warning."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from gapengine.errors import AnswersError, SettingsError
from gapengine.levels import FloatArray
from gapengine.moments import TOGETHER
from gapengine.stacking import Stacked
from gapengine.vantage import Vantage, group_of

TOP = 6
"""Answers of 6 and 7 count as content."""

CEILING = 0.5
"""Above this share of sevens, E says little: it cannot rise, and every gap leans downwards."""

_PSEUDO = 0.75
"""Added to either end of a three-way count, and twice as much to its middle."""


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of 1 with their intervals; all arrays of one shape, NaN where nobody answered.

    ``effective`` is the number of independent answers the interval was computed for.
    """

    share: FloatArray
    low: FloatArray
    high: FloatArray
    effective: FloatArray


@dataclass(frozen=True, eq=False)
class NetShares:
    """Share of one end less share of the other, -1..1; all arrays of one shape, NaN if unknown."""

    estimate: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    n: FloatArray

    def in_points(self) -> "NetShares":
        """The same in points from -100 to 100, as a net promoter score is written."""
        return NetShares(
            100 * self.estimate,
            100 * self.se,
            low=100 * self.low,
            high=100 * self.high,
            n=self.n,
        )


def wilson(successes: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> Shares:
    """Share of successes among n, with Wilson's score interval.

    Holds where the n answers are independent: one answer per person, as at item level. For
    several answers of the same people give the effective n (``kish_size``) and the share times
    it. Neither number needs to be whole.

    Raises
    ------
    AnswersError
        If a count is negative, or successes exceed n.
    SettingsError
        If ``confidence`` is not between 0 and 1.

    Notes
    -----
    Source: Wilson (1927), J. Amer. Statist. Assoc. 22, 209-212.
    """
    k, many = np.broadcast_arrays(np.asarray(successes, np.float64), np.asarray(n, np.float64))
    if (k < 0).any() or (k > many * (1 + 1e-12)).any():
        raise AnswersError("shares: successes must lie between 0 and n; check the two counts")
    z = _quantile(confidence)
    size = np.where(many > 0, many, np.nan)
    share = k / size
    middle = share + z**2 / (2 * size)
    reach = z * np.sqrt(np.maximum(share * (1 - share), 0.0) / size + z**2 / (4 * size**2))
    grown = 1 + z**2 / size
    low = np.where(k == 0, np.where(many > 0, 0.0, np.nan), (middle - reach) / grown)
    high = np.where(k >= many, np.where(many > 0, 1.0, np.nan), (middle + reach) / grown)
    return Shares(share, low, high, np.array(many))


def top_shares(
    stacked: Stacked, vantage: Vantage, *, lowest: int = TOP, confidence: float = 0.95
) -> Shares:
    """Share of answers of ``lowest`` or more to one vantage point, shape (units, levels).

    A dimension's share is the plain mean of its items' shares, as its mean is of their means, so
    that an item asked more often does not weigh more. An item has one answer per person. Above
    items the same people answer several, so Wilson's interval takes Kish's effective number
    1 / sum h_i^2, h_i being the weight of all answers of person i: as if one person's answers
    were all alike, hence rather too wide than too narrow.

    Raises
    ------
    SettingsError
        If ``lowest`` is not a score from 2 to 7, or the people were not asked this point.
    """
    if group_of(vantage) is not stacked.group:
        raise SettingsError(f"{vantage} is not asked of {stacked.group}; hand in its own group")
    if not 2 <= lowest <= 7:
        raise SettingsError(f"lowest counted score is {lowest}; give 2 to 7")
    counts = stacked.histogram[:, stacked.shape.vantages.index(vantage)]
    answers = counts.sum(axis=2)
    items = _ratio(counts[:, :, lowest - 1 :].sum(axis=2), answers)
    weights = stacked.levels.shares(answers > 0)
    loads = weights * stacked.load[vantage][:, None, :]
    together = stacked.block(vantage, vantage, TOGETHER)
    squares = np.concatenate(
        [np.vecdot(loads @ together, loads), stacked.leverage(vantage)], axis=1
    )
    share = np.concatenate([(weights @ items[:, :, None])[:, :, 0], items], axis=1)
    effective = _ratio(np.ones_like(squares), squares)
    return wilson(np.clip(share, 0, 1) * effective, effective, confidence=confidence)


def at_ceiling(share_of_seven: ArrayLike) -> NDArray[np.bool_]:
    """Whether more than half of the answers are 7; False where the share is unknown."""
    return np.asarray(share_of_seven, dtype=np.float64) > CEILING


def kish_size(weights: ArrayLike) -> FloatArray:
    """Effective number along the last axis: (sum w)^2 / sum w^2, 0 where all weights are 0.

    Source: Kish (1965), Survey Sampling, 11.7.
    """
    heavy = np.asarray(weights, dtype=np.float64)
    return _ratio(heavy.sum(axis=-1) ** 2, (heavy**2).sum(axis=-1))


def net_shares(
    up: ArrayLike, down: ArrayLike, n: ArrayLike, *, confidence: float = 0.95
) -> NetShares:
    """Share of ``up`` less share of ``down`` among n answers, each of which is one, other or none.

    se = sqrt((u + d - (u - d)^2) / n) with the shares u and d. The interval is the adjusted one:
    it adds 3/4 to either end and 3/2 to the middle, so that it also holds for few answers and at
    the ends, where the plain one is too short.

    Raises
    ------
    AnswersError
        If a count is negative, or the two ends exceed n.
    SettingsError
        If ``confidence`` is not between 0 and 1.

    Notes
    -----
    Source of the interval: Rocks (2016), The American Statistician 70(4), 365-372.
    """
    above, below, many = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (up, down, n))
    )
    if (above < 0).any() or (below < 0).any() or (above + below > many * (1 + 1e-12)).any():
        raise AnswersError("shares: both ends must be 0 or more and not exceed n together")
    size = np.where(many > 0, many, np.nan)
    estimate = (above - below) / size
    se = np.sqrt(np.maximum((above + below) / size - estimate**2, 0.0) / size)
    grown = size + 4 * _PSEUDO
    centre = (above - below) / grown
    spread = np.sqrt(((above + below + 2 * _PSEUDO) / grown - centre**2) / grown)
    reach = _quantile(confidence) * spread
    low, high = np.maximum(centre - reach, -1.0), np.minimum(centre + reach, 1.0)
    return NetShares(estimate, se, low, high, np.array(many))


def net_promoter(
    promoters: ArrayLike, passives: ArrayLike, detractors: ArrayLike, *, confidence: float = 0.95
) -> NetShares:
    """Net promoter score in points, -100..100: answers 9 and 10 less answers 0 to 6, of 0 to 10."""
    parts = [np.asarray(part, np.float64) for part in (promoters, passives, detractors)]
    if any((part < 0).any() for part in parts):
        raise AnswersError("net promoter score: a count is negative; give how many said what")
    whole = parts[0] + parts[1] + parts[2]
    return net_shares(parts[0], parts[2], whole, confidence=confidence).in_points()


def _quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise SettingsError(f"confidence is {confidence}; give a share such as 0.95")
    return float(ndtri((1 + confidence) / 2))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    out = np.zeros(np.broadcast(above, below).shape)
    return np.divide(above, below, out=out, where=below > 0)
