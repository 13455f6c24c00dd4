"""How much each dimension matters: said in points, tapped, or derived from satisfaction."""

from gapengine.importance.best_worst import (
    Scores,
    Taps,
    best_worst_scores,
    scores_of_taps,
    stated_by_taps,
)
from gapengine.importance.points import stated_by_points
from gapengine.importance.weights import (
    CUSTOMERS,
    ENOUGH,
    PRIOR,
    PUBLISHED,
    Stated,
    Weights,
    chosen_weights,
    prior_weights,
    weighted_overall,
)

__all__ = [
    "CUSTOMERS",
    "ENOUGH",
    "PRIOR",
    "PUBLISHED",
    "Scores",
    "Stated",
    "Taps",
    "Weights",
    "best_worst_scores",
    "chosen_weights",
    "prior_weights",
    "scores_of_taps",
    "stated_by_points",
    "stated_by_taps",
    "weighted_overall",
]
