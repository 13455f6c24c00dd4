"""Due days as people choose and write them."""

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from babel import Locale

from bot.people.registry import clean

FARTHEST = timedelta(days=366)
_BETWEEN = r"[\s./\-,年月日]+"
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{1,2}})\D?")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})({_BETWEEN})(\d{{1,2}})(?:{_BETWEEN}(\d{{4}}|\d{{2}}))?\D?")


class Trouble(StrEnum):
    """Why a written day will not do."""

    UNREADABLE = "unreadable"
    PAST = "past"
    FAR = "far"


def in_a_while(choice: str, today: date) -> date | None:
    """Return the day behind a quick button: this week's Sunday, in two weeks, in a month."""
    if choice == "w":
        return today + timedelta(days=6 - today.weekday())
    if choice == "t":
        return today + timedelta(weeks=2)
    if choice == "m":
        year, month = (today.year + today.month // 12, today.month % 12 + 1)
        return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
    return None


def read_day(text: str, language: str, *, today: date) -> date | Trouble:
    """Read a day as people write it: 2026-12-24, 24.12., 24/12 or 12/24, 12月24日.

    Day and month stand in the order of the language; with dots the day is first. Where that makes
    no day, the other order is tried. Without a year the next such day is meant.

    >>> read_day("24.12.", "en", today=date(2026, 3, 4))
    datetime.date(2026, 12, 24)
    """
    plain = _plain_digits(clean(unicodedata.normalize("NFKC", text)))
    found = next(_readings(plain, language, today), None)
    if found is None:
        return Trouble.UNREADABLE
    if found < today:
        return Trouble.PAST
    return Trouble.FAR if found > today + FARTHEST else found


def _readings(plain: str, language: str, today: date) -> Iterator[date]:
    """Yield the days that a text may mean, the likeliest first."""
    if match := _YEAR_FIRST.fullmatch(plain):
        year, month, day = (int(part) for part in match.groups())
        yield from _day(year, month, day)
    elif match := _YEAR_LAST.fullmatch(plain):
        first, between, second, written = match.groups()
        orders = [(int(first), int(second)), (int(second), int(first))]
        if _month_first(between, language):
            orders.reverse()
        for day, month in orders:
            yield from _in_year(day, month, written, today)


def _in_year(day: int, month: int, written: str | None, today: date) -> Iterator[date]:
    if written:
        year = int(written) if len(written) == 4 else 2000 + int(written)
        yield from _day(year, month, day)
        return
    # 29 February comes once in eight years at most
    coming = (one for year in range(today.year, today.year + 9) for one in _day(year, month, day))
    yield from (one for one in coming if one >= today)


def _day(year: int, month: int, day: int) -> Iterator[date]:
    if 1 <= year <= 9998 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
        yield date(year, month, day)


def _month_first(between: str, language: str) -> bool:
    if "." in between:
        return False
    if "月" in between:
        return True
    pattern = str(Locale.parse(language.replace("-", "_")).date_formats["short"].pattern)
    return pattern.index("M") < pattern.index("d")


def _plain_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(one)) if one.isdecimal() else one for one in text)
