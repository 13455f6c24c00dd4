"""Public holidays by country, from the ``holidays`` library, and whether a code is known to it."""

from dataclasses import dataclass
from datetime import date
from functools import cache

HERE = "-"
"""Stands between a country and its part: ``DE-BY``."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which days a place rests: the holidays of its country, and its own closed days."""

    country: str = ""
    closed: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Tell whether people of this place may be asked on a day."""
        return day not in self.closed and day not in holidays_of(self.country, day.year)


@cache
def holidays_of(country: str, year: int) -> frozenset[date]:
    """Return the public holidays of a country or of one of its parts; none where none is named."""
    if not country:
        return frozenset()
    from holidays import country_holidays

    code, _, part = country.partition(HERE)
    return frozenset(country_holidays(code, subdiv=part or None, years=year))


@cache
def known_countries() -> dict[str, tuple[str, ...]]:
    """Return the countries the library knows, each with the codes of its parts."""
    from holidays import list_supported_countries

    return {code: tuple(parts) for code, parts in list_supported_countries().items()}


def known_country(written: str) -> str | None:
    """Return a code as it is kept, such as ``DE`` or ``DE-BY``; None where nobody knows it."""
    code, _, part = written.strip().upper().replace("_", HERE).partition(HERE)
    parts = known_countries().get(code)
    if parts is None or (part and part not in parts):
        return None
    return f"{code}{HERE}{part}" if part else code
