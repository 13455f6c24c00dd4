"""Signed button data: bound to the action and to the person, and never over 64 bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.callbacks import MAX_BYTES, ButtonTooLong, sign, verified

ACTIONS = st.text(st.characters(codec="utf-8"), max_size=13)
PEOPLE = st.integers(1, 2**52)


@given(ACTIONS, PEOPLE)
def test_what_was_signed_for_a_person_verifies_for_that_person(action: str, person: int):
    data = sign("secret", person, action)

    assert verified("secret", person, data) == action
    assert len(data.encode()) <= MAX_BYTES


@given(ACTIONS, PEOPLE, PEOPLE)
def test_it_verifies_for_nobody_else(action: str, person: int, other: int):
    data = sign("secret", person, action)

    found = verified("secret", other, data)

    assert found == (action if other == person else None)


@given(ACTIONS, PEOPLE, st.text(max_size=64))
def test_what_was_altered_does_not_verify(action: str, person: int, forged: str):
    data = sign("secret", person, action)

    found = verified("secret", person, forged)

    assert (found is not None) == (forged == data)


def test_another_key_verifies_nothing():
    assert verified("other", 1, sign("secret", 1, "join:1:en")) is None


@pytest.mark.parametrize("data", ["", "~", "join:1:en", "join:1:en~", "~AAAAAAAA", "é~ñ", "a~b~c"])
def test_junk_does_not_verify(data: str):
    assert verified("secret", 1, data) is None


def test_an_action_may_hold_the_mark_itself():
    assert verified("secret", 1, sign("secret", 1, "a~b")) == "a~b"


@pytest.mark.parametrize(
    ("action", "fits"), [("x" * 55, True), ("x" * 56, False), ("é" * 28, False)]
)
def test_data_that_telegram_would_not_take_is_never_made(action: str, fits: bool):
    if fits:
        assert len(sign("secret", 1, action)) == MAX_BYTES
    else:
        with pytest.raises(ButtonTooLong):
            sign("secret", 1, action)
