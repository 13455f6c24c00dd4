"""Days as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.i18n import LANGUAGES
from bot.improvement.due_days import Trouble, in_a_while, read_day

TODAY = date(2026, 3, 4)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("2026-12-24", "en", date(2026, 12, 24)),
        ("2026/12/24", "ar", date(2026, 12, 24)),
        ("24.12.", "en", date(2026, 12, 24)),
        ("24. 12. 2026", "es", date(2026, 12, 24)),
        ("24/12", "en", date(2026, 12, 24)),
        ("12/24", "es", date(2026, 12, 24)),
        ("5/6", "en", date(2026, 5, 6)),
        ("5/6", "zh-Hans", date(2026, 5, 6)),
        ("5/6", "es", date(2026, 6, 5)),
        ("5/6", "ar", date(2026, 6, 5)),
        ("5.6.", "en", date(2026, 6, 5)),
        ("٢٤/١٢", "ar", date(2026, 12, 24)),
        ("１２月２４日", "zh-Hant", date(2026, 12, 24)),
        ("2026年12月24日", "zh-Hans", date(2026, 12, 24)),
        ("24-12-26", "es", date(2026, 12, 24)),
        ("  24.12. ", "en", date(2026, 12, 24)),
        ("4.3.", "en", TODAY),
        ("3.3.", "en", date(2027, 3, 3)),
    ],
)
def test_a_day_is_read_as_the_language_writes_it(text: str, language: str, day: date) -> None:
    assert read_day(text, language, today=TODAY) == day


@pytest.mark.parametrize(
    "text", ["", "soon", "24", "32.1.", "30.2.", "2026-13-01", "13/13", "0/5", "24.12.20266"]
)
def test_what_is_no_day_is_said_to_be_none(text: str) -> None:
    assert read_day(text, "en", today=TODAY) is Trouble.UNREADABLE


def test_a_day_that_is_over_or_too_far_is_told_apart() -> None:
    assert read_day("2026-03-03", "en", today=TODAY) is Trouble.PAST
    assert read_day("2027-03-06", "en", today=TODAY) is Trouble.FAR
    assert read_day("29.2.", "en", today=TODAY) is Trouble.FAR  # the next one is in 2028


@given(
    st.text(max_size=20) | st.from_regex(r"\d{1,4}[./-]\d{1,3}[./-]?\d{0,4}", fullmatch=True),
    st.sampled_from(LANGUAGES),
)
def test_any_text_gives_a_day_to_come_or_a_reason(text: str, language: str) -> None:
    found = read_day(text, language, today=TODAY)

    assert isinstance(found, Trouble) or TODAY <= found <= date(2027, 3, 5)


@given(st.dates(date(2026, 3, 4), date(2027, 3, 4)), st.sampled_from(LANGUAGES))
def test_an_iso_day_means_itself_in_every_language(day: date, language: str) -> None:
    assert read_day(day.isoformat(), language, today=TODAY) == day


def test_a_month_from_the_end_of_january_is_the_end_of_february() -> None:
    assert in_a_while("m", date(2026, 1, 31)) == date(2026, 2, 28)
    assert in_a_while("m", date(2026, 12, 31)) == date(2027, 1, 31)
    assert in_a_while("w", date(2026, 3, 8)) == date(2026, 3, 8)  # a Sunday
    assert in_a_while("x", TODAY) is None
