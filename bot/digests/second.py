"""Where D and S come from: what people say, and beside it what measurements and the register say.

Nothing is mixed. Where both speak they are compared over the same items only, so that no difference
comes from speaking of different things.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from bot.digests.measured import OVERALL, Plain
from gapengine.scale import SEVEN, Scale

DELIVERED, SPECIFIED = "D", "S"
APART = 1.0
"""Points of seven by which two sources of one item must differ to be a finding."""


@dataclass(frozen=True)
class Beside:
    """One level from two sources, over so many items; ``said`` is None where it may not be shown.

    ``other`` is what was measured (D), or what the register of rules says (S).
    """

    vantage: str
    said: float | None
    other: float
    items: int
    scale: Scale = SEVEN

    @property
    def is_apart(self) -> bool:
        """Tell whether measured delivery is more than a point from what staff say."""
        return (
            self.vantage == DELIVERED
            and self.said is not None
            and abs(round(self.said, 1) - self.other) > self.scale.of_seven(APART)
        )


@dataclass(frozen=True)
class ItemSource:
    """What both sources say of one item."""

    item: str
    dimension: str
    level: Beside


@dataclass(frozen=True)
class Sources:
    """The second sources of a unit, item by item; empty where it has none."""

    items: tuple[ItemSource, ...] = ()

    def at(self, vantage: str, level: str = OVERALL, key: str = OVERALL) -> Beside | None:
        """Return both sources of a vantage point in a cell, None where the second says nothing."""
        own = [
            one.level
            for one in self.items
            if one.level.vantage == vantage
            and (level == OVERALL or key in {one.item, one.dimension})
        ]
        both = [one for one in own if one.said is not None] or own
        if not both:
            return None
        said = [one.said for one in both if one.said is not None]
        other = fmean(one.other for one in both)
        mean = fmean(said) if said else None
        return Beside(vantage, mean, other, len(both), both[0].scale)

    def of(self, pair: Iterable[str], level: str = OVERALL, key: str = OVERALL) -> list[Beside]:
        """Return the second sources of a gap's two sides, delivery first."""
        found = (self.at(point, level, key) for point in (DELIVERED, SPECIFIED) if point in pair)
        return [one for one in found if one is not None]


def read_sources(report_unit: Plain, sources: Mapping[str, Any], scale: Scale = SEVEN) -> Sources:
    """Read what a kept report says of the second sources, beside what people said in it."""
    dimensions = sources.get("dimensions", {})
    return Sources(
        tuple(
            ItemSource(
                item,
                dimensions.get(item, ""),
                Beside(vantage, _said(report_unit, vantage, item), float(one["level"]), 1, scale),
            )
            for vantage in (DELIVERED, SPECIFIED)
            for item, one in sources.get(vantage, {}).items()
        )
    )


def _said(report_unit: Plain, vantage: str, item: str) -> float | None:
    cell = report_unit.get("vantage", {}).get(vantage, {}).get("items", {}).get(item, {})
    mean: float | None = None if cell.get("suppressed") else cell.get("mean")
    return mean
