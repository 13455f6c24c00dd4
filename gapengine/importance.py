"""How much each dimension matters."""

from collections.abc import Mapping
from dataclasses import dataclass

from gapengine.errors import SettingsError

PUBLISHED: Mapping[str, float] = {
    "reliability": 0.32,
    "responsiveness": 0.22,
    "assurance": 0.19,
    "empathy": 0.16,
    "tangibles": 0.11,
}
"""Average shares of 100 points: Zeithaml, Parasuraman, Berry (1990), Delivering Quality Service."""


@dataclass(frozen=True)
class Weights:
    """Shares of the dimensions, adding up to 1, and where they come from."""

    shares: Mapping[str, float]
    source: str


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
    return Weights({name: share / total for name, share in raw.items()}, source="published prior")


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
