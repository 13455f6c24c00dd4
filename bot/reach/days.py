"""A day and a time as people write them, in their language. Rules without a database."""

import re
import unicodedata
from datetime import date, time, timedelta
from functools import cache

from babel import Locale

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBER = re.compile(r"\d+")
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(?:\s*([ap])\.?m\.?)?")
_AHEAD = timedelta(days=731)


def read_day(written: str, *, today: date, language: str) -> date | None:
    """Return the day that is meant, from today on and within two years; None where it is unclear.

    Without a year it is the next such day. The order of day and month is that of the language.

    >>> read_day("12 March", today=date(2026, 3, 4), language="en").isoformat()
    '2026-03-12'
    """
    plain = _with_plain_digits(written).casefold()
    iso = _ISO.search(plain)
    parts = [int(part) for part in iso.groups()] if iso else _parts(plain, language)
    if parts is None:
        return None
    year, month, day = parts
    years = [year + 2000 if year < 100 else year] if year else [today.year, today.year + 1]
    days = [made for made in (_made(one, month, day) for one in years) if made is not None]
    return next((one for one in days if today <= one <= today + _AHEAD), None)


def read_time(written: str) -> time | None:
    """Return the time of day that is meant, such as 15:05 or 3.05 pm; None where it is none."""
    found = _TIME.search(_with_plain_digits(written).casefold())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if found[3] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _parts(written: str, language: str) -> list[int] | None:
    """Return year (0 where none is named), month and day; None where it is no day."""
    numbers = [int(one) for one in _NUMBER.findall(written)]
    named = _named_month(written, language)
    if named:
        rest = [one for one in numbers if one != named] if _counts_months(written) else numbers
        if len(rest) not in {1, 2}:
            return None
        day, year = sorted(rest) if max(rest) > 31 else (rest[0], rest[1] if rest[1:] else 0)
        return [year if len(rest) == 2 else 0, named, day]
    if len(numbers) == 2:
        month, day = numbers if _month_comes_first(language) else reversed(numbers)
        return [0, month, day]
    if len(numbers) == 3:
        if numbers[0] > 31:
            return numbers
        month, day = numbers[:2] if _month_comes_first(language) else (numbers[1], numbers[0])
        return [numbers[2], month, day]
    return None


def _named_month(written: str, language: str) -> int:
    names = _month_names(language)
    found = [name for name in names if name in written]
    return names[max(found, key=len)] if found else 0


def _counts_months(written: str) -> bool:
    """Tell whether the month's name is itself a number, as in 3月."""
    return "月" in written


@cache
def _month_names(language: str) -> dict[str, int]:
    locale = Locale.parse(language.replace("-", "_"))
    names: dict[str, int] = {}
    for one in (Locale.parse("en"), locale):
        for width in ("abbreviated", "wide"):
            for kind in ("format", "stand-alone"):
                for number, name in one.months[kind][width].items():
                    plain = _with_plain_digits(name).casefold().rstrip(".")
                    if len(plain) > 1:
                        names[plain] = number
    return names


@cache
def _month_comes_first(language: str) -> bool:
    pattern = str(Locale.parse(language.replace("-", "_")).date_formats["short"].pattern)
    return pattern.casefold().index("m") < pattern.casefold().index("d")


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _with_plain_digits(text: str) -> str:
    return "".join(
        str(unicodedata.digit(one)) if one.isdigit() else one
        for one in unicodedata.normalize("NFKC", text)
    )
