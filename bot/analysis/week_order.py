"""Which week an answer belongs to, and the order of weeks in time, told from names alone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

_COUNTED = re.compile(r"(\D*)(\d+)")
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{2})")
_ISO_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_CLOCK = re.compile(r"[T ]+\d{1,2}:\d{2}.*")

_BY_LETTERS = "weeks are neither dates nor numbers: taken in the order of their letters"


@dataclass(frozen=True)
class WeekOrder:
    """Names of weeks from the earliest to the latest; ``note`` says where that is a guess.

    ``of`` maps each name as it was written to the week it lies in.
    """

    names: tuple[str, ...]
    of: Mapping[str, str]
    note: str | None = None


def ordered_weeks(names: Iterable[str]) -> WeekOrder:
    """Put weeks in order: ISO weeks and dates, or numbers with one common word before them.

    Dates lie in their ISO week: ``2026-W07``, ``2026-02-09``, ``2026-02-11 17:30`` and
    ``11.02.2026`` are one week. ``11/02/2026`` is understood where another date of the table shows
    whether the day or the month comes first. ``w2`` comes before ``w10``. Other names are put in
    the order of their letters, and the note says so.
    """
    known = sorted(set(names))
    weeks = _dated(known)
    if weeks is not None:
        return WeekOrder(tuple(sorted(set(weeks.values()))), weeks)
    alone = {name: name for name in known}
    keys = _counts(known)
    if keys is None:
        return WeekOrder(tuple(known), alone, _doubt(known))
    ordered = tuple(name for _, name in sorted(zip(keys, known, strict=True)))
    return WeekOrder(ordered, alone)


def _dated(names: Sequence[str]) -> dict[str, str] | None:
    """The ISO week of each name; None if one is no date."""
    days = {name: _day(name, day_first=_day_first(names)) for name in names}
    found = {name: _week(day) for name, day in days.items() if day is not None}
    return found if len(found) == len(names) else None


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _day(name: str, *, day_first: bool | None) -> date | None:
    """A day of the week a name stands for; None where it stands for none."""
    text = _CLOCK.sub("", name)
    try:
        if week := _ISO_WEEK.fullmatch(text):
            return date.fromisocalendar(int(week[1]), int(week[2]), 1)
        if iso := _ISO_DAY.fullmatch(text):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if dotted := _DOTTED.fullmatch(text):
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
        if (slashed := _SLASHED.fullmatch(text)) and day_first is not None:
            day, month = (slashed[1], slashed[2]) if day_first else (slashed[2], slashed[1])
            return date(int(slashed[3]), int(month), int(day))
    except ValueError:
        return None
    return None


def _day_first(names: Sequence[str]) -> bool | None:
    """Whether ``11/02/2026`` begins with the day; None where nothing, or both, shows it."""
    found = [match for name in names if (match := _SLASHED.fullmatch(_CLOCK.sub("", name)))]
    most = [max((int(match[k]) for match in found), default=0) for k in (1, 2)]
    shows = [number > 12 for number in most]  # there is no thirteenth month
    return None if shows[0] == shows[1] else shows[0]


def _doubt(names: Sequence[str]) -> str:
    unsure = next((name for name in names if _SLASHED.fullmatch(_CLOCK.sub("", name))), None)
    if unsure is None:
        return _BY_LETTERS
    return (
        f"weeks such as '{unsure}' may begin with the day or the month: taken in the order of "
        "their letters; write them as 2026-02-09"
    )


def _counts(names: Sequence[str]) -> list[int] | None:
    """The number at the end of each name; None where there is none or what precedes it differs."""
    found = [_COUNTED.fullmatch(name) for name in names]
    counted = [match for match in found if match]
    if len(counted) < len(names) or len({match[1] for match in counted}) > 1:
        return None
    return [int(match[2]) for match in counted]
