"""What kind of customers a run was made for, made so coarse that it betrays nobody. Pure."""

from collections import Counter
from collections.abc import Mapping

Kind = tuple[str, str]
"""Tenure (new or returning) and channel; an empty text where it is not said."""

UNSAID: Kind = ("", "")


def coarse(kinds: Mapping[int, Kind], *, floor: int) -> dict[int, Kind]:
    """Return the kinds that may be written to the runs of one wave, by person.

    Every kind that is written, the unsaid one included, then stands for at least ``floor`` people.
    Both parts are kept where that holds for all of them. Else tenure alone is kept, else channel
    alone, where kinds too small become unsaid; and where the unsaid are too few, so does the
    smallest kind beside them. Of a wave too small nothing is written.

    >>> new, back = ("new", "web"), ("returning", "web")
    >>> coarse({1: new, 2: new, 3: back, 4: back}, floor=2) == {1: new, 2: new, 3: back, 4: back}
    True
    >>> coarse({1: new, 2: back, 3: back}, floor=2)
    {1: ('', 'web'), 2: ('', 'web'), 3: ('', 'web')}
    """
    if _least(kinds) >= floor:
        return dict(kinds)
    for keep in (lambda kind: (kind[0], ""), lambda kind: ("", kind[1])):
        found = _merged({person: keep(kind) for person, kind in kinds.items()}, floor)
        if any(kind != UNSAID for kind in found.values()):
            return found
    return dict.fromkeys(kinds, UNSAID)


def _merged(kinds: Mapping[int, Kind], floor: int) -> dict[int, Kind]:
    counts = Counter(kinds.values())
    kept = {kind for kind, many in counts.items() if kind != UNSAID and many >= floor}
    unsaid = sum(many for kind, many in counts.items() if kind not in kept)
    while kept and 0 < unsaid < floor:
        smallest = min(kept, key=lambda kind: (counts[kind], kind))
        kept.discard(smallest)
        unsaid += counts[smallest]
    return {person: kind if kind in kept else UNSAID for person, kind in kinds.items()}


def _least(kinds: Mapping[int, Kind]) -> int:
    return min(Counter(kinds.values()).values(), default=0)
