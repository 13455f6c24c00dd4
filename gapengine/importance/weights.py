"""Weights of the dimensions: the published prior, customers' own, and the blend of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Self

import numpy as np
from scipy.special import expit, logit, stdtrit

from gapengine.disclosure import MINIMUM
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray
from gapengine.vantage import Group

PUBLISHED: Mapping[str, float] = {
    "reliability": 0.32,
    "responsiveness": 0.22,
    "assurance": 0.19,
    "empathy": 0.16,
    "tangibles": 0.11,
}
"""Average shares of 100 points: Zeithaml, Parasuraman, Berry (1990), Delivering Quality Service."""

PRIOR = "published prior"
CUSTOMERS = "customers"

ENOUGH = 30
"""Customers who must have told before their own weights are used; also what the prior is worth."""


@dataclass(frozen=True)
class Weights:
    """Shares of the dimensions, adding up to 1, and where they come from.

    Attributes
    ----------
    n
        Customers behind what was stated; 0 where fewer than the floor told.
    low, high
        Interval of each share; empty where the shares are the prior.
    stated, shrunken
        What customers stated, and that drawn towards the prior; empty below the floor.
    """

    shares: Mapping[str, float]
    source: str
    n: int = 0
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)
    stated: Mapping[str, float] = field(default_factory=dict)
    shrunken: Mapping[str, float] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        """Everything as dicts, strings, floats and ints."""
        parts = ("shares", "low", "high", "stated", "shrunken")
        plain: dict[str, Any] = {part: dict(getattr(self, part)) for part in parts}
        return plain | {"source": self.source, "n": self.n}


@dataclass(frozen=True, eq=False)
class Stated:
    """What customers said about importance, by whatever question.

    Attributes
    ----------
    shares, se, low, high
        Shape (dimensions,), shares of 1; NaN where unknown. ``shares`` add up to 1.
    n
        Customers behind them.
    asked
        How they were asked, such as "100 points".
    """

    dimensions: tuple[str, ...]
    shares: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    n: int
    asked: str

    @classmethod
    def of(
        cls,
        dimensions: Sequence[str],
        shares: FloatArray,
        *,
        se: FloatArray,
        n: int,
        asked: str,
        confidence: float,
    ) -> Self:
        """Put the interval around shares whose standard errors come from ``n`` customers."""
        low, high = share_bounds(shares, se, df=n - 1, confidence=confidence)
        return cls(tuple(dimensions), shares, se, low=low, high=high, n=n, asked=asked)


def share_bounds(
    shares: FloatArray, se: FloatArray, *, df: float, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Interval of a share by way of its logit, so that it stays between 0 and 1.

    logit(share) +- t * se / (share (1 - share)). NaN where the share is 0 or 1, or its standard
    error is unknown or 0: answers that do not differ say nothing about how far they might.

    Raises
    ------
    SettingsError
        If ``confidence`` is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise SettingsError(f"confidence is {confidence}; give a share such as 0.95")
    known = np.isfinite(se) & (se > 0) & (shares > 0) & (shares < 1) & (df > 0)
    inner = np.where(known, shares, 0.5)
    reach = np.where(known, se, np.nan) / (inner * (1 - inner))
    reach = reach * stdtrit(max(df, 1.0), (1 + confidence) / 2)
    return expit(logit(inner) - reach), expit(logit(inner) + reach)


def prior_weights(dimensions: tuple[str, ...]) -> Weights:
    """Published weights for these dimensions, until customers have told their own.

    A dimension the publication does not know weighs as much as its average one.

    Raises
    ------
    SettingsError
        If there is no dimension.
    """
    if not dimensions:
        raise SettingsError("no dimensions were given; name at least one")
    average = sum(PUBLISHED.values()) / len(PUBLISHED)
    raw = {name: PUBLISHED.get(name, average) for name in dimensions}
    total = sum(raw.values())
    return Weights({name: share / total for name, share in raw.items()}, source=PRIOR)


def chosen_weights(stated: Stated | None, dimensions: tuple[str, ...]) -> Weights:
    """The weights to use: the prior below ``ENOUGH`` customers, from then on their own.

    Beside them stands, from the floor of customers on, the shrunken blend
    (n * stated + 30 * prior) / (n + 30): the posterior mean of a Dirichlet prior worth 30
    customers. It shows where the weights are heading before they are switched, and how far the
    prior would still pull them afterwards. It is not what is used, because a priority must be
    traceable to one source: readers can check "the published weights" or "what your customers
    said", but not a mixture whose share changes every week.

    Raises
    ------
    SettingsError
        If a dimension was not among those asked about, or there is none.
    """
    prior = prior_weights(dimensions)
    if stated is None or stated.n < MINIMUM[Group.CUSTOMER]:
        return prior
    place = {name: k for k, name in enumerate(stated.dimensions)}
    missing = [name for name in dimensions if name not in place]
    if missing:
        raise SettingsError(f"customers were not asked about {missing}; leave these out, or ask")
    own = _picked(stated.shares, dimensions, place)
    total = sum(own.values())
    if len(own) < len(dimensions) or total <= 0:
        return prior
    own = {name: share / total for name, share in own.items()}
    pull = ENOUGH / (ENOUGH + stated.n)
    blend = {name: pull * prior.shares[name] + (1 - pull) * own[name] for name in dimensions}
    if stated.n < ENOUGH:
        return Weights(prior.shares, PRIOR, n=stated.n, stated=own, shrunken=blend)
    return Weights(
        own,
        CUSTOMERS,
        n=stated.n,
        low=_picked(stated.low / total, dimensions, place),
        high=_picked(stated.high / total, dimensions, place),
        stated=own,
        shrunken=blend,
    )


def _picked(
    numbers: FloatArray, dimensions: tuple[str, ...], place: Mapping[str, int]
) -> dict[str, float]:
    """The known numbers by dimension, as plain floats."""
    found = {name: float(numbers[place[name]]) for name in dimensions}
    return {name: number for name, number in found.items() if isfinite(number)}


def weighted_overall(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Weighted mean of dimension figures, on the rating scale whatever unit the weights have.

    Raises
    ------
    SettingsError
        If a dimension has no weight, or the weights add up to nothing.
    """
    missing = [name for name in values if name not in weights]
    total = sum(weights[name] for name in values if name in weights)
    if missing or total <= 0:
        raise SettingsError(f"weights of {missing or 'all dimensions'} are missing; give them")
    return sum(value * weights[name] for name, value in values.items()) / total
