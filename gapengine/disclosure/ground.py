"""Units that move, merge and close: what was answered counts where it was answered.

A region that loses a unit, told again over the same answers, would give the unit away by
subtraction, and so would the unit that another was merged into. So answers are told in *leaves*:
what was answered in one unit while it lay in one place. A unit, a region and the whole are sums of
leaves, and no leaf ever goes from one region to another, or from one unit to another. So a change
of the tree changes no sum that was told; only what is answered afterwards counts elsewhere. Joining
two units where all their cells are large was tried, and lost: what else is withheld changes too.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Leaf:
    """The unit it was answered in, and the regions this lay in."""

    unit: str
    regions: frozenset[str] = frozenset()


def sums_over(leaves: Mapping[str, Leaf]) -> dict[str, list[str]]:
    """Return the sums that are told beside the leaves and the whole: units and regions.

    A unit of one leaf that bears its name needs no sum. A unit that was merged meanwhile keeps its
    own, though nobody reads it: what is withheld depends on all sums, and must not change.

    >>> sums_over({"A": Leaf("A", frozenset({"North"})), "B": Leaf("B")})
    {'North': ['A']}
    """
    units: dict[str, list[str]] = defaultdict(list)
    regions: dict[str, list[str]] = defaultdict(list)
    for label, leaf in leaves.items():
        units[leaf.unit].append(label)
        for region in leaf.regions:
            regions[region].append(label)
    split = {unit: own for unit, own in units.items() if own != [unit]}
    return dict(regions) | split
