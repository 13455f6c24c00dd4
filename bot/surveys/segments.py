"""What kind of customers a run was made for, made so coarse that it betrays nobody. Pure."""

from collections import Counter
from collections.abc import Mapping
from math import log2
from typing import NamedTuple


class Kind(NamedTuple):
    """Tenure (new or returning), channel, and touchpoint; an empty text where it is not said."""

    tenure: str = ""
    channel: str = ""
    touchpoint: str = ""


UNSAID = Kind()
_PARTS = (
    {"tenure", "channel", "touchpoint"},
    {"tenure", "channel"},
    {"tenure", "touchpoint"},
    {"channel", "touchpoint"},
    {"tenure"},
    {"channel"},
    {"touchpoint"},
)
"""What may be kept of a kind; of two that tell the same, the earlier one is."""


def coarse(kinds: Mapping[int, Kind], *, floor: int) -> dict[int, Kind]:
    """Return the kinds that may be written to the runs of one wave, by person.

    Every kind that is written, the unsaid one included, then stands for at least ``floor`` people:
    kinds too small become unsaid; and where the unsaid are too few, so does the smallest kind
    beside them. Some parts of all kinds may be left out first; it is done such that what is written
    tells most. Of a wave too small nothing is written.

    >>> new, back = Kind("new", "web"), Kind("returning", "web")
    >>> coarse({1: new, 2: new, 3: back, 4: back}, floor=2) == {1: new, 2: new, 3: back, 4: back}
    True
    >>> coarse({1: new, 2: back, 3: back}, floor=2)[1]
    Kind(tenure='', channel='web', touchpoint='')
    """
    ways = (
        _merged({person: _only(kind, parts) for person, kind in kinds.items()}, floor)
        for parts in _PARTS
    )
    return max(ways, key=_told)


def _only(kind: Kind, parts: set[str]) -> Kind:
    return Kind(**{name: said for name, said in kind._asdict().items() if name in parts})


def _merged(kinds: Mapping[int, Kind], floor: int) -> dict[int, Kind]:
    counts = Counter(kinds.values())
    kept = {kind for kind, many in counts.items() if kind != UNSAID and many >= floor}
    unsaid = sum(many for kind, many in counts.items() if kind not in kept)
    while kept and 0 < unsaid < floor:
        smallest = min(kept, key=lambda kind: (counts[kind], kind))
        kept.discard(smallest)
        unsaid += counts[smallest]
    return {person: kind if kind in kept else UNSAID for person, kind in kinds.items()}


def _told(kinds: Mapping[int, Kind]) -> tuple[float, int]:
    """Return how much the kinds tell: in bits a person, then for how many people."""
    counts, everybody = Counter(kinds.values()), len(kinds)
    bits = sum(many / everybody * log2(everybody / many) for many in counts.values())
    return round(bits, 9), everybody - counts[UNSAID]
