"""Small groups stay hidden: floors, remainders, editions, changes of the tree.

``threshold`` is the only way from raw figures to figures that may be shown, ``withheld`` finds
what must be withheld so that subtraction does not give back what is hidden, ``releases`` decides
which weeks may be told next so that two reports cannot be subtracted from each other, ``ground``
where answers count when units move and merge.
"""

from gapengine.disclosure.ground import Leaf, sums_over
from gapengine.disclosure.releases import Edition, next_edition
from gapengine.disclosure.threshold import (
    MINIMUM,
    Floors,
    Hidden,
    Released,
    Verdict,
    VerdictArray,
    release,
    rounded,
)
from gapengine.disclosure.withheld import Withheld, withhold

__all__ = [
    "MINIMUM",
    "Edition",
    "Floors",
    "Hidden",
    "Leaf",
    "Released",
    "Verdict",
    "VerdictArray",
    "Withheld",
    "next_edition",
    "release",
    "rounded",
    "sums_over",
    "withhold",
]
