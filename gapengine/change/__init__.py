"""Change over time: weeks compared, series watched, and what of it a digest may claim.

``weekly`` compares the latest weeks with those before, ``claims`` keeps the share of digests with
a false claim small.
"""

from gapengine.change.claims import Candidate, claimed, discoveries
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
    "Comparison",
    "Movement",
    "Overlap",
    "WeekMoments",
    "claimed",
    "discoveries",
    "recent_change",
    "recent_changes",
    "weekly_change",
]
