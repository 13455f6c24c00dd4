"""Importance from taps: which of these dimensions matters most to you, and which least."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from gapengine.errors import AnswersError
from gapengine.importance.weights import Stated
from gapengine.levels import FloatArray
from gapengine.shares import NetShares, net_shares

ASKED = "most and least taps"

_ROUNDS = 50
_CLOSE = 1e-10


@dataclass(frozen=True, eq=False)
class Scores:
    """Best-worst scores from 0 (always least) over 50 to 100 (always most).

    Arrays of shape (..., dimensions), NaN where a dimension was never shown. ``shown`` counts how
    often it was.
    """

    score: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    shown: FloatArray


@dataclass(frozen=True, eq=False)
class Taps:
    """Taps of many customers.

    Attributes
    ----------
    most, least
        Shape (taps,): column of the dimension chosen; -1 where the question was left open.
    shown
        Shape (taps, dimensions): which dimensions there were to choose from.
    customer
        Shape (taps,): who tapped, any numbers.
    """

    most: NDArray[np.int64]
    least: NDArray[np.int64]
    shown: NDArray[np.bool_]
    customer: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        most: ArrayLike,
        least: ArrayLike,
        *,
        dimensions: int,
        shown: ArrayLike | None = None,
        customer: ArrayLike | None = None,
    ) -> "Taps":
        """Check the taps. By default all dimensions were shown, and each tap is another customer's.

        Raises
        ------
        AnswersError
            If lengths differ, or a choice was not shown, or is both most and least.
        """
        best, worst = np.asarray(most, np.int64), np.asarray(least, np.int64)
        n = len(best)
        seen = np.ones((n, dimensions), bool) if shown is None else np.asarray(shown, bool)
        who = np.arange(n) if customer is None else np.asarray(customer, np.int64)
        if worst.shape != (n,) or who.shape != (n,) or seen.shape != (n, dimensions):
            raise AnswersError("taps: columns differ in length; give one row per tap in each")
        wrong = _not_shown(best, seen) | _not_shown(worst, seen) | ((best == worst) & (best >= 0))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise AnswersError(
                f"taps: row {row + 1} chose {int(best[row])} as most and {int(worst[row])} as "
                "least; both must be shown, and differ (-1 where left open)"
            )
        return cls(best, worst, seen, who)


def best_worst_scores(
    most: ArrayLike, least: ArrayLike, shown: ArrayLike, *, confidence: float = 0.95
) -> Scores:
    """Scores from counts alone: 50 + 50 (most - least) / shown.

    Parameters
    ----------
    most, least, shown
        Shape (..., dimensions): how often each was chosen as most and as least important, and how
        often it was among those to choose from with both questions answered.

    Notes
    -----
    One showing is most, least or neither; variance (b + w - (b - w)^2) / shown with the shares b
    and w, adjusted interval as in ``net_shares``. It takes every showing as another customer's:
    use ``scores_of_taps`` where customers tap more than once. A score compares a dimension with
    those it was shown against, so the sets must be balanced. Source of the score: Finn and
    Louviere (1992), J. Public Policy and Marketing 11(2), 12-25.
    """
    return _scaled(net_shares(most, least, shown, confidence=confidence))


def scores_of_taps(taps: Taps, *, confidence: float = 0.95) -> Scores:
    """The same scores from taps, with errors clustered by customer.

    Only taps with both answers count. The counts are divided by the design effect (clustered
    variance over simple variance, at least 1) before the interval is formed.
    """
    both = (taps.most >= 0) & (taps.least >= 0)
    up, down = (_chosen(column[both], taps.shown.shape[1]) for column in (taps.most, taps.least))
    seen = taps.shown[both].astype(np.float64)
    many = seen.sum(axis=0)
    size = np.where(many > 0, many, np.nan)
    net = (up.sum(axis=0) - down.sum(axis=0)) / size
    simple = ((up + down).sum(axis=0) / size - net**2) / size
    each = _per_customer(up - down - np.nan_to_num(net) * seen, taps.customer[both])
    n = len(each)
    clustered = (each**2).sum(axis=0) / size**2 * (n / (n - 1) if n > 1 else np.nan)
    effect = np.maximum(np.where(simple > 0, clustered / np.where(simple > 0, simple, 1), 1.0), 1.0)
    effect = np.nan_to_num(effect, nan=1.0)
    scaled = _scaled(
        net_shares(
            up.sum(axis=0) / effect,
            down.sum(axis=0) / effect,
            many / effect,
            confidence=confidence,
        )
    )
    return Scores(scaled.score, scaled.se, scaled.low, scaled.high, many)


def stated_by_taps(taps: Taps, dimensions: Sequence[str], *, confidence: float = 0.95) -> Stated:
    """Weights that explain the taps: shares of being chosen as most important among all.

    The most important of a set S is d with probability v_d / sum_S v; the least important of the
    rest is d with probability (1/v_d) / sum (1/v). The v, adding up to 1, are fitted by maximum
    likelihood, so sets of any size and an open question do no harm as long as they are drawn at
    random. One imaginary customer without preference is added, which keeps v finite when a
    dimension was never chosen.

    Returns
    -------
    Stated
        With errors clustered by customer (sandwich); NaN without taps. A dimension that was never
        shown makes all unknown.

    Raises
    ------
    AnswersError
        If the taps are of another number of dimensions.

    Notes
    -----
    Source of the model: Marley and Louviere (2005), J. Mathematical Psychology 49(6), 464-480.
    """
    many = len(dimensions)
    if taps.shown.shape[1] != many:
        raise AnswersError(
            f"taps: {taps.shown.shape[1]} dimensions were shown, {many} named; name each of them"
        )
    told = (taps.most >= 0) | (taps.least >= 0)
    unknown = np.full(many, np.nan)
    shares, se, n = unknown, unknown, len(np.unique(taps.customer[told]))
    if n and taps.shown[told].any(axis=0).all():
        taste, scores, information = _fitted(taps)
        shares = softmax(taste)
        se = _share_errors(shares, _per_customer(scores, taps.customer), information, n=n)
    return Stated.of(dimensions, shares, se=se, n=n, asked=ASKED, confidence=confidence)


def _fitted(taps: Taps) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log weights, each tap's score (taps, dimensions), and the information without the prior."""
    many = taps.shown.shape[1]
    taste = np.zeros(many)
    best, worst = _chosen(taps.most, many), _chosen(taps.least, many)
    left = taps.shown & ~(best > 0)
    asked = taps.most >= 0, taps.least >= 0
    for _ in range(_ROUNDS):
        up = _expected(taste, taps.shown, asked[0])
        down = _expected(-taste, left, asked[1])
        scores = (best - up) - (worst - down)
        information = _spread(up, asked[0]) + _spread(down, asked[1])
        forth, back = softmax(taste), softmax(-taste)
        prior = np.diag(forth + back) - np.outer(forth, forth) - np.outer(back, back)
        slope = scores.sum(axis=0) + (1 / many - forth) - (1 / many - back)
        step = np.linalg.lstsq(information + prior, slope, rcond=None)[0]
        step /= max(1.0, float(np.abs(step).max()))
        taste = taste + step - step.mean()
        if np.abs(step).max() < _CLOSE:
            break
    return taste, scores, information + prior


def _share_errors(
    shares: FloatArray, each: FloatArray, information: FloatArray, *, n: int
) -> FloatArray:
    """Clustered standard errors of the shares by the delta method; NaN for one customer."""
    if n < 2:
        return np.full(len(shares), np.nan)
    bread = np.linalg.pinv(information)
    jacobian = np.diag(shares) - np.outer(shares, shares)
    moved = each @ bread @ jacobian
    errors: FloatArray = np.sqrt(n / (n - 1) * (moved**2).sum(axis=0))
    return errors


def _expected(taste: FloatArray, shown: NDArray[np.bool_], asked: NDArray[np.bool_]) -> FloatArray:
    """Chance of each dimension to be chosen in each tap, 0 where the question was left open."""
    heavy = np.where(shown, np.exp(taste - taste.max()), 0.0) * asked[:, None]
    total = heavy.sum(axis=1, keepdims=True)
    chance: FloatArray = np.divide(heavy, total, out=np.zeros_like(heavy), where=total > 0)
    return chance


def _spread(chance: FloatArray, asked: NDArray[np.bool_]) -> FloatArray:
    spread: FloatArray = np.diag(chance[asked].sum(axis=0)) - chance[asked].T @ chance[asked]
    return spread


def _chosen(column: NDArray[np.int64], many: int) -> FloatArray:
    """Shape (taps, dimensions): 1 at the chosen one."""
    chosen: FloatArray = (column[:, None] == np.arange(many)).astype(np.float64)
    return chosen


def _per_customer(rows: FloatArray, customer: NDArray[np.int64]) -> FloatArray:
    """Sums of the rows of each customer."""
    who, place = np.unique(customer, return_inverse=True)
    sums = np.zeros((len(who), rows.shape[1]))
    np.add.at(sums, place, rows)
    return sums


def _not_shown(column: NDArray[np.int64], shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a choice is neither open nor among those shown."""
    inside = (column >= 0) & (column < shown.shape[1])
    seen = shown[np.arange(len(column)), np.where(inside, column, 0)]
    return np.where(inside, ~seen, column != -1)


def _scaled(net: NetShares) -> Scores:
    return Scores(
        score=50 + 50 * net.estimate,
        se=50 * net.se,
        low=50 + 50 * net.low,
        high=50 + 50 * net.high,
        shown=net.n,
    )
