"""Whose clock is meant: zones near another one by what their clocks show, or by a place's name.

Places are the cities of the time-zone database and its countries, in the reader's language and in
English.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from difflib import get_close_matches
from functools import cache
from importlib import resources
from math import cos, hypot, radians
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global

MOST = 6
_HALF_A_YEAR = timedelta(days=182)
_COORDINATES = re.compile(r"([+-])(\d{2})(\d{2})(?:\d{2})?([+-])(\d{3})(\d{2})(?:\d{2})?")


@dataclass(frozen=True, slots=True)
class Place:
    """A city that has a clock: its zone, its country, and where it lies, in degrees."""

    zone: str
    country: str
    latitude: float
    longitude: float

    def distance(self, other: "Place") -> float:
        """Return how far apart two places are, in degrees; good enough to tell near from far."""
        east = abs(self.longitude - other.longitude)
        narrowing = cos(radians((self.latitude + other.latitude) / 2))
        return hypot(self.latitude - other.latitude, min(east, 360 - east) * narrowing)


def likely(now: datetime, near: str) -> list[str]:
    """Return three zones whose clocks show an hour less, the same, and an hour more than here."""
    found = [zones_at(now, offset_of(near, now) + timedelta(hours=h), near) for h in (-1, 0, 1)]
    return [zones[0] for zones in found if zones]


def all_offsets(now: datetime) -> list[timedelta]:
    """Return every offset from UTC that some clock shows at this moment, in order."""
    return sorted({offset_of(place.zone, now) for place in places()})


def zones_at(now: datetime, offset: timedelta, near: str) -> list[str]:
    """Return zones whose clocks show this offset, the likeliest for somebody near first.

    ``near`` itself comes first where it fits, then zones of the same country or continent that
    change their clocks alike, then whatever is nearest.
    """
    here = _place_of(near)
    fitting = [place for place in places() if offset_of(place.zone, now) == offset]
    changes = offset_of(near, now + _HALF_A_YEAR) - offset_of(near, now)

    def rank(place: Place) -> tuple[bool, bool, bool, float]:
        alike = offset_of(place.zone, now + _HALF_A_YEAR) - offset == changes
        same_continent = _continent(place.zone) == _continent(near)
        return (
            place.zone != near,
            not (same_continent and alike),
            here is not None and place.country != here.country,
            here.distance(place) if here else 0.0,
        )

    return [place.zone for place in sorted(fitting, key=rank)]


def offset_at(now: datetime, shown: time) -> timedelta | None:
    """Return the offset of clocks that show this time now, give or take seven minutes."""
    minutes = shown.hour * 60 + shown.minute
    for offset in all_offsets(now):
        local = (now + offset).replace(tzinfo=None)
        apart = abs(local.hour * 60 + local.minute - minutes)
        if min(apart, 1440 - apart) <= 7:
            return offset
    return None


def named(written: str, language: str) -> list[str]:
    """Return the zones of a place as somebody wrote it, the best first; none where it is unknown.

    A country gives its zones. What is nearly spelled so is taken where nothing is exactly.
    """
    key = _plain(written)
    if not key:
        return []
    names = _names(language)
    if key in names:
        return list(names[key])[:MOST]
    begun = [name for name in names if name.startswith(key)] if len(key) > 2 else []
    near = begun[:MOST] or get_close_matches(key, names, n=3, cutoff=0.8)
    return list(dict.fromkeys(zone for name in near for zone in names[name]))[:MOST]


def city(zone: str, language: str) -> str:
    """Return what a zone's city is called in a language."""
    translated = _locale(language).time_zones
    cities = ((translated.get(name) or {}).get("city") for name in (zone, *_former_names(zone)))
    return next(filter(None, cities), zone.rpartition("/")[2].replace("_", " "))


def shown_time(zone: str, now: datetime) -> str:
    """Return what the clocks of a zone show, as 15:05."""
    return f"{now.astimezone(ZoneInfo(zone)):%H:%M}"


def offset_of(zone: str, now: datetime) -> timedelta:
    """Return how far the clocks of a zone are ahead of UTC."""
    return now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


@cache
def places() -> tuple[Place, ...]:
    """Return the cities of the time-zone database."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    lines = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return tuple(Place(zone, country, *_degrees(where)) for country, where, zone, *_ in lines)


@cache
def _names(language: str) -> dict[str, tuple[str, ...]]:
    """Return zones by the plain names of their cities and countries."""
    found: dict[str, tuple[str, ...]] = {}

    def add(name: str, zones: Iterable[str]) -> None:
        key = _plain(name)
        found[key] = tuple(dict.fromkeys((*found.get(key, ()), *zones)))

    by_country: dict[str, list[str]] = {}
    for place in places():
        by_country.setdefault(place.country, []).append(place.zone)
        add(place.zone, [place.zone])
        add(place.zone.rpartition("/")[2], [place.zone])
        for spoken in (language, "en"):
            add(city(place.zone, spoken), [place.zone])
    for country, zones in by_country.items():
        for spoken in (language, "en"):
            add(_locale(spoken).territories.get(country, country), zones)
    return found


def _former_names(zone: str) -> tuple[str, ...]:
    """Return what a zone was called before: translations still have Kathmandu under such a name."""
    return _renamed().get(zone, ())


@cache
def _renamed() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    cities = {place.zone for place in places()}
    for former, zone in get_global("zone_aliases").items():
        if former not in cities:
            found[zone] = (*found.get(zone, ()), former)
    return found


def _degrees(where: str) -> tuple[float, float]:
    found = _COORDINATES.fullmatch(where)
    if found is None:
        return 0.0, 0.0
    south, latitude, minutes, west, longitude, more = found.groups()
    return (
        float(f"{south}1") * (int(latitude) + int(minutes) / 60),
        float(f"{west}1") * (int(longitude) + int(more) / 60),
    )


def _place_of(zone: str) -> Place | None:
    return next((place for place in places() if place.zone == zone), None)


def _continent(zone: str) -> str:
    return zone.partition("/")[0]


def _plain(name: str) -> str:
    taken_apart = unicodedata.normalize("NFKD", name.replace("_", " "))
    letters = "".join(one for one in taken_apart if not unicodedata.combining(one))
    return " ".join(letters.casefold().split())


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))
