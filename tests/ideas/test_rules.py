"""Rules of ideas that need no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ideas import rules
from bot.ideas.rules import Weighed


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "short"), ("a b c d", "short"), ("abcde", ""), ("长椅放门口", ""), ("x" * 601, "long")],
)
def test_an_idea_has_five_letters_at_least_and_600_at_most(text: str, problem: str) -> None:
    assert rules.problem_of(rules.cleaned(text)) == problem


def test_marks_that_turn_the_direction_are_taken_out_and_joiners_of_words_stay() -> None:
    assert rules.cleaned("\u202eabc\u2066 می\u200cخواهم \x07") == "abc می\u200cخواهم"


def test_runs_of_empty_lines_and_of_space_become_one() -> None:
    assert rules.cleaned("  a  b\n\n \n\n\nc ") == "a b\n\nc"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = rules.cleaned(text)

    assert rules.cleaned(once) == once


def test_an_idea_that_was_offered_less_comes_more_often() -> None:
    """Weights 1/(1+views): 1 against 1/10, so ten of eleven draws in the long run."""
    candidates = [Weighed(1, 0), Weighed(2, 9)]

    draws = [rules.drawn(f"seed {number}", candidates) for number in range(1100)]

    assert 950 <= draws.count(1) <= 1045  # mean 1000, standard deviation 9.5
    assert draws.count(2) == 1100 - draws.count(1)


def test_the_same_seed_draws_the_same_and_nothing_is_drawn_from_nothing() -> None:
    candidates = [Weighed(number, 0) for number in range(20)]

    assert rules.drawn("a", candidates) == rules.drawn("a", candidates)
    assert rules.drawn("a", []) is None


def test_likeness_finds_the_same_words_in_any_script() -> None:
    assert rules.likeness("A bench at the door", "a BENCH at the door!") == 1
    assert rules.likeness("门口放一张长椅", "请在门口放长椅") > rules.likeness(
        "门口放一张长椅", "早点开门"
    )
    assert rules.likeness("", "") == 0


def test_an_excerpt_is_one_line_of_bounded_length() -> None:
    assert rules.excerpt("a\nb", 10) == "a b"
    assert rules.excerpt("x" * 50, 10) == "x" * 9 + "…"
