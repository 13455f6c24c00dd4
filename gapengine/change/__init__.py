"""Change over time: weeks compared, series watched, and what of it a digest may claim.

``weekly`` compares the latest weeks with those before, ``series`` describes each week of a gap by
one estimate, ``charts`` watches such series for small lasting shifts, ``claims`` keeps the share of
digests with a false claim small, ``paired`` compares weeks told by named people.
"""

from gapengine.change.charts import Chart, Cusum, Ewma, cusum, ewma, tabular_cusum
from gapengine.change.claims import Candidate, claimed, discoveries
from gapengine.change.paired import paired_change
from gapengine.change.series import WeekPoints, week_points
from gapengine.change.weekly import (
    FALSE_CLAIMS,
    Change,
    Comparison,
    Movement,
    recent_change,
    recent_changes,
    weekly_change,
)
from gapengine.change.windows import APART, Overlap, WeekMoments

__all__ = [
    "APART",
    "FALSE_CLAIMS",
    "Candidate",
    "Change",
    "Chart",
    "Comparison",
    "Cusum",
    "Ewma",
    "Movement",
    "Overlap",
    "WeekMoments",
    "WeekPoints",
    "claimed",
    "cusum",
    "discoveries",
    "ewma",
    "paired_change",
    "recent_change",
    "recent_changes",
    "tabular_cusum",
    "week_points",
    "weekly_change",
]
