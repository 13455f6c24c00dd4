"""Small units borrow from their siblings: shrinkage, probabilities, ranks (empirical Bayes)."""

from gapengine.pooling.plain import pooled_plain
from gapengine.pooling.ranking import Ranks, ranks
from gapengine.pooling.shrinkage import THRESHOLD, Measured, Pooled, Pooling, pool, pool_gaps
from gapengine.pooling.siblings import (
    FEWEST_SIBLINGS,
    NO_PARENT,
    Rule,
    Siblings,
    between_variance,
)

__all__ = [
    "FEWEST_SIBLINGS",
    "NO_PARENT",
    "THRESHOLD",
    "Measured",
    "Pooled",
    "Pooling",
    "Ranks",
    "Rule",
    "Siblings",
    "between_variance",
    "pool",
    "pool_gaps",
    "pooled_plain",
    "ranks",
]
