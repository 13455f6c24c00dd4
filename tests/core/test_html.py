"""Cutting Telegram's HTML at its limits."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.html import split_html, visible_length

PIECES = st.sampled_from(
    '<b>|<i>|<a href="https://example.org/?a=1&amp;b=2">|close|'
    f"word |\n\n|\n|&amp;|&lt;|😀|顾客|الزبائن |{'x' * 30}".split("|")
)


@st.composite
def well_formed(draw: st.DrawFn) -> str:
    """Telegram HTML whose tags are closed in the right order."""
    opened: list[str] = []
    text = ""
    for piece in draw(st.lists(PIECES, max_size=40)):
        if piece == "close":
            text += f"</{opened.pop()}>" if opened else ""
            continue
        if piece.startswith("<"):
            opened.append(piece[1])
        text += piece
    return text + "".join(f"</{name}>" for name in reversed(opened))


def without_space_and_tags(text: str) -> str:
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]*>", "", text)))


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("abc", 3), ("<b>abc</b>", 3), ("a&amp;b", 3), ("😀", 2), ("顾客", 2), ("a & b", 5)],
)
def test_length_is_counted_as_telegram_counts_it(text: str, length: int) -> None:
    assert visible_length(text) == length


def test_a_text_that_fits_stays_one_message() -> None:
    assert split_html("<b>Hello</b>\n\nworld", 20) == ["<b>Hello</b>\n\nworld"]


def test_it_is_cut_between_paragraphs_where_one_ends_in_time() -> None:
    assert split_html("one two\nthree\n\nfour five", 20) == ["one two\nthree", "four five"]


def test_it_is_cut_at_a_line_end_where_no_paragraph_ends_in_time() -> None:
    assert split_html("one two\nthree four five", 12) == ["one two", "three four", "five"]


def test_tags_open_at_the_cut_are_closed_and_opened_again() -> None:
    parts = split_html('<b>bold <a href="https://x.org">one two</a></b>', 9)

    assert parts == [
        '<b>bold <a href="https://x.org">one</a></b>',
        '<b><a href="https://x.org">two</a></b>',
    ]


def test_a_word_longer_than_the_limit_is_cut_inside() -> None:
    assert split_html("abcdef", 4) == ["abcd", "ef"]


def test_an_entity_is_never_cut() -> None:
    assert split_html("ab&amp;&lt;c", 3) == ["ab&amp;", "&lt;c"]


def test_nothing_to_say_makes_no_message() -> None:
    assert split_html(" \n <b> </b>") == []


def test_a_limit_too_small_to_cut_at_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        split_html("abc", 1)


@given(well_formed(), st.integers(2, 60))
def test_no_part_is_too_long_nothing_is_lost_and_every_tag_is_closed(text: str, limit: int) -> None:
    parts = split_html(text, limit)

    assert all(0 < visible_length(part) <= limit for part in parts)
    assert without_space_and_tags("".join(parts)) == without_space_and_tags(text)
    for part in parts:
        opened: list[str] = []
        for slash, name in re.findall(r"<(/?)(\w+)[^>]*>", part):
            if slash:
                assert opened.pop() == name
            else:
                opened.append(name)
        assert opened == []
