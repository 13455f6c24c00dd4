"""The scale that answers were given on, and the one place where points of seven become its points.

Scores run from 1 to ``points``. What this package and the bot know of sizes (a gap worth acting
on, two sources that lie apart, how limits near an end are found) was chosen and measured in points
of seven. On another scale the same share of the way from end to end is meant, so such a number is
taken times (points - 1) / 6. Figures of two scales are never compared, added or joined.
"""

from dataclasses import dataclass

from gapengine.errors import SettingsError

USUAL_POINTS, FEWEST_POINTS = 7, 3


@dataclass(frozen=True)
class Scale:
    """A scale of so many levels, 1 being the lowest."""

    points: int = USUAL_POINTS

    def __post_init__(self) -> None:
        if not FEWEST_POINTS <= self.points <= USUAL_POINTS:
            raise SettingsError(
                f"a scale of {self.points} points; give {FEWEST_POINTS} to {USUAL_POINTS}"
            )

    @property
    def ratio(self) -> float:
        """Points of this scale in one of seven; exactly 1 on seven itself."""
        return (self.points - 1) / (USUAL_POINTS - 1)

    def of_seven(self, points: float) -> float:
        """Return a number of points of seven in points of this scale.

        >>> Scale(5).of_seven(-0.75), Scale(7).of_seven(0.25)
        (-0.5, 0.25)
        """
        return points * self.ratio

    @property
    def ceiling(self) -> str:
        """What a report calls the share of the highest level, such as ``share_7``."""
        return f"share_{self.points}"

    @property
    def content(self) -> str:
        """What a report calls the share of the two highest levels, such as ``share_6_7``."""
        return f"share_{self.points - 1}_{self.points}"


SEVEN = Scale()
FIVE = Scale(5)
