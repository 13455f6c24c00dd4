"""How much each dimension matters: said in points, tapped, or derived from satisfaction."""

from gapengine.importance.best_worst import (
    Scores,
    Taps,
    best_worst_scores,
    scores_of_taps,
    stated_by_taps,
)
from gapengine.importance.derived import Derived, derived_from_rows, derived_importance
from gapengine.importance.points import stated_by_points
from gapengine.importance.quadrants import Measured, Quadrant, Quadrants, quadrants
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
    "Derived",
    "Measured",
    "Quadrant",
    "Quadrants",
    "Scores",
    "Stated",
    "Taps",
    "Weights",
    "best_worst_scores",
    "chosen_weights",
    "derived_from_rows",
    "derived_importance",
    "prior_weights",
    "quadrants",
    "scores_of_taps",
    "stated_by_points",
    "stated_by_taps",
    "weighted_overall",
]
