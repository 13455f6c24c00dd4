"""Names of one table that differ in capitals or blanks only, and are probably one name."""

from collections.abc import Iterable, Iterator

_SHOWN = 3


def alike_notes(**names: Iterable[str]) -> Iterator[str]:
    """A note for each kind of name (``units=...``) of which some are written in several ways.

    They are not joined: only whoever made the table knows whether they are the same.
    """
    for kind, own in names.items():
        written: dict[str, list[str]] = {}
        for name in own:
            written.setdefault(" ".join(name.split()).casefold(), []).append(name)
        several = [ways for ways in written.values() if len(ways) > 1]
        if several:
            told = "; ".join(" and ".join(repr(way) for way in ways) for ways in several[:_SHOWN])
            more = f"; and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
            yield f"{kind} that differ in capitals or blanks only are kept apart: {told}{more}"
