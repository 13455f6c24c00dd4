"""Wrong payloads are counted per person, for an hour, of a limited number of people."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.people import guesses
from bot.people.guesses import MOST_WRONG, Guesses

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def test_the_tenth_wrong_one_is_one_too_many():
    tried = Guesses()
    for _ in range(MOST_WRONG - 1):
        tried.note(1, NOW)
    before = tried.are_too_many(1, NOW)

    tried.note(1, NOW)

    assert not before
    assert tried.are_too_many(1, NOW)
    assert not tried.are_too_many(2, NOW)


def test_wrong_ones_spread_over_the_hours_are_forgiven():
    tried = Guesses()

    for number in range(3 * MOST_WRONG):
        tried.note(1, NOW + timedelta(minutes=10) * number)

    assert not tried.are_too_many(1, NOW + timedelta(minutes=10) * (3 * MOST_WRONG))


def test_of_too_many_people_the_one_who_guessed_longest_ago_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(guesses, "MOST_PEOPLE", 2)
    tried = Guesses()
    for _ in range(MOST_WRONG):
        tried.note(1, NOW)
        tried.note(2, NOW)

    tried.note(3, NOW)

    assert not tried.are_too_many(1, NOW)
    assert tried.are_too_many(2, NOW)
