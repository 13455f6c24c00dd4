"""The slower pace of those who do not react, and what it tells of those who answered."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reach.cadence import FLOOR, counted_silent, factor

waves = st.tuples(st.integers(0, 40), st.integers(0, 40))


@pytest.mark.parametrize(
    ("unheard", "times"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 4), (5, 4), (40, 4)]
)
def test_two_silences_halve_the_pace_and_four_quarter_it(unheard: int, times: int):
    assert factor(unheard) == times


def test_under_names_each_silence_counts():
    counted = counted_silent(reacted=[1], silent=[2, 3], anonymous=False, lot=Random(1))

    assert counted == {2, 3}


@given(waves, st.integers())
def test_an_anonymous_wave_never_sets_a_few_apart_who_answered(wave: tuple[int, int], seed: int):
    """Those whose count is not raised are nobody's answers, or at least five people's."""
    answered, kept_silent = wave
    reacted = list(range(answered))
    silent = list(range(answered, answered + kept_silent))

    counted = counted_silent(reacted=reacted, silent=silent, anonymous=True, lot=Random(seed))

    if counted is None:
        assert 0 < answered < FLOOR
        return
    assert not counted & set(reacted)
    assert answered == 0 or answered >= FLOOR
    if kept_silent:
        others = set(reacted + silent) - counted
        assert len(others) >= answered + 1  # one who was silent always hides among them


@given(st.integers(1, 40), st.integers())
def test_of_the_silent_one_in_four_is_spared_by_lot(kept_silent: int, seed: int):
    silent = list(range(kept_silent))

    counted = counted_silent(reacted=[], silent=silent, anonymous=True, lot=Random(seed))

    assert counted is not None
    assert len(counted) == kept_silent * 3 // 4


def test_everybody_who_is_silent_may_be_the_one_who_is_spared():
    silent = [1, 2, 3, 4]

    spared = {
        (
            set(silent)
            - (counted_silent(reacted=[], silent=silent, anonymous=True, lot=Random(seed)) or set())
        ).pop()
        for seed in range(60)
    }

    assert spared == set(silent)
