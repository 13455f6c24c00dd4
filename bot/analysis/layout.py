"""What a report adds up to what: the leaves it rests on, and the units and regions over them.

A leaf is what was answered in one unit while it lay in one place (``gapengine.disclosure.ground``).
Nearly every unit has one leaf, which bears its name. A unit that was moved has two for as long as
both are looked at. What was answered in a unit before it was merged stays a leaf of its own: it
counts in the region it lay in and in the whole, and is told of no unit any more.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.analysis.holding import Place
from bot.analysis.tables import GROUP_OF
from bot.people.tree import Past
from gapengine.disclosure import Leaf, sums_over
from gapengine.moments import Moments
from gapengine.vantage import Group

UnitMoments = dict[str, dict[Group, Moments]]

_MARK = "\x1f"
"""Parts what no name holds: the name of a unit and since when it lay where it did."""


@dataclass(frozen=True)
class Layout:
    """The moments of each leaf, and the leaves of each sum, by name."""

    units: UnitMoments
    sums: Mapping[str, list[str]]


def laid_out(told: Mapping[Place, Moments], past: Past) -> Layout:
    """Lay out what may be told of one series of figures, by where it was answered."""
    units: UnitMoments = {name: {} for name in past.now.telling().values()}
    leaves: dict[str, Leaf] = {}
    many = Counter(unit_id for unit_id, _ in {(one.unit_id, one.since) for one in told})
    for place, moments in told.items():
        unit = past.now.units[place.unit_id].name
        label = unit if many[place.unit_id] == 1 else f"{unit}{_MARK}{place.since}"
        above = past.at(place.since).above(place.unit_id)
        regions = frozenset(past.now.units[one].name for one in above)
        leaves[label] = Leaf(unit, regions)
        units.setdefault(label, {})[GROUP_OF[place.audience]] = moments
    sums = sums_over(leaves)
    return Layout({name: own for name, own in units.items() if name not in sums}, sums)
