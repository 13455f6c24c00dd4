"""The order of weeks in time, told from their names alone."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

_COUNTED = re.compile(r"(\D*)(\d+)")
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{2})")


@dataclass(frozen=True)
class WeekOrder:
    """Names of weeks from the earliest to the latest; ``note`` says where that is a guess."""

    names: tuple[str, ...]
    note: str | None = None


def ordered_weeks(names: Iterable[str]) -> WeekOrder:
    """Put weeks in order: ISO weeks and dates, or numbers with one common word before them.

    ``2026-W07`` and ``2026-02-09`` name the same Monday; ``w2`` comes before ``w10``. Other names
    are put in the order of their letters, and the note says so.
    """
    known = sorted(set(names))
    keys = _dates(known) or _counts(known)
    if keys is None:
        return WeekOrder(
            tuple(known),
            "weeks are neither dates nor numbers: taken in the order of their letters",
        )
    return WeekOrder(tuple(name for _, name in sorted(zip(keys, known, strict=True))))


def _dates(names: Sequence[str]) -> list[int] | None:
    """The day each name stands for, as an ordinal; None if one is no date."""
    found = [_day(name) for name in names]
    days = [day.toordinal() for day in found if day is not None]
    return days if len(days) == len(names) else None


def _day(name: str) -> date | None:
    week = _ISO_WEEK.fullmatch(name)
    try:
        if week:
            return date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return date.fromisoformat(name) if len(name) == len("2026-02-09") else None
    except ValueError:
        return None


def _counts(names: Sequence[str]) -> list[int] | None:
    """The number at the end of each name; None where there is none or what precedes it differs."""
    found = [_COUNTED.fullmatch(name) for name in names]
    counted = [match for match in found if match]
    if len(counted) < len(names) or len({match[1] for match in counted}) > 1:
        return None
    return [int(match[2]) for match in counted]
