"""How far the items of a dimension measure one thing: alpha, omega, and the difference P-E."""

from gapengine.reliability.coefficients import (
    OMEGA_ITEMS,
    OMEGA_PEOPLE,
    alpha_of,
    difference_reliability_of,
    feldt_interval,
    omega_of,
    standardised_alpha_of,
)
from gapengine.reliability.estimates import (
    DifferenceReliability,
    Reliability,
    difference_reliability,
    reliability,
)
from gapengine.reliability.plain import MISFIT, reliability_plain
from gapengine.reliability.scales import FEWEST_PEOPLE, Estimable

__all__ = [
    "FEWEST_PEOPLE",
    "MISFIT",
    "OMEGA_ITEMS",
    "OMEGA_PEOPLE",
    "DifferenceReliability",
    "Estimable",
    "Reliability",
    "alpha_of",
    "difference_reliability",
    "difference_reliability_of",
    "feldt_interval",
    "omega_of",
    "reliability",
    "reliability_plain",
    "standardised_alpha_of",
]
