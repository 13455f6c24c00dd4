"""Days and times as people write them."""

from datetime import date, time

import pytest

from bot.reach.days import read_day, read_time

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("written", "language", "day"),
    [
        ("2026-03-12", "en", date(2026, 3, 12)),
        ("12 March", "en", date(2026, 3, 12)),
        ("March 12, 2027", "en", date(2027, 3, 12)),
        ("3/12", "en", date(2026, 3, 12)),  # American order, as the locale has it
        ("12/3", "es", date(2026, 3, 12)),
        ("12 de marzo", "es", date(2026, 3, 12)),
        ("12.3.26", "es", date(2026, 3, 12)),
        ("1 March", "en", date(2027, 3, 1)),  # over this year
        ("3月12日", "zh-Hans", date(2026, 3, 12)),
        ("2026年3月12日", "zh-Hant", date(2026, 3, 12)),
        ("١٢ مارس", "ar", date(2026, 3, 12)),
        ("4 March", "en", TODAY),
        ("3 March 2026", "en", None),
        ("31 February", "en", None),
        ("2040-01-01", "en", None),
        ("soon", "en", None),
        ("", "en", None),
    ],
)
def test_a_day_is_read_in_the_language_of_its_writer(written: str, language: str, day: date | None):
    assert read_day(written, today=TODAY, language=language) == day


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("15:05", time(15, 5)),
        ("3.05 pm", time(15, 5)),
        ("12:30 a.m.", time(0, 30)),
        ("١٥:٠٥", time(15, 5)),
        ("25:00", None),
        ("noon", None),
    ],
)
def test_a_time_of_day_is_read(written: str, at: time | None):
    assert read_time(written) == at
