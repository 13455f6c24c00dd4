"""Whose clock counts for somebody: their own, else their unit's, else the organisation's."""

from difflib import get_close_matches
from functools import cache
from typing import Protocol
from zoneinfo import available_timezones

from bot.core.errors import InputError


class Zoned(Protocol):
    """Something that may have a time zone of its own: a person, a unit, the organisation."""

    @property
    def zone(self) -> str | None:
        """The zone's name, as in ``Europe/Berlin``; None or empty where nobody set one."""


def zone_of(person: Zoned | None, unit: Zoned | None, organisation: Zoned | None) -> str:
    """Return the zone to plan by for this person in this unit; UTC where nobody set one."""
    for place in (person, unit, organisation):
        if place is not None and place.zone:
            return place.zone
    return "UTC"


def known_zone(name: str, place: str) -> str:
    """Return a zone's name as the time-zone database spells it.

    Raises
    ------
    InputError
        When the database has no such zone; the nearest names are in the cure.
    """
    spelled = _spellings()
    key = name.strip().replace(" ", "_").casefold()
    if key in spelled:
        return spelled[key]
    near = get_close_matches(key, spelled, n=3, cutoff=0.6)
    near += [one for one in spelled if one.rpartition("/")[2] == key and one not in near]
    cure = f"Did you mean {' or '.join(spelled[one] for one in near[:3])}?" if near else ""
    raise InputError(
        "S406",
        place,
        f"there is no time zone '{name}'.",
        cure or "Name one like Europe/Berlin or Asia/Taipei.",
    )


@cache
def _spellings() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(available_timezones())}
